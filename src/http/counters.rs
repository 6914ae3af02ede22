//! What the network did in this pass, counted by host.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Host;
use crate::model::Millis;

/// A reading of one host's counters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Requests sent, each attempt counted.
    pub requests: u64,
    /// Requests sent that ask for a change, each attempt counted.
    pub writes: u64,
    /// Connections opened.
    pub connections: u64,
    /// Attempts after the first.
    pub retries: u64,
    /// Bytes of answers' bodies.
    pub bytes: u64,
    /// Milliseconds waited between attempts, for the rate and for a free writer.
    pub waited_ms: u64,
}

thread_local! {
    static RECEIVED: Cell<u64> = const { Cell::new(0) };
}

/// Bytes of answers' bodies that this thread has taken in: what one request brought is the difference.
pub(super) fn received_here() -> u64 {
    RECEIVED.get()
}

/// The counters of one host, added to by all threads.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    requests: AtomicU64,
    writes: AtomicU64,
    connections: AtomicU64,
    retries: AtomicU64,
    bytes: AtomicU64,
    waited_us: AtomicU64,
    /// How far the server's clock was ahead of this machine's at its last answer.
    ahead: Mutex<Option<Millis>>,
}

impl Counters {
    pub(crate) fn clock(&self, server: Millis, here: Millis) {
        let ahead = Some(server.saturating_sub(here));
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) = ahead;
    }

    pub(crate) fn ahead(&self) -> Option<Millis> {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn request(&self, writes: bool) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.writes.fetch_add(u64::from(writes), Ordering::Relaxed);
    }

    pub(crate) fn connection(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn retry(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn bytes(&self, received: usize) {
        self.bytes.fetch_add(received as u64, Ordering::Relaxed);
        RECEIVED.set(RECEIVED.get().wrapping_add(received as u64));
    }

    pub(crate) fn waited(&self, wait: Duration) {
        let micros = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX);
        self.waited_us.fetch_add(micros, Ordering::Relaxed);
    }

    fn read(&self) -> Counts {
        Counts {
            requests: self.requests.load(Ordering::Relaxed),
            writes: self.writes.load(Ordering::Relaxed),
            connections: self.connections.load(Ordering::Relaxed),
            retries: self.retries.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            waited_ms: self.waited_us.load(Ordering::Relaxed) / 1000,
        }
    }
}

/// The counters of all hosts.
#[derive(Debug, Default)]
pub(crate) struct Ledger([Counters; Host::ALL.len()]);

impl Ledger {
    pub(crate) fn of(&self, host: Host) -> &Counters {
        &self.0[host as usize]
    }

    pub(crate) fn snapshot(&self) -> [(Host, Counts); Host::ALL.len()] {
        Host::ALL.map(|host| (host, self.of(host).read()))
    }
}
