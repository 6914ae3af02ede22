//! How values are read and shown: names, numbers, durations, sizes, folders.

use std::path::PathBuf;
use std::time::Duration;

use super::{Backend, Direction, OnDeletion, Policy, Secret};

/// A text form and back: `read` takes whatever `show` gives.
pub(super) struct Codec<T> {
    /// The error says what would do.
    pub(super) read: fn(&str) -> Result<T, String>,
    /// Empty where there is none.
    pub(super) show: fn(&T) -> String,
}

/// A value that is one of a few words.
pub(super) trait Named: Copy + Eq + 'static {
    const NAMES: &'static [(&'static str, Self)];
}

impl Named for bool {
    const NAMES: &'static [(&'static str, Self)] = &[("true", true), ("false", false)];
}

impl Named for Direction {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("both", Self::Both),
        ("huly-to-vibe", Self::HulyToVibe),
        ("vibe-to-huly", Self::VibeToHuly),
    ];
}

impl Named for Policy {
    const NAMES: &'static [(&'static str, Self)] =
        &[("huly", Self::Huly), ("vibe", Self::Vibe), ("newest", Self::Newest)];
}

impl Named for OnDeletion {
    const NAMES: &'static [(&'static str, Self)] =
        &[("cancel", Self::Cancel), ("delete", Self::Delete), ("keep", Self::Keep)];
}

pub(super) const fn name<T: Named>() -> Codec<T> {
    Codec { read: read_name, show: show_name }
}

/// Shown in place of a secret.
pub(super) const HIDDEN: &str = "***";

pub(super) const SECRET: Codec<Option<Secret>> = Codec {
    read: |text| match text.trim() {
        "" => Err("empty".to_owned()),
        text if text.contains(char::is_control) => Err("more than one line".to_owned()),
        text => Ok(Some(Secret::new(text))),
    },
    show: |value| value.as_ref().map_or_else(String::new, |_| HIDDEN.to_owned()),
};

/// A secret that is sent as a header, which takes no more than that.
pub(super) const IN_HEADER: Codec<Option<Secret>> = Codec {
    read: |text| match (SECRET.read)(text)? {
        Some(secret) if !secret.reveal().bytes().all(|b| b == b' ' || b.is_ascii_graphic()) => {
            Err("more than visible ASCII: a header takes no other".to_owned())
        }
        secret => Ok(secret),
    },
    show: SECRET.show,
};

/// One line of text.
pub(super) const TEXT: Codec<Option<String>> = Codec {
    read: |text| match text.trim() {
        "" => Err("empty".to_owned()),
        text if text.contains(char::is_control) => Err("more than one line".to_owned()),
        text => Ok(Some(text.to_owned())),
    },
    show: |value| value.clone().unwrap_or_default(),
};

/// A file of this machine.
pub(super) const FILE: Codec<Option<PathBuf>> = Codec {
    read: |text| match text.trim() {
        "" => Err("empty".to_owned()),
        path => Ok(Some(PathBuf::from(path))),
    },
    show: |path| path.as_ref().map(|path| path.display().to_string()).unwrap_or_default(),
};

/// One word that a server knows, such as `provider/model`.
pub(super) const HANDLE: Codec<String> = Codec {
    read: |text| match text.trim() {
        "" => Err("empty".to_owned()),
        text if text.contains(|letter: char| letter.is_control() || letter.is_whitespace()) => {
            Err(format!("{} is more than one word: write provider/model", quoted(text)))
        }
        text => Ok(text.to_owned()),
    },
    show: String::clone,
};

impl Named for Backend {
    const NAMES: &'static [(&'static str, Self)] =
        &[("bridge", Self::Bridge), ("platform", Self::Platform)];
}

pub(super) const BACKEND: Codec<Option<Backend>> = Codec {
    read: |text| read_name(text).map(Some),
    show: |value| value.as_ref().map_or_else(String::new, show_name),
};

