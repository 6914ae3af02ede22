//! What people mend by hand.

mod restore;
