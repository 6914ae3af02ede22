//! The command line, declared.

mod flags;
mod notes;
mod watch;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use flags::{LettaPush, Pass, Queue};
pub use watch::Watch;

use flags::{given, said, shard};

use crate::config::{Config, Environment, Flag, Invalid, Selection, Shard, Sources, duration};

/// Keeps Huly issues and Vibe Kanban tasks equal, one bounded pass at a time.
#[derive(Debug, Parser)]
#[command(name = "huly-vibe-sync", version, after_help = notes::text())]
pub struct Cli {
    /// Of all commands.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of all commands, before or after the command's name.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Configuration file [default: $XDG_CONFIG_HOME/huly-vibe-sync/config.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// State file [default: $XDG_STATE_HOME/huly-vibe-sync/state.db]
    #[arg(long, global = true, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Say more: -v what is done, -vv every request, -vvv everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Say errors alone
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print one JSON object on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// When to use colors
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub color: Color,
}

/// When to use colors: on a terminal unless NO_COLOR is set, also into files and pipes, or nowhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "clap stretches --help over a page when single values have texts")]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    /// Whether standard output is to have colors.
    #[must_use]
    pub fn is_wanted(self) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                !refused && std::io::stdout().is_terminal()
            }
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Sync all projects, once
    Sync(Pass),
    /// Sync some projects alone, once
    SyncProject {
        /// Huly identifiers
        #[arg(required = true, value_name = "IDENT")]
        identifiers: Vec<String>,
        /// As of `sync`.
        #[command(flatten)]
        pass: Pass,
    },
    /// Tell Letta's agents of the boards as they were last synced
    LettaPush(LettaPush),
    /// Look at settings, state and all systems, and say what a pass would stumble over
    Check,
    /// Prune, compact and check the state file
    Vacuum {
        /// As of `sync`.
        #[command(flatten)]
        queue: Queue,
        /// Drop history older than this, instead of as the section keep says
        #[arg(long, value_name = "DUR", value_parser = duration)]
        keep: Option<Duration>,
    },
    /// Show runs, projects, conflicts, failures and sizes
    Stats {
        /// Form of the answer [default: table, or json with --json]
        #[arg(long, value_enum)]
        format: Option<Format>,
        /// How many runs to show [default: 10, and 10000 with --html]
        #[arg(long, value_name = "N")]
        runs: Option<u32>,
        /// Write a page for a browser instead, in one file
        #[arg(long, value_name = "FILE", conflicts_with = "format")]
        html: Option<PathBuf>,
    },
    /// Take over what other state files know, or the earlier service's sync-state.db
    Import {
        /// As of `sync`.
        #[command(flatten)]
        queue: Queue,
        /// State files, or databases of the earlier service; they stay as they are
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Only the projects of the I-th (from 0) of N parts, as of `sync`
        #[arg(long, value_name = "I/N", value_parser = shard)]
        shard: Option<Shard>,
    },
    /// Show each setting as it holds, and where it came from
    Config {
        /// Only those that are not as they are by default
        #[arg(long)]
        changed: bool,
    },
    /// Show what is known of an issue or a task, and what the next pass makes of it
    Explain {
        /// An issue's identifier or a task's id
        #[arg(value_name = "IDENT|UUID")]
        item: String,
        /// Ask both systems, too: a dry run over its project
        #[arg(long)]
        ask: bool,
    },
    /// End a pair that is none; the next pass leaves both halves alone
    Forget {
        /// An issue's identifier or a task's id; a project's identifier for all of it
        #[arg(value_name = "IDENT|UUID")]
        item: String,
        /// Also a whole project
        #[arg(long)]
        yes: bool,
        /// Show what would be ended, and end nothing
        #[arg(long)]
        dry_run: bool,
        /// As of `sync`.
        #[command(flatten)]
        queue: Queue,
    },
    /// Make a pair of an issue and a task
    Link {
        /// The issue's identifier
        #[arg(value_name = "IDENT")]
        issue: String,
        /// The task's id
        #[arg(value_name = "UUID")]
        task: String,
        /// Show whether it could be made, and make nothing
        #[arg(long)]
        dry_run: bool,
        /// As of `sync`.
        #[command(flatten)]
        queue: Queue,
    },
    /// Show what lost a conflict, and to what
    Conflicts {
        /// Without one, they are listed.
        #[command(subcommand)]
        action: Option<Conflicts>,
    },
}

