//! A server and what is known of it: asks, again where that is right, and never too fast.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use ureq::Agent;
use ureq::http::Uri;

use super::admission::Admission;
use super::attempt::{self, Reply};
use super::body::{self, ERROR_LIMIT, WHOLE_LIMIT};
use super::breaker::{Breaker, Pulse};
use super::counters::received_here;
use super::fault::Fault;
use super::pace::Pace;
use super::retry::{self, Class, Try};
use super::turns::{Leave, Turns};
use super::{Answer, Content, Error, Host, Http, Kind, Listed, Path, Receive, Request, Result};
use crate::model::Millis;

/// One server; cheap to clone, the clones share breaker, pace and writers.
#[derive(Debug, Clone)]
pub struct Server {
    http: Http,
    agent: Agent,
    /// The proxy in between, as messages name it.
    via: Option<Arc<str>>,
    host: Host,
    base: Arc<str>,
    gate: Arc<Gate>,
    /// What judges writes that are answered 401 or 403.
    admission: Option<Arc<Admission>>,
}

/// What a request must pass.
#[derive(Debug)]
struct Gate {
    breaker: Mutex<Breaker>,
    pace: Option<Mutex<Pace>>,
    writers: Option<Turns>,
    callers: Option<Turns>,
    refusals: Option<Refusals>,
}

/// What a server is spared; by default nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// Calls a second, on average over half a minute.
    pub rate: Option<u32>,
    /// Writes at a time, over all threads.
    pub writers: Option<usize>,
    /// Calls at a time, over all threads.
    pub at_once: Option<usize>,
    /// What a status and the server's words mean, where the status alone misleads.
    pub refusals: Option<Refusals>,
}

/// Reads a refusal; `None`: the status tells.
pub type Refusals = fn(u16, &str) -> Option<Kind>;

/// A list that came to its end, all elements handed over.
#[derive(Debug, Clone)]
pub struct Listing<T> {
    /// All but the elements.
    pub envelope: T,
    /// How many elements there were.
    pub count: u64,
    /// The server's time, from `Date`.
    pub time: Option<Millis>,
}

impl Server {
    /// `base` is the URL before the path.
    #[must_use]
    pub fn new(http: &Http, host: Host, base: &str, limits: Limits) -> Self {
        let base = base.trim_end_matches('/');
        if let Some(authority) = base.parse::<Uri>().ok().as_ref().and_then(Uri::authority) {
            http.names.add(authority.as_str(), host);
        }
        let gate = Gate {
            breaker: Mutex::default(),
            pace: limits.rate.map(|rate| Mutex::new(Pace::new(rate, Instant::now()))),
            writers: limits.writers.map(Turns::new),
            callers: limits.at_once.map(Turns::new),
            refusals: limits.refusals,
        };
        let (agent, detour) = http.agent_for(base);
        let via = detour.map(|detour| detour.to_string().into());
        let (http, gate) = (http.clone(), Arc::new(gate));
        Self { http, agent, via, host, base: base.into(), gate, admission: None }
    }

    /// The same; a write that is answered 401 or 403 fails for itself as long as this read is let in.
    /// Otherwise the credentials are refused.
    #[must_use]
    pub fn judged_by(self, read: Request) -> Self {
        let admission = Some(Arc::new(Admission::new(self.clone(), read)));
        Self { admission, ..self }
    }

    /// The same, by the read of another server that takes the same credentials.
    #[must_use]
    pub fn judged_with(self, other: &Self) -> Self {
        Self { admission: other.admission.clone(), ..self }
    }

    /// Whose server it is.
    #[must_use]
    pub fn host(&self) -> Host {
        self.host
    }

    /// Asks for an answer that is taken in whole: a success, which is JSON, or a 4xx.
    ///
    /// # Errors
    /// Any kind, after all attempts.
    pub fn ask(&self, request: &Request) -> Result<Answer> {
        let asked = self.ask_anew(request);
        match &self.admission {
            Some(admission) if request.writes() => asked_of(admission, asked),
            _ => asked,
        }
    }

