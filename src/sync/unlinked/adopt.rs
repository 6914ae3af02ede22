//! Links items that belong together by their markers, or by their titles where that was asked for.

use std::collections::{HashMap, HashSet};

use crate::model::{Millis, Side};
use crate::report::{Mode, quoted};
use crate::store;
use crate::store::issues::{Base, Row};
use crate::sync::blank;
use crate::sync::desk::Desk;
use crate::sync::halves::Pair;
use crate::sync::item::Item;
use crate::sync::made::link_of;
use crate::sync::marker::{self, Marker};
use crate::sync::merge::{self, Step};
use crate::sync::plan::{self, Plan, small};
use crate::sync::stage::{self, DOUBLE, MARKED, SETTLED, TAKEN};
use crate::sync::staged::Staged;
use crate::sync::trouble::Result;
use crate::sync::view;

use super::made_from;
use super::stones::{self, bury};
use super::{APART_MS, is_free};

/// A task that says which issue it was made from.
#[derive(Debug, Clone, Copy)]
struct Claim {
    issue: u64,
    /// Whether the issue's own marker names this very task.
    named: bool,
    created: Option<Millis>,
    task: u32,
    /// Whose text bears the marker. The task's own says more than the issue's.
    marked: Side,
}

/// Which unlinked task an unlinked issue was made from, by the task's key: as its id says, else as its
/// marker does. Of several issues (copies) the one that the task names back counts, else the oldest.
pub(super) fn named_tasks(desk: &mut Desk<'_>) -> Result<HashMap<u64, (Option<Millis>, u32)>> {
    let by_id = made_from::by_id(desk)?;
    let told: HashSet<u32> = by_id.values().copied().collect();
    let mut named: HashMap<u64, (Option<Millis>, u32)> =
        by_id.iter().map(|(&task, &issue)| (task, (None, issue))).collect();
    for slot in 0..desk.stage.slots(Side::Huly).len() {
        if !is_free(desk, Side::Huly, slot)
            || !desk.stage.has(Side::Huly, slot, MARKED)
            || told.contains(&small(slot))
        {
            continue;
        }
        let issue = desk.stage.get(Side::Huly, slot)?;
        let Some(Marker::Task(task)) = &issue.marker else { continue };
        if by_id.contains_key(&stage::key(task)) {
            continue;
        }
        let Some(at) = desk.stage.find(Side::Vibe, task) else { continue };
        if !is_free(desk, Side::Vibe, at) {
            continue;
        }
        if made_from::names_another(desk, &desk.stage.get(Side::Vibe, at)?, &issue.name) {
            continue;
        }
        let mine = (issue.created, small(slot));
        let kept = named.entry(stage::key(task)).or_insert(mine);
        if mine.0.unwrap_or(Millis::MAX) < kept.0.unwrap_or(Millis::MAX) {
            *kept = mine;
        }
    }
    Ok(named)
}

/// Links what belongs together by markers; the tasks that come too late are surplus.
pub(super) fn adopt(
    desk: &mut Desk<'_>,
    plan: &mut Plan,
    named: &HashMap<u64, (Option<Millis>, u32)>,
) -> Result<()> {
    let tasks = desk.stage.slots(Side::Vibe).len();
    let is_claim =
        |&slot: &usize| is_free(desk, Side::Vibe, slot) && desk.stage.has(Side::Vibe, slot, MARKED);
    // Exactly: in a first pass this and the plan are as long as the board.
    let mut claims: Vec<Claim> = Vec::with_capacity((0..tasks).filter(is_claim).count());
    for slot in 0..tasks {
        if !is_free(desk, Side::Vibe, slot) {
            continue;
        }
        let task = desk.stage.get(Side::Vibe, slot)?;
        if bury(desk, plan, Side::Vibe, slot, &task)? {
            continue;
        }
        if let Some(&(_, issue)) = named.get(&stage::key(&task.name)) {
            let issue = desk.stage.slots(Side::Huly)[issue as usize].key;
            let marked = match task.marker {
                Some(Marker::Issue(_)) => Side::Vibe,
                _ => Side::Huly,
            };
            let (created, task) = (task.created, small(slot));
            claims.push(Claim { issue, named: true, created, task, marked });
        } else if let Some(row) = known_issue(desk, plan, &task)? {
            if row.link.is_some() {
                surplus(desk, slot, &row.identifier)?;
                continue;
            }
            let issue = stage::key(&row.identifier);
            let (created, task) = (task.created, small(slot));
            claims.push(Claim { issue, named: true, created, task, marked: Side::Huly });
        } else if let Some(Marker::Issue(identifier)) = &task.marker
            && let Some(claim) = claim(desk, plan, slot, &task, identifier)?
        {
            claims.push(claim);
        }
    }
    // The one that the issue names, else the oldest, is the task; the rest is surplus.
    claims.sort_unstable_by_key(|claim| {
        (claim.issue, !claim.named, claim.created.unwrap_or(Millis::MAX), claim.task)
    });
    plan.items.reserve_exact(claims.len());
    let mut last = None;
    for claim in claims {
        if last.replace(claim.issue) == Some(claim.issue) {
            surplus(desk, claim.task as usize, "")?;
        } else {
            link(desk, plan, claim)?;
        }
    }
    Ok(())
}

