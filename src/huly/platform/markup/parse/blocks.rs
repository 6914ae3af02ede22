//! The events of the parser into blocks.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options as Extensions, Parser, Tag, TagEnd};

use super::super::block::{Block, Item, Kind, Line, List, Verbatim};
use super::super::{DEEPEST, Error, LARGEST, Options, tidy, todo};
use super::collector::Collector;
use super::html;

/// How many pieces and blocks a text may have: each is at least 25 bytes of markup.
const MOST: usize = LARGEST / 25;

/// The blocks of a text, to stand in so many lists and quotes. Too large is one that would become so
/// as markup; that is seen early, since `*a*b` takes a hundred times its size in memory.
pub(crate) fn blocks(markdown: &str, options: &Options, depth: usize) -> Result<Vec<Block>, Error> {
    let mut builder = Builder::new(markdown, options, depth);
    for (event, range) in Parser::new_ext(markdown, extensions()).into_offset_iter() {
        builder.take(event, range.start);
        builder.check_size()?;
    }
    builder.end_line();
    Ok(builder.finished)
}

/// What is read beside CommonMark.
pub(crate) fn extensions() -> Extensions {
    Extensions::ENABLE_TABLES | Extensions::ENABLE_STRIKETHROUGH
}

/// A text that was read, with where in it its parts stand.
pub(crate) struct Placed {
    pub(crate) blocks: Vec<Block>,
    /// The outermost parts, each with how many of the blocks are its own.
    pub(crate) parts: Vec<(Range<usize>, usize)>,
    /// The definitions of links, which are no blocks.
    pub(crate) definitions: Vec<Range<usize>>,
}

