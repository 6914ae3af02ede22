//! Blocks as Markdown and markup both have them.

use std::hash::{Hash, Hasher};

use super::inline::{Piece, What};

/// Inline content.
pub(super) type Line = Vec<Piece>;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Block {
    /// `Line`s may hold soft line breaks; blank lines they have none.
    Paragraph(Line),
    Heading {
        level: u8,
        /// `Title` over `===`.
        underlined: bool,
        line: Line,
    },
    Quote(Vec<Block>),
    Rule,
    Code {
        /// The whole info string; `mermaid` is a node type of its own in markup.
        language: String,
        text: Verbatim,
    },
    List(List),
    /// Rows of cells, the header first; all rows are as long as it.
    Table(Vec<Vec<Line>>),
    Comment(Verbatim),
}

/// Equal are those that differ in their bullet alone: of two lists in a row one takes another.
#[derive(Debug, Clone)]
pub(super) struct List {
    pub(super) kind: Kind,
    /// `-`, `+` or `*`; of an ordered list always `-`.
    pub(super) bullet: char,
    /// The first number of an ordered list; of others 1.
    pub(super) start: u64,
    pub(super) items: Vec<Item>,
}

impl PartialEq for List {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, self.start, &self.items) == (other.kind, other.start, &other.items)
    }
}

impl Eq for List {}

impl Hash for List {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.kind, self.start, &self.items).hash(state);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Bullet,
    Todo,
    Ordered,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Item {
    /// Of a to-do.
    pub(super) checked: bool,
    /// A to-do's `todoid` and `userid`, where the Markdown had them: the platform writes them so.
    pub(super) ids: Option<(String, String)>,
    pub(super) blocks: Vec<Block>,
}

impl Block {
    /// A paragraph; a comment alone in one is a block.
    pub(super) fn paragraph(mut line: Line) -> Self {
        match line.as_mut_slice() {
            [Piece { what: What::Comment(text), .. }] => {
                Self::Comment(Verbatim(std::mem::take(text)))
            }
            _ => Self::Paragraph(line),
        }
    }
}

/// Text kept to the letter: code, comments. Equal are those that differ in white space at line ends
/// alone: other systems take it away, and nobody means it.
#[derive(Debug, Clone, Default)]
pub(super) struct Verbatim(pub(super) String);

impl Verbatim {
    fn lines(&self) -> impl Iterator<Item = &str> {
        self.0.split('\n').map(str::trim_end)
    }
}

impl PartialEq for Verbatim {
    fn eq(&self, other: &Self) -> bool {
        self.lines().eq(other.lines())
    }
}

impl Eq for Verbatim {}

impl Hash for Verbatim {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for line in self.lines() {
            line.hash(state);
        }
    }
}

/// To how many cells a ragged table is filled up.
const MOST_CELLS: usize = 1 << 18;

/// How many columns a table has: those of its longest row.
pub(super) fn columns(rows: &[Vec<Line>]) -> usize {
    rows.iter().map(Vec::len).max().unwrap_or(0)
}

/// A table of these rows, made equally long; none of no cell. Where that would make too many cells,
/// only the header is filled up, which must be.
pub(super) fn table(mut rows: Vec<Vec<Line>>) -> Option<Block> {
    rows.retain(|row| !row.is_empty());
    let columns = columns(&rows);
    let filled = if rows.len().saturating_mul(columns) > MOST_CELLS { 1 } else { rows.len() };
    rows.iter_mut().take(filled).for_each(|row| row.resize(columns, Line::new()));
    (!rows.is_empty()).then_some(Block::Table(rows))
}
