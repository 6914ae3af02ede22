//! Finds a place for every staged item that has no link: its other half by marker, or a new one.

mod adopt;
mod made_from;
mod stones;
mod successor;

use crate::model::{Hash, Millis, Side};
use crate::store::pending::Reason;

use super::desk::Desk;
use super::item::Item;
use super::marker::Marker;
use super::plan::{self, Plan, small};
use super::stage::{self, DOUBLE, SETTLED, TAKEN, UNREAD};
use super::trouble::Result;

use self::adopt::{adopt, by_title, named_tasks};
pub(super) use self::adopt::{adoption, row_of};
pub(super) use self::made_from::{seed_after, seed_of};
use self::stones::bury;

/// How far the clocks of the two systems may be apart: a task that is this much older than its issue
/// was not made from it.
const APART_MS: Millis = 10 * 60 * 1000;

/// Adds an item to the plan for every staged item that no row is about.
pub(super) fn place(desk: &mut Desk<'_>, plan: &mut Plan) -> Result<()> {
    report_doubles(desk)?;
    successor::take_over(desk, plan)?;
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
    let unread = newest_unread(desk)?;
    for slot in 0..desk.stage.slots(Side::Vibe).len() {
        if !is_free(desk, Side::Vibe, slot) {
            continue;
        }
        let task = desk.stage.get(Side::Vibe, slot)?;
        let print = plan::print(&task.title, task.status.as_deref(), task.text);
        if !desk.may_create(Side::Huly) {
            desk.stage.set(Side::Vibe, slot, SETTLED);
        } else if unread.is_some_and(|at| task.created.is_none_or(|made| made <= at)) {
            let message = "an issue whose text cannot be read may have been made from it";
            desk.mark(&task.name, Reason::Guarded, None, message.to_owned());
        } else if !held_back(desk, &task.name, print) {
            plan.items.push(Item::NewIssue { task: small(slot), stone: 0 });
        }
    }
    made_from::find_elsewhere(desk, &mut plan.items)
}

/// When the last of the unlinked issues was made whose marker is not known, with what two clocks may
/// be apart: a task of that age may be the one that it was made from.
fn newest_unread(desk: &Desk<'_>) -> Result<Option<Millis>> {
    let mut newest = None;
    for slot in 0..desk.stage.slots(Side::Huly).len() {
        if !desk.stage.has(Side::Huly, slot, UNREAD)
            || desk.stage.has(Side::Huly, slot, TAKEN | SETTLED)
        {
            continue;
        }
        let created = desk.stage.get(Side::Huly, slot)?.created;
        newest = newest.max(Some(created.map_or(Millis::MAX, |at| at.saturating_add(APART_MS))));
    }
    Ok(newest)
}

/// Whether making the other half was refused and nothing has changed, or was sent and no answer
/// has come yet: nothing is made for the item in this pass.
fn held_back(desk: &mut Desk<'_>, item: &str, print: Hash) -> bool {
    if desk.is_unanswered(item) {
        desk.wait(item, "it was sent, and no answer has come yet");
        return true;
    }
    if !desk.was_refused(item, print) {
        return false;
    }
    desk.repeat_refusal(item);
    true
}
