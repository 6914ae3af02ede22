//! Which lines of a text are markers, and the text without them: one walk each.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use memchr::{memchr, memrchr};

use super::line::{self, ISSUE, ISSUE_ALONE, Named, TASK};
use super::verbatim::Verbatim;
use super::{Marker, Own, RULE};
use crate::sync::steps;

/// Where a line begins and ends, its line ending left out.
type Line = (usize, usize);

/// The labels, ready to be looked for: most texts have none, and all texts are searched.
static LABELS: LazyLock<[Finder<'static>; 3]> =
    LazyLock::new(|| [ISSUE, ISSUE_ALONE, TASK].map(Finder::new));

/// The lines of a text in which a marker's label stands: looked for once, asked about many times.
#[derive(Debug)]
pub struct Labelled<'a> {
    text: &'a str,
    lines: Vec<Line>,
    verbatim: OnceCell<Verbatim>,
}

impl<'a> Labelled<'a> {
    /// `None` where there is none: as in most texts.
    #[must_use]
    pub fn of(text: &'a str) -> Option<Self> {
        let lines = lines_with_labels(text);
        (!lines.is_empty()).then(|| Self { text, lines, verbatim: OnceCell::new() })
    }

    /// The marker of an unlinked item: the last that stands directly under a `---`, on the last line,
    /// or, under the label that a text of nothing else has, on the first.
    /// Anywhere else it is a mention; in code it is code.
    #[must_use]
    pub fn marker(&self) -> Option<Marker> {
        let last = self.text.trim_end().len();
        self.lines.iter().rev().find_map(|&line| {
            let named = self.named(line)?;
            let above = Above::of(self.text, 0, line.0);
            let is_last = line.1 >= last;
            let in_its_place =
                above.is_rule() || above == Above::Nothing && (named.is_alone() || is_last);
            let marker = named.marker(in_its_place)?;
            let counts = in_its_place || is_last;
            (counts && !self.is_shown(line)).then_some(marker)
        })
    }

    /// Whether there is a marker of the pair.
    pub(super) fn bears(&self, own: Own<'_>) -> bool {
        self.lines.iter().any(|&line| {
            self.named(line).is_some_and(|named| is_own(&named, own)) && !self.is_shown(line)
        })
    }

    /// The text of a linked item, as [`without_own`](super::without_own) gives it.
    #[must_use]
    pub fn without_own(&self, own: Own<'_>) -> Cow<'a, str> {
        let text = self.text;
        let mut kept = Kept::default();
        for &line in &self.lines {
            let Some(named) = self.named(line) else { continue };
            let above = kept.above(text, line.0);
            let is_own = is_own(&named, own);
            if !(is_own || self.counts(&named, line, above)) || self.is_shown(line) {
                continue;
            }
            let end = match above {
                Above::Rule(rule) => self.without_our_end(kept.from, rule),
                Above::Nothing | Above::Text => line.0,
            };
            kept.cut(text, end, line.1);
        }
        kept.join(text)
    }

    fn named(&self, line: Line) -> Option<Named<'a>> {
        steps::walked(line.1 - line.0);
        // At the margin: what is indented is code, or text of a list that shows one.
        line::parse(self.text[line.0..line.1].trim_end())
    }

    /// Whether a line is a marker of a linked item too, whoever's: under a `---`, or in the place of
    /// all text.
    fn counts(&self, named: &Named<'_>, line: Line, above: Above) -> bool {
        let is_all = || above == Above::Nothing && self.text[line.1..].trim().is_empty();
        (above.is_rule() || above == Above::Nothing && named.is_alone() || is_all())
            && named.marker(true).is_some()
    }

    fn is_shown(&self, line: Line) -> bool {
        self.verbatim().holds(line.0)
    }

    fn verbatim(&self) -> &Verbatim {
        self.verbatim.get_or_init(|| Verbatim::of(self.text))
    }

