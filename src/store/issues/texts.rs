//! Which issues of a project have a text, and which read blank.

use anyhow::Result;
use rusqlite::{Connection, params};

use crate::model::Hash;

/// A few identifiers of a project whose text is not `blank`.
///
/// # Errors
/// The file cannot be read.
pub fn with_text(connection: &Connection, project: i64, blank: Hash) -> Result<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT identifier FROM issues WHERE project = ?1 AND text <> ?2 LIMIT 20",
    )?;
    let rows = statement.query_map(params![project, blank], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Linked issues of a project whose text was agreed to be `blank` and never proven to be: no more
/// than a pass may read.
///
/// # Errors
/// The file cannot be read.
pub fn unproven(connection: &Connection, project: i64, blank: Hash) -> Result<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT identifier FROM issues WHERE project = ?1 AND task IS NOT NULL AND text IS NULL
         AND base_h_text = ?2 LIMIT 1000",
    )?;
    let rows = statement.query_map(params![project, blank], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Linked issues of a project whose text was agreed and last seen to be `blank`: no more than a pass
/// may read, and of more than that others for another `turn`.
///
/// # Errors
/// The file cannot be read.
pub fn believed_blank(
    connection: &Connection,
    project: i64,
    blank: Hash,
    turn: i64,
) -> Result<Vec<String>> {
    const MANY: i64 = 1000;
    let count: i64 = connection
        .prepare_cached(
            "SELECT count(*) FROM issues WHERE project = ?1 AND task IS NOT NULL AND text = ?2
             AND base_h_text = ?2",
        )?
        .query_row(params![project, blank], |row| row.get(0))?;
    let parts = (count + MANY - 1) / MANY;
    let mut statement = connection.prepare_cached(
        "SELECT identifier FROM issues WHERE project = ?1 AND task IS NOT NULL AND text = ?2
         AND base_h_text = ?2 ORDER BY id LIMIT ?3 OFFSET ?4",
    )?;
    let skipped = turn.rem_euclid(parts.max(1)) * MANY;
    let rows = statement.query_map(params![project, blank, MANY, skipped], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
