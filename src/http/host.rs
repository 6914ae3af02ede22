//! Whose servers are spoken to: what is counted, paced and named in errors apart.

use std::fmt;

use crate::model::Side;

/// One of the systems that requests go to.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Host {
    /// The Huly bridge, or the platform's servers together.
    Huly,
    /// Vibe Kanban.
    Vibe,
    /// Letta, which is told about the result.
    Letta,
}

impl Host {
    /// All of them, in the order of their counters.
    pub const ALL: [Self; 3] = [Self::Huly, Self::Vibe, Self::Letta];
}

impl From<Side> for Host {
    fn from(side: Side) -> Self {
        match side {
            Side::Huly => Self::Huly,
            Side::Vibe => Self::Vibe,
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Huly => "huly",
            Self::Vibe => "vibe",
            Self::Letta => "letta",
        })
    }
}
