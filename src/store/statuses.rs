//! The table `statuses`: what a project has, or was seen to have.

use anyhow::Result;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, params};

use crate::huly::{Category, Status};

impl ToSql for Category {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.name().as_bytes())))
    }
}

impl FromSql for Category {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::of_name(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

/// Those known of a project, in its own order; those that were only seen come last, by name.
///
/// # Errors
/// The file cannot be read.
pub fn of(connection: &Connection, project: i64) -> Result<Vec<Status>> {
    let mut statement = connection.prepare_cached(
        "SELECT name, category FROM statuses WHERE project = ?1
         ORDER BY place IS NULL, place, name",
    )?;
    let rows = statement
        .query_map([project], |row| Ok(Status { name: row.get(0)?, category: row.get(1)? }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Adds one that was seen, or what its category was seen to be.
///
/// # Errors
/// The file cannot be written.
pub fn add(connection: &Connection, project: i64, status: &Status) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO statuses (project, name, category) VALUES (?1, ?2, ?3)
             ON CONFLICT (project, name) DO UPDATE SET category = coalesce(?3, category)",
        )?
        .execute(params![project, status.name, status.category])?;
    Ok(())
}

/// These are all that there are, in the project's own order.
///
/// # Errors
/// The file cannot be written.
pub fn replace(connection: &Connection, project: i64, statuses: &[Status]) -> Result<()> {
    connection.prepare_cached("DELETE FROM statuses WHERE project = ?1")?.execute([project])?;
    let mut statement = connection.prepare_cached(
        "INSERT OR IGNORE INTO statuses (project, name, category, place) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for (place, status) in statuses.iter().enumerate() {
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        statement.execute(params![project, status.name, status.category, place])?;
    }
    connection
        .prepare_cached("UPDATE projects SET statuses_complete = 1 WHERE id = ?1")?
        .execute([project])?;
    Ok(())
}
