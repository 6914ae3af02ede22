//! Values as people read them.

use std::borrow::Cow;

use crate::model::Millis;

/// A time as people and programs read it: RFC 3339 in UTC.
#[must_use]
pub fn time(at: Millis) -> String {
    let since = std::time::Duration::from_millis(u64::try_from(at).unwrap_or_default());
    // Beyond the year 9999 there is no such text.
    let known = since.min(std::time::Duration::from_secs(253_402_300_799));
    humantime::format_rfc3339_millis(std::time::UNIX_EPOCH + known).to_string()
}

/// A size as people read it.
#[must_use]
pub fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}

/// The beginning of a value, on one line.
#[must_use]
pub fn brief(text: &str) -> String {
    const SHOWN: usize = 40;
    let line: String = text.chars().take(SHOWN).collect();
    let more = if text.chars().nth(SHOWN).is_some() { "…" } else { "" };
    format!("{}{more}", quoted(&line))
}

/// Whether a letter steers what shows it, and does not show itself: control characters (ESC, CR, the C1
/// range), line separators, and those that turn the direction of text. What joins letters (accents,
/// U+200D between emoji) is part of what people wrote.
#[must_use]
pub fn is_steering(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'
                ..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// What others wrote, so that nothing of it steers a terminal: such letters are shown as `\u{1b}`. Line
/// breaks and tabs stay.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    escape(text, |letter| is_steering(letter) && !matches!(letter, '\n' | '\t'))
}

/// The same, on one line: a line break in a name must not look like a line of ours.
#[must_use]
pub fn one_line(text: &str) -> Cow<'_, str> {
    escape(text, is_steering)
}

/// The same, in quotes: what is in it and what is not can be told apart.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", escape(text, |letter| is_steering(letter) || matches!(letter, '"' | '\\')))
}

fn escape(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '\n' | '\t' | '\r' | '"' | '\\' if is_escaped(letter) => {
                out.extend(letter.escape_default());
            }
            letter if is_escaped(letter) => out.extend(letter.escape_unicode()),
            letter => out.push(letter),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_shown_and_all_that_people_read_stays() {
        let hostile = "\u{1b}]0;x\u{7}\r\u{9b}31m\u{202e}abc\u{2066}\u{200f}\u{7f}\u{2028}";
        let shown = "\\u{1b}]0;x\\u{7}\\r\\u{9b}31m\\u{202e}abc\\u{2066}\\u{200f}\\u{7f}\\u{2028}";
        assert_eq!(printable(hostile), shown);
        assert_eq!(one_line("a\nb\tc"), "a\\nb\\tc");
        assert_eq!(printable("a\nb\tc"), "a\nb\tc");
        for readable in ["👩\u{200d}💻", "e\u{301}é", "设计", "مشروع", "क्\u{200d}ष", "«№»", "\\u"]
        {
            assert_eq!(printable(readable), readable);
            assert_eq!(one_line(readable), readable);
        }
        assert_eq!(quoted("a \"b\" \\ 👩\u{200d}💻\n"), "\"a \\\"b\\\" \\\\ 👩\u{200d}💻\\n\"");
        assert_eq!(brief(&"é".repeat(41)), format!("\"{}\"…", "é".repeat(40)));
    }
}
