//! The first few of many, kept while they pass by.

use std::cmp::Ordering;

use super::title::number;

/// The first `most` by key; of equal keys, by number and name.
#[derive(Debug)]
pub(super) struct Top<K, V> {
    most: usize,
    kept: Vec<(K, String, V)>,
}

impl<K: Ord, V> Top<K, V> {
    pub(super) fn new(most: usize) -> Self {
        Self { most, kept: Vec::with_capacity(most) }
    }

    /// Takes one in, unless `most` come before it; `make` is asked only then.
    pub(super) fn offer(&mut self, key: K, name: &str, make: impl FnOnce() -> V) {
        let is_before = |(other, own, _): &(K, String, V)| match other.cmp(&key) {
            Ordering::Equal => (number(own), own.as_str()) <= (number(name), name),
            order => order == Ordering::Less,
        };
        // Of many, most come after the last.
        if self.kept.len() == self.most && self.kept.last().is_none_or(is_before) {
            return;
        }
        let place = self.kept.partition_point(is_before);
        self.kept.truncate(self.most.saturating_sub(1));
        self.kept.insert(place, (key, name.to_owned(), make()));
    }

    pub(super) fn into_values(self) -> impl Iterator<Item = V> {
        self.kept.into_iter().map(|(_, _, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn they_are_the_first_of_all(keys in prop::collection::vec((0_u8..4, 0_u16..200), 0..40)) {
            let mut top = Top::new(5);
            for (key, number) in &keys {
                top.offer(*key, &format!("P-{number}"), || (*key, *number));
            }
            let mut sorted = keys.clone();
            sorted.sort_unstable();
            sorted.truncate(5);
            prop_assert_eq!(top.into_values().collect::<Vec<_>>(), sorted);
        }
    }
}
