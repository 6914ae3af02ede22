//! Halves that stand in the place of one that is gone, unknown to this state: an old copy of it was put
//! back, items were imported under new ids, a copy outlived its original. Their markers name a half that
//! the state has linked to the one that is gone, so they would be taken for copies, and created a second
//! time.
//!
//! Which of these it was cannot be told, so a successor inherits the place and nothing else. It has no base:
//! the pair is one at first sight, where what differs is a conflict, and the losing value is kept.

use std::collections::{HashMap, HashSet};

use crate::huly::Found;
use crate::model::{Millis, Side};
use crate::store;
use crate::store::issues::{Base, Link, Row};
use crate::sync::blank;
use crate::sync::desk::Desk;
use crate::sync::item::Item;
use crate::sync::made::link_of;
use crate::sync::marker::Marker;
use crate::sync::plan::Plan;
use crate::sync::stage::{self, MARKED};
use crate::sync::trouble::{Result, Trouble};

use super::made_from::{self, seed_after};
use super::{is_free, row_of};

/// Links each with the half that is left, once the one in whose place it stands is proven to be gone.
///
/// # Errors
/// `NeedsFull` where that was done: the plan is made from other links.
pub(super) fn take_over(desk: &Desk<'_>, plan: &Plan) -> Result<()> {
    let mut links = new_issues(desk, plan)?;
    links.extend(new_tasks(desk, plan)?);
    if links.is_empty() {
        return Ok(());
    }
    let id = desk.project.id;
    desk.pass.store.write(|state| {
        for (gone, row) in &links {
            if let Some(gone) = gone {
                store::issues::remove(state, *gone)?;
            }
            store::issues::put(state, id, row)?;
        }
        store::projects::set_dirty(state, id, true)
    })?;
    Err(Trouble::NeedsFull)
}

/// The rows whose task is not listed any more.
fn without_task(plan: &Plan) -> HashSet<i64> {
    let gone = |item: &Item| match *item {
        Item::TaskGone { row, .. } => Some(row),
        _ => None,
    };
    plan.items.iter().filter_map(gone).collect()
}

/// The row to remove, and the one to put there.
type Taken = (Option<i64>, Row);

/// Which of several successors it is: the issue whose id says that it was made from the task, else the
/// oldest.
type Rank = (bool, Millis, String);

/// Keeps the successor of the better rank.
fn keep_first<T>(found: &mut HashMap<String, (Rank, T)>, of: String, rank: Rank, taken: T) {
    if found.get(&of).is_none_or(|(kept, _)| rank < *kept) {
        found.insert(of, (rank, taken));
    }
}

/// Which task an issue was made from, by the key of its id, where the issue that the state knows is not
/// listed any more.
fn by_id(desk: &Desk<'_>, plan: &Plan) -> Result<HashMap<u64, String>> {
    let mut tasks = HashMap::new();
    for item in &plan.items {
        let Item::IssueGone { row, .. } = *item else { continue };
        let Some(row) = desk.pass.store.read(|state| store::issues::get(state, row))? else {
            continue;
        };
        let Some(Link { task, .. }) = row.link else { continue };
        for seed in [seed_after(&task, &row.identifier), task.clone()] {
            let Some(id) = desk.pass.huly.id_made_from(&seed)? else { return Ok(HashMap::new()) };
            tasks.insert(stage::key(&id), task.clone());
        }
    }
    Ok(tasks)
}

