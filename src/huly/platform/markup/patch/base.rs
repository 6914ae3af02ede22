//! What was shown of a text before the edit.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use super::super::Options;
use super::super::block::Block;
use super::source::Source;
use super::{Rendering, rough};

/// The blocks that were shown of a text.
pub(super) struct Base<'a> {
    pub(super) blocks: Cow<'a, [Block]>,
    /// Which of them each unit gives.
    pub(super) of_units: Vec<Range<usize>>,
}

impl<'a> Base<'a> {
    /// Those that the text has itself; over a bridge those that it makes of a unit, where not all of
    /// the unit's own are shown now.
    pub(super) fn of(
        before: &'a Source<'_>,
        after: &Source<'_>,
        rendering: Rendering,
        options: &Options,
    ) -> Self {
        if rendering == Rendering::Own {
            let of_units = before.units.iter().map(|unit| unit.blocks.clone()).collect();
            return Self { blocks: Cow::Borrowed(&before.blocks), of_units };
        }
        let there: HashSet<&Block> = after.blocks.iter().collect();
        let (mut blocks, mut of_units) = (Vec::new(), Vec::new());
        for unit in &before.units {
            let (own, start) = (before.blocks(unit), blocks.len());
            let is_shown = own.iter().all(|block| there.contains(block));
            let rough =
                (!is_shown).then(|| rough::blocks(before, before.letters(unit), options)).flatten();
            match rough {
                Some(rough) => blocks.extend(rough),
                None => blocks.extend_from_slice(own),
            }
            of_units.push(start..blocks.len());
        }
        Self { blocks: Cow::Owned(blocks), of_units }
    }
}
