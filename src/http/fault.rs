//! How an attempt failed, in a word: what retry, breaker and the error's kind go by.

use std::fmt::Display;
use std::io;
use std::time::Duration;

use super::breaker::Pulse;
use super::connect::Line;
use super::error::is_away;
use super::retry::Outcome;
use super::{Error, Host, Kind};
use crate::stop::{Reason, Stop};

/// An attempt that gave no answer to hand on.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) outcome: Outcome,
    pub(crate) error: Error,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) pulse: Pulse,
}

impl Fault {
    fn new(outcome: Outcome, error: Error) -> Self {
        let pulse = match outcome {
            Outcome::Unsent | Outcome::Lost => Pulse::Dead,
            Outcome::Status(status) if is_away(status) => Pulse::Dead,
            Outcome::Status(_) | Outcome::Garbled => Pulse::Alive,
            Outcome::Stale | Outcome::Ended => Pulse::Unknown,
        };
        Self { outcome, error, retry_after: None, pulse }
    }

    /// Not sent, since the pass has ended.
    pub(crate) fn stopped(host: Host, call: &str, reason: Reason) -> Self {
        Self::new(Outcome::Ended, Error::new(Kind::Stopped, host, call, words(reason)))
    }

    /// Not sent, since the server was away too often.
    pub(crate) fn given_up(host: Host, call: &str) -> Self {
        let message = "not asked: five calls in a row failed less than 30 s ago";
        Self::new(Outcome::Ended, Error::new(Kind::Offline, host, call, message))
    }

    /// Not sent, since the server asked for more patience than a pass has.
    pub(crate) fn held_back(host: Host, call: &str, wait: Duration) -> Self {
        let message = format!("not asked: the server takes no calls for {} s", wait.as_secs());
        Self::new(Outcome::Ended, Error::new(Kind::Throttled, host, call, message))
    }

    /// This machine could not take in what came.
    pub(crate) fn local(host: Host, call: &str, how: impl Display) -> Self {
        Self::receiver(Error::new(Kind::Local, host, call, how))
    }

    /// The receiver of what came gave this error of its own.
    pub(crate) fn receiver(error: Error) -> Self {
        Self { pulse: Pulse::Alive, ..Self::new(Outcome::Ended, error) }
    }

    /// An answer with a status that is neither a success nor a final refusal.
    pub(crate) fn status(status: u16, error: Error, retry_after: Option<Duration>) -> Self {
        Self { retry_after, ..Self::new(Outcome::Status(status), error) }
    }

    /// The same, by what the server's words mean. Only one who is away is asked again.
    pub(crate) fn means(mut self, kind: Kind) -> Self {
        self.error.kind = kind;
        if kind != Kind::Offline {
            self.outcome = Outcome::Ended;
        }
        self
    }

    /// The same, with the proxy that the server was not reached through: it may be the one that is
    /// away.
    pub(crate) fn on_the_way(mut self, via: Option<&str>) -> Self {
        let kind = self.error.kind;
        let is_cut = self.outcome == Outcome::Lost;
        let is_unreached =
            self.error.status.is_none() && matches!(kind, Kind::Offline | Kind::Barred);
        if let Some(proxy) = via.filter(|_| is_cut || is_unreached) {
            self.error.message += &format!(" (through {proxy})");
        }
        self
    }

    /// A success in the status line that cannot be understood.
    pub(crate) fn garbled(host: Host, call: &str, status: u16, how: impl Display) -> Self {
        let error = Error { status: Some(status), ..Error::new(Kind::Protocol, host, call, how) };
        Self::new(Outcome::Garbled, error)
    }

    /// A failure before the head of an answer, on this line.
    pub(crate) fn sending(
        host: Host,
        call: &str,
        stop: &Stop,
        error: &ureq::Error,
        line: Line,
    ) -> Self {
        let (outcome, kind) = of_sending(error, line);
        Self::new(outcome, Error::new(kind, host, call, error)).unless_stopped(stop, error)
    }

    /// A failure in the middle of an answer's body.
    pub(crate) fn receiving(
        host: Host,
        call: &str,
        stop: &Stop,
        error: &ureq::Error,
        status: u16,
    ) -> Self {
        let kind = match error {
            ureq::Error::Timeout(_) | ureq::Error::Io(_) => Kind::Offline,
            _ => Kind::Protocol,
        };
        let error_now = Error { status: Some(status), ..Error::new(kind, host, call, error) };
        Self::new(Outcome::Lost, error_now).unless_stopped(stop, error)
    }

    /// A time-out at the end of the pass says nothing about the server.
    fn unless_stopped(mut self, stop: &Stop, error: &ureq::Error) -> Self {
        if let (ureq::Error::Timeout(_), Some(reason)) = (error, stop.reached()) {
            self.error.kind = Kind::Stopped;
            words(reason).clone_into(&mut self.error.message);
            self.pulse = Pulse::Unknown;
        }
        self
    }
}

fn words(reason: Reason) -> &'static str {
    match reason {
        Reason::Deadline => "the deadline came first",
        Reason::Signal => "a signal came first",
        Reason::Memory => "the memory limit was reached first",
    }
}

fn of_sending(error: &ureq::Error, line: Line) -> (Outcome, Kind) {
    use ureq::{Error as E, Timeout as T};
    match error {
        E::BadUri(_) | E::Http(_) | E::InvalidProxyUrl | E::TlsRequired => {
            (Outcome::Ended, Kind::Protocol)
        }
        _ if is_barred(error) => (Outcome::Ended, Kind::Barred),
        // Only the resolver says `Other`.
        E::HostNotFound | E::Other(_) | E::Timeout(T::Resolve) => (Outcome::Unsent, Kind::Offline),
        _ if line == Line::Dead => (Outcome::Unsent, Kind::Offline),
        E::Io(error) if line == Line::Pooled && is_closed(error.kind()) => {
            (Outcome::Stale, Kind::Offline)
        }
        E::Protocol(_) | E::LargeResponseHeader(..) => (Outcome::Lost, Kind::Protocol),
        _ => (Outcome::Lost, Kind::Offline),
    }
}

/// Whether a person has to open the way. Up to the head of an answer TLS fails in its handshake.
fn is_barred(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Rustls(error) => is_untrusted(error),
        ureq::Error::Io(error) => error
            .get_ref()
            .and_then(|cause| cause.downcast_ref::<rustls::Error>())
            .is_some_and(is_untrusted),
        // The only place where the agent tells the proxy's status: "proxy server responded 407/407".
        ureq::Error::ConnectProxyFailed(how) => {
            how.rsplit(['/', ' ']).next().and_then(|status| status.parse().ok()).is_some_and(
                |status: u16| matches!(status, 400..=499 if status != 408 && status != 429),
            )
        }
        _ => false,
    }
}

fn is_untrusted(error: &rustls::Error) -> bool {
    use rustls::Error as E;
    matches!(error, E::InvalidCertificate(_) | E::InvalidMessage(_) | E::PeerIncompatible(_))
}

fn is_closed(kind: io::ErrorKind) -> bool {
    use io::ErrorKind as K;
    matches!(kind, K::UnexpectedEof | K::ConnectionReset | K::ConnectionAborted | K::BrokenPipe)
}