/// Whether the task's marker names an issue that it may be linked to; says so where it does not.
fn claim(
    desk: &mut Desk<'_>,
    plan: &Plan,
    slot: usize,
    task: &Staged,
    identifier: &str,
) -> Result<Option<Claim>> {
    let key = stage::key(identifier);
    let staged = desk.stage.find(Side::Huly, identifier);
    if staged.is_some_and(|at| desk.stage.has(Side::Huly, at, DOUBLE)) {
        desk.stage.set(Side::Vibe, slot, TAKEN);
        return Ok(None);
    }
    let free = staged.filter(|&at| is_free(desk, Side::Huly, at));
    let row = plan.row_of(key);
    if free.is_none() && row == 0 {
        let id = desk.project.id;
        let known =
            desk.pass.store.read(|state| store::issues::by_identifier(state, id, identifier))?;
        if known.is_some_and(|row| row.link.is_some()) {
            surplus(desk, slot, identifier)?;
        } else {
            orphan(desk, slot, task, identifier);
        }
        return Ok(None);
    }
    let created = match free {
        Some(at) => desk.stage.get(Side::Huly, at)?.created,
        None => desk
            .pass
            .store
            .read(|state| store::issues::get(state, row))?
            .and_then(|row| row.created),
    };
    let buried = stones::about(desk, plan, Side::Huly, identifier)?
        .iter()
        .any(|stone| stone.created == created || created.is_none());
    // The bridge gives the number of a deleted issue out again.
    let too_old = match (task.created, created) {
        (Some(task), Some(issue)) => task.saturating_add(APART_MS) < issue,
        _ => false,
    };
    if buried {
        surplus(desk, slot, identifier)?;
        return Ok(None);
    }
    if too_old && desk.abilities().identifiers_return {
        orphan(desk, slot, task, identifier);
        return Ok(None);
    }
    let (created, task) = (task.created, small(slot));
    Ok(Some(Claim { issue: key, named: false, created, task, marked: Side::Vibe }))
}

/// The issue made from a task, where no list of this pass showed it and the state knows it.
fn known_issue(desk: &Desk<'_>, plan: &Plan, task: &Staged) -> Result<Option<Row>> {
    let Some(id) = desk.pass.huly.id_made_from(&task.name)?.filter(|_| desk.has_rows) else {
        return Ok(None);
    };
    let project = desk.project.id;
    let (row, named) = desk.pass.store.read(|state| {
        let named = match &task.marker {
            Some(Marker::Issue(named)) => store::issues::by_identifier(state, project, named)?,
            _ => None,
        };
        Ok((store::issues::by_remote_id(state, project, &id)?, named))
    })?;
    let Some(row) = row else { return Ok(None) };
    if named.is_some_and(|named| named.id != row.id)
        || made_from::names_another(desk, task, &row.identifier)
    {
        return Ok(None);
    }
    // One that a full list lacks is forgotten, and one that a list shows was looked at.
    let counts = row.link.is_some() || plan.row_of(stage::key(&row.identifier)) != 0;
    Ok(counts.then_some(row))
}

/// A task whose issue has another task: reported once, and left alone for good.
fn surplus(desk: &mut Desk<'_>, slot: usize, issue: &str) -> Result<()> {
    let task = desk.stage.get(Side::Vibe, slot)?;
    desk.stage.set(Side::Vibe, slot, SETTLED);
    let message = match &task.marker {
        Some(Marker::Issue(name)) => format!(
            "task {} {} bears the mark of {name}, which has another task: it is left alone",
            task.name,
            quoted(&task.title)
        ),
        _ => format!(
            "task {} {} was made {issue}, which has another task now: it is left alone",
            task.name,
            quoted(&task.title)
        ),
    };
    desk.say_once("surplus", &task.name, message);
    Ok(())
}

/// A task whose issue is not there. In an incremental pass it may just not be listed yet.
fn orphan(desk: &mut Desk<'_>, slot: usize, task: &Staged, identifier: &str) {
    let prefix = marker::project_of(identifier).unwrap_or_default();
    if desk.mode == Mode::Incremental && prefix == desk.project.identifier {
        desk.stage.set(Side::Vibe, slot, TAKEN);
        return;
    }
    desk.stage.set(Side::Vibe, slot, SETTLED);
    let message = format!(
        "task {} {} bears the mark of {identifier}, which is not there (any more): it is left \
         alone; take the mark away to make it an issue",
        task.name,
        quoted(&task.title)
    );
    desk.say_once("orphan", &task.name, message);
}

