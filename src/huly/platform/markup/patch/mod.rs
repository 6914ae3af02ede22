//! Carries an edit of what is shown of a text into the text itself.
//!
//! A task's Markdown says more than Huly shows of it: indentation, alignment, tags, the spelling of
//! links. Once a person has edited the shown text, its blocks are compared with those of the task's;
//! blocks that say the same keep the task's letters, and within the others the words change that were
//! edited. What was put together is read again: it says what is shown, or the shown text is taken as
//! it is.

mod align;
mod base;
mod compare;
mod compose;
mod list;
mod loose;
mod rough;
mod score;
mod source;
mod tokens;
mod words;

use std::borrow::Cow;

pub use self::compare::{Shown, compare};

use self::compose::Level;
use self::source::Source;
use super::{Options, dropped, parse};

/// How a text is shown by the Huly at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rendering {
    /// As this module converts it.
    Own,
    /// As a bridge does, which drops some tags and backslashes.
    Bridge {
        /// Whether it may have shown this very text in other blocks, or without some of them.
        loose: bool,
    },
}

/// A text into which an edit was carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patched {
    /// In the letters of the text that was there, where it says the same.
    pub text: String,
    /// Whether white space or markup is gone that the edit had nothing to do with.
    pub drops: bool,
}

/// The text after an edit of what was shown of it: `shown` is what is shown now.
#[must_use]
pub fn patch(text: &str, shown: &str, rendering: Rendering) -> Patched {
    let nothing = |text: &str| text.trim().is_empty();
    if nothing(text) || nothing(shown) || text == shown {
        return Patched { text: shown.to_owned(), drops: false };
    }
    let shown = unix(shown);
    let lines = text.matches('\n').count();
    if lines > 0 && text.matches("\r\n").count() == lines {
        let Patched { text, drops } = patch_lines(&unix(text), &shown, rendering);
        return Patched { text: text.replace('\n', "\r\n"), drops };
    }
    patch_lines(text, &shown, rendering)
}

/// Whether two texts say the same, however they spell it.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    let options = Options::default();
    let blocks = |text| parse::blocks(text, &options, 0);
    match (blocks(a), blocks(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

fn unix(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { text.replace("\r\n", "\n").into() } else { text.into() }
}

fn patch_lines(text: &str, shown: &str, rendering: Rendering) -> Patched {
    let options = Options::default();
    let whole = || Patched { text: shown.to_owned(), drops: true };
    let (Ok(before), Ok(after)) = (Source::read(text, &options), Source::read(shown, &options))
    else {
        return whole();
    };
    let is_same = before.blocks == after.blocks;
    if is_same && (rendering == Rendering::Own || dropped::has_tags_of(text, shown)) {
        return Patched { text: text.to_owned(), drops: false };
    }
    let plan = align::parts(&before, &after, rendering, &options);
    for level in [Level::Words, Level::Blocks] {
        let (patched, expected) = compose::text(&before, &plan, level);
        let read = parse::blocks(&patched, &options, 0);
        // A bridge gives Markdown that is not of our making: its tags are meant, also those that
        // blocks do not have.
        let has_tags = rendering == Rendering::Own || dropped::has_tags_of(&patched, shown);
        if has_tags && read.is_ok_and(|blocks| blocks.iter().eq(expected)) {
            return Patched { text: patched, drops: compose::drops(&plan, level) };
        }
    }
    Patched { drops: before.is_spelled_otherwise(&options), ..whole() }
}
