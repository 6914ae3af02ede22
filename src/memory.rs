//! How much memory this process holds, where the system tells.

use std::fs;

/// Resident bytes now.
#[must_use]
pub fn resident() -> Option<u64> {
    field("VmRSS:")
}

/// The largest that it ever was: a parent's peak is not in it, as it is in `ru_maxrss`.
#[must_use]
pub fn peak() -> Option<u64> {
    field("VmHWM:")
}

fn field(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