fn link(desk: &mut Desk<'_>, plan: &mut Plan, claim: Claim) -> Result<()> {
    let issue = desk.stage.find_key(Side::Huly, claim.issue);
    let task = claim.task as usize;
    desk.stage.set(Side::Vibe, task, TAKEN);
    if let Some(slot) = issue {
        desk.stage.set(Side::Huly, slot, TAKEN);
    }
    let row = plan.row_of(claim.issue);
    adopted(desk, plan, row, issue, task, claim.marked)
}

fn adopted(
    desk: &mut Desk<'_>,
    plan: &mut Plan,
    row: i64,
    issue: Option<usize>,
    task: usize,
    marked: Side,
) -> Result<()> {
    let (writes, overwrites) = if row == 0 && is_equal(desk, issue, task)? {
        (false, false)
    } else {
        let pair = adoption(desk, row, issue, task, marked)?;
        plan::weigh(desk, &pair)
    };
    plan.items.push(Item::Adopt {
        row,
        issue: issue.map(small),
        task: small(task),
        marked,
        writes,
        overwrites,
    });
    Ok(())
}

/// Whether two items that were never seen before show the same, as almost all do after a lost state:
/// then nothing has to be weighed.
fn is_equal(desk: &Desk<'_>, issue: Option<usize>, task: usize) -> Result<bool> {
    let Some(issue) = issue else { return Ok(false) };
    let issue = desk.stage.get(Side::Huly, issue)?;
    let task = desk.stage.get(Side::Vibe, task)?;
    let none = Base::default();
    let merged = merge::pair(desk.rules(), &none, &none, &issue.shown(), &task.shown());
    let fits = issue.text_fits(&task.name) && task.text_fits(&issue.name);
    Ok(fits && merged.steps().iter().all(|(_, step)| *step == Step::Settle))
}

/// The pair of two items that were never linked: without a base.
pub(in crate::sync) fn adoption(
    desk: &Desk<'_>,
    row: i64,
    issue: Option<usize>,
    task: usize,
    marked: Side,
) -> Result<Pair> {
    let task = desk.stage.get(Side::Vibe, task)?;
    let issue = issue.map(|slot| desk.stage.get(Side::Huly, slot)).transpose()?;
    let stored = match row {
        0 => None,
        id => desk.pass.store.read(|state| store::issues::get(state, id))?,
    };
    let mut row = match (stored, &issue) {
        (Some(row), _) => row,
        (None, Some(issue)) => row_of(issue),
        (None, None) => return Err(anyhow::anyhow!("a pair without an issue").into()),
    };
    blank::leave_unproven(desk, &mut row);
    let link = link_of(&task, marked);
    view::pair(desk, row, link, issue.as_ref(), Some(&task))
}

/// The row of an issue that was never seen.
pub(in crate::sync) fn row_of(issue: &Staged) -> Row {
    Row {
        id: 0,
        identifier: issue.name.clone(),
        remote_id: issue.remote_id.clone(),
        created: issue.created,
        modified: issue.modified,
        title: issue.title.clone(),
        status: issue.status.clone(),
        status_since: issue.modified,
        priority: issue.priority.clone(),
        text: issue.text,
        text_ref: issue.text_ref.clone().filter(|_| issue.text.is_some()),
        link: None,
    }
}

/// Links equal titles, where a person asked for it and each is unique on both sides, among those
/// that have their place already too. Only in a pass that saw everything.
pub(super) fn by_title(desk: &mut Desk<'_>, plan: &mut Plan) -> Result<()> {
    if desk.mode == Mode::Incremental || plan.counts.links > 0 {
        return Ok(());
    }
    let mut titles: HashMap<u64, [Vec<u32>; 2]> = HashMap::new();
    for (index, side) in [Side::Huly, Side::Vibe].into_iter().enumerate() {
        for slot in 0..desk.stage.slots(side).len() {
            let title = desk.stage.get(side, slot)?.title.to_lowercase();
            titles.entry(stage::key(&title)).or_default()[index].push(small(slot));
        }
    }
    for [issues, tasks] in titles.into_values() {
        let ([issue], [task]) = (issues.as_slice(), tasks.as_slice()) else { continue };
        let (issue, task) = (*issue as usize, *task as usize);
        if !is_free(desk, Side::Huly, issue) || !is_free(desk, Side::Vibe, task) {
            continue;
        }
        let issue_name = desk.stage.get(Side::Huly, issue)?.name;
        if !stones::about(desk, plan, Side::Huly, &issue_name)?.is_empty() {
            continue;
        }
        desk.stage.set(Side::Huly, issue, TAKEN);
        desk.stage.set(Side::Vibe, task, TAKEN);
        let row = plan.row_of(desk.stage.slots(Side::Huly)[issue].key);
        adopted(desk, plan, row, Some(issue), task, Side::Vibe)?;
    }
    Ok(())
}
