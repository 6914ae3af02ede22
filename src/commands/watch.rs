//! Who is told how a run went, beside who started it: a node exporter by a file, a watcher by a ping.
//! Whatever goes wrong here is a warning; it never changes how the run ends.

mod ping;
mod textfile;

use std::path::PathBuf;

use crate::config::{self, Config, Origin, Ping};
use crate::exit::Exit;
use crate::report::{self, Complaint};
use crate::stop::Stop;
use crate::store::Store;
use crate::store::runs::Run;

/// Those who are told of one run.
pub(super) struct Watch {
    textfile: Option<PathBuf>,
    ping: Option<Ping>,
    limits: config::Watch,
    /// How servers are reached.
    way: config::Http,
    state: PathBuf,
    /// The word that the run has begun, on its way.
    start: Option<ping::Sent>,
}

impl Watch {
    /// None of a dry run: it is no run that anybody waits for.
    ///
    /// A setting's watcher waits for `sync`. That some projects were synced by hand, or Letta told,
    /// is no sign of life of the passes; so these tell one only where they were given it as a flag.
    pub(super) fn new(config: &Config, command: &str) -> Option<Self> {
        if config.sync.dry_run {
            return None;
        }
        let is_told = command == "sync" || matches!(config.origin("watch.ping"), Origin::Flag(_));
        Some(Self {
            textfile: config.watch.textfile.clone(),
            ping: config.watch.ping.clone().filter(|_| is_told),
            limits: config.watch.clone(),
            way: config.http.clone(),
            state: config.state.clone(),
            start: None,
        })
    }

    /// The lock is held, so the run takes place. Nobody waits for the watcher to have heard it.
    pub(super) fn begin(&mut self) {
        let Some(ping) = &self.ping else { return };
        self.start = ping::begin(ping, &self.way, self.limits.ping_timeout);
    }

    /// The run has ended so. `store` is its state, where it could be opened; `is_kept` says whether
    /// the run is in its history. A `stop` that is reached says that the process is to end. Who was told, and what went wrong with it.
    pub(super) fn end(
        mut self,
        report: &report::Pass,
        exit: Exit,
        run: Run,
        store: Option<&Store>,
        is_kept: bool,
        stop: &Stop,
    ) -> Vec<(&'static str, Option<Complaint>)> {
        let mut told = Vec::new();
        if let Some(path) = &self.textfile {
            told.push(("textfile", textfile::write(path, &self.state, run, store, is_kept)));
        }
        if let Some(ping) = &self.ping {
            let (start, limit) = (self.start.take(), self.limits.ping_timeout);
            told.push(("ping", ping::end(ping, start, (report, exit), &self.way, limit, stop)));
        }
        told
    }
}
