//! Conflicts and lost updates.
