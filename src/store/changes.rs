//! The table `changes`: what the passes carried across, for those who tell the story of a board.

use anyhow::Result;
use rusqlite::{Connection, params};

use crate::model::{Millis, Side};

/// One change that was carried across.
#[derive(Debug, Clone)]
pub struct Change {
    /// The issue.
    pub identifier: String,
    /// `new`, `title`, `status`, `description`, `deleted`, `conflict`.
    pub kind: &'static str,
    /// Where it came from.
    pub side: Side,
    /// Short values only: titles and statuses, never texts.
    pub old: Option<String>,
    /// The value now.
    pub new: Option<String>,
    /// When; our clock.
    pub at: Millis,
}

/// Stores one.
///
/// # Errors
/// The file cannot be written.
pub fn add(connection: &Connection, project: i64, change: &Change) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO changes (project, identifier, kind, side, old, new, at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            project,
            change.identifier,
            change.kind,
            change.side,
            change.old,
            change.new,
            change.at
        ])?;
    Ok(())
}
