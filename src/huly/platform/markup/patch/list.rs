//! Lists whose items were added, taken away or rewritten: the others keep their letters.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::super::block::{Block, Item, Kind, List};
use super::super::parse::extensions;
use super::super::{Options, write};
use super::{score, words};
use crate::diff::diff;

/// The list with the edit in it, item by item; `None` where it is no list, or no way is right.
pub(super) fn merge(
    text: &str,
    before: &[Block],
    after: &[Block],
    options: &Options,
    is_right: &mut dyn FnMut(&str) -> bool,
) -> Option<String> {
    let ([Block::List(before)], [Block::List(after)]) = (before, after) else { return None };
    let places = items(text);
    if places.len() != before.items.len() || before.kind != after.kind {
        return None;
    }
    let merger = Merger { text, places, before, after, options };
    let merged = merger.merged();
    is_right(&merged).then_some(merged)
}

struct Merger<'a> {
    text: &'a str,
    places: Vec<Range<usize>>,
    before: &'a List,
    after: &'a List,
    options: &'a Options,
}

impl Merger<'_> {
    fn merged(&self) -> String {
        let mut out = self.text[..self.places.first().map_or(0, |place| place.start)].to_owned();
        let mut last = 0;
        for (at, was) in self.partners().into_iter().enumerate() {
            let item = &self.after.items[at];
            if at > 0 {
                out.push_str(self.gap(last));
            }
            match was {
                Some(was) if self.before.items[was] == *item => {
                    out.push_str(&self.text[self.places[was].clone()]);
                }
                Some(was) => out.push_str(&self.changed(was, item)),
                None => out.push_str(&self.written(last, item, at)),
            }
            last = was.unwrap_or(last);
        }
        out
    }

    /// For each item the one that it was.
    fn partners(&self) -> Vec<Option<usize>> {
        let mut partners = vec![None; self.after.items.len()];
        let (mut b, mut a) = (0, 0);
        let end = [(self.before.items.len(), self.after.items.len())];
        for (next_b, next_a) in diff(&self.before.items, &self.after.items).into_iter().chain(end) {
            let words = |item: &Item| score::Words::of(&self.markdown(item));
            let old: Vec<score::Words> = self.before.items[b..next_b].iter().map(words).collect();
            let new: Vec<score::Words> = self.after.items[a..next_a].iter().map(words).collect();
            for (old, new) in score::pairs(&old, &new).into_iter().enumerate() {
                if let Some(new) = new {
                    partners[a + new] = Some(b + old);
                }
            }
            if let Some(partner) = partners.get_mut(next_a) {
                *partner = Some(next_b);
            }
            (b, a) = (next_b + 1, next_a + 1);
        }
        partners
    }

    /// What stands between an item and the next.
    fn gap(&self, after: usize) -> &str {
        let gap = |at: usize| Some(self.places.get(at)?.end..self.places.get(at + 1)?.start);
        let gap = gap(after).or_else(|| gap(after.checked_sub(1)?)).or_else(|| gap(0));
        gap.and_then(|gap| self.text.get(gap)).unwrap_or("\n")
    }

    fn changed(&self, was: usize, item: &Item) -> String {
        let letters = &self.text[self.places[was].clone()];
        let (before, after) = (self.markdown(&self.before.items[was]), self.markdown(item));
        let reads = |text: &str| match super::parse::blocks(text, self.options, 0).as_deref() {
            Ok([Block::List(list)]) => list.items == [item.clone()],
            _ => false,
        };
        words::merge(letters, &before, &after, &mut |text| reads(text))
            .unwrap_or_else(|| self.written(was, item, was))
    }

    /// An item in the list's own style.
    fn written(&self, like: usize, item: &Item, number: usize) -> String {
        let place = self.places.get(like).cloned().unwrap_or_default();
        let sign = self.text[place].split([' ', '\t', '\n']).next().unwrap_or("-");
        let sign = match sign.strip_suffix(['.', ')']) {
            Some(digits) if self.before.kind == Kind::Ordered => {
                let number = if self.repeats_its_number() {
                    digits.to_owned()
                } else {
                    (self.before.start + number as u64).to_string()
                };
                format!("{number}{}", &sign[digits.len()..])
            }
            _ => sign.to_owned(),
        };
        let written = self.markdown(item);
        let (own, body) = written.split_once(' ').unwrap_or((&written, ""));
        let (own, width) = (own.len() + 1, sign.len() + 1);
        let (from, to) = (" ".repeat(own), " ".repeat(width));
        let lines = body.split('\n').map(|line| match line.strip_prefix(&*from) {
            Some(line) => format!("{to}{line}"),
            None => line.to_owned(),
        });
        format!("{sign} {}", lines.collect::<Vec<_>>().join("\n"))
    }

    fn repeats_its_number(&self) -> bool {
        let number = |place: &Range<usize>| {
            let item = &self.text[place.clone()];
            item.split(['.', ')']).next().unwrap_or_default().to_owned()
        };
        matches!(self.places.as_slice(), [first, second, ..] if number(first) == number(second))
    }

    fn markdown(&self, item: &Item) -> String {
        let items = vec![item.clone()];
        let list = List { kind: self.before.kind, bullet: '-', start: 1, items };
        write::blocks(&[Block::List(list)], self.options).unwrap_or_default()
    }
}

/// Where the items of a list stand.
fn items(text: &str) -> Vec<Range<usize>> {
    let (mut items, mut depth) = (Vec::new(), 0usize);
    for (event, place) in Parser::new_ext(text, extensions()).into_offset_iter() {
        match event {
            Event::Start(Tag::Item) => {
                if depth == 0 {
                    let end = place.start + text[place.clone()].trim_end().len();
                    items.push(place.start..end);
                }
                depth += 1;
            }
            Event::End(TagEnd::Item) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    items
}
