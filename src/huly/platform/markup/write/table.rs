//! Tables with bars.

use super::super::Options;
use super::super::block::{Line, columns};
use super::rungs::{self, Shape};

/// Rows of cells, the header first. Rows shorter than it are left short.
pub(super) fn write(rows: &[Vec<Line>], options: &Options) -> String {
    let mut out = String::new();
    for (number, row) in rows.iter().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        out.push('|');
        for cell in row {
            out.push(' ');
            out.push_str(&rungs::write(cell, Shape::Cell, options));
            out.push_str(" |");
        }
        if number == 0 {
            out.push_str("\n|");
            out.push_str(&" --- |".repeat(columns(rows)));
        }
    }
    out
}
