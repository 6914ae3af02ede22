//! What all passes ever did. Runs are pruned; a counter that fell with them would be taken for one
//! that began anew, and its whole value for growth.

use anyhow::{Context, Result};
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};

use super::meta;

/// Where in `meta` the sums over pruned runs are.
const PRUNED: &str = "pruned";

/// Sums over passes.
#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
#[serde(default)]
pub struct Sums {
    /// Passes.
    pub runs: u64,
    /// Items made, changed or ended.
    pub changes: u64,
    /// Values that lost.
    pub conflicts: u64,
    /// Items that failed.
    pub failed: u64,
    /// Requests sent.
    pub requests: u64,
    /// Requests repeated.
    pub retries: u64,
    /// Body bytes received.
    pub bytes: u64,
}

impl std::ops::AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.runs += other.runs;
        self.changes += other.changes;
        self.conflicts += other.conflicts;
        self.failed += other.failed;
        self.requests += other.requests;
        self.retries += other.retries;
        self.bytes += other.bytes;
    }
}

/// The columns of [`from_row`], of `runs`.
pub(super) const COLUMNS: &str = "count(*), coalesce(sum(created + updated + deleted), 0),
     coalesce(sum(conflicts), 0), coalesce(sum(failed), 0), coalesce(sum(requests), 0),
     coalesce(sum(retries), 0), coalesce(sum(bytes), 0)";

pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Sums> {
    Ok(Sums {
        runs: row.get(0)?,
        changes: row.get(1)?,
        conflicts: row.get(2)?,
        failed: row.get(3)?,
        requests: row.get(4)?,
        retries: row.get(5)?,
        bytes: row.get(6)?,
    })
}

/// Of the runs that are gone.
///
/// # Errors
/// The file cannot be read, or the value is damaged.
pub fn pruned(connection: &Connection) -> Result<Sums> {
    match meta::get(connection, PRUNED)? {
        None => Ok(Sums::default()),
        Some(text) => serde_json::from_str(&text).context("the state file is damaged: meta.pruned"),
    }
}

/// Adds the runs that are about to go: of the `limit` oldest those that began when the state was younger
/// than this.
///
/// # Errors
/// The file cannot be written.
pub(super) fn carry(connection: &Connection, before: i64, limit: i64) -> Result<()> {
    let sql = format!(
        "SELECT {COLUMNS} FROM runs WHERE command LIKE 'sync%' AND age_ms < ?1
             AND id < (SELECT min(id) FROM runs) + ?2"
    );
    let going = connection.prepare_cached(&sql)?.query_row(params![before, limit], from_row)?;
    if going.runs == 0 {
        return Ok(());
    }
    let mut all = pruned(connection)?;
    all += going;
    meta::set(connection, PRUNED, &serde_json::to_string(&all)?)
}
