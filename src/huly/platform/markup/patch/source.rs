//! A text with its blocks, and where in it they stand.

use std::cell::Cell;
use std::ops::Range;

use super::super::block::Block;
use super::super::parse::{self, Placed};
use super::super::{Error, Options, write};

pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    pub(super) blocks: Vec<Block>,
    /// In their order, with gaps between them: blank lines, definitions of links, what shows nothing.
    pub(super) units: Vec<Unit>,
    /// The definitions of links, to be read with a part of the text.
    definitions: String,
    budget: Cell<usize>,
}

/// How many bytes of a text's parts are read again, and how many pairs of their words are compared:
/// some hundred times what the edits of people take.
const BUDGET: usize = 100_000_000;

/// The smallest part of a text that is read by itself.
pub(super) struct Unit {
    /// Whole lines, without the end of the last.
    pub(super) place: Range<usize>,
    /// Which blocks it gives: one at least.
    pub(super) blocks: Range<usize>,
}

impl<'a> Source<'a> {
    pub(super) fn read(text: &'a str, options: &Options) -> Result<Self, Error> {
        let Placed { blocks, parts, definitions } = parse::placed_blocks(text, options)?;
        let mut units: Vec<Unit> = Vec::with_capacity(parts.len());
        let mut at = 0;
        for (place, count) in parts {
            let blocks = at..at + count;
            at = blocks.end;
            let floor = units.last().map_or(0, |unit| unit.place.end);
            let place = whole_lines(text, place, floor);
            if count > 0 {
                units.push(Unit { place, blocks });
            }
        }
        let definitions: Vec<&str> =
            definitions.into_iter().filter_map(|place| text.get(place)).collect();
        let (definitions, budget) = (definitions.join("\n"), Cell::new(BUDGET));
        Ok(Self { text, blocks, units, definitions, budget })
    }

    /// The letters of one of its units.
    pub(super) fn letters(&self, unit: &Unit) -> &'a str {
        &self.text[unit.place.clone()]
    }

    /// The blocks of one of its units.
    pub(super) fn blocks(&self, unit: &Unit) -> &[Block] {
        &self.blocks[unit.blocks.clone()]
    }

    /// What stands before the first unit (`None`), or between that one and the next.
    pub(super) fn gap(&self, after: Option<usize>) -> &'a str {
        let start = after.map_or(0, |at| self.units[at].place.end);
        let next = after.map_or(0, |at| at + 1);
        let end = self.units.get(next).map_or(self.text.len(), |unit| unit.place.start);
        &self.text[start.min(end)..end]
    }

    /// The letters in which these blocks stand here; written anew where they are not whole units.
    pub(super) fn spelling(&self, blocks: Range<usize>, options: &Options) -> String {
        let first = self.units.binary_search_by_key(&blocks.start, |unit| unit.blocks.start);
        let last = self.units.binary_search_by_key(&blocks.end, |unit| unit.blocks.end);
        match (first, last) {
            (Ok(first), Ok(last)) if self.definitions.is_empty() => {
                self.text[self.units[first].place.start..self.units[last].place.end].to_owned()
            }
            _ => write::blocks(&self.blocks[blocks], options).unwrap_or_default(),
        }
    }

    /// Whether it is spelled otherwise than its blocks are written.
    pub(super) fn is_spelled_otherwise(&self, options: &Options) -> bool {
        let written = write::blocks(&self.blocks, options);
        !written.is_ok_and(|written| is_same_spelling(self.text, &written))
    }

    /// The blocks of other letters in the place of a part of this text; `None` where too much was
    /// read already.
    pub(super) fn read_part(&self, part: &str, options: &Options) -> Option<Vec<Block>> {
        let needs_definitions = !self.definitions.is_empty() && part.contains('[');
        let definitions = if needs_definitions { self.definitions.as_str() } else { "" };
        self.spend(part.len() + definitions.len())?;
        if definitions.is_empty() {
            return parse::blocks(part, options, 0).ok();
        }
        parse::blocks(&format!("{part}\n\n{definitions}"), options, 0).ok()
    }

    /// Takes so much of what may be done for this text.
    pub(super) fn spend(&self, cost: usize) -> Option<()> {
        self.budget.set(self.budget.get().checked_sub(cost)?);
        Some(())
    }
}

/// Whether two spellings differ in nothing that anybody means.
pub(super) fn is_same_spelling(one: &str, other: &str) -> bool {
    let lines =
        |text: &'_ str| text.trim().lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    lines(one) == lines(other)
}

/// The place with the white space that its first line begins with, and without that at its end.
fn whole_lines(text: &str, place: Range<usize>, floor: usize) -> Range<usize> {
    let line = text[..place.start].rfind('\n').map_or(0, |end| end + 1).max(floor);
    let is_blank = text[line..place.start].trim().is_empty();
    let start = if is_blank { line } else { place.start };
    let end = place.start + text[place.start..place.end].trim_end().len();
    start..end.max(start)
}
