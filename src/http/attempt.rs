//! One attempt: sends a request, and says in a word how it ended.

use std::io;
use std::time::Duration;

use ureq::http::{self, Response, header};
use ureq::{AsSendBody, Body};

use super::answer::{self, Answer, Content};
use super::body::{self, Broken, ERROR_LIMIT};
use super::breaker::Pulse;
use super::connect::{Line, Tally};
use super::request::Secret;
use super::retry::Outcome;
use super::{Class, Error, Host, Http, Kind, Request};
use crate::stop::Reason;

/// An attempt that gave no answer to hand on.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) outcome: Outcome,
    pub(crate) error: Error,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) pulse: Pulse,
}

/// A status line and headers, with the body still to be taken in.
pub(crate) struct Reply<'a> {
    pub(crate) status: u16,
    pub(crate) content: Content,
    pub(crate) call: &'a str,
    pub(crate) host: Host,
    class: Class,
    http: &'a Http,
    response: Response<Body>,
}

/// Sends the request and waits for the head of an answer.
pub(crate) fn send<'a>(
    http: &'a Http,
    host: Host,
    base: &str,
    request: &Request,
    call: &'a str,
    list: bool,
) -> Result<Reply<'a>, Fault> {
    let before = Tally::now();
    let sent = run(http, base, request, list);
    match sent {
        Ok(response) => Ok(Reply {
            status: response.status().as_u16(),
            content: Content::of(response.headers()),
            call,
            host,
            class: request.class,
            http,
            response,
        }),
        Err(error) => {
            let line = before.line();
            Err(Fault::of_transport(http, host, call, &error, |error| of_sending(error, line)))
        }
    }
}

fn run(
    http: &Http,
    base: &str,
    request: &Request,
    list: bool,
) -> Result<Response<Body>, ureq::Error> {
    let mut head = http::Request::builder().method(&request.method).uri(request.url(base));
    if let Some(Secret(token)) = &request.bearer {
        head = head.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    match &request.body {
        None => http.agent.run(timed(http, head.body(())?, request.writes(), list)),
        Some(payload) => {
            let head = head.header(header::CONTENT_TYPE, &payload.content_type);
            let sent = head.body(payload.bytes.as_slice())?;
            http.agent.run(timed(http, sent, request.writes(), list))
        }
    }
}

fn timed<S: AsSendBody>(
    http: &Http,
    request: http::Request<S>,
    writes: bool,
    list: bool,
) -> http::Request<S> {
    let limits = &http.limits;
    let connect = http.within_deadline(Some(limits.connect_timeout), writes);
    // A list may take as long as bytes keep coming.
    let (whole, silence) =
        if list { (None, Some(limits.list_timeout)) } else { (Some(limits.call_timeout), None) };
    http.agent
        .configure_request(request)
        .timeout_resolve(connect)
        .timeout_connect(connect)
        .timeout_per_read(silence)
        .timeout_global(http.within_deadline(whole, writes))
        .build()
}

impl Reply<'_> {
    pub(crate) fn time(&self) -> Option<crate::model::Millis> {
        answer::server_time(self.response.headers())
    }

    /// Takes in the body with one of the functions of `body`.
    pub(crate) fn take<T>(
        &mut self,
        take_in: impl FnOnce(&mut dyn io::Read, &mut dyn FnMut(usize)) -> Result<T, Broken>,
    ) -> Result<T, Fault> {
        let counters = self.http.counters(self.host);
        let mut reader = self.response.body_mut().with_config().limit(u64::MAX).reader();
        let taken = take_in(&mut reader, &mut |bytes| counters.bytes(bytes));
        taken.map_err(|broken| self.broken(broken))
    }

    /// The answer with its body, at most `limit` bytes of it.
    pub(crate) fn whole(mut self, limit: usize) -> Result<Answer, Fault> {
        let time = self.time();
        let (body, complete) = self.take(|reader, count| body::whole(reader, limit, count))?;
        if !complete && self.status < 300 {
            return Err(self.garbled("an answer of more than 16 MiB"));
        }
        Ok(Answer {
            status: self.status,
            content: self.content,
            body,
            time,
            host: self.host,
            call: self.call.to_owned(),
            class: self.class,
        })
    }

    /// An answer that is to be handed on neither as a success nor as a refusal.
    pub(crate) fn refused(self) -> Fault {
        let (status, call, host) = (self.status, self.call, self.host);
        let retry_after = answer::retry_after(self.response.headers());
        let moved = self.response.headers().get(header::LOCATION).cloned();
        let pulse = if matches!(status, 502..=504) { Pulse::Dead } else { Pulse::Alive };
        let error = match self.whole(ERROR_LIMIT) {
            Ok(answer) => answer.error(),
            Err(_) => Error {
                status: Some(status),
                ..Error::new(Kind::of_status(status), host, call, "")
            },
        };
        let mut fault = Fault { outcome: Outcome::Status(status), error, retry_after, pulse };
        if let Some(to) = moved.filter(|_| (300..400).contains(&status)) {
            fault.error.message = format!("wrong URL: it leads on to {to:?}");
        }
        fault
    }

    pub(crate) fn garbled(&self, how: impl std::fmt::Display) -> Fault {
        Fault::garbled(self.host, self.call, self.status, how)
    }

    fn broken(&self, broken: Broken) -> Fault {
        match broken {
            Broken::Garbled(how) => self.garbled(how),
            Broken::TooLarge(how) => Fault::local(self.host, self.call, how),
            Broken::Receiver(error) => match error.downcast::<Error>() {
                Ok(error) => Fault { error, ..Fault::local(self.host, self.call, "") },
                Err(error) => Fault::local(self.host, self.call, format!("{error:#}")),
            },
            Broken::Transport(error) => {
                let error = ureq::Error::from(error);
                let mut fault =
                    Fault::of_transport(self.http, self.host, self.call, &error, of_receiving);
                fault.error.status = Some(self.status);
                fault
            }
        }
    }
}

