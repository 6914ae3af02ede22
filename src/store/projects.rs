//! The table `projects`: pairs, cursors, last results.

use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::Millis;

/// A Huly project that was ever paired, by its row.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// Row id.
    pub id: i64,
    /// Huly's identifier.
    pub identifier: String,
    /// Huly's name for it.
    pub name: String,
    /// Its other half.
    pub vibe_id: Option<String>,
    /// The other half's name.
    pub vibe_name: Option<String>,
    /// Where its repository is, on the Vibe Kanban server.
    pub repo_path: Option<String>,
    /// Changes from here on are asked for; `None` asks for everything. Huly's clock.
    pub cursor: Option<Millis>,
    /// Last full read; our clock.
    pub full: Option<Millis>,
    /// Last try; our clock.
    pub tried: Option<Millis>,
    /// Last success; our clock.
    pub success: Option<Millis>,
    /// How the last try ended.
    pub outcome: Option<String>,
    /// Why it did not go well.
    pub message: Option<String>,
    /// Writes may have been sent that no commit has settled.
    pub dirty: bool,
    /// The direction was opened: what drifted while it was closed crosses under the guard.
    pub released: bool,
    /// The status that a new issue gets.
    pub first_status: Option<String>,
    /// Whether all statuses of it are known.
    pub statuses_complete: bool,
    /// Where its repository was cloned from, as it was at the last pass.
    pub git_remote: Option<String>,
    /// Another one means that its issues changed, or what is told of them.
    pub revision: i64,
}

const COLUMNS: &str = "id, identifier, name, vibe_id, vibe_name, repo_path, cursor_ms, full_ms, \
     tried_ms, success_ms, outcome, message, dirty, released, first_status, \
     statuses_complete, git_remote, revision";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Project> {
    Ok(Project {
        id: row.get(0)?,
        identifier: row.get(1)?,
        name: row.get(2)?,
        vibe_id: row.get(3)?,
        vibe_name: row.get(4)?,
        repo_path: row.get(5)?,
        cursor: row.get(6)?,
        full: row.get(7)?,
        tried: row.get(8)?,
        success: row.get(9)?,
        outcome: row.get(10)?,
        message: row.get(11)?,
        dirty: row.get(12)?,
        released: row.get(13)?,
        first_status: row.get(14)?,
        statuses_complete: row.get(15)?,
        git_remote: row.get(16)?,
        revision: row.get(17)?,
    })
}

/// All of them, by identifier.
///
/// # Errors
/// The file cannot be read.
pub fn all(connection: &Connection) -> Result<Vec<Project>> {
    let sql = format!("SELECT {COLUMNS} FROM projects ORDER BY identifier");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One of them.
///
/// # Errors
/// The file cannot be read.
pub fn get(connection: &Connection, identifier: &str) -> Result<Option<Project>> {
    let sql = format!("SELECT {COLUMNS} FROM projects WHERE identifier = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([identifier], from_row).optional()?)
}

/// The project that people mean by a name: the one of exactly that identifier, else the only one whose
/// identifier differs in case alone.
///
/// # Errors
/// The file cannot be read.
pub fn find(connection: &Connection, name: &str) -> Result<Option<Project>> {
    if let Some(project) = get(connection, name)? {
        return Ok(Some(project));
    }
    let mut fitting = all(connection)?;
    let name = name.to_uppercase();
    fitting.retain(|project| project.identifier.to_uppercase() == name);
    Ok(fitting.pop().filter(|_| fitting.is_empty()))
}

/// Makes or renews the row of a project; its pair is `pair`'s business.
///
/// # Errors
/// The file cannot be written.
pub fn keep(connection: &Connection, identifier: &str, name: &str) -> Result<Project> {
    let sql = format!(
        "INSERT INTO projects (identifier, name) VALUES (?1, ?2)
         ON CONFLICT (identifier) DO UPDATE SET name = excluded.name RETURNING {COLUMNS}"
    );
    Ok(connection.prepare_cached(&sql)?.query_row(params![identifier, name], from_row)?)
}

/// Stores the other half.
///
/// # Errors
/// The file cannot be written, or another project has that half.
pub fn pair(
    connection: &Connection,
    id: i64,
    vibe_id: &str,
    vibe_name: &str,
    repo_path: Option<&str>,
) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE projects SET vibe_id = ?2, vibe_name = ?3, repo_path = coalesce(?4, repo_path)
             WHERE id = ?1",
        )?
        .execute(params![id, vibe_id, vibe_name, repo_path])?;
    Ok(())
}

/// From the first write on until everything sent is settled, what earlier passes knew of the
/// elements is not believed.
///
/// # Errors
/// The file cannot be written.
pub fn set_dirty(connection: &Connection, id: i64, dirty: bool) -> Result<()> {
    connection
        .prepare_cached("UPDATE projects SET dirty = ?2 WHERE id = ?1")?
        .execute(params![id, dirty])?;
    Ok(())
}

/// Moves the cursor; never backwards.
///
/// # Errors
/// The file cannot be written.
pub fn advance(connection: &Connection, id: i64, cursor: Millis) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE projects SET cursor_ms = ?2 WHERE id = ?1 AND coalesce(cursor_ms, -1) < ?2",
        )?
        .execute(params![id, cursor])?;
    Ok(())
}

