//! What may happen between the beginning and the end of a history.

use proptest::prelude::*;

use crate::rig::Death;
use crate::support::Side;

/// A field that crosses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    Title,
    Status,
    Text,
}

pub const FIELDS: [Field; 3] = [Field::Title, Field::Status, Field::Text];

/// One step. Items are chosen by a number, from those that are there on that side at that time; a
/// step that finds nothing to act on does nothing.
#[derive(Clone, Debug)]
pub enum Action {
    /// A person makes a card.
    Create { side: Side, status: usize, has_text: bool },
    /// A person changes a field; a status by this number, the rest to a value never used before.
    Edit { side: Side, item: usize, field: Field, status: usize },
    /// A person empties a text.
    Clear { side: Side, item: usize },
    /// A person writes a new text and takes the marker away.
    Unmark { side: Side, item: usize },
    /// Somebody comments on an issue.
    Comment { item: usize },
    /// A person deletes a card.
    Delete { side: Side, item: usize },
    /// A person renames the project.
    Rename { side: Side },
    /// A pass in which nothing goes wrong, but the systems may have been away before.
    Pass { full: bool },
    /// A pass with a fault on one side, at so many of a hundred requests.
    Faulty { side: Side, fault: Trouble, percent: u8, writes_only: bool },
    /// A pass that is killed at its k-th request.
    Killed { k: u64, death: Death },
}

/// A fault, as histories print it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    Status(u16),
    Reset,
    Close,
    LostAnswer,
    Garbage,
    Truncate(usize),
    ShortBody,
    /// Closed at once, carried out so many milliseconds later.
    Late(u64),
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Huly), Just(Side::Vibe)]
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        prop_oneof![Just(500), Just(503), Just(429)].prop_map(Trouble::Status),
        Just(Trouble::Reset),
        Just(Trouble::Close),
        Just(Trouble::LostAnswer),
        Just(Trouble::Garbage),
        (0..400usize).prop_map(Trouble::Truncate),
        Just(Trouble::ShortBody),
        (20..150u64).prop_map(Trouble::Late),
    ]
}

fn field() -> impl Strategy<Value = Field> {
    prop_oneof![Just(Field::Title), Just(Field::Status), Just(Field::Text)]
}

pub fn action() -> impl Strategy<Value = Action> {
    let death = || prop_oneof![Just(Death::Unanswered), Just(Death::Answered)];
    prop_oneof![
        5 => (side(), 0..6usize, any::<bool>())
            .prop_map(|(side, status, has_text)| Action::Create { side, status, has_text }),
        10 => (side(), 0..16usize, field(), 0..6usize)
            .prop_map(|(side, item, field, status)| Action::Edit { side, item, field, status }),
        1 => (side(), 0..16usize).prop_map(|(side, item)| Action::Clear { side, item }),
        1 => (side(), 0..16usize).prop_map(|(side, item)| Action::Unmark { side, item }),
        1 => (0..16usize).prop_map(|item| Action::Comment { item }),
        3 => (side(), 0..16usize).prop_map(|(side, item)| Action::Delete { side, item }),
        1 => side().prop_map(|side| Action::Rename { side }),
        3 => any::<bool>().prop_map(|full| Action::Pass { full }),
        3 => (side(), trouble(), 1..60u8, any::<bool>()).prop_map(
            |(side, fault, percent, writes_only)| Action::Faulty { side, fault, percent, writes_only }
        ),
        3 => (1..45u64, death()).prop_map(|(k, death)| Action::Killed { k, death }),
    ]
}

pub fn history() -> impl Strategy<Value = Vec<Action>> {
    proptest::collection::vec(action(), 4..28)
}
