//! Blocks, one below the other.

use std::mem;

use super::super::block::{Block, Item, Kind, List};
use super::super::{Error, LARGEST, Options};
use super::rungs::{self, Shape};
use super::{code, table};

/// How large a text may become: indentation repeats on every line.
const LARGEST_TEXT: usize = 4 * LARGEST;

/// The blocks as Markdown, without a line feed at its end.
pub(crate) fn blocks(blocks: &[Block], options: &Options) -> Result<String, Error> {
    let mut writer =
        Writer { options, in_item: false, in_quote_in_item: false, is_too_large: false };
    let text = writer.blocks(blocks, None);
    if writer.is_too_large { Err(Error::TooLarge(LARGEST_TEXT)) } else { Ok(text) }
}

/// What lists are told apart by.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Marker {
    kind: Kind,
    sign: char,
}

struct Writer<'a> {
    options: &'a Options,
    /// Whether this is in an item, and in a quote in an item.
    in_item: bool,
    in_quote_in_item: bool,
    is_too_large: bool,
}

impl Writer<'_> {
    /// `within` is the list whose item this is.
    fn blocks(&mut self, blocks: &[Block], within: Option<Marker>) -> String {
        let mut out = String::new();
        let mut last: Option<Marker> = None;
        for (number, block) in blocks.iter().enumerate() {
            let mut marker = None;
            let text = match block {
                Block::List(list) => {
                    let above = if number == 0 { within } else { last };
                    let own = marker.insert(marker_of(list, above, number == 0));
                    self.list(list, *own)
                }
                Block::Rule if number == 0 && within.is_some() => "___".to_owned(),
                Block::Paragraph(line)
                    if number == 0 && within.is_some_and(|list| list.kind == Kind::Todo) =>
                {
                    rungs::write(line, Shape::Todo, self.options)
                }
                other => self.block(other),
            };
            if number > 0 {
                // A list directly below its item's text, where it is read as one there.
                let follows = within.is_some()
                    && matches!(blocks[number - 1], Block::Paragraph(_))
                    && matches!(block, Block::List(_))
                    && interrupts(&text)
                    && !last_paragraph(&out).starts_with('<');
                out.push_str(if follows { "\n" } else { "\n\n" });
            }
            out.push_str(&text);
            last = marker;
            if self.is_too_large || out.len() > LARGEST_TEXT {
                self.is_too_large = true;
                return String::new();
            }
        }
        out
    }

    fn block(&mut self, block: &Block) -> String {
        match block {
            Block::Paragraph(line) => rungs::write(line, Shape::Paragraph, self.options),
            Block::Heading { level, underlined, line } => {
                let shape = Shape::Heading { level: *level, underlined: *underlined };
                rungs::write(line, shape, self.options)
            }
            Block::Quote(blocks) => {
                let before = mem::replace(&mut self.in_quote_in_item, self.in_item);
                let text = self.blocks(blocks, None);
                self.in_quote_in_item = before;
                let quoted = |line: &str| match line {
                    "" => ">".to_owned(),
                    _ => format!("> {line}"),
                };
                text.split('\n').map(quoted).collect::<Vec<_>>().join("\n")
            }
            Block::Rule => "---".to_owned(),
            Block::Code { language, text } => code::block(language, &text.0),
            Block::List(list) => self.list(list, marker_of(list, None, false)),
            Block::Table(rows) => table::write(rows, self.options),
            Block::Comment(text) => format!("<!--{}-->", text.0),
        }
    }

    fn list(&mut self, list: &List, marker: Marker) -> String {
        // Numbers have at most nine digits.
        let start = list.start.min(900_000_000);
        let mut out = String::new();
        let is_filled = |item: &Item| !item.blocks.is_empty() || list.kind == Kind::Todo;
        let filled = list.items.iter().rposition(is_filled).map_or(1, |last| last + 1);
        // After an empty item at the end of a loose list in a quote in an item, the parser ends all
        // of these; nothing is lost without it.
        let count = if self.in_quote_in_item { filled } else { list.items.len() };
        let before = mem::replace(&mut self.in_item, true);
        for (number, item) in (start..).zip(&list.items[..count]) {
            if !out.is_empty() {
                out.push('\n');
            }
            match list.kind {
                Kind::Ordered => {
                    let sign = format!("{number}{}", marker.sign);
                    out.push_str(&self.item(&sign, item, marker));
                }
                Kind::Bullet => out.push_str(&self.item(&marker.sign.to_string(), item, marker)),
                Kind::Todo => out.push_str(&self.todo(item, marker)),
            }
            if self.is_too_large {
                return String::new();
            }
        }
        self.in_item = before;
        out
    }

    fn item(&mut self, sign: &str, item: &Item, marker: Marker) -> String {
        let body = self.blocks(&item.blocks, Some(marker));
        let is_text = matches!(item.blocks.first(), Some(Block::Paragraph(_)));
        // A box would make a to-do of it, and the list's own sign (`- --`) a rule of the line.
        let is_box = marker.kind == Kind::Bullet && begins_with_box(&body);
        let first = body.split('\n').next().unwrap_or("");
        let is_rule = first.chars().all(|letter| letter == ' ' || letter == marker.sign);
        let escape = if is_text && (is_box || is_rule) { "\\" } else { "" };
        let indented = indent(&body, sign.len() + 1);
        if body.is_empty() { sign.to_owned() } else { format!("{sign} {escape}{indented}") }
    }

    fn todo(&mut self, item: &Item, marker: Marker) -> String {
        let head = format!("{} [{}]", marker.sign, if item.checked { 'x' } else { ' ' });
        let body = self.blocks(&item.blocks, Some(marker));
        let indented = indent(&body, 2);
        match item.blocks.first() {
            None => head,
            Some(Block::Paragraph(_)) => format!("{head} {indented}"),
            Some(_) => format!("{head}\n\n  {indented}"),
        }
    }
}

