//! Identity and duplicates.
