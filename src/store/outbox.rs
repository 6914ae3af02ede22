//! The table `outbox`: what may have been sent and is not settled.

use anyhow::Result;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, params};

use crate::model::{Hash, Millis, Side};

/// What was to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Make the item on `side`.
    Create,
    /// Change the item on `side`.
    Update,
    /// Delete or cancel the item on `side`, because its other half is gone.
    End,
}

impl Kind {
    /// Its one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::End => "end",
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
            "create" => Ok(Self::Create),
            "update" => Ok(Self::Update),
            "end" => Ok(Self::End),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// One operation, as written down before it was sent.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Row id; 0 before it is stored.
    pub id: i64,
    /// What was to be done.
    pub kind: Kind,
    /// Where.
    pub side: Side,
    /// The issue; `None` while it is being made.
    pub identifier: Option<String>,
    /// The task; `None` while it is being made.
    pub task: Option<String>,
    /// The title sent, if one was.
    pub sent_title: Option<String>,
    /// The status sent, if one was, in the words of the target.
    pub sent_status: Option<String>,
    /// The normal form of the text sent, if one was.
    pub sent_text: Option<Hash>,
    /// Its letters and digits in order.
    pub sent_words: Option<Hash>,
    /// The source's title when it was planned.
    pub from_title: Option<String>,
    /// The source's status.
    pub from_status: Option<String>,
    /// The source's text.
    pub from_text: Option<Hash>,
    /// When it may last have been on its way; our clock.
    pub at: Millis,
}

/// All of a project, oldest first.
///
/// # Errors
/// The file cannot be read.
pub fn of(connection: &Connection, project: i64) -> Result<Vec<Entry>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, kind, side, identifier, task, sent_title, sent_status, sent_text, sent_words,
                from_title, from_status, from_text, at_ms
         FROM outbox WHERE project = ?1",
    )?;
    let rows = statement.query_map([project], |row| {
        Ok(Entry {
            id: row.get(0)?,
            kind: row.get(1)?,
            side: row.get(2)?,
            identifier: row.get(3)?,
            task: row.get(4)?,
            sent_title: row.get(5)?,
            sent_status: row.get(6)?,
            sent_text: row.get(7)?,
            sent_words: row.get(8)?,
            from_title: row.get(9)?,
            from_status: row.get(10)?,
            from_text: row.get(11)?,
            at: row.get(12)?,
        })
    })?;
    let mut entries = rows.collect::<rusqlite::Result<Vec<Entry>>>()?;
    // Not by `ORDER BY`: with a parameter beside it, SQLite prepares the statement anew each time.
    entries.sort_unstable_by_key(|entry| entry.id);
    Ok(entries)
}

/// Writes one down; its row id.
///
/// # Errors
/// The file cannot be written.
pub fn add(connection: &Connection, project: i64, entry: &Entry) -> Result<i64> {
    connection
        .prepare_cached(
            "INSERT INTO outbox (project, kind, side, identifier, task, sent_title, sent_status,
                 sent_text, sent_words, from_title, from_status, from_text, at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(params![
            project,
            entry.kind,
            entry.side,
            entry.identifier,
            entry.task,
            entry.sent_title,
            entry.sent_status,
            entry.sent_text,
            entry.sent_words,
            entry.from_title,
            entry.from_status,
            entry.from_text,
            entry.at
        ])?;
    Ok(connection.last_insert_rowid())
}

/// Settled.
///
/// # Errors
/// The file cannot be written.
pub fn remove(connection: &Connection, id: i64) -> Result<()> {
    connection.prepare_cached("DELETE FROM outbox WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// They may have been sent just now, or their time lies ahead of this machine's clock: their age counts
/// from then on.
///
/// # Errors
/// The file cannot be written.
pub fn restamp(connection: &Connection, ids: &[i64], at: Millis) -> Result<()> {
    let mut statement = connection.prepare_cached("UPDATE outbox SET at_ms = ?2 WHERE id = ?1")?;
    for id in ids {
        statement.execute(params![id, at])?;
    }
    Ok(())
}
