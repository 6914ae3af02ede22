//! The table `troubles`: what went wrong in the runs so far and is not over yet.

use anyhow::Result;
use rusqlite::{Connection, params};

use crate::model::{Hash, Millis};

/// What a trouble is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Huly's identifier; empty where it concerns no single project.
    pub project: String,
    /// The part of a run that meets with it: of a project `sync` or `letta`; else the command,
    /// `letta`, or who was to be told (`textfile`, `ping`).
    pub part: String,
    /// The kind, and the item.
    pub key: String,
}

/// What is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What makes it another one.
    pub sense: Hash,
    /// The run that met with it first; our clock.
    pub since: Millis,
    /// When it was said last.
    pub said: Millis,
    /// The run that met with it last.
    pub seen: Millis,
    /// What was said.
    pub message: String,
}

/// All of them.
///
/// # Errors
/// The file cannot be read.
pub fn all(connection: &Connection) -> Result<Vec<(Place, Trouble)>> {
    let mut statement = connection.prepare_cached(
        "SELECT project, part, key, sense, since_ms, said_ms, seen_ms, message FROM troubles",
    )?;
    let rows = statement.query_map([], |row| {
        let place = Place { project: row.get(0)?, part: row.get(1)?, key: row.get(2)? };
        let trouble = Trouble {
            sense: row.get(3)?,
            since: row.get(4)?,
            said: row.get(5)?,
            seen: row.get(6)?,
            message: row.get(7)?,
        };
        Ok((place, trouble))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Remembers it.
///
/// # Errors
/// The file cannot be written.
pub fn put(connection: &Connection, place: &Place, trouble: &Trouble) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO troubles
                 (project, part, key, sense, since_ms, said_ms, seen_ms, message)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            place.project,
            place.part,
            place.key,
            trouble.sense,
            trouble.since,
            trouble.said,
            trouble.seen,
            trouble.message
        ])?;
    Ok(())
}

/// It is over.
///
/// # Errors
/// The file cannot be written.
pub fn end(connection: &Connection, place: &Place) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM troubles WHERE project = ?1 AND part = ?2 AND key = ?3")?
        .execute(params![place.project, place.part, place.key])?;
    Ok(())
}
