//! Re-reads the targets, and leaves those that moved for the next pass.

use std::collections::HashMap;
use std::time::Instant;

use crate::http::Error;
use crate::huly::Texts;
use crate::huly::platform::markup::Rendering;
use crate::model::Side;
use crate::store::pending::Reason;
use crate::sync::apply::target::{self, Now, is_old, moved, moved_since};
use crate::sync::apply::{Results, fail, may_send};
use crate::sync::desk::Desk;
use crate::sync::halves::{Half, Pair};
use crate::sync::normal::BLANK;
use crate::sync::plan;
use crate::sync::rendering;
use crate::sync::trouble::Result;
use crate::sync::view;

use super::DEFERRALS;
use super::work::Work;

/// Whether this side must be read: it is written, or its text is sent and was not staged.
fn must_read(desk: &Desk<'_>, work: &Work, side: Side) -> bool {
    let (merged, abilities) = (&work.pair.merged, desk.abilities());
    let slot = match side {
        Side::Huly => work.issue,
        Side::Vibe => work.task,
    };
    let target = merged.text.target();
    let not_here = slot.is_none() || side == Side::Huly && abilities.texts == Texts::ByReference;
    // What a text is written over is kept, where it may be missed.
    let needs_text = not_here && (target == Some(side.other()) || target == Some(side));
    // Before a text is erased, the blank one is looked at once more.
    let needs_text = needs_text || side == Side::Huly && may_lie(desk) && erases_vibe(&work.pair);
    let sees_for_itself = side == Side::Huly && abilities.conditional_writes;
    needs_text || merged.writes_to(side) && !sees_for_itself
}

/// Re-reads the targets, and leaves those that moved for the next pass.
pub(super) fn look_again(desk: &mut Desk<'_>, works: &mut [Work]) -> Result<()> {
    let wanted: Vec<&str> = works
        .iter()
        .filter(|work| must_read(desk, work, Side::Huly))
        .map(|work| work.pair.row.identifier.as_str())
        .collect();
    let mut issues = target::issues(desk, &wanted)?;
    for work in works {
        let identifier = work.pair.row.identifier.clone();
        let mut read = Vec::new();
        if let Some(found) = issues.remove(&identifier) {
            read.push((Side::Huly, found));
        }
        if must_read(desk, work, Side::Vibe) && desk.pass.stop.reached().is_none() {
            read.push((Side::Vibe, target::task(desk, &work.pair.link.task)));
        }
        for (side, found) in read {
            match found {
                Ok(Some(now)) => take(desk, work, side, now)?,
                // Gone meanwhile: the next lists will tell.
                Ok(None) => drop_moved(desk, work, "it is gone meanwhile"),
                Err(error) => {
                    let print = work.print();
                    let mut results = Results::default();
                    fail(desk, &mut results, &identifier, print, &error);
                    work.dropped = true;
                    if let Some(halt) = results.halt {
                        return Err(halt);
                    }
                }
            }
        }
    }
    Ok(())
}

/// Compares what was read now with what was planned from.
fn take(desk: &mut Desk<'_>, work: &mut Work, side: Side, now: Now) -> Result<()> {
    let half = now.half(&work.pair);
    // A status that is not resolved right now may be any: nothing is written over it.
    let unresolved = side == Side::Huly
        && half.status.is_none()
        && work.pair.merged.status.target() == Some(side);
    let moved =
        moved(side, work.pair.half(side), &half) || is_another_text(desk, work, side, &half);
    if !unresolved && !moved {
        match side {
            Side::Huly => work.huly_now = Some(now),
            Side::Vibe => work.vibe_now = Some(now),
        }
        return Ok(());
    }
    let identifier = work.pair.row.identifier.clone();
    if desk.tries(&identifier, Reason::Moved) < DEFERRALS {
        drop_moved(desk, work, MOVED);
        return Ok(());
    }
    // The list and the single read do not agree, time and again: the single read counts.
    let pair = &mut work.pair;
    match side {
        Side::Huly => {
            let doubted = may_lie(desk) && half.text == Some(BLANK) && pair.huly.text != half.text;
            pair.huly = half;
            if doubted {
                pair.huly.text = None;
            }
            work.huly_now = Some(now);
        }
        Side::Vibe => {
            pair.vibe = half;
            work.vibe_now = Some(now);
        }
    }
    pair.merged = view::merged(desk, &pair.row, &pair.link, &pair.huly, &pair.vibe);
    view::hold_back(desk, pair);
    Ok(())
}

