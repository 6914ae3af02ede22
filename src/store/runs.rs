//! The table `runs`: the history of passes.

use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;

use crate::model::Millis;

/// What one invocation did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Row id; 0 before it is stored.
    pub id: i64,
    /// `sync`, `sync-project`, `vacuum`.
    pub command: String,
    /// Our clock.
    pub started: Millis,
    /// Our clock; `None` for one that was killed, or still runs.
    pub ended: Option<Millis>,
    /// Exit code.
    pub exit: Option<u8>,
    /// Projects looked at.
    pub projects: u64,
    /// Items made, both sides.
    pub created: u64,
    /// Items changed, both sides.
    pub updated: u64,
    /// Items deleted or cancelled, both sides.
    pub deleted: u64,
    /// Values that lost.
    pub conflicts: u64,
    /// Items left for the next pass.
    pub pending: u64,
    /// Items and projects that failed.
    pub failed: u64,
    /// Requests to all hosts.
    pub requests: u64,
    /// Of these, repeated ones.
    pub retries: u64,
    /// Body bytes received.
    pub bytes: u64,
    /// Largest resident memory in bytes, 0 where the system does not tell.
    pub peak_rss: u64,
    /// Why it did not go well.
    pub message: Option<String>,
}

/// Opens a run: before any remote write, so that a state that cannot be written stops the pass.
///
/// # Errors
/// The file cannot be written.
pub fn begin(connection: &Connection, command: &str, started: Millis) -> Result<i64> {
    let age = super::age::reckon(&super::age::readings(connection)?, started);
    connection.execute(
        "INSERT INTO runs (command, started_ms, age_ms) VALUES (?1, ?2, ?3)",
        params![command, started, age],
    )?;
    Ok(connection.last_insert_rowid())
}

/// Closes it with what was really done.
///
/// # Errors
/// The file cannot be written.
pub fn end(connection: &Connection, run: &Run) -> Result<()> {
    connection.execute(
        "UPDATE runs SET ended_ms = ?2, exit = ?3, projects = ?4, created = ?5, updated = ?6,
             deleted = ?7, conflicts = ?8, pending = ?9, failed = ?10, requests = ?11,
             retries = ?12, bytes = ?13, peak_rss = ?14, message = ?15 WHERE id = ?1",
        params![
            run.id,
            run.ended,
            run.exit,
            run.projects,
            run.created,
            run.updated,
            run.deleted,
            run.conflicts,
            run.pending,
            run.failed,
            run.requests,
            run.retries,
            run.bytes,
            run.peak_rss,
            run.message
        ],
    )?;
    Ok(())
}

const SELECT: &str = "SELECT id, command, started_ms, ended_ms, exit, projects, created, updated,
     deleted, conflicts, pending, failed, requests, retries, bytes, peak_rss, message FROM runs";

/// The last runs, newest first.
///
/// # Errors
/// The file cannot be read.
pub fn last(connection: &Connection, count: u32) -> Result<Vec<Run>> {
    let sql = format!("{SELECT} ORDER BY id DESC LIMIT ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([count], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The command that is a pass over all projects.
pub const PASS: &str = "sync";

/// The last pass over all projects; where there is none, the last over some of them.
///
/// # Errors
/// The file cannot be read.
pub fn last_pass(connection: &Connection) -> Result<Option<Run>> {
    let whole = last_of(connection, PASS)?;
    if whole.is_some() { Ok(whole) } else { last_of(connection, "sync-project") }
}

/// When such a pass last ended with exit code 0; our clock. The last one, not the one of the latest time:
/// a clock that was ahead once must not hide that nothing has gone well since.
///
/// # Errors
/// The file cannot be read.
pub fn last_success(connection: &Connection) -> Result<Option<Millis>> {
    let sql = "SELECT ended_ms FROM runs WHERE exit = 0 AND command = ?1 ORDER BY id DESC LIMIT 1";
    let of = |command: &str| {
        let mut statement = connection.prepare_cached(sql)?;
        statement.query_row([command], |row| row.get::<_, Option<Millis>>(0)).optional()
    };
    let is_whole = last_of(connection, PASS)?.is_some();
    Ok(of(if is_whole { PASS } else { "sync-project" })?.flatten())
}

/// The last run of this command.
///
/// # Errors
/// The file cannot be read.
pub fn last_of(connection: &Connection, command: &str) -> Result<Option<Run>> {
    let sql = format!("{SELECT} WHERE command = ?1 ORDER BY id DESC LIMIT 1");
    Ok(connection.prepare_cached(&sql)?.query_row([command], from_row).optional()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        id: row.get(0)?,
        command: row.get(1)?,
        started: row.get(2)?,
        ended: row.get(3)?,
        exit: row.get(4)?,
        projects: row.get(5)?,
        created: row.get(6)?,
        updated: row.get(7)?,
        deleted: row.get(8)?,
        conflicts: row.get(9)?,
        pending: row.get(10)?,
        failed: row.get(11)?,
        requests: row.get(12)?,
        retries: row.get(13)?,
        bytes: row.get(14)?,
        peak_rss: row.get(15)?,
        message: row.get(16)?,
    })
}
