//! An issue, with what the bridge shows of it and what only the platform does.

use std::time::Instant;

use serde_json::{Map, Value};

use super::text::Text;

/// A time as the bridge may give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// Milliseconds since the epoch.
    At(i64),
    Null,
    /// The field is not there.
    Missing,
}

impl Stamp {
    /// The milliseconds, if there are any.
    pub fn ms(self) -> Option<i64> {
        match self {
            Stamp::At(ms) => Some(ms),
            Stamp::Null | Stamp::Missing => None,
        }
    }
}

/// Names an issue inside the simulator; an identifier may belong to two.
pub type IssueId = u64;

/// An issue.
pub struct Issue {
    pub id: IssueId,
    pub project: String,
    pub number: u64,
    pub title: String,
    /// The description behind the bridge.
    pub text: Text,
    /// The status's name; the bare id where a client of the platform wrote one that nobody knows.
    pub status: String,
    pub priority: String,
    pub assigned: bool,
    pub created: Stamp,
    pub modified: Stamp,
    /// `modifiedOn` as triggers will set it, in the order of time.
    pub later: Vec<(Instant, i64)>,
    /// So many next reads give the status `Unknown`.
    pub unknown_reads: u32,
    /// So many next reads give an empty text.
    pub blank_reads: u32,
    /// What only the single read gives.
    pub single: Option<SingleRead>,
    pub document: Document,
}

/// How the single read of an issue differs from the list.
#[derive(Clone, Debug, Default)]
pub struct SingleRead {
    /// Appended to the text.
    pub text_suffix: String,
    /// Added to `modifiedOn`.
    pub modified_shift_ms: i64,
}

/// What only the platform shows of an issue.
#[derive(Debug, Default)]
pub struct Document {
    /// `_id`.
    pub id: String,
    /// The blob of the description.
    pub description: Option<String>,
    /// The identifier as a client wrote it, where it is not the project's with the number.
    pub identifier: Option<String>,
    /// Attributes that are otherwise than those of an issue made in the UI.
    pub attributes: Map<String, Value>,
    /// Attributes that are not there at all, since nobody wrote them.
    pub missing: Vec<String>,
    pub parent: Option<IssueId>,
    pub sub_issues: u64,
    pub comments: u64,
    /// The social id of the last writer.
    pub modified_by: &'static str,
    pub created_by: &'static str,
}

impl Issue {
    /// `PROJ-12`.
    pub fn identifier(&self) -> String {
        let own = || format!("{}-{}", self.project, self.number);
        self.document.identifier.clone().unwrap_or_else(own)
    }

    /// Lets everything happen that was due by now; true while something is still due.
    pub fn settle(&mut self, now: Instant) -> bool {
        let due = self.later.partition_point(|(when, _)| *when <= now);
        if let Some((_, ms)) = self.later.drain(..due).next_back() {
            self.modified = Stamp::At(ms);
        }
        let text_is_passing = self.text.settle(now);
        !self.later.is_empty() || text_is_passing
    }

    /// When the last of what is due will have happened.
    pub fn settles_at(&self) -> Option<Instant> {
        self.later.last().map(|(when, _)| *when).max(self.text.passes_at())
    }
}
