//! Text that is not to be read as anything else.

use super::super::parse::tag::{self, Token};

/// How much is escaped. More is tried only where less would be read as something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// Only what a reader of Markdown would hide: `Vec<u8>` would lose its half.
    Nothing,
    /// What makes a block of a line.
    Starts,
    /// What makes marks, links, tags and references of a text, too.
    Inline,
    /// Every sign of punctuation.
    All,
    /// The same, by character references: also in HTML, where a backslash is one.
    References,
}

/// Adds text. Whether it begins a line is seen by what is there.
pub(super) fn push(out: &mut String, text: &str, escape: Escape) {
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
        }
        let begins = out.is_empty() || out.ends_with('\n');
        match escape {
            Escape::Nothing => push_tags(out, line),
            Escape::Starts => push_start(out, line, begins),
            Escape::Inline => push_inline(out, line, begins),
            Escape::All => {
                for letter in line.chars() {
                    if letter.is_ascii_punctuation() && letter != '|' {
                        out.push('\\');
                    }
                    out.push(letter);
                }
            }
            Escape::References => push_references(out, line),
        }
    }
}

/// All punctuation as character references.
pub(super) fn push_references(out: &mut String, text: &str) {
    for letter in text.chars() {
        if letter.is_ascii_punctuation() && !matches!(letter, ',' | '.') || letter == '\n' {
            out.push_str(&format!("&#{};", u32::from(letter)));
        } else {
            out.push(letter);
        }
    }
}

fn push_start(out: &mut String, line: &str, begins: bool) {
    let at = if begins { start(line) } else { None };
    let (before, rest) = line.split_at(at.unwrap_or(0));
    out.push_str(before);
    if at.is_some() && !begins_tag(rest) {
        out.push('\\');
    }
    push_tags(out, rest);
}

/// Adds text with its tags shown: those that mean something are no text.
fn push_tags(out: &mut String, line: &str) {
    let mut rest = line;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if begins_tag(from) {
            out.push('\\');
        }
        out.push('<');
        rest = &from[1..];
    }
    out.push_str(rest);
}

/// Elements that a reader of Markdown shows: somebody wrote them as HTML.
const SHOWN: [&str; 6] = ["audio", "details", "picture", "source", "summary", "video"];

/// Whether a reader of Markdown would hide what begins here with a `<`. The end of a comment or an
/// instruction is not looked for: a text of nothing else would be read again and again.
fn begins_tag(text: &str) -> bool {
    if text.starts_with("<!") || text.starts_with("<?") {
        return true;
    }
    match tag::token(text) {
        Some((Token::Tag(tag), _)) => !SHOWN.contains(&tag.name.as_str()),
        _ => false,
    }
}

/// Where a line must be escaped that would begin a block.
fn start(line: &str) -> Option<usize> {
    let first = line.chars().next()?;
    let rest = line.trim_start_matches(first);
    let run = line.len() - rest.len();
    let parted = rest.is_empty() || rest.starts_with([' ', '\t']);
    let only = |allowed: &str| line.chars().all(|letter| allowed.contains(letter));
    let begins = match first {
        '#' => run <= 6 && parted,
        '>' => true,
        '+' => run == 1 && parted,
        '-' => run == 1 && parted || only("- \t") || only("-:| \t"),
        '*' => run == 1 && parted || only("* \t"),
        '=' => only("= \t"),
        '_' => only("_ \t"),
        '`' | '~' => run >= 3,
        '|' | ':' => only("-:| \t"),
        '[' => line.contains("]:"),
        '<' => rest.starts_with(|next: char| next.is_ascii_alphabetic() || "/!?".contains(next)),
        '0'..='9' => {
            let digits = line.find(|letter: char| !letter.is_ascii_digit())?;
            let after = line[digits..].strip_prefix(['.', ')'])?;
            let parted = after.is_empty() || after.starts_with([' ', '\t']);
            return (digits <= 9 && parted).then_some(digits);
        }
        _ => false,
    };
    begins.then_some(0)
}

fn push_inline(out: &mut String, line: &str, begins: bool) {
    let start = if begins { start(line) } else { None };
    let mut before = out.chars().next_back();
    for (at, letter) in line.char_indices() {
        let next = line[at + letter.len_utf8()..].chars().next();
        if start == Some(at) || is_special(before, letter, next) {
            out.push('\\');
        }
        out.push(letter);
        before = Some(letter);
    }
}

