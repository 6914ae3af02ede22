//! Carries the words that were edited into the letters of a text.

use std::ops::Range;

use super::tokens::{self, Tokens};
use crate::diff::diff;

/// The text with the edit from `before` to `after` in it; both are the same text in another spelling.
/// `None` where no way is found of which `is_right` says so.
pub(super) fn merge(
    text: &str,
    before: &str,
    after: &str,
    is_right: &mut dyn FnMut(&str) -> bool,
) -> Option<String> {
    if text == before {
        return Some(after.to_owned()).filter(|after| is_right(after));
    }
    let mut tried: Vec<String> = Vec::new();
    for read in [tokens::all, tokens::shown] {
        let (text, before, after) = (read(text), read(before), read(after));
        let place = Place::of(&text, &before);
        let edits = edits(&before.texts(), &after.texts());
        for way in [Way::Narrow, Way::After, Way::Wide] {
            let Some(merged) = carry(&text, &after, &place, &edits, way) else { continue };
            if tried.contains(&merged) {
                continue;
            }
            if is_right(&merged) {
                return Some(merged);
            }
            tried.push(merged);
        }
    }
    None
}

/// What an edit does with letters of the text that are not shown, where they stand at its border.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It leaves them; what is added goes behind them.
    Narrow,
    /// It leaves them; what is added goes before them.
    After,
    /// It takes them along.
    Wide,
}

/// The tokens that both spellings have. Words come first: signs are many, and mean something else in
/// each spelling.
fn same(text: &Tokens<'_>, before: &Tokens<'_>) -> Vec<(usize, usize)> {
    let (text, before) = (text.texts(), before.texts());
    let words = |tokens: &[&str]| {
        let is_word = |at: &usize| tokens[*at].starts_with(char::is_alphanumeric);
        (0..tokens.len()).filter(is_word).collect::<Vec<usize>>()
    };
    let (in_text, in_before) = (words(&text), words(&before));
    let of =
        |tokens: &[&'_ str], at: &[usize]| at.iter().map(|&at| tokens[at].to_owned()).collect();
    let (words_of_text, words_of_before): (Vec<String>, Vec<String>) =
        (of(&text, &in_text), of(&before, &in_before));
    let anchors = diff(&words_of_text, &words_of_before);
    let anchors = anchors.into_iter().map(|(t, b)| (in_text[t], in_before[b]));
    let mut same = Vec::new();
    let (mut t, mut b) = (0, 0);
    for (next_t, next_b) in anchors.chain([(text.len(), before.len())]) {
        let between = diff(&text[t..next_t], &before[b..next_b]);
        same.extend(between.into_iter().map(|(in_t, in_b)| (t + in_t, b + in_b)));
        same.push((next_t, next_b));
        (t, b) = (next_t + 1, next_b + 1);
    }
    same.pop();
    same
}

/// Which tokens became which.
fn edits(before: &[&str], after: &[&str]) -> Vec<(Range<usize>, Range<usize>)> {
    let mut edits = Vec::new();
    let (mut b, mut a) = (0, 0);
    let end = [(before.len(), after.len())];
    for (next_b, next_a) in diff(before, after).into_iter().chain(end) {
        if (b, a) != (next_b, next_a) {
            edits.push((b..next_b, a..next_a));
        }
        (b, a) = (next_b + 1, next_a + 1);
    }
    edits
}

/// The text after these edits; `None` where their places in it are not clear.
fn carry(
    text: &Tokens<'_>,
    after: &Tokens<'_>,
    place: &Place,
    edits: &[(Range<usize>, Range<usize>)],
    way: Way,
) -> Option<String> {
    let mut merged = String::new();
    let mut copied = 0;
    for (old, new) in edits {
        let gone = place.find(text, old.clone(), way);
        if gone.start < copied {
            return None;
        }
        merged.push_str(&text.text[copied..gone.start]);
        merged.push_str(after.between(new.clone()));
        copied = gone.end;
    }
    merged.push_str(&text.text[copied..]);
    Some(merged)
}

/// Where the tokens of the other spelling stand in the text.
struct Place {
    own: Vec<Option<usize>>,
    /// Of each, the last one before it that stands there, and the first one from it on.
    before: Vec<Option<usize>>,
    after: Vec<Option<usize>>,
}

impl Place {
    fn of(text: &Tokens<'_>, before: &Tokens<'_>) -> Self {
        let count = before.places.len();
        let mut place = Self {
            own: vec![None; count],
            before: vec![None; count + 1],
            after: vec![None; count + 1],
        };
        for (t, b) in same(text, before) {
            place.own[b] = Some(t);
        }
        for at in 0..count {
            place.before[at + 1] = place.own[at].or(place.before[at]);
            let back = count - 1 - at;
            place.after[back] = place.own[back].or(place.after[back + 1]);
        }
        place
    }

    /// Where in the text these tokens stand, in bytes.
    fn find(&self, text: &Tokens<'_>, old: Range<usize>, way: Way) -> Range<usize> {
        let start = self.before[old.start].map_or(0, |at| text.places[at].end);
        let end = self.after[old.end].map_or(text.text.len(), |at| text.places[at].start);
        let widest = start..end.max(start);
        let own = &self.own[old];
        if own.is_empty() {
            return match way {
                Way::Narrow => widest.end..widest.end,
                Way::After => widest.start..widest.start,
                Way::Wide => widest,
            };
        }
        match (own.first().copied().flatten(), own.last().copied().flatten()) {
            (Some(first), Some(last)) if way != Way::Wide => {
                text.places[first].start..text.places[last].end
            }
            _ => widest,
        }
    }
}
