//! What an item shows after a write to it, against what it showed before: what has arrived, and what a
//! person did meanwhile. Decided from the values alone, for both sides.

use crate::huly::platform::markup::{Rendering, Shown};
use crate::model::{Field, Hash, Side};
use crate::store::issues::Link;

use super::halves::Half;
use super::merge::Merged;
use super::normal::{self, BLANK};
use super::outgoing::{self, Sent};
use super::rendering;

/// How a side treats texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Habits {
    /// A text may read blank that is none.
    pub(super) blanks: bool,
    /// How it says texts in its own way; `None`: it keeps each letter.
    pub(super) rendering: Option<Rendering>,
}

/// What one field shows after the write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// What was there before, and nothing was sent.
    Untouched,
    /// What was sent, as this side gives it back.
    Arrived,
    /// A part of the text that was sent.
    Cut,
    /// What was there before, although something else was sent: it was not taken, or put back.
    Back,
    /// Something else: a person edited it meanwhile.
    Edited,
    /// Nothing that could be compared.
    Unknown,
}

/// An item after a write to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReadBack {
    pub(super) title: Outcome,
    pub(super) text: Outcome,
    pub(super) status: Outcome,
    /// What it shows of the text that was sent, if one was.
    pub(super) shown: Option<Shown>,
    /// What this side has agreed to by the write. Of a field that was not written, what it was before:
    /// the other side knows nothing newer.
    pub(super) agreed: Half,
    /// What was last seen of it.
    pub(super) seen: Half,
}

impl ReadBack {
    pub(super) fn of(&self, field: Field) -> Outcome {
        match field {
            Field::Title => self.title,
            Field::Description => self.text,
            Field::Status => self.status,
        }
    }

    /// Whether it has a value that the other side must still be told, or may have.
    pub(super) fn is_edited(&self) -> bool {
        [self.title, self.text, self.status]
            .iter()
            .any(|outcome| matches!(outcome, Outcome::Edited | Outcome::Back))
    }
}

/// Compares an item that was read after a write with what it was before, and with what was sent.
/// `plain` is its text now, without markers.
pub(super) fn compare(
    before: &Half,
    sent: &Sent,
    after: &Half,
    plain: &str,
    habits: Habits,
) -> ReadBack {
    let (mut agreed, mut seen) = (before.clone(), after.clone());
    seen.changed = None;

    let title = match sent.title.as_deref().map(normal::title) {
        None if after.title == before.title => Outcome::Untouched,
        None => Outcome::Edited,
        Some(sent) => {
            sent.clone_into(&mut agreed.title);
            written(after.title == sent, after.title == before.title)
        }
    };

    let status = match (sent.status.as_deref(), after.status.as_deref()) {
        (None, None) => Outcome::Unknown,
        (None, now) if now == before.status.as_deref() => Outcome::Untouched,
        (None, Some(_)) => Outcome::Edited,
        (Some(sent), now) => {
            let arrived = now.is_some_and(|now| now.eq_ignore_ascii_case(sent));
            agreed.status = if arrived { after.status.clone() } else { Some(sent.to_owned()) };
            match now {
                None => Outcome::Unknown,
                now => written(arrived, now == before.status.as_deref()),
            }
        }
    };

    let shown = sent.text.as_deref().map(|sent| match habits.rendering {
        Some(rendering) => rendering::shown(sent, plain, rendering),
        None if normal::digest(plain) == normal::digest(sent) => Shown::AsGiven,
        None => Shown::Otherwise,
    });
    let text = match sent.text.as_deref().zip(shown) {
        None => unsent_text(before.text, after.text, habits),
        Some((sent, shown)) => {
            let outcome = sent_text(before.text, after.text, shown);
            let as_shown = matches!(outcome, Outcome::Arrived | Outcome::Cut);
            agreed.text = if as_shown { after.text } else { Some(normal::digest(sent)) };
            outcome
        }
    };
    let is_blank_doubted = habits.blanks && after.text == Some(BLANK) && text != Outcome::Arrived;
    if is_blank_doubted || after.text.is_none() {
        seen.text = before.text;
    }
    if text == Outcome::Unknown {
        // Our own write has moved the time. The one before it is what a clearing will be proven by.
        seen.modified = before.modified.or(after.modified);
    }
    ReadBack { title, text, status, shown, agreed, seen }
}

fn written(arrived: bool, is_back: bool) -> Outcome {
    match (arrived, is_back) {
        (true, _) => Outcome::Arrived,
        (false, true) => Outcome::Back,
        (false, false) => Outcome::Edited,
    }
}

fn unsent_text(before: Option<Hash>, after: Option<Hash>, habits: Habits) -> Outcome {
    match after {
        None => Outcome::Unknown,
        now if now == before => Outcome::Untouched,
        Some(BLANK) if habits.blanks => Outcome::Unknown,
        Some(_) => Outcome::Edited,
    }
}

fn sent_text(before: Option<Hash>, after: Option<Hash>, shown: Shown) -> Outcome {
    if rendering::is_whole(shown) {
        Outcome::Arrived
    } else if after == Some(BLANK) || after == before {
        Outcome::Back
    } else if shown == Shown::InPart {
        Outcome::Cut
    } else {
        Outcome::Edited
    }
}

/// Moves the bases on for what was written to `side`. `source` is the other half as it was sent from:
/// that, and nothing newer, is what the written side has. What shows as before, as if nothing had
/// been sent, is agreed on by neither.
pub(super) fn advance(
    link: &mut Link,
    merged: Merged,
    side: Side,
    sent: &Sent,
    source: &Half,
    read: &ReadBack,
) {
    for (field, step) in merged.steps() {
        if step.target() != Some(side) || !sent.has(field) {
            continue;
        }
        let before = (link.huly.clone(), link.vibe.clone());
        match side {
            Side::Huly => outgoing::agree(link, field, &read.agreed, source),
            Side::Vibe => outgoing::agree(link, field, source, &read.agreed),
        }
        if read.of(field) == Outcome::Back {
            match side {
                Side::Huly => link.vibe = before.1,
                Side::Vibe => link.huly = before.0,
            }
        }
    }
}

#[cfg(test)]
mod tests;
