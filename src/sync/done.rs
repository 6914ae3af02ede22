//! What a project's pass came to.

use super::pairing::{Pair, Partner};
use crate::http::{Host, Kind};
use crate::model::Millis;
use crate::report::{self, Op, OpName, Ops};

/// What a project's pass came to.
pub struct Done {
    /// For people and programs.
    pub report: report::Project,
    /// A dry run's plan.
    pub ops: Ops,
    /// What a request failed with that ended it.
    pub ended_by: Option<Kind>,
    /// Nothing was learned that had to be committed: these go into the pass's own commit.
    pub quiet: Option<Quiet>,
    /// This machine or the state failed: no project can go on.
    pub fatal: Option<anyhow::Error>,
    /// A fault of this program ended it: nothing is known of how far it came.
    pub is_fault: bool,
    /// Pairs that were linked by marks that another state had left.
    pub adopted: u64,
}

/// What is committed for all projects that went well at once.
#[derive(Debug, Clone)]
pub struct Quiet {
    /// The project's row.
    pub project: i64,
    /// Where the next read begins.
    pub cursor: Option<Millis>,
    /// It was read in full.
    pub full: bool,
    /// Huly's clock was set back: so is the place where the next read begins.
    pub is_set_back: bool,
}

/// The line of a project that would be made.
pub(super) fn tell_project(done: &mut Done, pair: &Pair) -> anyhow::Result<()> {
    if let Partner::New { path, .. } = &pair.partner {
        done.ops.push(&Op {
            project: pair.identifier.clone(),
            op: OpName::CreateProject,
            side: Host::Vibe,
            item: pair.name.clone(),
            field: None,
            from: None,
            to: Some(path.clone()),
        })?;
    }
    Ok(())
}
