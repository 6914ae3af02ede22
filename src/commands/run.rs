//! What the commands that speak to servers have in common: the state's lock, a row in its history, a
//! report.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use log::Level;

use super::now;
use super::queue::{self, Held};
use super::repeats::{self, Met};
use super::skipped;
use super::watch::Watch;
use crate::cli::Cli;
use crate::config::{Config, Environment};
use crate::contain::contain;
use crate::exit::Exit;
use crate::file_limit;
use crate::http::{Host, Http};
use crate::lock::Lock;
use crate::memory;
use crate::model::Millis;
use crate::progress::{Progress, Screen};
use crate::report::{self, Complaint, Traffic};
use crate::stop::{Signals, Stop};
use crate::store::{self, Store};
use crate::sync::Watcher;

/// What has to be closed however the command ends.
pub(super) struct Run {
    pub(super) started: Millis,
    /// Set as soon as there is one.
    pub(super) http: Option<Http>,
    /// What ends it early, and hears signals until all is told.
    stop: Option<Stop>,
    signals: Option<Signals>,
    /// Whether Letta's address is known.
    pub(super) has_letta: bool,
    begun: Instant,
    /// For the lock.
    wait: Duration,
    by_hand: bool,
    /// The command's name in the history.
    kept_as: String,
    /// What goes on is not said each time.
    is_quiet: bool,
    watch: Option<Watch>,
    store: Option<Arc<Store>>,
    /// Held to the very end, past the last word to the state: it goes after the state does.
    lock: Option<Lock>,
    row: i64,
    /// The row says how it ended.
    is_kept: bool,
}

