//! Ends pairs of which one half was deleted, once that is proven.

use crate::config::OnDeletion;

use crate::model::{Hash, Side};
use crate::store::outbox::Kind as OutboxKind;
use crate::store::pending::Reason;
use crate::store::tombstones::Tombstone;
use crate::vibe::{Deleted, TaskWrite};

use super::super::desk::Desk;
use super::super::halves::Pair;
use super::super::item::Item;
use super::super::outgoing::{self, Sent};
use super::super::plan;
use super::super::stage::key;
use super::super::status::CANCELLED;
use super::super::trouble::{Result, Trouble};
use super::ended::{self, edits};
use super::target::{self, Now};
use super::{Fate, Results, fail, goes_on, moved, write_down};

mod cancel_issue;

use self::cancel_issue::cancel_issue;

/// A pair of which one half seems to be gone.
pub(super) struct Work {
    pub(super) pair: Pair,
    /// Which half.
    pub(super) gone: Side,
    /// The staged survivor.
    pub(super) survivor: Option<usize>,
    pub(super) proven: bool,
    /// The issue, where it is not gone but in another project, and its task was edited.
    pub(super) moved: Option<Now>,
}

/// Ends the pairs of a batch. What is to be made anew waits until all that is gone is settled: a new
/// issue may get the number of any of them.
pub(super) fn end(desk: &mut Desk<'_>, batch: &[Item]) -> Result<()> {
    let mut works = Vec::with_capacity(batch.len());
    for item in batch {
        works.extend(load(desk, item)?);
    }
    let mut works = prove(desk, works)?;
    look_elsewhere(desk, &mut works)?;
    let mut results = Results::default();
    for work in works {
        if !goes_on(desk, &mut results) {
            break;
        }
        one(desk, &work, &mut results)?;
    }
    results.commit(desk)
}

fn load(desk: &mut Desk<'_>, item: &Item) -> Result<Option<Work>> {
    let (row, gone, issue, task, proven) = match *item {
        Item::IssueGone { row, task, proven } => (row, Side::Huly, None, task, proven),
        Item::TaskGone { row, issue } => (row, Side::Vibe, issue, None, false),
        _ => return Ok(None),
    };
    let Some(pair) = plan::stored_pair(desk, row, issue, task)? else { return Ok(None) };
    if desk.waits_for_an_answer(&pair.row.identifier) {
        return Ok(None);
    }
    let (issue, task) = (issue.map(|slot| slot as usize), task.map(|slot| slot as usize));
    Ok(Some(Work { pair, gone, survivor: issue.or(task), proven, moved: None }))
}

/// Keeps what is proven: a direct "not found" that names the item, while its project answers.
fn prove(desk: &mut Desk<'_>, works: Vec<Work>) -> Result<Vec<Work>> {
    let asked: Vec<&str> = works
        .iter()
        .filter(|work| work.gone == Side::Huly && !work.proven)
        .map(|work| work.pair.row.identifier.as_str())
        .collect();
    let issues = target::issues(desk, &asked)?;
    if !asked.is_empty() {
        desk.pass.huly.confirm(&desk.project.identifier, desk.pass.now)?;
    }
    if works.iter().any(|work| work.gone == Side::Vibe) {
        let id = desk.vibe_id.clone().unwrap_or_default();
        if !desk.pass.vibe.project_exists(&id)? {
            return Err(Trouble::Odd("its Vibe project is gone; nothing was deleted".to_owned()));
        }
    }
    let mut proven = Vec::with_capacity(works.len());
    for work in works {
        let identifier = work.pair.row.identifier.clone();
        let found = match work.gone {
            Side::Huly if work.proven => Ok(false),
            Side::Huly => match issues.get(&identifier) {
                Some(Ok(now)) => Ok(now.is_some()),
                Some(Err(error)) => Err(error.clone()),
                None => Ok(true),
            },
            Side::Vibe => target::task(desk, &work.pair.link.task).map(|now| now.is_some()),
        };
        match found {
            Ok(false) => proven.push(work),
            Ok(true) => {
                let message = format!("{} did not list it, though it is there", work.gone);
                desk.mark(&identifier, Reason::Failed, None, message);
            }
            Err(error) => {
                let mut results = Results::default();
                fail(desk, &mut results, &identifier, Hash([0; 16]), &error);
                if let Some(halt) = results.halt {
                    return Err(halt);
                }
            }
        }
    }
    Ok(proven)
}