/// What to do about conflicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum Conflicts {
    /// List the open ones: of the last 30 days, and not acknowledged
    List {
        /// All that are kept, also older and acknowledged ones
        #[arg(long)]
        all: bool,
    },
    /// Show both values of one, as a diff
    Show {
        /// As listed
        id: i64,
    },
    /// Put the value back that lost, and sync its project; what it replaces is kept
    Restore {
        /// As listed
        id: i64,
        /// Show what would be written, and write nothing
        #[arg(long)]
        dry_run: bool,
        /// As of `sync`.
        #[command(flatten)]
        queue: Queue,
    },
    /// Mark one as seen
    Ack {
        /// As listed
        id: i64,
        /// As of `sync`.
        #[command(flatten)]
        queue: Queue,
    },
}

/// Forms of `stats`: for people, for programs, and for a node exporter's text files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "clap stretches --help over a page when single values have texts")]
pub enum Format {
    Table,
    Json,
    Prometheus,
}

impl Command {
    /// As it is typed.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sync(_) => "sync",
            Self::SyncProject { .. } => "sync-project",
            Self::LettaPush(_) => "letta-push",
            Self::Check => "check",
            Self::Vacuum { .. } => "vacuum",
            Self::Stats { .. } => "stats",
            Self::Import { .. } => "import",
            Self::Config { .. } => "config",
            Self::Conflicts { .. } => "conflicts",
            Self::Explain { .. } => "explain",
            Self::Forget { .. } => "forget",
            Self::Link { .. } => "link",
        }
    }

    /// The flags of a pass, where the command is one.
    #[must_use]
    pub fn pass(&self) -> Option<&Pass> {
        match self {
            Self::Sync(pass) | Self::SyncProject { pass, .. } => Some(pass),
            Self::LettaPush(_)
            | Self::Check
            | Self::Vacuum { .. }
            | Self::Stats { .. }
            | Self::Import { .. }
            | Self::Config { .. }
            | Self::Explain { .. }
            | Self::Forget { .. }
            | Self::Link { .. }
            | Self::Conflicts { .. } => None,
        }
    }

    /// Whether nothing is to be written.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        match self {
            Self::LettaPush(push) => push.dry_run,
            Self::Conflicts { action: Some(Conflicts::Restore { dry_run, .. }) }
            | Self::Forget { dry_run, .. }
            | Self::Link { dry_run, .. } => *dry_run,
            other => other.pass().is_some_and(|pass| pass.dry_run),
        }
    }

    /// How long to wait for the state's lock.
    #[must_use]
    pub fn wait(&self) -> Duration {
        let queue = match self {
            Self::LettaPush(LettaPush { queue, .. })
            | Self::Vacuum { queue, .. }
            | Self::Import { queue, .. }
            | Self::Forget { queue, .. }
            | Self::Link { queue, .. }
            | Self::Conflicts {
                action: Some(Conflicts::Restore { queue, .. } | Conflicts::Ack { queue, .. }),
            } => Some(queue),
            other => other.pass().map(|pass| &pass.queue),
        };
        queue.and_then(|queue| queue.wait).unwrap_or_default()
    }

    fn flags(&self) -> Vec<Flag> {
        match self {
            Self::LettaPush(push) => push.flags(),
            Self::Conflicts { .. } | Self::Forget { .. } | Self::Link { .. } => {
                given([("--dry-run", "sync.dry_run", said(self.is_dry_run()))])
            }
            other => other.pass().map(Pass::flags).unwrap_or_default(),
        }
    }

    /// The projects that the command is for.
    #[must_use]
    pub fn selection(&self) -> Selection {
        if let Self::LettaPush(push) = self {
            let (include, shard) = (push.project.clone(), push.shard);
            return Selection { include, shard, ..Selection::default() };
        }
        if let Self::Import { shard, .. } = self {
            return Selection { shard: *shard, ..Selection::default() };
        }
        let pass = self.pass().cloned().unwrap_or_default();
        let identifiers = match self {
            Self::SyncProject { identifiers, .. } => identifiers.clone(),
            _ => Vec::new(),
        };
        Selection { identifiers, include: pass.project, exclude: pass.exclude, shard: pass.shard }
    }
}

impl Cli {
    /// All settings, these flags over the environment over the file.
    ///
    /// # Errors
    /// Everything in them that is wrong.
    pub fn config(&self, env: &Environment) -> Result<Config, Invalid> {
        Config::load(&Sources {
            config: self.global.config.as_deref(),
            state: self.global.state.as_deref(),
            flags: &self.command.flags(),
            env,
        })
    }

    /// The configuration file that they are read from, whether it is there or not.
    #[must_use]
    pub fn config_file(&self, env: &Environment) -> Option<PathBuf> {
        let config = self.global.config.as_deref();
        Sources { config, state: None, flags: &[], env }.file()
    }
}
