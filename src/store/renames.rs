//! Issues that got another identifier: all that is stored under the old one follows, at once, so that two
//! issues can change theirs with each other.

use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, params};

/// An issue of the backend's own id that has another identifier now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// Row id.
    pub row: i64,
    /// As stored.
    pub from: String,
    /// As it is now.
    pub to: String,
}

/// What is stored under an identifier beside the row: the table, and its column.
const NAMED: [(&str, &str); 4] = [
    ("pending", "item"),
    ("outbox", "identifier"),
    ("losers", "identifier"),
    ("tombstones", "identifier"),
];

/// Whether a project has any row that could be renamed.
///
/// # Errors
/// The file cannot be read.
pub fn are_any(connection: &Connection, project: i64) -> Result<bool> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM issues WHERE project = ?1 LIMIT 1")?
        .exists([project])?)
}

/// The row of an issue with the backend's own id, if it is stored under another identifier.
///
/// # Errors
/// The file cannot be read.
pub fn find(
    connection: &Connection,
    project: i64,
    remote_id: &str,
    now: &str,
) -> Result<Option<Rename>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, identifier FROM issues WHERE remote_id = ?2 AND project = ?1
         ORDER BY task IS NULL, id LIMIT 1",
    )?;
    let found = statement
        .query_row(params![project, remote_id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found
        .map(|(row, from): (i64, String)| Rename { row, from, to: now.to_owned() })
        .filter(|rename| rename.from != rename.to))
}

/// Whether a row that is not among these has one of the new identifiers.
///
/// # Errors
/// The file cannot be read.
pub fn meet_others(connection: &Connection, project: i64, renames: &[Rename]) -> Result<bool> {
    Ok(!others(connection, project, renames)?.is_empty())
}

/// Rows that have one of the new identifiers and keep none of their own.
fn others(connection: &Connection, project: i64, renames: &[Rename]) -> Result<Vec<i64>> {
    let mut statement = connection
        .prepare_cached("SELECT id FROM issues WHERE project = ?1 AND identifier = ?2")?;
    let mut others = Vec::new();
    for rename in renames {
        let holder: Option<i64> =
            statement.query_row(params![project, rename.to], |row| row.get(0)).optional()?;
        others.extend(holder.filter(|row| renames.iter().all(|rename| rename.row != *row)));
    }
    Ok(others)
}

/// Gives all of these their new identifiers. A linked row that had one of them, and whose issue a whole
/// list lacks, gives way: its pair ends under a name that nothing else has.
///
/// # Errors
/// The file cannot be written.
pub fn carry_out(connection: &Connection, project: i64, renames: &[Rename]) -> Result<()> {
    for row in others(connection, project, renames)? {
        connection
            .prepare_cached("DELETE FROM issues WHERE id = ?1 AND task IS NULL")?
            .execute([row])?;
        connection
            .prepare_cached(
                "UPDATE issues SET identifier = identifier || ' (gone, ' || id || ')' WHERE id = ?1",
            )?
            .execute([row])?;
    }
    // By way of names that nothing has: the next one may be somebody's still.
    for rename in renames {
        let between = between(rename);
        connection
            .prepare_cached("UPDATE issues SET identifier = ?2 WHERE id = ?1")?
            .execute(params![rename.row, between])?;
        follow(connection, project, &rename.from, &between)?;
    }
    for rename in renames {
        connection
            .prepare_cached("UPDATE issues SET identifier = ?2 WHERE id = ?1")?
            .execute(params![rename.row, rename.to])?;
        follow(connection, project, &between(rename), &rename.to)?;
    }
    Ok(())
}

fn between(rename: &Rename) -> String {
    format!("row {}", rename.row)
}

fn follow(connection: &Connection, project: i64, from: &str, to: &str) -> Result<()> {
    for (table, column) in NAMED {
        let sql = format!(
            "UPDATE OR REPLACE {table} SET {column} = ?3 WHERE project = ?1 AND {column} = ?2"
        );
        connection.prepare_cached(&sql)?.execute(params![project, from, to])?;
    }
    Ok(())
}
