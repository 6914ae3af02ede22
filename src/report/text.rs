//! Values as people read them.

use crate::model::Millis;

/// A time as people and programs read it: RFC 3339 in UTC.
#[must_use]
pub fn time(at: Millis) -> String {
    let since = std::time::Duration::from_millis(u64::try_from(at).unwrap_or_default());
    // Beyond the year 9999 there is no such text.
    let known = since.min(std::time::Duration::from_secs(253_402_300_799));
    humantime::format_rfc3339_millis(std::time::UNIX_EPOCH + known).to_string()
}

/// A size as people read it.
#[must_use]
pub fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}

/// The beginning of a value, on one line.
#[must_use]
pub fn brief(text: &str) -> String {
    const SHOWN: usize = 40;
    let line: String = text.chars().take(SHOWN).collect();
    let more = if text.chars().nth(SHOWN).is_some() { "…" } else { "" };
    format!("{:?}{more}", line)
}
