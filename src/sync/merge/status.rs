//! The merge of a status: the two sides have vocabularies of their own.

use crate::config::Direction;
use crate::model::Side;
use crate::sync::status::{Fit, Translator};

use super::{Change, Shown, Step, field};

/// Merges the status. What the Huly project lacks waits for it, and never makes the task give up its
/// own.
#[must_use]
pub fn merge_status(
    huly: Change,
    vibe: Change,
    fit: Fit,
    direction: Direction,
    preferred: Side,
) -> Step {
    use Change::{New, Unchanged};
    let to = |target, step| if direction.writes_to(target) { step } else { Step::Drift };
    match (huly, vibe, fit) {
        (Unchanged, Unchanged, Fit::Outgrown) => to(Side::Huly, Step::Write(Side::Huly)),
        // Agreed on while statuses translated in another way.
        (Unchanged, Unchanged, Fit::Differ | Fit::Lacking) => to(Side::Vibe, Step::Remap),
        (New, New, Fit::Lacking) if direction.writes_to(Side::Huly) => Step::Write(Side::Huly),
        _ => field(huly, vibe, fit == Fit::Agree, direction, preferred),
    }
}

/// Statuses are compared in the coarser vocabulary, Vibe's: from Backlog to Todo is no change.
#[must_use]
pub fn huly_status(words: Translator<'_>, base: Option<&str>, huly: &Shown<'_>) -> Change {
    let Some(meaning) = words.to_vibe(huly.status, huly.category) else {
        return Change::NoData;
    };
    let Some(base) = base else { return Change::New };
    if Some(base) == huly.status {
        return Change::Unchanged;
    }
    // Where the base's name says nothing (any more), the names differ.
    match words.to_vibe(Some(base), None) {
        Some(before) if before == meaning => Change::Unchanged,
        _ => Change::Changed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Of a status that both sides show as they agreed on it.
    fn agreed(fit: Fit, direction: Direction) -> Step {
        merge_status(Change::Unchanged, Change::Unchanged, fit, direction, Side::Huly)
    }

    #[test]
    fn what_was_agreed_on_under_another_map_comes_from_huly() {
        assert_eq!(agreed(Fit::Agree, Direction::Both), Step::Nothing);
        for fit in [Fit::Differ, Fit::Lacking] {
            assert_eq!(agreed(fit, Direction::Both), Step::Remap);
            assert_eq!(agreed(fit, Direction::VibeToHuly), Step::Drift);
        }
    }

    #[test]
    fn a_fallback_gives_way_to_the_real_status() {
        assert_eq!(agreed(Fit::Outgrown, Direction::Both), Step::Write(Side::Huly));
        assert_eq!(agreed(Fit::Outgrown, Direction::HulyToVibe), Step::Drift);
    }

    fn fit() -> impl Strategy<Value = Fit> {
        prop_oneof![Just(Fit::Agree), Just(Fit::Outgrown), Just(Fit::Lacking), Just(Fit::Differ)]
    }

    fn change() -> impl Strategy<Value = Change> {
        prop_oneof![
            Just(Change::Unchanged),
            Just(Change::Changed),
            Just(Change::New),
            Just(Change::NoData)
        ]
    }

    proptest! {
        #[test]
        fn a_lack_in_huly_takes_no_status_from_a_task(vibe in change(), huly_wins: bool) {
            let preferred = if huly_wins { Side::Huly } else { Side::Vibe };
            let merge = |huly, vibe| {
                merge_status(huly, vibe, Fit::Lacking, Direction::Both, preferred)
            };
            // Where the task did not change either, it was agreed on under another map.
            if vibe != Change::Unchanged {
                prop_assert_ne!(merge(Change::Unchanged, vibe).target(), Some(Side::Vibe));
            }
            prop_assert_ne!(merge(Change::New, Change::New).target(), Some(Side::Vibe));
        }

        #[test]
        fn a_status_never_crosses_where_the_direction_is_closed(
            huly in change(), vibe in change(), fit in fit()
        ) {
            let down = merge_status(huly, vibe, fit, Direction::HulyToVibe, Side::Vibe);
            prop_assert_ne!(down.target(), Some(Side::Huly));
            let up = merge_status(huly, vibe, fit, Direction::VibeToHuly, Side::Huly);
            prop_assert_ne!(up.target(), Some(Side::Vibe));
        }
    }
}
