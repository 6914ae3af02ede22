//! Exit codes: what a script, cron or a person may conclude.

use std::fmt;
use std::process::ExitCode;

use crate::config::Invalid;
use crate::http::{self, Kind};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Exit {
    /// 0
    Done = 0,
    /// 1
    Failed = 1,
    /// 2, as all programs that use clap have it
    Usage = 2,
    /// 3
    Partial = 3,
    /// 4
    Refused = 4,
    /// 75, `EX_TEMPFAIL` of sysexits.h: what mailers and service managers take as "try later"
    Later = 75,
}

impl Exit {
    /// All of them, by number.
    pub const ALL: [Self; 6] =
        [Self::Done, Self::Failed, Self::Usage, Self::Partial, Self::Refused, Self::Later];

    /// The number that the process ends with.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// What the code means.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Done => "done, also when there was nothing to do",
            Self::Failed => {
                "failed: the state cannot be used, the disk is full, a project list was refused or \
                 not understood, or there are no projects at all"
            }
            Self::Usage => {
                "usage, configuration or credentials are wrong, a project is unknown or a glob \
                 matches none, this Vibe Kanban has no local tasks, a certificate is not trusted, \
                 or the proxy lets nobody through"
            }
            Self::Partial => "partial: an item, a project or a Letta push failed; the rest is done",
            Self::Refused => "a guard refused something; the rest is done",
            Self::Later => {
                "try later: another pass holds the lock, a system was away, or the deadline, a \
                 signal or the memory limit came first; the next pass goes on from there"
            }
        }
    }

    /// Of two ends of one run, the one to tell: the first of 2, 1, 75, 4, 3, 0.
    #[must_use]
    pub fn worst(self, other: Self) -> Self {
        if self.weight() >= other.weight() { self } else { other }
    }

    fn weight(self) -> u8 {
        match self {
            Self::Usage => 5,
            Self::Failed => 4,
            Self::Later => 3,
            Self::Refused => 2,
            Self::Partial => 1,
            Self::Done => 0,
        }
    }

    /// What an error means that ended a whole command, by what is found in its chain: settings,
    /// a failed request, or an [`Expected`]. Anything else is 1.
    #[must_use]
    pub fn of(error: &anyhow::Error) -> Self {
        error
            .chain()
            .find_map(|cause| {
                let expected = || cause.downcast_ref::<Expected>().map(|expected| expected.exit);
                let invalid = || cause.downcast_ref::<Invalid>().map(|_| Self::Usage);
                let request = || cause.downcast_ref::<http::Error>().map(of_request);
                expected().or_else(invalid).or_else(request)
            })
            .unwrap_or(Self::Failed)
    }
}

fn of_request(error: &http::Error) -> Exit {
    match error.kind {
        Kind::Auth | Kind::Unsupported | Kind::Barred => Exit::Usage,
        Kind::Offline | Kind::Throttled | Kind::Stopped => Exit::Later,
        Kind::Server
        | Kind::Gone
        | Kind::Invalid
        | Kind::Exists
        | Kind::TooLarge
        | Kind::Protocol
        | Kind::Local => Exit::Failed,
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl serde::Serialize for Exit {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u8(self.code())
    }
}

/// An error that was to be reckoned with: it knows its exit code. What is none is a bug, or a
/// machine that fails.
#[derive(Debug, Clone)]
pub struct Expected {
    /// How the run ends.
    pub exit: Exit,
    /// What is wrong and the way out, as a lower-case fragment.
    pub message: String,
}

impl Expected {
    /// An error that ends the run so.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Expected {}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;
    use crate::http::Host;

    #[test]
    fn the_first_of_2_1_75_4_3_0_wins() {
        let order = [2, 1, 75, 4, 3, 0];
        let place = |exit: Exit| order.iter().position(|code| *code == exit.code()).unwrap();
        for a in Exit::ALL {
            for b in Exit::ALL {
                let worst = a.worst(b);
                assert_eq!(place(worst), place(a).min(place(b)));
                assert_eq!(worst, b.worst(a));
            }
        }
    }

    #[test]
    fn each_code_has_a_number_and_a_sentence_of_its_own() {
        assert_eq!(Exit::ALL.map(Exit::code), [0, 1, 2, 3, 4, 75]);
        for exit in Exit::ALL {
            assert!(!exit.sentence().ends_with('.'));
            let same = Exit::ALL.iter().filter(|other| other.sentence() == exit.sentence());
            assert_eq!(same.count(), 1);
        }
    }

    #[test]
    fn errors_know_their_code_through_any_context() {
        let request = |kind| http::Error {
            kind,
            host: Host::Huly,
            call: "GET /api/projects".to_owned(),
            status: None,
            message: String::new(),
            ambiguous: false,
        };
        let wrapped = |error: anyhow::Error| Exit::of(&error.context("reading").context("pass"));
        assert_eq!(wrapped(request(Kind::Auth).into()), Exit::Usage);
        assert_eq!(wrapped(request(Kind::Unsupported).into()), Exit::Usage);
        assert_eq!(wrapped(request(Kind::Offline).into()), Exit::Later);
        assert_eq!(wrapped(request(Kind::Protocol).into()), Exit::Failed);
        assert_eq!(wrapped(Invalid { problems: Vec::new() }.into()), Exit::Usage);
        assert_eq!(wrapped(Expected::new(Exit::Refused, "x").into()), Exit::Refused);
        let io = std::fs::read("/nonexistent").context("read").unwrap_err();
        assert_eq!(wrapped(io), Exit::Failed);
    }
}
