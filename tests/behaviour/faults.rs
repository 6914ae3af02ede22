//! Faults, partial success, dry run.
