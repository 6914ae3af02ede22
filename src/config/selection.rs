//! Which projects a pass is for.

use std::fmt;
use std::str::FromStr;

use glob::Pattern;

use super::Environment;
use crate::model::Hash;

/// Names a project, or several by a pattern. A name stands for itself whatever it looks like: Huly has
/// identifiers such as `[A]`.
#[derive(Debug, Clone)]
pub struct Glob {
    text: String,
    /// `None`: it is none, and may be a name all the same.
    pattern: Option<Pattern>,
}

impl Glob {
    /// Reads one; any text is one.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), pattern: Pattern::new(text).ok() }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is for the project of this identifier.
    #[must_use]
    pub fn matches(&self, identifier: &str) -> bool {
        self.text == identifier
            || self.pattern.as_ref().is_some_and(|pattern| pattern.matches(identifier))
    }
}

impl FromStr for Glob {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(text))
    }
}

/// What the command line says about projects. All parts must agree to one.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// `sync-project`: these alone; empty for all.
    pub identifiers: Vec<String>,
    /// `--project`: one of these; empty for all.
    pub include: Vec<Glob>,
    /// `--exclude`: none of these.
    pub exclude: Vec<Glob>,
    /// `--shard`
    pub shard: Option<Shard>,
}

impl Selection {
    /// Whether the Huly project of this identifier is to be synced.
    #[must_use]
    pub fn takes(&self, identifier: &str) -> bool {
        let listed =
            self.identifiers.is_empty() || self.identifiers.iter().any(|id| id == identifier);
        let included =
            self.include.is_empty() || self.include.iter().any(|glob| glob.matches(identifier));
        listed
            && included
            && !self.exclude.iter().any(|glob| glob.matches(identifier))
            && self.shard.is_none_or(|shard| shard.holds(identifier))
    }

    /// Whether it names projects, and so is for a few of them: that those went well tells nothing of the
    /// others.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        !self.identifiers.is_empty() || !self.include.is_empty()
    }

    /// What was asked for by name or glob and fits none of all identifiers: a slip, exit 2. Shards
    /// and exclusions may well fit none, unless an exclusion is neither a name nor a pattern.
    pub fn unmatched<'a>(&'a self, identifiers: &'a [&str]) -> impl Iterator<Item = &'a str> {
        let named = self.identifiers.iter().map(String::as_str);
        let named = named.filter(|name| !identifiers.contains(name));
        let globs =
            self.include.iter().filter(|glob| !identifiers.iter().any(|id| glob.matches(id)));
        let no_patterns = self.exclude.iter().filter(|glob| glob.pattern.is_none());
        let no_names = no_patterns.filter(|glob| !identifiers.contains(&glob.as_str()));
        named.chain(globs.chain(no_names).map(Glob::as_str))
    }
}

/// One of several parts of all projects: the same on every machine, whatever else there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// From 0.
    pub index: u32,
    /// At least 1.
    pub count: u32,
}

impl Shard {
    /// Whether this part has the project. By a hash that no version of anything changes, since
    /// each part has a state file of its own.
    #[must_use]
    pub fn holds(self, identifier: &str) -> bool {
        let Hash([a, b, c, d, e, f, g, h, ..]) = Hash::of(identifier.as_bytes());
        let number = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        number.checked_rem(u64::from(self.count)) == Some(u64::from(self.index))
    }

    /// The one that the environment names, as schedulers do that start many: the index from
    /// `SHARD_INDEX`, else (in a Kubernetes Indexed Job) from `JOB_COMPLETION_INDEX`, the count from
    /// `SHARD_COUNT`.
    ///
    /// # Errors
    /// Says which of them is missing, or is no number that fits.
    pub fn of(env: &Environment) -> Result<Self, String> {
        let number = |name: &str| match env.get(name) {
            None => Ok(None),
            Some(text) => match text.to_str().and_then(|text| text.trim().parse::<u32>().ok()) {
                Some(number) => Ok(Some(number)),
                None => Err(format!("{name} is no number")),
            },
        };
        let index = match number("SHARD_INDEX")? {
            Some(index) => index,
            None => number("JOB_COMPLETION_INDEX")?
                .ok_or("neither SHARD_INDEX nor JOB_COMPLETION_INDEX is set")?,
        };
        let count = number("SHARD_COUNT")?.ok_or("SHARD_COUNT is not set")?;
        Self { index, count }.checked()
    }

