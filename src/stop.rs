//! Why a pass ends before its work does: the deadline, a signal, too much memory.

use std::ffi::c_int;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::{SigId, flag, low_level};

use crate::model::Millis;

/// How long a running call may go on after a signal: a write that was sent should be answered.
const GRACE_AFTER_SIGNAL: Duration = Duration::from_secs(5);

/// How long a running call may go on after the deadline.
const GRACE_AFTER_DEADLINE: Duration = Duration::from_secs(3);

/// How often a wait looks whether the pass was ended.
const SLICE: Duration = Duration::from_millis(100);

/// What ended the pass early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// `--deadline` is reached.
    Deadline,
    /// SIGTERM, SIGINT or SIGHUP came.
    Signal,
    /// `max_memory` is passed.
    Memory,
}

/// Shared by all threads of a pass: asked between items, and for every time-out.
#[derive(Debug, Clone)]
pub struct Stop {
    deadline: Option<Instant>,
    begun: Instant,
    raised: Arc<Raised>,
    /// All that a signal handler may touch.
    signal: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct Raised {
    code: AtomicU8,
    /// Milliseconds after `begun`.
    at_ms: AtomicU64,
}

impl Stop {
    /// `deadline` counts from now; `None` is no deadline.
    #[must_use]
    pub fn new(deadline: Option<Duration>) -> Self {
        let begun = Instant::now();
        let deadline = deadline.and_then(|after| begun.checked_add(after));
        Self { deadline, begun, raised: Arc::default(), signal: Arc::default() }
    }

    /// Ends the pass from another thread; the first reason stays.
    pub fn raise(&self, reason: Reason) {
        let code = match reason {
            Reason::Deadline => 1,
            Reason::Signal => 2,
            Reason::Memory => 3,
        };
        let now = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        // Before the code, so that whoever sees the code sees a time.
        let _ = self.raised.at_ms.compare_exchange(0, now, Ordering::AcqRel, Ordering::Acquire);
        let _ = self.raised.code.compare_exchange(0, code, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Whether to begin nothing new, and why.
    #[must_use]
    pub fn reached(&self) -> Option<Reason> {
        self.hear();
        match self.raised.code.load(Ordering::Acquire) {
            1 => Some(Reason::Deadline),
            2 => Some(Reason::Signal),
            3 => Some(Reason::Memory),
            _ => (self.left()? == Duration::ZERO).then_some(Reason::Deadline),
        }
    }

    /// Whether a signal asked the process to end, whatever else ended the pass before.
    #[must_use]
    pub fn is_signalled(&self) -> bool {
        self.signal.load(Ordering::Relaxed)
    }

    /// Time until the deadline; `None` without one, zero when it is past.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        Some(self.deadline?.saturating_duration_since(Instant::now()))
    }

    /// Milliseconds since the run began, on a clock that nobody sets.
    #[must_use]
    pub fn elapsed(&self) -> Millis {
        Millis::try_from(self.begun.elapsed().as_millis()).unwrap_or(Millis::MAX)
    }

    /// Whether calls that still run are to be given up: 5 s after a signal, 3 s after the
    /// deadline.
    #[must_use]
    pub fn overdue(&self) -> bool {
        self.overdue_by(Duration::ZERO)
    }

    fn overdue_by(&self, more: Duration) -> bool {
        self.hear();
        let past = |at: Instant| at.elapsed() >= GRACE_AFTER_DEADLINE + more;
        let past_deadline = self.deadline.is_some_and(past);
        let grace = match self.raised.code.load(Ordering::Acquire) {
            0 => return past_deadline,
            1 => GRACE_AFTER_DEADLINE,
            _ => GRACE_AFTER_SIGNAL,
        };
        let at = Duration::from_millis(self.raised.at_ms.load(Ordering::Acquire));
        past_deadline || self.begun.elapsed() >= at + grace + more
    }

    /// Whether a thread that has not come back by now is left behind: a second after its calls were
    /// given up.
    #[must_use]
    pub fn hopeless(&self) -> bool {
        self.overdue_by(Duration::from_secs(1))
    }

    /// Sleeps, but not past the end of the pass; says why when that cut it short.
    pub fn sleep(&self, wait: Duration) -> Option<Reason> {
        // Measured from the start: the end of a long wait may be no time that a clock can show.
        let begun = Instant::now();
        loop {
            if let Some(reason) = self.reached() {
                return Some(reason);
            }
            let left = wait.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return None;
            }
            thread::sleep(left.min(SLICE));
        }
    }