/// Issues that were made from a task whose issue is gone, or name it.
fn new_issues(desk: &Desk<'_>, plan: &Plan) -> Result<Vec<Taken>> {
    let id = desk.project.id;
    let mut found = HashMap::new();
    if plan.counts.links == 0 {
        return Ok(Vec::new());
    }
    let without_task = without_task(plan);
    let tasks = by_id(desk, plan)?;
    for slot in 0..desk.stage.slots(Side::Huly).len() {
        let is_marked = desk.stage.has(Side::Huly, slot, MARKED);
        if !is_free(desk, Side::Huly, slot) || !is_marked && tasks.is_empty() {
            continue;
        }
        let issue = desk.stage.get(Side::Huly, slot)?;
        let told = issue.remote_id.as_ref().and_then(|id| tasks.get(&stage::key(id)));
        let task = match (told, &issue.marker) {
            (Some(task), _) | (None, Some(Marker::Task(task))) => task,
            _ => continue,
        };
        let linked = desk.pass.store.read(|state| store::issues::by_task(state, id, task))?;
        let Some(before) = linked.filter(|row| row.identifier != issue.name) else { continue };
        if without_task.contains(&before.id) {
            continue;
        }
        let Some(link) = before.link else { continue };
        let seed = seed_after(&link.task, &before.identifier);
        let is_made_from = made_from::is_made_from(desk, &issue, &link.task)?
            || made_from::is_made_from(desk, &issue, &seed)?;
        let rank = (!is_made_from, issue.created.unwrap_or(Millis::MAX), issue.name.clone());
        let own = plan.row_of(stage::key(&issue.name));
        let mut row = Row { id: own, ..row_of(&issue) };
        blank::leave_unproven(desk, &mut row);
        row.link = Some(without_base(Link { marked: Side::Huly, ..link }));
        keep_first(&mut found, before.identifier, rank, (Some(before.id), row));
    }
    let names: Vec<&str> = found.keys().map(String::as_str).collect();
    let gone = gone(desk, &names)?;
    Ok(found
        .into_iter()
        .filter(|(name, _)| gone.contains(name))
        .map(|(_, (_, taken))| taken)
        .collect())
}

/// Tasks that name an issue whose task is gone.
fn new_tasks(desk: &Desk<'_>, plan: &Plan) -> Result<Vec<Taken>> {
    let id = desk.project.id;
    let mut found = HashMap::new();
    let without_task = without_task(plan);
    if without_task.is_empty() {
        return Ok(Vec::new());
    }
    for slot in 0..desk.stage.slots(Side::Vibe).len() {
        if !is_free(desk, Side::Vibe, slot) || !desk.stage.has(Side::Vibe, slot, MARKED) {
            continue;
        }
        let task = desk.stage.get(Side::Vibe, slot)?;
        let Some(Marker::Issue(identifier)) = &task.marker else { continue };
        let known =
            desk.pass.store.read(|state| store::issues::by_identifier(state, id, identifier))?;
        let Some(mut row) = known else { continue };
        if !without_task.contains(&row.id) {
            continue;
        }
        let Some(before) = row.link.replace(link_of(&task, Side::Vibe)) else { continue };
        let rank = (false, task.created.unwrap_or(Millis::MAX), task.name.clone());
        keep_first(&mut found, identifier.clone(), rank, (before.task, row));
    }
    let names: Vec<&str> = found.keys().map(String::as_str).collect();
    let gone = gone(desk, &names)?;
    let mut taken = Vec::new();
    for (name, (_, (before, row))) in found {
        if !gone.contains(&name) && desk.pass.vibe.read(&before)?.is_none() {
            taken.push((None, row));
        }
    }
    Ok(taken)
}

/// The link of two halves that never agreed: what the half that is gone agreed to says nothing of the one
/// in its place.
fn without_base(link: Link) -> Link {
    Link { huly: Base::default(), vibe: Base::default(), ..link }
}

/// Those of the issues that are surely gone, and where their project answers.
fn gone(desk: &Desk<'_>, names: &[&str]) -> Result<Vec<String>> {
    let mut gone = Vec::new();
    if names.is_empty() {
        return Ok(gone);
    }
    desk.pass.huly.read(names, &mut |found| {
        if let Found::Gone(name) = found {
            gone.push(name);
        }
        Ok(())
    })?;
    if !gone.is_empty() {
        desk.pass.huly.confirm(&desk.project.identifier, desk.pass.now)?;
    }
    Ok(gone)
}
