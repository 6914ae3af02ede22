//! Puts together what is sent, and writes it down with what it will overwrite.

use crate::huly::platform::markup::{self, Rendering};
use crate::model::{Field, Side};
use crate::store::losers::{self, Loser};
use crate::store::outbox::{Entry, Kind as OutboxKind};
use crate::sync::apply::write_down;
use crate::sync::desk::Desk;
use crate::sync::marker::{self, Marked};
use crate::sync::merge::Step;
use crate::sync::normal;
use crate::sync::outgoing::{self, Sent};
use crate::sync::plan;
use crate::sync::rendering;
use crate::sync::trouble::Result;
use crate::sync::unfit;
use crate::sync::unkept;
use crate::sync::view;

use super::look::drop_moved;
use super::work::Work;

/// Puts together what is sent to each side.
pub(super) fn compose(desk: &mut Desk<'_>, work: &mut Work) -> Result<()> {
    let mut text = None;
    if let Some(target) = work.pair.merged.text.target() {
        let plain = source_text(desk, work, target.other())?;
        if Some(normal::digest(&plain)) != work.pair.half(target.other()).text {
            drop_moved(desk, work, "its text was changed while this pass was under way");
            return Ok(());
        }
        text = match target {
            Side::Huly => Some(plain),
            Side::Vibe => carried(desk, work, &plain)?,
        };
    }
    for side in [Side::Huly, Side::Vibe] {
        let mut sent = outgoing::to(desk, &work.pair, side, text.clone());
        leave_out_unfit(desk, work, side, &mut sent);
        match side {
            Side::Huly => work.to_huly = sent,
            Side::Vibe => work.to_vibe = sent,
        }
    }
    let is_settled = work.pair.merged.text == Step::Settle;
    if work.to_huly.is_empty() && work.to_vibe.is_empty() && !is_settled {
        work.dropped = true;
    }
    Ok(())
}

/// Leaves out what the side cannot take, and reports it.
fn leave_out_unfit(desk: &mut Desk<'_>, work: &mut Work, side: Side, sent: &mut Sent) {
    let unfit = unfit::fit(sent, side, |text| side == Side::Huly && is_too_large(desk, work, text));
    let identifier = work.pair.row.identifier.clone();
    if unfit.nul {
        desk.say_nul(&identifier);
    }
    if unfit.goes_whole() {
        return;
    }
    if unfit.title {
        work.pair.merged.title = Step::Drift;
    }
    if unfit.text.is_some() {
        work.pair.merged.text = Step::Drift;
    }
    let message = unfit.message(side, desk.abilities().body_limit);
    desk.hold(&identifier, work.print(), message);
}

/// The task's text with what was edited in Huly; `None` where it says the same already, in letters of
/// its own: that is agreed on, and nothing is written.
fn carried(desk: &Desk<'_>, work: &mut Work, shown: &str) -> Result<Option<String>> {
    let text = source_text(desk, work, Side::Vibe)?;
    let mut rendering = rendering::rendering(desk);
    if let Rendering::Bridge { loose } = &mut rendering {
        *loose = match work.pair.merged.text {
            Step::Conflict { first_sight, .. } => first_sight,
            _ => unkept::is_loose(desk, &work.pair.row.identifier)?,
        };
    }
    let patched = match work.pair.link.marked {
        Side::Huly => rendering::patch_open(&text, shown, rendering),
        Side::Vibe => markup::patch(&text, shown, rendering),
    };
    work.drops = patched.drops;
    if normal::digest(&patched.text) == normal::digest(&text) {
        work.pair.merged.text = Step::Settle;
        return Ok(None);
    }
    Ok(Some(patched.text))
}

fn is_too_large(desk: &Desk<'_>, work: &Work, plain: &str) -> bool {
    let marked = outgoing::marked(plain, &work.pair.row, &work.pair.link, Side::Huly);
    // A text is sent alone.
    outgoing::is_too_large(desk, &marked.text, "")
}

/// The text of the side that gives it, without markers.
fn source_text(desk: &Desk<'_>, work: &Work, side: Side) -> Result<String> {
    if let Some(now) = work.now(side) {
        return Ok(now.plain(&work.pair));
    }
    let slot = match side {
        Side::Huly => work.issue,
        Side::Vibe => work.task,
    };
    let Some(slot) = slot else { return Ok(String::new()) };
    let text = desk.stage.text(&desk.stage.get(side, slot)?)?;
    let own = view::own(&work.pair.row, &work.pair.link);
    Ok(marker::without_own(&text, own).into_owned())
}

