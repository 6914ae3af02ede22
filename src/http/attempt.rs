//! One attempt: sends a request, and takes in the answer.

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use ureq::http::{self, Response, header};
use ureq::{Agent, AsSendBody, Body};

use super::answer::{self, Answer, Content};
use super::body::{self, Broken, ERROR_LIMIT};
use super::coding::{Coding, Misfit};
use super::connect::{Line, Tally};
use super::fault::Fault;
use super::retry::Outcome;
use super::{Class, Error, Host, Http, Kind, Request};
use crate::model::Millis;

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
    agent: &Agent,
    host: Host,
    base: &str,
    request: &Request,
    call: &'a str,
    list: bool,
) -> Result<Reply<'a>, Fault> {
    let before = Tally::now();
    let sent = run(http, agent, host, base, request, list);
    match sent {
        Ok(response) => {
            if let Some(time) = answer::server_time(response.headers()) {
                http.counters(host).clock(time, here());
            }
            Ok(Reply {
                status: response.status().as_u16(),
                content: Content::of(response.headers()),
                call,
                host,
                class: request.class,
                http,
                response,
            })
        }
        Err(error) => {
            let line = before.line();
            if line == Line::Dead {
                http.addresses.forget();
            }
            Err(Fault::sending(host, call, &http.stop, &error, line))
        }
    }
}

/// This machine's clock.
fn here() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}

fn run(
    http: &Http,
    agent: &Agent,
    host: Host,
    base: &str,
    request: &Request,
    list: bool,
) -> Result<Response<Body>, ureq::Error> {
    let mut head = http::Request::builder().method(&request.method).uri(request.url(base));
    if let Some(token) = &request.bearer {
        head = head.header(header::AUTHORIZATION, format!("Bearer {}", token.reveal()));
    }
    for (name, value) in http.headers(host).iter() {
        head = head.header(name, value);
    }
    for (name, value) in &request.headers {
        head = head.header(*name, *value);
    }
    match &request.body {
        None => agent.run(timed(http, agent, head.body(())?, request.writes(), list)),
        Some(payload) => {
            let head = head.header(header::CONTENT_TYPE, &payload.content_type);
            let sent = head.body(payload.bytes.as_slice())?;
            agent.run(timed(http, agent, sent, request.writes(), list))
        }
    }
}

fn timed<S: AsSendBody>(
    http: &Http,
    agent: &Agent,
    request: http::Request<S>,
    writes: bool,
    list: bool,
) -> http::Request<S> {
    let limits = &http.limits;
    let connect = http.within_deadline(Some(limits.connect_timeout), writes);
    // A list may take as long as bytes keep coming.
    let (whole, silence) =
        if list { (None, Some(limits.list_timeout)) } else { (Some(limits.call_timeout), None) };
    agent
        .configure_request(request)
        .timeout_resolve(connect)
        .timeout_connect(connect)
        .timeout_per_read(silence)
        .timeout_global(http.within_deadline(whole, writes))
        .build()
}

impl Reply<'_> {
    pub(crate) fn time(&self) -> Option<Millis> {
        answer::server_time(self.response.headers())
    }

    /// How many calls the server says it takes now, and in a whole window.
    pub(crate) fn calls_left(&self) -> Option<(u32, u32)> {
        answer::calls_left(self.response.headers())
    }

    /// Takes in the body with one of the functions of `body`.
    pub(crate) fn take<T>(
        &mut self,
        take_in: impl FnOnce(&mut dyn io::Read, &mut dyn FnMut(usize)) -> Result<T, Broken>,
    ) -> Result<T, Fault> {
        let counters = self.http.counters(self.host);
        let coding = Coding::of(self.response.headers());
        let mut received = |bytes| counters.bytes(bytes);
        let packed = self.response.body_mut().with_config().limit(u64::MAX).reader();
        let mut reader = coding.unpack(packed);
        if let Coding::Unknown(words) = coding {
            // Read all the same, to keep the connection.
            let _ = body::whole(&mut reader, ERROR_LIMIT, &mut received);
            drop(reader);
            return Err(self.garbled(format!(
                "compressed (Content-Encoding: {words}), though that was not asked for: see that \
                 the proxy before it does not compress, or uses gzip"
            )));
        }
        let taken = take_in(&mut reader, &mut received);
        drop(reader);
        taken.map_err(|broken| self.broken(broken))
    }

    /// The answer with its body, at most `limit` bytes of it.
    pub(crate) fn whole(mut self, limit: usize) -> Result<Answer, Fault> {
        let time = self.time();
        let taken = self.take(|reader, count| body::whole(reader, limit, count));
        let (body, complete) = match taken {
            // What a refusal means its status says, too.
            Err(fault) if self.status >= 400 && fault.outcome == Outcome::Garbled => {
                self.content = Content::Other;
                (Vec::new(), true)
            }
            taken => taken?,
        };
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
        let mut error = match self.whole(ERROR_LIMIT) {
            Ok(answer) => answer.error(),
            Err(_) => Error {
                status: Some(status),
                ..Error::new(Kind::of_status(status), host, call, "")
            },
        };
        if let Some(to) = moved.filter(|_| (300..400).contains(&status)) {
            // What follows a `?` is another one each time, and may be a secret.
            let to = String::from_utf8_lossy(to.as_bytes());
            let to = to.split(['?', '#']).next().unwrap_or_default();
            error.message = format!("wrong URL: it leads on to {to:?}");
        }
        Fault::status(status, error, retry_after)
    }

    pub(crate) fn garbled(&self, how: impl std::fmt::Display) -> Fault {
        Fault::garbled(self.host, self.call, self.status, how)
    }

    fn broken(&self, broken: Broken) -> Fault {
        match broken {
            Broken::Garbled(how) => self.garbled(how),
            Broken::TooLarge(how) => Fault::local(self.host, self.call, how),
            Broken::Receiver(error) => match error.downcast::<Error>() {
                Ok(error) => Fault::receiver(error),
                Err(error) => Fault::local(self.host, self.call, format!("{error:#}")),
            },
            Broken::Transport(error) if Misfit::of(&error).is_some() => self.garbled(error),
            Broken::Transport(error) => {
                let error = ureq::Error::from(error);
                Fault::receiving(self.host, self.call, &self.http.stop, &error, self.status)
            }
        }
    }
}
