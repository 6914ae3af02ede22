//! The table `losers`: values that were overwritten against a change of their own, or erased.

use anyhow::Result;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;

use crate::model::{Millis, Side};

/// How a value lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Both sides changed it since they last agreed.
    Conflict,
    /// The two differed when they were first seen together.
    FirstSight,
    /// A text was replaced by nothing.
    Erased,
    /// A person put back what had lost against it.
    Restored,
}

impl Kind {
    /// Its one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::FirstSight => "first-sight",
            Self::Erased => "erased",
            Self::Restored => "restored",
        }
    }
}

impl ToSql for Kind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.name().as_bytes())))
    }
}

impl FromSql for Kind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "conflict" => Ok(Self::Conflict),
            "first-sight" => Ok(Self::FirstSight),
            "erased" => Ok(Self::Erased),
            "restored" => Ok(Self::Restored),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// A value that lost, and to what.
#[derive(Debug, Clone, Serialize)]
pub struct Loser {
    /// Row id; 0 before it is stored.
    pub id: i64,
    /// The Huly project's identifier; empty before it is stored.
    pub project: String,
    /// The issue.
    pub identifier: String,
    /// The task.
    pub task: Option<String>,
    /// `title`, `status` or `description`.
    pub field: String,
    /// How it lost.
    pub kind: Kind,
    /// Whose value stands now.
    pub winner: Side,
    /// The value that was overwritten.
    pub lost: String,
    /// The value that stands.
    pub won: String,
    /// When; our clock.
    pub at: Millis,
    /// When a person said that it was seen to.
    pub acked: Option<Millis>,
}

