//! What tags mean: marks, line breaks, images, or nothing that markup has.
//!
//! A tag that is not known, or whose other half is missing, is text: `Vec<String>` is a word, and
//! the platform loses the half of it.

use std::collections::HashMap;
use std::rc::Rc;

use super::super::inline::{Image, Link, Mark, Marker, Piece, What};
use super::super::{Options, address};
use super::marks::Open;
use super::tag::Tag;

/// A piece, or a tag whose other half has yet to be found.
pub(super) enum Raw {
    Piece(Piece),
    Tag { tag: Tag, source: String, marks: Vec<Mark> },
}

enum Meaning {
    Mark(Mark),
    /// Its address and title.
    Link(String, Option<String>),
    /// A web page shown in place.
    Embed(String),
    /// Shows its content as it is.
    Nothing,
    Break,
    Image(Image),
    Unknown,
}

/// Blocks of HTML: their content is paragraphs of its own.
const BLOCKS: [&str; 38] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "caption",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "section",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
];

/// Shown otherwise, in a way that markup does not have.
const SHADES: [&str; 14] = [
    "abbr", "bdi", "bdo", "big", "cite", "dfn", "font", "kbd", "samp", "small", "sub", "sup", "tt",
    "var",
];

/// Whether only the content of this element is kept.
pub(crate) fn is_shade(name: &str) -> bool {
    SHADES.contains(&name)
}

/// Whether what this element says is in blocks and marks, too.
pub(crate) fn is_expressed(name: &str) -> bool {
    const OTHERS: [&str; 17] = [
        "a", "b", "br", "code", "col", "colgroup", "del", "em", "i", "img", "ins", "mark", "s",
        "span", "strike", "strong", "u",
    ];
    is_block(name) || OTHERS.contains(&name)
}

pub(super) fn is_block(name: &str) -> bool {
    BLOCKS.contains(&name)
}

/// Where the other half of each tag is.
pub(super) fn pairs(raw: &[Raw]) -> Vec<Option<usize>> {
    let mut pairs = vec![None; raw.len()];
    let mut open: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, part) in raw.iter().enumerate() {
        let Raw::Tag { tag, .. } = part else { continue };
        if !tag.is_end {
            open.entry(&tag.name).or_default().push(at);
        } else if let Some(start) = open.get_mut(tag.name.as_str()).and_then(Vec::pop) {
            pairs[start] = Some(at);
            pairs[at] = Some(start);
        }
    }
    pairs
}

/// The pieces of a line, its tags resolved.
pub(super) fn resolve(raw: Vec<Raw>, options: &Options) -> Vec<Piece> {
    let pairs = pairs(&raw);
    let mut resolver = Resolver { options, open: Open::default(), pieces: Vec::new() };
    let mut at = 0;
    while let Some(part) = raw.get(at) {
        at = match part {
            Raw::Piece(piece) => {
                resolver.push(piece.what.clone(), &piece.marks);
                at + 1
            }
            Raw::Tag { tag, source, marks } => {
                match (pairs[at].map(|other| &raw[other]), tag.is_end) {
                    (Some(Raw::Tag { tag: start, .. }), true) => {
                        resolver.end(start, source, marks);
                        at + 1
                    }
                    _ => {
                        let content = pairs[at].map(|end| &raw[at + 1..end]);
                        at + 1 + resolver.start(tag, source, marks, content)
                    }
                }
            }
        };
    }
    resolver.pieces
}

struct Resolver<'a> {
    options: &'a Options,
    open: Open,
    pieces: Vec<Piece>,
}

impl Resolver<'_> {
    fn push(&mut self, what: What, marks: &[Mark]) {
        let mut marks = marks.to_vec();
        self.open.add_to(&mut marks);
        self.pieces.push(Piece { what, marks });
    }

    /// Takes a tag that begins something, or stands alone. Gives how much of what follows
    /// it took.
    fn start(&mut self, tag: &Tag, source: &str, marks: &[Mark], content: Option<&[Raw]>) -> usize {
        match meaning(tag, content.is_some(), self.options) {
            Meaning::Break => self.push(What::Break, marks),
            Meaning::Image(image) => self.push(What::Image(Box::new(image)), marks),
            Meaning::Unknown => self.push(What::Text(source.to_owned()), marks),
            Meaning::Nothing => {}
            Meaning::Embed(src) => {
                if let Some(content) = content.filter(|content| shows(content, &src)) {
                    self.push(What::Embed(src), marks);
                    return content.len() + 1;
                }
                self.open_link(src, None, marks);
            }
            Meaning::Link(href, title) => {
                let mention = address::mention(&href, self.options);
                if let (Some(mention), Some(text)) = (mention, content.and_then(text)) {
                    self.push(What::Mention(Box::new(mention.shown_as(&text))), marks);
                    return content.map_or(0, <[Raw]>::len) + 1;
                }
                self.open_link(href, title, marks);
            }
            Meaning::Mark(mark) => self.open.open(mark),
        }
        0
    }

    /// Takes the end of what that tag began.
    fn end(&mut self, start: &Tag, source: &str, marks: &[Mark]) {
        match meaning(start, true, self.options) {
            Meaning::Mark(mark) => self.open.close(&mark),
            Meaning::Link(..) | Meaning::Embed(_) => self.open.close_link(),
            Meaning::Unknown => self.push(What::Text(source.to_owned()), marks),
            Meaning::Nothing | Meaning::Break | Meaning::Image(_) => {}
        }
    }

    fn open_link(&mut self, href: String, title: Option<String>, marks: &[Mark]) {
        self.open.open(Mark::Link(Rc::new(Link::new(&href, title.as_deref()))));
        // If it has no text, the normal form shows its address.
        self.push(What::Text(String::new()), marks);
    }
}

