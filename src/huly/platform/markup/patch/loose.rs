//! Texts that a bridge shows in other blocks than they have: there the words alone tell.

use std::collections::HashSet;
use std::ops::Range;

use super::super::block::Block;
use super::super::{Options, write};
use super::tokens::{self, Tokens};
use crate::diff::diff;

/// The text with the words that were edited; of what stands in the `skipped` places nothing is shown.
/// `None` where more than words was edited: whole units or blocks came or went.
pub(super) fn merge(
    text: &str,
    skipped: &[Range<usize>],
    units: &[Range<usize>],
    shown: &Words,
) -> Option<String> {
    let mut before = words(text);
    before.places.retain(|word| {
        let next = skipped.partition_point(|place| place.end <= word.start);
        skipped.get(next).is_none_or(|place| word.start < place.start)
    });
    let after = Tokens { text: &shown.text, places: shown.places.clone() };
    let of_units = places_in(&before, units);
    let mut merged = String::new();
    let (mut copied, mut b, mut a) = (0, 0, 0);
    let end = [(before.places.len(), after.places.len())];
    let pairs = diff(&before.texts(), &after.texts());
    for (next_b, next_a) in pairs.into_iter().chain(end) {
        let (old, new) = (b..next_b, a..next_a);
        let has_come = old.is_empty() && has_whole(&shown.of_blocks, &new);
        let has_gone = new.is_empty() && has_whole(&of_units, &old);
        if has_come || has_gone {
            return None;
        }
        if !(old.is_empty() && new.is_empty()) {
            let (gone, come) = change(&before, &after, old, new);
            merged.push_str(text.get(copied..gone.start)?);
            merged.push_str(come);
            copied = gone.end;
        }
        (b, a) = (next_b + 1, next_a + 1);
    }
    merged.push_str(&text[copied..]);
    Some(merged)
}

/// Whether all words of any of these parts are among those.
fn has_whole(parts: &[Range<usize>], words: &Range<usize>) -> bool {
    let first = parts.partition_point(|part| part.start < words.start);
    let within = parts[first..].iter().take_while(|part| part.end <= words.end);
    within.into_iter().any(|part| !part.is_empty())
}

/// The words of some blocks.
pub(super) struct Words {
    text: String,
    places: Vec<Range<usize>>,
    /// Which of them each block has.
    of_blocks: Vec<Range<usize>>,
    all: HashSet<String>,
}

impl Words {
    pub(super) fn of(blocks: &[Block], options: &Options) -> Option<Self> {
        let (mut text, mut places, mut of_blocks) = (String::new(), Vec::new(), Vec::new());
        for block in blocks {
            let own = write::blocks(std::slice::from_ref(block), options).ok()?;
            let first = places.len();
            let moved = |place: Range<usize>| text.len() + place.start..text.len() + place.end;
            places.extend(words(&own).places.into_iter().map(moved));
            of_blocks.push(first..places.len());
            text.push_str(&own);
            text.push_str("\n\n");
        }
        let all = places.iter().map(|place| text[place.clone()].to_owned()).collect();
        Some(Self { text, places, of_blocks, all })
    }

    /// Whether no word of this text is among them.
    pub(super) fn has_none_of(&self, text: &str) -> bool {
        words(text).texts().iter().all(|word| !self.all.contains(*word))
    }
}

fn words(text: &str) -> Tokens<'_> {
    let mut words = tokens::shown(text);
    let is_word = |place: &Range<usize>| text[place.clone()].starts_with(char::is_alphanumeric);
    words.places.retain(is_word);
    words
}

/// Which words stand in each of these places.
fn places_in(words: &Tokens<'_>, units: &[Range<usize>]) -> Vec<Range<usize>> {
    let before = |at: usize| words.places.partition_point(|word| word.start < at);
    units.iter().map(|unit| before(unit.start)..before(unit.end)).collect()
}

/// What goes from the first text, and what comes from the second.
fn change<'a>(
    before: &Tokens<'_>,
    after: &Tokens<'a>,
    old: Range<usize>,
    new: Range<usize>,
) -> (Range<usize>, &'a str) {
    if !old.is_empty() && !new.is_empty() {
        let gone = before.places[old.start].start..before.places[old.end - 1].end;
        return (gone, after.between(new));
    }
    // With the white space on one side of it.
    let end = |tokens: &Tokens<'_>, words: &Range<usize>| match words.end.checked_sub(1) {
        Some(last) => tokens.places[last].end,
        None => 0,
    };
    let start = |tokens: &Tokens<'_>, words: &Range<usize>| match words.start.checked_sub(1) {
        Some(last) => tokens.places[last].end,
        None => 0,
    };
    let gone = start(before, &old)..end(before, &old).max(start(before, &old));
    let come = start(after, &new)..end(after, &new).max(start(after, &new));
    (gone, &after.text[come])
}
