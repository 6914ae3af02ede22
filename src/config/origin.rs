//! Where each effective value came from.

use std::fmt;
use std::path::PathBuf;

use super::{Config, KEYS, maps};

/// The place that a value was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nothing was said.
    Default,
    /// The configuration file, and the line in it.
    File(PathBuf, usize),
    /// The environment variable of this name.
    Env(String),
    /// The flag of this name, with its dashes.
    Flag(&'static str),
}

/// One thing that a place says.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) text: String,
    pub(super) origin: Origin,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path, line) => write!(f, "{}, line {line}", path.display()),
            Self::Env(name) => write!(f, "environment, {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// One setting as it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective<'a> {
    /// `sync.jobs`
    pub key: String,
    /// As it would be written into the environment; empty where there is none.
    pub value: String,
    /// Where it came from.
    pub origin: &'a Origin,
}

impl Config {
    /// Where the value of this key (`sync.jobs`, `projects.PROJ`) came from.
    #[must_use]
    pub fn origin(&self, key: &str) -> &Origin {
        self.origins.get(key).unwrap_or(&Origin::Default)
    }

    /// All settings as they hold, in the table's order, then the entries of `[projects]`.
    pub fn effective(&self) -> impl Iterator<Item = Effective<'_>> {
        let keys = KEYS.iter().map(|key| (key.name.to_owned(), key.show(self)));
        let projects = self
            .projects
            .iter()
            .map(|(identifier, pairing)| (format!("projects.{identifier}"), maps::show(pairing)));
        keys.chain(projects).map(|(key, value)| {
            let origin = self.origin(&key);
            Effective { key, value, origin }
        })
    }
}