    /// Where the text ends above a rule: without the line that was put there to close what is open
    /// (directly above the rule, as nobody else writes it).
    fn without_our_end(&self, from: usize, rule: usize) -> usize {
        let above = rule.saturating_sub(1);
        self.verbatim().end_line_to(above).filter(|&line| line >= from).unwrap_or(rule)
    }
}

fn is_own(named: &Named<'_>, own: Own<'_>) -> bool {
    own.issue.is_some_and(|issue| named.is_issue(issue))
        || own.task.is_some_and(|task| named.is_task(task))
}

/// The lines with a label in them, in their order.
fn lines_with_labels(text: &str) -> Vec<Line> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for label in &*LABELS {
        let mut from = 0;
        steps::walked(bytes.len());
        while let Some(at) = label.find(&bytes[from..]) {
            let at = from + at;
            let start = memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
            let end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length);
            steps::walked(end - start);
            found.push((start, end));
            // Once a line is enough.
            from = end;
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The last line above a place that is not blank (servers add blank lines).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Above {
    Nothing,
    /// A `---`, and where its line begins.
    Rule(usize),
    Text,
}

impl Above {
    /// Looks up from a place, no further than `from`.
    fn of(text: &str, from: usize, place: usize) -> Self {
        let above = text[from..place].trim_end();
        steps::walked(place - from - above.len());
        if above.is_empty() {
            return Self::Nothing;
        }
        // Short of the line's begin where it is longer than that of a rule.
        let Some(before) = above.strip_suffix(RULE) else { return Self::Text };
        let line = before.trim_end_matches([' ', '\t']);
        steps::walked(before.len() - line.len());
        match line.is_empty() || line.ends_with('\n') {
            true => Self::Rule(from + line.len()),
            false => Self::Text,
        }
    }

    const fn is_rule(self) -> bool {
        matches!(self, Self::Rule(_))
    }
}

/// What is kept of a text while lines are cut from it.
#[derive(Debug, Default)]
struct Kept {
    /// Without blank lines at their ends, none of them blank.
    pieces: Vec<(usize, usize)>,
    /// Where the rest begins that was not looked at.
    from: usize,
    /// What the pieces end with, once that was asked.
    end: Option<Above>,
}

impl Kept {
    /// What stands above a place in what is kept.
    fn above(&mut self, text: &str, place: usize) -> Above {
        match Above::of(text, self.from, place) {
            Above::Nothing => {}
            above => return above,
        }
        *self.end.get_or_insert_with(|| {
            let last = self.pieces.last();
            last.map_or(Above::Nothing, |&(from, to)| Above::of(text, from, to))
        })
    }

    /// Keeps what is not kept yet up to `end`, which may be in what was, and goes on below `to`.
    fn cut(&mut self, text: &str, end: usize, to: usize) {
        if end >= self.from {
            self.keep(text, self.from, end);
        } else if let Some((from, _)) = self.pieces.pop() {
            self.keep(text, from, end);
        }
        let below = &text[to..];
        let blank = below.len() - below.trim_start().len();
        steps::walked(blank);
        // The white space that a line begins with is its own.
        self.from = below[..blank].rfind('\n').map_or(to, |line| to + line + 1);
        if blank == below.len() {
            self.from = text.len();
        }
    }

    fn keep(&mut self, text: &str, from: usize, to: usize) {
        let piece = text[from..to].trim_end();
        if !piece.trim_start().is_empty() {
            self.pieces.push((from, from + piece.len()));
        }
        self.end = None;
    }

    fn join<'a>(mut self, text: &'a str) -> Cow<'a, str> {
        if self.pieces.is_empty() && self.from == 0 {
            return Cow::Borrowed(text);
        }
        if self.from < text.len() {
            self.pieces.push((self.from, text.len()));
        }
        match self.pieces[..] {
            [] => Cow::Borrowed(""),
            [(from, to)] => Cow::Borrowed(&text[from..to]),
            _ => {
                let pieces: Vec<&str> =
                    self.pieces.iter().map(|&(from, to)| &text[from..to]).collect();
                Cow::Owned(pieces.join("\n\n"))
            }
        }
    }
}
