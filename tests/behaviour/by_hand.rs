//! What people mend by hand.

mod pairs;
mod restore;