/// Whether a letter may be read as something else between those two. None is the end of a piece;
/// what stands there is not known, and if it matters more is escaped.
fn is_special(before: Option<char>, letter: char, next: Option<char>) -> bool {
    let in_word = |letter: Option<char>| letter.is_none_or(char::is_alphanumeric);
    let is_space = |letter: Option<char>| letter.is_some_and(char::is_whitespace);
    match letter {
        '\\' => next.is_none_or(|next| next.is_ascii_punctuation()),
        '`' | '[' => true,
        '*' | '~' => !(is_space(before) && is_space(next)),
        '_' => !(in_word(before) && in_word(next) || is_space(before) && is_space(next)),
        '<' => next.is_none_or(|next| next.is_ascii_alphabetic() || "/!?".contains(next)),
        '&' => next.is_none_or(|next| next.is_ascii_alphabetic() || next == '#'),
        '!' => next.is_none(),
        _ => false,
    }
}

/// Where a link leads: bare where it can be, as the platform writes it.
pub(super) fn destination(address: &str, escape: Escape) -> String {
    let is_bare = !address.is_empty()
        && !address.starts_with('<')
        && !address.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    let mut out = String::with_capacity(address.len());
    let mut letters = address.chars().peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek();
        let is_special = match letter {
            '\\' => next.is_none_or(char::is_ascii_punctuation),
            '(' | ')' => is_bare && (escape != Escape::Nothing || !balanced(address)),
            '<' | '>' => !is_bare,
            '&' => {
                escape != Escape::Nothing
                    && next.is_some_and(|next| *next == '#' || next.is_ascii_alphabetic())
            }
            _ => false,
        };
        if is_special {
            out.push('\\');
        }
        out.push(letter);
    }
    if is_bare { out } else { format!("<{out}>") }
}

fn balanced(address: &str) -> bool {
    let mut depth = 0i32;
    for byte in address.bytes() {
        depth += i32::from(byte == b'(') - i32::from(byte == b')');
        if !(0..=16).contains(&depth) {
            return false;
        }
    }
    depth == 0
}

/// The title of a link, with the space before it.
pub(super) fn title(title: Option<&str>) -> String {
    let Some(title) = title else { return String::new() };
    let mut out = String::from(" \"");
    for letter in title.chars() {
        if matches!(letter, '"' | '\\' | '&') {
            out.push('\\');
        }
        out.push(letter);
    }
    out + "\""
}

/// An attribute's value in HTML, with its quotes.
pub(super) fn attribute(value: &str) -> String {
    let mut out = String::from("\"");
    for letter in value.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // It would end a table's cell.
            '|' => out.push_str("&#124;"),
            _ => out.push(letter),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str, escape: Escape) -> String {
        let mut out = String::new();
        push(&mut out, text, escape);
        out
    }

    #[test]
    fn the_start_of_a_line_is_escaped_where_it_would_begin_a_block() {
        for (text, written) in [
            ("- a", "\\- a"),
            ("-a", "-a"),
            ("--- a", "--- a"),
            ("---", "\\---"),
            ("1. a\n12) b\n1.5", "1\\. a\n12\\) b\n1.5"),
            ("# a\n#a", "\\# a\n#a"),
            ("> a", "\\> a"),
            ("```", "\\```"),
            (":-: | -", "\\:-: | -"),
            ("[a]: b\n[a] b", "\\[a]: b\n[a] b"),
            ("<b>\n< b", "\\<b>\n< b"),
        ] {
            assert_eq!(escaped(text, Escape::Starts), written);
        }
    }

    #[test]
    fn a_tag_that_would_be_hidden_is_escaped() {
        for (text, written) in [
            ("Vec<u8> and </u8>", "Vec\\<u8> and \\</u8>"),
            ("<String>\na <b> b", "\\<String>\na \\<b> b"),
            ("a <!-- b", "a \\<!-- b"),
            ("<?php", "\\<?php"),
            ("Map<K, V> and a < b and i<3", "Map<K, V> and a < b and i<3"),
            ("<details>\n<summary>a</summary>", "<details>\n<summary>a</summary>"),
        ] {
            assert_eq!(escaped(text, Escape::Nothing), written);
        }
    }

    #[test]
    fn within_a_line_only_what_could_mean_something_is_escaped() {
        for (text, written) in [
            ("snake_case _a_", "snake_case \\_a_"),
            ("2 * 3 and *a*", "2 * 3 and \\*a\\*"),
            ("a & b &amp; c", "a & b \\&amp; c"),
            ("a \\ b \\* c", "a \\ b \\\\\\* c"),
            ("[x](y)", "\\[x](y)"),
        ] {
            assert_eq!(escaped(text, Escape::Inline), written);
        }
        assert_eq!(escaped("a.*b*", Escape::References), "a.&#42;b&#42;");
    }

    #[test]
    fn an_address_is_bare_where_it_can_be() {
        for (address, written) in [
            ("https://a.b/c_(d)", "https://a.b/c_(d)"),
            ("a)b", "a\\)b"),
            ("a b", "<a b>"),
            ("a <b>", "<a \\<b\\>>"),
            ("", "<>"),
        ] {
            assert_eq!(destination(address, Escape::Nothing), written);
        }
        assert_eq!(title(Some("a \"b\"")), " \"a \\\"b\\\"\"");
    }
}