/// Whether a text is there that the merge has not seen, and that would be lost. Huly's time
/// does not tell: a bridge that could not give the text did not move it.
fn is_another_text(desk: &Desk<'_>, work: &Work, side: Side, half: &Half) -> bool {
    side == Side::Huly
        && may_lie(desk)
        && (work.pair.merged.text.target() == Some(side) || erases_vibe(&work.pair))
        && half.text != work.pair.huly.text
}

/// Whether the task's text gives way to none.
fn erases_vibe(pair: &Pair) -> bool {
    pair.merged.text.target() == Some(Side::Vibe) && plan::erases(pair)
}

/// Whether a text may read blank that is none.
pub(super) fn may_lie(desk: &Desk<'_>) -> bool {
    desk.abilities().texts != Texts::ByReference
}

/// Second looks, when the first is too old to write by: which issues may be written right now. `looks`
/// keeps when the others were looked at last.
pub(super) fn may_write_issues(
    desk: &mut Desk<'_>,
    works: &[Work],
    asked: Vec<usize>,
    looks: &mut HashMap<usize, Instant>,
    results: &mut Results,
) -> Vec<usize> {
    if !may_send(desk, results) {
        return Vec::new();
    }
    if desk.abilities().conditional_writes {
        return asked;
    }
    let last = |index: &usize, looks: &HashMap<usize, Instant>| {
        looks.get(index).copied().or(works[*index].huly_now.as_ref().map(|now| now.at))
    };
    let (old, mut go): (Vec<usize>, Vec<usize>) =
        asked.into_iter().partition(|index| last(index, looks).is_none_or(is_old));
    let names: Vec<&str> =
        old.iter().map(|&index| works[index].pair.row.identifier.as_str()).collect();
    let mut found = match target::issues(desk, &names) {
        Ok(found) => found,
        Err(halt) => {
            results.halt.get_or_insert(halt);
            return Vec::new();
        }
    };
    for index in old {
        let work = &works[index];
        let found = found.remove(&work.pair.row.identifier).unwrap_or(Ok(None));
        if let Some(now) = still(desk, work, Side::Huly, found, results) {
            looks.insert(index, now.at);
            go.push(index);
        }
    }
    go.sort_unstable();
    go
}

/// The same of a task.
pub(super) fn may_write_task(desk: &mut Desk<'_>, work: &mut Work, results: &mut Results) -> bool {
    if !may_send(desk, results) {
        return false;
    }
    if work.vibe_now.as_ref().is_some_and(|now| !is_old(now.at)) {
        return true;
    }
    let found = target::task(desk, &work.pair.link.task);
    let Some(now) = still(desk, work, Side::Vibe, found, results) else { return false };
    work.vibe_now = Some(now);
    true
}

/// The target, if it is as it was planned with; else the pair is marked.
fn still(
    desk: &mut Desk<'_>,
    work: &Work,
    side: Side,
    found: std::result::Result<Option<Now>, Error>,
    results: &mut Results,
) -> Option<Now> {
    let identifier = &work.pair.row.identifier;
    match found {
        Ok(Some(now)) => {
            let is_unresolved = side == Side::Huly
                && now.staged.status.is_none()
                && work.sent(side).status.is_some();
            let rendering = match side {
                Side::Huly => rendering::rendering(desk),
                // It keeps each letter.
                Side::Vibe => Rendering::Own,
            };
            if !is_unresolved && !moved_since(side, &work.pair, work.sent(side), &now, rendering) {
                return Some(now);
            }
            desk.mark(identifier, Reason::Moved, None, MOVED.to_owned());
        }
        Ok(None) => desk.mark(identifier, Reason::Moved, None, "it is gone meanwhile".to_owned()),
        Err(error) => {
            fail(desk, results, identifier, work.print(), &error);
        }
    }
    None
}

/// Why a pair waits whose target was edited between our list and our write.
pub(super) const MOVED: &str = "it was changed while this pass was under way";

pub(super) fn drop_moved(desk: &mut Desk<'_>, work: &mut Work, why: &str) {
    if !work.dropped {
        desk.mark(&work.pair.row.identifier, Reason::Moved, None, why.to_owned());
    }
    work.dropped = true;
}
