//! What went over the wire.

use serde::Serialize;

/// Traffic with one host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Traffic {
    /// Requests sent.
    pub requests: u64,
    /// Connections opened.
    pub connections: u64,
    /// Requests that were repeated.
    pub retries: u64,
    /// Body bytes received.
    pub bytes: u64,
    /// Milliseconds waited between requests.
    pub waited_ms: u64,
}

/// Traffic by host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Http {
    /// With Huly.
    pub huly: Traffic,
    /// With Vibe Kanban.
    pub vibe: Traffic,
    /// With Letta, where its address is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letta: Option<Traffic>,
}
