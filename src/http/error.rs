//! What went wrong with a request. The kind decides what follows; the text never does.

use std::fmt;

use crate::model::Side;

/// What a failure means for the item, the project and the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Not reached, timed out, reset, 408, 502, 503, 504, or the breaker is open: try later.
    Offline,
    /// 429 after all attempts: try later.
    Throttled,
    /// Another 5xx: this call fails there, others may not.
    Server,
    /// 401 or 403.
    Auth,
    /// 404, or Vibe's project that is no more.
    Gone,
    /// Another 4xx, or `success:false`: the same request will be refused again.
    Invalid,
    /// 413, or above a limit known beforehand: never sent, or never taken.
    TooLarge,
    /// HTML, broken JSON, a cut body: an unsupported version or a wrong URL.
    Protocol,
    /// The deadline or a signal came first.
    Stopped,
    /// This machine failed while an answer was taken in (disk full, too large an element).
    Local,
}

impl Kind {
    /// Whether a later pass may fare better with the same request.
    #[must_use]
    pub fn is_transient(self) -> bool {
        !matches!(self, Self::Invalid | Self::TooLarge | Self::Auth)
    }
}

/// A request that did not succeed, after all its attempts.
#[derive(Debug, Clone)]
pub struct Error {
    /// What it means.
    pub kind: Kind,
    /// Whose server it is.
    pub side: Side,
    /// Method and path, without the query: `PUT /api/tasks/959c…`.
    pub call: String,
    /// The status line's number, where there was one.
    pub status: Option<u16>,
    /// The server's own words, cut to a line, or what the transport said.
    pub message: String,
    /// The server may have carried the request out though it was not seen to answer.
    pub ambiguous: bool,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.side, self.call)?;
        if let Some(status) = self.status {
            write!(f, " answered {status}")?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
