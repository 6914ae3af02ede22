//! What was done, as numbers.

use serde::Serialize;

use crate::model::Side;

/// A count a side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Both {
    /// On or from Huly.
    pub huly: u64,
    /// On or from Vibe Kanban.
    pub vibe: u64,
}

impl Both {
    /// Adds to one side.
    pub fn add(&mut self, side: Side, count: u64) {
        match side {
            Side::Huly => self.huly += count,
            Side::Vibe => self.vibe += count,
        }
    }

    /// Both together.
    #[must_use]
    pub fn sum(self) -> u64 {
        self.huly + self.vibe
    }
}

impl std::ops::AddAssign for Both {
    fn add_assign(&mut self, other: Self) {
        self.huly += other.huly;
        self.vibe += other.vibe;
    }
}

/// What was done to a number of items.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Items listed.
    pub seen: Both,
    /// Items made.
    pub created: Both,
    /// Items changed.
    pub updated: Both,
    /// Items deleted, or cancelled because their other half was.
    pub deleted: Both,
    /// Values that lost against another.
    pub conflicts: u64,
    /// Items that the next pass looks at again.
    pub pending: u64,
    /// Tasks whose marker names an issue that has another task.
    pub surplus: u64,
    /// Descriptions that this bridge cannot change.
    pub unsupported: u64,
    /// Items that failed.
    pub failed: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.seen += other.seen;
        self.created += other.created;
        self.updated += other.updated;
        self.deleted += other.deleted;
        self.conflicts += other.conflicts;
        self.pending += other.pending;
        self.surplus += other.surplus;
        self.unsupported += other.unsupported;
        self.failed += other.failed;
    }
}

/// What became of the blocks of a project's agent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Blocks {
    /// Given to Letta, and acknowledged.
    pub written: u64,
    /// As Letta has them.
    pub unchanged: u64,
    /// Not acknowledged: tried again by the next push.
    pub failed: u64,
}

impl std::ops::AddAssign for Blocks {
    fn add_assign(&mut self, other: Self) {
        self.written += other.written;
        self.unchanged += other.unchanged;
        self.failed += other.failed;
    }
}
