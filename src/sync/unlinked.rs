//! Finds a place for every staged item that has no link: its other half by marker, or a new one.

use std::collections::HashMap;

use crate::model::{Hash, Millis, Side};
use crate::report::Mode;
use crate::store;
use crate::store::issues::{Base, Link, Row};
use crate::store::pending::Reason;
use crate::store::tombstones::Tombstone;

use super::blank::{self, Evidence};
use super::desk::Desk;
use super::marker::Marker;
use super::normal::BLANK;
use super::plan::{self, Item, Plan, small};
use super::stage::{self, DOUBLE, MARKED, SETTLED, TAKEN};
use super::staged::Staged;
use super::trouble::Result;
use super::view::{self, Pair};

/// A task that is this much older than its issue was not made from it: the bridge gives the number
/// of a deleted issue out again.
const OLDER_MS: Millis = 10 * 60 * 1000;

/// A task that says which issue it was made from.
#[derive(Debug, Clone, Copy)]
struct Claim {
    issue: u64,
    /// Whether the issue's own marker names this very task.
    named: bool,
    created: Option<Millis>,
    task: u32,
}

/// Adds an item to the plan for every staged item that no row is about.
pub(super) fn place(desk: &mut Desk<'_>, plan: &mut Plan) -> Result<()> {
    report_doubles(desk)?;
    let named = named_tasks(desk)?;
    adopt(desk, plan, &named)?;
    if desk.pass.config.sync.adopt_by_title {
        by_title(desk, plan)?;
    }
    new_tasks(desk, plan)?;
    new_issues(desk, plan)
}

/// Two issues of one identifier: calls by identifier reach one of them, so neither is touched, nor
/// the task that one of them was made from.
fn report_doubles(desk: &mut Desk<'_>) -> Result<()> {
    let mut said: Option<u64> = None;
    for slot in 0..desk.stage.slots(Side::Huly).len() {
        let key = desk.stage.slots(Side::Huly)[slot].key;
        if !desk.stage.has(Side::Huly, slot, DOUBLE) {
            continue;
        }
        let issue = desk.stage.get(Side::Huly, slot)?;
        if let Some(Marker::Task(task)) = &issue.marker
            && let Some(task) = desk.stage.find(Side::Vibe, task)
        {
            desk.stage.set(Side::Vibe, task, TAKEN);
        }
        if said.replace(key) != Some(key) {
            let message =
                "two issues bear this identifier, so neither is synced: give one a new number";
            desk.mark(&issue.name, Reason::Double, None, message.to_owned());
        }
    }
    Ok(())
}

fn is_free(desk: &Desk<'_>, side: Side, slot: usize) -> bool {
    !desk.stage.has(side, slot, TAKEN | DOUBLE | SETTLED)
}

