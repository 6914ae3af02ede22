//! What is wrong with the settings: all of it at once, each with its key and its place.

use std::fmt;

use super::{KEYS, Key, Origin};

/// One setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key, the variable or the flag; empty where the file as a whole is meant.
    pub key: String,
    /// Where it stands.
    pub origin: Origin,
    /// Why not, and what would do. Never holds a secret.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, origin, what } = self;
        match origin {
            _ if key.is_empty() => write!(f, "{origin}: {what}"),
            // The name of the variable or flag says what is meant: once is enough.
            Origin::Env(name) if name == key => write!(f, "{name}: {what}"),
            Origin::Default => write!(f, "{key}: {what}"),
            _ => write!(f, "{key} ({origin}): {what}"),
        }
    }
}

/// Settings that cannot be used. The exit code is 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// At least one, in the order of the places.
    pub problems: Vec<Problem>,
}

impl Invalid {
    /// A single problem.
    pub fn one(key: &str, origin: Origin, what: impl Into<String>) -> Self {
        Self { problems: vec![Problem { key: key.to_owned(), origin, what: what.into() }] }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Invalid {}

/// The key that was most likely meant by `name`, in the file's or the environment's spelling.
pub(super) fn nearest(name: &str) -> Option<&'static Key> {
    let wanted = name.to_lowercase().replace(['.', '-'], "_");
    let keys = || KEYS.iter().filter(|key| key.stored);
    let (distance, key) = keys()
        .map(|key| (distance(&wanted, &key.name.replace('.', "_")), key))
        .min_by_key(|(distance, _)| *distance)?;
    if distance <= 1 + wanted.len() / 6 {
        return Some(key);
    }
    // The right name in the wrong section, or in none.
    keys()
        .filter(|key| {
            wanted
                .strip_suffix(key.field())
                .is_some_and(|left| left.is_empty() || left.ends_with('_'))
        })
        .max_by_key(|key| key.field().len())
}

/// How many letters must be put in, taken out or exchanged to make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let exchanged = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = exchanged.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_finds_its_key() {
        let found = |name| nearest(name).map(|key| key.name);
        assert_eq!(found("sync.job"), Some("sync.jobs"));
        assert_eq!(found("SYNC_DEADLIEN"), Some("sync.deadline"));
        assert_eq!(found("jobs"), Some("sync.jobs"));
        assert_eq!(found("huly.jobs"), Some("sync.jobs"));
        assert_eq!(found("sync.connect-timeout"), Some("http.connect_timeout"));
        assert_eq!(found("guard.allow_delete"), None, "flags are not for files");
        assert_eq!(found("something.else.entirely"), None);
    }

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
