//! The limit on the size of a file (`ulimit -f`). Reaching it would end the process with SIGXFSZ and
//! without a word; with a handler the write fails, and that is reported like a full disk.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::SIGXFSZ;
use signal_hook::flag;

/// Whether a write was cut off by the limit.
static REACHED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From now on such a write fails with `EFBIG`.
///
/// # Errors
/// The system refuses a handler.
pub(crate) fn outlive() -> io::Result<()> {
    let reached = REACHED.get_or_init(Arc::default);
    flag::register(SIGXFSZ, Arc::clone(reached)).map(drop)
}

/// What to say where a write was cut off by it: what failed may name another reason.
pub(crate) fn reached() -> Option<&'static str> {
    let is_reached = REACHED.get().is_some_and(|reached| reached.load(Ordering::Relaxed));
    is_reached.then_some(
        "a file could not grow: the limit on the size of a file is reached (ulimit -f, or LimitFSIZE= \
         of a systemd unit); raise it",
    )
}

#[cfg(test)]
mod tests {
    use signal_hook::low_level;

    use super::*;

    #[test]
    fn the_signal_is_outlived_and_remembered() {
        outlive().unwrap();
        assert_eq!(reached(), None);
        low_level::raise(SIGXFSZ).unwrap();
        assert!(reached().unwrap().contains("ulimit -f"));
    }
}
