//! What agents and folders are called, and tagged with.

/// On every agent and block that is ours.
pub(super) const TAG: &str = "huly-vibe-sync";

/// Before the identifier of the project that an agent or block is for.
pub(super) const PROJECT: &str = "project:";

/// Letters of a name.
const LONGEST: usize = 100;

/// The tag that decides whose it is.
pub(super) fn tag(identifier: &str) -> String {
    format!("{PROJECT}{identifier}")
}

/// The folder of a project.
pub(super) fn folder(identifier: &str) -> String {
    format!("Huly-{identifier}")
}

/// The name of an agent, by Letta's rule: letters of any language, digits, spaces, `-`, `_` and `'`.
/// What breaks it is answered 500.
pub(super) fn agent(project: &str, identifier: &str) -> String {
    let taken: String =
        project.chars().map(|letter| if is_taken(letter) { letter } else { ' ' }).collect();
    let words: Vec<&str> = taken.split_whitespace().collect();
    let name: String = words.join(" ").chars().take(LONGEST).collect();
    let name = name.trim();
    format!("Huly - {}", if name.is_empty() { identifier } else { name })
}

/// Letta asks Python, for which vowel signs and other marks are no part of a word. They are not told
/// from letters here, so scripts that need them are left out as a whole.
fn is_taken(letter: char) -> bool {
    let marked = matches!(
        u32::from(letter),
        0x0300..=0x036f | 0x0483..=0x0489 | 0x0591..=0x05c7 | 0x0610..=0x061a | 0x064b..=0x065f
            | 0x0670 | 0x06d6..=0x06ed | 0x0700..=0x109f | 0x1700..=0x1cff | 0x1d00..=0x1dff
            | 0x2c00..=0x2dff | 0xa640..=0xabff | 0xfb1e | 0x1_0000..=0x1_efff
    );
    matches!(letter, ' ' | '-' | '_' | '\'') || letter.is_alphanumeric() && !marked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_valid() {
        for (project, name) in [
            ("Alpha", "Huly - Alpha"),
            ("pm: alpha/beta.v2", "Huly - pm alpha beta v2"),
            ("Größe — 設定's_x-1", "Huly - Größe 設定's_x-1"),
            ("💥", "Huly - P"),
            ("", "Huly - P"),
            ("a\u{301}\nb", "Huly - a b"),
        ] {
            assert_eq!(agent(project, "P"), name);
        }
        assert_eq!(agent(&"x".repeat(500), "P").chars().count(), LONGEST + 7);
    }
}
