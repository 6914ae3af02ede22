//! The end of a project's pass: one short transaction with all that was learned.

use std::collections::BTreeSet;

use crate::huly::Texts;
use crate::model::{Millis, Side};
use crate::report::{Mode, Outcome};
use crate::store::elements::Known;
use crate::store::issues::Row;
use crate::store::pending::{Pending, Reason};
use crate::store::{self, meta};

use super::apply::{numbers, renew};
use super::desk::Desk;
use super::halves::Pair;
use super::item::Item;
use super::outgoing;
use super::plan::{self, Plan};
use super::stage::{DOUBLE, SETTLED, Stage, key};
use super::trouble::Result;
use super::unlinked::{adoption, row_of};
use super::view;

/// Rows that one transaction takes: most projects are one.
const CHUNK: usize = 500;

/// Commits what the batches did not: values seen, new bases, marks, elements, the cursor.
pub(super) fn finish(desk: &mut Desk<'_>, plan: &Plan) -> Result<()> {
    if is_untouched(desk, plan) {
        desk.repeat_unseen();
        return Ok(());
    }
    let id = desk.project.id;
    let mut rows = Vec::new();
    let mut chunks = plan.items.chunks(CHUNK).peekable();
    while let Some(chunk) = chunks.next() {
        for item in chunk {
            rows.extend(row(desk, item)?);
        }
        if chunks.peek().is_some() {
            // What the elements say is older than these rows until the last transaction.
            desk.project.dirty = true;
            in_order(&mut rows);
            desk.pass.store.write(|state| {
                store::projects::set_dirty(state, id, true)?;
                store::issues::put_all(state, id, &rows)
            })?;
            rows.clear();
        }
    }
    desk.say_unmeant();
    desk.repeat_unseen();
    in_order(&mut rows);
    last(desk, &rows)
}

/// As the index has them: a first pass stores a whole project.
fn in_order(rows: &mut [Row]) {
    rows.sort_unstable_by(|one, other| one.identifier.cmp(&other.identifier));
}

/// The last transaction: after it the pass over this project is done.
fn last(desk: &mut Desk<'_>, rows: &[Row]) -> Result<()> {
    let known = [elements(desk, Side::Huly)?, elements(desk, Side::Vibe)?];
    let (id, now) = (desk.project.id, desk.pass.now);
    // What moved here while all was read, the common read of changes has not shown.
    let finds_moved = desk.mode == Mode::Full && desk.abilities().texts == Texts::ByReference;
    let settled = desk.outbox.is_empty() && !desk.has_open_sends();
    let fresh = desk.pass.store.write(|state| {
        store::issues::put_all(state, id, rows)?;
        if finds_moved && !rows.is_empty() {
            store::projects::read_left_ones_again(state, id)?;
        }
        for (item, mark) in &desk.marks {
            // After a text that was given up, or that somebody types, another one begins anew.
            let counts_text = matches!(mark.reason, Reason::NotArrived | Reason::Moved);
            let is_same = |was: &&Pending| {
                was.reason == mark.reason && (!counts_text || was.print == mark.print)
            };
            let was = desk.pending.get(item).filter(is_same);
            let pending = Pending {
                reason: mark.reason,
                tries: was.map_or(1, |was| was.tries.saturating_add(1)),
                since: was.map_or(now, |was| was.since),
                at: now,
                print: mark.print,
                message: mark.message.clone(),
            };
            store::pending::put(state, id, item, &pending)?;
        }
        for item in desk.pending.keys() {
            if !desk.marks.contains_key(item) && !desk.keeps_mark(item) {
                store::pending::remove(state, id, item)?;
            }
        }
        if let Some(words) = &desk.new_words {
            meta::set(state, &meta::of_project(meta::WORDS, id), words)?;
        }
        for status in &desk.new_statuses {
            store::statuses::add(state, id, status)?;
        }
        for (side, known) in [Side::Huly, Side::Vibe].into_iter().zip(&known) {
            if let Some(known) = known {
                known.store(state, id, side)?;
            }
        }
        if desk.project.released && !desk.report.withheld {
            store::projects::end_release(state, id)?;
        }
        if desk.project.dirty && settled {
            store::projects::set_dirty(state, id, false)?;
        }
        let mut fresh = Vec::new();
        for notice in &desk.notices {
            if store::said::first_time(state, id, notice.kind, &notice.item, now)? {
                fresh.push(notice.message.as_str());
            }
        }
        Ok(fresh)
    })?;
    say(&desk.project.identifier, &fresh);
    Ok(())
}

