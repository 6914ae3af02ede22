//! Parts of a card as the blocks tell them.

use crate::model::Millis;
use crate::report;
use crate::store::issues::Card;

/// Characters of a title that are told.
const SHOWN: usize = 160;

/// A title on one line, shortened.
pub(super) fn short(title: &str) -> String {
    let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
    let mut letters = title.trim().chars().map(plain);
    let mut line: String = letters.by_ref().take(SHOWN).collect();
    if letters.next().is_some() {
        line.push('…');
    }
    line
}

/// The day, without the time of it.
pub(super) fn date(at: Millis) -> String {
    let mut time = report::time(at);
    time.truncate("2026-11-23".len());
    time
}

/// The number of an issue; what has none comes last.
pub(super) fn number(identifier: &str) -> u64 {
    let digits = identifier.rsplit_once('-').map_or("", |(_, digits)| digits);
    digits.parse().unwrap_or(u64::MAX)
}

/// The most important first.
pub(super) fn rank(priority: &str) -> usize {
    let known = PRIORITIES.iter().position(|known| known.eq_ignore_ascii_case(priority));
    known.unwrap_or(PRIORITIES.len() - 1)
}

/// As Huly calls them; what it calls otherwise counts as the last.
pub(super) const PRIORITIES: [&str; 5] = ["Urgent", "High", "Medium", "Low", "NoPriority"];

/// Whether the title says that it cannot go on.
pub(super) fn is_blocked(card: &Card<'_>) -> bool {
    const WORDS: [&str; 5] = ["blocked", "blocker", "stuck", "waiting", "on hold"];
    let title = card.title;
    // Byte for byte: most titles of a large board have none of them, and all are looked through.
    (0..title.len()).any(|at| {
        let first = title.as_bytes()[at].to_ascii_lowercase();
        matches!(first, b'b' | b's' | b'w' | b'o')
            && WORDS.iter().any(|word| is_word_at(title, at, word))
    })
}

/// Whether this word stands there, and is not a part of another.
fn is_word_at(title: &str, at: usize, word: &str) -> bool {
    let end = at + word.len();
    title.get(at..end).is_some_and(|part| part.eq_ignore_ascii_case(word))
        && !title[..at].chars().next_back().is_some_and(char::is_alphanumeric)
        && !title[end..].chars().next().is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocked(title: &str) -> bool {
        is_blocked(&Card {
            identifier: "P-1",
            title,
            status: None,
            since: None,
            priority: "",
            created: None,
            linked: false,
        })
    }

    #[test]
    fn a_keyword_is_a_word_of_its_own() {
        for title in ["BLOCKED: deploy", "deploy “blocked”", "put on Hold", "Waiting for Ada"] {
            assert!(blocked(title), "{title}");
        }
        for title in ["Unblocked the deploy", "blockedness", "hold on", "", "Nothing"] {
            assert!(!blocked(title), "{title}");
        }
    }

    #[test]
    fn titles_are_one_short_line() {
        assert_eq!(short(" a\nb "), "a b");
        let long = short(&"ä".repeat(500));
        assert_eq!(long.chars().count(), SHOWN + 1);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn numbers_go_before_names() {
        let mut names = ["P-10", "P-9", "odd", "A_B-9"];
        names.sort_by_key(|name| (number(name), *name));
        assert_eq!(names, ["A_B-9", "P-9", "P-10", "odd"]);
    }

    #[test]
    fn a_date_has_no_time() {
        assert_eq!(date(1_795_422_776_821), "2026-11-23");
    }
}
