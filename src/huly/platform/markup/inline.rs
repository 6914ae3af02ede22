//! Pieces of a line of text, and their marks.

use std::rc::Rc;

/// Text without control characters, which would be dropped or replaced on the way. Tabs and line
/// feeds are Markdown's own white space.
pub(super) fn plain(text: &str) -> String {
    let letter = |letter| match letter {
        '\r' | '\u{2028}' | '\u{2029}' => '\n',
        '\n' | '\t' => letter,
        '\0' => '\u{fffd}',
        _ if letter.is_control() => ' ',
        _ => letter,
    };
    text.replace("\r\n", "\n").chars().map(letter).collect()
}

/// Text on one line, with single spaces.
pub(super) fn single(text: &str) -> String {
    plain(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An address on one line: spaces within may be meant, line breaks are not.
pub(super) fn address(text: &str) -> String {
    plain(text).replace(['\n', '\t'], "").trim().to_owned()
}

/// A piece with its marks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Piece {
    pub(super) what: What,
    /// At most one of a type, in the order of [`Mark`]: in markup they are a set.
    pub(super) marks: Vec<Mark>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum What {
    /// `\n` is a soft line break.
    Text(String),
    /// A hard line break.
    Break,
    Image(Box<Image>),
    /// A `reference` node, which is a leaf.
    Mention(Box<Mention>),
    /// A web page shown in place, by its address.
    Embed(String),
    Comment(String),
}

/// From the outside in, where they cover the same text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Mark {
    Bold(Marker),
    Italic(Marker),
    Strike,
    Underline,
    /// `textColor`.
    Color(Rc<str>),
    /// `textStyle`: pairs of attribute and value.
    Style(Rc<[(String, String)]>),
    Highlight(Option<Rc<str>>),
    Link(Rc<Link>),
    Code,
}

/// What emphasis is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Marker {
    Star,
    Underscore,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Link {
    pub(super) href: String,
    pub(super) title: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Image {
    /// Empty where the file id says all.
    pub(super) src: String,
    pub(super) alt: String,
    pub(super) title: Option<String>,
    pub(super) file: Option<String>,
    pub(super) width: Option<String>,
    pub(super) height: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Mention {
    pub(super) id: String,
    pub(super) class: String,
    /// What is shown: a leaf has no text of its own.
    pub(super) label: String,
}

impl Link {
    /// A link as Markdown can have it: no white space at the ends of its address, all on one line.
    pub(super) fn new(href: &str, title: Option<&str>) -> Self {
        let title = title.map(single).filter(|title| !title.is_empty());
        Self { href: address(href), title }
    }
}

impl Image {
    /// The image as Markdown can have it.
    pub(super) fn tidy(self) -> Self {
        let filled = |value: Option<String>| {
            value.map(|value| single(&value)).filter(|value| !value.is_empty())
        };
        Self {
            src: address(&self.src),
            alt: single(&self.alt),
            title: filled(self.title),
            file: filled(self.file),
            width: filled(self.width),
            height: filled(self.height),
        }
    }
}

impl Piece {
    pub(super) fn text(text: impl Into<String>, marks: Vec<Mark>) -> Self {
        Self { what: What::Text(text.into()), marks }
    }

    pub(super) fn is_code(&self) -> bool {
        self.marks.last() == Some(&Mark::Code)
    }

    pub(super) fn link(&self) -> Option<&Rc<Link>> {
        self.marks.iter().find_map(|mark| match mark {
            Mark::Link(link) => Some(link),
            _ => None,
        })
    }
}

impl Mark {
    /// The type alone, as a place in the order.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Bold(_) => 0,
            Self::Italic(_) => 1,
            Self::Strike => 2,
            Self::Underline => 3,
            Self::Color(_) => 4,
            Self::Style(_) => 5,
            Self::Highlight(_) => 6,
            Self::Link(_) => 7,
            Self::Code => 8,
        }
    }
}

/// Adds a mark to a set, unless one of its type is in it.
pub(super) fn add(marks: &mut Vec<Mark>, mark: Mark) {
    let at = marks.partition_point(|other| other.rank() < mark.rank());
    if marks.get(at).is_none_or(|other| other.rank() != mark.rank()) {
        marks.insert(at, mark);
    }
}

/// Adds text, to the last piece if that has the same marks.
pub(super) fn push_text(pieces: &mut Vec<Piece>, text: &str, marks: Vec<Mark>) {
    if text.is_empty() {
        return;
    }
    if let Some(Piece { what: What::Text(last), marks: before }) = pieces.last_mut()
        && *before == marks
    {
        last.push_str(text);
    } else {
        pieces.push(Piece::text(text, marks));
    }
}

impl Mention {
    /// The mention, labelled with the text of its link, where that has one.
    pub(super) fn shown_as(mut self, text: &str) -> Self {
        let text = single(text);
        if !text.is_empty() {
            self.label = text;
        }
        self
    }
}