/// The blocks of a text, with where they stand.
pub(crate) fn placed_blocks(markdown: &str, options: &Options) -> Result<Placed, Error> {
    let mut builder = Builder::new(markdown, options, 0);
    let (mut parts, mut depth, mut start, mut counted) = (Vec::new(), 0usize, 0, 0);
    let events = Parser::new_ext(markdown, extensions()).into_offset_iter();
    let definitions = events.reference_definitions().iter();
    let mut definitions: Vec<_> = definitions.map(|(_, one)| one.span.clone()).collect();
    definitions.sort_by_key(|place| place.start);
    for (event, range) in events {
        if depth == 0 {
            start = range.start;
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        builder.take(event, range.start);
        builder.check_size()?;
        if depth == 0 {
            builder.end_line();
            parts.push((start..range.end, builder.finished.len() - counted));
            counted = builder.finished.len();
        }
    }
    Ok(Placed { blocks: builder.finished, parts, definitions })
}

/// What is open around the block being read.
enum Frame {
    Quote(Vec<Block>),
    List {
        start: Option<u64>,
        bullet: char,
        /// Each with whether it is a to-do.
        items: Vec<(Item, bool)>,
    },
    Item(Item, bool),
}

struct Builder<'a> {
    source: &'a str,
    options: &'a Options,
    finished: Vec<Block>,
    /// How many pieces and blocks there are so far.
    count: usize,
    open: Vec<Frame>,
    /// How many lists and quotes are open.
    depth: usize,
    /// How many containers are open below the deepest: those are seen through.
    skipped: usize,
    /// The line being read, and where it began.
    line: Option<(Collector<'a>, usize)>,
    /// The text of the code or HTML block being read.
    verbatim: Option<String>,
    /// Of the code block being read.
    language: String,
    table: Vec<Vec<Line>>,
}

impl<'a> Builder<'a> {
    fn new(source: &'a str, options: &'a Options, depth: usize) -> Self {
        Self {
            source,
            options,
            finished: Vec::new(),
            count: 0,
            open: Vec::new(),
            depth,
            skipped: 0,
            line: None,
            verbatim: None,
            language: String::new(),
            table: Vec::new(),
        }
    }

    fn check_size(&self) -> Result<(), Error> {
        let in_line = self.line.as_ref().map_or(0, |(line, _)| line.len());
        if self.count + in_line > MOST { Err(Error::TooLarge(LARGEST)) } else { Ok(()) }
    }

    fn take(&mut self, event: Event<'a>, at: usize) {
        match (event, &mut self.verbatim) {
            (Event::Text(text) | Event::Html(text), Some(verbatim)) => verbatim.push_str(&text),
            (Event::Start(tag), _) => self.start(tag, at),
            (Event::End(tag), _) => self.end(tag, at),
            (Event::Rule, _) => self.push(Block::Rule),
            (event, _) => self.line(at).take(event, at),
        }
    }

    fn start(&mut self, tag: Tag<'a>, at: usize) {
        match tag {
            Tag::Paragraph | Tag::Heading { .. } | Tag::TableCell => {
                self.end_line();
                self.line(at);
            }
            Tag::BlockQuote(_) => self.enter(Frame::Quote(Vec::new())),
            Tag::List(start) => {
                let bullet = self.source[at..].trim_start().chars().next();
                let bullet = bullet.filter(|bullet| matches!(bullet, '-' | '+' | '*'));
                self.enter(Frame::List { start, bullet: bullet.unwrap_or('-'), items: Vec::new() });
            }
            Tag::Item => self.enter(Frame::Item(Item::default(), false)),
            Tag::CodeBlock(kind) => {
                self.end_line();
                self.verbatim = Some(String::new());
                self.language = match kind {
                    CodeBlockKind::Fenced(info) => info.trim().to_owned(),
                    CodeBlockKind::Indented => String::new(),
                };
            }
            Tag::HtmlBlock => {
                self.end_line();
                self.verbatim = Some(String::new());
            }
            Tag::Table(_) => {
                self.end_line();
                self.table.clear();
            }
            Tag::TableHead | Tag::TableRow => self.table.push(Vec::new()),
            other => self.line(at).take(Event::Start(other), at),
        }
    }

    fn end(&mut self, tag: TagEnd, at: usize) {
        match tag {
            TagEnd::Paragraph => self.end_line(),
            TagEnd::Heading(level) => {
                let line = self.line.take().map(|(line, _)| tidy::one_line(line.finish()));
                let underlined = !self.source[at..].trim_start().starts_with('#');
                let line = line.unwrap_or_default();
                self.push(Block::Heading { level: level as u8, underlined, line });
            }
            TagEnd::TableCell => {
                let line = self.line.take().map(|(line, _)| tidy::one_line(line.finish()));
                if let Some(row) = self.table.last_mut() {
                    // A cell is two nodes.
                    self.count += 2 + line.as_ref().map_or(0, Vec::len);
                    row.push(line.unwrap_or_default());
                }
            }
            TagEnd::Table => {
                let rows = std::mem::take(&mut self.table);
                self.push(Block::Table(rows));
            }
            TagEnd::CodeBlock => {
                let mut text = self.verbatim.take().unwrap_or_default();
                if text.ends_with('\n') {
                    text.pop();
                }
                let language = std::mem::take(&mut self.language);
                self.push(Block::Code { language, text: Verbatim(text) });
            }
            TagEnd::HtmlBlock => {
                let source = self.verbatim.take().unwrap_or_default();
                for block in html::blocks(&source, self.options) {
                    self.push(block);
                }
            }
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item => self.leave(),
            TagEnd::TableHead | TagEnd::TableRow => {}
            other => self.line(at).take(Event::End(other), at),
        }
    }

    /// The line being read; in a tight list one begins without saying so.
    fn line(&mut self, at: usize) -> &mut Collector<'a> {
        let new = || (Collector::new(self.source, self.options), at);
        &mut self.line.get_or_insert_with(new).0
    }

    /// Ends a paragraph, if one is open.
    fn end_line(&mut self) {
        let Some((line, at)) = self.line.take() else { return };
        self.count += line.len();
        let mut pieces = line.finish();
        if self.skipped == 0
            && let [.., Frame::List { start: None, .. }, Frame::Item(item, is_todo)] =
                self.open.as_mut_slice()
            && item.blocks.is_empty()
            && !*is_todo
            && !self.source[..at].ends_with('\\')
            && let Some(checked) = todo::checkbox(&self.source[at..], &pieces)
        {
            *is_todo = true;
            item.checked = checked;
            todo::cut_checkbox(&mut pieces);
            item.ids = todo::cut_ids(&mut pieces);
        }
        for line in tidy::paragraphs(pieces) {
            self.push(Block::paragraph(line));
        }
    }

    fn push(&mut self, block: Block) {
        self.end_line();
        self.count += 1;
        match self.open.last_mut() {
            None => self.finished.push(block),
            Some(Frame::Quote(blocks)) => blocks.push(block),
            Some(Frame::Item(item, _)) => item.blocks.push(block),
            // Blocks are in items: this cannot be, and shall lose no text.
            Some(Frame::List { items, .. }) => {
                items.push((Item { blocks: vec![block], ..Item::default() }, false));
            }
        }
    }

    fn enter(&mut self, frame: Frame) {
        self.end_line();
        let nests = !matches!(frame, Frame::Item(..));
        if self.skipped > 0 || (nests && self.depth == DEEPEST) {
            self.skipped += 1;
        } else {
            self.depth += usize::from(nests);
            self.open.push(frame);
        }
    }

    fn leave(&mut self) {
        self.end_line();
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        match self.open.pop() {
            None => {}
            Some(Frame::Quote(blocks)) => {
                self.depth -= 1;
                self.push(Block::Quote(blocks));
            }
            Some(Frame::Item(item, is_todo)) => {
                self.count += 1;
                if let Some(Frame::List { items, .. }) = self.open.last_mut() {
                    items.push((item, is_todo));
                }
            }
            Some(Frame::List { start, bullet, items }) => {
                self.depth -= 1;
                for list in lists(start, bullet, items) {
                    self.push(Block::List(list));
                }
            }
        }
    }
}

/// One list for each run of items of one kind: markup has no list of both.
fn lists(start: Option<u64>, bullet: char, items: Vec<(Item, bool)>) -> Vec<List> {
    if let Some(start) = start {
        let items = items.into_iter().map(|(item, _)| item).collect();
        return vec![List { kind: Kind::Ordered, bullet: '-', start, items }];
    }
    let mut lists: Vec<List> = Vec::new();
    for (item, is_todo) in items {
        let kind = if is_todo { Kind::Todo } else { Kind::Bullet };
        match lists.last_mut() {
            Some(list) if list.kind == kind => list.items.push(item),
            _ => lists.push(List { kind, bullet, start: 1, items: vec![item] }),
        }
    }
    lists
}
