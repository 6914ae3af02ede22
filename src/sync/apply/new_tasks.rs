//! Makes tasks from issues.

use crate::http::Kind;
use crate::huly::Texts;
use crate::model::Side;
use crate::store;
use crate::store::outbox::{Entry, Kind as OutboxKind};
use crate::store::pending::Reason;
use crate::vibe::{NewTask, Task, TaskWrite};

use super::super::blank;
use super::super::desk::Desk;
use super::super::halves::Half;
use super::super::item::Item;
use super::super::made::{bases, link_of};
use super::super::marker::{self, Marker};
use super::super::normal::{self, BLANK};
use super::super::outgoing::{self, Sent};
use super::super::plan;
use super::super::rendering;
use super::super::stage::{SETTLED, key};
use super::super::staged::Staged;
use super::super::status;
use super::super::trouble::{Result, Trouble};
use super::super::unfit::{self, Unfit};
use super::super::unlinked::row_of;
use super::super::view;
use super::target::{self, Now};
use super::{Fate, Results, fail, goes_on, may_send, numbers, write_down};

/// An issue on its way to become a task.
struct Work {
    slot: usize,
    row: i64,
    stone: i64,
    issue: Staged,
    text: String,
    status: String,
    entry: Entry,
}

/// Makes the tasks of a batch.
pub(super) fn make(desk: &mut Desk<'_>, batch: &[Item]) -> Result<()> {
    let Some(project) = desk.vibe_id.clone() else { return Ok(()) };
    let mut works = Vec::with_capacity(batch.len());
    for item in batch {
        let Item::NewTask { row, issue, stone } = *item else { continue };
        let Some(work) = load(desk, row, issue as usize, stone)? else { continue };
        if numbers::is_taken(desk, &work.issue.name, row)? {
            let message = "another issue had its number, and its deletion is not settled yet";
            desk.mark(&work.issue.name, Reason::Guarded, None, message.to_owned());
        } else {
            desk.see_status(work.issue.status.as_deref(), work.issue.category);
            desk.see_meaning(work.issue.status.as_deref(), work.issue.category);
            works.push(work);
        }
    }
    let entries: Vec<Entry> = works.iter().map(|work| work.entry.clone()).collect();
    let (ids, _) = write_down(desk, &entries, &[])?;
    let mut results = Results::default();
    for (mut work, id) in works.into_iter().zip(ids) {
        work.entry.id = id;
        if goes_on(desk, &mut results) && may_send(desk, &mut results) {
            one(desk, &project, work, &mut results)?;
        } else {
            results.settled.push(id);
        }
    }
    results.commit(desk)
}

fn load(desk: &mut Desk<'_>, row: i64, slot: usize, stone: i64) -> Result<Option<Work>> {
    let mut issue = desk.stage.get(Side::Huly, slot)?;
    if unfit::is_blank_title(&issue.title) {
        let print = plan::print(&issue.title, issue.status.as_deref(), issue.text);
        let unfit = Unfit { title: true, ..Unfit::default() };
        desk.hold(&issue.name, print, unfit.message(Side::Vibe, 0));
        return Ok(None);
    }
    let Some(text) = text_of(desk, &issue)? else { return Ok(None) };
    let text = marker::without(&text).into_owned();
    // As its pair will see it: what names another task without a rule above is text of it.
    issue.text = Some(normal::digest(&text));
    let half = half_of(&issue);
    let status = outgoing::status_for(desk, &half, Side::Vibe);
    let sent =
        Sent { title: Some(issue.title.clone()), status: status.clone(), text: Some(text.clone()) };
    let mut entry = outgoing::entry(desk, OutboxKind::Create, Side::Vibe, &sent, &half);
    entry.identifier = Some(issue.name.clone());
    // No data for the status: neither side agreed on one.
    if status.is_none() {
        entry.from_status = None;
    }
    let status = status.unwrap_or_else(|| status::NEW_TASK.to_owned());
    Ok(Some(Work { slot, row, stone, issue, text, status, entry }))
}

