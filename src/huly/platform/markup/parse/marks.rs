//! The marks that are open at a place in a line.

use std::rc::Rc;

use super::super::inline::{Link, Mark, Marker, add};

/// A stack for each type of mark: as deep as the input nests, and never walked through.
#[derive(Default)]
pub(super) struct Open {
    bold: Vec<Marker>,
    italic: Vec<Marker>,
    strike: usize,
    underline: usize,
    color: Vec<Rc<str>>,
    style: Vec<Rc<[(String, String)]>>,
    highlight: Vec<Option<Rc<str>>>,
    link: Vec<Rc<Link>>,
    code: usize,
}

impl Open {
    pub(super) fn open(&mut self, mark: Mark) {
        match mark {
            Mark::Bold(marker) => self.bold.push(marker),
            Mark::Italic(marker) => self.italic.push(marker),
            Mark::Strike => self.strike += 1,
            Mark::Underline => self.underline += 1,
            Mark::Color(color) => self.color.push(color),
            Mark::Style(style) => self.style.push(style),
            Mark::Highlight(color) => self.highlight.push(color),
            Mark::Link(link) => self.link.push(link),
            Mark::Code => self.code += 1,
        }
    }

    /// Closes the innermost mark of this type.
    pub(super) fn close(&mut self, mark: &Mark) {
        match mark {
            Mark::Bold(_) => drop(self.bold.pop()),
            Mark::Italic(_) => drop(self.italic.pop()),
            Mark::Strike => self.strike = self.strike.saturating_sub(1),
            Mark::Underline => self.underline = self.underline.saturating_sub(1),
            Mark::Color(_) => drop(self.color.pop()),
            Mark::Style(_) => drop(self.style.pop()),
            Mark::Highlight(_) => drop(self.highlight.pop()),
            Mark::Link(_) => drop(self.link.pop()),
            Mark::Code => self.code = self.code.saturating_sub(1),
        }
    }

    /// Closes the innermost link.
    pub(super) fn close_link(&mut self) {
        self.link.pop();
    }

    /// Adds the open marks to a set. Emphasis is its outermost's, all else the innermost's.
    pub(super) fn add_to(&self, marks: &mut Vec<Mark>) {
        let flag = |count: usize, mark: Mark| (count > 0).then_some(mark);
        let open = [
            self.bold.first().copied().map(Mark::Bold),
            self.italic.first().copied().map(Mark::Italic),
            flag(self.strike, Mark::Strike),
            flag(self.underline, Mark::Underline),
            self.color.last().cloned().map(Mark::Color),
            self.style.last().cloned().map(Mark::Style),
            self.highlight.last().cloned().map(Mark::Highlight),
            self.link.last().cloned().map(Mark::Link),
            flag(self.code, Mark::Code),
        ];
        for mark in open.into_iter().flatten() {
            add(marks, mark);
        }
    }
}
