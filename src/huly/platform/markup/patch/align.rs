//! Finds what became of each part of a text.

use std::collections::HashMap;
use std::ops::Range;

use super::super::block::Block;
use super::super::{Options, write};
use super::base::Base;
use super::source::{Source, Unit, is_same_spelling};
use super::{Rendering, list, loose, rough, score, words};
use crate::diff::diff;

/// What became of a part of the text, or a new one.
pub(super) enum Part {
    /// It is as it was.
    Kept(Range<usize>, usize),
    Changed(Changed),
    /// Several parts together: their words were edited.
    Reworded {
        last: usize,
        letters: String,
        blocks: Vec<Block>,
    },
    New {
        letters: String,
        blocks: Vec<Block>,
    },
    Gone(usize),
}

/// A part that was edited.
pub(super) struct Changed {
    pub(super) unit: usize,
    /// In its own letters, as far as they stand; with the blocks that they give.
    pub(super) patched: Option<(String, Vec<Block>)>,
    /// As it is shown now.
    pub(super) letters: String,
    pub(super) blocks: Vec<Block>,
    /// Whether its own letters say more than is shown of them.
    pub(super) says_more: bool,
}

/// The parts of the text after the edit.
pub(super) fn parts(
    before: &Source<'_>,
    after: &Source<'_>,
    rendering: Rendering,
    options: &Options,
) -> Vec<Part> {
    let base = Base::of(before, after, rendering, options);
    let mut place: Vec<Option<usize>> = vec![None; base.blocks.len()];
    for (b, a) in diff(&base.blocks, &after.blocks) {
        place[b] = Some(a);
    }
    let aligner = Aligner { before, after, base, rendering, options };
    let mut parts = Vec::new();
    let (mut unit_at, mut after_at) = (0, 0);
    for unit in 0..before.units.len() {
        let Some(kept) = aligner.kept(unit, &place) else { continue };
        aligner.region(unit_at..unit, after_at..kept.start, &mut parts);
        (unit_at, after_at) = (unit + 1, kept.end);
        parts.push(Part::Kept(before.units[unit].blocks.clone(), unit));
    }
    aligner.region(unit_at..before.units.len(), after_at..after.blocks.len(), &mut parts);
    aligner.take_moved(&mut parts);
    parts
}

struct Aligner<'a> {
    before: &'a Source<'a>,
    after: &'a Source<'a>,
    base: Base<'a>,
    rendering: Rendering,
    options: &'a Options,
}

