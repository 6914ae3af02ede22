//! The cells of a table.

use serde_json::Value;

use super::super::block::{Block, Line};
use super::super::document::{children, kind};
use super::super::{Error, build, read};
use super::blocks::Merge;
use super::line;
use crate::diff::diff;

type Rows = [Vec<Line>];

impl Merge<'_> {
    /// A table after an edit: cells that were not edited keep their nodes. `None` where the node does
    /// not have the cells that its text had.
    pub(super) fn table(
        &self,
        node: &Value,
        base: &Rows,
        after: &Rows,
        depth: usize,
    ) -> Result<Option<Value>, Error> {
        let rows = children(node);
        let is_as_shown = rows.len() == base.len()
            && rows
                .iter()
                .zip(base)
                .all(|(row, line)| kind(row) == "tableRow" && children(row).len() == line.len());
        if !is_as_shown {
            return Ok(None);
        }
        let block = Block::Table(after.to_vec());
        let new = build::block(&block, self.options)?;
        let mut content = children(&new).to_vec();
        for (at, from) in row_origins(base, after) {
            // A header is another kind of cell.
            if (at == 0) != (from == 0) || base[from].len() != after[at].len() {
                continue;
            }
            let mut row = rows[from].clone();
            let cells = children(&rows[from]).iter().zip(base[from].iter().zip(&after[at]));
            let cells: Result<Vec<Value>, Error> = cells
                .zip(children(&content[at]))
                .map(|((cell, (base, after)), new)| self.cell(cell, base, after, new))
                .collect();
            row["content"] = Value::Array(cells?);
            content[at] = row;
        }
        let mut merged = node.clone();
        merged["content"] = Value::Array(content);
        Ok((read::node(&merged, self.options, depth) == [block]).then_some(merged))
    }

    fn cell(&self, cell: &Value, base: &Line, after: &Line, new: &Value) -> Result<Value, Error> {
        let mut merged = cell.clone();
        if base != after {
            merged["content"] = new["content"].clone();
            if let [paragraph] = children(cell)
                && kind(paragraph) == "paragraph"
            {
                let mut paragraph = paragraph.clone();
                paragraph["content"] = line::merge(&paragraph, after, self.options)?.into();
                merged["content"] = Value::Array(vec![paragraph]);
            }
        }
        Ok(merged)
    }
}

/// Which rows were which: those that are the same, and between them those in the same place where as
/// many were replaced.
fn row_origins(base: &Rows, after: &Rows) -> Vec<(usize, usize)> {
    let mut origins = Vec::new();
    let (mut b, mut a) = (0, 0);
    for (to_b, to_a) in diff(base, after).into_iter().chain([(base.len(), after.len())]) {
        if to_b - b == to_a - a {
            origins.extend((a..to_a).zip(b..to_b));
        }
        if to_a < after.len() {
            origins.push((to_a, to_b));
        }
        (b, a) = (to_b + 1, to_a + 1);
    }
    origins
}