/// What becomes of an issue without its task.
pub(super) const ISSUE_FATE: Codec<OnDeletion> = Codec {
    read: |text| match read_name(text) {
        Ok(OnDeletion::Delete) => Err("issues are never deleted, since what is lost with one \
            (comments, history, sub-issues) was never in Vibe Kanban: write cancel or keep"
            .to_owned()),
        Err(_) => Err(format!("{} is none of cancel, keep", quoted(text))),
        fate => fate,
    },
    show: show_name,
};

fn read_name<T: Named>(text: &str) -> Result<T, String> {
    let wanted = text.trim();
    let found = T::NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = T::NAMES.iter().map(|(name, _)| *name).collect();
        format!("{} is none of {}", quoted(text), names.join(", "))
    })
}

fn show_name<T: Named>(value: &T) -> String {
    let found = T::NAMES.iter().find(|(_, named)| named == value);
    found.map_or_else(String::new, |(name, _)| (*name).to_owned())
}

/// A whole number within bounds, both included.
pub(super) const fn number<T, const MIN: u64, const MAX: u64>() -> Codec<T>
where
    T: TryFrom<u64> + ToString,
{
    Codec {
        read: |text| {
            let number = text.trim().parse::<u64>().ok();
            number
                .filter(|number| (MIN..=MAX).contains(number))
                .and_then(|number| T::try_from(number).ok())
                .ok_or_else(|| format!("{} is not a number from {MIN} to {MAX}", quoted(text)))
        },
        show: T::to_string,
    }
}

pub(super) const DURATION: Codec<Duration> =
    Codec { read: duration, show: |value| show_duration(*value) };

pub(super) const TIMEOUT: Codec<Duration> = Codec {
    read: |text| match duration(text)? {
        Duration::ZERO => Err("no time at all: write how long to wait, such as 30s".to_owned()),
        some => Ok(some),
    },
    show: |value| show_duration(*value),
};

pub(super) const DEADLINE: Codec<Option<Duration>> = Codec {
    read: |text| Ok(Some(duration(text)?).filter(|after| !after.is_zero())),
    show: |value| show_duration(value.unwrap_or_default()),
};

/// A hundred years: more is a slip, and overflows sums with the present time.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 86_400);

/// A length of time: `30s`, `15m`, `24h`, `90d`, `1h 30m`; a bare `0` is none.
///
/// # Errors
/// Says what a duration looks like.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wanted = text.trim();
    if wanted == "0" {
        return Ok(Duration::ZERO);
    }
    match humantime::parse_duration(wanted) {
        Ok(duration) if duration <= LONGEST => Ok(duration),
        Ok(_) => Err(format!("{} is longer than a hundred years", quoted(text))),
        Err(_) if wanted.parse::<f64>().is_ok() => {
            Err(format!("{} has no unit: write 30s, 15m, 24h or 90d", quoted(text)))
        }
        Err(_) => Err(format!("{} is not a duration: write 30s, 15m, 24h or 90d", quoted(text))),
    }
}

/// In the largest unit of which there are at least two whole ones: `90d`, `24h`, `60s`.
fn show_duration(duration: Duration) -> String {
    let ms = duration.as_millis();
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    match units.iter().find(|(_, size)| ms.is_multiple_of(*size) && ms / size >= 2) {
        _ if duration.is_zero() => "0".to_owned(),
        Some((unit, size)) if duration.subsec_nanos().is_multiple_of(1_000_000) => {
            format!("{}{unit}", ms / size)
        }
        _ => humantime::format_duration(duration).to_string(),
    }
}

const UNITS: [(&str, u64); 8] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
];

/// A number of bytes, not none.
pub(super) const SIZE: Codec<u64> = Codec { read: read_size, show: |bytes| show_size(*bytes) };

