//! The normal form in which texts and titles are compared.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2};
use sha2::{Digest, Sha256};

use crate::entity::reference;
use crate::model::Hash;

use super::steps;

/// Of every blank text: null, empty and white space are one.
pub const BLANK: Hash = Hash([0; 16]);

/// Line endings as `\n`, no white space at the end of a line, no blank lines at either end.
#[must_use]
pub fn normal(text: &str) -> Cow<'_, str> {
    let text = trim_ends(text);
    if is_normal(text) {
        return Cow::Borrowed(text);
    }
    let unix = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = unix.split('\n').map(str::trim_end).collect();
    Cow::Owned(lines.join("\n"))
}

/// The hash of the normal form.
#[must_use]
pub fn digest(text: &str) -> Hash {
    let normal = normal(text);
    if normal.is_empty() { BLANK } else { Hash::of(normal.as_bytes()) }
}

/// A title in its normal form: one line, no white space around it.
#[must_use]
pub fn title(text: &str) -> &str {
    text.trim()
}

/// The hash of the letters and digits in order, HTML tags left out and entities read. Servers rewrite
/// Markdown (tables become HTML, escapes go, blank lines collapse); what was said stays.
#[must_use]
pub fn words(text: &str) -> Hash {
    let mut hasher = Sha256::new();
    // Many letters at a time: of a long text that is most of the work.
    let mut buffer = [0; 1024];
    let (mut filled, mut empty) = (0, true);
    for letter in letters(text) {
        if filled + letter.len_utf8() > buffer.len() {
            hasher.update(&buffer[..filled]);
            filled = 0;
        }
        filled += letter.encode_utf8(&mut buffer[filled..]).len();
        empty = false;
    }
    hasher.update(&buffer[..filled]);
    if empty {
        return BLANK;
    }
    let mut cut = [0; 16];
    cut.copy_from_slice(&hasher.finalize()[..16]);
    Hash(cut)
}

/// The letters and digits of a text in order.
fn letters(text: &str) -> impl Iterator<Item = char> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let first = rest.chars().next()?;
            let (letter, length) = match first {
                '<' => tag(rest).map(|length| (' ', length)),
                '&' => reference(rest).and_then(|(letter, length)| Some((letter?, length))),
                _ => None,
            }
            .unwrap_or((first, first.len_utf8()));
            rest = &rest[length..];
            if letter.is_alphanumeric() {
                return Some(letter);
            }
        }
    })
}

/// The length of the HTML tag that the text begins with.
fn tag(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('<')?;
    let name = inner.strip_prefix('/').unwrap_or(inner);
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None;
    }
    // No further than to the next tag: a text of `<a` alone is walked over once.
    let end = memchr2(b'<', b'>', inner.as_bytes());
    steps::walked(end.unwrap_or(inner.len()));
    let end = end.filter(|&end| inner.as_bytes()[end] == b'>')?;
    Some(end + 2)
}

fn trim_ends(text: &str) -> &str {
    let text = text.trim_end();
    // White space before the first letter may be meant (an indented block): blank lines are not.
    let first = text.find(|letter: char| !letter.is_whitespace()).unwrap_or(0);
    let line = text[..first].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    &text[line..]
}

/// Whether the line that ends there ends with white space. Almost all end with an ASCII letter: one
/// byte tells.
fn ends_in_space(text: &str, end: usize) -> bool {
    match text.as_bytes()[..end].last() {
        None | Some(b'\n') => false,
        Some(byte) if byte.is_ascii() => char::from(*byte).is_whitespace(),
        Some(_) => text[..end].ends_with(char::is_whitespace),
    }
}

fn is_normal(text: &str) -> bool {
    memchr(b'\r', text.as_bytes()).is_none()
        && memchr_iter(b'\n', text.as_bytes()).all(|at| !ends_in_space(text, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn line_endings_and_trailing_space_make_no_difference() {
        for same in ["a\nb", "a\r\nb", "a  \nb\n", "\n\na\rb\t\n\n", "a\nb\u{3000}"] {
            assert_eq!(normal(same), "a\nb", "{same:?}");
        }
    }

    #[test]
    fn blank_texts_are_one() {
        for blank in ["", " ", "\r\n\t \n"] {
            assert_eq!(digest(blank), BLANK, "{blank:?}");
        }
        assert_ne!(digest("a"), BLANK);
    }

    #[test]
    fn indentation_and_inner_blank_lines_are_text() {
        assert_eq!(normal("\n    code\n\n    more"), "    code\n\n    more");
        assert_ne!(digest("a\n\nb"), digest("a\nb"));
    }

    #[test]
    fn a_table_says_the_same_as_its_html() {
        let markdown = "| a | b |\n|---|---|\n| 1 | 2 |";
        let html = "<table><tbody><tr><th><p>a</p></th><th>b</th></tr><tr><td>1</td><td>2</td></tr>\
                    </tbody></table>";
        assert_eq!(words(markdown), words(html));
        assert_ne!(words(markdown), words("| a | b |\n|---|---|\n| 1 | 3 |"));
    }

    #[test]
    fn a_less_than_sign_is_no_tag() {
        assert_ne!(words("a < b and c > d"), words("a"));
        assert_eq!(words("1 <2> 3"), words("123"));
    }

    #[test]
    fn an_entity_says_what_it_stands_for() {
        assert_eq!(words("a &amp; b&nbsp;c &#233;&#xe9;"), words("a & b c éé"));
        assert_ne!(words("a &amp b"), words("a & b"), "it has no end");
        assert_ne!(words("&unheard;"), words("&"));
        assert_eq!(words("&ééééé; &#x110000; &"), words("ééééé x110000"));
    }

    proptest! {
        #[test]
        fn the_normal_form_is_its_own_normal_form(text in "[ab \t\r\n\u{a0}é-]{0,40}") {
            let once = normal(&text).into_owned();
            prop_assert_eq!(normal(&once), once.as_str());
        }

        #[test]
        fn no_letter_is_lost(text in ".{0,60}") {
            let letters = |text: &str| -> String { text.chars().filter(|c| !c.is_whitespace()).collect() };
            prop_assert_eq!(letters(&normal(&text)), letters(&text));
        }
    }
}
