//! Keeps the history bounded.

use std::time::Duration;

use anyhow::Result;
use rusqlite::{Connection, params};

use super::age::{self, UNSURE_MS};
use crate::config::Keep;
use crate::model::Millis;

/// Rows of a table that one pass removes at most, so that no pass pays for a long pause.
const PER_PASS: i64 = 1000;

/// No bound, with room for a row's number beside it.
const ALL: i64 = i64::MAX >> 1;

/// How long tombstones and what was said once are kept after they have lost their use.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Removes what is older than it has to be; how many rows went. How old a row is follows from the age
/// that the state had when it was written, so no clock is asked. `all` knows no bound (`vacuum`).
///
/// # Errors
/// The file cannot be written.
pub fn old(connection: &Connection, keep: &Keep, all: bool) -> Result<usize> {
    let limit = if all { ALL } else { PER_PASS };
    let age = age::current(connection)?;
    let before = |keep: Duration| {
        age.saturating_sub(Millis::try_from(keep.as_millis()).unwrap_or(Millis::MAX))
    };
    // Nobody can bring these back: they are kept until they are surely old enough.
    let surely_before = |keep: Duration| before(keep).saturating_sub(UNSURE_MS);
    super::sums::carry(connection, before(keep.runs), limit)?;
    let mut gone = 0;
    for (sql, before) in [
        // A row of a smaller number is the older one: only the first ones have to be looked at.
        (
            "DELETE FROM runs
             WHERE age_ms < ?1 AND id < (SELECT min(id) FROM runs) + ?2",
            before(keep.runs),
        ),
        (
            "DELETE FROM changes
             WHERE age_ms < ?1 AND id < (SELECT min(id) FROM changes) + ?2",
            before(keep.changes),
        ),
        (
            "DELETE FROM losers
             WHERE age_ms < ?1 AND id < (SELECT min(id) FROM losers) + ?2",
            surely_before(keep.losers),
        ),
        (
            "DELETE FROM tombstones WHERE id IN
                 (SELECT id FROM tombstones WHERE gone_age_ms < ?1 LIMIT ?2)",
            surely_before(YEAR),
        ),
        // By their words, of which there are ever new ones; of other kinds there is one an item.
        (
            "DELETE FROM said WHERE (project, kind, item) IN
                 (SELECT project, kind, item FROM said
                  WHERE kind = 'skipped' AND age_ms < ?1 LIMIT ?2)",
            before(YEAR),
        ),
    ] {
        gone += connection.prepare_cached(sql)?.execute(params![before, limit])?;
    }
    Ok(gone)
}
