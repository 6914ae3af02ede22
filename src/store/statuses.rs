//! The table `statuses`: the names that a project has.

use anyhow::Result;
use rusqlite::{Connection, params};

/// The names known of a project.
///
/// # Errors
/// The file cannot be read.
pub fn of(connection: &Connection, project: i64) -> Result<Vec<String>> {
    let mut statement =
        connection.prepare_cached("SELECT name FROM statuses WHERE project = ?1")?;
    let rows = statement.query_map([project], |row| row.get(0))?;
    let mut names = rows.collect::<rusqlite::Result<Vec<String>>>()?;
    names.sort_unstable();
    Ok(names)
}

/// Adds one that was seen.
///
/// # Errors
/// The file cannot be written.
pub fn add(connection: &Connection, project: i64, name: &str) -> Result<()> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO statuses (project, name) VALUES (?1, ?2)")?
        .execute(params![project, name])?;
    Ok(())
}

/// These are all that there are.
///
/// # Errors
/// The file cannot be written.
pub fn replace(connection: &Connection, project: i64, names: &[String]) -> Result<()> {
    connection.prepare_cached("DELETE FROM statuses WHERE project = ?1")?.execute([project])?;
    for name in names {
        add(connection, project, name)?;
    }
    connection
        .prepare_cached("UPDATE projects SET statuses_complete = 1 WHERE id = ?1")?
        .execute([project])?;
    Ok(())
}
