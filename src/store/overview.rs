//! How things stand, for `stats`.

use anyhow::Result;
use rusqlite::{Connection, params};
use serde::Serialize;

use super::runs::{self, Run};
use super::sums::{self, Sums};
use super::{Store, losers};
use crate::model::Millis;

/// Pending items that are named; the others are counted.
const NAMED: u32 = 200;

/// How things stand.
#[derive(Debug, Serialize)]
pub struct Overview {
    /// The last runs, newest first.
    pub runs: Vec<Run>,
    /// The last pass over all projects, whatever ran since; where there is none, the last over some.
    pub last_pass: Option<Run>,
    /// The last push to Letta that was a command of its own.
    pub last_push: Option<Run>,
    /// When such a pass last ended with exit code 0; our clock.
    pub last_success: Option<Millis>,
    /// Over all passes, those that are pruned too.
    pub sums: Sums,
    /// By identifier.
    pub projects: Vec<Project>,
    /// Seen issues.
    pub issues: u64,
    /// Linked pairs.
    pub links: u64,
    /// Proven deletions.
    pub tombstones: u64,
    /// Values that lost and that nobody has acknowledged.
    pub open_conflicts: u64,
    /// The items that wait longest.
    pub pending: Vec<Pending>,
    /// All that wait.
    pub pending_total: u64,
    /// The state file.
    pub file: File,
}

/// One project.
#[derive(Debug, Serialize)]
pub struct Project {
    /// Huly's identifier.
    pub identifier: String,
    /// Its other half.
    pub vibe_id: Option<String>,
    /// Last end of a pass over it; our clock.
    pub success: Option<Millis>,
    /// How the last try ended.
    pub outcome: Option<String>,
    /// Why it did not go well.
    pub message: Option<String>,
    /// Seen issues.
    pub issues: u64,
    /// Linked pairs.
    pub links: u64,
    /// Items that wait.
    pub pending: u64,
    /// Pairs with a change that may not cross, or has not crossed yet.
    pub drift: u64,
}

/// One item that waits.
#[derive(Debug, Serialize)]
pub struct Pending {
    /// Huly's identifier of the project.
    pub project: String,
    /// The issue's identifier, or the task's id where there is no issue yet.
    pub item: String,
    /// Why.
    pub reason: String,
    /// Since when; our clock.
    pub since: Millis,
    /// What was said.
    pub message: String,
}

/// The state file.
#[derive(Debug, Serialize)]
pub struct File {
    /// Its size.
    pub bytes: u64,
    /// Of it, free.
    pub free_bytes: u64,
}

impl Overview {
    /// Reads it; conflicts since `since` are open.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(store: &Store, last_runs: u32, since: Millis) -> Result<Self> {
        store.read(|state| {
            let count =
                |sql: &str| -> Result<u64> { Ok(state.query_row(sql, [], |row| row.get(0))?) };
            let pragma = |name: &str| -> Result<u64> {
                Ok(state.pragma_query_value(None, name, |row| row.get(0))?)
            };
            let page = pragma("page_size")?;
            Ok(Self {
                runs: runs::last(state, last_runs)?,
                last_pass: runs::last_pass(state)?,
                last_push: runs::last_of(state, "letta-push")?,
                last_success: runs::last_success(state)?,
                sums: sums(state)?,
                projects: projects(state)?,
                issues: count("SELECT count(*) FROM issues")?,
                links: count("SELECT count(*) FROM issues WHERE task IS NOT NULL")?,
                tombstones: count("SELECT count(*) FROM tombstones")?,
                open_conflicts: losers::count_open(state, since)?,
                pending: pending(state)?,
                pending_total: count("SELECT count(*) FROM pending")?,
                file: File {
                    bytes: page * pragma("page_count")?,
                    free_bytes: page * pragma("freelist_count")?,
                },
            })
        })
    }

    /// The same with a run that is not in the history.
    #[must_use]
    pub fn with(mut self, run: Run) -> Self {
        match run.command.as_str() {
            "letta-push" => self.last_push = Some(run),
            runs::PASS => self.last_pass = Some(run),
            _ if self.last_pass.as_ref().is_none_or(|last| last.command != runs::PASS) => {
                self.last_pass = Some(run);
            }
            _ => {}
        }
        self
    }

    /// The project that waited longest for a pass to come to its end.
    #[must_use]
    pub fn longest_waiting(&self) -> Option<&Project> {
        self.projects
            .iter()
            .filter(|project| project.vibe_id.is_some())
            .min_by_key(|project| project.success)
    }
}

fn sums(state: &Connection) -> Result<Sums> {
    let sql = format!("SELECT {} FROM runs WHERE command LIKE 'sync%'", sums::COLUMNS);
    let mut all = state.query_row(&sql, [], sums::from_row)?;
    all += sums::pruned(state)?;
    Ok(all)
}

fn projects(state: &Connection) -> Result<Vec<Project>> {
    let mut statement = state.prepare(
        "SELECT identifier, vibe_id, success_ms, outcome, message,
             (SELECT count(*) FROM issues WHERE project = projects.id),
             (SELECT count(*) FROM issues WHERE project = projects.id AND task IS NOT NULL),
             (SELECT count(*) FROM pending WHERE project = projects.id),
             (SELECT count(*) FROM issues WHERE project = projects.id AND task IS NOT NULL AND
                 (task_title IS NOT base_v_title OR task_status IS NOT base_v_status
                  OR task_text IS NOT base_v_text OR issues.title IS NOT base_h_title
                  OR status IS NOT base_h_status OR text IS NOT base_h_text))
         FROM projects ORDER BY identifier",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Project {
            identifier: row.get(0)?,
            vibe_id: row.get(1)?,
            success: row.get(2)?,
            outcome: row.get(3)?,
            message: row.get(4)?,
            issues: row.get(5)?,
            links: row.get(6)?,
            pending: row.get(7)?,
            drift: row.get(8)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn pending(state: &Connection) -> Result<Vec<Pending>> {
    let mut statement = state.prepare(
        "SELECT projects.identifier, item, reason, since_ms, pending.message
         FROM pending JOIN projects ON projects.id = project ORDER BY since_ms LIMIT ?1",
    )?;
    let rows = statement.query_map(params![NAMED], |row| {
        Ok(Pending {
            project: row.get(0)?,
            item: row.get(1)?,
            reason: row.get(2)?,
            since: row.get(3)?,
            message: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
