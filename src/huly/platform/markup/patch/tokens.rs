//! A text in its smallest parts.

use std::ops::Range;

use pulldown_cmark::{Event, Parser};

use super::super::parse::{extensions, tag_length};

/// Words, white space within a line, and single letters of all else.
pub(super) struct Tokens<'a> {
    pub(super) text: &'a str,
    /// In their order.
    pub(super) places: Vec<Range<usize>>,
}

impl<'a> Tokens<'a> {
    pub(super) fn texts(&self) -> Vec<&'a str> {
        self.places.iter().map(|place| &self.text[place.clone()]).collect()
    }

    /// The text from the first of these to the last.
    pub(super) fn between(&self, tokens: Range<usize>) -> &'a str {
        match &self.places[tokens] {
            [] => "",
            [first, .., last] => &self.text[first.start..last.end],
            [only] => &self.text[only.clone()],
        }
    }

    fn add(&mut self, place: Range<usize>) {
        let mut at = place.start;
        let mut rest = &self.text[place];
        while let Some(first) = rest.chars().next() {
            let run = |belongs: fn(char) -> bool| {
                rest.find(|letter| !belongs(letter)).unwrap_or(rest.len())
            };
            let length = if first.is_alphanumeric() {
                run(char::is_alphanumeric)
            } else if is_space(first) {
                run(is_space)
            } else {
                first.len_utf8()
            };
            self.places.push(at..at + length);
            rest = &rest[length..];
            at += length;
        }
    }
}

fn is_space(letter: char) -> bool {
    letter == ' ' || letter == '\t'
}

/// All of a text.
pub(super) fn all(text: &str) -> Tokens<'_> {
    let mut tokens = Tokens { text, places: Vec::with_capacity(text.len() / 3) };
    tokens.add(0..text.len());
    tokens
}

/// What is read of a text: no tags, no addresses, no signs of Markdown.
pub(super) fn shown(text: &str) -> Tokens<'_> {
    let mut tokens = Tokens { text, places: Vec::new() };
    for (event, place) in Parser::new_ext(text, extensions()).into_offset_iter() {
        match event {
            Event::Text(_) | Event::Code(_) => tokens.add(place),
            Event::Html(_) => add_between_tags(&mut tokens, place),
            _ => {}
        }
    }
    tokens
}

fn add_between_tags(tokens: &mut Tokens<'_>, place: Range<usize>) {
    let mut at = place.start;
    while at < place.end {
        let rest = &tokens.text[at..place.end];
        let next = rest.find('<').unwrap_or(rest.len());
        tokens.add(at..at + next);
        let length = if next < rest.len() { tag_length(&rest[next..]).unwrap_or(1) } else { 0 };
        at += next + length;
    }
}
