//! How fast calls may follow each other: a token bucket without a clock of its own.

use std::time::{Duration, Instant};

/// The bucket holds what half a minute may take: the bridge's platform counts in 30 s windows.
const WINDOW_S: f64 = 30.0;

/// The bucket of one server.
#[derive(Debug)]
pub(crate) struct Pace {
    rate: f64,
    tokens: f64,
    at: Instant,
    /// Nobody calls before: the server said so.
    held: Instant,
}

/// This part of the calls of a window is left to whoever else uses the account.
const RESERVE: f64 = 1.0 / 30.0;

impl Pace {
    /// `rate` is in calls a second; the bucket starts full.
    pub(crate) fn new(rate: u32, now: Instant) -> Self {
        let rate = f64::from(rate.max(1));
        Self { rate, tokens: rate * WINDOW_S, at: now, held: now }
    }

    /// Takes a token, if need be from the future: how long to wait before calling.
    pub(crate) fn take(&mut self, now: Instant) -> Duration {
        let grown = now.saturating_duration_since(self.at).as_secs_f64() * self.rate;
        self.at = now;
        self.tokens = (self.tokens + grown).min(self.rate * WINDOW_S) - 1.0;
        let wait = Duration::from_secs_f64((-self.tokens / self.rate).max(0.0));
        wait.max(self.held.saturating_duration_since(now))
    }

    /// The server takes only so many more, of so many in a window. A window later it takes more,
    /// whatever the numbers are.
    pub(crate) fn leave(&mut self, calls: u32, of: u32) {
        let left = f64::from(calls) - f64::from(of) * RESERVE;
        self.tokens = self.tokens.min(left.max(-self.rate * WINDOW_S));
    }

    /// The server takes none before so much time has passed.
    pub(crate) fn hold(&mut self, now: Instant, wait: Duration) {
        if let Some(until) = now.checked_add(wait) {
            self.held = self.held.max(until);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_bucket_goes_at_once_then_the_rate_holds() {
        let now = Instant::now();
        let mut pace = Pace::new(20, now);
        assert!((0..600).all(|_| pace.take(now).is_zero()));
        assert_eq!(pace.take(now), Duration::from_millis(50));
        assert_eq!(pace.take(now), Duration::from_millis(100));
        assert!(pace.take(now + Duration::from_millis(150)).is_zero());
    }

    #[test]
    fn it_takes_the_servers_word_for_what_is_left() {
        let now = Instant::now();
        let mut pace = Pace::new(20, now);
        pace.leave(52, 1500);
        assert!(pace.take(now).is_zero() && pace.take(now).is_zero());
        assert_eq!(pace.take(now), Duration::from_millis(50));
        pace.leave(1400, 1500);
        assert_eq!(pace.take(now), Duration::from_millis(100), "it makes nothing more");
        pace.hold(now, Duration::from_secs(9));
        pace.hold(now, Duration::from_secs(3));
        assert_eq!(pace.take(now), Duration::from_secs(9));
    }

    #[test]
    fn no_number_that_a_server_names_makes_it_panic_or_wait_for_ever() {
        let now = Instant::now();
        let mut pace = Pace::new(1, now);
        pace.leave(0, u32::MAX);
        let wait = pace.take(now);
        assert!(wait <= Duration::from_secs(31), "{wait:?}");
        pace.hold(now, Duration::MAX);
        pace.hold(now, Duration::from_secs(u64::MAX));
        assert!(pace.take(now) <= Duration::from_secs(32));
    }

    #[test]
    fn it_fills_no_further_than_its_rim() {
        let now = Instant::now();
        let mut pace = Pace::new(1, now);
        let later = now + Duration::from_secs(3600);
        assert!((0..30).all(|_| pace.take(later).is_zero()));
        assert_eq!(pace.take(later), Duration::from_secs(1));
    }
}