/// Finds the issues that were moved, where that makes a difference.
fn look_elsewhere(desk: &Desk<'_>, works: &mut [Work]) -> Result<()> {
    let asked: Vec<&Pair> = works
        .iter()
        .filter(|work| work.gone == Side::Huly && !edits(desk, &work.pair, Side::Vibe).is_empty())
        .map(|work| &work.pair)
        .collect();
    let mut found = moved::find(desk, &asked)?;
    for work in works {
        work.moved = found.remove(&work.pair.row.identifier);
    }
    Ok(())
}

/// Ends one pair; where an edit beats the deletion, the missing half is to be made anew.
pub(super) fn one(desk: &mut Desk<'_>, work: &Work, results: &mut Results) -> Result<()> {
    let survivor = work.gone.other();
    if work.pair.suspect {
        // A text that was cleared would be an edit, and beat the deletion; one that is merely not
        // given would not.
        let message = "its task is gone, and its description reads blank: it is read again first";
        desk.mark(&work.pair.row.identifier, Reason::Blank, None, message.to_owned());
        return Ok(());
    }
    let edited = edits(desk, &work.pair, survivor);
    if let Some(slot) = work.survivor.filter(|_| !edited.is_empty()) {
        match &work.moved {
            Some(now) => moved::keep_edits(desk, &work.pair, slot, &edited, now)?,
            None if desk.may_create(work.gone) => {
                revive(desk, work, plan::small(slot), results);
                return Ok(());
            }
            None => {}
        }
    }
    let policy = match work.gone {
        Side::Huly => desk.pass.config.deletion.issue,
        Side::Vibe => desk.pass.config.deletion.task,
    };
    if !desk.may_write(survivor) {
        bury(desk, work, None, results);
        return Ok(());
    }
    match (policy, survivor) {
        (OnDeletion::Keep, _) | (OnDeletion::Delete, Side::Huly) => {
            bury(desk, work, None, results);
            Ok(())
        }
        (OnDeletion::Cancel, Side::Vibe) => cancel_task(desk, work, results),
        (OnDeletion::Cancel, Side::Huly) => cancel_issue(desk, work, results),
        (OnDeletion::Delete, Side::Vibe) => delete_task(desk, work, results),
    }
}

/// Buries the pair under a print that nothing has: should the new half not come to be, every later
/// pass sees a survivor that was edited.
fn revive(desk: &Desk<'_>, work: &Work, slot: u32, results: &mut Results) {
    let item = match work.gone {
        Side::Huly => Item::NewIssue { task: slot, stone: 0 },
        Side::Vibe => Item::NewTask { row: work.pair.row.id, issue: slot, stone: 0 },
    };
    let stone = part(desk, work, Hash([0; 16]), results);
    results.revived.push((stone, item));
}

/// Leaves a tombstone for both ids. `after` is the survivor as our own write left it.
fn bury(desk: &mut Desk<'_>, work: &Work, after: Option<&Now>, results: &mut Results) {
    let half = work.pair.half(work.gone.other());
    let print = match after {
        Some(now) => {
            let item = &now.staged;
            plan::print(&item.title, item.status.as_deref(), item.text)
        }
        None => plan::print(&half.title, half.status.as_deref(), half.text),
    };
    let stone = part(desk, work, print, results);
    results.stones.push(stone);
    let (identifier, task) = (&work.pair.row.identifier, &work.pair.link.task);
    desk.touch(Side::Huly, key(identifier));
    desk.touch(Side::Vibe, key(task));
    desk.done.insert(key(identifier));
}

/// Ends the link; the tombstone that is to tell of it.
fn part(desk: &Desk<'_>, work: &Work, print: Hash, results: &mut Results) -> Tombstone {
    let pair = &work.pair;
    match work.gone {
        Side::Huly => results.removed_rows.push(pair.row.id),
        Side::Vibe => {
            let mut row = pair.row.clone();
            row.link = None;
            results.rows.push(row);
        }
    }
    results.change(desk, &pair.row.identifier, "deleted", work.gone);
    Tombstone {
        id: 0,
        identifier: pair.row.identifier.clone(),
        created: pair.row.created,
        task: pair.link.task.clone(),
        gone: work.gone,
        print,
        at: desk.pass.now,
    }
}

/// What was written down before a survivor was ended.
struct Note {
    entry: i64,
    losers: Vec<i64>,
}

