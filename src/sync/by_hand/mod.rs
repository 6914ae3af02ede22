//! Pairs that a person ends or makes.

mod forget;
mod link;
pub(super) mod restore;
mod target;

pub use self::forget::forget;
pub use self::link::{Linked, link};

/// Whether two tombstones of one pair tell that a person ended it, while both halves were there: one
/// for each half.
#[must_use]
pub fn is_by_hand(
    stone: &crate::store::tombstones::Tombstone,
    all: &[crate::store::tombstones::Tombstone],
) -> bool {
    all.iter().any(|other| {
        other.gone != stone.gone
            && (&other.identifier, &other.task, other.at)
                == (&stone.identifier, &stone.task, stone.at)
    })
}
