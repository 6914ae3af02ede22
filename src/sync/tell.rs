//! What a dry run says: the operations that the real run would carry out.

use crate::config::OnDeletion;
use crate::model::{Field, Side};
use crate::report::{Op, OpName};
use crate::store;

use super::apply::is_withheld;
use super::desk::Desk;
use super::guard::Verdict;
use super::halves::Pair;
use super::item::Item;
use super::outgoing;
use super::plan::{self, Plan};
use super::trouble::{Result, Trouble};
use super::unlinked::adoption;

/// Adds the lines of a plan to the report; what a guard withholds is not part of it.
pub(super) fn plan(desk: &mut Desk<'_>, plan: &Plan, verdict: Verdict) -> Result<()> {
    for item in plan.items.iter().filter(|item| !is_withheld(verdict, item)) {
        if desk.pass.stop.reached().is_some() {
            return Err(Trouble::Ended);
        }
        one(desk, item)?;
    }
    Ok(())
}

fn one(desk: &mut Desk<'_>, item: &Item) -> Result<()> {
    match *item {
        Item::Pair { row, issue, task, writes: true, .. } => {
            if let Some(pair) = plan::stored_pair(desk, row, issue, task)? {
                changes(desk, &pair)?;
            }
        }
        Item::Adopt { row, issue, task, marked, .. } => {
            let (issue, task) = (issue.map(|slot| slot as usize), task as usize);
            let pair = adoption(desk, row, issue, task, marked)?;
            let (identifier, task) = (pair.row.identifier.clone(), pair.link.task.clone());
            add(desk, OpName::Link, Side::Vibe, &identifier, None, None, Some(task))?;
            changes(desk, &pair)?;
        }
        Item::NewTask { issue, .. } => {
            let issue = desk.stage.get(Side::Huly, issue as usize)?;
            add(desk, OpName::Create, Side::Vibe, &issue.name, None, None, Some(issue.title))?;
        }
        Item::NewIssue { task, .. } => {
            let task = desk.stage.get(Side::Vibe, task as usize)?;
            add(desk, OpName::Create, Side::Huly, &task.name, None, None, Some(task.title))?;
        }
        Item::IssueGone { row, .. } => end(desk, row, Side::Vibe)?,
        Item::TaskGone { row, .. } => end(desk, row, Side::Huly)?,
        Item::Pair { writes: false, .. } | Item::Known { .. } | Item::Forget { .. } => {}
    }
    Ok(())
}

/// The survivor of a deletion, where something is done to it.
fn end(desk: &mut Desk<'_>, row: i64, survivor: Side) -> Result<()> {
    let policy = match survivor {
        Side::Vibe => desk.pass.config.deletion.issue,
        Side::Huly => desk.pass.config.deletion.task,
    };
    if policy == OnDeletion::Keep || !desk.may_write(survivor) {
        return Ok(());
    }
    let stored = desk.pass.store.read(|state| store::issues::get(state, row))?;
    let Some(row) = stored else { return Ok(()) };
    let (item, title) = match (survivor, row.link) {
        (Side::Vibe, Some(link)) => (link.task, link.task_title),
        _ => (row.identifier, row.title),
    };
    add(desk, OpName::Delete, survivor, &item, None, Some(title), None)
}

/// The fields of a pair that are written.
fn changes(desk: &mut Desk<'_>, pair: &Pair) -> Result<()> {
    for (field, step) in pair.merged.steps() {
        let Some(target) = step.target() else { continue };
        let item = match target {
            Side::Huly => pair.row.identifier.clone(),
            Side::Vibe => pair.link.task.clone(),
        };
        let from = pair.half(target).brief(field);
        let to = match field {
            Field::Status => outgoing::status_for(desk, pair.half(target.other()), target),
            Field::Title | Field::Description => pair.half(target.other()).brief(field),
        };
        add(desk, OpName::Update, target, &item, Some(field), from, to)?;
    }
    Ok(())
}

fn add(
    desk: &mut Desk<'_>,
    op: OpName,
    side: Side,
    item: &str,
    field: Option<Field>,
    from: Option<String>,
    to: Option<String>,
) -> Result<()> {
    let project = desk.project.identifier.clone();
    let (side, item) = (side.into(), item.to_owned());
    Ok(desk.ops.push(&Op { project, op, side, item, field, from, to })?)
}
