//! Whether a text that a server shows after a write is what was written, or somebody's edit.
//!
//! Servers rewrite what they are given. Each side's base is its own way of saying a text: so what was
//! written and is shown in other letters becomes that side's base, and only an edit is a change of it.

use crate::huly::Texts;
use std::borrow::Cow;

use crate::huly::platform::markup::{self, Patched, Rendering, Shown};
use crate::model::{Hash, Side};
use crate::store::outbox::Entry;

use super::desk::Desk;
use super::marker;
use super::normal::{self, BLANK};

/// How this Huly shows texts.
pub(super) fn rendering(desk: &Desk<'_>) -> Rendering {
    match desk.abilities().texts {
        // There we make the markup ourselves, and read it ourselves.
        Texts::ByReference => Rendering::Own,
        Texts::Inline | Texts::OnRequest => Rendering::Bridge { loose: false },
    }
}

/// What a side shows of a text that was sent to it.
pub(super) fn shown(sent: &str, now: &str, rendering: Rendering) -> Shown {
    if normal::digest(now) == normal::digest(sent) {
        return Shown::AsGiven;
    }
    // Above its marker a bridge is given what the text leaves open closed.
    let otherwise = || match closed(sent) {
        Cow::Owned(closed) if rendering != Rendering::Own => {
            markup::compare(&closed, now, rendering)
        }
        _ => Shown::Otherwise,
    };
    let shown = match markup::compare(sent, now, rendering) {
        // There we know what all of it looks like: less than that is somebody's edit.
        Shown::InPart if rendering == Rendering::Own => Shown::Otherwise,
        Shown::Otherwise => otherwise(),
        shown => shown,
    };
    match shown {
        Shown::Otherwise
            if rendering != Rendering::Own && normal::words(now) == normal::words(sent) =>
        {
            Shown::Reshaped
        }
        shown => shown,
    }
}

/// The text with what it leaves open closed, as it is when a marker goes below it.
fn closed(text: &str) -> Cow<'_, str> {
    match marker::closing_line(text) {
        Some(line) => Cow::Owned(format!("{}\n{line}", text.trim_end())),
        None => Cow::Borrowed(text),
    }
}

/// The text of a task from which an issue was made, with what was edited in Huly, see
/// [`markup::patch`]. What it leaves open stays open, though a bridge was given it closed.
pub(super) fn patch_open(task: &str, shown: &str, rendering: Rendering) -> Patched {
    if rendering == Rendering::Own {
        return markup::patch(task, shown, rendering);
    }
    let mut patched = markup::patch(&closed(task), shown, rendering);
    if let Some(line) = marker::closing_line(task)
        && let Some(open) = patched.text.trim_end().strip_suffix(&format!("\n{line}"))
        && marker::closing_line(open).as_ref() == Some(&line)
    {
        patched.text = open.to_owned();
    }
    patched
}

/// Whether all of a text is shown that was sent.
pub(super) fn is_whole(shown: Shown) -> bool {
    matches!(shown, Shown::AsGiven | Shown::Reshaped)
}

/// Whether what is shown, of a text that was sent, is that text in the server's own way of saying it.
pub(super) fn is_arrived(shown: Shown, now: Option<Hash>) -> bool {
    match shown {
        Shown::InPart => now != Some(BLANK),
        shown => is_whole(shown),
    }
}

/// The same of what was written down before it was sent. `source` is the text of the other half now:
/// where it is the one that was sent, it tells more than its hash.
pub(super) fn shown_of(
    entry: &Entry,
    now: &str,
    source: Option<&str>,
    rendering: Rendering,
) -> Shown {
    let sent = source.filter(|source| Some(normal::digest(source)) == entry.sent_text);
    match (sent, entry.sent_text, entry.sent_words) {
        (Some(sent), ..) if entry.side == Side::Huly => shown(sent, now, rendering),
        (_, Some(text), Some(words)) if is_by_hash(now, (text, words)) => Shown::AsGiven,
        _ => Shown::Otherwise,
    }
}

fn is_by_hash(now: &str, (text, words): (Hash, Hash)) -> bool {
    normal::digest(now) == text || normal::words(now) == words
}
