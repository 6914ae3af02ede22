//! A server's clock, which may be off, and the spellings of time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Real time plus an offset that a test may set.
#[derive(Default)]
pub struct Clock {
    offset_ms: AtomicI64,
}

impl Clock {
    /// Milliseconds since the epoch.
    pub fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        since.as_millis() as i64 + self.offset_ms.load(Ordering::Relaxed)
    }

    /// The same as a time.
    pub fn now(&self) -> SystemTime {
        time(self.now_ms())
    }

    /// Puts the clock ahead (or, negative, behind).
    pub fn shift(&self, offset_ms: i64) {
        self.offset_ms.store(offset_ms, Ordering::Relaxed);
    }
}

fn time(ms: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(ms.max(0) as u64)
}

/// RFC 3339, UTC, three decimals.
pub fn iso(ms: i64) -> String {
    humantime::format_rfc3339_millis(time(ms)).to_string()
}

/// RFC 3339, UTC, whole seconds.
pub fn iso_seconds(ms: i64) -> String {
    humantime::format_rfc3339_seconds(time(ms)).to_string()
}

/// Reads the spellings that JavaScript's `Date` takes and that anybody sends.
pub fn parse_iso(text: &str) -> Option<i64> {
    let whole = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        _ => text.to_owned(),
    };
    let (local, offset_minutes) = match whole.len().checked_sub(6).and_then(|i| whole.get(i..)) {
        Some(zone) if zone.starts_with(['+', '-']) && zone.as_bytes()[3] == b':' => {
            let minutes: i64 =
                zone[1..3].parse::<i64>().ok()? * 60 + zone[4..].parse::<i64>().ok()?;
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            (format!("{}Z", &whole[..whole.len() - 6]), sign * minutes)
        }
        _ => (whole, 0),
    };
    let time = humantime::parse_rfc3339(&local).ok()?;
    let ms = time.duration_since(UNIX_EPOCH).ok()?.as_millis() as i64;
    Some(ms - offset_minutes * 60_000)
}
