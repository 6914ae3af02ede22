//! What a plan is made of.

use crate::model::Side;

/// One thing to be done. Small: a project may have 40,000 of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// A linked pair that was seen: fields to write, or just values to remember.
    Pair { row: i64, issue: Option<u32>, task: Option<u32>, writes: bool, overwrites: bool },
    /// Two items that belong together by their markers, or titles.
    Adopt { row: i64, issue: Option<u32>, task: u32, marked: Side, writes: bool, overwrites: bool },
    /// An issue without a task.
    NewTask { row: i64, issue: u32, stone: i64 },
    /// A task without an issue.
    NewIssue { task: u32, stone: i64 },
    /// A linked pair whose issue is not listed any more.
    IssueGone { row: i64, task: Option<u32>, proven: bool },
    /// A task without an issue, since its issue stands in another project.
    IssueElsewhere { task: u32, stone: i64 },
    /// A linked pair whose task is not listed any more.
    TaskGone { row: i64, issue: Option<u32> },
    /// An issue without a task that stays so: its values are remembered.
    Known { row: i64, issue: u32 },
    /// A row without a link whose issue is not listed any more.
    Forget { row: i64 },
}

impl Item {
    /// The same, in the place of a tombstone.
    pub(super) fn with_stone(self, stone: i64) -> Self {
        match self {
            Self::NewTask { row, issue, .. } => Self::NewTask { row, issue, stone },
            Self::NewIssue { task, .. } => Self::NewIssue { task, stone },
            other => other,
        }
    }
}