    fn ask_anew(&self, request: &Request) -> Result<Answer> {
        self.attempts(request, false, &mut |reply, _| {
            if reply.status >= 400 {
                return reply.whole(ERROR_LIMIT);
            }
            if reply.status == 204 {
                return reply.whole(0);
            }
            let reply = expect_json(reply)?;
            let (status, call, host) = (reply.status, reply.call, reply.host);
            let answer = reply.whole(WHOLE_LIMIT)?;
            match serde_json::from_slice::<serde::de::IgnoredAny>(&answer.body) {
                Ok(_) => Ok(answer),
                Err(error) => {
                    Err(Fault::garbled(host, call, status, format!("broken JSON: {error}")))
                }
            }
        })
    }

    /// Asks for a list and hands its elements over as they come, but for those that are recognised.
    /// When an attempt fails in its middle and another follows, `Restart` comes first: what was
    /// handed over is void.
    ///
    /// # Errors
    /// Any kind, after all attempts. An error of `each` ends the read: it stays the same where it
    /// is an [`super::Error`], else it becomes `Kind::Local`.
    pub fn list<T: DeserializeOwned>(
        &self,
        request: &Request,
        path: Path,
        each: &mut dyn Receive,
    ) -> Result<Listing<T>> {
        self.attempts(request, true, &mut |reply, attempt| {
            if attempt > 1 {
                each.take(Listed::Restart)
                    .map_err(|error| Fault::local(reply.host, reply.call, format!("{error:#}")))?;
            }
            let mut reply = expect_json(reply)?;
            let streamed = reply.take(|reader, count| body::stream(reader, path, count, each))?;
            let envelope = serde_json::from_slice(&streamed.envelope)
                .map_err(|error| reply.garbled(format!("broken JSON: {error}")))?;
            Ok(Listing { envelope, count: streamed.count, time: reply.time() })
        })
    }

    /// Fetches a body with the same buffer as a list, and drops it: what any use of it would
    /// cost at the least. Gives its size in bytes.
    ///
    /// # Errors
    /// Any kind, after all attempts.
    pub fn drain(&self, request: &Request) -> Result<u64> {
        self.attempts(request, true, &mut |reply, _| expect_json(reply)?.take(body::drain))
    }

