//! The table `pending`: items that must be looked at again, whatever the next list says.

use std::collections::HashMap;
use std::fmt;

use anyhow::Result;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, params};

use crate::model::{Hash, Millis};

/// Why an item was not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The target moved between the list and the write.
    Moved,
    /// A transient failure.
    Failed,
    /// Refused for good, as the values are.
    Refused,
    /// A text reads blank where there was one: believed when it does so again.
    Blank,
    /// Withheld by a guard.
    Guarded,
    /// Sent, and no answer came.
    Unanswered,
    /// A text was written and did not show when read back.
    NotArrived,
    /// Another issue bears its identifier.
    Double,
    /// The task's status has no counterpart in the Huly project. No failure: it waits for one.
    Unmapped,
    /// A value that the other side cannot take, until it is edited.
    Unfit,
}

impl Reason {
    const ALL: [(Self, &'static str); 10] = [
        (Self::Moved, "moved"),
        (Self::Failed, "failed"),
        (Self::Refused, "refused"),
        (Self::Blank, "blank"),
        (Self::Guarded, "guarded"),
        (Self::Unanswered, "unanswered"),
        (Self::NotArrived, "not-arrived"),
        (Self::Double, "double"),
        (Self::Unmapped, "unmapped"),
        (Self::Unfit, "unfit"),
    ];

    /// Its one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(reason, _)| *reason == self).map_or("", |(_, name)| name)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl ToSql for Reason {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.name().as_bytes())))
    }
}

impl FromSql for Reason {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        Self::ALL
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(reason, _)| *reason)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// One item that is pending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Why.
    pub reason: Reason,
    /// How many passes in a row, this reason.
    pub tries: u32,
    /// First of them; our clock.
    pub since: Millis,
    /// Last of them; our clock.
    pub at: Millis,
    /// Of the values that were refused.
    pub print: Option<Hash>,
    /// What was said.
    pub message: String,
}

impl Pending {
    /// Whether a value is not sent again as it is: it was sent so often, or cannot be taken.
    #[must_use]
    pub fn is_held(&self) -> bool {
        matches!(self.reason, Reason::NotArrived | Reason::Unfit) && self.print.is_some()
    }

    /// One that a person moved by hand: whatever the next list says, it is looked at.
    #[must_use]
    pub fn by_hand(at: Millis, message: impl Into<String>) -> Self {
        let (reason, message) = (Reason::Moved, message.into());
        Self { reason, tries: 1, since: at, at, print: None, message }
    }
}

/// All of a project, by item: an issue's identifier, or a task's id where there is no issue yet.
///
/// # Errors
/// The file cannot be read.
pub fn of(connection: &Connection, project: i64) -> Result<HashMap<String, Pending>> {
    let mut statement = connection.prepare_cached(
        "SELECT item, reason, tries, since_ms, at_ms, print, message FROM pending
         WHERE project = ?1",
    )?;
    let rows = statement.query_map([project], |row| {
        let pending = Pending {
            reason: row.get(1)?,
            tries: row.get(2)?,
            since: row.get(3)?,
            at: row.get(4)?,
            print: row.get(5)?,
            message: row.get(6)?,
        };
        Ok((row.get(0)?, pending))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Marks an item.
///
/// # Errors
/// The file cannot be written.
pub fn put(connection: &Connection, project: i64, item: &str, pending: &Pending) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO pending
                 (project, item, reason, tries, since_ms, at_ms, print, message)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            project,
            item,
            pending.reason,
            pending.tries,
            pending.since,
            pending.at,
            pending.print,
            pending.message
        ])?;
    Ok(())
}

/// Unmarks an item.
///
/// # Errors
/// The file cannot be written.
pub fn remove(connection: &Connection, project: i64, item: &str) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM pending WHERE project = ?1 AND item = ?2")?
        .execute(params![project, item])?;
    Ok(())
}
