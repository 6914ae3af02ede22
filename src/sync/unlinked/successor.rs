//! Halves that were made anew in the place of one that is gone, by a pass that this state knows nothing
//! of: an old copy of it was put back. Their marks name a half that the state has linked to the one that
//! is gone, so they would be taken for copies, and made a second time.

use std::collections::{HashMap, HashSet};

use crate::huly::Found;
use crate::model::Side;
use crate::store;
use crate::store::issues::Row;
use crate::sync::desk::Desk;
use crate::sync::item::Item;
use crate::sync::marker::Marker;
use crate::sync::plan::Plan;
use crate::sync::stage::{self, MARKED};
use crate::sync::trouble::{Result, Trouble};

use super::{is_free, row_of};

/// Gives each the link of the one in whose place it was made, once that is proven to be gone.
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

/// Issues that name a task whose issue is gone.
fn new_issues(desk: &Desk<'_>, plan: &Plan) -> Result<Vec<Taken>> {
    let id = desk.project.id;
    let mut found: HashMap<String, Taken> = HashMap::new();
    if plan.counts.links == 0 {
        return Ok(Vec::new());
    }
    let without_task = without_task(plan);
    for slot in 0..desk.stage.slots(Side::Huly).len() {
        if !is_free(desk, Side::Huly, slot) || !desk.stage.has(Side::Huly, slot, MARKED) {
            continue;
        }
        let issue = desk.stage.get(Side::Huly, slot)?;
        let Some(Marker::Task(task)) = &issue.marker else { continue };
        let linked = desk.pass.store.read(|state| store::issues::by_task(state, id, task))?;
        let Some(before) = linked.filter(|row| row.identifier != issue.name) else { continue };
        if without_task.contains(&before.id) {
            continue;
        }
        let own = plan.row_of(stage::key(&issue.name));
        let row = Row { id: own, link: before.link, ..row_of(&issue) };
        found.entry(before.identifier).or_insert((Some(before.id), row));
    }
    let names: Vec<&str> = found.keys().map(String::as_str).collect();
    let gone = gone(desk, &names)?;
    Ok(found.into_iter().filter(|(name, _)| gone.contains(name)).map(|(_, taken)| taken).collect())
}

/// Tasks that name an issue whose task is gone.
fn new_tasks(desk: &Desk<'_>, plan: &Plan) -> Result<Vec<Taken>> {
    let id = desk.project.id;
    let mut found: HashMap<String, (String, Row)> = HashMap::new();
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
        let Some(link) = &mut row.link else { continue };
        let before = std::mem::replace(&mut link.task, task.name.clone());
        found.entry(identifier.clone()).or_insert((before, row));
    }
    let names: Vec<&str> = found.keys().map(String::as_str).collect();
    let gone = gone(desk, &names)?;
    let mut taken = Vec::new();
    for (name, (before, row)) in found {
        if !gone.contains(&name) && desk.pass.vibe.read(&before)?.is_none() {
            taken.push((None, row));
        }
    }
    Ok(taken)
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