    fn checked(self) -> Result<Self, String> {
        match self {
            Self { count: 0, .. } => Err("there must be at least one part".to_owned()),
            Self { index, count } if index >= count => {
                Err(format!("parts are counted from 0 to {}", count - 1))
            }
            fits => Ok(fits),
        }
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(index, count)| {
            Some(Self { index: index.parse().ok()?, count: count.parse().ok()? })
        });
        let unreadable = || "write I/N, such as 0/4 for the first of four, or env".to_owned();
        numbers.ok_or_else(unreadable)?.checked()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_project_is_in_one_shard() {
        for count in 1..=5 {
            for name in ["A", "PROJ", "V2", "MY_PROJ", "HULLY"] {
                let holders = (0..count).filter(|index| Shard { index: *index, count }.holds(name));
                assert_eq!(holders.count(), 1);
            }
        }
        // Written down: a change of the hash would move projects between state files.
        assert!(Shard { index: 0, count: 4 }.holds("PROJ"));
    }

    #[test]
    fn shards_are_read() {
        assert_eq!("0/1".parse(), Ok(Shard { index: 0, count: 1 }));
        assert_eq!("3/4".parse(), Ok(Shard { index: 3, count: 4 }));
        for bad in ["4/4", "0/0", "1", "a/b", "-1/2", "1/2/3", ""] {
            bad.parse::<Shard>().unwrap_err();
        }
    }

    #[test]
    fn a_scheduler_says_which_part_it_is() {
        let of = |pairs: &[(&str, &str)]| Shard::of(&pairs.iter().copied().collect());
        let fifth = Ok(Shard { index: 4, count: 8 });
        assert_eq!(of(&[("SHARD_INDEX", "4"), ("SHARD_COUNT", "8")]), fifth);
        assert_eq!(of(&[("JOB_COMPLETION_INDEX", "4"), ("SHARD_COUNT", "8")]), fifth);
        let both = [("SHARD_INDEX", "4"), ("JOB_COMPLETION_INDEX", "1"), ("SHARD_COUNT", "8")];
        assert_eq!(of(&both), fifth);
        for (pairs, named) in [
            (&[("SHARD_COUNT", "8")][..], "JOB_COMPLETION_INDEX"),
            (&[("SHARD_INDEX", "4")], "SHARD_COUNT"),
            (&[("SHARD_INDEX", ""), ("SHARD_COUNT", "8")], "SHARD_INDEX"),
            (&[("SHARD_INDEX", "x"), ("SHARD_COUNT", "8")], "SHARD_INDEX is no number"),
            (&[("SHARD_INDEX", "8"), ("SHARD_COUNT", "8")], "from 0 to 7"),
            (&[("SHARD_INDEX", "0"), ("SHARD_COUNT", "0")], "at least one"),
        ] {
            let error = of(pairs).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn all_parts_must_agree() {
        let glob = Glob::new;
        let mut selection = Selection::default();
        assert!(selection.takes("ANY"));
        selection.include = vec![glob("WEB*"), glob("X?")];
        selection.exclude = vec![glob("*OLD")];
        for (name, taken) in
            [("WEB", true), ("WEBOLD", false), ("XY", true), ("X", false), ("web", false)]
        {
            assert_eq!(selection.takes(name), taken, "{name}");
        }
        selection.identifiers = vec!["XY".to_owned(), "NONE".to_owned()];
        assert!(selection.takes("XY") && !selection.takes("WEB"));
        assert_eq!(selection.unmatched(&["WEB", "XY"]).collect::<Vec<_>>(), ["NONE"]);
        assert_eq!(selection.unmatched(&["XY"]).collect::<Vec<_>>(), ["NONE", "WEB*"]);
    }

    #[test]
    fn an_identifier_that_looks_like_a_pattern_is_itself() {
        for name in ["[A]", "[A", "A***", "*", "?", "C++", "[!A]"] {
            let selection = Selection { include: vec![Glob::new(name)], ..Selection::default() };
            assert!(selection.takes(name), "{name}");
            assert_eq!(selection.unmatched(&[name]).count(), 0, "{name}");
        }
        let selection = Selection { exclude: vec![Glob::new("[A")], ..Selection::default() };
        assert!(selection.takes("A") && !selection.takes("[A"));
        assert_eq!(selection.unmatched(&["A"]).collect::<Vec<_>>(), ["[A"], "a slip");
        assert_eq!(selection.unmatched(&["A", "[A"]).count(), 0);
    }
}
