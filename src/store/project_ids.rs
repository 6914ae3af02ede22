//! The backend's own ids of projects, in the table `projects`: an identifier can change.

use anyhow::Result;
use rusqlite::{Connection, params};

/// A stored project by both of its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Row id.
    pub row: i64,
    /// Huly's identifier, as stored.
    pub identifier: String,
    /// The backend's own id, where a pass has seen it.
    pub remote_id: Option<String>,
}

/// All of them.
///
/// # Errors
/// The file cannot be read.
pub fn all(connection: &Connection) -> Result<Vec<Stored>> {
    let mut statement =
        connection.prepare_cached("SELECT id, identifier, remote_id FROM projects ORDER BY id")?;
    let rows = statement.query_map([], |row| {
        Ok(Stored { row: row.get(0)?, identifier: row.get(1)?, remote_id: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Remembers a project's own id.
///
/// # Errors
/// The file cannot be written.
pub fn learn(connection: &Connection, row: i64, remote_id: &str) -> Result<()> {
    connection
        .prepare_cached("UPDATE projects SET remote_id = ?2 WHERE id = ?1")?
        .execute(params![row, remote_id])?;
    Ok(())
}

/// Gives these rows other identifiers, all at once: two projects may have changed theirs with each other.
/// What is known of their elements has the old ones, so all of it is read.
///
/// # Errors
/// The file cannot be written, or another row has one of the identifiers.
pub fn rename(connection: &Connection, renames: &[(i64, String)]) -> Result<()> {
    let mut statement = connection
        .prepare_cached("UPDATE projects SET identifier = ?2, dirty = 1 WHERE id = ?1")?;
    for (row, _) in renames {
        statement.execute(params![row, format!("row {row}")])?;
    }
    for (row, identifier) in renames {
        statement.execute(params![row, identifier])?;
    }
    Ok(())
}
