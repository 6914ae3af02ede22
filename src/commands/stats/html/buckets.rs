//! Thousands of runs, in as many columns as a chart has.

use crate::model::Millis;
use crate::store::runs::Run;

/// Columns of a chart, at most.
const COLUMNS: usize = 120;

/// And at least: the bars of a few runs should not be posts.
const FEW: usize = 24;

/// How a run ended, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// 0
    Well,
    /// 75, or still under way.
    Later,
    /// 3 and 4.
    Partly,
    /// 1 and 2, and what was killed.
    Badly,
}

impl End {
    /// How a run ended; `is_last` is for the one that may still be at work.
    pub(super) fn of(run: &Run, is_last: bool) -> Self {
        match run.exit {
            Some(0) => Self::Well,
            Some(75) => Self::Later,
            Some(3 | 4) => Self::Partly,
            None if is_last => Self::Later,
            Some(_) | None => Self::Badly,
        }
    }
}

/// The runs of one column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Bucket {
    /// When it begins.
    pub(super) from: Millis,
    pub(super) runs: u64,
    /// How many of them ended how, in the order of [`End`].
    pub(super) ends: [u64; 4],
    /// The middle one, and the longest, of those that came to an end.
    pub(super) median_ms: Millis,
    pub(super) longest_ms: Millis,
    pub(super) created: u64,
    pub(super) updated: u64,
    pub(super) deleted: u64,
    pub(super) failed: u64,
    pub(super) memory: u64,
}

/// Time in even columns.
#[derive(Debug, Clone, Default)]
pub(super) struct Timeline {
    pub(super) from: Millis,
    pub(super) to: Millis,
    pub(super) buckets: Vec<Bucket>,
}

/// The passes among these runs (newest first) over their time.
pub(super) fn over_time(runs: &[Run]) -> Timeline {
    let passes: Vec<&Run> = runs.iter().filter(|run| run.command.starts_with("sync")).collect();
    let starts = || passes.iter().map(|run| run.started);
    let (Some(from), Some(to)) = (starts().min(), starts().max()) else {
        return Timeline::default();
    };
    let width = (to.saturating_sub(from)).max(1);
    let count = passes.len().clamp(FEW, COLUMNS);
    let mut buckets = vec![Bucket::default(); count];
    let columns = Millis::try_from(count).unwrap_or(1);
    for (bucket, at) in buckets.iter_mut().zip(0..) {
        bucket.from = from.saturating_add(width / columns * at);
    }
    let mut spans: Vec<Vec<Millis>> = vec![Vec::new(); count];
    for (index, run) in passes.iter().enumerate() {
        let share = run.started.saturating_sub(from) as f64 / width as f64;
        // The last one belongs to the last column.
        let at = ((share * count as f64) as usize).min(count - 1);
        let bucket = &mut buckets[at];
        bucket.runs += 1;
        bucket.ends[End::of(run, index == 0) as usize] += 1;
        bucket.created += run.created;
        bucket.updated += run.updated;
        bucket.deleted += run.deleted;
        bucket.failed += run.failed;
        bucket.memory = bucket.memory.max(run.peak_rss);
        if let Some(ended) = run.ended {
            // A clock that was set back in the middle of a pass gives less than zero.
            spans[at].push(ended.saturating_sub(run.started).max(0));
        }
    }
    for (bucket, mut spans) in buckets.iter_mut().zip(spans) {
        spans.sort_unstable();
        bucket.longest_ms = spans.last().copied().unwrap_or_default();
        bucket.median_ms = spans.get(spans.len() / 2).copied().unwrap_or_default();
    }
    Timeline { from, to, buckets }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(started: Millis, took: Option<Millis>, exit: Option<u8>) -> Run {
        let ended = took.map(|took| started + took);
        Run { command: "sync".to_owned(), started, ended, exit, created: 1, ..Run::default() }
    }

    #[test]
    fn every_pass_is_in_one_column() {
        let mut runs: Vec<Run> =
            (0..10_000).rev().map(|at| run(at * 300_000, Some(at), Some(0))).collect();
        runs.push(Run { command: "letta-push".to_owned(), ..Run::default() });
        let line = over_time(&runs);
        assert_eq!(line.buckets.len(), COLUMNS);
        assert_eq!(line.buckets.iter().map(|bucket| bucket.runs).sum::<u64>(), 10_000);
        assert_eq!(line.buckets.iter().map(|bucket| bucket.created).sum::<u64>(), 10_000);
        assert!(line.buckets.iter().all(|bucket| bucket.ends == [bucket.runs, 0, 0, 0]));
        assert!(line.buckets.iter().all(|bucket| bucket.median_ms <= bucket.longest_ms));
        assert_eq!(line.buckets[COLUMNS - 1].longest_ms, 9_999);
    }

    #[test]
    fn ends_are_counted_and_the_last_run_may_still_be_at_work() {
        let ends = |exits: &[Option<u8>]| {
            let runs: Vec<Run> = exits.iter().map(|exit| run(5, None, *exit)).collect();
            over_time(&runs).buckets[0].ends
        };
        assert_eq!(ends(&[Some(0), Some(75), Some(0)]), [2, 1, 0, 0]);
        assert_eq!(ends(&[Some(4), Some(3), Some(75)]), [0, 1, 2, 0]);
        assert_eq!(ends(&[None, Some(0), None]), [1, 1, 0, 1]);
        assert_eq!(ends(&[Some(2), Some(1)]), [0, 0, 0, 2]);
        assert!(over_time(&[]).buckets.is_empty());
    }
}
