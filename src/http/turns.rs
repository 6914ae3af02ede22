//! How many speak to one server at a time.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::stop::Stop;

/// How often a waiting thread looks whether the pass was ended.
const SLICE: Duration = Duration::from_millis(100);

/// A small semaphore.
#[derive(Debug)]
pub(crate) struct Turns {
    free: Mutex<usize>,
    freed: Condvar,
}

/// Leave to speak; given back when dropped.
#[derive(Debug)]
pub(crate) struct Leave<'a>(&'a Turns);

impl Turns {
    pub(crate) fn new(at_most: usize) -> Self {
        Self { free: Mutex::new(at_most.max(1)), freed: Condvar::new() }
    }

    /// Waits for leave; `None` when the pass ends first.
    pub(crate) fn enter(&self, stop: &Stop) -> Option<Leave<'_>> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            if stop.reached().is_some() {
                return None;
            }
            free = self.freed.wait_timeout(free, SLICE).unwrap_or_else(PoisonError::into_inner).0;
        }
        *free -= 1;
        Some(Leave(self))
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stop::Reason;

    #[test]
    fn leave_is_given_up_to_the_limit_and_again_after() {
        let turns = Turns::new(2);
        let stop = Stop::new(None);
        let first = turns.enter(&stop);
        let second = turns.enter(&stop);
        assert!(first.is_some() && second.is_some());
        stop.raise(Reason::Signal);
        assert!(turns.enter(&stop).is_none(), "nobody waits past the end of the pass");
        drop(first);
        assert!(turns.enter(&stop).is_some());
    }
}
