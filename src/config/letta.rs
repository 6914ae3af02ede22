//! Who is told about the result.

use std::time::Duration;

use super::huly::missing;
use super::{Invalid, Secret};

/// `[letta]`
#[derive(Debug, Clone)]
pub struct Letta {
    /// Base URL without `/v1` or a slash at its end; the port is kept. `LETTA_BASE_URL`
    pub url: Option<String>,
    /// Goes into every request. `LETTA_PASSWORD`
    pub password: Option<Secret>,
    /// Of new agents (`letta/letta-free`). `LETTA_MODEL`
    pub model: String,
    /// Of new agents and folders (`letta/letta-free`). `LETTA_EMBEDDING`
    pub embedding: String,
    /// Whether repositories' READMEs are uploaded (no).
    pub readme: bool,
    /// Whether `.letta/settings.local.json` is written (no).
    pub write_settings: bool,
    /// Of a call (65 s).
    pub timeout: Duration,
}

impl Letta {
    /// The address, for a command that needs it.
    ///
    /// # Errors
    /// Says how to set it.
    pub fn address(&self) -> Result<&str, Invalid> {
        self.url.as_deref().ok_or_else(|| missing("letta.url", "LETTA_BASE_URL"))
    }
}
