//! The plan of a dry run, line by line.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::quoted;
use crate::http::Host;
use crate::model::Field;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OpName {
    /// A Vibe project is made.
    CreateProject,
    /// An agent of Letta's is made, with all its blocks.
    CreateAgent,
    /// Two items that belong together are linked; nothing is written.
    Link,
    /// An item is made.
    Create,
    /// A field is changed.
    Update,
    /// An item is deleted, or cancelled because its other half was.
    Delete,
}

/// One line of a dry run's plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Op {
    /// Huly's identifier of the project.
    pub project: String,
    /// What is done.
    pub op: OpName,
    /// Where.
    pub side: Host,
    /// The identifier or the task's id; the title where there is no item yet.
    pub item: String,
    /// Which field, of an update.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<Field>,
    /// The value before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The value after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.op {
            OpName::CreateProject => "create project",
            OpName::CreateAgent => "create agent",
            OpName::Link => "link",
            OpName::Create => "create",
            OpName::Update => "update",
            OpName::Delete => "delete",
        };
        write!(f, "{}: {verb} in {}: {}", self.project, self.side, self.item)?;
        if let Some(field) = self.field {
            write!(f, ": {field}")?;
        }
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => write!(f, ": {} -> {}", quoted(from), quoted(to)),
            (None, Some(to)) => write!(f, ": {}", quoted(to)),
            (Some(from), None) => write!(f, ": was {}", quoted(from)),
            (None, None) => Ok(()),
        }
    }
}
