//! How old the state is. Rows are pruned by this age and not by the time of day: a machine's clock may
//! be wrong by years for a pass or two (a dead battery, a wrong answer of a time server), and what
//! lost a conflict must outlive that.

use anyhow::Result;
use rusqlite::Connection;

use crate::model::Millis;

const DAY_MS: Millis = 24 * 60 * 60 * 1000;

/// The longest time between two runs that makes the state older. What looks longer is a clock that was
/// set, or a machine that was off: neither counts.
const STEP_MS: Millis = 8 * DAY_MS;

/// A row may be this much younger than its age says, since the age follows the readings of the last
/// two runs. What must not be lost is kept for so much longer.
pub(super) const UNSURE_MS: Millis = 2 * STEP_MS;

/// The runs whose readings decide, beside the one that begins.
const WITNESSES: usize = 3;

/// What a run read off the clock when it began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// The time that it read.
    pub(super) at: Millis,
    /// How old the state was then, in milliseconds.
    pub(super) age: Millis,
}

/// The age of the state for a run that begins `now`; `before` are the readings of the runs before it,
/// the newest first.
///
/// It grows by what passed between the middle one of the last three readings and that of the three
/// before. So a single wrong reading counts nothing, and a clock that stays wrong counts once, by
/// [`STEP_MS`] at most.
pub(super) fn reckon(before: &[Reading], now: Millis) -> Millis {
    let Some(last) = before.first() else { return 0 };
    let at = |run: &Reading| run.at;
    let earlier = middle(before.iter().map(at));
    let later = middle(std::iter::once(now).chain(before.iter().map(at)));
    let step = later.saturating_sub(earlier);
    if (0..=STEP_MS).contains(&step) { last.age.saturating_add(step) } else { last.age }
}

/// The middle one of the first three; of two the lower one.
fn middle(times: impl Iterator<Item = Millis>) -> Millis {
    let mut times: Vec<Millis> = times.take(WITNESSES).collect();
    times.sort_unstable();
    times.get(times.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

/// The readings that the next run is reckoned by, the newest first.
///
/// # Errors
/// The file cannot be read.
pub(super) fn readings(connection: &Connection) -> Result<Vec<Reading>> {
    let sql = "SELECT started_ms, age_ms FROM runs ORDER BY id DESC LIMIT ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement
        .query_map([WITNESSES], |row| Ok(Reading { at: row.get(0)?, age: row.get(1)? }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The age at the newest run: what rows that are written now get.
///
/// # Errors
/// The file cannot be read.
pub(super) fn current(connection: &Connection) -> Result<Millis> {
    Ok(readings(connection)?.first().map_or(0, |newest| newest.age))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The ages of runs that read these times.
    fn ages(readings: &[Millis]) -> Vec<Millis> {
        let mut runs: Vec<Reading> = Vec::new();
        for &at in readings {
            let before: Vec<Reading> = runs.iter().rev().take(WITNESSES).copied().collect();
            runs.push(Reading { at, age: reckon(&before, at) });
        }
        runs.iter().map(|run| run.age).collect()
    }

    fn times(gaps: &[Millis]) -> Vec<Millis> {
        let start = 1_790_000_000_000;
        let sum = |at: &mut Millis, gap: &Millis| {
            *at += gap;
            Some(*at)
        };
        gaps.iter().scan(start, sum).collect()
    }

    #[test]
    fn a_year_of_daily_runs_makes_the_state_a_year_old() {
        let daily = ages(&times(&[DAY_MS; 367]));
        assert_eq!(daily.last(), Some(&(365 * DAY_MS)));
    }

    #[test]
    fn a_clock_that_is_years_off_for_many_runs_and_then_right_again_counts_nothing() {
        for off in [-400 * DAY_MS, 400 * DAY_MS, -20_000 * DAY_MS] {
            let mut readings = times(&[DAY_MS; 60]);
            readings[20..40].iter_mut().for_each(|at| *at += off);
            let last = ages(&readings).last().copied().unwrap_or_default();
            assert!((50 * DAY_MS..=60 * DAY_MS).contains(&last), "{off}: {last}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_reading_makes_nothing_older_than_it_is(
            gaps in prop::collection::vec(0..STEP_MS, 2..40),
            wrong in any::<Millis>(),
            off in -2 * STEP_MS..2 * STEP_MS,
            is_near: bool,
            which: prop::sample::Index,
        ) {
            let right = times(&gaps);
            let mut readings = right.clone();
            let at = which.index(readings.len());
            readings[at] = if is_near { right[at] + off } else { wrong };
            let ages = ages(&readings);
            for one in 0..ages.len() {
                for later in one..ages.len() {
                    let (said, true_age) = (ages[later] - ages[one], right[later] - right[one]);
                    prop_assert!(said >= 0 && said - UNSURE_MS <= true_age, "{said} > {true_age}");
                }
            }
            // And it does get older: history is pruned all the same.
            let lived = right.last().unwrap_or(&0) - right.first().unwrap_or(&0);
            prop_assert!(ages.last().unwrap_or(&0) + 4 * STEP_MS >= lived);
        }
    }
}
