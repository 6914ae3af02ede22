//! What a pass came to.

use crate::exit::Exit;
use crate::report::{self, Complaint, Ops};

/// What a pass came to.
#[derive(Debug, Default)]
pub struct Output {
    /// By identifier.
    pub projects: Vec<report::Project>,
    /// Of a dry run.
    pub ops: Ops,
    /// How it ends.
    pub exit: Option<Exit>,
    /// The value that was put back.
    pub restored: Option<report::Restored>,
    /// What concerns no single project.
    pub errors: Vec<Complaint>,
}

impl Output {
    /// Something of this kind that concerns no single project.
    pub(super) fn warn(&mut self, kind: &str, message: String) {
        self.errors.push(Complaint::new(kind, message));
    }
}