/// Says what is new: a few lines, whatever an earlier tool left behind.
fn say(project: &str, messages: &[&str]) {
    const LINES: usize = 10;
    for message in messages.iter().take(LINES) {
        log::warn!("{project}: {message}");
    }
    if messages.len() > LINES {
        log::warn!("{project}: {} more of the kind; -v shows them", messages.len() - LINES);
        for message in &messages[LINES..] {
            log::info!("{project}: {message}");
        }
    }
}

/// Nothing was seen that was not known: there is nothing to commit.
fn is_untouched(desk: &Desk<'_>, plan: &Plan) -> bool {
    plan.items.is_empty()
        && desk.marks.is_empty()
        && desk.notices.is_empty()
        && !desk.has_unfinished()
        && desk.new_words.is_none()
        && !desk.project.dirty
        && !desk.project.released
        && [Side::Huly, Side::Vibe].iter().all(|&side| desk.stage.slots(side).is_empty())
        && desk.known_vibe.all_seen()
        && (desk.mode == Mode::Incremental || desk.known_huly.all_seen())
}

/// The row of an item that no batch has written. Marks what is settled on the way.
fn row(desk: &mut Desk<'_>, item: &Item) -> Result<Option<Row>> {
    match *item {
        Item::Pair { row, issue, task, .. } => {
            let stored = desk.pass.store.read(|state| store::issues::get(state, row))?;
            let Some(row) = stored else { return Ok(None) };
            let Some(link) = row.link.clone() else { return Ok(None) };
            desk.look_at(&row.identifier);
            if desk.done.contains(&key(&row.identifier)) {
                return Ok(None);
            }
            let (issue, task) = (issue.map(|slot| slot as usize), task.map(|slot| slot as usize));
            let pair = plan::merged(desk, row, link, issue, task)?;
            leave(desk, pair, issue, task).map(Some)
        }
        Item::Adopt { row, issue, task, marked, .. } => {
            let (issue, task) = (issue.map(|slot| slot as usize), task as usize);
            let pair = adoption(desk, row, issue, task, marked)?;
            desk.look_at(&pair.row.identifier);
            desk.look_at(&pair.link.task);
            if desk.done.contains(&key(&pair.row.identifier))
                || numbers::is_taken(desk, &pair.row.identifier, pair.row.id)?
                || desk.is_unanswered(&pair.link.task)
            {
                return Ok(None);
            }
            desk.adopted += 1;
            log::info!("{}: linked to the task {}", pair.row.identifier, pair.link.task);
            leave(desk, pair, issue, Some(task)).map(Some)
        }
        Item::Known { row, issue } | Item::NewTask { row, issue, .. } => {
            let staged = desk.stage.get(Side::Huly, issue as usize)?;
            desk.look_at(&staged.name);
            if desk.done.contains(&key(&staged.name)) || numbers::is_taken(desk, &staged.name, row)?
            {
                return Ok(None);
            }
            let stored = match row {
                0 => None,
                id => desk.pass.store.read(|state| store::issues::get(state, id))?,
            };
            let mut row = stored.unwrap_or_else(|| row_of(&staged));
            renew(&mut row, &staged);
            desk.see_status(staged.status.as_deref(), staged.category);
            desk.see_meaning(staged.status.as_deref(), staged.category);
            Ok(Some(row))
        }
        Item::NewIssue { task, .. } if !desk.pending.is_empty() => {
            let staged = desk.stage.get(Side::Vibe, task as usize)?;
            desk.look_at(&staged.name);
            Ok(None)
        }
        Item::NewIssue { .. }
        | Item::IssueGone { .. }
        | Item::TaskGone { .. }
        | Item::IssueElsewhere { .. }
        | Item::Forget { .. } => Ok(None),
    }
}

