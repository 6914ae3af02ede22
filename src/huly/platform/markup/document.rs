//! A markup document's JSON, taken in within bounds.

use std::borrow::Cow;

use memchr::memmem;
use serde_json::Value;

use super::{Error, LARGEST, MOST_NODES};

/// As deep as `serde_json` reads.
const DEEPEST_JSON: usize = 127;

/// Whether a text is small enough to be taken.
pub(super) fn fits(text: &str) -> Result<(), Error> {
    if text.len() > LARGEST { Err(Error::TooLarge(LARGEST)) } else { Ok(()) }
}

/// Whether a document's JSON is small enough to be taken, in bytes and in nodes. Each node and each
/// mark has a type; within a string the quotes around that word would be escaped.
pub(super) fn fits_as_markup(json: &str) -> Result<(), Error> {
    fits(json)?;
    match memmem::find_iter(json.as_bytes(), b"\"type\"").nth(MOST_NODES) {
        Some(_) => Err(Error::TooManyNodes(MOST_NODES)),
        None => Ok(()),
    }
}

/// Reads a document. A blank text is an empty one: so the platform has it.
pub(super) fn read(markup: &str) -> Result<Value, Error> {
    fits_as_markup(markup)?;
    if markup.trim().is_empty() {
        return Ok(serde_json::json!({ "type": "doc", "content": [] }));
    }
    if is_too_deep(markup) {
        return Err(Error::TooDeep);
    }
    let document: Value = serde_json::from_str(markup)
        .or_else(|error| match whole_characters(markup) {
            Cow::Borrowed(_) => Err(error),
            Cow::Owned(repaired) => serde_json::from_str(&repaired),
        })
        .map_err(|error| Error::NoDocument(error.to_string()))?;
    match kind(&document) {
        "doc" => Ok(document),
        _ if document.is_object() => Err(Error::NoDocument("a node of another type".to_owned())),
        _ => Err(Error::NoDocument("JSON, but no object".to_owned())),
    }
}

/// A node's type; empty where it has none.
pub(super) fn kind(node: &Value) -> &str {
    node["type"].as_str().unwrap_or("")
}

/// A node's children.
pub(super) fn children(node: &Value) -> &[Value] {
    node["content"].as_array().map_or(&[], Vec::as_slice)
}

/// Looked at before it is parsed: the parser's own refusal is told by its text alone.
fn is_too_deep(json: &str) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                depth += 1;
                if depth > DEEPEST_JSON {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// JavaScript cuts emoji in two, and writes the half as `\ud83d`: no character, so no Rust string.
/// Each such half becomes the sign for "unreadable".
fn whole_characters(json: &str) -> Cow<'_, str> {
    let mut repaired = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = json[at..].find('\\') {
        at += found;
        match surrogate(&json[at..]) {
            Some(Half::High) if surrogate(&json[at + 6..]) == Some(Half::Low) => at += 12,
            Some(_) => {
                repaired.push_str(&json[copied..at]);
                repaired.push_str("\\ufffd");
                at += 6;
                copied = at;
            }
            // An escaped character, or the first half of an escaped backslash.
            None => at += 1 + json[at + 1..].chars().next().map_or(0, char::len_utf8),
        }
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    repaired.push_str(&json[copied..]);
    Cow::Owned(repaired)
}

#[derive(PartialEq)]
enum Half {
    High,
    Low,
}

fn surrogate(json: &str) -> Option<Half> {
    let digits = json.strip_prefix("\\u")?.get(..4)?;
    match u32::from_str_radix(digits, 16).ok()? {
        0xd800..=0xdbff => Some(Half::High),
        0xdc00..=0xdfff => Some(Half::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_emoji_is_no_reason_to_refuse_a_text() {
        let cut =
            r#"{"type":"doc","content":[{"type":"text","text":"a\ud83d \ud83d\ude00 \\ud83d"}]}"#;
        let document = read(cut).unwrap();
        assert_eq!(children(&document)[0]["text"], "a\u{fffd} \u{1f600} \\ud83d");
    }

    #[test]
    fn what_is_no_document_is_refused_with_its_reason() {
        for (other, reason) in [
            ("{", "no rich text document: EOF while parsing an object at line 1 column 1"),
            ("[]", "no rich text document: JSON, but no object"),
            (r#"{"type":"paragraph"}"#, "no rich text document: a node of another type"),
        ] {
            assert_eq!(read(other).unwrap_err().to_string(), reason);
        }
        assert_eq!(read(&"[".repeat(100_000)), Err(Error::TooDeep));
        assert_eq!(read(&"a".repeat(LARGEST + 1)), Err(Error::TooLarge(LARGEST)));
        assert!(children(&read(" ").unwrap()).is_empty());
    }

    #[test]
    fn nodes_are_counted_whatever_texts_say() {
        let document = |texts: usize| {
            let text = r#"{"type":"text","text":"\"type\":"}"#;
            format!(r#"{{"type":"doc","content":[{}]}}"#, vec![text; texts].join(","))
        };
        assert!(read(&document(MOST_NODES - 1)).is_ok());
        assert_eq!(read(&document(MOST_NODES)), Err(Error::TooManyNodes(MOST_NODES)));
    }

    #[test]
    fn brackets_in_strings_are_no_nesting() {
        let text = format!(r#"{{"type":"doc","title":"\"{}"}}"#, "[".repeat(1000));
        assert!(read(&text).is_ok());
    }
}
