//! Carries changes across linked pairs.

mod compose;
mod huly;
mod look;
mod vibe;
mod work;

use crate::model::{Field, Hash, Side};
use crate::store::pending::Reason;
use crate::sync::desk::Desk;
use crate::sync::halves::{Half, Pair};
use crate::sync::item::Item;
use crate::sync::merge::Step;
use crate::sync::outgoing::{self, Sent};
use crate::sync::plan;
use crate::sync::read_back::{self, Outcome, ReadBack};
use crate::sync::stage::{SETTLED, key};
use crate::sync::trouble::Result;
use crate::sync::unlinked::adoption;
use crate::sync::view;

use self::compose::{compose, put_down};
use self::look::look_again;
use self::work::Work;
use super::Results;

/// How often in a row a write gives way to a target that moved; then what was read last counts.
const DEFERRALS: u32 = 3;

/// The values of both halves: a refusal holds as long as they stay.
pub(in crate::sync::apply) fn print_of(pair: &Pair) -> Hash {
    print_of_halves(&pair.huly, &pair.vibe)
}

fn print_of_halves(huly: &Half, vibe: &Half) -> Hash {
    let halves =
        [huly, vibe].map(|half| plan::print(&half.title, half.status.as_deref(), half.text).0);
    Hash::of(&halves.concat())
}

/// Writes the pairs of a batch.
pub(in crate::sync::apply) fn write(desk: &mut Desk<'_>, batch: &[Item]) -> Result<()> {
    let mut works = Vec::with_capacity(batch.len());
    for item in batch {
        if let Some(work) = load(desk, item)? {
            works.push(work);
        }
    }
    look_again(desk, &mut works)?;
    let mut results = Results::default();
    for work in works.iter_mut().filter(|work| !work.dropped) {
        compose(desk, work)?;
    }
    put_down(desk, &mut works)?;
    huly::send(desk, &mut works, &mut results)?;
    vibe::send(desk, &mut works, &mut results);
    for work in works {
        conclude(desk, work, &mut results);
    }
    results.commit(desk)
}

/// The pair as the plan saw it; `None` where a refusal of the same values still holds.
fn load(desk: &mut Desk<'_>, item: &Item) -> Result<Option<Work>> {
    let (pair, issue, task, adopted) = match *item {
        Item::Pair { row, issue, task, .. } => {
            let stored = plan::stored_pair(desk, row, issue, task)?;
            let Some(pair) = stored else { return Ok(None) };
            let (issue, task) = (issue.map(|slot| slot as usize), task.map(|slot| slot as usize));
            (pair, issue, task, false)
        }
        Item::Adopt { row, issue, task, marked, .. } => {
            let (issue, task) = (issue.map(|slot| slot as usize), task as usize);
            (adoption(desk, row, issue, task, marked)?, issue, Some(task), true)
        }
        _ => return Ok(None),
    };
    if desk.was_refused(&pair.row.identifier, print_of(&pair)) {
        desk.repeat_refusal(&pair.row.identifier);
        return Ok(None);
    }
    if desk.waits_for_an_answer(&pair.row.identifier) {
        return Ok(None);
    }
    let agreed = [&pair.link.huly, &pair.link.vibe].map(|base| base.status.clone());
    Ok(Some(Work {
        pair,
        issue,
        task,
        adopted,
        agreed,
        huly_now: None,
        vibe_now: None,
        after: [None, None],
        to_huly: Sent::default(),
        to_vibe: Sent::default(),
        drops: false,
        entries: Vec::new(),
        losers: Vec::new(),
        dropped: false,
    }))
}

/// Takes in what a side shows after our write to it. What a person did beside it stays different from
/// the base, and the next pass reads it again, whatever the lists say: the time is our write's.
fn take_in(desk: &mut Desk<'_>, work: &mut Work, side: Side, read: ReadBack) {
    let (source, sent) = (work.pair.half(side.other()).clone(), work.sent(side).clone());
    read_back::advance(&mut work.pair.link, work.pair.merged, side, &sent, &source, &read);
    let identifier = &work.pair.row.identifier;
    if side == Side::Huly && read.text == Outcome::Unknown {
        view::doubt(desk, identifier);
    } else if read.is_edited() && !desk.marks.contains_key(identifier) {
        let message = "it was edited while it was being written".to_owned();
        desk.mark(identifier, Reason::Moved, None, message);
    }
    work.after[usize::from(side == Side::Vibe)] = Some(read.seen);
}

/// Adds a work to what the batch came to.
fn conclude(desk: &mut Desk<'_>, mut work: Work, results: &mut Results) {
    let identifier = work.pair.row.identifier.clone();
    if !work.dropped {
        // What needs no write was decided on the values of before.
        outgoing::settle(desk, &mut work.pair);
    }
    work.show_after();
    if work.pair.suspect && !work.dropped && !desk.marks.contains_key(&identifier) {
        view::doubt(desk, &identifier);
    }
    let marked = desk.is_unfinished(&identifier) || work.pair.huly.status.is_none();
    for (side, name) in [(Side::Huly, &identifier), (Side::Vibe, &work.pair.link.task)] {
        if work.dropped || marked || !work.sent(side).is_empty() {
            desk.touch(side, key(name));
        }
    }
    if work.dropped {
        return;
    }
    if work.issue.is_some() {
        desk.see_status(work.pair.huly.status.as_deref(), work.pair.huly.category);
    }
    outgoing::remember(&mut work.pair);
    results.settled.extend(work.entries.iter().map(|(_, id)| *id));
    for side in [Side::Huly, Side::Vibe] {
        let sent = work.sent(side);
        if sent.is_empty() {
            continue;
        }
        desk.report.counts.updated.add(side, 1);
        let fields = [
            (Field::Title, None, sent.title.clone()),
            (Field::Description, None, None),
            (Field::Status, work.status_before(side), sent.status.clone()),
        ];
        for (field, step) in work.pair.merged.steps() {
            if step.target() != Some(side) {
                continue;
            }
            if let Step::Conflict { .. } = step {
                desk.report.counts.conflicts += 1;
                log::warn!(
                    "{identifier}: both sides changed the {field}; {}'s value stands, the other is \
                     kept (see `conflicts`)",
                    side.other()
                );
            }
            let values = fields.iter().find(|(name, ..)| *name == field);
            let values = values.map(|(_, old, new)| (old.clone(), new.clone())).unwrap_or_default();
            results.field_change(desk, &identifier, field, side.other(), values);
        }
    }
    // The source's bytes need no second look; the target's are other ones now.
    for (side, slot) in [(Side::Huly, work.issue), (Side::Vibe, work.task)] {
        if let Some(slot) = slot.filter(|_| work.sent(side).is_empty() && !marked) {
            desk.stage.set(side, slot, SETTLED);
        }
    }
    if work.pair.unmapped {
        desk.wait_for_status(&identifier, work.pair.vibe.status.as_deref());
    }
    desk.adopted += u64::from(work.adopted);
    if work.adopted {
        log::info!("{identifier}: linked to the task {}", work.pair.link.task);
    }
    desk.done.insert(key(&identifier));
    results.rows.push(work.pair.row);
}
