//! Which lines of a text Markdown shows as they are: code in fences, and HTML that ends at an end of
//! its own. One walk over the lines, by the rules of CommonMark for blocks; nothing within a line is
//! looked at.

mod cursor;
mod html;

use memchr::memchr;

use self::cursor::Cursor;
use crate::sync::steps;

/// What a text shows as it is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Verbatim {
    /// In their order.
    pub(super) closed: Vec<Closed>,
    /// What no line ends: all that is put below the text becomes a part of it.
    pub(super) open: Option<Open>,
}

/// A block of code or HTML that has an end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Closed {
    /// Where its first line begins.
    from: usize,
    /// Where its last line ends.
    to: usize,
    /// Where its last line begins, if that is just what [`Open`] would be ended with.
    pub(super) end_line: Option<usize>,
}

/// A block of code or HTML that has none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Open {
    /// The line that ends it.
    pub(super) end: String,
}

impl Verbatim {
    /// Reads a text.
    pub(super) fn of(text: &str) -> Self {
        if !may_have_any(text) {
            return Self::default();
        }
        let mut walk = Walk { text: text.as_bytes(), ..Walk::default() };
        let (mut from, bytes) = (0, text.as_bytes());
        while from < bytes.len() {
            let to = memchr(b'\n', &bytes[from..]).map_or(bytes.len(), |length| from + length);
            walk.line(from, to);
            from = to + 1;
        }
        walk.end()
    }

    /// Whether the line that begins there is inside of a block that has an end.
    pub(super) fn holds(&self, line: usize) -> bool {
        self.around(line).is_some()
    }

    /// The block whose last line ends there, or that the place is in.
    fn around(&self, place: usize) -> Option<&Closed> {
        let at = self.closed.partition_point(|block| block.to < place);
        self.closed.get(at).filter(|block| block.from <= place)
    }

    /// Where the line begins that ends there, if it is the end of a block and as [`Open`] has it.
    pub(super) fn end_line_to(&self, to: usize) -> Option<usize> {
        self.around(to).filter(|block| block.to == to)?.end_line
    }
}

/// Whether there is anything that such a block begins with.
fn may_have_any(text: &str) -> bool {
    steps::walked(text.len());
    let bytes = text.as_bytes();
    memchr(b'<', bytes).is_some() || text.contains("```") || text.contains("~~~")
}

/// In so many lists and quotes lines are looked at; what is deeper is taken for text.
const DEEPEST: usize = 64;

/// What lines stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Container {
    Quote,
    /// By how many columns its lines are indented.
    Item(usize),
}

/// What the last line was part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Leaf {
    #[default]
    None,
    Paragraph,
    Fence {
        sign: u8,
        length: usize,
        from: usize,
    },
    Html {
        kind: html::Kind,
        from: usize,
    },
}

#[derive(Debug, Default)]
struct Walk<'a> {
    text: &'a [u8],
    containers: Vec<Container>,
    /// Which of them are quotes.
    quotes: Vec<usize>,
    /// The last container is an item with nothing in it yet.
    is_empty_item: bool,
    leaf: Leaf,
    found: Verbatim,
    /// Where the line before ended.
    before: usize,
}

