//! All that the state knows of one item, over all tables.

use anyhow::Result;
use rusqlite::{Connection, Row as Sql, params};
use serde::Serialize;

use crate::model::{Millis, Side};

use super::issues::Row;
use super::losers::Kind;
use super::outbox::Entry;
use super::pending::Pending;
use super::projects::{self, Project};
use super::tombstones::Tombstone;
use super::{issues, outbox, pending, tombstones};

/// Where an item stands: its project, and the names of its halves as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The project's row.
    pub project: i64,
    /// The issue.
    pub identifier: Option<String>,
    /// The task.
    pub task: Option<String>,
}

/// A conflict without its values: those are as long as they like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// As of `conflicts show`.
    pub id: i64,
    /// `title`, `status` or `description`.
    pub field: String,
    /// How a value lost.
    pub kind: Kind,
    /// Whose value stood then.
    pub winner: Side,
    /// When; our clock.
    pub at: Millis,
    /// When a person said that it was seen to.
    pub acked: Option<Millis>,
}

/// A change that was carried across.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// As of [`changes::Change`](super::changes::Change).
    pub kind: String,
    /// Where it came from.
    pub side: Side,
    /// A title or a status.
    pub old: Option<String>,
    /// A title or a status.
    pub new: Option<String>,
    /// When; our clock.
    pub at: Millis,
}

/// Something that was said once of the item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// `surplus`, `orphan`, `read-only`.
    pub kind: String,
    /// When; our clock.
    pub at: Millis,
}

/// What is known of an item.
#[derive(Debug)]
pub struct Known {
    /// Its project.
    pub project: Project,
    /// The issue.
    pub identifier: Option<String>,
    /// The task.
    pub task: Option<String>,
    /// The issue as last seen, with its link.
    pub row: Option<Row>,
    /// Why it is looked at again, by the name that it waits under.
    pub pending: Vec<(String, Pending)>,
    /// Why it stays without another half.
    pub tombstones: Vec<Tombstone>,
    /// What was sent and is not settled.
    pub outbox: Vec<Entry>,
    /// Newest first.
    pub conflicts: Vec<Conflict>,
    /// Newest first.
    pub changes: Vec<Change>,
    /// Newest first.
    pub said: Vec<Said>,
}

/// What ids of tasks look like.
const TASK_ID: &str = "'????????-????-????-????-????????????'";

/// The items that people mean by an identifier or a task's id: the one of exactly that name, else all
/// whose names differ in case alone.
///
/// # Errors
/// The file cannot be read.
pub fn find(connection: &Connection, name: &str) -> Result<Vec<Place>> {
    // What has a row first: the other tables may remember earlier pairs of the same halves.
    // Letters that are not ASCII's have one case in Huly's identifiers.
    let capitals = name.to_uppercase();
    for (collation, name) in [("BINARY", name), ("NOCASE", name), ("BINARY", &capitals)] {
        for tables in [&["issues"][..], &["tombstones", "outbox"], &["pending", "said"]] {
            let found = places(connection, tables, collation, name)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
    }
    Ok(Vec::new())
}

fn places(
    connection: &Connection,
    tables: &[&str],
    collation: &str,
    name: &str,
) -> Result<Vec<Place>> {
    let parts: Vec<String> = tables
        .iter()
        .map(|table| match *table {
            // One name, which is either half's: a task's is a UUID.
            "pending" | "said" => format!(
                "SELECT project, CASE WHEN item GLOB {TASK_ID} THEN NULL ELSE item END,
                     CASE WHEN item GLOB {TASK_ID} THEN item END
                 FROM {table} WHERE item = ?1 COLLATE {collation}"
            ),
            _ => format!(
                "SELECT project, identifier, task FROM {table}
                 WHERE identifier = ?1 COLLATE {collation} OR task = ?1 COLLATE {collation}"
            ),
        })
        .collect();
    let mut statement = connection.prepare(&parts.join(" UNION "))?;
    let rows = statement.query_map([name], |row| {
        Ok(Place { project: row.get(0)?, identifier: row.get(1)?, task: row.get(2)? })
    })?;
    let mut found = rows.collect::<rusqlite::Result<Vec<Place>>>()?;
    if tables != ["issues"] {
        // Two halves that are no pair: the one that is meant has a life of its own.
        for place in &mut found {
            let is_issue =
                place.identifier.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(name));
            if is_issue { place.task = None } else { place.identifier = None }
        }
        found.dedup();
    }
    Ok(found)
}