/// A pair that no batch has written: what needs no write is settled, the rest stays open.
fn leave(
    desk: &mut Desk<'_>,
    mut pair: Pair,
    issue: Option<usize>,
    task: Option<usize>,
) -> Result<Row> {
    if issue.is_some() {
        desk.see_status(pair.huly.status.as_deref(), pair.huly.category);
        desk.see_meaning(pair.huly.status.as_deref(), pair.huly.category);
    }
    if pair.suspect {
        view::doubt(desk, &pair.row.identifier);
    }
    if pair.unsupported {
        desk.report.counts.unsupported += 1;
        desk.say_once(
            "unsupported",
            "description",
            "this bridge cannot change existing descriptions: edits made in Vibe Kanban wait for \
             one that can"
                .to_owned(),
        );
    }
    if pair.read_only {
        let message =
            format!("task {} is shared and refuses writes without a login", pair.link.task);
        desk.say_once("read-only", &pair.link.task, message);
    }
    let open = pair.merged.writes_to(Side::Huly)
        || pair.merged.writes_to(Side::Vibe)
        || pair.suspect
        // What the task does meanwhile waits for a status that can be compared.
        || pair.huly.status.is_none()
        || pair.huly.text.is_none() && issue.is_some()
        || desk.is_unfinished(&pair.row.identifier);
    for (side, slot) in [(Side::Huly, issue), (Side::Vibe, task)] {
        if let Some(slot) = slot.filter(|_| !open) {
            desk.stage.set(side, slot, SETTLED);
        }
    }
    if open {
        desk.touch(Side::Huly, key(&pair.row.identifier));
        desk.touch(Side::Vibe, key(&pair.link.task));
    } else {
        desk.done.insert(key(&pair.row.identifier));
    }
    if pair.unmapped {
        desk.wait_for_status(&pair.row.identifier, pair.vibe.status.as_deref());
    }
    outgoing::settle(desk, &mut pair);
    outgoing::remember(&mut pair);
    Ok(pair.row)
}

/// The elements to know next time; `None` where they are those of the last time.
fn elements(desk: &mut Desk<'_>, side: Side) -> Result<Option<Known>> {
    let complete = side == Side::Vibe || desk.mode == Mode::Full;
    let known = match side {
        Side::Huly => &mut desk.known_huly,
        Side::Vibe => &mut desk.known_vibe,
    };
    let mut known = std::mem::take(known);
    let (stage, touched) = (&*desk.stage, &desk.touched);
    let read_again = only_read_again(stage, side)?;
    let mut changed = known.retain(|key, seen| {
        let staged = stage.find_key(side, key).is_some() && !read_again.contains(&key);
        (seen || !complete) && !staged && !touched.contains(&(side, key))
    });
    let mut open: BTreeSet<u64> =
        touched.iter().filter(|(of, _)| *of == side).map(|&(_, key)| key).collect();
    let mut settled = 0;
    for (slot, of) in stage.slots(side).iter().enumerate() {
        if stage.has(side, slot, DOUBLE) || open.contains(&of.key) {
            continue;
        }
        if stage.has(side, slot, SETTLED) {
            settled += 1;
        } else {
            open.insert(of.key);
        }
    }
    if settled > 0 || !open.is_empty() {
        changed = true;
        // Straight into their place: another list of them would be the most that a first pass holds.
        known.reserve(settled + open.len());
        for (slot, of) in stage.slots(side).iter().enumerate() {
            if !stage.has(side, slot, DOUBLE)
                && !open.contains(&of.key)
                && let Some(element) = stage.element(side, slot)?
            {
                known.push(element, of.key);
            }
        }
        // What must be looked at again is expected all the same: should the next list leave it out,
        // that is seen.
        open.into_iter().for_each(|key| known.expect(key));
        known.order();
    }
    Ok(changed.then_some(known))
}

/// Items that were only read again by their identifier, and are done with: each is known by what was
/// listed of it.
fn only_read_again(stage: &Stage, side: Side) -> Result<BTreeSet<u64>> {
    let mut keys = BTreeSet::new();
    for (slot, of) in stage.slots(side).iter().enumerate() {
        if stage.has(side, slot, SETTLED) && stage.element(side, slot)?.is_none() {
            keys.insert(of.key);
        }
    }
    Ok(keys)
}

/// How the project's pass ended, by what is left of it.
pub(super) fn outcome(desk: &Desk<'_>, refused: bool) -> Outcome {
    if desk.report.counts.failed > 0 {
        Outcome::Partial
    } else if refused {
        Outcome::Refused
    } else {
        Outcome::Ok
    }
}

/// The cursor that a read allows: the newest change, less the overlap.
pub(super) fn cursor(desk: &Desk<'_>) -> Option<Millis> {
    let asked = desk.pass.asked_after.get(&desk.project.identifier).copied();
    let asked = asked.filter(|_| !desk.is_clock_set_back);
    let newest = desk.newest.max(asked)?;
    Some(newest.saturating_sub(desk.abilities().overlap_ms))
}
