//! Which of the listed items were made by the creates in the outbox.

use std::collections::HashMap;

use crate::model::Side;
use crate::store;
use crate::store::outbox::Kind;
use crate::store::tombstones::Tombstone;
use crate::sync::desk::Desk;
use crate::sync::marker::Marker;
use crate::sync::stage::{DOUBLE, MARKED, key};
use crate::sync::staged::Staged;
use crate::sync::trouble::Result;
use crate::sync::unlinked::seed_after;

use super::source;

/// Issues that have the id which a create in the outbox gives: by the task that they were made from.
fn made_by_id(desk: &Desk<'_>, stones: &[Tombstone]) -> Result<HashMap<u64, usize>> {
    let mut ids: HashMap<u64, &str> = HashMap::new();
    let creates = desk.outbox.iter().filter(|entry| entry.kind == Kind::Create);
    for task in creates.filter(|entry| entry.side == Side::Huly).filter_map(source) {
        let after = stones.iter().filter(|stone| stone.task == task);
        let mut seeds: Vec<String> =
            after.map(|stone| seed_after(task, &stone.identifier)).collect();
        seeds.push(task.to_owned());
        for seed in seeds {
            let Some(id) = desk.pass.huly.id_made_from(&seed)? else { return Ok(HashMap::new()) };
            ids.insert(key(&id), task);
        }
    }
    let mut made = HashMap::new();
    if ids.is_empty() {
        return Ok(made);
    }
    for slot in 0..desk.stage.slots(Side::Huly).len() {
        if desk.stage.has(Side::Huly, slot, DOUBLE) {
            continue;
        }
        let issue = desk.stage.get(Side::Huly, slot)?;
        if let Some(task) = issue.remote_id.as_ref().and_then(|id| ids.get(&key(id)))
            && !has_a_past(desk, stones, Side::Huly, &issue)?
        {
            made.insert(key(task), slot);
        }
    }
    Ok(made)
}

/// Where the staged items are that were made from a source in the outbox, by side and source: as their id
/// says, else as their marker does.
pub(super) fn find_made_items(desk: &Desk<'_>) -> Result<HashMap<(Side, u64), usize>> {
    let mut sources: HashMap<(Side, u64), Option<usize>> = HashMap::new();
    for entry in desk.outbox.iter().filter(|entry| entry.kind == Kind::Create) {
        if let Some(source) = source(entry) {
            sources.insert((entry.side, key(source)), None);
        }
    }
    if sources.is_empty() {
        return Ok(HashMap::new());
    }
    let stones = desk.pass.store.read(|state| store::tombstones::of(state, desk.project.id))?;
    let by_id = made_by_id(desk, &stones)?;
    for side in [Side::Huly, Side::Vibe] {
        if !sources.keys().any(|(wanted, _)| *wanted == side) {
            continue;
        }
        for slot in 0..desk.stage.slots(side).len() {
            if desk.stage.has(side, slot, DOUBLE) || !desk.stage.has(side, slot, MARKED) {
                continue;
            }
            let item = desk.stage.get(side, slot)?;
            let named = match (&item.marker, side) {
                (Some(Marker::Issue(name)), Side::Vibe)
                | (Some(Marker::Task(name)), Side::Huly) => name,
                _ => continue,
            };
            if side == Side::Huly && by_id.contains_key(&key(named)) {
                continue;
            }
            // The oldest is the one that was made by that entry or before it.
            if let Some(found) = sources.get_mut(&(side, key(named))) {
                if has_a_past(desk, &stones, side, &item)? {
                    continue;
                }
                let older = match *found {
                    None => true,
                    Some(other) => item.created < desk.stage.get(side, other)?.created,
                };
                if older {
                    *found = Some(slot);
                }
            }
        }
    }
    for (task, slot) in by_id {
        sources.insert((Side::Huly, task), Some(slot));
    }
    Ok(sources.into_iter().filter_map(|(place, slot)| Some((place, slot?))).collect())
}

/// Whether the item is of an earlier pair: the task of a deleted issue bears the mark of the number
/// that a new issue may have got.
fn has_a_past(desk: &Desk<'_>, stones: &[Tombstone], side: Side, item: &Staged) -> Result<bool> {
    if side == Side::Huly {
        let is_it = |stone: &Tombstone| {
            stone.identifier == item.name
                && stone.created.is_some()
                && stone.created == item.created
        };
        return Ok(stones.iter().any(is_it));
    }
    if stones.iter().any(|stone| stone.task == item.name) {
        return Ok(true);
    }
    let id = desk.project.id;
    let row = desk.pass.store.read(|state| store::issues::by_task(state, id, &item.name))?;
    Ok(row.is_some())
}