/// Whether this is the text and nothing else.
fn shows(content: &[Raw], text: &str) -> bool {
    let mut rest = text;
    for part in content {
        let Raw::Piece(Piece { what: What::Text(text), .. }) = part else { return false };
        match rest.strip_prefix(text.as_str()) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest.is_empty()
}

/// The text that this is, if it is nothing else.
fn text(content: &[Raw]) -> Option<String> {
    let text = |part: &Raw| match part {
        Raw::Piece(Piece { what: What::Text(text), .. }) => Some(text.clone()),
        _ => None,
    };
    content.iter().map(text).collect()
}

fn meaning(tag: &Tag, is_pair: bool, options: &Options) -> Meaning {
    let of_tag = |name| tag.attribute(name).map(str::trim).filter(|value| !value.is_empty());
    match tag.name.as_str() {
        "br" if !tag.is_end => Meaning::Break,
        "img" if tag.is_end => Meaning::Nothing,
        "img" => {
            of_tag("src").map_or(Meaning::Unknown, |src| Meaning::Image(image(tag, src, options)))
        }
        _ if !is_pair => Meaning::Unknown,
        "b" | "strong" => Meaning::Mark(Mark::Bold(Marker::Star)),
        "i" | "em" => Meaning::Mark(Mark::Italic(Marker::Star)),
        "s" | "del" | "strike" => Meaning::Mark(Mark::Strike),
        "u" | "ins" => Meaning::Mark(Mark::Underline),
        "code" => Meaning::Mark(Mark::Code),
        "mark" => Meaning::Mark(Mark::Highlight(of_tag("data-color").map(Rc::from))),
        "span" => match (of_tag("data-color"), of_tag("style").map(style)) {
            (Some(color), _) => Meaning::Mark(Mark::Color(color.into())),
            (None, Some(style)) if !style.is_empty() => Meaning::Mark(Mark::Style(style.into())),
            _ => Meaning::Nothing,
        },
        "a" => match of_tag("href") {
            None => Meaning::Nothing,
            Some(href) if of_tag("data-type") == Some("embed") => Meaning::Embed(href.to_owned()),
            Some(href) => Meaning::Link(href.to_owned(), of_tag("title").map(str::to_owned)),
        },
        name if is_block(name) || is_shade(name) => Meaning::Nothing,
        _ => Meaning::Unknown,
    }
}

fn image(tag: &Tag, src: &str, options: &Options) -> Image {
    let mut image = address::image(src, options);
    let of_tag = |name| tag.attribute(name).filter(|value| !value.is_empty()).map(str::to_owned);
    image.alt = of_tag("alt").unwrap_or_default();
    image.title = of_tag("title");
    if image.file.is_none() {
        image.width = of_tag("width");
        image.height = of_tag("height");
    }
    image.tidy()
}

/// `font-size: 12px; color: red` as attributes of a `textStyle`: `fontSize`, `color`.
fn style(declarations: &str) -> Vec<(String, String)> {
    let mut style = Vec::new();
    for declaration in declarations.split(';') {
        let Some((name, value)) = declaration.split_once(':') else { continue };
        let (mut camel, mut upper) = (String::new(), false);
        for letter in name.trim().chars() {
            match letter {
                '-' => upper = true,
                _ if upper => {
                    camel.push(letter.to_ascii_uppercase());
                    upper = false;
                }
                _ => camel.push(letter),
            }
        }
        if !camel.is_empty() && !value.trim().is_empty() {
            style.push((camel, value.trim().to_owned()));
        }
    }
    style.sort();
    style.dedup_by(|second, first| second.0 == first.0);
    style
}