/// The issue's text; `None`, and marked, where it cannot be had now.
fn text_of(desk: &mut Desk<'_>, issue: &Staged) -> Result<Option<String>> {
    if !issue.by_ref {
        return Ok(Some(desk.stage.text(issue)?));
    }
    let (reason, message) = match target::issues(desk, &[&issue.name])?.remove(&issue.name) {
        Some(Ok(Some(now))) if now.staged.text_ref == issue.text_ref => return Ok(Some(now.text)),
        Some(Err(error)) => (Reason::Failed, error.to_string()),
        _ => (Reason::Moved, "it was changed while this pass was under way".to_owned()),
    };
    desk.mark(&issue.name, reason, None, message);
    Ok(None)
}

/// An unlinked item as a half.
pub(super) fn half_of(item: &Staged) -> Half {
    Half {
        title: item.title.clone(),
        status: item.status.clone(),
        category: item.category,
        text: item.text,
        changed: None,
        modified: item.modified,
    }
}

fn one(desk: &mut Desk<'_>, project: &str, work: Work, results: &mut Results) -> Result<()> {
    let text = marker::with(&work.text, &Marker::Issue(work.issue.name.clone()));
    let new = NewTask { project, title: &work.issue.title, text: &text, status: &work.status };
    match desk.pass.vibe.create(&new) {
        Ok(task) => {
            desk.offline = 0;
            let task = with_status(desk, &work, task);
            link(desk, work, task, results)
        }
        Err(error) => {
            let issue = &work.issue;
            let print = plan::print(&issue.title, issue.status.as_deref(), issue.text);
            let fate = fail(desk, results, &issue.name, print, &error);
            if error.kind == Kind::Gone {
                // The project is: no other task of this pass has a place either.
                results.halt.get_or_insert(Trouble::Remote(error));
            }
            desk.touch(Side::Huly, key(&issue.name));
            if let Fate::Undone = fate {
                results.settled.push(work.entry.id);
            }
            Ok(())
        }
    }
}

/// Versions before 0.0.117 ignore the status of a create: what they answered is what is true.
fn with_status(desk: &mut Desk<'_>, work: &Work, task: Task) -> Task {
    if task.status == work.status {
        return task;
    }
    let write = TaskWrite { status: Some(&work.status), ..TaskWrite::default() };
    match desk.pass.vibe.update(&task.id, &write) {
        Ok(task) => task,
        Err(error) => {
            // The task is there; the next pass completes it.
            desk.mark(&work.issue.name, Reason::Failed, None, error.to_string());
            task
        }
    }
}

fn link(desk: &mut Desk<'_>, work: Work, task: Task, results: &mut Results) -> Result<()> {
    let now = Now::of_task(task);
    let stored = match work.row {
        0 => None,
        id => desk.pass.store.read(|state| store::issues::get(state, id))?,
    };
    let mut row = stored.unwrap_or_else(|| row_of(&work.issue));
    super::renew(&mut row, &work.issue);
    blank::leave_unproven(desk, &mut row);
    let mut link = link_of(&now.staged, Side::Vibe);
    let plain = marker::without(&now.text);
    let shown = rendering::shown_of(&work.entry, &plain, None, rendering::rendering(desk));
    let (huly, vibe) = bases(desk, &work.entry, &half_of(&now.staged), shown);
    link.huly = huly;
    link.vibe = vibe;
    row.link = Some(link);
    if work.issue.text == Some(BLANK) && desk.abilities().texts == Texts::OnRequest {
        // It may just not have been given: one more look, since no list would ask for it again.
        view::doubt(desk, &work.issue.name);
    }
    if desk.marks.contains_key(&work.issue.name) {
        desk.touch(Side::Huly, key(&work.issue.name));
    } else {
        desk.stage.set(Side::Huly, work.slot, SETTLED);
    }
    desk.touch(Side::Vibe, key(&now.staged.name));
    desk.done.insert(key(&work.issue.name));
    desk.report.counts.created.vibe += 1;
    results.change(desk, &work.issue.name, "new", Side::Huly);
    results.settled.push(work.entry.id);
    if work.stone != 0 {
        results.removed_stones.push(work.stone);
    }
    results.rows.push(row);
    Ok(())
}
