//! Strings in listed items: descriptions are most of what is parsed.

use memchr::memchr;

/// A JSON string, or null. Unescaped in one go into a string of the right size, it costs half of
/// what growing one by its pieces does. Half a surrogate pair, which JavaScript writes when it has
/// cut an emoji in two, is read as U+FFFD: it must not make a whole list unreadable.
///
/// # Errors
/// It is neither; an escape is none.
pub(crate) fn read(raw: &str) -> Result<Option<String>, serde_json::Error> {
    if raw == "null" {
        return Ok(None);
    }
    match unescape(raw) {
        Some(text) => Ok(Some(text)),
        // It says what is wrong.
        None => serde_json::from_str(raw),
    }
}

/// The string that these bytes of JSON are; `None` where they are something else.
fn unescape(raw: &str) -> Option<String> {
    let mut rest = raw.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::with_capacity(rest.len());
    while let Some(at) = memchr(b'\\', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        let escape = *rest.as_bytes().get(at + 1)?;
        rest = rest.get(at + 2..)?;
        text.push(match escape {
            b'n' => '\n',
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                let first = unit(rest)?;
                rest = &rest[4..];
                let second = rest.strip_prefix("\\u").and_then(unit);
                match char::decode_utf16([first].into_iter().chain(second)).next()? {
                    Ok(letter) => {
                        if letter.len_utf16() == 2 {
                            rest = &rest[6..];
                        }
                        letter
                    }
                    Err(_) => char::REPLACEMENT_CHARACTER,
                }
            }
            _ => return None,
        });
    }
    text.push_str(rest);
    Some(text)
}

/// The UTF-16 unit that four hexadecimal digits are.
fn unit(digits: &str) -> Option<u16> {
    let digits =
        digits.get(..4).filter(|four| four.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn null_is_no_text() {
        assert_eq!(read("null").unwrap(), None);
        assert_eq!(read(r#""""#).unwrap(), Some(String::new()));
    }

    #[test]
    fn what_is_no_string_is_refused() {
        for broken in ["1", r#""\x""#, r#""\u12g4""#, r#""a"#, "\"", r#""\"#] {
            assert!(read(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn half_an_emoji_is_one_unknown_letter() {
        let halves = r#""a\ud83d b \ude00\ud83d\ude00\ud83d\u0041""#;
        assert_eq!(
            read(halves).unwrap().as_deref(),
            Some("a\u{fffd} b \u{fffd}\u{1f600}\u{fffd}A")
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_serde_json_reads_it(
            text in "[\\\\\"/\u{8}\u{c}\n\r\t\u{0}a\u{e9}\u{1f600}]{0,20}",
        ) {
            let plain = serde_json::to_string(&text).unwrap();
            let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            prop_assert_eq!(read(&plain).unwrap(), Some(text.clone()));
            prop_assert_eq!(read(&format!("\"{units}\"")).unwrap(), Some(text));
        }
    }
}