impl Walk<'_> {
    fn line(&mut self, from: usize, to: usize) {
        let line = self.text[from..to].strip_suffix(b"\r").unwrap_or(&self.text[from..to]);
        steps::walked(to - from + 1);
        let mut cursor = Cursor::new(line);
        if cursor.is_blank() {
            self.blank();
        } else {
            let matched = self.matched(&mut cursor);
            if matched < self.containers.len() || !self.goes_on(&mut cursor, from, to) {
                self.begin(cursor, matched, from, to);
            }
        }
        self.before = to;
    }

    /// A blank line ends quotes, paragraphs, and an item that had nothing yet.
    fn blank(&mut self) {
        if let Some(&quote) = self.quotes.first() {
            self.close_to(quote);
        }
        match self.leaf {
            Leaf::Html { kind, .. } if kind.ends_at_blank() => self.leaf = Leaf::None,
            Leaf::Fence { .. } | Leaf::Html { .. } => {}
            Leaf::None if self.is_empty_item => self.close_to(self.containers.len() - 1),
            Leaf::None | Leaf::Paragraph => self.leaf = Leaf::None,
        }
    }

    /// How many containers the line is in.
    fn matched(&self, cursor: &mut Cursor<'_>) -> usize {
        for (at, container) in self.containers.iter().enumerate() {
            steps::walked(1);
            let is_in = match container {
                Container::Quote => cursor.take_quote(),
                // Also a line of which only the signs of quotes are left, unless it ends an item that
                // has nothing yet.
                Container::Item(columns) => {
                    let is_ended = self.is_empty_item && at + 1 == self.containers.len();
                    cursor.take_indent(*columns) || cursor.is_blank() && !is_ended
                }
            };
            if !is_in {
                return at;
            }
        }
        self.containers.len()
    }

    /// Whether the line belongs to the code or HTML that the line before was part of.
    fn goes_on(&mut self, cursor: &mut Cursor<'_>, from: usize, to: usize) -> bool {
        let (first, is_end) = match self.leaf {
            Leaf::Fence { sign, length, from } => {
                (from, cursor.indent() < 4 && ends_fence(cursor.rest(), sign, length))
            }
            Leaf::Html { kind, .. } if kind.ends_at_blank() => return true,
            Leaf::Html { kind, from } => (from, kind.is_end(cursor.rest())),
            Leaf::None | Leaf::Paragraph => return false,
        };
        if is_end {
            let line = &self.text[from..to];
            let as_written = self.containers.is_empty()
                && self.ending().is_some_and(|end| end.as_bytes() == line.trim_ascii_end());
            self.found.closed.push(Closed {
                from: first,
                to,
                end_line: as_written.then_some(from),
            });
            self.leaf = Leaf::None;
        }
        true
    }

    /// The line that ends what is open.
    fn ending(&self) -> Option<String> {
        match self.leaf {
            Leaf::Fence { sign, length, .. } => Some(char::from(sign).to_string().repeat(length)),
            Leaf::Html { kind, .. } => kind.end().map(str::to_owned),
            Leaf::None | Leaf::Paragraph => None,
        }
    }

    /// What else the line begins: containers, and a block within them.
    fn begin(&mut self, mut cursor: Cursor<'_>, matched: usize, from: usize, to: usize) {
        let mut in_all = matched == self.containers.len();
        // A line of text goes on with a paragraph in containers that it is not in.
        let mut after_text = self.leaf == Leaf::Paragraph;
        let mut keep = matched;
        loop {
            steps::walked(1);
            let in_paragraph = in_all && after_text;
            if cursor.indent() >= 4 {
                if !after_text {
                    self.close_to(keep);
                    self.leaf = Leaf::None;
                    self.is_empty_item = false;
                }
                return;
            }
            let may_nest = keep < DEEPEST;
            if may_nest && cursor.take_quote() {
                self.open(Container::Quote, keep);
            } else if let Some(leaf) = block(&cursor, in_paragraph, after_text, from) {
                self.close_to(keep);
                self.is_empty_item = false;
                self.leaf = leaf;
                if let Leaf::Html { kind, .. } = leaf
                    && !kind.ends_at_blank()
                    && kind.is_end(cursor.rest())
                {
                    self.found.closed.push(Closed { from, to, end_line: None });
                    self.leaf = Leaf::None;
                }
                return;
            } else if may_nest && let Some(columns) = cursor.take_item(in_paragraph) {
                self.open(Container::Item(columns), keep);
                self.is_empty_item = cursor.is_blank();
                if self.is_empty_item {
                    return;
                }
            } else {
                break;
            }
            (keep, in_all, after_text) = (self.containers.len(), true, false);
            if cursor.is_blank() {
                return;
            }
        }
        if !in_all && after_text {
            return;
        }
        self.close_to(keep);
        self.is_empty_item = false;
        self.leaf = Leaf::Paragraph;
    }

    fn open(&mut self, container: Container, keep: usize) {
        self.close_to(keep);
        self.leaf = Leaf::None;
        self.is_empty_item = false;
        if container == Container::Quote {
            self.quotes.push(self.containers.len());
        }
        self.containers.push(container);
    }

    /// Ends all but so many containers, and what is in them.
    fn close_to(&mut self, keep: usize) {
        if keep >= self.containers.len() {
            return;
        }
        self.containers.truncate(keep);
        while self.quotes.last().is_some_and(|&at| at >= keep) {
            self.quotes.pop();
        }
        match self.leaf {
            Leaf::Fence { from, .. } => self.close(from),
            Leaf::Html { kind, from } if !kind.ends_at_blank() => self.close(from),
            _ => {}
        }
        self.leaf = Leaf::None;
        self.is_empty_item = false;
    }

    /// What was found, after the last line.
    fn end(mut self) -> Verbatim {
        // A list or quote ends by itself with what is put below it.
        self.close_to(0);
        self.found.open = self.ending().map(|end| Open { end });
        self.found
    }

    fn close(&mut self, from: usize) {
        self.found.closed.push(Closed { from, to: self.before, end_line: None });
    }
}

/// Whether the line ends a fence.
fn ends_fence(line: &[u8], sign: u8, length: usize) -> bool {
    let run = line.iter().take_while(|byte| **byte == sign).count();
    run >= length && line[run..].iter().all(|byte| matches!(byte, b' ' | b'\t'))
}

/// The block without containers that the rest of a line begins, or is. `in_paragraph`: right below
/// its text; `after_text`: there or outside of its containers.
fn block(cursor: &Cursor<'_>, in_paragraph: bool, after_text: bool, from: usize) -> Option<Leaf> {
    let line = cursor.rest();
    let first = *line.first()?;
    match first {
        b'`' | b'~' => {
            let length = line.iter().take_while(|byte| **byte == first).count();
            let fits = length >= 3 && (first == b'~' || memchr(b'`', &line[length..]).is_none());
            fits.then_some(Leaf::Fence { sign: first, length, from })
        }
        b'<' => {
            let kind = html::Kind::of(line, after_text)?;
            Some(Leaf::Html { kind, from })
        }
        b'#' => {
            let level = line.iter().take_while(|byte| **byte == b'#').count();
            let is_heading = level <= 6 && line.get(level).is_none_or(|byte| b" \t".contains(byte));
            is_heading.then_some(Leaf::None)
        }
        b'=' | b'-' if in_paragraph && is_underline(line, first) => Some(Leaf::None),
        b'-' | b'*' | b'_' if is_rule(line, first) => Some(Leaf::None),
        _ => None,
    }
}

fn is_underline(line: &[u8], sign: u8) -> bool {
    let run = line.iter().take_while(|byte| **byte == sign).count();
    line[run..].iter().all(|byte| b" \t".contains(byte))
}

fn is_rule(line: &[u8], sign: u8) -> bool {
    line.trim_ascii_end().last() == Some(&sign)
        && line.iter().filter(|byte| **byte == sign).count() >= 3
        && line.iter().all(|byte| *byte == sign || b" \t".contains(byte))
}

#[cfg(test)]
mod tests;
