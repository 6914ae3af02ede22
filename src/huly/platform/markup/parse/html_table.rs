//! Tables in HTML, as the platform's own renderer writes them.

use std::mem;

use super::super::block::{self, Block, Line};
use super::super::inline::{Piece, What};
use super::super::{Options, tidy};
use super::tags::{self, Raw};

/// The table with this content; `None` where it has no cell.
pub(super) fn block(content: Vec<Raw>, options: &Options) -> Option<Block> {
    let mut reader = Reader { options, rows: Vec::new(), cell: Vec::new(), nested: 0 };
    for part in content {
        reader.take(part);
    }
    reader.end_cell(false);
    block::table(reader.rows)
}

struct Reader<'a> {
    options: &'a Options,
    rows: Vec<Vec<Line>>,
    cell: Vec<Raw>,
    /// How many tables are open within a cell: those are only text.
    nested: usize,
}

impl Reader<'_> {
    fn take(&mut self, part: Raw) {
        let Raw::Tag { tag, .. } = &part else { return self.cell.push(part) };
        match (tag.name.as_str(), tag.is_end) {
            ("table", false) => self.nested += 1,
            ("table", true) => self.nested = self.nested.saturating_sub(1),
            ("tr", false) if self.nested == 0 => {
                self.end_cell(false);
                self.rows.push(Vec::new());
            }
            ("td" | "th", is_end) if self.nested == 0 => self.end_cell(is_end),
            (name, _) if tags::is_block(name) => self.part(),
            _ => self.cell.push(part),
        }
    }

    /// Parts the paragraphs of a cell.
    fn part(&mut self) {
        let is_break = |part: &Raw| matches!(part, Raw::Piece(Piece { what: What::Break, .. }));
        if self.cell.last().is_some_and(|last| !is_break(last)) {
            self.cell.push(Raw::Piece(Piece { what: What::Break, marks: Vec::new() }));
        }
    }

    /// Ends a cell, or, where none was open, what stands between two.
    fn end_cell(&mut self, was_open: bool) {
        let line = tidy::one_line(tags::resolve(mem::take(&mut self.cell), self.options));
        if line.is_empty() && !was_open {
            return;
        }
        match self.rows.last_mut() {
            Some(row) => row.push(line),
            None => self.rows.push(vec![line]),
        }
    }
}
