//! The state's lock, waited for as long as was asked.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::exit::{Exit, Expected};
use crate::lock::Lock;
use crate::stop::{Reason, Stop};

/// Between two looks at the lock.
const LOOK: Duration = Duration::from_millis(100);

/// The state's lock is held by another, as long as it was waited for.
#[derive(Debug)]
pub(super) struct Held {
    message: String,
    /// What follows from it: the exit code and the way out.
    advice: Expected,
}

impl Held {
    fn new(state: &Path, why: &str, advice: &str) -> Self {
        let message = format!("another pass holds the state {}{why}", state.display());
        Self { message, advice: Expected::new(Exit::Later, advice) }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Held {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.advice)
    }
}

/// Takes the lock of this state. Who comes first need not get it first: nobody stands in line.
///
/// # Errors
/// [`Held`], which is exit code 75, when it is still held after `wait` or a signal came; or it cannot
/// be locked at all.
pub(super) fn lock(state: &Path, wait: Duration) -> Result<Lock> {
    if let Some(lock) = Lock::take(state)? {
        return Ok(lock);
    }
    if wait.is_zero() {
        return Err(Held::new(state, "", "try later, or wait for it with --wait 20m").into());
    }
    let stop = Stop::new(Some(wait));
    let _signals = stop.on_signals().context("failed to listen for signals")?;
    log::info!("waiting for another pass to let go of the state {}", state.display());
    loop {
        let ended = stop.sleep(LOOK);
        if ended == Some(Reason::Signal) {
            return Err(Held::new(state, ", and a signal came first", "try later").into());
        }
        // Also at the very end: it may have been let go since the last look.
        if let Some(lock) = Lock::take(state)? {
            return Ok(lock);
        }
        if ended.is_some() {
            return Err(Held::new(state, " still", "try later").into());
        }
    }
}
