//! Why a pass ends before its work does: the deadline, a signal, too much memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

/// What ended the pass early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// `--deadline` is reached.
    Deadline,
    /// SIGTERM or SIGINT came.
    Signal,
    /// `max_memory` is passed.
    Memory,
}

/// Shared by all threads of a pass: asked between items, and for every time-out.
#[derive(Debug, Clone)]
pub struct Stop {
    deadline: Option<Instant>,
    raised: Arc<AtomicU8>,
}

impl Stop {
    /// `deadline` counts from now; `None` is no deadline.
    #[must_use]
    pub fn new(deadline: Option<Duration>) -> Self {
        let deadline = deadline.and_then(|after| Instant::now().checked_add(after));
        Self { deadline, raised: Arc::new(AtomicU8::new(0)) }
    }

    /// Ends the pass from another thread; the first reason stays.
    pub fn raise(&self, reason: Reason) {
        let code = match reason {
            Reason::Deadline => 1,
            Reason::Signal => 2,
            Reason::Memory => 3,
        };
        let _ = self.raised.compare_exchange(0, code, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether to begin nothing new, and why.
    #[must_use]
    pub fn reached(&self) -> Option<Reason> {
        match self.raised.load(Ordering::Relaxed) {
            1 => Some(Reason::Deadline),
            2 => Some(Reason::Signal),
            3 => Some(Reason::Memory),
            _ => (self.left()? == Duration::ZERO).then_some(Reason::Deadline),
        }
    }

    /// Time until the deadline; `None` without one, zero when it is past.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        Some(self.deadline?.saturating_duration_since(Instant::now()))
    }
}
