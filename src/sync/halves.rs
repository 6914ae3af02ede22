//! A pair of an issue and a task, as both are now.

use crate::huly::Category;
use crate::model::{Field, Hash, Millis, Side};
use crate::store::issues::{Link, Row};

use super::merge::{Merged, Shown};

/// One half, with values of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Half {
    pub(super) title: String,
    pub(super) status: Option<String>,
    pub(super) category: Option<Category>,
    pub(super) text: Option<Hash>,
    pub(super) changed: Option<Millis>,
    pub(super) modified: Option<Millis>,
}

impl Half {
    pub(super) fn shown(&self) -> Shown<'_> {
        Shown {
            title: &self.title,
            status: self.status.as_deref(),
            category: self.category,
            text: self.text,
            changed: self.changed,
        }
    }

    /// A short value for the plan and the history; texts are named, not shown.
    pub(super) fn brief(&self, field: Field) -> Option<String> {
        match field {
            Field::Title => Some(self.title.clone()),
            Field::Status => self.status.clone(),
            Field::Description => None,
        }
    }
}

/// A pair as it is now.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    /// Its row, as stored (id 0: a new one).
    pub(super) row: Row,
    /// Its link, as stored, or as adopted in this pass.
    pub(super) link: Link,
    pub(super) huly: Half,
    pub(super) vibe: Half,
    /// What becomes of it.
    pub(super) merged: Merged,
    /// Huly's text reads blank and is not believed yet.
    pub(super) suspect: bool,
    /// Huly's text reads blank, and no other issue has given one since it was first seen.
    pub(super) unproven: bool,
    /// A description that this bridge cannot change.
    pub(super) unsupported: bool,
    /// A status for which the Huly project has none.
    pub(super) unmapped: bool,
    /// A shared task that may refuse writes.
    pub(super) read_only: bool,
}

impl Pair {
    pub(super) fn half(&self, side: Side) -> &Half {
        match side {
            Side::Huly => &self.huly,
            Side::Vibe => &self.vibe,
        }
    }
}
