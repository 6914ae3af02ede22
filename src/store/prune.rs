//! Keeps the history bounded.

use anyhow::Result;
use rusqlite::{Connection, params};

use crate::config::Keep;
use crate::model::Millis;

/// Rows that one pass removes at most, so that no pass pays for a long pause.
const PER_PASS: i64 = 1000;

/// Removes what is older than it has to be; how many rows went. `all` knows no bound (`vacuum`).
///
/// # Errors
/// The file cannot be written.
pub fn old(connection: &Connection, keep: &Keep, now: Millis, all: bool) -> Result<usize> {
    let limit = if all { -1 } else { PER_PASS };
    let age = |keep: std::time::Duration| {
        now.saturating_sub(Millis::try_from(keep.as_millis()).unwrap_or(Millis::MAX))
    };
    super::sums::carry(connection, age(keep.runs), limit)?;
    let mut gone = 0;
    for (sql, before) in [
        (
            "DELETE FROM runs WHERE id IN
                 (SELECT id FROM runs WHERE started_ms < ?1 ORDER BY started_ms LIMIT ?2)",
            age(keep.runs),
        ),
        (
            "DELETE FROM changes WHERE id IN
                 (SELECT id FROM changes WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)",
            age(keep.changes),
        ),
        (
            "DELETE FROM losers WHERE id IN
                 (SELECT id FROM losers WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)",
            age(keep.losers),
        ),
    ] {
        gone += connection.prepare_cached(sql)?.execute(params![before, limit])?;
    }
    Ok(gone)
}
