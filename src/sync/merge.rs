//! The three-way merge of one field, and of a pair: what to write where, decided without looking
//! at anything but the values.

use crate::config::{Conflict, Direction, Policy};
use crate::huly::Category;
use crate::model::{Field, Hash, Millis, Side};
use crate::store::issues::Base;

use super::status::Translator;

mod status;

pub use status::{huly_status, merge_status};

/// What a side's value is against that side's own base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// As agreed.
    Unchanged,
    /// Somebody changed it.
    Changed,
    /// There is no base: it was never agreed on.
    New,
    /// The value is not known in this pass.
    NoData,
}

/// What becomes of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Nothing,
    /// The sides are equal: that is the new base.
    Settle,
    /// One side changed; it is written to this one.
    Write(Side),
    /// Both changed, or the two never agreed: the winner's value is written to the other side.
    Conflict {
        /// Whose value stands.
        winner: Side,
        /// The two never agreed.
        first_sight: bool,
    },
    /// Nobody changed it, and as statuses translate now the sides differ: Huly's value is written to
    /// Vibe.
    Remap,
    /// A change that the direction does not let across.
    Drift,
}

impl Step {
    /// The side that is to be written, if one is.
    #[must_use]
    pub fn target(self) -> Option<Side> {
        match self {
            Self::Write(target) => Some(target),
            Self::Conflict { winner, .. } => Some(winner.other()),
            Self::Remap => Some(Side::Vibe),
            Self::Nothing | Self::Settle | Self::Drift => None,
        }
    }
}

/// Merges one field. A side that did not change never wins over one that did.
#[must_use]
pub fn field(
    huly: Change,
    vibe: Change,
    equal: bool,
    direction: Direction,
    preferred: Side,
) -> Step {
    use Change::{Changed, New, NoData, Unchanged};
    let to = |target: Side| {
        if direction.writes_to(target) { Step::Write(target) } else { Step::Drift }
    };
    match (huly, vibe) {
        (NoData, _) | (_, NoData) => Step::Nothing,
        (Unchanged, Unchanged) => Step::Nothing,
        _ if equal => Step::Settle,
        (Changed | New, Unchanged) => to(Side::Vibe),
        (Unchanged, Changed | New) => to(Side::Huly),
        (Changed | New, Changed | New) => {
            let winner = match direction {
                Direction::Both => preferred,
                Direction::HulyToVibe => Side::Huly,
                Direction::VibeToHuly => Side::Vibe,
            };
            Step::Conflict { winner, first_sight: (huly, vibe) == (New, New) }
        }
    }
}

/// What one side shows of an item.
#[derive(Debug, Clone, Default)]
pub struct Shown<'a> {
    /// In normal form.
    pub title: &'a str,
    /// In that side's own words; `None`: no data.
    pub status: Option<&'a str>,
    /// Its meaning (Huly), where the backend knows it.
    pub category: Option<Category>,
    /// Of the normal form, without markers; `None`: not known.
    pub text: Option<Hash>,
    /// When the last change of this side was made, where that is proven.
    pub changed: Option<Millis>,
}

/// What becomes of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merged {
    /// Of the title.
    pub title: Step,
    /// Of the description.
    pub text: Step,
    /// Of the status.
    pub status: Step,
}

impl Merged {
    /// The three of them with their names.
    #[must_use]
    pub fn steps(self) -> [(Field, Step); 3] {
        [(Field::Title, self.title), (Field::Description, self.text), (Field::Status, self.status)]
    }

    /// Whether anything is written to a side.
    #[must_use]
    pub fn writes_to(self, side: Side) -> bool {
        self.steps().iter().any(|(_, step)| step.target() == Some(side))
    }
}

/// What the merge goes by.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// Which way changes cross.
    pub direction: Direction,
    /// Who wins.
    pub conflict: &'a Conflict,
    /// How statuses translate.
    pub status: Translator<'a>,
}

/// Merges a pair.
#[must_use]
pub fn pair(
    rules: Rules<'_>,
    base_huly: &Base,
    base_vibe: &Base,
    huly: &Shown<'_>,
    vibe: &Shown<'_>,
) -> Merged {
    let preferred = |field| preferred(rules.conflict.of(field), huly.changed, vibe.changed);
    let title = self::field(
        against(base_huly.title.as_deref(), Some(huly.title)),
        against(base_vibe.title.as_deref(), Some(vibe.title)),
        huly.title == vibe.title,
        rules.direction,
        preferred(Field::Title),
    );
    let text = self::field(
        against(base_huly.text, huly.text),
        against(base_vibe.text, vibe.text),
        huly.text == vibe.text,
        rules.direction,
        preferred(Field::Description),
    );
    let status = merge_status(
        huly_status(rules.status, base_huly.status.as_deref(), huly),
        against(base_vibe.status.as_deref(), vibe.status),
        rules.status.fit(huly.status, huly.category, vibe.status),
        rules.direction,
        preferred(Field::Status),
    );
    Merged { title, text, status }
}

fn against<T: PartialEq>(base: Option<T>, now: Option<T>) -> Change {
    match (base, now) {
        (_, None) => Change::NoData,
        (None, Some(_)) => Change::New,
        (Some(base), Some(now)) if base == now => Change::Unchanged,
        (Some(_), Some(_)) => Change::Changed,
    }
}

