//! The normal form of inline content: what Markdown can say of it, in one way only.

use std::mem;

use super::block::Line;
use super::inline::{Mark, Piece, What, plain, push_text};

/// What becomes of line breaks within a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breaks {
    /// Soft ones stay; a blank line parts paragraphs.
    Kept,
    /// Soft ones become spaces: headings and table cells are one line.
    Joined,
}

/// The normal form of a paragraph: none, one, or many where there were blank lines in it.
pub(super) fn paragraphs(pieces: Vec<Piece>) -> Vec<Line> {
    lines(pieces, Breaks::Kept)
}

/// The normal form of a heading or a table cell.
pub(super) fn one_line(pieces: Vec<Piece>) -> Line {
    lines(pieces, Breaks::Joined).pop().unwrap_or_default()
}

/// The smallest parts that white space decides about.
enum Part {
    /// No white space at either end.
    Core(Piece),
    /// White space within a line, with the marks it had.
    Space(String, Vec<Mark>),
    Newline(Vec<Mark>),
    Break,
}

impl Part {
    fn is_core(&self) -> bool {
        matches!(self, Self::Core(_))
    }

    fn is_comment(&self) -> bool {
        matches!(self, Self::Core(Piece { what: What::Comment(_), .. }))
    }
}

fn lines(mut pieces: Vec<Piece>, breaks: Breaks) -> Vec<Line> {
    for piece in &mut pieces {
        if let What::Text(text) | What::Comment(text) = &mut piece.what {
            *text = plain(text);
        }
    }
    let pieces = with_link_texts(pieces);
    let is_shown = |piece: &&Piece| {
        piece.is_code() || !matches!(&piece.what, What::Text(text) if text.trim().is_empty())
    };
    let is_alone = breaks == Breaks::Kept && pieces.iter().filter(is_shown).count() == 1;
    let mut parts = Vec::with_capacity(pieces.len());
    for mut piece in pieces {
        if let What::Comment(text) = &mut piece.what {
            *text = comment(text);
            if !is_alone {
                // Its lines would be blocks, and its bars end a cell.
                *text = text.replace('\n', " ").replace('|', "/");
            }
        }
        take_apart(piece, breaks, &mut parts);
    }
    split(parts).into_iter().map(join).filter(|line| !line.is_empty()).collect()
}

/// A link that shows nothing shows its address: else that would be lost.
fn with_link_texts(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut shown = Vec::with_capacity(pieces.len());
    let mut rest = pieces.as_slice();
    while let Some(first) = rest.first() {
        let same = |piece: &&Piece| piece.link() == first.link();
        let (run, others) = rest.split_at(rest.iter().take_while(same).count());
        if let Some(link) = first.link()
            && run.iter().all(shows_nothing)
        {
            let mut marks = first.marks.clone();
            marks.retain(|mark| *mark != Mark::Code);
            let address = Some(link.href.clone()).filter(|href| !href.trim().is_empty());
            let text = address.or_else(|| link.title.clone()).unwrap_or_default();
            shown.push(Piece::text(text, marks));
        }
        shown.extend_from_slice(run);
        rest = others;
    }
    shown
}

fn shows_nothing(piece: &Piece) -> bool {
    match &piece.what {
        What::Text(text) => text.trim().is_empty() && !piece.is_code(),
        What::Break | What::Comment(_) => true,
        _ => false,
    }
}

fn take_apart(mut piece: Piece, breaks: Breaks, parts: &mut Vec<Part>) {
    let text = match &mut piece.what {
        What::Text(text) => mem::take(text),
        What::Break => return parts.push(Part::Break),
        What::Image(_) | What::Mention(_) | What::Embed(_) | What::Comment(_) => {
            // The collaborator drops marks on anything but text.
            piece.marks.clear();
            return parts.push(Part::Core(piece));
        }
    };
    if piece.is_code() {
        // A code span is one line whatever it holds.
        let text = text.replace('\n', " ");
        if !text.is_empty() {
            parts.push(Part::Core(Piece { what: What::Text(text), marks: piece.marks }));
        }
        return;
    }
    let text = if breaks == Breaks::Joined { text.replace('\n', " ") } else { text };
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            parts.push(Part::Newline(piece.marks.clone()));
        }
        let core = line.trim();
        let Some(before) = line.find(core).filter(|_| !core.is_empty()) else {
            push_space(parts, line, &piece.marks);
            continue;
        };
        push_space(parts, &line[..before], &piece.marks);
        parts.push(Part::Core(Piece::text(core, piece.marks.clone())));
        push_space(parts, &line[before + core.len()..], &piece.marks);
    }
}

