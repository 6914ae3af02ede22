//! What is sent for a pair: values in the target's words, texts with their marker.

use crate::huly::Category;
use crate::model::{Field, Side};
use crate::store::issues::{Link, Row};
use crate::store::outbox::{Entry, Kind};

use super::desk::Desk;
use super::halves::{Half, Pair};
use super::marker::{self, Marked, Marker};
use super::merge::Step;
use super::normal;
use super::status::{Translator, Wish};

/// What is sent to one side of a pair.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) title: Option<String>,
    pub(super) status: Option<String>,
    /// Without the marker.
    pub(super) text: Option<String>,
}

impl Sent {
    pub(super) fn is_empty(&self) -> bool {
        self.title.is_none() && self.status.is_none() && self.text.is_none()
    }

    pub(super) fn has(&self, field: Field) -> bool {
        match field {
            Field::Title => self.title.is_some(),
            Field::Description => self.text.is_some(),
            Field::Status => self.status.is_some(),
        }
    }
}

/// The status of one half in the words of the other side; `None`: there is none.
pub(super) fn status_for(desk: &Desk<'_>, from: &Half, target: Side) -> Option<String> {
    translated(desk.words(), from.status.as_deref(), from.category, target)
}

/// A status of one side in the words of the other, `target`; `None`: there is none.
pub(super) fn translated(
    words: Translator<'_>,
    status: Option<&str>,
    category: Option<Category>,
    target: Side,
) -> Option<String> {
    match target {
        Side::Vibe => words.to_vibe(status, category),
        Side::Huly => match words.to_huly(status?) {
            Wish::Name(name) => Some(name),
            Wish::Nothing => None,
        },
    }
}

/// What the merge wants written to `target`; the text is given, since it may have to be read.
pub(super) fn to(desk: &Desk<'_>, pair: &Pair, target: Side, text: Option<String>) -> Sent {
    let wanted = |step: Step| step.target() == Some(target);
    let from = pair.half(target.other());
    Sent {
        title: wanted(pair.merged.title).then(|| from.title.clone()),
        status: wanted(pair.merged.status).then(|| status_for(desk, from, target)).flatten(),
        text: text.filter(|_| wanted(pair.merged.text)),
    }
}

/// The text as it is sent: with the marker, where this side bears it.
pub(super) fn marked(text: &str, row: &Row, link: &Link, target: Side) -> Marked {
    if link.marked != target {
        return Marked { text: text.to_owned(), marker_at: None };
    }
    marker::append(
        text,
        &match target {
            Side::Vibe => Marker::Issue(row.identifier.clone()),
            Side::Huly => Marker::Task(link.task.clone()),
        },
    )
}

/// Whether a body with this text and title is larger than Huly takes.
pub(super) fn is_too_large(desk: &Desk<'_>, marked: &str, title: &str) -> bool {
    /// What a body needs beside the two.
    const ENVELOPE: usize = 512;
    let escaped =
        |text: &str| serde_json::to_string(text).map_or(usize::MAX / 4, |json| json.len());
    escaped(marked) + escaped(title) + ENVELOPE > desk.abilities().body_limit
}

/// The line that is written down before anything is sent.
pub(super) fn entry(desk: &Desk<'_>, kind: Kind, side: Side, sent: &Sent, from: &Half) -> Entry {
    Entry {
        id: 0,
        kind,
        side,
        identifier: None,
        task: None,
        sent_title: sent.title.clone(),
        sent_status: sent.status.clone(),
        sent_text: sent.text.as_deref().map(normal::digest),
        sent_words: sent.text.as_deref().map(normal::words),
        from_title: Some(from.title.clone()),
        from_status: from.status.clone(),
        from_text: from.text,
        at: desk.pass.time(),
    }
}

/// Both sides have agreed on a field: each keeps it as it gives it back.
pub(super) fn agree(link: &mut Link, field: Field, huly: &Half, vibe: &Half) {
    match field {
        Field::Title => {
            link.huly.title = Some(huly.title.clone());
            link.vibe.title = Some(vibe.title.clone());
        }
        Field::Status => {
            link.huly.status.clone_from(&huly.status);
            link.vibe.status.clone_from(&vibe.status);
        }
        Field::Description => {
            link.huly.text = huly.text;
            link.vibe.text = vibe.text;
        }
    }
}

/// What needs no write: equal values become the base, and within Vibe's vocabulary Huly's base
/// follows what Huly calls it.
pub(super) fn settle(desk: &Desk<'_>, pair: &mut Pair) {
    for (field, step) in pair.merged.steps() {
        if step == Step::Settle {
            agree(&mut pair.link, field, &pair.huly, &pair.vibe);
        }
    }
    if pair.merged.status == Step::Nothing && pair.link.huly.status.is_some() {
        let words = desk.words();
        let now = words.to_vibe(pair.huly.status.as_deref(), pair.huly.category);
        let base = words.to_vibe(pair.link.huly.status.as_deref(), None);
        if now.is_some() && now == base {
            pair.link.huly.status.clone_from(&pair.huly.status);
        }
    }
}

/// The row with what was seen of both halves.
pub(super) fn remember(pair: &mut Pair) {
    let (row, huly) = (&mut pair.row, &pair.huly);
    row.title.clone_from(&huly.title);
    if huly.status.is_some() && row.status != huly.status {
        row.status.clone_from(&huly.status);
        row.status_since = huly.modified.or(row.modified);
    }
    // A text that is not believed leaves its time behind too: that is what will prove it.
    if !pair.suspect {
        row.modified = huly.modified.or(row.modified);
        if !(pair.unproven && huly.text == Some(normal::BLANK)) {
            row.text = huly.text.or(row.text);
        }
    }
    let (link, vibe) = (&mut pair.link, &pair.vibe);
    link.task_title.clone_from(&vibe.title);
    if let Some(status) = &vibe.status {
        link.task_status.clone_from(status);
    }
    if let Some(text) = vibe.text {
        link.task_text = text;
    }
    link.task_updated = vibe.modified.or(link.task_updated);
    row.link = Some(link.clone());
}