impl Aligner<'_> {
    /// Where a unit's blocks are in the edited text, if all of them are there side by side.
    fn kept(&self, unit: usize, place: &[Option<usize>]) -> Option<Range<usize>> {
        let own = &place[self.base.of_units[unit].clone()];
        let first = own.first().copied().flatten()?;
        let is_next = |(at, place): (usize, &Option<usize>)| *place == Some(first + at);
        own.iter().enumerate().all(is_next).then(|| first..first + own.len())
    }

    /// What became of these units: those blocks.
    fn region(&self, units: Range<usize>, blocks: Range<usize>, parts: &mut Vec<Part>) {
        if units.is_empty() && blocks.is_empty() {
            return;
        }
        if self.rendering == (Rendering::Bridge { loose: true })
            && let Some(part) = self.reworded(units.clone(), blocks.clone())
        {
            parts.push(part);
            return;
        }
        let count = |unit: usize| self.base.of_units[unit].len();
        let counts: usize = units.clone().map(count).sum();
        let mut at = blocks.start;
        if counts == blocks.len() && units.clone().any(|unit| count(unit) != 1) {
            for unit in units {
                let end = at + count(unit);
                parts.push(if at == end {
                    self.missing(unit)
                } else {
                    self.changed(unit, at..end)
                });
                at = end;
            }
            return;
        }
        if units.len() == 1 && !blocks.is_empty() && counts != 1 {
            parts.push(self.changed(units.start, blocks));
            return;
        }
        let written = |blocks: &[Block]| {
            score::Words::of(&write::blocks(blocks, self.options).unwrap_or_default())
        };
        let of_unit = |unit: usize| written(&self.base.blocks[self.base.of_units[unit].clone()]);
        let old: Vec<score::Words> = units.clone().map(of_unit).collect();
        let new: Vec<score::Words> = self.after.blocks[blocks.clone()]
            .iter()
            .map(|block| written(std::slice::from_ref(block)))
            .collect();
        for (unit, partner) in units.zip(score::pairs(&old, &new)) {
            let Some(partner) = partner.map(|partner| blocks.start + partner) else {
                parts.push(self.missing(unit));
                continue;
            };
            parts.extend((at..partner).map(|at| self.new_part(at)));
            parts.push(self.changed(unit, partner..partner + 1));
            at = partner + 1;
        }
        parts.extend((at..blocks.end).map(|at| self.new_part(at)));
    }

    /// These units as one part of which words were edited, though it is shown in other blocks.
    fn reworded(&self, units: Range<usize>, blocks: Range<usize>) -> Option<Part> {
        let (first, last) =
            (units.start, units.end.checked_sub(1).filter(|last| *last >= units.start)?);
        let start = self.before.units[first].place.start;
        let text = &self.before.text[start..self.before.units[last].place.end];
        let shown = loose::Words::of(&self.after.blocks[blocks], self.options)?;
        let pairs = text.len().saturating_mul(1 + units.len() / 64);
        self.before.spend(pairs)?;
        let place = |unit: &Unit| unit.place.start - start..unit.place.end - start;
        let (skipped, places): (Vec<_>, Vec<_>) =
            self.before.units[units].iter().map(place).partition(|place| {
                let part = &text[place.clone()];
                part.trim_start().starts_with('<') && shown.has_none_of(part)
            });
        let letters = loose::merge(text, &skipped, &places, &shown)?;
        let blocks = self.before.read_part(&letters, self.options)?;
        Some(Part::Reworded { last, letters, blocks })
    }

    /// A part that is not shown: a person has deleted it, or it never was.
    fn missing(&self, unit: usize) -> Part {
        let Unit { blocks, .. } = &self.before.units[unit];
        let letters = self.before.letters(&self.before.units[unit]);
        let may_be_cut = self.rendering == Rendering::Bridge { loose: true };
        if self.base.of_units[unit].is_empty()
            || may_be_cut && letters.trim_start().starts_with('<')
        {
            return Part::Kept(blocks.clone(), unit);
        }
        Part::Gone(unit)
    }

    fn new_part(&self, at: usize) -> Part {
        let blocks = vec![self.after.blocks[at].clone()];
        Part::New { letters: self.after.spelling(at..at + 1, self.options), blocks }
    }

    fn changed(&self, unit: usize, blocks: Range<usize>) -> Part {
        let letters = self.before.letters(&self.before.units[unit]);
        let base = &self.base.blocks[self.base.of_units[unit].clone()];
        let after = &self.after.blocks[blocks.clone()];
        if base == after {
            // Of long texts only the ends are compared first.
            return Part::Kept(self.before.units[unit].blocks.clone(), unit);
        }
        let write = |blocks: &[Block]| write::blocks(blocks, self.options);
        let (Ok(before), Ok(now)) = (write(base), write(after)) else {
            return self.replaced(unit, blocks, None, true);
        };
        // Where the two differ all over, as many pairs of words are compared.
        const LARGEST_TABLE: usize = 25_000_000;
        let pairs = (letters.len() / 4).saturating_mul(now.len() / 4);
        if self.before.spend(pairs.min(LARGEST_TABLE)).is_none() {
            return self.replaced(unit, blocks, None, true);
        }
        let mut is_right = |patched: &str| self.reads_as(patched, after);
        let patched = words::merge(letters, &before, &now, &mut is_right);
        let patched =
            patched.or_else(|| list::merge(letters, base, after, self.options, &mut is_right));
        let patched = patched.and_then(|patched| {
            let blocks = self.before.read_part(&patched, self.options)?;
            Some((patched, blocks))
        });
        self.replaced(unit, blocks, patched, !is_same_spelling(letters, &before))
    }

    fn replaced(
        &self,
        unit: usize,
        blocks: Range<usize>,
        patched: Option<(String, Vec<Block>)>,
        says_more: bool,
    ) -> Part {
        Part::Changed(Changed {
            unit,
            patched,
            letters: self.after.spelling(blocks.clone(), self.options),
            blocks: self.after.blocks[blocks].to_vec(),
            says_more,
        })
    }

    fn reads_as(&self, patched: &str, after: &[Block]) -> bool {
        if self.before.read_part(patched, self.options).is_some_and(|blocks| blocks == after) {
            return true;
        }
        self.rendering != Rendering::Own
            && rough::blocks(self.before, patched, self.options)
                .is_some_and(|blocks| blocks == after)
    }

    /// What was moved keeps its letters too.
    fn take_moved(&self, parts: &mut [Part]) {
        let gone = parts.iter().filter_map(|part| match part {
            Part::Gone(unit) => Some((self.before.blocks(&self.before.units[*unit]), *unit)),
            _ => None,
        });
        let gone: HashMap<&[Block], usize> = gone.collect();
        for part in parts {
            let Part::New { letters, blocks } = part else { continue };
            if let Some(unit) = gone.get(blocks.as_slice()) {
                self.before.letters(&self.before.units[*unit]).clone_into(letters);
            }
        }
    }
}
