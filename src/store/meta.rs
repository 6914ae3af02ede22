//! Single values: what this state last went by.

use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, params};

/// The Huly version that answered last, as the backend calls it.
pub const HULY_VERSION: &str = "huly_version";
/// The settings that give stored values their meaning.
pub const FINGERPRINT: &str = "fingerprint";

/// The login that Huly refused, and when by our clock; empty when it took one since.
pub const REFUSED_LOGIN: &str = "refused_login";

/// Which way things crossed in the last pass.
pub const DIRECTION: &str = "direction";

/// By which statuses a project's pairs were last compared, by the project's row id.
pub const WORDS: &str = "words";

/// When a project without a list of its statuses was last asked for one that it lacks, by its row id;
/// our clock.
pub const ASKED_STATUS: &str = "asked_status";

/// The Letta server whose agents and blocks are known.
pub const LETTA_SERVER: &str = "letta_server";

/// Its version, and when it said so by our clock: `0.16.8 1790000000000`.
pub const LETTA_VERSION: &str = "letta_version";

/// The key of a value that each project has.
#[must_use]
pub fn of_project(key: &str, project: i64) -> String {
    format!("{key} {project}")
}

/// A stored value.
///
/// # Errors
/// The file cannot be read.
pub fn get(connection: &Connection, key: &str) -> Result<Option<String>> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    Ok(statement.query_row([key], |row| row.get(0)).optional()?)
}

/// Stores a value.
///
/// # Errors
/// The file cannot be written.
pub fn set(connection: &Connection, key: &str, value: &str) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO meta (key, value) VALUES (?1, ?2)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )?
        .execute(params![key, value])?;
    Ok(())
}