/// Does the work, prints its report, keeps it in the history. What somebody does `by_hand` is answered
/// each time.
pub(super) fn conduct(
    cli: &Cli,
    screen: &Screen,
    by_hand: bool,
    work: impl FnOnce(&mut Run, &mut report::Pass) -> Result<Exit>,
) -> Exit {
    let mut run = Run {
        started: now(),
        http: None,
        stop: None,
        signals: None,
        has_letta: false,
        begun: Instant::now(),
        wait: cli.command.wait(),
        by_hand,
        kept_as: cli.command.name().to_owned(),
        is_quiet: false,
        watch: None,
        store: None,
        lock: None,
        row: 0,
        is_kept: false,
    };
    let mut is_held = false;
    let mut report = report::Pass::new(cli.command.name(), cli.command.is_dry_run(), run.started);
    // A fault of this program is told like any other failure, to watchers too.
    let ended = contain(|| work(&mut run, &mut report));
    let (exit, is_whole) = match ended.unwrap_or_else(|fault| Err(anyhow!(fault))) {
        Ok(exit) => (exit, true),
        Err(error) => {
            let mut complaint = Complaint::of(&error);
            if error.downcast_ref::<Held>().is_some() {
                is_held = true;
                // By the pass before: cron needs no mail about that. A person wants to know.
                let level = if by_hand || screen.is_shown() { Level::Warn } else { Level::Info };
                complaint = complaint.at(level);
                // What is to be told is told by that pass.
                run.watch = None;
            }
            report.errors.push(complaint);
            (Exit::of(&error), false)
        }
    };
    report.exit = exit.code();
    report.started_at = report::time(run.started);
    report.duration_ms = u64::try_from(run.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    report.peak_rss_bytes = memory::peak();
    let exit = run.close(&mut report, exit);
    if let Some(why) = file_limit::reached() {
        report.errors.push(Complaint::new("file size", why).at(Level::Error));
    }
    if !run.is_quiet {
        skipped::raise(&mut report.projects);
    }
    let mut is_silent = !run.say(&Met::of(&report, is_whole));
    // Apart: nobody has to wait for a watcher that is silent.
    let told = run.tell(&report, exit);
    is_silent &= !run.say(&Met::of_watchers(told));
    if is_silent && !matches!(exit, Exit::Done | Exit::Later) {
        log::warn!("{}", repeats::as_before(&report, exit));
    }
    if cli.global.json {
        report.print_json();
    } else if is_held {
        // It has no story of its own.
    } else if report.plan.is_some() || report.restored.is_some() || screen.is_shown() {
        report::print_display(&report);
    }
    exit
}

impl Run {
    /// Takes note of what is to be said, and of who is told, as soon as that is known.
    pub(super) fn watch(&mut self, config: &Config, env: &Environment, command: &str) {
        self.is_quiet = !self.by_hand && repeats::are_quiet(config, env, command);
        self.watch = Watch::new(config, command);
    }

    /// The state for writing, under its lock until the run's end and with a row in its history; or a dry
    /// run's copy, without.
    ///
    /// # Errors
    /// The lock is held, or the state cannot be used.
    pub(super) fn open(&mut self, config: &Config, command: &str) -> Result<Arc<Store>> {
        command.clone_into(&mut self.kept_as);
        let store = self.open_locked(config)?;
        if let Some(watch) = &mut self.watch {
            watch.begin();
        }
        let store = Arc::new(store);
        self.store = Some(store.clone());
        if !config.sync.dry_run {
            // Before any request that writes: a state that cannot be written stops the pass here.
            self.row = store.write(|state| store::runs::begin(state, command, self.started))?;
        }
        Ok(store)
    }

    fn open_locked(&mut self, config: &Config) -> Result<Store> {
        if config.sync.dry_run {
            return Store::open_copy(&config.state);
        }
        let lock = queue::lock(&config.state, self.wait)?;
        // The pass begins with the lock: what was waited for it is no part of the pass.
        (self.begun, self.started) = (Instant::now(), now());
        let lock = self.lock.insert(lock);
        Store::open(lock.state())
    }

    /// What ends it early: the deadline, counted from now, and signals from now on.
    ///
    /// # Errors
    /// The system refuses to tell of signals.
    pub(super) fn stop(&mut self, config: &Config) -> Result<Stop> {
        let stop = Stop::new(config.sync.deadline);
        let signals = stop.on_signals().context("failed to listen for signals")?;
        (self.stop, self.signals) = (Some(stop.clone()), Some(signals));
        Ok(stop)
    }

    /// Adds the traffic, and closes the run's row.
    fn close(&mut self, report: &mut report::Pass, exit: Exit) -> Exit {
        if let Some(http) = &self.http {
            report.http = traffic(http, self.has_letta);
        }
        let Some(store) = self.store.as_ref().filter(|_| self.row != 0) else { return exit };
        let run = row(self, report, exit, now());
        match store.write(|state| store::runs::end(state, &run)) {
            Ok(()) => {
                self.is_kept = true;
                exit
            }
            Err(error) => {
                report.errors.push(Complaint::of(&error));
                let exit = exit.worst(Exit::Failed);
                report.exit = exit.code();
                exit
            }
        }
    }

    /// Says what went wrong; what went wrong before as well, only where the state cannot tell. Whether
    /// anything was to be heard.
    fn say(&self, met: &Met) -> bool {
        match self.store.as_deref().filter(|_| self.is_quiet && self.row != 0) {
            Some(store) => repeats::say_news(met, store, self.started),
            None => repeats::say_all(met),
        }
    }

    /// Tells those who watch.
    fn tell(
        &mut self,
        report: &report::Pass,
        exit: Exit,
    ) -> Vec<(&'static str, Option<Complaint>)> {
        let Some(watch) = self.watch.take() else { return Vec::new() };
        let run = row(self, report, exit, now());
        let stop = self.stop.clone().unwrap_or_else(|| Stop::new(None));
        watch.end(report, exit, run, self.store.as_deref(), self.is_kept, &stop)
    }
}

fn traffic(http: &Http, has_letta: bool) -> report::Http {
    let mut sums = report::Http::default();
    for (host, counts) in http.snapshot() {
        let traffic = Traffic {
            requests: counts.requests,
            connections: counts.connections,
            retries: counts.retries,
            bytes: counts.bytes,
            waited_ms: counts.waited_ms,
        };
        match host {
            Host::Huly => sums.huly = traffic,
            Host::Vibe => sums.vibe = traffic,
            Host::Letta => sums.letta = has_letta.then_some(traffic),
        }
    }
    sums
}

fn row(run: &Run, report: &report::Pass, exit: Exit, ended: Millis) -> store::runs::Run {
    let (totals, http) = (report.totals, report.http);
    let all = [http.huly, http.vibe, http.letta.unwrap_or_default()];
    let sum = |of: fn(&Traffic) -> u64| all.iter().map(of).sum();
    store::runs::Run {
        id: run.row,
        command: run.kept_as.clone(),
        started: run.started,
        ended: Some(ended),
        exit: Some(exit.code()),
        projects: report.projects.len() as u64,
        created: totals.created.sum(),
        updated: totals.updated.sum(),
        deleted: totals.deleted.sum(),
        conflicts: totals.conflicts,
        pending: totals.pending,
        failed: totals.failed,
        requests: sum(|host| host.requests),
        retries: sum(|host| host.retries),
        bytes: sum(|host| host.bytes),
        peak_rss: report.peak_rss_bytes.unwrap_or_default(),
        message: report.errors.first().map(|first| first.text.clone()),
    }
}

/// The bar, once it is known how many projects there are.
pub(super) struct Bar<'a> {
    screen: &'a Screen,
    progress: Option<Progress>,
}

impl<'a> Bar<'a> {
    pub(super) fn new(screen: &'a Screen) -> Self {
        Self { screen, progress: None }
    }
}

impl Watcher for Bar<'_> {
    fn started(&mut self, projects: usize) {
        self.progress = Some(Progress::new(self.screen, projects as u64));
    }

    fn begun(&mut self, identifier: &str) {
        if let Some(progress) = &self.progress {
            progress.begin(identifier);
        }
    }

    fn ended(&mut self, identifier: &str, items: u64) {
        if let Some(progress) = &self.progress {
            progress.items(items);
            progress.end(identifier);
        }
    }
}
