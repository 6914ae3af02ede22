//! A pair on its way.

use crate::model::{Field, Hash, Side};
use crate::sync::apply::Results;
use crate::sync::apply::target::Now;
use crate::sync::halves::{Half, Pair};
use crate::sync::merge::Step;
use crate::sync::outgoing::Sent;

use super::print_of_halves;

/// A pair on its way.
pub(super) struct Work {
    pub(super) pair: Pair,
    pub(super) issue: Option<usize>,
    pub(super) task: Option<usize>,
    pub(super) adopted: bool,
    /// The statuses that both sides last agreed on, Huly's and Vibe's, in the words of each: what is
    /// sent moves on from them.
    pub(super) agreed: [Option<String>; 2],
    /// The halves as they are right now, where they were read.
    pub(super) huly_now: Option<Now>,
    pub(super) vibe_now: Option<Now>,
    /// Both halves as our own writes left them, where there were any: Huly's, Vibe's. The pair keeps
    /// what was decided on.
    pub(super) after: [Option<Half>; 2],
    pub(super) to_huly: Sent,
    pub(super) to_vibe: Sent,
    /// The text that goes to Vibe lacks markup or white space that is in the task alone.
    pub(super) drops: bool,
    /// Row ids in the outbox.
    pub(super) entries: Vec<(Side, i64)>,
    /// Row ids of what is overwritten, with where and what it is.
    pub(super) losers: Vec<(Side, Field, i64)>,
    /// It is out of this batch: marked, or with nothing left to write.
    pub(super) dropped: bool,
}

impl Work {
    pub(super) fn now(&self, side: Side) -> Option<&Now> {
        match side {
            Side::Huly => self.huly_now.as_ref(),
            Side::Vibe => self.vibe_now.as_ref(),
        }
    }

    pub(super) fn sent(&self, side: Side) -> &Sent {
        match side {
            Side::Huly => &self.to_huly,
            Side::Vibe => &self.to_vibe,
        }
    }

    /// The status that a write to this side moves on from. Not the target's present one: in a
    /// conflict that is the value that loses.
    pub(super) fn status_before(&self, side: Side) -> Option<String> {
        match side {
            Side::Huly => self.agreed[0].clone(),
            Side::Vibe => self.agreed[1].clone(),
        }
    }

    pub(super) fn print(&self) -> Hash {
        let [huly, vibe] = &self.after;
        let (pair, huly, vibe) = (&self.pair, huly.as_ref(), vibe.as_ref());
        print_of_halves(huly.unwrap_or(&pair.huly), vibe.unwrap_or(&pair.vibe))
    }

    /// From here on the pair is what our own writes left.
    pub(super) fn show_after(&mut self) {
        let [huly, vibe] = std::mem::take(&mut self.after);
        if let Some(huly) = huly {
            self.pair.huly = huly;
        }
        if let Some(vibe) = vibe {
            self.pair.vibe = vibe;
        }
    }
}

/// Nothing of it was carried out.
pub(super) fn unsent(work: &mut Work, results: &mut Results) {
    unsent_to(work, Side::Huly, results);
    unsent_to(work, Side::Vibe, results);
}

/// These were not overwritten.
pub(super) fn spare(work: &mut Work, results: &mut Results, these: impl Fn(Side, Field) -> bool) {
    work.losers.retain(|&(side, field, id)| {
        let spared = these(side, field);
        results.removed_losers.extend(spared.then_some(id));
        !spared
    });
}

/// Of what goes to Huly only these fields were written; the others wait.
pub(super) fn only(work: &mut Work, written: &[Field], results: &mut Results) {
    let (merged, sent) = (&mut work.pair.merged, &mut work.to_huly);
    if !written.contains(&Field::Title) && sent.title.take().is_some() {
        merged.title = Step::Drift;
    }
    if !written.contains(&Field::Status) && sent.status.take().is_some() {
        merged.status = Step::Drift;
    }
    if !written.contains(&Field::Description) && sent.text.take().is_some() {
        merged.text = Step::Drift;
    }
    spare(work, results, |side, field| side == Side::Huly && !written.contains(&field));
}

pub(super) fn unsent_to(work: &mut Work, side: Side, results: &mut Results) {
    work.entries.retain(|(on, id)| {
        if *on == side {
            results.settled.push(*id);
        }
        *on != side
    });
    spare(work, results, |on, _| on == side);
}
