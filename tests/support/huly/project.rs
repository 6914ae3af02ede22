//! A project, its statuses, and the rendered lists of its issues.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Map, Value};

use super::issue::IssueId;

/// What a status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    UnStarted,
    ToDo,
    Active,
    Won,
    Lost,
}

impl Category {
    /// What a status of this name usually means.
    pub fn of(name: &str) -> Category {
        match name.to_lowercase().as_str() {
            "backlog" => Category::UnStarted,
            "todo" | "to do" => Category::ToDo,
            "done" => Category::Won,
            "canceled" | "cancelled" => Category::Lost,
            _ => Category::Active,
        }
    }

    /// `task:statusCategory:Active`.
    pub fn reference(self) -> String {
        format!("task:statusCategory:{self:?}")
    }
}

/// A status of issues, as the platform keeps it: one document for all projects that have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub id: String,
    pub name: String,
    pub category: Category,
}

/// What a project is of: it says which statuses there are.
#[derive(Clone, Debug)]
pub struct ProjectType {
    pub id: String,
    pub task_type: String,
    pub states: Vec<State>,
}

/// A project.
pub struct Project {
    pub identifier: String,
    pub name: String,
    pub description: String,
    pub private: bool,
    pub archived: bool,
    /// The names of `kind.states`.
    pub statuses: Vec<String>,
    /// Every read of its issues fails with this.
    pub failing: Option<String>,
    /// Last number given by the UI; the bridge neither uses nor moves it.
    pub sequence: u64,
    pub members: Vec<IssueId>,
    pub numbers: BTreeMap<u64, u32>,
    /// Rendered lists by question; dropped by any change.
    pub rendered: HashMap<String, Rendered>,
    /// Until then nothing is kept in `rendered`.
    pub unsettled_until: Option<Instant>,
    /// Grows with every change of an issue.
    pub changes: u64,
    /// `_id` on the platform.
    pub space: String,
    pub kind: ProjectType,
    /// Whether the account of the tests is a member.
    pub is_joined: bool,
    /// What else a client of the platform wrote.
    pub attributes: Map<String, Value>,
    pub created: i64,
    pub modified: i64,
}

/// The elements of a list, ready to be sent.
#[derive(Clone)]
pub struct Rendered {
    pub issues: Arc<Vec<u8>>,
    pub count: usize,
    pub latest: Option<i64>,
}

impl Project {
    /// The number the bridge takes for the next issue: one more than the highest there is.
    pub fn next_number(&self) -> u64 {
        self.numbers.last_key_value().map_or(0, |(n, _)| *n) + 1
    }

    /// The status of this name, whatever the case.
    pub fn status(&self, name: &str) -> Option<&String> {
        self.statuses.iter().find(|s| s.eq_ignore_ascii_case(name))
    }

    /// One of its issues has changed: nothing that was rendered counts any more.
    pub fn changed(&mut self) {
        self.rendered.clear();
        self.changes += 1;
    }
}
