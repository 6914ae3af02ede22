//! Deletion, scope, size.
