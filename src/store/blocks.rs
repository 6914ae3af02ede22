//! The table `blocks`: what an agent was last seen to know of its board.

use anyhow::Result;
use rusqlite::{Connection, params};

/// A block of an agent's memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is called in that memory.
    pub label: String,
    /// Letta's id.
    pub id: String,
    /// How many characters it takes.
    pub limit: usize,
    /// The sha-256 of its value, as last acknowledged; `None` where that is not known.
    pub known: Option<[u8; 32]>,
}

/// All of a project's, by label.
///
/// # Errors
/// The file cannot be read.
pub fn of(connection: &Connection, project: i64) -> Result<Vec<Block>> {
    let mut statement = connection.prepare_cached(
        "SELECT label, block, characters, known FROM blocks WHERE project = ?1 ORDER BY label",
    )?;
    let rows = statement.query_map([project], |row| {
        Ok(Block { label: row.get(0)?, id: row.get(1)?, limit: row.get(2)?, known: row.get(3)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// These are all that a project has.
///
/// # Errors
/// The file cannot be written, or another project has one of them.
pub fn replace(connection: &Connection, project: i64, blocks: &[Block]) -> Result<()> {
    connection.prepare_cached("DELETE FROM blocks WHERE project = ?1")?.execute([project])?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO blocks (project, label, block, characters, known) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for block in blocks {
        statement.execute(params![project, block.label, block.id, block.limit, block.known])?;
    }
    Ok(())
}

/// Whether another project's agent is known to have this block.
///
/// # Errors
/// The file cannot be read.
pub fn serves_another(connection: &Connection, block: &str, project: i64) -> Result<bool> {
    let sql = "SELECT 1 FROM blocks WHERE block = ?1 AND project <> ?2";
    Ok(connection.prepare_cached(sql)?.exists(params![block, project])?)
}

/// What this block says is not known any more.
///
/// # Errors
/// The file cannot be written.
pub fn doubt(connection: &Connection, block: &str) -> Result<()> {
    connection
        .prepare_cached("UPDATE blocks SET known = NULL WHERE block = ?1")?
        .execute([block])?;
    Ok(())
}
