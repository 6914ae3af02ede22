//! The way to the platform: while it is away requests wait here, and go on in their order when it is back.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Holds requests back while closed.
#[derive(Default)]
pub struct Gate {
    state: Mutex<State>,
    bell: Condvar,
}

#[derive(Default)]
struct State {
    closed: bool,
    ended: bool,
    next: u64,
    waiting: VecDeque<u64>,
}

/// A request that may go on; the next one follows when it is dropped.
pub struct Pass<'a> {
    gate: &'a Gate,
    ticket: Option<u64>,
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits while closed; `None` when the world ends first.
    pub fn pass(&self) -> Option<Pass<'_>> {
        let mut state = self.state();
        if !state.closed && state.waiting.is_empty() {
            return Some(Pass { gate: self, ticket: None });
        }
        let ticket = state.next;
        state.next += 1;
        state.waiting.push_back(ticket);
        while !state.ended && (state.closed || state.waiting.front() != Some(&ticket)) {
            state = self.bell.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let ended = state.ended;
        drop(state);
        let pass = Pass { gate: self, ticket: Some(ticket) };
        (!ended).then_some(pass)
    }

    /// From now on requests wait.
    pub fn close(&self) {
        self.state().closed = true;
    }

    /// Lets them go on; returns when all that waited are carried out (or after five seconds).
    pub fn open(&self) {
        let mut state = self.state();
        state.closed = false;
        self.bell.notify_all();
        let all_through = self
            .bell
            .wait_timeout_while(state, Duration::from_secs(5), |s| !s.waiting.is_empty())
            .is_ok_and(|(_, timeout)| !timeout.timed_out());
        assert!(all_through, "requests that waited for the platform were not carried out");
    }

    /// How many requests wait.
    pub fn waiting(&self) -> usize {
        self.state().waiting.len()
    }

    /// Sends everybody away.
    pub fn end(&self) {
        self.state().ended = true;
        self.bell.notify_all();
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            self.gate.state().waiting.retain(|other| *other != ticket);
            self.gate.bell.notify_all();
        }
    }
}
