//! The events of one line into its pieces.

use std::rc::Rc;

use pulldown_cmark::{Event, LinkType, Tag, TagEnd};

use super::super::inline::{Image, Link, Mark, Marker, Mention, Piece, What};
use super::super::{Options, address};
use super::marks::Open;
use super::tag::{self, Token};
use super::tags::{self, Raw};

pub(super) struct Collector<'a> {
    source: &'a str,
    options: &'a Options,
    raw: Vec<Raw>,
    open: Open,
    /// The links and images that are open.
    nested: Vec<Nested>,
    /// What takes the text as its own: an image's alternative text, a mention's.
    holder: Option<Holder>,
    held: String,
    /// Whether each open `~` is a strike; one tilde is text to the platform.
    strikes: Vec<bool>,
}

#[derive(Clone, Copy)]
enum Nested {
    /// With how many raw pieces there were before it.
    Link(usize),
    Holder,
    /// Within a holder: its text is the holder's.
    Text,
}

enum Holder {
    Image(Image),
    Mention(Mention),
}

impl<'a> Collector<'a> {
    pub(super) fn new(source: &'a str, options: &'a Options) -> Self {
        Self {
            source,
            options,
            raw: Vec::new(),
            open: Open::default(),
            nested: Vec::new(),
            holder: None,
            held: String::new(),
            strikes: Vec::new(),
        }
    }

    /// How many pieces there are so far, tags included.
    pub(super) fn len(&self) -> usize {
        self.raw.len()
    }

    pub(super) fn finish(self) -> Vec<Piece> {
        tags::resolve(self.raw, self.options)
    }

    pub(super) fn take(&mut self, event: Event<'a>, at: usize) {
        match event {
            Event::Start(Tag::Strikethrough) => {
                let is_strike = self.source[at..].starts_with("~~");
                self.strikes.push(is_strike);
                if is_strike { self.open.open(Mark::Strike) } else { self.text("~") }
            }
            Event::End(TagEnd::Strikethrough) => match self.strikes.pop() {
                Some(false) => self.text("~"),
                _ => self.open.close(&Mark::Strike),
            },
            Event::Start(Tag::Strong) => self.open.open(Mark::Bold(self.marker(at))),
            Event::End(TagEnd::Strong) => self.open.close(&Mark::Bold(Marker::Star)),
            Event::Start(Tag::Emphasis) => self.open.open(Mark::Italic(self.marker(at))),
            Event::End(TagEnd::Emphasis) => self.open.close(&Mark::Italic(Marker::Star)),
            Event::Start(Tag::Link { link_type, dest_url, title, .. }) => {
                let is_email = link_type == LinkType::Email;
                let href =
                    if is_email { format!("mailto:{dest_url}") } else { dest_url.into_string() };
                self.start_link(href, &title);
            }
            Event::Start(Tag::Image { dest_url, title, .. }) => {
                let mut image = address::image(&dest_url, self.options);
                image.title = Some(title.into_string());
                self.start_holder(Holder::Image(image));
            }
            Event::End(TagEnd::Link | TagEnd::Image) => self.end_nested(),
            Event::Text(text) => self.text(&text),
            Event::Code(text) => self.code(&text),
            Event::InlineHtml(source) => self.html(&source),
            Event::SoftBreak => self.text("\n"),
            Event::HardBreak if self.holder.is_some() => self.held.push(' '),
            Event::HardBreak => self.piece(What::Break),
            _ => {}
        }
    }

    fn marker(&self, at: usize) -> Marker {
        if self.source[at..].starts_with('_') { Marker::Underscore } else { Marker::Star }
    }

    fn marks(&self) -> Vec<Mark> {
        let mut marks = Vec::new();
        self.open.add_to(&mut marks);
        marks
    }

    fn piece(&mut self, what: What) {
        let marks = self.marks();
        self.raw.push(Raw::Piece(Piece { what, marks }));
    }

    fn text(&mut self, text: &str) {
        if self.holder.is_some() {
            self.held.push_str(text);
            return;
        }
        let marks = self.marks();
        if let Some(Raw::Piece(Piece { what: What::Text(last), marks: before })) =
            self.raw.last_mut()
            && *before == marks
        {
            last.push_str(text);
        } else {
            self.raw.push(Raw::Piece(Piece::text(text, marks)));
        }
    }

    fn code(&mut self, text: &str) {
        self.open.open(Mark::Code);
        self.text(text);
        self.open.close(&Mark::Code);
    }

    fn html(&mut self, source: &str) {
        if self.holder.is_some() {
            self.held.push_str(source);
            return;
        }
        match tag::token(source) {
            Some((Token::Comment(text), _)) => self.piece(What::Comment(text.to_owned())),
            Some((Token::Tag(tag), length)) if length == source.len() => {
                let marks = self.marks();
                self.raw.push(Raw::Tag { tag, source: source.to_owned(), marks });
            }
            _ => self.text(source),
        }
    }

    fn start_link(&mut self, href: String, title: &str) {
        if self.holder.is_some() {
            self.nested.push(Nested::Text);
        } else if let Some(mention) = address::mention(&href, self.options) {
            self.start_holder(Holder::Mention(mention));
        } else {
            self.open.open(Mark::Link(Rc::new(Link::new(&href, Some(title)))));
            self.nested.push(Nested::Link(self.raw.len()));
        }
    }

    fn start_holder(&mut self, holder: Holder) {
        if self.holder.is_some() {
            self.nested.push(Nested::Text);
        } else {
            self.nested.push(Nested::Holder);
            self.holder = Some(holder);
        }
    }

    fn end_nested(&mut self) {
        match self.nested.pop() {
            Some(Nested::Link(before)) => {
                if self.raw.len() == before {
                    // It has no text: the normal form shows its address.
                    self.piece(What::Text(String::new()));
                }
                self.open.close_link();
            }
            Some(Nested::Holder) => {
                let text = std::mem::take(&mut self.held);
                match self.holder.take() {
                    Some(Holder::Image(mut image)) => {
                        image.alt = text;
                        self.piece(What::Image(Box::new(image.tidy())));
                    }
                    Some(Holder::Mention(mention)) => {
                        self.piece(What::Mention(Box::new(mention.shown_as(&text))));
                    }
                    None => {}
                }
            }
            Some(Nested::Text) | None => {}
        }
    }
}
