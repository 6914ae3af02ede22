//! Ranks: where an issue stands in its column. From 0.7.411 on the server finds a place itself, once
//! for all creates of a transaction.

use serde::Deserialize;
use serde_json::json;

use super::Platform;
use super::find::ISSUE;
use super::session::Version;
use crate::http::Result;

const SERVER_RANKS: Version = Version([0, 7, 411]);

/// Room between neighbours.
const STEP: u32 = 8;

#[derive(Deserialize)]
struct Ranked {
    #[serde(default)]
    rank: String,
}

impl Platform {
    /// Ranks for so many new issues of a space. One alone is left to the server where it finds a
    /// place; several that are made in one transaction would all get the same from it.
    pub(super) fn ranks(&self, space: &str, count: usize) -> Result<Vec<String>> {
        if count < 2 && self.session()?.version >= SERVER_RANKS {
            return Ok(vec![String::new(); count]);
        }
        let query = json!({"space": {"$in": [space]}});
        let options = json!({"sort": {"rank": -1}, "limit": 1, "projection": {"rank": 1}, "showArchived": true});
        let last: Vec<Ranked> = self.find(ISSUE, &query, &options)?;
        let mut rank = last.into_iter().next().map(|last| last.rank).unwrap_or_default();
        let mut ranks = Vec::with_capacity(count);
        for _ in 0..count {
            rank = after(&rank);
            ranks.push(rank.clone());
        }
        Ok(ranks)
    }
}

/// The next rank: `0|hzzzzz:` is a bucket, six digits to the base 36, and what came to be put in
/// between.
fn after(rank: &str) -> String {
    const FIRST: &str = "0|i00007:";
    let Some((bucket, rest)) = rank.split_once('|') else { return FIRST.to_owned() };
    let (whole, _) = rest.split_once(':').unwrap_or((rest, ""));
    let mut digits: Vec<u32> = match whole.chars().map(|digit| digit.to_digit(36)).collect() {
        Some(digits) => digits,
        None => return FIRST.to_owned(),
    };
    let mut carry = STEP;
    for digit in digits.iter_mut().rev() {
        let sum = *digit + carry;
        (*digit, carry) = (sum % 36, sum / 36);
    }
    if carry > 0 {
        // The last place of all: what is put behind it is longer.
        return format!("{rank}i");
    }
    let whole: String =
        digits.into_iter().filter_map(|digit| char::from_digit(digit, 36)).collect();
    format!("{bucket}|{whole}:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rank_comes_after_the_one_before() {
        assert_eq!(after("0|i00007:"), "0|i0000f:");
        assert_eq!(after("0|hzzzzz:"), "0|i00007:");
        assert_eq!(after(""), "0|i00007:");
        let mut rank = "0|zzzzz0:".to_owned();
        for _ in 0..20 {
            let next = after(&rank);
            assert!(next > rank, "{next} {rank}");
            rank = next;
        }
    }
}