/// Sets the cursor back to where Huly's clock is.
///
/// # Errors
/// The file cannot be written.
pub fn set_back(connection: &Connection, id: i64, cursor: Millis) -> Result<()> {
    connection
        .prepare_cached("UPDATE projects SET cursor_ms = ?2 WHERE id = ?1")?
        .execute(params![id, cursor])?;
    Ok(())
}

/// Remembers that everything was read.
///
/// # Errors
/// The file cannot be written.
pub fn set_full(connection: &Connection, id: i64, at: Millis) -> Result<()> {
    connection
        .prepare_cached("UPDATE projects SET full_ms = ?2 WHERE id = ?1")?
        .execute(params![id, at])?;
    Ok(())
}

/// Remembers how a try ended that did not go well in all.
///
/// # Errors
/// The file cannot be written.
pub fn tried(
    connection: &Connection,
    id: i64,
    at: Millis,
    outcome: &str,
    message: Option<&str>,
) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE projects SET tried_ms = ?2, outcome = ?3, message = ?4 WHERE id = ?1",
        )?
        .execute(params![id, at, outcome, message])?;
    Ok(())
}

/// Remembers that a pass came to its end; items of it may have failed.
///
/// # Errors
/// The file cannot be written.
pub fn succeeded(connection: &Connection, id: i64, at: Millis) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE projects SET success_ms = ?2,
                 outcome = CASE WHEN tried_ms = ?2 THEN outcome ELSE 'ok' END,
                 message = CASE WHEN tried_ms = ?2 THEN message END,
                 tried_ms = ?2
             WHERE id = ?1",
        )?
        .execute(params![id, at])?;
    Ok(())
}

/// Something of its issues changed, or of what is told of them.
///
/// # Errors
/// The file cannot be written.
pub(super) fn revise(connection: &Connection, id: i64) -> Result<()> {
    connection
        .prepare_cached("UPDATE projects SET revision = revision + 1 WHERE id = ?1")?
        .execute([id])?;
    Ok(())
}

/// Remembers where the repository is, and where it was cloned from.
///
/// # Errors
/// The file cannot be written.
pub fn set_repository(
    connection: &Connection,
    id: i64,
    path: Option<&str>,
    remote: Option<&str>,
) -> Result<()> {
    connection
        .prepare_cached("UPDATE projects SET repo_path = ?2, git_remote = ?3 WHERE id = ?1")?
        .execute(params![id, path, remote])?;
    Ok(())
}

/// Remembers the status that a create gives.
///
/// # Errors
/// The file cannot be written.
pub fn set_first_status(connection: &Connection, id: i64, status: &str) -> Result<()> {
    connection
        .prepare_cached("UPDATE projects SET first_status = ?2 WHERE id = ?1")?
        .execute(params![id, status])?;
    Ok(())
}

/// The projects that an issue of this one has left are read in full by the next pass: they do not list
/// it any more, and only a full list tells that.
///
/// # Errors
/// The file cannot be written.
pub fn read_left_ones_again(connection: &Connection, project: i64) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE projects SET full_ms = NULL WHERE id IN (
                 SELECT other.project FROM issues AS own
                 JOIN issues AS other
                     ON other.remote_id = own.remote_id AND other.project <> own.project
                 WHERE own.project = ?1)",
        )?
        .execute([project])?;
    Ok(())
}

/// Forgets what was read before, for all projects: the next read of each is full.
///
/// # Errors
/// The file cannot be written.
pub fn read_all_again(connection: &Connection) -> Result<()> {
    connection.execute("UPDATE projects SET full_ms = NULL", [])?;
    connection.execute("DELETE FROM elements", [])?;
    Ok(())
}

/// Drift that a closed direction held back crosses under the guard, until a pass let it through.
///
/// # Errors
/// The file cannot be written.
pub fn release(connection: &Connection) -> Result<()> {
    connection.execute("UPDATE projects SET released = 1", [])?;
    Ok(())
}

/// A pass let it through.
///
/// # Errors
/// The file cannot be written.
pub fn end_release(connection: &Connection, id: i64) -> Result<()> {
    connection.prepare_cached("UPDATE projects SET released = 0 WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// The pair turned out not to be one.
///
/// # Errors
/// The file cannot be written.
pub fn unpair(connection: &Connection, id: i64) -> Result<()> {
    connection
        .prepare_cached("UPDATE projects SET vibe_id = NULL, vibe_name = NULL WHERE id = ?1")?
        .execute([id])?;
    Ok(())
}

/// The pair of projects was wrong: what was known of it goes, what its items lost and what happened
/// stays.
///
/// # Errors
/// The file cannot be written.
pub fn start_anew(connection: &Connection, id: i64) -> Result<()> {
    unpair(connection, id)?;
    for table in ["issues", "elements", "pending", "tombstones", "outbox", "said"] {
        connection.execute(&format!("DELETE FROM {table} WHERE project = ?1"), [id])?;
    }
    connection.execute(
        "UPDATE projects SET cursor_ms = NULL, full_ms = NULL, success_ms = NULL, dirty = 0,
             repo_path = NULL WHERE id = ?1",
        [id],
    )?;
    revise(connection, id)
}
