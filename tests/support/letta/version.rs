//! What differs between versions.

/// A version of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LettaVersion {
    /// Blocks that are written by their id leave prompts stale, and limits are enforced.
    V0_16_6,
    /// The recorded one, and the last.
    V0_16_8,
}

impl LettaVersion {
    /// As the health check tells it.
    pub fn number(self) -> &'static str {
        match self {
            LettaVersion::V0_16_6 => "0.16.6",
            LettaVersion::V0_16_8 => "0.16.8",
        }
    }

    /// Whether a block that is written by its id is in the prompt at once.
    pub fn renews_prompts(self) -> bool {
        self >= LettaVersion::V0_16_8
    }

    /// Whether a value that is too long is refused.
    pub fn enforces_limits(self) -> bool {
        self < LettaVersion::V0_16_8
    }
}
