//! What went wrong with a request. The kind decides what follows; the text never does.

use std::fmt;

use super::Host;

/// What a failure means for the item, the project and the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Not reached, timed out, reset, cut off in the middle of an answer, 408, 425, 502–504,
    /// 520–524, 530, or the breaker is open: try later.
    Offline,
    /// 429 after all attempts: try later.
    Throttled,
    /// Another 5xx: this call fails there, others may not.
    Server,
    /// 401 or 403; to a write only where reads are refused as well.
    Auth,
    /// 404, or Vibe's project that is no more.
    Gone,
    /// Another 4xx, `success:false`, or a write that alone is answered 401 or 403: the same request will
    /// be refused again.
    Invalid,
    /// What was to be made is there: an earlier try was carried out.
    Exists,
    /// 413, or above a limit known beforehand: never sent, or never taken.
    TooLarge,
    /// HTML, broken JSON: an unsupported version or a wrong URL.
    Protocol,
    /// The right server in a version that lacks what is needed: a Vibe Kanban without local tasks.
    Unsupported,
    /// No way to the server: its certificate is not trusted, what answers speaks no TLS, or the
    /// proxy lets nobody through (401, 403, 407 and its like). Nothing was sent.
    Barred,
    /// The deadline or a signal came first.
    Stopped,
    /// This machine failed while an answer was taken in (disk full, too large an element).
    Local,
}

impl Kind {
    /// Whether a later pass may fare better with the same request.
    #[must_use]
    pub fn is_transient(self) -> bool {
        !self.is_setup() && !matches!(self, Self::Invalid | Self::Exists | Self::TooLarge)
    }

    /// Whether nothing gets better before a person changes settings or servers: exit 2.
    #[must_use]
    pub fn is_setup(self) -> bool {
        matches!(self, Self::Auth | Self::Unsupported | Self::Barred)
    }

    /// Whether the next request would fare no better, whatever it asks for.
    #[must_use]
    pub fn ends_all(self) -> bool {
        self.is_setup()
            || matches!(self, Self::Offline | Self::Throttled | Self::Stopped | Self::Local)
    }

    /// What the status of an answer means that is no success.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        match status {
            401 | 403 => Self::Auth,
            404 => Self::Gone,
            408 | 425 => Self::Offline,
            status if is_away(status) => Self::Offline,
            413 => Self::TooLarge,
            429 => Self::Throttled,
            500..=599 => Self::Server,
            400..=499 => Self::Invalid,
            _ => Self::Protocol,
        }
    }
}

/// Whether a proxy says with this status that the server behind it is away, or is so itself; 52x
/// and 530 are Cloudflare's.
pub(crate) fn is_away(status: u16) -> bool {
    matches!(status, 502..=504 | 520..=524 | 530)
}

/// A request that did not succeed, after all its attempts.
#[derive(Debug, Clone)]
pub struct Error {
    /// What it means.
    pub kind: Kind,
    /// Whose server it is.
    pub host: Host,
    /// Method and path, without the query: `PUT /api/tasks/959c…`.
    pub call: String,
    /// The status line's number, where there was one.
    pub status: Option<u16>,
    /// The server's own words, cut to a line, or what the transport said.
    pub message: String,
    /// The server may have carried the request out though it was not seen to answer.
    pub ambiguous: bool,
}

impl Error {
    /// An error that no status line came with.
    #[must_use]
    pub fn new(kind: Kind, host: impl Into<Host>, call: &str, message: impl fmt::Display) -> Self {
        Self {
            kind,
            host: host.into(),
            call: call.to_owned(),
            status: None,
            message: message.to_string(),
            ambiguous: false,
        }
    }

    /// Whether the server has answered that it does not do this: one of several things that were asked
    /// for may be the cause, and the others fare better alone.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        match self.kind {
            Kind::Server | Kind::Gone | Kind::Invalid | Kind::TooLarge => true,
            Kind::Protocol => self.status.is_some_and(|status| (400..500).contains(&status)),
            _ => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.host, self.call)?;
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
