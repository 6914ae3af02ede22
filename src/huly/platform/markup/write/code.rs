//! Code: its fences must be longer than what it holds.

/// The longest run of a letter in a text.
fn longest_run(text: &str, letter: char) -> usize {
    let (mut longest, mut run) = (0, 0);
    for other in text.chars() {
        run = if other == letter { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// A code span. A space at both ends is taken off by who reads it; so one is put there.
pub(super) fn span(text: &str) -> String {
    let mut fence = "`".to_owned();
    while has_run(text, fence.len()) {
        fence.push('`');
    }
    let is_blank = text.chars().all(|letter| letter == ' ');
    let at_ends = |letter| text.starts_with(letter) && text.ends_with(letter);
    let is_padded = text.starts_with('`') || text.ends_with('`') || at_ends(' ') && !is_blank;
    let pad = if is_padded { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Whether there is a run of just so many backticks.
fn has_run(text: &str, length: usize) -> bool {
    let mut run = 0;
    for letter in text.chars() {
        if letter == '`' {
            run += 1;
        } else {
            if run == length {
                return true;
            }
            run = 0;
        }
    }
    run == length
}

/// A fenced block.
pub(super) fn block(language: &str, text: &str) -> String {
    let letter = if language.contains('`') { '~' } else { '`' };
    let fence: String = std::iter::repeat_n(letter, longest_run(text, letter).max(2) + 1).collect();
    let end = if text.is_empty() { "" } else { "\n" };
    format!("{fence}{}\n{text}{end}{fence}", info(language, letter))
}

fn info(language: &str, fence: char) -> String {
    let mut out = String::new();
    if language.starts_with(fence) {
        out.push(' ');
    }
    let mut letters = language.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_special = match letter {
            '\\' => letters.peek().is_some_and(char::is_ascii_punctuation),
            '&' => language.contains(';'),
            _ => false,
        };
        if is_special {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(span("a"), "`a`");
        assert_eq!(span("a`b"), "``a`b``");
        assert_eq!(span("`a``b"), "``` `a``b ```");
        assert_eq!(span(" a "), "`  a  `");
        assert_eq!(span(" "), "` `");
        assert_eq!(block("", "a"), "```\na\n```");
        assert_eq!(block("md", "```\na\n```"), "````md\n```\na\n```\n````");
        assert_eq!(block("a`b", ""), "~~~a`b\n~~~");
    }
}
