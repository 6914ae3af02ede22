//! The table `elements`: what a list showed last time, as hashes in the order of the list.

use std::io::{Read as _, Write as _};

use anyhow::{Result, bail};
use rusqlite::blob::ZeroBlob;
use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Hash, Side};

/// Bytes of one record: a hash, a key and a length.
const RECORD: usize = 28;

/// The place of a record that was not listed again.
const UNSEEN: u32 = u32::MAX;

/// An element as it was listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element {
    /// Of its bytes.
    pub hash: Hash,
    /// How many they are.
    pub length: u32,
    /// Its place in the list.
    pub place: u32,
}

/// The elements that the last pass listed and was done with, and where they were seen again.
///
/// Most lists come as they came before. So the element that followed the one just seen is expected
/// next: where the bytes are its own, not even their end has to be looked for.
#[derive(Debug, Default)]
pub struct Known {
    records: Vec<u8>,
    places: Vec<u32>,
    expected: usize,
    /// The records by their hashes: made when the first element comes that was not expected.
    sorted: Vec<u32>,
}

impl Known {
    /// Those of one side of a project.
    ///
    /// # Errors
    /// The file cannot be read, or the row is damaged.
    pub fn load(connection: &Connection, project: i64, side: Side) -> Result<Self> {
        let row: Option<i64> = connection
            .prepare_cached("SELECT id FROM elements WHERE project = ?1 AND side = ?2")?
            .query_row(params![project, side], |row| row.get(0))
            .optional()?;
        let mut records = Vec::new();
        if let Some(row) = row {
            // Page by page: as a value, SQLite would hold all of it once more.
            let mut blob = connection.blob_open("main", "elements", "known", row, true)?;
            records.reserve_exact(blob.len());
            blob.read_to_end(&mut records)?;
        }
        if !records.len().is_multiple_of(RECORD) {
            bail!("the state file is damaged: elements of project {project}");
        }
        let places = vec![UNSEEN; records.len() / RECORD];
        Ok(Self { records, places, expected: 0, sorted: Vec::new() })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The length of the element that is expected next; `None` where nothing is.
    #[must_use]
    pub fn expected(&self) -> Option<usize> {
        let length = self.record(self.expected)?.1;
        (length > 0).then_some(length as usize)
    }

    /// Marks the element that is expected next as listed again, if this is it.
    pub fn is_expected(&mut self, hash: Hash, place: u32) -> bool {
        let met = self.record(self.expected).is_some_and(|(expected, _)| expected == hash);
        if met {
            self.mark(self.expected, place);
        }
        met
    }

    /// Marks an element as listed again; its key, or `None` for one that is new or changed.
    pub fn see(&mut self, hash: Hash, place: u32) -> Option<u64> {
        let index = self.find(hash)?;
        self.mark(index, place);
        Some(self.key(index))
    }

    /// Forgets which were seen: the list is read again from its start.
    pub fn see_none(&mut self) {
        self.places.fill(UNSEEN);
        self.expected = 0;
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
        self.places.iter().all(|&place| place != UNSEEN)
    }

    /// Drops every record for which `keep(key, seen)` is false; true when any was dropped.
    pub fn retain(&mut self, mut keep: impl FnMut(u64, bool) -> bool) -> bool {
        let before = self.len();
        let mut kept = 0;
        for index in 0..before {
            if keep(self.key(index), self.is_seen(index)) {
                self.records.copy_within(index * RECORD..(index + 1) * RECORD, kept * RECORD);
                self.places[kept] = self.places[index];
                kept += 1;
            }
        }
        self.records.truncate(kept * RECORD);
        self.places.truncate(kept);
        self.sorted.clear();
        kept < before
    }

    /// Adds an element that was listed; `order` must follow.
    pub fn push(&mut self, element: Element, key: u64) {
        self.records.extend_from_slice(&element.hash.0);
        self.records.extend_from_slice(&key.to_le_bytes());
        self.records.extend_from_slice(&element.length.to_le_bytes());
        self.places.push(element.place);
        self.sorted.clear();
    }

    /// Adds an item whose bytes are not known: whatever is listed for it is new, and if nothing is
    /// listed, it is missed. `order` must follow.
    pub fn expect(&mut self, key: u64) {
        self.push(Element { hash: Hash([0; 16]), length: 0, place: UNSEEN }, key);
    }

    /// Makes room for this many more.
    pub fn reserve(&mut self, more: usize) {
        self.records.reserve_exact(more * RECORD);
        self.places.reserve_exact(more);
    }

    /// Puts the records into the order in which they were listed, for the next list to be read by.
    pub fn order(&mut self) {
        let places = &self.places;
        let mut from: Vec<u32> = (0..).take(places.len()).collect();
        from.sort_unstable_by_key(|&index| (places[index as usize], index));
        self.sorted = Vec::new();
        // Each goes where it belongs along its cycle: a second list would double what is held.
        let (records, _) = self.records.as_chunks_mut::<RECORD>();
        for start in 0..from.len() {
            let mut at = start;
            while from[at] as usize != start {
                let next = from[at] as usize;
                records.swap(at, next);
                from[at] = index_of(at);
                at = next;
            }
            from[at] = index_of(at);
        }
        self.see_none();
    }

    /// Stores them.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn store(&self, connection: &Connection, project: i64, side: Side) -> Result<()> {
        let row: i64 = connection
            .prepare_cached(
                "INSERT INTO elements (project, side, known) VALUES (?1, ?2, ?3)
                 ON CONFLICT (project, side) DO UPDATE SET known = excluded.known RETURNING id",
            )?
            .query_row(params![project, side, ZeroBlob(self.records.len() as u64)], |row| {
                row.get(0)
            })?;
        let mut blob = connection.blob_open("main", "elements", "known", row, false)?;
        blob.write_all(&self.records)?;
        blob.close()?;
        Ok(())
    }

