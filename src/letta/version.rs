//! Which Letta it is.

/// A version of the server, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub(super) [u32; 3]);

/// From here on a block that is written by its id is in the prompt at once; before, only one that is
/// written by its label in an agent's memory.
const RENEWS_PROMPTS: Version = Version([0, 16, 7]);

impl Version {
    /// `0.16.8`, whatever follows it.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut numbers = text.trim().split(['.', '-', '+']).map(|part| {
            let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            part.get(..digits)?.parse().ok()
        });
        let mut next = || numbers.next().flatten();
        Some(Self([next()?, next()?, next().unwrap_or(0)]))
    }

    pub(super) fn renews_prompts(self) -> bool {
        self >= RENEWS_PROMPTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_written_by_id_from_0_16_7_on() {
        for (text, by_id) in [
            ("0.16.8", true),
            ("0.16.7", true),
            ("0.16.6", false),
            ("0.9.10", false),
            ("0.17", true),
            ("1.0.0-rc1", true),
            ("0.16.7rc2", true),
            ("0.11.7", false),
        ] {
            assert_eq!(Version::read(text).map(Version::renews_prompts), Some(by_id), "{text}");
        }
        for text in ["", "latest", "v1"] {
            assert_eq!(Version::read(text), None, "{text}");
        }
    }
}
