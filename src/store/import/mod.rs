//! What a state takes over from other files: own states of before, and the database of the earlier
//! service. Those files are never written.

mod earlier;
mod state;
#[cfg(test)]
mod tests;

use std::path::Path;

use anyhow::{Context, Result, bail};
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;

use super::look::connect_to_read;
use super::open::Store;
use crate::model::Millis;

/// A file that something can be taken from.
#[derive(Debug)]
pub enum Source {
    /// A state of this program, or a lifted copy of one of an earlier version.
    State(Store),
    /// `sync-state.db` of the earlier service.
    Earlier(Connection),
}

/// A project that a state has rows of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Huly's identifier.
    pub identifier: String,
    /// Last success of a pass over it, and last try; our clock. The later pair knows more.
    pub last: (Option<Millis>, Option<Millis>),
}

/// What was taken of one project, or of all of a file.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Seen issues, linked or not.
    pub issues: u64,
    /// Linked pairs among them.
    pub links: u64,
    /// Proven deletions.
    pub tombstones: u64,
    /// Items that wait for a later pass.
    pub pending: u64,
    /// What may have been sent and is not settled.
    pub outbox: u64,
    /// Values that lost, and are kept.
    pub losers: u64,
    /// Letta's agents.
    pub agents: u64,
}

impl std::ops::AddAssign for Taken {
    fn add_assign(&mut self, other: Self) {
        self.issues += other.issues;
        self.links += other.links;
        self.tombstones += other.tombstones;
        self.pending += other.pending;
        self.outbox += other.outbox;
        self.losers += other.losers;
        self.agents += other.agents;
    }
}

/// What came of a project that was to be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What is now in the state.
    pub taken: Taken,
    /// What had to be left, and why: lower-case fragments.
    pub left: Vec<String>,
}

impl Source {
    /// Opens a file, and tells by its tables what it is.
    ///
    /// # Errors
    /// Not there, not to be read, of another program, or of a newer version of this one.
    pub fn open(path: &Path) -> Result<Self> {
        let context = || format!("failed to open {}", path.display());
        let file = path.metadata().with_context(context)?;
        if !file.is_file() || file.len() == 0 {
            let what = if file.is_file() { "is empty" } else { "is no file" };
            bail!("{} {what}", path.display());
        }
        let connection = connect_to_read(path).with_context(context)?.connection;
        let is_earlier = earlier::is_one(&connection).with_context(|| {
            format!("{} is no database that this program can read", path.display())
        })?;
        if is_earlier {
            return Ok(Self::Earlier(connection));
        }
        drop(connection);
        match Store::open_read_only(path)? {
            Some(store) => Ok(Self::State(store)),
            None => bail!("{} is gone", path.display()),
        }
    }

    /// The projects that it has rows of, by identifier.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn projects(&self) -> Result<Vec<Known>> {
        match self {
            Self::State(store) => store.read(known),
            Self::Earlier(connection) => earlier::projects(connection),
        }
    }

    /// Takes over what gives stored values their meaning, where the state has none of its own.
    ///
    /// # Errors
    /// A file cannot be read, or the state not be written.
    pub fn give_meaning(&self, state: &Connection) -> Result<()> {
        match self {
            Self::State(store) => store.read(|source| state::give_meaning(source, state)),
            Self::Earlier(_) => Ok(()),
        }
    }

    /// Takes over a project. What the state had of it is replaced by an own state's rows; the
    /// earlier service's add to it what it lacks.
    ///
    /// # Errors
    /// A file cannot be read, or the state not be written.
    pub fn take(&self, state: &Connection, identifier: &str) -> Result<Outcome> {
        match self {
            Self::State(store) => store.read(|source| state::take(source, state, identifier)),
            Self::Earlier(source) => earlier::take(source, state, identifier),
        }
    }

    /// Adds the values that lost, and the history of changes, to a project that the state has.
    ///
    /// # Errors
    /// A file cannot be read, or the state not be written.
    pub fn add_history(&self, state: &Connection, identifier: &str) -> Result<Taken> {
        match self {
            Self::State(store) => {
                store.read(|source| state::add_history(source, state, identifier))
            }
            Self::Earlier(_) => Ok(Taken::default()),
        }
    }
}

/// The projects that a state has rows of, by identifier.
///
/// # Errors
/// The file cannot be read.
pub fn known(state: &Connection) -> Result<Vec<Known>> {
    let mut statement = state
        .prepare("SELECT identifier, success_ms, tried_ms FROM projects ORDER BY identifier")?;
    let rows = statement.query_map([], |row| {
        Ok(Known { identifier: row.get(0)?, last: (row.get(1)?, row.get(2)?) })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The other project of the state that has this Vibe project.
fn owner(state: &Connection, vibe_id: &str, identifier: &str) -> Result<Option<String>> {
    let sql = "SELECT identifier FROM projects WHERE vibe_id = ?1 AND identifier <> ?2";
    Ok(state.prepare_cached(sql)?.query_row([vibe_id, identifier], |row| row.get(0)).optional()?)
}
