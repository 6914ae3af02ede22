//! Flags that more than one command has, and what they set.

use std::time::Duration;

use clap::Args;

use super::Watch;
use crate::config::{Environment, Flag, Glob, Shard, duration, key};

/// Flags of the commands that write the state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Args)]
pub struct Queue {
    /// Wait so long for another pass to let go of the state; 0 is not at all [default: 0]
    #[arg(long, value_name = "DUR", value_parser = duration)]
    pub wait: Option<Duration>,
}

/// Flags of a pass.
#[derive(Debug, Clone, Default, Args)]
pub struct Pass {
    /// Only projects whose Huly identifier matches one of these
    #[arg(long, value_name = "GLOB")]
    pub project: Vec<Glob>,
    /// No projects whose Huly identifier matches one of these
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<Glob>,
    /// Read everything, not only what changed
    #[arg(long)]
    pub full: bool,
    /// Show what would be done, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Projects that are worked on at once [default: 4]
    #[arg(long, value_name = "N", value_parser = checked("sync.jobs"))]
    pub jobs: Option<String>,
    /// Only the I-th (from 0) of N parts of all projects, with a state file of its own; `env`: as
    /// SHARD_INDEX, or JOB_COMPLETION_INDEX, and SHARD_COUNT say
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub shard: Option<Shard>,
    /// End cleanly by then; 0 is none [default: 15m]
    #[arg(long, value_name = "DUR", value_parser = checked("sync.deadline"))]
    pub deadline: Option<String>,
    /// Let many deletions and cancellations through
    #[arg(long)]
    pub allow_mass_delete: bool,
    /// Let many overwrites through
    #[arg(long)]
    pub allow_mass_overwrite: bool,
    /// Let many new items and projects through
    #[arg(long)]
    pub allow_mass_create: bool,
    /// Do not tell Letta
    #[arg(long)]
    pub no_letta: bool,
    /// Who is told of it.
    #[command(flatten)]
    pub watch: Watch,
    /// For the state's lock.
    #[command(flatten)]
    pub queue: Queue,
}

/// Flags of a push to Letta alone.
#[derive(Debug, Clone, Default, Args)]
pub struct LettaPush {
    /// Only projects whose Huly identifier matches one of these
    #[arg(long, value_name = "GLOB")]
    pub project: Vec<Glob>,
    /// Only the I-th (from 0) of N parts of all projects
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub shard: Option<Shard>,
    /// Write all blocks, also those that Letta has
    #[arg(long)]
    pub force: bool,
    /// Look at what Letta has, and repair what drifted
    #[arg(long)]
    pub verify: bool,
    /// Show what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Projects that are worked on at once [default: 4]
    #[arg(long, value_name = "N", value_parser = checked("sync.jobs"))]
    pub jobs: Option<String>,
    /// Who is told of it.
    #[command(flatten)]
    pub watch: Watch,
    /// For the state's lock.
    #[command(flatten)]
    pub queue: Queue,
}

/// The same rules as in a file, though the value goes on as text: [`Config`] has it parsed.
pub(super) fn checked(name: &'static str) -> impl Fn(&str) -> Result<String, String> + Clone {
    move |text| {
        key(name).map_or(Ok(()), |key| key.check(text))?;
        Ok(text.to_owned())
    }
}

/// `I/N`, or `env` for what the environment says: the scheduler that starts many knows which is which.
pub(super) fn shard(text: &str) -> Result<Shard, String> {
    match text {
        "env" => Shard::of(&Environment::of_process()),
        text => text.parse(),
    }
}

/// Flags that set keys, where they were given.
pub(super) fn given(
    all: impl IntoIterator<Item = (&'static str, &'static str, Option<String>)>,
) -> Vec<Flag> {
    all.into_iter().filter_map(|(name, key, text)| Some(Flag { name, key, text: text? })).collect()
}

pub(super) fn said(given: bool) -> Option<String> {
    given.then(|| true.to_string())
}

impl Pass {
    /// The flags that set keys.
    pub(super) fn flags(&self) -> Vec<Flag> {
        let all = [
            ("--dry-run", "sync.dry_run", said(self.dry_run)),
            ("--jobs", "sync.jobs", self.jobs.clone()),
            ("--deadline", "sync.deadline", self.deadline.clone()),
            ("--allow-mass-delete", "guard.allow_delete", said(self.allow_mass_delete)),
            ("--allow-mass-overwrite", "guard.allow_overwrite", said(self.allow_mass_overwrite)),
            ("--allow-mass-create", "guard.allow_create", said(self.allow_mass_create)),
        ];
        given(all.into_iter().chain(self.watch.flags()))
    }
}

impl LettaPush {
    /// The flags that set keys.
    pub(super) fn flags(&self) -> Vec<Flag> {
        let all = [
            ("--dry-run", "sync.dry_run", said(self.dry_run)),
            ("--jobs", "sync.jobs", self.jobs.clone()),
        ];
        given(all.into_iter().chain(self.watch.flags()))
    }
}