/// Writes down that the survivor is to be ended, and what a person said in it.
fn note(desk: &mut Desk<'_>, work: &Work, now: &Now, status: Option<&str>) -> Result<Note> {
    let sent = Sent { status: status.map(str::to_owned), ..Sent::default() };
    let side = work.gone.other();
    let half = work.pair.half(side).clone();
    let mut entry = outgoing::entry(desk, OutboxKind::End, side, &sent, &half);
    entry.identifier = Some(work.pair.row.identifier.clone());
    entry.task = Some(work.pair.link.task.clone());
    // Of one that was moved they are kept already.
    let edited = if work.moved.is_some() { Vec::new() } else { edits(desk, &work.pair, side) };
    let losers = ended::losses(desk, &work.pair, side, now, &edited, status);
    let (ids, losers) = write_down(desk, &[entry], &losers)?;
    let losers: Vec<i64> = losers.into_iter().flatten().collect();
    if !losers.is_empty() {
        desk.report.counts.conflicts += losers.len() as u64;
        log::warn!(
            "{}: what was edited in {side} ends with it, and is kept (see `conflicts`)",
            work.pair.row.identifier
        );
    }
    Ok(Note { entry: ids.first().copied().unwrap_or_default(), losers })
}

/// The survivor as it is now, unless it moved or cannot be read.
fn survivor(desk: &mut Desk<'_>, work: &Work, results: &mut Results) -> Result<Option<Now>> {
    let side = work.gone.other();
    let identifier = work.pair.row.identifier.clone();
    let found = match side {
        Side::Huly => target::issues(desk, &[&identifier])?.remove(&identifier).unwrap_or(Ok(None)),
        Side::Vibe => target::task(desk, &work.pair.link.task),
    };
    match found {
        Ok(Some(now)) if ended::is_as_planned(desk, &work.pair, side, &now) => Ok(Some(now)),
        Ok(Some(_)) => {
            let message = "it was changed while this pass was under way".to_owned();
            desk.mark(&identifier, Reason::Moved, None, message);
            Ok(None)
        }
        Ok(None) => {
            // Both are gone.
            bury(desk, work, None, results);
            Ok(None)
        }
        Err(error) => {
            fail(desk, results, &identifier, Hash([0; 16]), &error);
            Ok(None)
        }
    }
}

fn cancel_task(desk: &mut Desk<'_>, work: &Work, results: &mut Results) -> Result<()> {
    let Some(now) = survivor(desk, work, results)? else { return Ok(()) };
    if now.staged.status.as_deref() == Some(CANCELLED) || now.staged.read_only {
        bury(desk, work, Some(&now), results);
        return Ok(());
    }
    let noted = note(desk, work, &now, Some(CANCELLED))?;
    let write = TaskWrite { status: Some(CANCELLED), ..TaskWrite::default() };
    match desk.pass.vibe.update(&work.pair.link.task, &write) {
        Ok(_) => {
            results.settled.push(noted.entry);
            desk.report.counts.deleted.vibe += 1;
            say(work, "cancelled", Side::Vibe);
            // As it was before, but for what was sent: all else that the answer shows is an edit.
            let mut after = now;
            after.staged.status = Some(CANCELLED.to_owned());
            bury(desk, work, Some(&after), results);
        }
        Err(error) => give_up(desk, work, noted, &error, results),
    }
    Ok(())
}

fn delete_task(desk: &mut Desk<'_>, work: &Work, results: &mut Results) -> Result<()> {
    let Some(now) = survivor(desk, work, results)? else { return Ok(()) };
    if now.staged.read_only {
        bury(desk, work, Some(&now), results);
        return Ok(());
    }
    let noted = note(desk, work, &now, None)?;
    match desk.pass.vibe.delete(&work.pair.link.task) {
        Ok(Deleted::Done | Deleted::Gone) => {
            results.settled.push(noted.entry);
            desk.report.counts.deleted.vibe += 1;
            say(work, "deleted", Side::Vibe);
            bury(desk, work, None, results);
        }
        Ok(Deleted::Busy) => {
            results.settled.push(noted.entry);
            results.removed_losers.extend(noted.losers);
            let message = "an agent runs in its task: it is deleted later".to_owned();
            desk.mark(&work.pair.row.identifier.clone(), Reason::Moved, None, message);
        }
        Err(error) => give_up(desk, work, noted, &error, results),
    }
    Ok(())
}

/// What was done to the half that is left, beside the end of the pair.
fn say(work: &Work, done: &str, on: Side) {
    log::info!("{}: {done} in {on}", work.pair.row.identifier);
}

fn give_up(
    desk: &mut Desk<'_>,
    work: &Work,
    noted: Note,
    error: &crate::http::Error,
    results: &mut Results,
) {
    let identifier = work.pair.row.identifier.clone();
    let print = super::pairs::print_of(&work.pair);
    if let Fate::Undone = fail(desk, results, &identifier, print, error) {
        results.settled.push(noted.entry);
        results.removed_losers.extend(noted.losers);
    }
}
