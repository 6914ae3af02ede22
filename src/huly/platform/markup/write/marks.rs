//! How marks are opened and closed.

use super::super::inline::{Mark, Marker, Piece, What};
use super::escape::{self, Escape};

/// What opens a mark and what closes it.
pub(super) fn delimiters(mark: &Mark, in_html: bool, escape: Escape) -> (String, String) {
    let same = |delimiter: &str| (delimiter.to_owned(), delimiter.to_owned());
    let tag = |name: &str| (format!("<{name}>"), format!("</{name}>"));
    match mark {
        Mark::Bold(_) if in_html => tag("strong"),
        Mark::Italic(_) if in_html => tag("em"),
        Mark::Strike if in_html => tag("del"),
        Mark::Bold(Marker::Star) => same("**"),
        Mark::Bold(Marker::Underscore) => same("__"),
        Mark::Italic(Marker::Star) => same("*"),
        Mark::Italic(Marker::Underscore) => same("_"),
        Mark::Strike => same("~~"),
        Mark::Underline => tag("ins"),
        Mark::Color(color) => {
            let style = escape::attribute(&format!("color: {color}"));
            let color = escape::attribute(color);
            (format!("<span style={style} data-color={color}>"), "</span>".to_owned())
        }
        Mark::Style(style) => {
            let style: Vec<String> =
                style.iter().map(|(name, value)| format!("{}: {value}", kebab(name))).collect();
            let style = escape::attribute(&style.join("; "));
            (format!("<span style={style}>"), "</span>".to_owned())
        }
        Mark::Highlight(None) => tag("mark"),
        Mark::Highlight(Some(color)) => {
            (format!("<mark data-color={}>", escape::attribute(color)), "</mark>".to_owned())
        }
        Mark::Link(link) if escape == Escape::References => {
            let title = link.title.as_deref().map(escape::attribute);
            let title = title.map_or_else(String::new, |title| format!(" title={title}"));
            (format!("<a href={}{title}>", escape::attribute(&link.href)), "</a>".to_owned())
        }
        Mark::Link(link) => {
            let address = escape::destination(&link.href, escape);
            let title = escape::title(link.title.as_deref());
            ("[".to_owned(), format!("]({address}{title})"))
        }
        Mark::Code => tag("code"),
    }
}

/// `fontSize` as `font-size`.
fn kebab(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 2);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            out.push('-');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

pub(super) fn is_emphasis(mark: &Mark) -> bool {
    matches!(mark, Mark::Bold(_) | Mark::Italic(_) | Mark::Strike)
}

/// Whether emphasis between these letters is read as such: outside and inside of its start, inside
/// and outside of its end. `**Note:**text` is not: a colon before its end, a letter after it.
pub(super) fn flanks(
    start: (Option<char>, Option<char>),
    end: (Option<char>, Option<char>),
) -> bool {
    let one = |(outside, inside): (Option<char>, Option<char>)| {
        let is_open = |letter: char| !letter.is_alphanumeric();
        inside.is_some_and(|letter| {
            !letter.is_whitespace() && (!is_open(letter) || outside.is_none_or(is_open))
        })
    };
    one(start) && one((end.1, end.0))
}

/// The letters that a piece is written with at its ends, marks that begin or end there included.
pub(super) fn edges(piece: &Piece, inner: &[&Mark]) -> (Option<char>, Option<char>) {
    for mark in inner {
        match mark {
            Mark::Link(_) => return (Some('['), Some(')')),
            Mark::Bold(_) | Mark::Italic(_) | Mark::Strike | Mark::Code => {}
            _ => return (Some('<'), Some('>')),
        }
    }
    match &piece.what {
        What::Text(_) if piece.is_code() => (Some('`'), Some('`')),
        What::Text(text) => (text.chars().next(), text.chars().next_back()),
        What::Break => (Some('\n'), Some('\n')),
        What::Image(_) => (Some('!'), Some(')')),
        What::Mention(_) => (Some('['), Some(')')),
        What::Embed(_) | What::Comment(_) => (Some('<'), Some('>')),
    }
}
