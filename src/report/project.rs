//! One project's part of a report.

use serde::Serialize;

use super::{Blocks, Complaint, Counts};

/// How a project's pass ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// All of it was done.
    Ok,
    /// Some items failed, or the pass ended first.
    Partial,
    /// Nothing could be done: a list failed.
    Failed,
    /// A guard withheld something; the rest was done.
    Refused,
    /// Not looked at, and why is in `errors`.
    Skipped,
}

impl Outcome {
    /// Its one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Skipped => "skipped",
        }
    }
}

/// How much of Huly was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Everything.
    Full,
    /// What changed since the cursor.
    Incremental,
}

/// One project's part.
#[derive(Debug, Clone, Serialize)]
pub struct Project {
    /// Huly's identifier.
    pub identifier: String,
    /// How it ended.
    pub outcome: Outcome,
    /// How much was read.
    pub mode: Mode,
    /// What was done.
    #[serde(flatten)]
    pub counts: Counts,
    /// What Letta was told, where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks: Option<Blocks>,
    /// A guard withheld something, whatever else there is to say.
    #[serde(skip)]
    pub withheld: bool,
    /// The pass over it came to its end: what is not among the errors is well.
    #[serde(skip)]
    pub is_whole: bool,
    /// The same of what Letta is told of it.
    #[serde(skip)]
    pub is_told: bool,
    /// What went wrong, one line each.
    pub errors: Vec<Complaint>,
}

impl Project {
    /// One that was not begun.
    #[must_use]
    pub fn new(identifier: &str) -> Self {
        Self {
            identifier: identifier.to_owned(),
            outcome: Outcome::Ok,
            mode: Mode::Full,
            counts: Counts::default(),
            blocks: None,
            withheld: false,
            is_whole: false,
            is_told: false,
            errors: Vec::new(),
        }
    }
}
