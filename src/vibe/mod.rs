//! Vibe Kanban's local server, 0.0.71 to 0.1.14.

use crate::model::Millis;

/// A project as listed.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// UUID, made by the server.
    pub id: String,
    /// Not unique, may be empty.
    pub name: String,
    /// Up to 0.0.136; later versions list paths apart.
    pub repo_path: Option<String>,
}

/// A task as listed or read.
#[derive(Debug, Clone)]
pub struct Task {
    /// UUID, made by the server.
    pub id: String,
    /// One line.
    pub title: String,
    /// One of `todo inprogress inreview done cancelled`; an unknown one is kept as it is.
    pub status: String,
    /// Null and blank are the same.
    pub text: String,
    /// This server's clock.
    pub created: Option<Millis>,
    /// Moves only when the server itself acts.
    pub updated: Option<Millis>,
    /// A shared task of 0.0.117 to 0.0.155: may refuse writes.
    pub read_only: bool,
}

/// A task to be made.
#[derive(Debug, Clone)]
pub struct NewTask<'a> {
    /// The project's UUID.
    pub project: &'a str,
    /// One line.
    pub title: &'a str,
    /// Markdown, marker included.
    pub text: &'a str,
    /// Versions before 0.0.117 ignore it and answer `todo`.
    pub status: &'a str,
}

/// Fields to change; `None` leaves a field alone, an empty text clears it.
#[derive(Debug, Clone, Default)]
pub struct TaskWrite<'a> {
    /// New title.
    pub title: Option<&'a str>,
    /// New status.
    pub status: Option<&'a str>,
    /// New Markdown, marker included.
    pub text: Option<&'a str>,
}
