//! The ladder: a line is written as plainly as it can be, and what was written is read. Only where
//! it is read as something else is the next rung tried.
//!
//! So escapes are rare, and never missing: the parser is asked, not a list of rules.

use super::super::block::{Block, Line};
use super::super::inline::{Mark, Marker, Piece, What};
use super::super::{Options, parse, tidy};
use super::escape::Escape;
use super::line::{Manner, line};

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Paragraph,
    /// The first paragraph of a to-do, behind its box.
    Todo,
    Heading {
        level: u8,
        underlined: bool,
    },
    Cell,
}

/// From the plainest to one that everything can be said in.
const RUNGS: [(Escape, bool); 7] = [
    (Escape::Nothing, false),
    (Escape::Starts, false),
    (Escape::Inline, false),
    (Escape::All, false),
    (Escape::Inline, true),
    (Escape::All, true),
    (Escape::References, true),
];

/// Longer lines are no prose: for them every second rung is enough.
const LONG: usize = 1 << 18;

/// Writes a line.
pub(super) fn write(pieces: &[Piece], shape: Shape, options: &Options) -> String {
    if let [Piece { what: What::Text(text), marks }] = pieces
        && marks.is_empty()
        && is_prose(text)
    {
        return shape.around(text);
    }
    if pieces.is_empty() {
        return shape.around("");
    }
    let starred = starred(pieces, shape);
    // A heading that begins with a comment cannot be underlined.
    let plainer = match shape {
        Shape::Heading { level, underlined: true } => {
            Some(Shape::Heading { level, underlined: false })
        }
        _ => None,
    };
    for shape in [Some(shape), plainer].into_iter().flatten() {
        for pieces in [Some(pieces), starred.as_deref()].into_iter().flatten() {
            if let Some(text) = climb(pieces, shape, options) {
                return text;
            }
        }
    }
    shape.around(&last(pieces, shape, options))
}

fn climb(pieces: &[Piece], shape: Shape, options: &Options) -> Option<String> {
    for (number, (escape, tags)) in RUNGS.into_iter().enumerate() {
        let manner = Manner { escape, tags, joined: shape.is_joined() };
        let text = shape.shut(line(pieces, manner, options));
        if text.len() > LONG && number % 3 != 0 {
            continue;
        }
        let text = shape.around(&text);
        if shape.reads_as(&text, pieces, options) {
            return Some(text);
        }
    }
    None
}

/// What nothing can be misread in, whatever the parser says.
fn last(pieces: &[Piece], shape: Shape, options: &Options) -> String {
    let manner = Manner { escape: Escape::References, tags: true, joined: shape.is_joined() };
    shape.shut(line(pieces, manner, options))
}

/// Emphasis by underscores is not read within words, and tags do not tell of it: as a last resort
/// all of it is by stars. `None` if it is already.
fn starred(pieces: &[Piece], shape: Shape) -> Option<Line> {
    let star = |mark: &Mark| match mark {
        Mark::Bold(_) => Mark::Bold(Marker::Star),
        Mark::Italic(_) => Mark::Italic(Marker::Star),
        other => other.clone(),
    };
    let one = |piece: &Piece| Piece {
        what: piece.what.clone(),
        marks: piece.marks.iter().map(star).collect(),
    };
    let starred: Line = pieces.iter().map(one).collect();
    if starred == pieces {
        return None;
    }
    match shape {
        Shape::Paragraph | Shape::Todo => tidy::paragraphs(starred).pop(),
        Shape::Heading { .. } | Shape::Cell => Some(tidy::one_line(starred)),
    }
}

/// Whether text cannot be anything but itself; most is.
fn is_prose(text: &str) -> bool {
    let is_plain = |letter: char| letter.is_alphanumeric() || " ,.;:'\"()/?%@$\n-".contains(letter);
    text.chars().all(is_plain) && text.split('\n').all(|line| line.starts_with(char::is_alphabetic))
}

impl Shape {
    fn is_joined(self) -> bool {
        matches!(self, Self::Heading { .. } | Self::Cell)
    }

    /// The line as it stands in a text of its own.
    fn around(self, line: &str) -> String {
        match self {
            Self::Paragraph | Self::Todo | Self::Cell => line.to_owned(),
            Self::Heading { level: 1, underlined: true } => format!("{line}\n==="),
            Self::Heading { underlined: true, .. } => format!("{line}\n---"),
            Self::Heading { level, .. } => {
                let marker = "#".repeat(usize::from(level));
                if line.is_empty() { marker } else { format!("{marker} {line}") }
            }
        }
    }

    /// A bar in a cell ends it, also within code or a tag.
    fn shut(self, line: String) -> String {
        if self == Self::Cell { line.replace('|', "\\|") } else { line }
    }

    /// Whether the text is read as these pieces, and leaves alone what stands below it.
    fn reads_as(self, text: &str, pieces: &[Piece], options: &Options) -> bool {
        let source = match self {
            Self::Cell => format!("| {text} |\n| --- |\n\n*x*"),
            Self::Todo => format!("- [ ] {}\n\n*x*", text.replace('\n', "\n  ")),
            _ => format!("{text}\n\n*x*"),
        };
        // The sign of a quote is taken for the end of a tag that was begun on the line above.
        let may_reach_over = text.contains('\n') && text.contains('<');
        let quoted = || format!("> {}", source.replace('\n', "\n> "));
        let is_read =
            |source: &str, is_quoted: bool| match parse::blocks(source, options, 0).as_deref() {
                Ok([Block::Quote(blocks)]) if is_quoted => self.is_read(blocks, pieces),
                Ok(blocks) => !is_quoted && self.is_read(blocks, pieces),
                Err(_) => false,
            };
        is_read(&source, false) && (!may_reach_over || is_read(&quoted(), true))
    }

    fn is_read(self, blocks: &[Block], pieces: &[Piece]) -> bool {
        let [block, Block::Paragraph(below)] = blocks else { return false };
        // Within HTML that was left open it would be no emphasis.
        let is_below = matches!(below.as_slice(), [Piece { marks, .. }] if !marks.is_empty());
        is_below
            && match (self, block) {
                (Self::Paragraph, Block::Paragraph(line)) => line == pieces,
                (Self::Todo, Block::List(list)) => match list.items.as_slice() {
                    [item] => {
                        matches!(item.blocks.as_slice(), [Block::Paragraph(line)] if line == pieces)
                    }
                    _ => false,
                },
                (
                    Self::Heading { level, underlined },
                    Block::Heading { level: l, underlined: u, line },
                ) => level == *l && underlined == *u && line == pieces,
                (Self::Cell, Block::Table(rows)) => match rows.as_slice() {
                    [row] => matches!(row.as_slice(), [cell] if cell == pieces),
                    _ => false,
                },
                _ => false,
            }
    }
}
