//! The newest change of a list, whose largest times may lie in the future by somebody's mistake.

use crate::huly::is_believable;
use crate::model::Millis;

/// Times that are kept. Twice as many in the future, far apart from each other, would be needed to
/// push out what was changed last.
const KEPT: usize = 32;

/// Some of the `modified` values of a list, in ascending order. The server's own time, which tells what
/// lies in the future, is known only at the end, and memory must not grow with the list: of two values
/// that are close the smaller one goes. So the last one before a gap stays, however many come after it.
#[derive(Debug, Default)]
pub(super) struct Newest(Vec<Millis>);

impl Newest {
    pub(super) fn add(&mut self, modified: Option<Millis>) {
        let Some(modified) = modified.filter(|&at| at > 0) else { return };
        let Err(place) = self.0.binary_search(&modified) else { return };
        self.0.insert(place, modified);
        if self.0.len() <= KEPT {
            return;
        }
        let gap = |at: &usize| self.0[at + 1].saturating_sub(self.0[*at]);
        if let Some(closest) = (0..self.0.len() - 1).min_by_key(gap) {
            self.0.remove(closest);
        }
    }

    /// The largest that may move the cursor, but never beyond the server's own time: what others edit
    /// meanwhile has that.
    pub(super) fn believable(&self, server_time: Option<Millis>) -> Option<Millis> {
        let newest = self.0.iter().rev().copied().find(|&at| is_believable(at, server_time));
        newest.map(|at| at.min(server_time.unwrap_or(at)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: Millis = 60_000;
    const DAY: Millis = 24 * 60 * MINUTE;

    fn newest(values: impl IntoIterator<Item = Millis>) -> Newest {
        let mut newest = Newest::default();
        values.into_iter().for_each(|at| newest.add(Some(at)));
        newest
    }

    #[test]
    fn a_time_in_the_future_does_not_move_the_cursor() {
        let mut times = newest([5, 9_000_000, 7]);
        times.add(None);
        assert_eq!(times.believable(Some(10)), Some(7));
        // Ten minutes ahead are believed, but what is edited meanwhile is older than that.
        let server_time = 9_000_000 - 10 * MINUTE;
        assert_eq!(times.believable(Some(server_time)), Some(server_time));
        assert_eq!(times.believable(None), Some(9_000_000));
        assert_eq!(Newest::default().believable(None), None);
    }

    proptest! {
        #[test]
        fn no_number_of_times_in_the_future_holds_the_cursor(
            past in proptest::collection::vec(0..1000 * DAY, 1..300),
            future in proptest::collection::vec(2 * DAY..10_000 * DAY, 0..300),
            future_first in any::<bool>(),
        ) {
            let now = 2000 * DAY;
            let mut values: Vec<Millis> = past.iter().map(|ago| now - 1 - ago).collect();
            values.extend(future.iter().map(|ahead| now + ahead));
            if future_first {
                values.reverse();
            }
            let found = newest(values.iter().copied()).believable(Some(now));
            let right = values.iter().copied().filter(|at| *at < now).max();
            prop_assert!(found.is_some() && found <= right, "{found:?} of {right:?}");
        }

        #[test]
        fn times_of_one_day_in_the_future_do_not_hide_the_newest(
            past in proptest::collection::vec(0..1000 * DAY, 1..300),
            future in proptest::collection::vec(0..DAY, 16..300),
        ) {
            let now = 2000 * DAY;
            let values = past.iter().map(|ago| now - 1 - ago);
            let ahead = future.iter().map(|ahead| now + 300 * DAY + ahead);
            let found = newest(values.clone().chain(ahead)).believable(Some(now));
            prop_assert_eq!(found, values.max());
        }
    }
}