    fn attempts<T>(
        &self,
        request: &Request,
        list: bool,
        take: &mut dyn FnMut(Reply<'_>, u32) -> std::result::Result<T, Fault>,
    ) -> Result<T> {
        let call = request.call();
        let (mut attempt, mut unclear) = (1, false);
        loop {
            let fault = match self.attempt(request, &call, list, attempt, take) {
                Ok(taken) => return Ok(taken),
                Err(fault) => fault.on_the_way(self.via.as_deref()),
            };
            log::debug!("attempt {attempt}: {}", fault.error);
            // Once unclear, always unclear: a later refusal takes back nothing.
            let asked = fault.retry_after.is_some();
            unclear |= retry::ambiguous(request.class, fault.outcome, asked);
            let again = !request.once && self.wait_for_next(request.class, &fault, attempt);
            if !again {
                return Err(Error { ambiguous: unclear, ..fault.error });
            }
            self.http.counters(self.host).retry();
            attempt += 1;
        }
    }

    /// Waits where another attempt is right; `false` where it is not, or the pass ended meanwhile.
    fn wait_for_next(&self, class: Class, fault: &Fault, attempt: u32) -> bool {
        let tried = Try {
            attempt,
            attempts: self.http.limits.attempts,
            backoff: self.http.limits.backoff,
            random: random(),
            retry_after: fault.retry_after,
            left: self.http.stop.left(),
        };
        let Some(wait) = retry::wait(class, fault.outcome, &tried) else { return false };
        if lock(&self.gate.breaker).is_open() {
            return false;
        }
        log::debug!("{}: again in {} ms", fault.error.call, wait.as_millis());
        !self.sleep(wait)
    }

    fn attempt<T>(
        &self,
        request: &Request,
        call: &str,
        list: bool,
        attempt: u32,
        take: &mut dyn FnMut(Reply<'_>, u32) -> std::result::Result<T, Fault>,
    ) -> std::result::Result<T, Fault> {
        let _leave = self.pass_gate(request.writes(), call)?;
        self.http.counters(self.host).request(request.writes());
        let (begun, before) = (Instant::now(), received_here());
        let sent =
            attempt::send(&self.http, &self.agent, self.host, &self.base, request, call, list);
        let status = sent.as_ref().ok().map(|reply| reply.status);
        let taken = sent.and_then(|reply| {
            if let (Some(pace), Some((left, of))) = (&self.gate.pace, reply.calls_left()) {
                lock(pace).leave(left, of);
            }
            match is_final(reply.status, list) {
                true => take(reply, attempt),
                false => Err(self.refused(reply)),
            }
        });
        // Neither query nor headers nor bodies: there are secrets in them, and people's texts.
        log::debug!(
            "{} {call} ({}): {}, {} ms, {} bytes",
            self.host,
            self.base,
            status.map_or("no answer".to_owned(), |status| status.to_string()),
            begun.elapsed().as_millis(),
            received_here().wrapping_sub(before)
        );
        let pulse = taken.as_ref().err().map_or(Pulse::Alive, |fault| fault.pulse);
        lock(&self.gate.breaker).record(pulse, Instant::now());
        taken
    }

    fn refused(&self, reply: Reply<'_>) -> Fault {
        let status = reply.status;
        let fault = reply.refused();
        if let (429, Some(pace), Some(wait)) = (status, &self.gate.pace, fault.retry_after) {
            // It is for all threads: each further call would prolong it.
            lock(pace).hold(Instant::now(), wait);
        }
        match self.gate.refusals.and_then(|meaning| meaning(status, &fault.error.message)) {
            Some(kind) => fault.means(kind),
            None => fault,
        }
    }

    /// Waits for pace and writers, then asks the breaker: whoever it lets through must record.
    fn pass_gate(
        &self,
        writes: bool,
        call: &str,
    ) -> std::result::Result<[Option<Leave<'_>>; 2], Fault> {
        if let Some(pace) = &self.gate.pace {
            let wait = lock(pace).take(Instant::now());
            if wait > retry::LONGEST {
                return Err(Fault::held_back(self.host, call, wait));
            }
            self.sleep(wait);
        }
        let stop = &self.http.stop;
        let queues = [self.gate.writers.as_ref().filter(|_| writes), self.gate.callers.as_ref()];
        let leave = queues.map(|turns| {
            let queued = Instant::now();
            let leave = turns?.enter(stop);
            self.http.counters(self.host).waited(queued.elapsed());
            leave
        });
        if let Some(reason) = stop.reached() {
            return Err(Fault::stopped(self.host, call, reason));
        }
        if !lock(&self.gate.breaker).admits(Instant::now()) {
            return Err(Fault::given_up(self.host, call));
        }
        Ok(leave)
    }

    /// Waits, and counts it; whether the pass ended meanwhile.
    fn sleep(&self, wait: Duration) -> bool {
        if wait.is_zero() {
            return false;
        }
        let begun = Instant::now();
        let reason = self.http.stop.sleep(wait);
        self.http.counters(self.host).waited(begun.elapsed());
        reason.is_some()
    }
}

/// What became of a write, a refusal by what it means.
fn asked_of(admission: &Admission, asked: Result<Answer>) -> Result<Answer> {
    match asked {
        Ok(answer) if Kind::of_status(answer.status) == Kind::Auth => {
            Err(admission.judge(answer.error()))
        }
        Err(error) if error.kind == Kind::Auth => Err(admission.judge(error)),
        asked => asked,
    }
}

/// Whether an answer with this status is handed on; the others are faults.
fn is_final(status: u16, list: bool) -> bool {
    match status {
        200..=299 => true,
        408 | 425 | 429 => false,
        400..=499 => !list,
        _ => false,
    }
}

fn expect_json(mut reply: Reply<'_>) -> std::result::Result<Reply<'_>, Fault> {
    if reply.content == Content::Json {
        return Ok(reply);
    }
    // Read all the same, to keep the connection.
    let _ = reply.take(|reader, count| body::whole(reader, ERROR_LIMIT, count));
    Err(reply.garbled(match reply.content {
        Content::Html => super::answer::WEB_PAGE,
        _ => "unsupported version or wrong URL: the answer is no JSON",
    }))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// In 0..1. A hasher with fresh keys is random enough to keep machines from retrying in step.
fn random() -> f64 {
    let bits = RandomState::new().hash_one(0_u8);
    f64::from((bits >> 32) as u32) / f64::from(u32::MAX)
}
