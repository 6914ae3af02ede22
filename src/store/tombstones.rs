//! The table `tombstones`: proven deletions, kept for both ids.

use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{Hash, Millis, Side};

/// A proven deletion.
#[derive(Debug, Clone)]
pub struct Tombstone {
    /// Row id; 0 before it is stored.
    pub id: i64,
    /// The issue.
    pub identifier: String,
    /// When the issue was made: its number may be given out again.
    pub created: Option<Millis>,
    /// The task.
    pub task: String,
    /// Which of the two is gone.
    pub gone: Side,
    /// The survivor's values, our own writes included: an edit by a person changes it.
    pub print: Hash,
    /// When it was proven; our clock.
    pub at: Millis,
}

const COLUMNS: &str = "id, identifier, created_ms, task, gone, print, at_ms";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Tombstone> {
    Ok(Tombstone {
        id: row.get(0)?,
        identifier: row.get(1)?,
        created: row.get(2)?,
        task: row.get(3)?,
        gone: row.get(4)?,
        print: row.get(5)?,
        at: row.get(6)?,
    })
}

/// All of a project.
///
/// # Errors
/// The file cannot be read.
pub fn of(connection: &Connection, project: i64) -> Result<Vec<Tombstone>> {
    let sql = format!("SELECT {COLUMNS} FROM tombstones WHERE project = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([project], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether a project has any: most have none, and no item of it has to be looked up.
///
/// # Errors
/// The file cannot be read.
pub fn any(connection: &Connection, project: i64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM tombstones WHERE project = ?1)";
    Ok(connection.prepare_cached(sql)?.query_row([project], |row| row.get(0))?)
}

/// Those that name this issue or task.
///
/// # Errors
/// The file cannot be read.
pub fn about(
    connection: &Connection,
    project: i64,
    side: Side,
    item: &str,
) -> Result<Vec<Tombstone>> {
    let sql = match side {
        Side::Huly => {
            format!("SELECT {COLUMNS} FROM tombstones WHERE project = ?1 AND identifier = ?2")
        }
        Side::Vibe => format!("SELECT {COLUMNS} FROM tombstones WHERE project = ?1 AND task = ?2"),
    };
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![project, item], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A tombstone's survivor.
#[derive(Debug)]
pub struct Survivor {
    /// The tombstone's row id.
    pub stone: i64,
    /// Where it lives.
    pub side: Side,
    /// An issue's identifier, or a task's id.
    pub item: String,
    /// Whether it was missing, too, when it was last looked for.
    pub is_gone: bool,
}

/// The survivors of a project's tombstones.
///
/// # Errors
/// The file cannot be read.
pub fn survivors(connection: &Connection, project: i64) -> Result<Vec<Survivor>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, gone, CASE gone WHEN 'huly' THEN task ELSE identifier END,
             gone_age_ms IS NOT NULL
         FROM tombstones WHERE project = ?1",
    )?;
    let rows = statement.query_map([project], |row| {
        let gone: Side = row.get(1)?;
        Ok(Survivor {
            stone: row.get(0)?,
            side: gone.other(),
            item: row.get(2)?,
            is_gone: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Takes note that the survivor is missing since now, or that it is there again.
///
/// # Errors
/// The file cannot be written.
pub fn note_survivor(connection: &Connection, id: i64, is_gone: bool) -> Result<()> {
    let age = if is_gone { Some(super::age::current(connection)?) } else { None };
    connection
        .prepare_cached("UPDATE tombstones SET gone_age_ms = ?2 WHERE id = ?1")?
        .execute(params![id, age])?;
    Ok(())
}

/// The one of that row id.
///
/// # Errors
/// The file cannot be read.
pub fn get(connection: &Connection, id: i64) -> Result<Option<Tombstone>> {
    let sql = format!("SELECT {COLUMNS} FROM tombstones WHERE id = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([id], from_row).optional()?)
}

/// Stores one; its row id.
///
/// # Errors
/// The file cannot be written.
pub fn add(connection: &Connection, project: i64, stone: &Tombstone) -> Result<i64> {
    connection
        .prepare_cached(
            "INSERT INTO tombstones (project, identifier, created_ms, task, gone, print, at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            project,
            stone.identifier,
            stone.created,
            stone.task,
            stone.gone,
            stone.print,
            stone.at
        ])?;
    Ok(connection.last_insert_rowid())
}

/// The two are a pair again, or a new one: what was told of either of them holds no more.
///
/// # Errors
/// The file cannot be written.
pub fn lift(
    connection: &Connection,
    project: i64,
    issue: (&str, Option<Millis>),
    task: &str,
) -> Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM tombstones
             WHERE project = ?1 AND (task = ?2 OR identifier = ?3 AND created_ms IS ?4)",
        )?
        .execute(params![project, task, issue.0, issue.1])?;
    Ok(())
}

/// A person edited the survivor, and it was made new: it may live.
///
/// # Errors
/// The file cannot be written.
pub fn remove(connection: &Connection, id: i64) -> Result<()> {
    connection.prepare_cached("DELETE FROM tombstones WHERE id = ?1")?.execute([id])?;
    Ok(())
}
