//! The table `said`: what was reported once and is not to be said again.

use anyhow::Result;
use rusqlite::{Connection, params};

use crate::model::Millis;

/// Remembers that this was said; true when it is the first time.
///
/// # Errors
/// The file cannot be written.
pub fn first_time(
    connection: &Connection,
    project: i64,
    kind: &str,
    item: &str,
    at: Millis,
) -> Result<bool> {
    let added = connection
        .prepare_cached(
            "INSERT OR IGNORE INTO said (project, kind, item, at_ms, age_ms)
             VALUES (?1, ?2, ?3, ?4,
                 coalesce((SELECT age_ms FROM runs WHERE id = (SELECT max(id) FROM runs)), 0))",
        )?
        .execute(params![project, kind, item, at])?;
    Ok(added > 0)
}

/// It is over: should it come back, it is said again.
///
/// # Errors
/// The file cannot be written.
pub fn forget(connection: &Connection, project: i64, kind: &str, item: &str) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM said WHERE project = ?1 AND kind = ?2 AND item = ?3")?
        .execute(params![project, kind, item])?;
    Ok(())
}

/// Whether this was said.
///
/// # Errors
/// The file cannot be read.
pub fn is_said(connection: &Connection, project: i64, kind: &str, item: &str) -> Result<bool> {
    Ok(connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM said WHERE project = ?1 AND kind = ?2 AND item = ?3)",
        )?
        .query_row(params![project, kind, item], |row| row.get(0))?)
}

/// What was said of single items of a project, in these kinds: kind and item.
///
/// # Errors
/// The file cannot be read.
pub fn of_items(
    connection: &Connection,
    project: i64,
    kinds: &[&'static str],
) -> Result<Vec<(&'static str, String)>> {
    let mut statement = connection
        .prepare_cached("SELECT item FROM said WHERE project = ?1 AND kind = ?2 ORDER BY item")?;
    let mut said = Vec::new();
    for &kind in kinds {
        let rows = statement.query_map(params![project, kind], |row| row.get(0))?;
        for item in rows {
            said.push((kind, item?));
        }
    }
    Ok(said)
}

/// How many of this kind stand in a project.
///
/// # Errors
/// The file cannot be read.
pub fn count(connection: &Connection, project: i64, kind: &str) -> Result<u64> {
    Ok(connection
        .prepare_cached("SELECT count(*) FROM said WHERE project = ?1 AND kind = ?2")?
        .query_row(params![project, kind], |row| row.get(0))?)
}
