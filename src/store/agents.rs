//! The table `agents`: which agent of Letta's knows which project.

use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, params};

use crate::model::Millis;

/// What is known of a project's agent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agent {
    /// Letta's id; `None` while none is known.
    pub id: Option<String>,
    /// A create was sent then, and its answer not seen; our clock.
    pub asked: Option<Millis>,
    /// The folder that the README is in.
    pub folder: Option<String>,
    /// Of the README in it.
    pub readme: Option<[u8; 32]>,
    /// Of what its blocks were made from, once it has them all.
    pub source: Option<[u8; 32]>,
    /// Until then they say the same of it; our clock.
    pub until: Option<Millis>,
}

/// What is known of a project's agent; nothing, before the first push.
///
/// # Errors
/// The file cannot be read.
pub fn get(connection: &Connection, project: i64) -> Result<Agent> {
    let mut statement = connection.prepare_cached(
        "SELECT agent, asked_ms, folder, readme, source, until_ms FROM agents WHERE project = ?1",
    )?;
    let found = statement.query_row([project], |row| {
        Ok(Agent {
            id: row.get(0)?,
            asked: row.get(1)?,
            folder: row.get(2)?,
            readme: row.get(3)?,
            source: row.get(4)?,
            until: row.get(5)?,
        })
    });
    Ok(found.optional()?.unwrap_or_default())
}

/// Stores it.
///
/// # Errors
/// The file cannot be written, or another project has that agent.
pub fn put(connection: &Connection, project: i64, agent: &Agent) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO agents (project, agent, asked_ms, folder, readme, source, until_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (project) DO UPDATE SET agent = ?2, asked_ms = ?3, folder = ?4,
                 readme = ?5, source = ?6, until_ms = ?7",
        )?
        .execute(params![
            project,
            agent.id,
            agent.asked,
            agent.folder,
            agent.readme,
            agent.source,
            agent.until
        ])?;
    Ok(())
}

/// The other project that this agent knows.
///
/// # Errors
/// The file cannot be read.
pub fn serves_another(connection: &Connection, agent: &str, project: i64) -> Result<bool> {
    let sql = "SELECT 1 FROM agents WHERE agent = ?1 AND project <> ?2";
    Ok(connection.prepare_cached(sql)?.exists(params![agent, project])?)
}

/// Another server knows none of them.
///
/// # Errors
/// The file cannot be written.
pub fn forget_all(connection: &Connection) -> Result<()> {
    connection.execute("DELETE FROM agents", [])?;
    connection.execute("DELETE FROM blocks", [])?;
    Ok(())
}
