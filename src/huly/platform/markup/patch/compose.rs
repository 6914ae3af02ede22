//! Puts the parts of a text together again.

use super::super::block::Block;
use super::align::{Changed, Part};
use super::source::Source;

/// How much of an edited part keeps its letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// All but the words that were edited.
    Words,
    /// Nothing of it.
    Blocks,
}

/// The text, and the blocks that it should give.
pub(super) fn text<'a>(
    before: &'a Source<'_>,
    parts: &'a [Part],
    level: Level,
) -> (String, Vec<&'a Block>) {
    let mut text = Text { out: before.gap(None).to_owned(), must_part: false };
    let mut blocks: Vec<&Block> = Vec::new();
    for part in parts {
        match part {
            Part::Kept(own, unit) => {
                text.push(before.letters(&before.units[*unit]));
                text.out.push_str(before.gap(Some(*unit)));
                blocks.extend(&before.blocks[own.clone()]);
            }
            Part::Changed(changed) => {
                let (letters, own) = letters(changed, level);
                text.push(letters);
                text.out.push_str(before.gap(Some(changed.unit)));
                blocks.extend(own);
            }
            Part::Reworded { last, letters, blocks: own } => {
                text.push(letters);
                text.out.push_str(before.gap(Some(*last)));
                blocks.extend(own);
            }
            Part::New { letters, blocks: own } => {
                text.must_part = true;
                text.push(letters);
                text.must_part = true;
                blocks.extend(own);
            }
            Part::Gone(unit) => {
                text.must_part = true;
                // Definitions of links may be meant by other parts.
                let gap = before.gap(Some(*unit));
                if !gap.trim().is_empty() {
                    text.push(gap.trim_matches('\n'));
                }
            }
        }
    }
    if text.must_part {
        text.out.truncate(text.out.trim_end().len());
    }
    (text.out, blocks)
}

/// Whether white space or markup of an edited part is gone.
pub(super) fn drops(parts: &[Part], level: Level) -> bool {
    parts.iter().any(|part| match part {
        Part::Changed(changed) => {
            changed.says_more && (level == Level::Blocks || changed.patched.is_none())
        }
        _ => false,
    })
}

fn letters(changed: &Changed, level: Level) -> (&str, &[Block]) {
    match &changed.patched {
        Some((letters, blocks)) if level == Level::Words => (letters, blocks),
        _ => (&changed.letters, &changed.blocks),
    }
}

struct Text {
    out: String,
    /// Whether a blank line must come before what is next.
    must_part: bool,
}

impl Text {
    fn push(&mut self, letters: &str) {
        if std::mem::take(&mut self.must_part) && !self.out.is_empty() {
            while !self.out.ends_with("\n\n") {
                self.out.push('\n');
            }
        }
        self.out.push_str(letters);
    }
}