/// Which unlinked task an unlinked issue says it was made from, by the task's key. Of several
/// issues (copies) the one that the task names back counts, else the oldest.
fn named_tasks(desk: &Desk<'_>) -> Result<HashMap<u64, (Option<Millis>, u32)>> {
    let mut named: HashMap<u64, (Option<Millis>, u32)> = HashMap::new();
    for slot in 0..desk.stage.slots(Side::Huly).len() {
        if !is_free(desk, Side::Huly, slot) || !desk.stage.has(Side::Huly, slot, MARKED) {
            continue;
        }
        let issue = desk.stage.get(Side::Huly, slot)?;
        let Some(Marker::Task(task)) = &issue.marker else { continue };
        let Some(at) = desk.stage.find(Side::Vibe, task) else { continue };
        if !is_free(desk, Side::Vibe, at) {
            continue;
        }
        let names_another = match desk.stage.get(Side::Vibe, at)?.marker {
            Some(Marker::Issue(identifier)) => {
                identifier != issue.name && desk.stage.find(Side::Huly, &identifier).is_some()
            }
            _ => false,
        };
        if names_another {
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
fn adopt(
    desk: &mut Desk<'_>,
    plan: &mut Plan,
    named: &HashMap<u64, (Option<Millis>, u32)>,
) -> Result<()> {
    let mut claims: Vec<Claim> = Vec::new();
    for slot in 0..desk.stage.slots(Side::Vibe).len() {
        if !is_free(desk, Side::Vibe, slot) {
            continue;
        }
        let task = desk.stage.get(Side::Vibe, slot)?;
        if bury(desk, plan, Side::Vibe, slot, &task)? {
            continue;
        }
        if let Some(&(_, issue)) = named.get(&stage::key(&task.name)) {
            let issue = desk.stage.slots(Side::Huly)[issue as usize].key;
            claims.push(Claim { issue, named: true, created: task.created, task: small(slot) });
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
    let mut last = None;
    for claim in claims {
        if last.replace(claim.issue) == Some(claim.issue) {
            surplus(desk, claim.task as usize)?;
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
            surplus(desk, slot)?;
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
    let buried = plan.stones.iter().any(|stone| {
        stone.identifier == identifier && (stone.created == created || created.is_none())
    });
    let too_old = match (task.created, created) {
        (Some(task), Some(issue)) => task.saturating_add(OLDER_MS) < issue,
        _ => false,
    };
    if buried {
        surplus(desk, slot)?;
        return Ok(None);
    }
    if too_old && desk.abilities().identifiers_return {
        orphan(desk, slot, task, identifier);
        return Ok(None);
    }
    Ok(Some(Claim { issue: key, named: false, created: task.created, task: small(slot) }))
}

/// A task whose issue has another task: reported once, and left alone for good.
fn surplus(desk: &mut Desk<'_>, slot: usize) -> Result<()> {
    let task = desk.stage.get(Side::Vibe, slot)?;
    desk.stage.set(Side::Vibe, slot, SETTLED);
    let name = match &task.marker {
        Some(Marker::Issue(identifier)) => identifier.clone(),
        _ => String::new(),
    };
    let message = format!(
        "task {} {:?} bears the mark of {name}, which has another task: it is left alone",
        task.name, task.title
    );
    desk.say_once("surplus", &task.name, message);
    Ok(())
}

/// A task whose issue is not there. In an incremental pass it may just not be listed yet.
fn orphan(desk: &mut Desk<'_>, slot: usize, task: &Staged, identifier: &str) {
    let prefix = identifier.rsplit_once('-').map_or("", |(project, _)| project);
    if desk.mode == Mode::Incremental && prefix == desk.project.identifier {
        desk.stage.set(Side::Vibe, slot, TAKEN);
        return;
    }
    desk.stage.set(Side::Vibe, slot, SETTLED);
    let message = format!(
        "task {} {:?} bears the mark of {identifier}, which is not there (any more): it is left \
         alone; take the mark away to make it an issue",
        task.name, task.title
    );
    desk.say_once("orphan", &task.name, message);
}

/// Whether a tombstone holds for the item; one whose survivor was edited holds no more.
fn bury(
    desk: &mut Desk<'_>,
    plan: &mut Plan,
    side: Side,
    slot: usize,
    item: &Staged,
) -> Result<bool> {
    let is_about = |stone: &&Tombstone| match side {
        Side::Vibe => stone.task == item.name,
        Side::Huly => {
            stone.identifier == item.name
                && (stone.created == item.created || item.created.is_none())
        }
    };
    let Some(stone) = plan.stones.iter().find(is_about) else { return Ok(false) };
    let survives = stone.gone != side;
    let print = plan::print(&item.title, item.status.as_deref(), item.text);
    let edited = survives && print != stone.print && item.text.is_some();
    if edited && is_doubtful(desk, plan, item)? {
        desk.stage.set(side, slot, TAKEN);
        return Ok(true);
    }
    let Some(stone) = plan.stones.iter().find(is_about) else { return Ok(false) };
    desk.stage.set(side, slot, TAKEN);
    if !edited || !desk.may_create(side.other()) {
        desk.stage.set(side, slot, SETTLED);
        if side == Side::Huly {
            let row = plan.row_of(stage::key(&item.name));
            plan.items.push(Item::Known { row, issue: small(slot) });
        }
        return Ok(true);
    }
    let stone = stone.id;
    plan.items.push(match side {
        Side::Vibe => Item::NewIssue { task: small(slot), stone },
        Side::Huly => {
            let row = plan.row_of(stage::key(&item.name));
            Item::NewTask { row, issue: small(slot), stone }
        }
    });
    Ok(true)
}

/// Whether what looks like an edit of a survivor may be no more than a value that this Huly does
/// not give right now.
fn is_doubtful(desk: &mut Desk<'_>, plan: &Plan, item: &Staged) -> Result<bool> {
    if item.status.is_none() {
        let message = "its status is not known in this pass".to_owned();
        desk.mark(&item.name, Reason::Moved, None, message);
        return Ok(true);
    }
    if item.side == Side::Vibe {
        return Ok(false);
    }
    let row = plan.row_of(stage::key(&item.name));
    let Some(row) = desk.pass.store.read(|state| store::issues::get(state, row))? else {
        return Ok(false);
    };
    let evidence = Evidence {
        base: row.text,
        now: item.text,
        other: row.text,
        before: row.modified,
        modified: item.modified,
        tries: desk.tries(&item.name, Reason::Blank),
        gives_texts: desk.gives_texts,
    };
    if blank::is_believed(evidence) {
        return Ok(false);
    }
    let message = "its description reads blank; it is read again before that is believed";
    desk.mark(&item.name, Reason::Blank, None, message.to_owned());
    Ok(true)
}

fn link(desk: &mut Desk<'_>, plan: &mut Plan, claim: Claim) -> Result<()> {
    let issue = desk.stage.find_key(Side::Huly, claim.issue);
    let task = claim.task as usize;
    desk.stage.set(Side::Vibe, task, TAKEN);
    if let Some(slot) = issue {
        desk.stage.set(Side::Huly, slot, TAKEN);
    }
    let row = plan.row_of(claim.issue);
    // The task's own marker says more than the issue's: it is there, so it is kept there.
    let marked = match desk.stage.get(Side::Vibe, task)?.marker {
        Some(Marker::Issue(_)) => Side::Vibe,
        _ => Side::Huly,
    };
    adopted(desk, plan, row, issue, task, marked)
}

fn adopted(
    desk: &mut Desk<'_>,
    plan: &mut Plan,
    row: i64,
    issue: Option<usize>,
    task: usize,
    marked: Side,
) -> Result<()> {
    let pair = adoption(desk, row, issue, task, marked)?;
    let (writes, overwrites) = plan::weigh(desk, &pair);
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

/// The pair of two items that were never linked: without a base.
pub(super) fn adoption(
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
    let row = match (stored, &issue) {
        (Some(row), _) => row,
        (None, Some(issue)) => row_of(issue),
        (None, None) => return Err(anyhow::anyhow!("a pair without an issue").into()),
    };
    let link = Link {
        marked,
        task_created: task.created,
        task_updated: task.modified,
        task_title: task.title.clone(),
        task_status: task.status.clone().unwrap_or_default(),
        task_text: task.text.unwrap_or(BLANK),
        task: task.name.clone(),
        huly: Base::default(),
        vibe: Base::default(),
    };
    view::pair(desk, row, link, issue.as_ref(), Some(&task))
}

/// The row of an issue that was never seen.
pub(super) fn row_of(issue: &Staged) -> Row {
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
        text_ref: issue.text_ref.clone(),
        link: None,
    }
}

/// Links equal titles, where a person asked for it and each is unique on both sides, among those
/// that have their place already too. Only in a pass that saw everything.
fn by_title(desk: &mut Desk<'_>, plan: &mut Plan) -> Result<()> {
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
        if plan.stones.iter().any(|stone| stone.identifier == issue_name) {
            continue;
        }
        desk.stage.set(Side::Huly, issue, TAKEN);
        desk.stage.set(Side::Vibe, task, TAKEN);
        let row = plan.row_of(desk.stage.slots(Side::Huly)[issue].key);
        adopted(desk, plan, row, Some(issue), task, Side::Vibe)?;
    }
    Ok(())
}

fn new_tasks(desk: &mut Desk<'_>, plan: &mut Plan) -> Result<()> {
    for slot in 0..desk.stage.slots(Side::Huly).len() {
        if !is_free(desk, Side::Huly, slot) {
            continue;
        }
        let issue = desk.stage.get(Side::Huly, slot)?;
        if bury(desk, plan, Side::Huly, slot, &issue)? {
            continue;
        }
        let row = plan.row_of(stage::key(&issue.name));
        let print = plan::print(&issue.title, issue.status.as_deref(), issue.text);
        let readable = issue.text.is_some();
        if !readable || !desk.may_create(Side::Vibe) || held_back(desk, &issue.name, print) {
            if readable && !desk.may_create(Side::Vibe) {
                desk.stage.set(Side::Huly, slot, SETTLED);
            }
            plan.items.push(Item::Known { row, issue: small(slot) });
        } else {
            plan.items.push(Item::NewTask { row, issue: small(slot), stone: 0 });
        }
    }
    Ok(())
}

fn new_issues(desk: &mut Desk<'_>, plan: &mut Plan) -> Result<()> {
    for slot in 0..desk.stage.slots(Side::Vibe).len() {
        if !is_free(desk, Side::Vibe, slot) {
            continue;
        }
        let task = desk.stage.get(Side::Vibe, slot)?;
        let print = plan::print(&task.title, task.status.as_deref(), task.text);
        if !desk.may_create(Side::Huly) {
            desk.stage.set(Side::Vibe, slot, SETTLED);
        } else if !held_back(desk, &task.name, print) {
            plan.items.push(Item::NewIssue { task: small(slot), stone: 0 });
        }
    }
    Ok(())
}

/// Whether making the other half was refused and nothing has changed, or was sent and no answer
/// has come yet: nothing is made for the item in this pass.
fn held_back(desk: &mut Desk<'_>, item: &str, print: Hash) -> bool {
    if desk.is_unanswered(item) {
        let message = "it was sent, and no answer has come yet".to_owned();
        desk.mark(item, Reason::Unanswered, None, message);
        return true;
    }
    if !desk.was_refused(item, print) {
        return false;
    }
    desk.repeat_refusal(item);
    true
}
