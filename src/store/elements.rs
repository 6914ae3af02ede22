//! The table `elements`: what a list showed last time, as hashes.

use anyhow::{Result, bail};
use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Hash, Side};

/// Bytes of one record: a hash and a key.
const RECORD: usize = 24;

/// The elements that the last pass listed and was done with, and which of them were seen again.
#[derive(Debug, Default)]
pub struct Known {
    records: Vec<u8>,
    seen: Vec<u64>,
}

impl Known {
    /// Those of one side of a project.
    ///
    /// # Errors
    /// The file cannot be read, or the row is damaged.
    pub fn load(connection: &Connection, project: i64, side: Side) -> Result<Self> {
        let records: Vec<u8> = connection
            .prepare_cached("SELECT known FROM elements WHERE project = ?1 AND side = ?2")?
            .query_row(params![project, side], |row| row.get(0))
            .optional()?
            .unwrap_or_default();
        if !records.len().is_multiple_of(RECORD) {
            bail!("the state file is damaged: elements of project {project}");
        }
        let seen = vec![0; (records.len() / RECORD).div_ceil(64)];
        Ok(Self { records, seen })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len() / RECORD
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Marks an element as listed again; its key, or `None` for one that is new or changed.
    pub fn see(&mut self, hash: Hash) -> Option<u64> {
        let index = self.find(hash)?;
        self.seen[index / 64] |= 1 << (index % 64);
        Some(self.key(index))
    }

    /// Forgets which were seen: the list is read again from its start.
    pub fn see_none(&mut self) {
        self.seen.fill(0);
    }

    /// Keys of those that were not listed again: changed, or gone.
    pub fn unseen(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.len()).filter(|&index| !self.is_seen(index)).map(|index| self.key(index))
    }

    /// Keys of those that were listed again.
    pub fn seen(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.len()).filter(|&index| self.is_seen(index)).map(|index| self.key(index))
    }

    /// Whether all were listed again.
    #[must_use]
    pub fn all_seen(&self) -> bool {
        (0..self.len()).all(|index| self.is_seen(index))
    }

    /// Drops every record for which `keep(key, seen)` is false; true when any was dropped.
    pub fn retain(&mut self, mut keep: impl FnMut(u64, bool) -> bool) -> bool {
        let before = self.len();
        let mut kept = 0;
        for index in 0..before {
            if keep(self.key(index), self.is_seen(index)) {
                self.records.copy_within(index * RECORD..(index + 1) * RECORD, kept * RECORD);
                kept += 1;
            }
        }
        self.records.truncate(kept * RECORD);
        self.seen.clear();
        self.seen.resize(kept.div_ceil(64), 0);
        kept < before
    }

    /// Adds a record; `sort` must follow before anything is looked up or stored.
    pub fn push(&mut self, hash: Hash, key: u64) {
        self.records.extend_from_slice(&hash.0);
        self.records.extend_from_slice(&key.to_be_bytes());
    }

    /// Makes room for this many more.
    pub fn reserve(&mut self, more: usize) {
        self.records.reserve_exact(more * RECORD);
    }

    /// Puts the records into the order that look-ups need.
    pub fn sort(&mut self) {
        let (records, _) = self.records.as_chunks_mut::<RECORD>();
        records.sort_unstable();
        self.seen.clear();
        self.seen.resize(self.len().div_ceil(64), 0);
    }

    /// Stores them.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn store(&self, connection: &Connection, project: i64, side: Side) -> Result<()> {
        connection
            .prepare_cached(
                "INSERT INTO elements (project, side, known) VALUES (?1, ?2, ?3)
                 ON CONFLICT (project, side) DO UPDATE SET known = excluded.known",
            )?
            .execute(params![project, side, self.records])?;
        Ok(())
    }

    fn is_seen(&self, index: usize) -> bool {
        self.seen[index / 64] & (1 << (index % 64)) != 0
    }

    fn key(&self, index: usize) -> u64 {
        let mut key = [0; 8];
        key.copy_from_slice(&self.records[index * RECORD + 16..(index + 1) * RECORD]);
        u64::from_be_bytes(key)
    }

    fn find(&self, hash: Hash) -> Option<usize> {
        let (records, _) = self.records.as_chunks::<RECORD>();
        records.binary_search_by(|record| record[..16].cmp(&hash.0)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(values: &[&str]) -> Known {
        let mut known = Known::default();
        for (value, key) in values.iter().zip(0..) {
            known.push(Hash::of(value.as_bytes()), key);
        }
        known.sort();
        known
    }

    #[test]
    fn an_element_with_the_same_bytes_is_known_and_another_is_not() {
        let mut known = known(&["a", "b", "c"]);
        assert_eq!(known.see(Hash::of(b"b")), Some(1));
        assert_eq!(known.see(Hash::of(b"d")), None);
        let mut unseen: Vec<u64> = known.unseen().collect();
        unseen.sort_unstable();
        assert_eq!(unseen, [0, 2]);
        assert!(!known.all_seen());
    }

    #[test]
    fn what_is_dropped_is_new_again() {
        let mut known = known(&["a", "b", "c"]);
        known.see(Hash::of(b"a"));
        assert!(known.retain(|key, seen| seen || key == 2));
        assert_eq!(known.len(), 2);
        assert_eq!(known.see(Hash::of(b"b")), None);
        assert_eq!(known.see(Hash::of(b"c")), Some(2));
    }
}