    /// Ends the pass on SIGTERM, SIGINT and SIGHUP until the answer is dropped. A second SIGINT ends
    /// the process at once: whoever presses Ctrl-C twice means it, and no crash needs repair. A
    /// terminal that goes away ends nothing under `nohup`.
    ///
    /// # Errors
    /// The system refuses a handler.
    pub fn on_signals(&self) -> io::Result<Signals> {
        let mut signals = Signals(Vec::new());
        // First, since the handlers run in this order and the next one sets the flag.
        signals.0.push(flag::register_conditional_default(SIGINT, Arc::clone(&self.signal))?);
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            if signal == SIGHUP && is_ignored(signal) {
                continue;
            }
            signals.0.push(flag::register(signal, Arc::clone(&self.signal))?);
        }
        Ok(signals)
    }

    /// A handler can only set a flag: whoever asks next makes a reason of it.
    fn hear(&self) {
        if self.is_signalled() {
            self.raise(Reason::Signal);
        }
    }
}

/// Whether whoever started the process had it ignore this signal, where the system tells.
fn is_ignored(signal: c_int) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignores(&status, signal)
}

/// The same, by the mask in Linux's `status` of a process.
fn ignores(status: &str, signal: c_int) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask >> (signal - 1) & 1 == 1
}

/// Handlers that are registered as long as this lives; no thread stands behind them.
#[derive(Debug)]
pub struct Signals(Vec<SigId>);

impl Drop for Signals {
    fn drop(&mut self) {
        for id in self.0.drain(..) {
            low_level::unregister(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reason_stays_and_cuts_a_sleep_short() {
        let stop = Stop::new(None);
        assert_eq!(stop.sleep(Duration::from_millis(1)), None);
        stop.raise(Reason::Signal);
        stop.raise(Reason::Memory);
        assert_eq!(stop.sleep(Duration::from_secs(60)), Some(Reason::Signal));
        assert_eq!(stop.sleep(Duration::MAX), Some(Reason::Signal));
        assert!(!stop.overdue(), "a running write may still be answered");
    }

    #[test]
    fn a_past_deadline_is_reached_before_it_is_overdue() {
        let stop = Stop::new(Some(Duration::ZERO));
        assert_eq!(stop.reached(), Some(Reason::Deadline));
        assert!(!stop.overdue());
    }

    #[test]
    fn an_ignored_signal_is_told_by_the_mask() {
        let status = "Name:\tx\nSigBlk:\t0000000000000001\nSigIgn:\t0000000000001001\n";
        assert!(ignores(status, SIGHUP));
        assert!(!ignores(status, SIGINT) && !ignores(status, SIGTERM));
        assert!(!ignores("", SIGHUP) && !ignores("SigIgn: x", SIGHUP));
    }

    #[test]
    fn a_signal_ends_the_pass() {
        let stop = Stop::new(None);
        let signals = stop.on_signals().unwrap();
        assert_eq!(stop.clone().reached(), None);
        low_level::raise(SIGTERM).unwrap();
        assert_eq!(stop.reached(), Some(Reason::Signal));
        drop(signals);

        let next = Stop::new(None);
        low_level::raise(SIGTERM).unwrap();
        assert_eq!(next.reached(), None, "a signal of the past ends no later pass");
    }
}
