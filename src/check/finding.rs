//! One thing that was found, and what all of them mean for the exit code.

use std::fmt;

use serde::Serialize;

use crate::config::Invalid;
use crate::exit::Exit;
use crate::http::Kind;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Good to know.
    Note,
    /// A part will not be synced, or something is less safe than it could be.
    Warning,
    /// A system is away, or says try later.
    Away,
    /// A person must change something before a pass can go well.
    Error,
}

impl Level {
    /// As it is printed.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Away => "away",
            Self::Error => "error",
        }
    }

    /// What a request that came to nothing means: the kind says who has to act.
    pub(super) fn of(kind: Kind) -> Self {
        match kind {
            Kind::Offline | Kind::Stopped | Kind::Throttled => Self::Away,
            _ => Self::Error,
        }
    }

    fn exit(self) -> Exit {
        match self {
            Self::Ok | Self::Note | Self::Warning => Exit::Done,
            Self::Away => Exit::Later,
            Self::Error => Exit::Usage,
        }
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// `config`, `state`, `huly`, `vibe`, `letta`, `clock`, `projects`, `project WEB` or `statuses`.
    pub subject: String,
    /// What was found, as a lower-case fragment.
    pub what: String,
    /// What to do about it, where there is something to do that `what` does not say.
    pub todo: Option<String>,
}

impl Finding {
    pub(super) fn new(level: Level, subject: impl Into<String>, what: impl Into<String>) -> Self {
        Self { level, subject: subject.into(), what: what.into(), todo: None }
    }

    pub(super) fn todo(mut self, todo: impl Into<String>) -> Self {
        self.todo = Some(todo.into());
        self
    }
}

/// Without the level, which may be coloured.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.what)?;
        match &self.todo {
            Some(todo) => write!(f, "; {todo}"),
            None => Ok(()),
        }
    }
}

/// The first of 2, 75, 0 that a finding asks for.
#[must_use]
pub fn exit(findings: &[Finding]) -> Exit {
    findings.iter().fold(Exit::Done, |exit, finding| exit.worst(finding.level.exit()))
}

/// What is wrong with the settings, a line each.
pub fn invalid<'a>(subject: &'a str, invalid: &'a Invalid) -> impl Iterator<Item = Finding> + 'a {
    let line = move |problem: &_| Finding::new(Level::Error, subject, format!("{problem}"));
    invalid.problems.iter().map(line)
}