    fn mark(&mut self, index: usize, place: u32) {
        self.places[index] = place;
        self.expected = index + 1;
    }

    fn is_seen(&self, index: usize) -> bool {
        self.places[index] != UNSEEN
    }

    fn record(&self, index: usize) -> Option<(Hash, u32)> {
        let (records, _) = self.records.as_chunks::<RECORD>();
        let record = records.get(index)?;
        let (mut hash, mut length) = ([0; 16], [0; 4]);
        hash.copy_from_slice(&record[..16]);
        length.copy_from_slice(&record[24..]);
        Some((Hash(hash), u32::from_le_bytes(length)))
    }

    fn key(&self, index: usize) -> u64 {
        let mut key = [0; 8];
        key.copy_from_slice(&self.records[index * RECORD + 16..index * RECORD + 24]);
        u64::from_le_bytes(key)
    }

    fn find(&mut self, hash: Hash) -> Option<usize> {
        let (records, _) = self.records.as_chunks::<RECORD>();
        let hash_of = |index: &u32| &records[*index as usize][..16];
        if self.sorted.len() != records.len() {
            self.sorted = (0..).take(records.len()).collect();
            self.sorted.sort_unstable_by_key(hash_of);
        }
        let at = self.sorted.binary_search_by_key(&&hash.0[..], |index| hash_of(index)).ok()?;
        Some(self.sorted[at] as usize)
    }
}

/// Places are counted in 32 bits.
fn index_of(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(UNSEEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(value: &str, place: u32) -> Element {
        Element { hash: Hash::of(value.as_bytes()), length: 1, place }
    }

    /// Listed in this order, with their places as keys.
    fn known(values: &[&str]) -> Known {
        let mut known = Known::default();
        for (value, place) in values.iter().zip(0..) {
            known.push(element(value, place), u64::from(place));
        }
        known.order();
        known
    }

    #[test]
    fn an_element_with_the_same_bytes_is_known_and_another_is_not() {
        let mut known = known(&["a", "b", "c"]);
        assert_eq!(known.see(Hash::of(b"b"), 0), Some(1));
        assert_eq!(known.see(Hash::of(b"d"), 1), None);
        assert_eq!(known.unseen().collect::<Vec<u64>>(), [0, 2]);
        assert!(!known.all_seen());
    }

    #[test]
    fn the_element_after_the_one_just_seen_is_expected() {
        let mut known = known(&["a", "b", "c", "d"]);
        assert!(known.is_expected(Hash::of(b"a"), 0));
        assert!(!known.is_expected(Hash::of(b"c"), 1), "one is gone");
        assert_eq!(known.see(Hash::of(b"c"), 1), Some(2));
        assert_eq!(known.expected(), Some(1));
        assert!(known.is_expected(Hash::of(b"d"), 2));
        assert_eq!(known.expected(), None);
        assert_eq!(known.unseen().collect::<Vec<u64>>(), [1]);
    }

    #[test]
    fn any_order_is_kept_and_comes_back_from_the_file() {
        let values: Vec<String> = (0..1000).map(|number| format!("value {number}")).collect();
        let mut known = Known::default();
        for at in 0..1000_u32 {
            // 619 and 1000 have no common divisor: all of them, in another order.
            let place = at * 619 % 1000;
            known.push(element(&values[place as usize], place), u64::from(place));
        }
        known.order();
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE elements (id INTEGER PRIMARY KEY, project INTEGER, side TEXT,
                     known BLOB NOT NULL, UNIQUE (project, side))",
            )
            .unwrap();
        // Over another row, longer and shorter.
        for known in [&known, &Known::default(), &known] {
            known.store(&connection, 7, Side::Vibe).unwrap();
            let mut back = Known::load(&connection, 7, Side::Vibe).unwrap();
            assert_eq!((back.len(), &back.records), (known.len(), &known.records));
            for (value, place) in values.iter().zip(0..).take(known.len()) {
                assert!(back.is_expected(Hash::of(value.as_bytes()), place), "{value}");
            }
        }
    }

    #[test]
    fn what_was_added_in_between_is_expected_in_its_place() {
        let mut known = known(&["a", "c"]);
        known.see(Hash::of(b"a"), 0);
        known.see(Hash::of(b"c"), 2);
        known.push(element("b", 1), 7);
        known.order();
        let hashes: Vec<Hash> = (0..3).filter_map(|at| Some(known.record(at)?.0)).collect();
        assert_eq!(hashes, [b"a", b"b", b"c"].map(|value| Hash::of(value)));
        assert!(!known.all_seen());
    }

    #[test]
    fn an_item_that_is_expected_is_new_when_listed_and_missed_when_not() {
        let mut known = known(&["a"]);
        known.see(Hash::of(b"a"), 0);
        known.expect(7);
        known.expect(8);
        known.order();
        assert_eq!(known.see(Hash::of(b"a"), 0), Some(0));
        assert_eq!(known.expected(), None, "nobody knows its bytes");
        assert_eq!(known.see(Hash::of(b"b"), 1), None);
        assert!(!known.all_seen());
        assert_eq!(known.unseen().collect::<Vec<u64>>(), [7, 8]);
    }

    #[test]
    fn what_is_dropped_is_new_again() {
        let mut known = known(&["a", "b", "c"]);
        known.see(Hash::of(b"a"), 0);
        assert!(known.retain(|key, seen| seen || key == 2));
        assert_eq!(known.len(), 2);
        assert_eq!(known.see(Hash::of(b"b"), 1), None);
        assert_eq!(known.see(Hash::of(b"c"), 2), Some(2));
    }
}
