//! What the state says of a board.

use anyhow::Result;
use rusqlite::Connection;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::blocks::{self, Board, Facts, KINDS};
use crate::config::Config;
use crate::model::Millis;
use crate::store;
use crate::store::projects::Project;
use crate::sync::status::Vocabulary;

/// Moves when the blocks say something else of the same board.
const FORM: u32 = 1;

/// A described board.
#[derive(Debug, Clone)]
pub struct Description {
    /// What each of [`KINDS`] says, at any length.
    pub values: [Value; KINDS.len()],
    /// When it will say something else, if nothing changes but the time; our clock.
    pub until: Millis,
}

/// Describes a project. Its issues pass by one at a time: none is kept but those that are told.
///
/// # Errors
/// The file cannot be read.
pub fn describe(
    state: &Connection,
    project: &Project,
    config: &Config,
    now: Millis,
) -> Result<Description> {
    let words = words(state, project)?;
    let facts = Facts {
        project,
        words: &words,
        config,
        changes: &store::changes::last(state, project.id, blocks::CHANGES)?,
        lost: &store::losers::last(state, project.id, blocks::CHANGES)?,
        now,
    };
    let mut board = Board::new(facts);
    store::issues::cards(state, project.id, |card| board.take(card))?;
    let until = board.until();
    Ok(Description { values: board.values(), until })
}

/// The sha-256 of all that a description is made from, but for the time: as long as it is the same,
/// nobody has to look through the issues.
///
/// # Errors
/// The file cannot be read.
pub(super) fn source(state: &Connection, project: &Project, config: &Config) -> Result<[u8; 32]> {
    let words = words(state, project)?;
    let rules = blocks::rules(project, config, &words);
    let (version, revision) = (env!("CARGO_PKG_VERSION"), project.revision);
    let text = format!("{version} {FORM} {revision} {rules} {words:?} {:?}", config.status);
    Ok(Sha256::digest(text.as_bytes()).into())
}

fn words(state: &Connection, project: &Project) -> Result<Vocabulary> {
    let statuses = store::statuses::of(state, project.id)?;
    Ok(Vocabulary { statuses, complete: project.statuses_complete, asks_again: false })
}
