//! What `conflicts restore` did.

use std::fmt;

use serde::Serialize;

use crate::model::Field;

/// A value that lost and was put back.
#[derive(Debug, Clone, Serialize)]
pub struct Restored {
    /// The conflict that it had lost.
    pub conflict: i64,
    /// The issue.
    pub identifier: String,
    /// Which field.
    pub field: Field,
    /// What it replaced is kept as this conflict; `None`: it stood there already.
    pub replaced: Option<i64>,
}

impl fmt::Display for Restored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { conflict, identifier, field, replaced } = self;
        match replaced {
            Some(id) => write!(
                f,
                "{identifier}: the {field} of conflict {conflict} is back; `conflicts restore {id}` \
                 undoes that"
            ),
            None => write!(f, "{identifier}: the {field} of conflict {conflict} was there already"),
        }
    }
}