fn read_size(text: &str) -> Result<u64, String> {
    let wanted = text.trim();
    let (number, unit) =
        wanted.split_at(wanted.find(|c: char| !c.is_ascii_digit()).unwrap_or(wanted.len()));
    let unit = unit.trim_start();
    let factor = match unit {
        "" | "B" | "b" => Some(1),
        _ => UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).map(|(_, size)| *size),
    };
    let bytes = factor.and_then(|factor| number.parse::<u64>().ok()?.checked_mul(factor));
    match bytes {
        Some(0) => Err("no memory at all: write a size such as 256MiB".to_owned()),
        Some(bytes) => Ok(bytes),
        None => Err(format!("{} is not a size: write 256MiB, 64MB, or bytes", quoted(text))),
    }
}

/// In the largest unit of which it is a whole number.
fn show_size(bytes: u64) -> String {
    let whole = UNITS.iter().filter(|(_, size)| bytes.is_multiple_of(*size) && bytes > 0);
    match whole.max_by_key(|(_, size)| *size) {
        Some((unit, size)) => format!("{}{unit}", bytes / size),
        None => bytes.to_string(),
    }
}

/// A folder on Vibe Kanban's machine, so it is not looked for on this one. It may be a Windows path.
pub(super) const FOLDER: Codec<Option<PathBuf>> = Codec {
    read: |text| {
        let drive = text.as_bytes().get(1..3).is_some_and(|mark| mark == b":\\" || mark == b":/");
        if text.starts_with('/') || drive {
            return Ok(Some(PathBuf::from(text)));
        }
        Err(format!("{} is not a whole path: nobody expands it, write /srv/repos", quoted(text)))
    },
    show: |path| path.as_ref().map(|path| path.display().to_string()).unwrap_or_default(),
};

/// A value as it was found, short enough for a line.
pub(super) fn quoted(text: &str) -> String {
    let mut chars = text.chars();
    let shown: String = chars.by_ref().take(60).flat_map(char::escape_debug).collect();
    let more = if chars.next().is_some() { "…" } else { "" };
    format!("`{shown}{more}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_shown() {
        for (text, secs, shown) in [
            ("0", 0, "0"),
            ("0s", 0, "0"),
            (" 30s ", 30, "30s"),
            ("15m", 900, "15m"),
            ("15min", 900, "15m"),
            ("24h", 86_400, "24h"),
            ("1h 30m", 5_400, "90m"),
            ("90d", 7_776_000, "90d"),
            ("1s", 1, "1000ms"),
        ] {
            let read = duration(text).unwrap();
            assert_eq!(read, Duration::from_secs(secs), "{text}");
            assert_eq!(show_duration(read), shown, "{text}");
            assert_eq!(duration(shown).unwrap(), read);
        }
        assert_eq!(show_duration(Duration::from_nanos(1_500)), "1us 500ns");
        for text in ["", "30", "1.5", "-1s", "soon", "5x", "200y", "99999999999999999999s"] {
            duration(text).unwrap_err();
        }
        assert!(duration("30").unwrap_err().contains("has no unit"));
    }

    #[test]
    fn sizes_are_read_and_shown() {
        for (text, bytes, shown) in [
            ("256MiB", 268_435_456, "256MiB"),
            ("64MB", 64_000_000, "64MB"),
            ("64 mb", 64_000_000, "64MB"),
            ("1048576", 1_048_576, "1MiB"),
            ("12345", 12_345, "12345"),
            ("7B", 7, "7"),
        ] {
            assert_eq!(read_size(text).unwrap(), bytes, "{text}");
            assert_eq!(show_size(bytes), shown);
        }
        for text in ["", "0", "MiB", "1.5GiB", "-1", "256M", "99999999999TiB"] {
            read_size(text).unwrap_err();
        }
    }

    #[test]
    fn folders_are_whole_paths() {
        for good in ["/srv/repos", "C:\\repos", "d:/repos"] {
            assert_eq!((FOLDER.show)(&(FOLDER.read)(good).unwrap()), good);
        }
        for bad in ["repos", "~/repos", "./x", "é"] {
            (FOLDER.read)(bad).unwrap_err();
        }
    }
}
