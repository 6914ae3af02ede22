//! Texts that a bridge shows in other blocks than they have: there the words alone tell.

use std::collections::HashSet;
use std::ops::Range;

use super::super::block::Block;
use super::super::{Options, write};
use super::tokens::{self, Tokens};
use crate::diff::diff;

/// The text with the words that were edited; `skipped` are places of which nothing is shown. `None`
/// where more than words was edited: whole blocks were added or taken away.
pub(super) fn merge(
    text: &str,
    skipped: &[Range<usize>],
    units: &[Range<usize>],
    shown: &[Block],
    options: &Options,
) -> Option<String> {
    let mut before = words(text);
    before.places.retain(|word| !skipped.iter().any(|place| place.contains(&word.start)));
    let (after, blocks) = words_of_blocks(shown, options)?;
    let after = Tokens { text: &after.0, places: after.1 };
    let mut merged = String::new();
    let (mut copied, mut b, mut a) = (0, 0, 0);
    let end = [(before.places.len(), after.places.len())];
    let pairs = diff(&before.texts(), &after.texts());
    for (next_b, next_a) in pairs.into_iter().chain(end) {
        let is_whole = |parts: &[Range<usize>], changed: &Range<usize>| {
            parts.iter().any(|part| {
                !part.is_empty() && changed.start <= part.start && part.end <= changed.end
            })
        };
        let (old, new) = (b..next_b, a..next_a);
        if is_whole(&blocks, &new) && old.is_empty()
            || new.is_empty() && is_whole(&places_in(&before, units), &old)
        {
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

/// Whether none of its words is shown.
pub(super) fn is_missing(part: &str, shown: &[Block], options: &Options) -> bool {
    let Some(((text, places), _)) = words_of_blocks(shown, options) else { return false };
    let there: HashSet<&str> = places.iter().map(|place| &text[place.clone()]).collect();
    words(part).texts().iter().all(|word| !there.contains(word))
}

fn words(text: &str) -> Tokens<'_> {
    let mut words = tokens::shown(text);
    let is_word = |place: &Range<usize>| text[place.clone()].starts_with(char::is_alphanumeric);
    words.places.retain(is_word);
    words
}

/// A text and where its words are.
type Words = (String, Vec<Range<usize>>);

/// The words of these blocks, and which of them each block has.
fn words_of_blocks(blocks: &[Block], options: &Options) -> Option<(Words, Vec<Range<usize>>)> {
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
    Some(((text, places), of_blocks))
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
