//! Issues whose own id tells from which task they were made, where the backend lets us choose ids. The id
//! outlives the state, the marker, and a move, so it goes before all three.

use std::collections::HashMap;

use crate::model::Side;
use crate::store;
use crate::sync::desk::Desk;
use crate::sync::item::Item;
use crate::sync::marker::Marker;
use crate::sync::plan::small;
use crate::sync::stage::{self, DOUBLE, SETTLED, TAKEN};
use crate::sync::staged::Staged;
use crate::sync::trouble::Result;

use super::is_free;

/// What the id of the issue follows from that a task is made: once from the task alone, after a deletion
/// (its tombstone, else 0) from that, too.
pub(in crate::sync) fn seed_of(desk: &Desk<'_>, task: &str, stone: i64) -> Result<String> {
    let deleted = match stone {
        0 => None,
        id => desk.pass.store.read(|state| store::tombstones::get(state, id))?,
    };
    Ok(deleted.map_or_else(|| task.to_owned(), |stone| seed_after(task, &stone.identifier)))
}

/// The same of a second issue, after the first one was deleted.
pub(in crate::sync) fn seed_after(task: &str, deleted: &str) -> String {
    format!("{task} after {deleted}")
}

/// Whether the issue has the id that a create from this seed gives.
pub(super) fn is_made_from(desk: &Desk<'_>, issue: &Staged, seed: &str) -> Result<bool> {
    let Some(id) = &issue.remote_id else { return Ok(false) };
    Ok(desk.pass.huly.id_made_from(seed)?.is_some_and(|made| made == *id))
}

/// Whether the task's own marker names another issue that is there. A task that was made an issue bears
/// none, unless a person has linked it with another one since.
pub(super) fn names_another(desk: &Desk<'_>, task: &Staged, issue: &str) -> bool {
    match &task.marker {
        Some(Marker::Issue(named)) => {
            named != issue && desk.stage.find(Side::Huly, named).is_some()
        }
        _ => false,
    }
}

/// Unlinked issues that were made from an unlinked task: the issue's slot by the task's key. A task
/// whose issue shares its identifier with another is taken: nothing is done with the two.
pub(super) fn by_id(desk: &mut Desk<'_>) -> Result<HashMap<u64, u32>> {
    let mut tasks: HashMap<u64, u32> = HashMap::new();
    if desk.stage.slots(Side::Huly).is_empty() {
        return Ok(HashMap::new());
    }
    for slot in 0..desk.stage.slots(Side::Vibe).len() {
        if !is_free(desk, Side::Vibe, slot) {
            continue;
        }
        let task = desk.stage.get(Side::Vibe, slot)?.name;
        let Some(id) = desk.pass.huly.id_made_from(&task)? else { return Ok(HashMap::new()) };
        tasks.insert(stage::key(&id), small(slot));
    }
    let mut made = HashMap::new();
    if tasks.is_empty() {
        return Ok(made);
    }
    for slot in 0..desk.stage.slots(Side::Huly).len() {
        if desk.stage.has(Side::Huly, slot, TAKEN | SETTLED) {
            continue;
        }
        let issue = desk.stage.get(Side::Huly, slot)?;
        let found = issue.remote_id.as_deref().and_then(|id| tasks.get(&stage::key(id)));
        let Some(&at) = found else { continue };
        let task = desk.stage.get(Side::Vibe, at as usize)?;
        if names_another(desk, &task, &issue.name) || !is_made_from(desk, &issue, &task.name)? {
            continue;
        }
        if desk.stage.has(Side::Huly, slot, DOUBLE) {
            desk.stage.set(Side::Vibe, at as usize, TAKEN);
        } else {
            made.insert(stage::key(&task.name), small(slot));
        }
    }
    Ok(made)
}

/// Of tasks that are to become issues, those whose issue is in another project: a person moved it there
/// before this state knew of it.
pub(super) fn find_elsewhere(desk: &Desk<'_>, items: &mut [Item]) -> Result<()> {
    let mut ids = HashMap::new();
    for (place, item) in items.iter().enumerate() {
        let Item::NewIssue { task, stone } = *item else { continue };
        let seed = seed_of(desk, &desk.stage.get(Side::Vibe, task as usize)?.name, stone)?;
        let Some(id) = desk.pass.huly.id_made_from(&seed)? else { return Ok(()) };
        ids.insert(id, place);
    }
    if ids.is_empty() {
        return Ok(());
    }
    let asked: Vec<&str> = ids.keys().map(String::as_str).collect();
    for id in desk.pass.huly.elsewhere(&desk.project.identifier, &asked)?.keys() {
        if let Some(item) = ids.get(id).and_then(|&place| items.get_mut(place))
            && let Item::NewIssue { task, stone } = *item
        {
            *item = Item::IssueElsewhere { task, stone };
        }
    }
    Ok(())
}
