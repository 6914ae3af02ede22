//! What was asked of the two systems, in one order, and who wants to know.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use super::message::{Request, json_of};
use super::service::Service;
use crate::support::sync::Guarded;

/// One of the two systems that are kept equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    Huly,
    Vibe,
}

/// Who was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Host {
    Huly,
    Vibe,
    Letta,
}

impl From<Side> for Host {
    fn from(side: Side) -> Host {
        match side {
            Side::Huly => Host::Huly,
            Side::Vibe => Host::Vibe,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Host::from(*self).fmt(f)
    }
}

impl PartialEq<Side> for Host {
    fn eq(&self, side: &Side) -> bool {
        *self == Host::from(*side)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Host::Huly => "huly",
            Host::Vibe => "vibe",
            Host::Letta => "letta",
        })
    }
}

/// One request as the log keeps it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Place in the common order of both systems, from 1.
    pub sequence: u64,
    pub side: Host,
    pub method: String,
    /// Path with query.
    pub path: String,
    pub body: Vec<u8>,
    headers: Vec<(String, String)>,
    /// The status answered; 0 when no answer was sent (yet).
    pub status: u16,
    /// Anything but a read (the bridge's bulk read and the platform's find-all are POSTs, and reads).
    pub is_write: bool,
    /// Which of the platform's services was asked.
    pub service: Option<Service>,
    /// Which connection of this system, from 1.
    pub connection: u64,
    /// When it arrived, since the world began.
    pub at: Duration,
}

impl Entry {
    /// A header's value; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The request's body as JSON; null if it is none.
    pub fn json(&self) -> serde_json::Value {
        json_of(&self.body).unwrap_or_default()
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        let Entry { sequence, side, method, path, status, .. } = self;
        write!(f, "#{sequence} {side} {method} {path} {body} -> {status}")
    }
}

type Callback = Arc<dyn Fn(u64, Host) + Send + Sync>;

/// The common log of both systems.
pub struct Journal {
    begun: Instant,
    last: AtomicU64,
    keeping: AtomicBool,
    entries: Guarded<Vec<Entry>>,
    effect: RwLock<Option<Callback>>,
    served: RwLock<Option<Callback>>,
}

impl Journal {
    /// An empty log that keeps every request.
    pub fn new() -> Journal {
        Journal {
            begun: Instant::now(),
            last: AtomicU64::new(0),
            keeping: AtomicBool::new(true),
            entries: Guarded::new(Vec::new()),
            effect: RwLock::new(None),
            served: RwLock::new(None),
        }
    }

    /// Gives the request its number and writes it down.
    pub fn arrived(&self, side: Host, connection: u64, request: &Request) -> u64 {
        if !self.keeping.load(Ordering::Relaxed) {
            return self.last.fetch_add(1, Ordering::SeqCst) + 1;
        }
        let mut entries = self.entries.lock();
        let sequence = self.last.fetch_add(1, Ordering::SeqCst) + 1;
        entries.push(Entry {
            sequence,
            side,
            method: request.method.clone(),
            path: request.target.clone(),
            body: request.body.clone(),
            headers: request.headers().to_vec(),
            status: 0,
            is_write: request.is_write(),
            service: request.service(),
            connection,
            at: self.begun.elapsed(),
        });
        sequence
    }

    /// Notes the status that was answered.
    pub fn answered(&self, sequence: u64, status: u16) {
        if self.keeping.load(Ordering::Relaxed) {
            let mut entries = self.entries.lock();
            if let Ok(index) = entries.binary_search_by_key(&sequence, |e| e.sequence) {
                entries[index].status = status;
            }
        }
    }

    /// The state has changed, nothing was answered yet.
    pub fn took_effect(&self, sequence: u64, side: Host) {
        call(&self.effect, sequence, side);
    }

    /// The system is done with the request.
    pub fn served(&self, sequence: u64, side: Host) {
        call(&self.served, sequence, side);
    }

    /// Sets or removes the callback between effect and answer.
    pub fn on_effect(&self, callback: Option<Callback>) {
        *self.effect.write().expect("no callback panicked") = callback;
    }

    /// Sets or removes the callback after the answer.
    pub fn on_served(&self, callback: Option<Callback>) {
        *self.served.write().expect("no callback panicked") = callback;
    }

    /// The number of the last request.
    pub fn mark(&self) -> u64 {
        self.last.load(Ordering::SeqCst)
    }

    /// Whether requests are kept (numbering goes on without).
    pub fn keep(&self, keeping: bool) {
        self.keeping.store(keeping, Ordering::Relaxed);
    }

    /// Kept requests after `mark` for which `wanted` holds.
    pub fn since(&self, mark: u64, wanted: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let entries = self.entries.lock();
        let start = entries.partition_point(|e| e.sequence <= mark);
        entries[start..].iter().filter(|e| wanted(e)).cloned().collect()
    }
}

fn call(slot: &RwLock<Option<Callback>>, sequence: u64, side: Host) {
    // Cloned out, so that a callback may itself set another.
    let callback = slot.read().expect("no callback panicked").clone();
    if let Some(callback) = callback {
        callback(sequence, side);
    }
}

/// What one system has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Counters {
    pub requests: u64,
    /// Requests that are not reads.
    pub writes: u64,
    pub connections: u64,
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// Most requests in work at one moment.
    pub max_concurrent: u64,
}
