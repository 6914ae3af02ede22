//! The few values that every room speaks of.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use twox_hash::XxHash3_128;

/// Milliseconds since 1970 in UTC, on the clock of the server that said so.
pub type Millis = i64;

/// One of the two systems that are kept equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Huly, where people plan in issues.
    Huly,
    /// Vibe Kanban, where agents work on tasks.
    Vibe,
}

impl Side {
    /// The side across.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Huly => Self::Vibe,
            Self::Vibe => Self::Huly,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Huly => "huly",
            Self::Vibe => "vibe",
        })
    }
}

/// One of the three fields that are kept equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// The one-line title.
    Title,
    /// The Markdown text.
    Description,
    /// Where on the board the item stands.
    Status,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Title => "title",
            Self::Description => "description",
            Self::Status => "status",
        })
    }
}

/// 128 bits that stand for a text or for the bytes of a listed element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; 16]);

impl Hash {
    /// Of a listed element, which is met again byte for byte in every full read: an XXH3, ten times
    /// as fast as a sha-256. Who makes two elements of one hash hides an edit of their own.
    #[must_use]
    pub fn of_element(bytes: &[u8]) -> Self {
        Self(XxHash3_128::oneshot(bytes).to_be_bytes())
    }

    /// In lower case.
    #[must_use]
    pub fn hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Of a text: a sha-256, cut.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut cut = [0; 16];
        cut.copy_from_slice(&Sha256::digest(bytes)[..16]);
        Self(cut)
    }
}
