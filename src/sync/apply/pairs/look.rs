//! Re-reads the targets, and leaves those that moved for the next pass.

use crate::huly::Texts;
use crate::model::Side;
use crate::store::pending::Reason;
use crate::sync::apply::target::{self, Now, moved};
use crate::sync::apply::{Results, fail};
use crate::sync::desk::Desk;
use crate::sync::halves::Half;
use crate::sync::normal::BLANK;
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
        drop_moved(desk, work, "it was changed while this pass was under way");
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
    Ok(())
}

/// Whether a text is there that the merge has not seen, and that would be written over. Huly's time
/// does not tell: a bridge that could not give the text did not move it.
fn is_another_text(desk: &Desk<'_>, work: &Work, side: Side, half: &Half) -> bool {
    side == Side::Huly
        && may_lie(desk)
        && work.pair.merged.text.target() == Some(side)
        && half.text != work.pair.huly.text
}

/// Whether a text may read blank that is none.
pub(super) fn may_lie(desk: &Desk<'_>) -> bool {
    desk.abilities().texts != Texts::ByReference
}

pub(super) fn drop_moved(desk: &mut Desk<'_>, work: &mut Work, why: &str) {
    if !work.dropped {
        desk.mark(&work.pair.row.identifier, Reason::Moved, None, why.to_owned());
    }
    work.dropped = true;
}
