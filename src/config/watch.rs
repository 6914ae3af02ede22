//! Who is told how each run went, and how often the same is said again.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::url;
use super::values::{Codec, Named};

/// `[watch]`
#[derive(Debug, Clone)]
pub struct Watch {
    /// What a node exporter reads, written at the end of each run. `--textfile`
    pub textfile: Option<PathBuf>,
    /// What is asked at the start and at the end of each run. `--ping`
    pub ping: Option<Ping>,
    /// For each of the two, altogether (10 s).
    pub ping_timeout: Duration,
    /// Whether a failure that goes on is said once a day alone (auto). `--quiet-repeats`
    pub quiet_repeats: Repeats,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            textfile: None,
            ping: None,
            ping_timeout: Duration::from_secs(10),
            quiet_repeats: Repeats::Auto,
        }
    }
}

/// Whether a failure that goes on is said in each run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    /// To a person at a terminal it is, in a cron's mail it is not.
    Auto,
    /// It is not.
    Quiet,
    /// It is.
    Said,
}

impl Named for Repeats {
    const NAMES: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("true", Self::Quiet), ("false", Self::Said)];
}

/// The address of a watcher. Who knows it can speak for us, and the secret may be any part of its path (a
/// Healthchecks key stands before the name of the check), so only scheme and host are shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Ping {
    /// Up to the path, without a slash at its end.
    base: String,
    /// With its `?`, or empty.
    query: String,
}

impl Ping {
    /// The address for this word: `start`, or an exit code.
    #[must_use]
    pub fn at(&self, word: &str) -> String {
        format!("{}/{word}{}", self.base, self.query)
    }
}

impl fmt::Display for Ping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.base.find("://").map_or(0, |at| at + 3);
        match self.base[host..].find('/') {
            Some(at) => write!(f, "{}/…", &self.base[..host + at]),
            None => f.write_str(&self.base),
        }
    }
}

impl fmt::Debug for Ping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

pub(super) const PING: Codec<Option<Ping>> = Codec {
    read: |text| read(text).map(Some).map_err(str::to_owned),
    show: |ping| ping.as_ref().map(Ping::to_string).unwrap_or_default(),
};

fn read(text: &str) -> Result<Ping, &'static str> {
    let text = text.trim();
    let (address, query) = text.split_at(text.find('?').unwrap_or(text.len()));
    if !query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
        return Err("a character in the query that must be percent-encoded");
    }
    Ok(Ping { base: url::whole(address)?, query: query.to_owned() })
}

/// A file of this machine.
pub(super) const FILE: Codec<Option<PathBuf>> = Codec {
    read: |text| match text {
        "" => Err("empty".to_owned()),
        text if text.ends_with('/') => Err("a folder: write the path of a file".to_owned()),
        text => Ok(Some(PathBuf::from(text))),
    },
    show: |path| path.as_ref().map(|path| path.display().to_string()).unwrap_or_default(),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_appended_to_the_path() {
        for (given, start) in [
            ("https://hc.example.org/uuid", "https://hc.example.org/uuid/start"),
            ("https://hc.example.org/uuid/", "https://hc.example.org/uuid/start"),
            ("http://10.0.0.7:8000/ping/key/name", "http://10.0.0.7:8000/ping/key/name/start"),
            ("https://hc.example.org/uuid?create=1", "https://hc.example.org/uuid/start?create=1"),
            ("https://hc.example.org/uuid/?a=b&c", "https://hc.example.org/uuid/start?a=b&c"),
            ("https://hc.example.org/api", "https://hc.example.org/api/start"),
            ("http://localhost", "http://localhost/start"),
        ] {
            assert_eq!(read(given).unwrap().at("start"), start, "{given}");
        }
    }

    #[test]
    fn what_is_secret_in_it_is_not_shown() {
        for (given, shown) in [
            ("https://hc.example.org/ping/secret?token=secret", "https://hc.example.org/…"),
            ("https://hc.example.org/secret/name-of-the-check", "https://hc.example.org/…"),
            ("https://hc.example.org/secret/", "https://hc.example.org/…"),
            ("https://hc.example.org?token=secret", "https://hc.example.org"),
            ("http://localhost:80", "http://localhost:80"),
        ] {
            let ping = read(given).unwrap();
            assert_eq!(
                (ping.to_string(), format!("{ping:?}")),
                (shown.to_owned(), shown.to_owned())
            );
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for given in
            ["", "hc.example.org/x", "ftp://x/y", "http://x/y#z", "http://x/?a b", "http://u:p@x/"]
        {
            read(given).unwrap_err();
        }
    }
}
