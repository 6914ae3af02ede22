//! What both simulators have in common: an address, faults, counters, a log.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use super::clock::Clock;
use super::web::faults::{Fault, FaultId, Moment, When};
use super::web::journal::{Counters, Entry, Host, Journal};
use super::web::server::Server;
use super::web::service::ServiceCounters;

/// The outside of a simulator.
pub struct Endpoint {
    side: Host,
    server: Server,
    journal: Arc<Journal>,
    clock: Arc<Clock>,
}

impl Endpoint {
    pub(super) fn new(
        side: impl Into<Host>,
        server: Server,
        journal: Arc<Journal>,
        clock: Arc<Clock>,
    ) -> Endpoint {
        Endpoint { side: side.into(), server, journal, clock }
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Sets a fault.
    pub fn fault(&self, when: When, fault: Fault) -> FaultId {
        self.server.script().lock().set(when, fault)
    }

    /// How often a fault struck.
    pub fn struck(&self, id: FaultId) -> u64 {
        self.server.script().lock().struck(id)
    }

    /// Lifts one fault.
    pub fn lift_fault(&self, id: FaultId) {
        self.server.script().lock().lift(id);
    }

    /// Lifts all faults.
    pub fn clear_faults(&self) {
        self.server.script().lock().clear();
    }

    /// Does something just before such a request is carried out: a person is quicker.
    /// It may hold the world's `huly` and `vibe`; the end of the world lets go of them.
    pub fn before(&self, when: When, act: impl Fn() + Send + Sync + 'static) {
        self.server.script().lock().hook(when, Moment::Before, Arc::new(act));
    }

    /// Does something when such a request is carried out and not yet answered.
    pub fn after(&self, when: When, act: impl Fn() + Send + Sync + 'static) {
        self.server.script().lock().hook(when, Moment::After, Arc::new(act));
    }

    /// Forgets what was to be done before and after requests.
    pub fn forget_acts(&self) {
        self.server.script().lock().unhook();
    }

    /// What was counted since the start or the last reset.
    pub fn counters(&self) -> Counters {
        self.server.counters()
    }

    /// Requests by service of the platform; all zero for the bridge and Vibe Kanban.
    pub fn services(&self) -> ServiceCounters {
        self.server.service_counters()
    }

    /// Starts counting anew.
    pub fn reset_counters(&self) {
        self.server.reset_counters();
    }

    /// All kept requests of this system.
    pub fn log(&self) -> Vec<Entry> {
        self.log_since(0)
    }

    /// The kept requests of this system after a mark.
    pub fn log_since(&self, mark: u64) -> Vec<Entry> {
        self.journal.since(mark, |e| e.side == self.side)
    }

    /// The kept writing requests of this system after a mark.
    pub fn writes_since(&self, mark: u64) -> Vec<Entry> {
        self.journal.since(mark, |e| e.side == self.side && e.is_write)
    }

    /// Most kept requests of this system within any one second.
    pub fn busiest_second(&self) -> usize {
        let times: Vec<Duration> = self.log().iter().map(|e| e.at).collect();
        let within = |n: usize| {
            let end = times[n] + Duration::from_secs(1);
            times[n..].iter().take_while(|at| **at < end).count()
        };
        (0..times.len()).map(within).max().unwrap_or(0)
    }

    /// Connections are refused from now on, the open ones closed.
    pub fn go_offline(&self) {
        self.server.go_offline();
    }

    /// Listens again, on the same port.
    pub fn come_back(&self) {
        self.server.come_back().expect("the port is still free");
    }

    /// Closes connections that were idle for so long; zero: never.
    pub fn keep_alive(&self, idle: Duration) {
        self.server.keep_alive(idle);
    }

    /// Puts the system's clock ahead of the real time, or behind.
    pub fn shift_clock(&self, offset_ms: i64) {
        self.clock.shift(offset_ms);
    }

    /// The system's clock, milliseconds since the epoch.
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }
}

/// Both simulators are endpoints.
macro_rules! is_an_endpoint {
    ($name:ty) => {
        impl Deref for $name {
            type Target = Endpoint;
            fn deref(&self) -> &Endpoint {
                &self.endpoint
            }
        }
    };
}

is_an_endpoint!(super::huly::controls::Huly);
is_an_endpoint!(super::vibe::controls::Vibe);
is_an_endpoint!(super::letta::controls::Letta);
