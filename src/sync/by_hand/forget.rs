//! Ends a pair whose halves are both there.

use anyhow::Result;
use rusqlite::Connection;

use crate::model::{Hash, Millis, Side};
use crate::store::changes::Change;
use crate::store::issues::{Link, Row};
use crate::store::tombstones::Tombstone;
use crate::store::{self};
use crate::sync::plan;

/// Ends the link of `row`. Their markers would link the two again at once, so each is buried as if
/// the other were gone: until a person edits it, or links it.
///
/// # Errors
/// The file cannot be written.
pub fn forget(state: &Connection, project: i64, row: &Row, link: &Link, now: Millis) -> Result<()> {
    let stone = |gone: Side, print: Hash| Tombstone {
        id: 0,
        identifier: row.identifier.clone(),
        created: row.created,
        task: link.task.clone(),
        gone,
        print,
        at: now,
    };
    // What each showed last: an edit that no pass has seen yet counts as one made afterwards.
    let issue = plan::print(&row.title, row.status.as_deref(), row.text);
    let task = plan::print(&link.task_title, Some(&link.task_status), Some(link.task_text));
    store::tombstones::add(state, project, &stone(Side::Vibe, issue))?;
    store::tombstones::add(state, project, &stone(Side::Huly, task))?;
    let alone = Row { link: None, ..row.clone() };
    store::issues::put(state, project, &alone)?;
    for item in [&row.identifier, &link.task] {
        store::pending::remove(state, project, item)?;
    }
    let change = Change {
        identifier: row.identifier.clone(),
        kind: "parted",
        side: Side::Huly,
        old: None,
        new: None,
        at: now,
    };
    store::changes::add(state, project, &change)
}
