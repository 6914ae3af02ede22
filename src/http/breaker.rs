//! When a server is given up for a while: a state machine without a clock of its own.

use std::time::{Duration, Instant};

/// Failures in a row that open it.
const LIMIT: u32 = 5;

/// How long it stays open before one call may probe.
const REST: Duration = Duration::from_secs(30);

/// What one attempt said about the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pulse {
    /// It answered; whatever it answered, a JSON 500 included.
    Alive,
    /// Not reached, timed out, cut off, or a proxy says that it is away.
    Dead,
    /// Nothing was learned: the attempt was ended from this side.
    Unknown,
}

/// The breaker of one server.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    failures: u32,
    opened: Option<Instant>,
    probing: bool,
}

impl Breaker {
    /// Whether a call may go now. In the half-open state the first to ask is the probe; each
    /// call that was let through must be recorded.
    pub(crate) fn admits(&mut self, now: Instant) -> bool {
        let Some(opened) = self.opened else { return true };
        if self.probing || now.saturating_duration_since(opened) < REST {
            return false;
        }
        self.probing = true;
        true
    }

    /// Whether calls are held back, but for a probe.
    pub(crate) fn is_open(&self) -> bool {
        self.opened.is_some()
    }

    /// How a call that was let through went.
    pub(crate) fn record(&mut self, pulse: Pulse, now: Instant) {
        match pulse {
            Pulse::Alive => *self = Self::default(),
            Pulse::Unknown => self.probing = false,
            Pulse::Dead => {
                self.probing = false;
                self.failures += 1;
                if self.failures >= LIMIT {
                    self.opened = Some(now);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(now: Instant) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..LIMIT {
            assert!(breaker.admits(now));
            breaker.record(Pulse::Dead, now);
        }
        breaker
    }

    #[test]
    fn five_failures_in_a_row_open_it() {
        let now = Instant::now();
        assert!(!opened(now).admits(now));
    }

    #[test]
    fn an_answer_between_starts_the_count_anew() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        for _ in 0..3 {
            for _ in 0..LIMIT - 1 {
                breaker.record(Pulse::Dead, now);
            }
            breaker.record(Pulse::Alive, now);
        }
        assert!(breaker.admits(now));
    }

    #[test]
    fn after_the_rest_one_probe_goes_and_decides() {
        let now = Instant::now();
        let later = now + REST;
        let mut breaker = opened(now);
        assert!(!breaker.admits(later - Duration::from_millis(1)));
        assert!(breaker.admits(later));
        assert!(!breaker.admits(later), "one probe at a time");
        breaker.record(Pulse::Dead, later);
        assert!(!breaker.admits(later + REST / 2));
        assert!(breaker.admits(later + REST));
        breaker.record(Pulse::Alive, later + REST);
        assert!(breaker.admits(later + REST));
    }

    #[test]
    fn a_probe_that_was_ended_from_this_side_makes_way_for_another() {
        let now = Instant::now();
        let mut breaker = opened(now);
        assert!(breaker.admits(now + REST));
        breaker.record(Pulse::Unknown, now + REST);
        assert!(breaker.admits(now + REST));
    }
}
