//! Which projects a pass is for.

use std::fmt;
use std::str::FromStr;

use glob::Pattern;

use crate::model::Hash;

/// What the command line says about projects. All parts must agree to one.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// `sync-project`: these alone; empty for all.
    pub identifiers: Vec<String>,
    /// `--project`: one of these; empty for all.
    pub include: Vec<Pattern>,
    /// `--exclude`: none of these.
    pub exclude: Vec<Pattern>,
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

    /// What was asked for by name or glob and fits none of all identifiers: a slip, exit 2. Shards
    /// and exclusions may well fit none.
    pub fn unmatched<'a>(&'a self, identifiers: &'a [&str]) -> impl Iterator<Item = &'a str> {
        let named = self.identifiers.iter().map(String::as_str);
        let named = named.filter(|name| !identifiers.contains(name));
        let globs =
            self.include.iter().filter(|glob| !identifiers.iter().any(|id| glob.matches(id)));
        named.chain(globs.map(Pattern::as_str))
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
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(index, count)| {
            Some(Self { index: index.parse().ok()?, count: count.parse().ok()? })
        });
        match numbers {
            Some(shard) if shard.index < shard.count => Ok(shard),
            Some(Self { count: 0, .. }) => Err("there must be at least one part".to_owned()),
            Some(Self { count, .. }) => Err(format!("parts are counted from 0 to {}", count - 1)),
            None => Err("write I/N, such as 0/4 for the first of four".to_owned()),
        }
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
    fn all_parts_must_agree() {
        let glob = |text| Pattern::new(text).unwrap();
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
}