/// A text for the task with its marker: in the letters in which the task has it, where those stand at
/// its end.
pub(super) fn marked(work: &Work, text: &str) -> Marked {
    let pair = &work.pair;
    let own = view::own(&pair.row, &pair.link);
    let kept = work.vibe_now.as_ref().and_then(|now| {
        let below = now.text.strip_prefix(&now.plain(pair))?;
        let begins_below = below.starts_with(['\n', '\r']) && !text.trim().is_empty();
        let kept = format!("{text}{below}");
        let is_right = marker::bears(&kept, own) && marker::without_own(&kept, own) == text;
        (begins_below && is_right).then_some(Marked { text: kept, marker_at: None })
    });
    kept.filter(|_| pair.link.marked == Side::Vibe)
        .unwrap_or_else(|| outgoing::marked(text, &pair.row, &pair.link, Side::Vibe))
}

/// The task's own text with its marker, where a person took that away.
pub(super) fn restored(work: &Work) -> Option<Marked> {
    let (pair, now) = (&work.pair, work.vibe_now.as_ref()?);
    let lacks = pair.link.marked == Side::Vibe
        && !marker::bears(&now.text, view::own(&pair.row, &pair.link));
    lacks.then(|| outgoing::marked(&now.plain(pair), &pair.row, &pair.link, Side::Vibe))
}

/// Writes down what is to be sent, and what it will overwrite.
pub(super) fn put_down(desk: &mut Desk<'_>, works: &mut [Work]) -> Result<()> {
    let mut entries: Vec<(usize, Entry)> = Vec::new();
    let mut lost: Vec<(usize, Side, Field, Loser)> = Vec::new();
    for (index, work) in works.iter().enumerate().filter(|(_, work)| !work.dropped) {
        for side in [Side::Huly, Side::Vibe] {
            let sent = work.sent(side);
            if sent.is_empty() {
                continue;
            }
            let from = work.pair.half(side.other());
            let mut entry = outgoing::entry(desk, OutboxKind::Update, side, sent, from);
            entry.identifier = Some(work.pair.row.identifier.clone());
            entry.task = Some(work.pair.link.task.clone());
            entries.push((index, entry));
        }
        let own = losers(desk, work)?.into_iter();
        lost.extend(own.map(|(side, field, loser)| (index, side, field, loser)));
    }
    if entries.is_empty() {
        return Ok(());
    }
    let rows: Vec<Entry> = entries.iter().map(|(_, entry)| entry.clone()).collect();
    let losers: Vec<Loser> = lost.iter().map(|(.., loser)| loser.clone()).collect();
    let (entry_ids, loser_ids) = write_down(desk, &rows, &losers)?;
    for ((index, entry), id) in entries.iter().zip(entry_ids) {
        works[*index].entries.push((entry.side, id));
    }
    for ((index, side, field, _), id) in lost.iter().zip(loser_ids) {
        works[*index].losers.extend(id.map(|id| (*side, *field, id)));
    }
    Ok(())
}

/// The values that this pair's writes overwrite against a change of their own, or erase; with where
/// and what they are.
fn losers(desk: &Desk<'_>, work: &Work) -> Result<Vec<(Side, Field, Loser)>> {
    let mut losers = Vec::new();
    for (field, step) in work.pair.merged.steps() {
        let kind = match step {
            Step::Conflict { first_sight: true, .. } => losers::Kind::FirstSight,
            Step::Conflict { .. } => losers::Kind::Conflict,
            Step::Write(_) if field == Field::Description && plan::erases(&work.pair) => {
                losers::Kind::Erased
            }
            // Markup and white space that are in the task alone.
            Step::Write(Side::Vibe) if field == Field::Description && work.drops => {
                losers::Kind::Conflict
            }
            _ => continue,
        };
        let Some(side) = step.target() else { continue };
        let sent = work.sent(side);
        let (lost, won) = match field {
            Field::Title if sent.title.is_some() => {
                (work.pair.half(side).title.clone(), work.pair.half(side.other()).title.clone())
            }
            Field::Status if sent.status.is_some() => (
                work.pair.half(side).status.clone().unwrap_or_default(),
                work.pair.half(side.other()).status.clone().unwrap_or_default(),
            ),
            Field::Description if sent.text.is_some() => {
                (source_text(desk, work, side)?, sent.text.clone().unwrap_or_default())
            }
            _ => continue,
        };
        let loser = Loser {
            id: 0,
            project: String::new(),
            identifier: work.pair.row.identifier.clone(),
            task: Some(work.pair.link.task.clone()),
            field: field.to_string(),
            kind,
            winner: side.other(),
            lost,
            won,
            at: desk.pass.now,
            acked: None,
        };
        losers.push((side, field, loser));
    }
    Ok(losers)
}