fn preferred(policy: Policy, huly: Option<Millis>, vibe: Option<Millis>) -> Side {
    match (policy, huly, vibe) {
        (Policy::Vibe, ..) => Side::Vibe,
        (Policy::Newest, Some(huly), Some(vibe)) if vibe > huly => Side::Vibe,
        (Policy::Huly | Policy::Newest, ..) => Side::Huly,
    }
}

#[cfg(test)]
mod tests {
    use super::super::status::Vocabulary;
    use super::*;
    use crate::config::Status;
    use proptest::prelude::*;

    const POLICY: Conflict =
        Conflict { title: Policy::Huly, description: Policy::Huly, status: Policy::Huly };

    fn both(huly: Change, vibe: Change, equal: bool) -> Step {
        field(huly, vibe, equal, Direction::Both, Side::Huly)
    }

    fn shown<'a>(title: &'a str, status: &'a str) -> Shown<'a> {
        let text = Some(crate::sync::normal::BLANK);
        Shown { title, status: Some(status), text, ..Shown::default() }
    }

    fn base(title: &str, status: &str) -> Base {
        Base {
            title: Some(title.into()),
            status: Some(status.into()),
            text: Some(crate::sync::normal::BLANK),
        }
    }

    fn merge(base_huly: &Base, base_vibe: &Base, huly: &Shown<'_>, vibe: &Shown<'_>) -> Merged {
        let mut map = Status::default();
        map.fallback.insert("inreview".into(), "In Progress".into());
        let project = Vocabulary::default();
        let status = Translator { map: &map, project: &project };
        let rules = Rules { direction: Direction::Both, conflict: &POLICY, status };
        pair(rules, base_huly, base_vibe, huly, vibe)
    }

    #[test]
    fn a_change_of_one_side_crosses() {
        assert_eq!(both(Change::Changed, Change::Unchanged, false), Step::Write(Side::Vibe));
        assert_eq!(both(Change::Unchanged, Change::Changed, false), Step::Write(Side::Huly));
    }

    #[test]
    fn equal_values_are_no_conflict() {
        assert_eq!(both(Change::Changed, Change::Changed, true), Step::Settle);
        assert_eq!(both(Change::New, Change::New, true), Step::Settle);
    }

    #[test]
    fn a_value_that_is_not_known_decides_nothing() {
        for other in [Change::Unchanged, Change::Changed, Change::New, Change::NoData] {
            assert_eq!(both(Change::NoData, other, false), Step::Nothing);
            assert_eq!(both(other, Change::NoData, false), Step::Nothing);
        }
    }

    #[test]
    fn a_field_that_one_side_never_agreed_on_comes_from_there() {
        assert_eq!(both(Change::Unchanged, Change::New, false), Step::Write(Side::Huly));
        assert_eq!(both(Change::New, Change::Unchanged, false), Step::Write(Side::Vibe));
    }

    #[test]
    fn backlog_and_todo_are_one_to_vibe() {
        let merged = merge(
            &base("t", "Backlog"),
            &base("t", "todo"),
            &shown("t", "Todo"),
            &shown("t", "todo"),
        );
        assert_eq!(merged.status, Step::Nothing);
    }

    #[test]
    fn a_fallback_does_not_flip_flop() {
        let merged = merge(
            &base("t", "In Progress"),
            &base("t", "inreview"),
            &shown("t", "In Progress"),
            &shown("t", "inreview"),
        );
        assert_eq!(merged.status, Step::Nothing);
    }

    #[test]
    fn title_and_status_cross_in_opposite_directions() {
        let merged = merge(
            &base("t", "Todo"),
            &base("t", "todo"),
            &shown("new", "Todo"),
            &shown("t", "done"),
        );
        assert_eq!(merged.title, Step::Write(Side::Vibe));
        assert_eq!(merged.status, Step::Write(Side::Huly));
    }

    #[test]
    fn newest_counts_only_where_both_proved_when() {
        assert_eq!(preferred(Policy::Newest, Some(1), Some(2)), Side::Vibe);
        assert_eq!(preferred(Policy::Newest, Some(2), Some(1)), Side::Huly);
        assert_eq!(preferred(Policy::Newest, Some(1), None), Side::Huly);
        assert_eq!(preferred(Policy::Newest, None, Some(2)), Side::Huly);
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
        fn a_side_that_did_not_change_never_wins(huly in change(), vibe in change(), equal: bool) {
            let step = both(huly, vibe, equal);
            if huly == Change::Unchanged {
                prop_assert_ne!(step.target(), Some(Side::Vibe));
            }
            if vibe == Change::Unchanged {
                prop_assert_ne!(step.target(), Some(Side::Huly));
            }
        }

        #[test]
        fn a_closed_direction_is_never_written(huly in change(), vibe in change(), equal: bool) {
            let down = field(huly, vibe, equal, Direction::HulyToVibe, Side::Vibe);
            prop_assert_ne!(down.target(), Some(Side::Huly));
            let up = field(huly, vibe, equal, Direction::VibeToHuly, Side::Huly);
            prop_assert_ne!(up.target(), Some(Side::Vibe));
        }
    }
}