impl Fault {
    /// Not sent, since the pass has ended.
    pub(crate) fn stopped(host: Host, call: &str, reason: Reason) -> Self {
        let error = Error::new(Kind::Stopped, host, call, words(reason));
        Self { outcome: Outcome::Ended, error, retry_after: None, pulse: Pulse::Unknown }
    }

    /// Not sent, since the server was away too often.
    pub(crate) fn given_up(host: Host, call: &str) -> Self {
        let message = "not asked: five calls in a row failed less than 30 s ago";
        let error = Error::new(Kind::Offline, host, call, message);
        Self { outcome: Outcome::Ended, error, retry_after: None, pulse: Pulse::Unknown }
    }

    /// A success in the status line that cannot be understood.
    pub(crate) fn garbled(
        host: Host,
        call: &str,
        status: u16,
        how: impl std::fmt::Display,
    ) -> Self {
        let error = Error { status: Some(status), ..Error::new(Kind::Protocol, host, call, how) };
        Self { outcome: Outcome::Garbled, error, retry_after: None, pulse: Pulse::Alive }
    }

    pub(crate) fn local(host: Host, call: &str, how: impl std::fmt::Display) -> Self {
        let error = Error::new(Kind::Local, host, call, how);
        Self { outcome: Outcome::Ended, error, retry_after: None, pulse: Pulse::Alive }
    }

    fn of_transport(
        http: &Http,
        host: Host,
        call: &str,
        error: &ureq::Error,
        outcome: impl FnOnce(&ureq::Error) -> (Outcome, Kind),
    ) -> Self {
        let (outcome, mut kind) = outcome(error);
        let mut message = error.to_string();
        let mut pulse = if outcome == Outcome::Stale { Pulse::Unknown } else { Pulse::Dead };
        if let (ureq::Error::Timeout(_), Some(reason)) = (error, http.stop.reached()) {
            (kind, message, pulse) = (Kind::Stopped, words(reason).to_owned(), Pulse::Unknown);
        }
        let error = Error::new(kind, host, call, message);
        Self { outcome, error, retry_after: None, pulse }
    }
}

fn words(reason: Reason) -> &'static str {
    match reason {
        Reason::Deadline => "the deadline came first",
        Reason::Signal => "a signal came first",
        Reason::Memory => "the memory limit was reached first",
    }
}

/// What a failure before the head of an answer means.
fn of_sending(error: &ureq::Error, line: Line) -> (Outcome, Kind) {
    use ureq::{Error as E, Timeout as T};
    match error {
        E::BadUri(_) | E::Http(_) | E::InvalidProxyUrl | E::TlsRequired => {
            (Outcome::Ended, Kind::Protocol)
        }
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

fn is_closed(kind: io::ErrorKind) -> bool {
    use io::ErrorKind as K;
    matches!(kind, K::UnexpectedEof | K::ConnectionReset | K::ConnectionAborted | K::BrokenPipe)
}

/// What a failure in the middle of an answer means.
fn of_receiving(error: &ureq::Error) -> (Outcome, Kind) {
    let kind = match error {
        ureq::Error::Timeout(_) => Kind::Offline,
        _ => Kind::Protocol,
    };
    (Outcome::Lost, kind)
}