/// The list's own sign, unless it would merge with the list above it, or the signs of a list that
/// begins an item of another (`- - -`) be taken for a rule.
fn marker_of(list: &List, above: Option<Marker>, is_first: bool) -> Marker {
    let merges = |sign: char| {
        above.is_some_and(|above| above.sign == sign && (is_first || above.kind == list.kind))
    };
    let signs = match list.kind {
        Kind::Ordered => ['.', ')', '.', '.'],
        Kind::Bullet | Kind::Todo => [list.bullet, '*', '-', '+'],
    };
    let sign = match list.kind {
        Kind::Ordered if is_first => '.',
        _ => signs.into_iter().find(|sign| !merges(*sign)).unwrap_or(list.bullet),
    };
    Marker { kind: list.kind, sign }
}

/// Whether a list is read as one though a paragraph stands directly above it: its first item is not
/// empty, and its first number is 1.
fn interrupts(list: &str) -> bool {
    let first = list.split('\n').next().unwrap_or("");
    match first.split_once(' ') {
        None => false,
        Some((sign, _)) => matches!(sign, "-" | "*" | "+" | "1." | "1)"),
    }
}

/// The last paragraph of a text.
fn last_paragraph(text: &str) -> &str {
    text.rsplit("\n\n").next().unwrap_or(text)
}

fn begins_with_box(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next() == Some('[')
        && letters.next().is_some_and(|tick| matches!(tick, ' ' | 'x' | 'X' | '\u{a0}'))
        && letters.next() == Some(']')
        && letters.next().is_none_or(|after| matches!(after, ' ' | '\u{a0}' | '\n'))
}

/// Indents all lines but the first and blank ones.
fn indent(text: &str, width: usize) -> String {
    let space = " ".repeat(width);
    let mut out = String::with_capacity(text.len() + 16);
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
            if !line.is_empty() {
                out.push_str(&space);
            }
        }
        out.push_str(line);
    }
    out
}