fn push_space(parts: &mut Vec<Part>, space: &str, marks: &[Mark]) {
    if !space.is_empty() {
        parts.push(Part::Space(space.to_owned(), marks.to_vec()));
    }
}

/// A comment cannot hold its own end, nor begin with what would be one.
pub(super) fn comment(text: &str) -> String {
    let text = text.replace("--!>", "-- !>").replace("-->", "-- >");
    let begins_badly = text.starts_with('>') || text.starts_with("->");
    let ends_badly = text.ends_with('-') || text.ends_with("<!");
    let before = if begins_badly { " " } else { "" };
    let after = if ends_badly { " " } else { "" };
    format!("{before}{text}{after}")
}

/// No white space around line breaks and at the ends, no breaks at the ends; a blank line splits.
fn split(parts: Vec<Part>) -> Vec<Vec<Part>> {
    let mut paragraphs = Vec::new();
    let mut line: Vec<Part> = Vec::new();
    for part in parts {
        match part {
            Part::Core(_) => line.push(part),
            Part::Space(..) => {
                if line.last().is_some_and(|last| matches!(last, Part::Core(_) | Part::Space(..))) {
                    line.push(part);
                }
            }
            Part::Newline(_) => {
                trim_end(&mut line);
                match line.last() {
                    None | Some(Part::Break) => {}
                    // A line that begins with a comment is a block of its own.
                    Some(_) if line.first().is_some_and(Part::is_comment) => {
                        paragraphs.push(mem::take(&mut line));
                    }
                    Some(Part::Newline(_)) => {
                        line.pop();
                        paragraphs.push(mem::take(&mut line));
                    }
                    Some(_) => line.push(part),
                }
            }
            Part::Break => {
                trim_end(&mut line);
                if matches!(line.last(), Some(Part::Newline(_))) {
                    line.pop();
                }
                if !line.is_empty() {
                    line.push(part);
                }
            }
        }
    }
    paragraphs.push(line);
    for line in &mut paragraphs {
        let end = line.iter().rposition(Part::is_core).map_or(0, |last| last + 1);
        line.truncate(end);
    }
    paragraphs
}

fn trim_end(line: &mut Vec<Part>) {
    while matches!(line.last(), Some(Part::Space(..))) {
        line.pop();
    }
}

/// White space has a mark only where the text on both of its sides has it.
fn join(parts: Vec<Part>) -> Line {
    let mut after: Vec<Option<usize>> = vec![None; parts.len()];
    let mut next = None;
    for (at, part) in parts.iter().enumerate().rev() {
        after[at] = next;
        if part.is_core() {
            next = Some(at);
        }
    }
    let marks_of = |at: Option<usize>| match at.map(|at| &parts[at]) {
        Some(Part::Core(piece)) => piece.marks.as_slice(),
        _ => &[],
    };
    let mut before = None;
    let mut line = Line::new();
    for (at, part) in parts.iter().enumerate() {
        let shared = || {
            let right = marks_of(after[at]);
            let on_both = |mark: &&Mark| right.contains(mark) && **mark != Mark::Code;
            marks_of(before).iter().filter(on_both).cloned().collect::<Vec<_>>()
        };
        let own =
            |marks: &[Mark]| shared().into_iter().filter(|mark| marks.contains(mark)).collect();
        match part {
            Part::Core(Piece { what: What::Text(text), marks }) => {
                push_text(&mut line, text, marks.clone());
                before = Some(at);
            }
            Part::Core(piece) => {
                line.push(piece.clone());
                before = Some(at);
            }
            Part::Space(space, marks) => push_text(&mut line, space, own(marks)),
            Part::Newline(marks) => {
                // A comment at the start of a line would be a block.
                let comment = after[at].is_some_and(|next| parts[next].is_comment());
                push_text(&mut line, if comment { " " } else { "\n" }, own(marks));
            }
            Part::Break => line.push(Piece { what: What::Break, marks: shared() }),
        }
    }
    line
}
