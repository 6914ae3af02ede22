//! Which of two rows of parts belong together, by the words they share.

/// How many words of a part are looked at.
const MOST_WORDS: usize = 400;

/// The largest table of parts that is searched for the best way.
const LARGEST_TABLE: usize = 10_000;

/// The words of a part, sorted.
pub(super) struct Words(Vec<u64>);

impl Words {
    pub(super) fn of(text: &str) -> Self {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let words = text.split(|letter: char| !letter.is_alphanumeric());
        let mut words: Vec<u64> = words
            .filter(|word| !word.is_empty())
            .take(MOST_WORDS)
            .map(|word| {
                let mut hasher = DefaultHasher::new();
                word.hash(&mut hasher);
                hasher.finish()
            })
            .collect();
        words.sort_unstable();
        Self(words)
    }

    fn shared(&self, other: &Self) -> usize {
        let (mut shared, mut others) = (0, other.0.iter().peekable());
        for word in &self.0 {
            while others.next_if(|other| *other < word).is_some() {}
            shared += usize::from(others.next_if(|other| *other == word).is_some());
        }
        shared
    }
}

/// For each of the first which of the second it became: in their order, with as many words in common
/// as can be. Parts without any belong together where as many stand between two pairs on both sides.
pub(super) fn pairs(before: &[Words], after: &[Words]) -> Vec<Option<usize>> {
    let (rows, columns) = (before.len(), after.len());
    let mut pairs = vec![None; rows];
    if rows.saturating_mul(columns) <= LARGEST_TABLE {
        let width = columns + 1;
        let mut best = vec![0usize; (rows + 1) * width];
        let shared: Vec<usize> =
            before.iter().flat_map(|one| after.iter().map(|other| one.shared(other))).collect();
        for row in (0..rows).rev() {
            for column in (0..columns).rev() {
                let both = match shared[row * columns + column] {
                    0 => 0,
                    shared => shared + best[(row + 1) * width + column + 1],
                };
                let one = best[(row + 1) * width + column].max(best[row * width + column + 1]);
                best[row * width + column] = both.max(one);
            }
        }
        let (mut row, mut column) = (0, 0);
        while row < rows && column < columns {
            let now = best[row * width + column];
            let shared = shared[row * columns + column];
            if shared > 0 && now == shared + best[(row + 1) * width + column + 1] {
                pairs[row] = Some(column);
                (row, column) = (row + 1, column + 1);
            } else if now == best[(row + 1) * width + column] {
                row += 1;
            } else {
                column += 1;
            }
        }
    }
    fill(&mut pairs, columns);
    pairs
}

/// Pairs what is left between two pairs, where both sides have as many.
fn fill(pairs: &mut [Option<usize>], columns: usize) {
    let (mut row, mut column) = (0, 0);
    while row < pairs.len() {
        let end = pairs[row..].iter().position(Option::is_some).map_or(pairs.len(), |at| row + at);
        let other = pairs.get(end).copied().flatten().unwrap_or(columns);
        if end - row == other - column {
            for (at, pair) in pairs[row..end].iter_mut().enumerate() {
                *pair = Some(column + at);
            }
        }
        (row, column) = (end + 1, other + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paired(before: &[&str], after: &[&str]) -> Vec<Option<usize>> {
        let words = |texts: &[&str]| texts.iter().map(|text| Words::of(text)).collect::<Vec<_>>();
        pairs(&words(before), &words(after))
    }

    #[test]
    fn parts_with_words_in_common_belong_together() {
        assert_eq!(paired(&["a b c", "d e f"], &["d e g", "h"]), [None, Some(0)]);
        assert_eq!(paired(&["a b c"], &["new", "a b d", "x"]), [Some(1)]);
        assert_eq!(paired(&["a", "b", "c d"], &["x", "y", "c e"]), [Some(0), Some(1), Some(2)]);
        assert_eq!(paired(&["a", "c d"], &["x", "y", "c e"]), [None, Some(2)]);
    }
}
