//! The command line: what to measure, and (hidden) what a process of the bench is for.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::support::{BridgeGeneration, HulyKind};

/// Measures first, full and idle passes beside the floor of each.
#[derive(Debug, Clone, Parser)]
#[command(name = "bench")]
pub(crate) struct Options {
    /// Projects on both sides
    #[arg(long, default_value_t = 100)]
    pub(crate) projects: usize,
    /// Issues, and tasks, of each project
    #[arg(long, default_value_t = 500)]
    pub(crate) issues: usize,
    /// Bytes of each description
    #[arg(long, default_value_t = 2000)]
    pub(crate) text: usize,
    /// Of the bridge
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=2))]
    pub(crate) generation: u8,
    /// Over Huly's own API, and not a bridge
    #[arg(long)]
    pub(crate) platform: bool,
    /// Worker threads
    #[arg(long, default_value_t = 4)]
    pub(crate) jobs: usize,
    /// Have the simulators answer from memory, faster than any server, and not write each list anew
    #[arg(long)]
    pub(crate) from_memory: bool,
    /// Runs of each pass, of which the medians are told
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) runs: u32,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    #[arg(long, hide = true)]
    pub(crate) role: Option<Role>,
    #[arg(long, hide = true, default_value = ".")]
    pub(crate) folder: PathBuf,
    #[arg(long, hide = true, default_value = "")]
    pub(crate) huly: String,
    #[arg(long, hide = true, default_value = "")]
    pub(crate) vibe: String,
    #[arg(long, hide = true, default_value = "")]
    pub(crate) token: String,
    #[arg(long, hide = true, default_value = "state.db")]
    pub(crate) state: PathBuf,
    #[arg(long, hide = true)]
    pub(crate) full: bool,
    #[arg(long, hide = true, default_value = "requests.json")]
    pub(crate) requests: PathBuf,
}

/// What a process of the bench is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Both simulators.
    Serve,
    /// One pass.
    Pass,
    /// The floor of one.
    Floor,
}

impl Options {
    pub(crate) fn kind(&self) -> HulyKind {
        match self.generation {
            _ if self.platform => HulyKind::Platform,
            1 => HulyKind::Bridge(BridgeGeneration::First),
            _ => HulyKind::Bridge(BridgeGeneration::Second),
        }
    }
}
