//! HTML tags and comments, as CommonMark has them.

use super::entity;

pub(crate) enum Token<'a> {
    Tag(Tag),
    Comment(&'a str),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tag {
    /// In lower case.
    pub(crate) name: String,
    /// `</name>`.
    pub(crate) is_end: bool,
    /// Decoded; the names in lower case.
    pub(crate) attributes: Vec<(String, String)>,
}

impl Tag {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// The tag or comment that a text begins with, and its length.
pub(crate) fn token(text: &str) -> Option<(Token<'_>, usize)> {
    if let Some(comment) = text.strip_prefix("<!--") {
        if comment.starts_with('>') || comment.starts_with("->") {
            return None;
        }
        let end = comment.find("-->")?;
        return Some((Token::Comment(&comment[..end]), end + 7));
    }
    let inner = text.strip_prefix('<')?;
    let (is_end, inner) = match inner.strip_prefix('/') {
        Some(inner) => (true, inner),
        None => (false, inner),
    };
    if !inner.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None;
    }
    let (name, mut rest) = split(inner, |letter| letter.is_ascii_alphanumeric() || letter == '-');
    let mut attributes = Vec::new();
    loop {
        let trimmed = rest.trim_start();
        if let Some(after) = trimmed.strip_prefix('>').or_else(|| trimmed.strip_prefix("/>")) {
            let tag = Tag { name: name.to_ascii_lowercase(), is_end, attributes };
            return Some((Token::Tag(tag), text.len() - after.len()));
        }
        if trimmed.len() == rest.len() || is_end {
            return None;
        }
        let (name, after) = split(trimmed, |letter| {
            letter.is_ascii_alphanumeric() || matches!(letter, '_' | ':' | '.' | '-')
        });
        if name.is_empty() {
            return None;
        }
        let (value, after) = match after.trim_start().strip_prefix('=') {
            Some(after) => value(after.trim_start())?,
            None => ("", after),
        };
        attributes.push((name.to_ascii_lowercase(), entity::decode(value)));
        rest = after;
    }
}

/// The name of the tag that a text begins with, in lower case; none of a comment.
pub(crate) fn name(text: &str) -> Option<String> {
    match token(text)? {
        (Token::Tag(tag), _) => Some(tag.name),
        (Token::Comment(_), _) => None,
    }
}

/// The length of the tag that a text begins with.
pub(crate) fn length(text: &str) -> Option<usize> {
    match token(text)? {
        (Token::Tag(_), length) => Some(length),
        (Token::Comment(_), _) => None,
    }
}

fn value(text: &str) -> Option<(&str, &str)> {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote);
        }
    }
    let (value, rest) = split(text, |letter| {
        !letter.is_whitespace() && !matches!(letter, '"' | '\'' | '=' | '<' | '>' | '`')
    });
    (!value.is_empty()).then_some((value, rest))
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|letter| !belongs(letter)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(Tag, usize)> {
        match token(text)? {
            (Token::Tag(tag), length) => Some((tag, length)),
            (Token::Comment(_), _) => None,
        }
    }

    #[test]
    fn a_tag_is_read_with_its_attributes() {
        let (tag, length) = read("<IMG src='a&amp;b' Width=3 hidden alt=\"\"/> x").unwrap();
        assert_eq!((tag.name.as_str(), length), ("img", 42));
        assert_eq!(tag.attribute("src"), Some("a&b"));
        assert_eq!(tag.attribute("width"), Some("3"));
        assert_eq!(tag.attribute("hidden"), Some(""));
        assert_eq!(tag.attribute("title"), None);
        assert!(read("</b >").unwrap().0.is_end);
    }

    #[test]
    fn other_uses_of_angles_are_no_tags() {
        for text in ["< b>", "<3", "<b", "<a b='", "<a b=>", "</a b>", "<a\"b\">", "<!-->", "x"] {
            assert!(token(text).is_none(), "{text}");
        }
    }
}