/// All that is known of the item at that place, with its last `changes` changes.
///
/// # Errors
/// The file cannot be read.
pub fn of(connection: &Connection, place: &Place, changes: u32) -> Result<Option<Known>> {
    let all = projects::all(connection)?;
    let Some(project) = all.into_iter().find(|project| project.id == place.project) else {
        return Ok(None);
    };
    let id = project.id;
    let row = match (&place.identifier, &place.task) {
        (Some(identifier), _) => issues::by_identifier(connection, id, identifier)?,
        (None, Some(task)) => issues::by_task(connection, id, task)?,
        (None, None) => None,
    };
    let identifier =
        row.as_ref().map(|row| row.identifier.clone()).or_else(|| place.identifier.clone());
    let linked = row.as_ref().and_then(|row| row.link.as_ref()).map(|link| link.task.clone());
    let task = linked.or_else(|| place.task.clone());
    let is_it = |name: Option<&str>| {
        name.is_some() && (name == identifier.as_deref() || name == task.as_deref())
    };
    let mut waits: Vec<(String, Pending)> =
        pending::of(connection, id)?.into_iter().filter(|(item, _)| is_it(Some(item))).collect();
    waits.sort_by(|one, other| one.0.cmp(&other.0));
    let mut stones = tombstones::of(connection, id)?;
    stones.retain(|stone| is_it(Some(&stone.identifier)) || is_it(Some(&stone.task)));
    let mut sent = outbox::of(connection, id)?;
    sent.retain(|entry| is_it(entry.identifier.as_deref()) || is_it(entry.task.as_deref()));
    let name = identifier.clone().unwrap_or_default();
    let other = task.clone().unwrap_or_default();
    Ok(Some(Known {
        pending: waits,
        tombstones: stones,
        outbox: sent,
        conflicts: conflicts(connection, id, &name, &other)?,
        changes: last(connection, id, &name, changes)?,
        said: said(connection, id, &name, &other)?,
        project,
        identifier,
        task,
        row,
    }))
}

fn conflicts(
    connection: &Connection,
    project: i64,
    issue: &str,
    task: &str,
) -> Result<Vec<Conflict>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, field, kind, winner, at_ms, acked_ms FROM losers
         WHERE project = ?1 AND (identifier = ?2 OR task = ?3) ORDER BY at_ms DESC, id DESC",
    )?;
    let rows = statement.query_map(params![project, issue, task], |row| {
        Ok(Conflict {
            id: row.get(0)?,
            field: row.get(1)?,
            kind: row.get(2)?,
            winner: row.get(3)?,
            at: row.get(4)?,
            acked: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn last(connection: &Connection, project: i64, issue: &str, count: u32) -> Result<Vec<Change>> {
    let mut statement = connection.prepare_cached(
        "SELECT kind, side, old, new, at_ms FROM changes WHERE project = ?1 AND identifier = ?2
         ORDER BY at_ms DESC, id DESC LIMIT ?3",
    )?;
    let change = |row: &Sql<'_>| {
        Ok(Change {
            kind: row.get(0)?,
            side: row.get(1)?,
            old: row.get(2)?,
            new: row.get(3)?,
            at: row.get(4)?,
        })
    };
    let rows = statement.query_map(params![project, issue, count], change)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn said(connection: &Connection, project: i64, issue: &str, task: &str) -> Result<Vec<Said>> {
    let mut statement = connection.prepare_cached(
        "SELECT kind, at_ms FROM said WHERE project = ?1 AND (item = ?2 OR item = ?3)
         ORDER BY at_ms DESC, kind",
    )?;
    let rows = statement.query_map(params![project, issue, task], |row| {
        Ok(Said { kind: row.get(0)?, at: row.get(1)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