impl Loser {
    /// Where the lost value stood, and in whose words it is.
    #[must_use]
    pub fn side(&self) -> Side {
        match self.kind {
            Kind::Conflict | Kind::FirstSight | Kind::Erased => self.winner.other(),
            // Put back where it came from, over what stood there.
            Kind::Restored => self.winner,
        }
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Loser> {
    Ok(Loser {
        id: row.get(0)?,
        project: row.get(1)?,
        identifier: row.get(2)?,
        task: row.get(3)?,
        field: row.get(4)?,
        kind: row.get(5)?,
        winner: row.get(6)?,
        lost: row.get(7)?,
        won: row.get(8)?,
        at: row.get(9)?,
        acked: row.get(10)?,
    })
}

const SELECT: &str = "SELECT losers.id, projects.identifier, losers.identifier, task, field, kind,
     winner, lost, won, at_ms, acked_ms FROM losers JOIN projects ON projects.id = project";

/// Stores one; its row id. The same one that is open already is not stored a second time: its winner's
/// write was cut off, or fails time and again. That one counts as of now, so that it stays listed and
/// kept for as long as it lasts.
///
/// # Errors
/// The file cannot be written.
pub fn add(connection: &Connection, project: i64, loser: &Loser) -> Result<Option<i64>> {
    let again = connection
        .prepare_cached(
            "UPDATE losers SET at_ms = max(at_ms, ?6),
                 age_ms = max(age_ms, coalesce(
                     (SELECT age_ms FROM runs WHERE id = (SELECT max(id) FROM runs)), 0))
             WHERE project = ?1 AND identifier = ?2 AND field = ?3 AND lost = ?4 AND won = ?5
             AND acked_ms IS NULL",
        )?
        .execute(params![
            project,
            loser.identifier,
            loser.field,
            loser.lost,
            loser.won,
            loser.at
        ])?;
    if again > 0 {
        return Ok(None);
    }
    connection
        .prepare_cached(
            "INSERT INTO losers
                 (project, identifier, task, field, kind, winner, lost, won, at_ms, age_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,
                 coalesce((SELECT age_ms FROM runs WHERE id = (SELECT max(id) FROM runs)), 0))",
        )?
        .execute(params![
            project,
            loser.identifier,
            loser.task,
            loser.field,
            loser.kind,
            loser.winner,
            loser.lost,
            loser.won,
            loser.at
        ])?;
    let id = connection.last_insert_rowid();
    super::projects::revise(connection, project)?;
    Ok(Some(id))
}

/// Nothing was overwritten after all.
///
/// # Errors
/// The file cannot be written.
pub fn remove(connection: &Connection, id: i64) -> Result<()> {
    let mut statement =
        connection.prepare_cached("DELETE FROM losers WHERE id = ?1 RETURNING project")?;
    let gone: Option<i64> = statement.query_row([id], |row| row.get(0)).optional()?;
    gone.map_or(Ok(()), |project| super::projects::revise(connection, project))
}

/// Those since then that nobody has acknowledged, newest first.
///
/// # Errors
/// The file cannot be read.
pub fn open(connection: &Connection, since: Millis) -> Result<Vec<Loser>> {
    let sql = format!(
        "{SELECT} WHERE at_ms >= ?1 AND acked_ms IS NULL ORDER BY at_ms DESC, losers.id DESC"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([since], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// All that are kept, newest first.
///
/// # Errors
/// The file cannot be read.
pub fn all(connection: &Connection) -> Result<Vec<Loser>> {
    let sql = format!("{SELECT} WHERE at_ms >= 0 ORDER BY at_ms DESC, losers.id DESC");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The newest of those that are open, with no more than the beginning of their values: those are as long as they
/// like.
///
/// # Errors
/// The file cannot be read.
pub fn open_in_brief(connection: &Connection, since: Millis, count: u32) -> Result<Vec<Loser>> {
    let mut statement = connection.prepare_cached(
        "SELECT losers.id, projects.identifier, losers.identifier, task, field, kind, winner,
             substr(lost, 1, 200), substr(won, 1, 200), at_ms, acked_ms
         FROM losers JOIN projects ON projects.id = project
         WHERE at_ms >= ?1 AND acked_ms IS NULL ORDER BY at_ms DESC, losers.id DESC LIMIT ?2",
    )?;
    let rows = statement.query_map(params![since, count], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One of them.
///
/// # Errors
/// The file cannot be read.
pub fn get(connection: &Connection, id: i64) -> Result<Option<Loser>> {
    let sql = format!("{SELECT} WHERE losers.id = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([id], from_row).optional()?)
}

/// Acknowledges one; false when there is none of that number.
///
/// # Errors
/// The file cannot be written.
pub fn acknowledge(connection: &Connection, id: i64, at: Millis) -> Result<bool> {
    let changed = connection
        .prepare_cached("UPDATE losers SET acked_ms = coalesce(acked_ms, ?2) WHERE id = ?1")?
        .execute(params![id, at])?;
    Ok(changed > 0)
}

/// How many of those there are.
///
/// # Errors
/// The file cannot be read.
pub fn count_open(connection: &Connection, since: Millis) -> Result<u64> {
    Ok(connection
        .prepare_cached("SELECT count(*) FROM losers WHERE at_ms >= ?1 AND acked_ms IS NULL")?
        .query_row([since], |row| row.get(0))?)
}

/// That a value lost, without the value: those are as long as they like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The issue.
    pub identifier: String,
    /// `title`, `status` or `description`.
    pub field: String,
    /// Whose value stands now.
    pub winner: Side,
    /// When; our clock.
    pub at: Millis,
}

/// The last ones of a project, newest first.
///
/// # Errors
/// The file cannot be read.
pub fn last(connection: &Connection, project: i64, count: u32) -> Result<Vec<Lost>> {
    let mut statement = connection.prepare_cached(
        "SELECT identifier, field, winner, at_ms FROM losers WHERE project = ?1
         ORDER BY at_ms DESC, id DESC LIMIT ?2",
    )?;
    let rows = statement.query_map(params![project, count], |row| {
        Ok(Lost {
            identifier: row.get(0)?,
            field: row.get(1)?,
            winner: row.get(2)?,
            at: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
