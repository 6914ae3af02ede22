//! The limit of requests: a sliding window for each account, and worse for those who do not heed it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Counts the requests of one account.
pub struct Limiter {
    pub most: usize,
    pub window: Duration,
    begun: Instant,
    /// When the requests of the window came, or will be taken to have come.
    requests: VecDeque<Duration>,
    rejected: usize,
}

/// What the limiter says of a request.
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    pub limit: usize,
    pub remaining: usize,
    /// From now until the window has passed.
    pub reset: Duration,
    /// How long to wait, if the request is refused.
    pub wait: Option<Duration>,
}

impl Default for Limiter {
    fn default() -> Limiter {
        Limiter::new(1500, Duration::from_secs(30))
    }
}

impl Limiter {
    /// So many requests in such a window.
    pub fn new(most: usize, window: Duration) -> Limiter {
        Limiter { most, window, begun: Instant::now(), requests: VecDeque::new(), rejected: 0 }
    }

    /// Counts a request.
    pub fn check(&mut self) -> Verdict {
        // One window ahead, so that the first window does not begin before the time.
        self.check_at(self.begun.elapsed() + self.window)
    }

    /// The platform's own arithmetic: the request that fills the window is refused and counted all
    /// the same, so that one more refusal follows a wait that was long enough; and who was refused
    /// more than twice the limit finds the next requests dated five windows ahead.
    pub fn check_at(&mut self, now: Duration) -> Verdict {
        let start = now - self.window;
        self.requests.retain(|at| *at > start);
        if self.requests.is_empty() {
            self.rejected = 0;
        }
        if self.requests.len() <= self.most {
            let banned = self.rejected > self.most.saturating_mul(2);
            self.requests.push_back(now + if banned { self.window * 5 } else { Duration::ZERO });
        }
        let used = self.requests.len();
        let mut wait = None;
        if used >= self.most {
            self.rejected += 1;
            let free = self.requests[0] + self.window;
            wait = Some(free.saturating_sub(now) + Duration::from_millis(1));
        }
        let remaining = self.most.saturating_sub(used);
        Verdict { limit: self.most, remaining, reset: self.window, wait }
    }
}
