//! Which parts of two sequences are the same.

mod unified;

pub(crate) use self::unified::{Hunk, Sign, unified};

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

/// The larger of these tables takes a tenth of a second and 6 MB.
const LARGEST_TABLE: usize = 25_000_000;

/// The pairs of equal elements of a longest common subsequence, in order. Where two long sequences
/// differ in many places only their common ends are found.
pub(crate) fn diff<T: Hash + Eq>(a: &[T], b: &[T]) -> Vec<(usize, usize)> {
    let (a, b) = numbered(a, b);
    let prefix = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let suffix = a[prefix..].iter().rev().zip(b[prefix..].iter().rev());
    let suffix = suffix.take_while(|(a, b)| a == b).count();
    let mut pairs: Vec<(usize, usize)> = (0..prefix).map(|at| (at, at)).collect();
    middle(&a, prefix..a.len() - suffix, &b, prefix..b.len() - suffix, &mut pairs);
    pairs.extend((a.len() - suffix..a.len()).zip(b.len() - suffix..b.len()));
    pairs
}

/// The elements as numbers, equal ones as the same: those are compared faster.
fn numbered<T: Hash + Eq>(a: &[T], b: &[T]) -> (Vec<usize>, Vec<usize>) {
    let mut numbers = HashMap::new();
    let mut number = |element| {
        let next = numbers.len();
        *numbers.entry(element).or_insert(next)
    };
    (a.iter().map(&mut number).collect(), b.iter().map(&mut number).collect())
}

fn middle(
    a: &[usize],
    in_a: Range<usize>,
    b: &[usize],
    in_b: Range<usize>,
    pairs: &mut Vec<(usize, usize)>,
) {
    let (rows, columns) = (in_a.len(), in_b.len());
    if rows == 0 || columns == 0 || rows.saturating_mul(columns) > LARGEST_TABLE {
        return;
    }
    // Of the lengths two rows are enough; of the steps, two bits each, all are kept.
    let mut steps = vec![0u8; (rows * columns).div_ceil(4)];
    let mut below = vec![0u32; columns + 1];
    for row in (0..rows).rev() {
        let mut lengths = vec![0u32; columns + 1];
        for column in (0..columns).rev() {
            let (length, step) = if a[in_a.start + row] == b[in_b.start + column] {
                (below[column + 1] + 1, BOTH)
            } else if below[column] >= lengths[column + 1] {
                (below[column], DOWN)
            } else {
                (lengths[column + 1], RIGHT)
            };
            lengths[column] = length;
            let cell = row * columns + column;
            steps[cell / 4] |= step << (cell % 4 * 2);
        }
        below = lengths;
    }
    let (mut row, mut column) = (0, 0);
    while row < rows && column < columns {
        let cell = row * columns + column;
        match steps[cell / 4] >> (cell % 4 * 2) & 3 {
            BOTH => {
                pairs.push((in_a.start + row, in_b.start + column));
                row += 1;
                column += 1;
            }
            DOWN => row += 1,
            _ => column += 1,
        }
    }
}

const BOTH: u8 = 0;
const DOWN: u8 = 1;
const RIGHT: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn common(a: &str, b: &str) -> String {
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        diff(&a, &b).into_iter().map(|(at, _)| a[at]).collect()
    }

    #[test]
    fn what_both_have_in_order_is_found() {
        for (a, b, same) in [
            ("abc", "abc", "abc"),
            ("abc", "axc", "ac"),
            ("abcdef", "bXdYf", "bdf"),
            ("aaa", "aa", "aa"),
            ("abc", "", ""),
            ("ab", "ba", "b"),
        ] {
            assert_eq!(common(a, b), same, "{a} {b}");
        }
    }

    #[test]
    fn long_sequences_are_compared_from_both_ends() {
        let a: Vec<usize> = (0..20_000).collect();
        let mut b = a.clone();
        b[10] = 0;
        b[19_990] = 0;
        assert_eq!(diff(&a, &b).len(), 10 + 9);
    }

    proptest! {
        #[test]
        fn the_pairs_are_equal_and_in_order(a in "[abc]{0,12}", b in "[abc]{0,12}") {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            let pairs = diff(&a, &b);
            prop_assert!(pairs.iter().all(|&(x, y)| a[x] == b[y]));
            prop_assert!(pairs.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 < two[1].1));
        }
    }
}
