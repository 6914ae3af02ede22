//! Walks over the members of a JSON object, and parses none: of a listed item a few are wanted, and
//! the long one is a string, whose end is quickly found.

use memchr::memchr;

/// What is wrong with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoObject;

impl std::fmt::Display for NoObject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("it is no JSON object")
    }
}

/// The members of an object in their order: each name as it is written between its quotes, and the
/// value as it is written. After an error there is nothing more.
pub(crate) struct Members<'a> {
    rest: &'a str,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Between,
    End,
}

/// The members of the object that `text` is.
pub(crate) fn members(text: &str) -> Members<'_> {
    Members { rest: text, place: Place::Start }
}

impl<'a> Iterator for Members<'a> {
    type Item = Result<(&'a str, &'a str), NoObject>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.place == Place::End {
            return None;
        }
        let member = self.member();
        if !matches!(member, Ok(Some(_))) {
            self.place = Place::End;
        }
        member.transpose()
    }
}

impl<'a> Members<'a> {
    fn member(&mut self) -> Result<Option<(&'a str, &'a str)>, NoObject> {
        let opened = self.place == Place::Start;
        match self.sign()? {
            b'{' if opened => {
                self.place = Place::Between;
                if self.peek() == Some(b'}') {
                    self.sign()?;
                    return self.end();
                }
            }
            b',' if !opened => {}
            b'}' if !opened => return self.end(),
            _ => return Err(NoObject),
        }
        if self.peek() != Some(b'"') {
            return Err(NoObject);
        }
        let name = self.take(string(self.rest).ok_or(NoObject)?);
        if self.sign()? != b':' {
            return Err(NoObject);
        }
        let length = match self.peek().ok_or(NoObject)? {
            b'"' => string(self.rest).ok_or(NoObject)?,
            b'{' | b'[' => nested(self.rest).ok_or(NoObject)?,
            _ => scalar(self.rest).ok_or(NoObject)?,
        };
        Ok(Some((&name[1..name.len() - 1], self.take(length))))
    }

    fn end(&mut self) -> Result<Option<(&'a str, &'a str)>, NoObject> {
        if self.peek().is_some() { Err(NoObject) } else { Ok(None) }
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_start_matches([' ', '\n', '\r', '\t']);
        self.rest.bytes().next()
    }

    /// Takes the next byte that is no white space, which must be one of ASCII.
    fn sign(&mut self) -> Result<u8, NoObject> {
        let sign = self.peek().filter(u8::is_ascii).ok_or(NoObject)?;
        self.rest = &self.rest[1..];
        Ok(sign)
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }
}

/// Whether the quote that follows these bytes of a string is escaped: the backslashes tell.
pub(super) fn is_escaped(before: &[u8]) -> bool {
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// The length of the string that the text begins with, quotes included.
fn string(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    loop {
        at += memchr(b'"', bytes.get(at..)?)?;
        let escaped = is_escaped(&bytes[1..at]);
        at += 1;
        if !escaped {
            return Some(at);
        }
    }
}

/// The length of the object or array that the text begins with.
fn nested(text: &str) -> Option<usize> {
    let (mut at, mut depth) = (0, 0_u32);
    loop {
        match text.as_bytes().get(at)? {
            b'"' => {
                at += string(&text[at..])?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

/// The length of the number, `true`, `false` or `null` that the text begins with.
fn scalar(text: &str) -> Option<usize> {
    let length = text.bytes().position(|byte| b",}] \n\r\t".contains(&byte))?;
    (length > 0).then_some(length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::super::arbitrary::{any_json, any_text};
    use super::*;

    fn read(text: &str) -> Result<Map<String, Value>, String> {
        let mut map = Map::new();
        for member in members(text) {
            let (name, value) = member.map_err(|error| error.to_string())?;
            let name = serde_json::from_str(&format!("\"{name}\"")).map_err(|e| e.to_string())?;
            map.insert(name, serde_json::from_str(value).map_err(|e| e.to_string())?);
        }
        Ok(map)
    }

    #[test]
    fn what_is_no_object_is_an_error() {
        for broken in [
            "",
            "[]",
            "{",
            "{}x",
            "{]",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1"#,
            r#"{"a":1,}"#,
            r#"{,"a":1}"#,
            r#"{"a":1 "b":2}"#,
            r#"{"a":"b}"#,
            r#"{"a":{}"#,
            r#"{"a":"\"}"#,
            "{é}",
            r#"{"a":1}}"#,
            "null",
        ] {
            assert!(read(broken).is_err(), "{broken}");
        }
        assert!(read("{}").unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn the_members_are_those_that_serde_json_reads(
            pairs in prop::collection::vec((any_text(), any_json()), 0..6), pretty: bool,
        ) {
            let object: Map<String, Value> = pairs.into_iter().collect();
            let text = if pretty {
                serde_json::to_string_pretty(&object)
            } else {
                serde_json::to_string(&object)
            };
            let text = text.unwrap();
            prop_assert_eq!(read(&text).unwrap(), object);
            for cut in (0..text.len()).filter(|&cut| text.is_char_boundary(cut)) {
                prop_assert!(read(&text[..cut]).is_err());
            }
        }
    }
}
