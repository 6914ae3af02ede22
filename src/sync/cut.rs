//! Lists that something cut without a word.

use std::collections::HashSet;

use crate::huly::Found;
use crate::model::Side;
use crate::report::Mode;
use crate::store;

use super::desk::Desk;
use super::marker::number_of;
use super::stage::key;
use super::trouble::{Result, Trouble};

/// Servers cut at round numbers.
const ROUND: u64 = 100;

/// Issues that are asked for by identifier to find out.
const ASKED: usize = 1000;

/// Those of them that are asked for at once.
const CHUNK: usize = 100;

/// What a list and a count of the same project come to.
#[derive(Debug, PartialEq, Eq)]
enum Suspicion {
    /// Nothing speaks for a cut.
    None,
    /// One of these is there, if the list was cut. `is_all`: that many that none of them is there
    /// proves that it was not.
    Ask { identifiers: Vec<String>, is_all: bool },
}

/// A server, or a proxy before it, with a bound of its own cuts lists without a word: they end at a
/// round number below what the project counts. A bridge gives a count that is minutes old, though:
/// the issues that would be missing are asked for, and one of them must be there.
pub(super) fn refuse_cut_list(desk: &Desk<'_>, counted: Option<u64>) -> Result<()> {
    let listed = desk.report.counts.seen.huly;
    let is_round = listed > 0 && listed.is_multiple_of(ROUND);
    let Some(counted) = counted.filter(|&counted| counted > listed) else { return Ok(()) };
    if desk.mode != Mode::Full || !is_round {
        return Ok(());
    }
    let (keys, highest) = listed_ones(desk)?;
    let beyond = highest.saturating_add(counted - listed);
    let project = &desk.project.identifier;
    let Suspicion::Ask { identifiers, is_all } = missing(project, beyond, &keys) else {
        return Ok(());
    };
    if is_all && !is_one_there(desk, &identifiers)? {
        log::debug!("{project}: lists {listed} issues, and the count of {counted} is an old one");
        return Ok(());
    }
    Err(Trouble::Refused(format!(
        "Huly lists {listed} of {counted} issues: something cuts its lists, and nothing is done on a \
         part"
    )))
}

/// Whether one of these issues is there, as far as that can be told: only "not found" says no.
fn is_one_there(desk: &Desk<'_>, identifiers: &[String]) -> Result<bool> {
    for chunk in identifiers.chunks(CHUNK) {
        let names: Vec<&str> = chunk.iter().map(String::as_str).collect();
        let mut is_there = false;
        desk.pass.huly.read(&names, &mut |found| {
            is_there |= !matches!(found, Found::Gone(_));
            Ok(())
        })?;
        if is_there {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The keys of all issues that were listed, and the highest number that is known.
fn listed_ones(desk: &Desk<'_>) -> Result<(HashSet<u64>, u64)> {
    let id = desk.project.id;
    let last = desk.pass.store.read(|state| store::issues::last(state, id))?;
    let mut highest = last.as_deref().and_then(number_of).unwrap_or_default();
    let mut keys: HashSet<u64> = desk.known_huly.seen().collect();
    for slot in 0..desk.stage.slots(Side::Huly).len() {
        let name = desk.stage.get(Side::Huly, slot)?.name;
        highest = highest.max(number_of(&name).unwrap_or_default());
        keys.insert(key(&name));
    }
    Ok((keys, highest))
}

/// The issues up to that number that were not listed. A cut takes those away that were not changed for
/// longest: most of them have low numbers.
fn missing(project: &str, highest: u64, listed: &HashSet<u64>) -> Suspicion {
    let names = (1..=highest).map(|number| format!("{project}-{number}"));
    // Of numbers that never were in use, no more are gone through than could be asked for.
    let mut open = names.filter(|name| !listed.contains(&key(name)));
    let identifiers: Vec<String> = open.by_ref().take(ASKED).collect();
    if identifiers.is_empty() {
        return Suspicion::None;
    }
    Suspicion::Ask { identifiers, is_all: open.next().is_none() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(numbers: impl IntoIterator<Item = u64>) -> HashSet<u64> {
        numbers.into_iter().map(|number| key(&format!("P-{number}"))).collect()
    }

    #[test]
    fn what_a_cut_list_would_lack_is_named() {
        let asked = missing("P", 6, &listed([1, 2, 4]));
        let identifiers = ["P-3", "P-5", "P-6"].map(str::to_owned).to_vec();
        assert_eq!(asked, Suspicion::Ask { identifiers, is_all: true });
        assert_eq!(missing("P", 2, &listed([1, 2])), Suspicion::None);
    }

    #[test]
    fn no_more_are_asked_for_than_a_pass_may_read() {
        let Suspicion::Ask { identifiers, is_all } = missing("P", 5000, &listed([2])) else {
            panic!("some are missing");
        };
        assert_eq!(
            (identifiers.len(), is_all),
            (ASKED, false),
            "the rest may hold the missing ones"
        );
        assert_eq!(identifiers[1], "P-3");
    }
}
