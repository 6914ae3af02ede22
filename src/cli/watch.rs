//! Flags about who is told how a run went.

use clap::Args;

use super::flags::{checked, said};

/// Of the commands that are watched.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Watching")]
pub struct Watch {
    /// Write how things stand to this file, for a node exporter
    #[arg(long, value_name = "PATH", value_parser = checked("watch.textfile"))]
    pub textfile: Option<String>,
    /// Tell this watcher of the start and of the end, as healthchecks understands it
    // Not checked here: what clap says of a wrong value repeats it.
    #[arg(long, value_name = "URL")]
    pub ping: Option<String>,
    /// Say a failure that goes on once a day alone [default: unless standard error is a terminal]
    #[arg(long, overrides_with = "no_quiet_repeats")]
    pub quiet_repeats: bool,
    /// Say it in each run
    #[arg(long, overrides_with = "quiet_repeats")]
    pub no_quiet_repeats: bool,
}

impl Watch {
    /// The flags, the keys that they set, and the values that were given.
    pub(super) fn flags(&self) -> [(&'static str, &'static str, Option<String>); 4] {
        let not = self.no_quiet_repeats.then(|| false.to_string());
        [
            ("--textfile", "watch.textfile", self.textfile.clone()),
            ("--ping", "watch.ping", self.ping.clone()),
            ("--quiet-repeats", "watch.quiet_repeats", said(self.quiet_repeats)),
            ("--no-quiet-repeats", "watch.quiet_repeats", not),
        ]
    }
}
