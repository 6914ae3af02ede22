//! The table `changes`: what the passes carried across, for those who tell the story of a board.

use anyhow::Result;
use rusqlite::{Connection, params};

use crate::model::{Millis, Side};

/// One change that was carried across.
#[derive(Debug, Clone)]
pub struct Change {
    /// The issue.
    pub identifier: String,
    /// `new`, `title`, `status`, `description`, `deleted`, `conflict`, `restored`, `parted`, `linked`.
    pub kind: &'static str,
    /// Where it came from.
    pub side: Side,
    /// The status that was agreed on before, in the words of the side that was written to.
    pub old: Option<String>,
    /// The value now. Short ones only: titles and statuses, never texts.
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
            "INSERT INTO changes (project, identifier, kind, side, old, new, at_ms, age_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,
                 coalesce((SELECT age_ms FROM runs WHERE id = (SELECT max(id) FROM runs)), 0))",
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
    super::projects::revise(connection, project)
}

/// A change as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The issue.
    pub identifier: String,
    /// As of [`Change`].
    pub kind: String,
    /// Where it came from.
    pub side: Side,
    /// The status before.
    pub old: Option<String>,
    /// A title or a status.
    pub new: Option<String>,
    /// When; our clock.
    pub at: Millis,
}

/// The last ones of a project, newest first.
///
/// # Errors
/// The file cannot be read.
pub fn last(connection: &Connection, project: i64, count: u32) -> Result<Vec<Told>> {
    let mut statement = connection.prepare_cached(
        "SELECT identifier, kind, side, old, new, at_ms FROM changes WHERE project = ?1
         ORDER BY at_ms DESC, id DESC LIMIT ?2",
    )?;
    let rows = statement.query_map(params![project, count], |row| {
        Ok(Told {
            identifier: row.get(0)?,
            kind: row.get(1)?,
            side: row.get(2)?,
            old: row.get(3)?,
            new: row.get(4)?,
            at: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
