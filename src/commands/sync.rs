//! `sync` and `sync-project`: one pass.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};

use super::now;
use crate::cli::{Cli, Command};
use crate::config::{Config, Environment};
use crate::exit::{Exit, Expected};
use crate::http::{Host, Http, Proxy};
use crate::huly::bridge::Bridge;
use crate::lock::Lock;
use crate::memory;
use crate::model::Millis;
use crate::progress::{Progress, Screen};
use crate::report::{self, Counts, Traffic};
use crate::stop::Stop;
use crate::store::{self, Store};
use crate::sync::Watcher;
use crate::sync::pass::{self, Output};
use crate::vibe::Vibe;

/// Runs a pass, prints its report, keeps it in the history.
pub(super) fn run(cli: &Cli, env: &Environment, screen: &Screen) -> Exit {
    let (begun, started) = (Instant::now(), now());
    let mut report = report::Pass {
        command: match cli.command {
            Command::SyncProject { .. } => "sync-project".to_owned(),
            _ => "sync".to_owned(),
        },
        dry_run: cli.command.pass().is_some_and(|pass| pass.dry_run),
        exit: 0,
        started_at: report::time(started),
        duration_ms: 0,
        projects: Vec::new(),
        totals: Counts::default(),
        http: report::Http::default(),
        peak_rss_bytes: None,
        errors: Vec::new(),
        plan: None,
    };
    let mut run = Run { started, http: None, store: None, row: 0 };
    let exit = match run.pass(cli, env, screen, &mut report) {
        Ok(exit) => exit,
        Err(error) => {
            let exit = Exit::of(&error);
            // The lock is held by the pass before: cron needs no mail about that.
            if error.downcast_ref::<Held>().is_some() {
                log::info!("{error:#}");
            } else {
                log::error!("{error:#}");
            }
            report.errors.push(format!("{error:#}"));
            exit
        }
    };
    report.exit = exit.code();
    report.duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    report.peak_rss_bytes = memory::peak();
    let exit = run.close(&mut report, exit);
    if cli.global.json {
        report::print_json(&report);
    } else if report.plan.is_some() || screen.is_shown() {
        report::print(&report.to_string());
    }
    exit
}

/// The state's lock is held.
#[derive(Debug)]
struct Held(Expected);

impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Held {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// What has to be closed however the pass ends.
struct Run {
    started: Millis,
    http: Option<Http>,
    store: Option<Arc<Store>>,
    row: i64,
}

impl Run {
    fn pass(
        &mut self,
        cli: &Cli,
        env: &Environment,
        screen: &Screen,
        report: &mut report::Pass,
    ) -> Result<Exit> {
        let config = cli.config(env)?;
        report.dry_run = config.sync.dry_run;
        let (huly_url, vibe_url) =
            (config.huly.address()?.to_owned(), config.vibe.address()?.to_owned());
        let (store, lock) = open(&config)?;
        let store = Arc::new(store);
        self.store = Some(store.clone());
        if !config.sync.dry_run {
            // Before any request that writes: a state that cannot be written stops the pass here.
            self.row =
                store.write(|state| store::runs::begin(state, &report.command, self.started))?;
        }
        let stop = Stop::new(config.sync.deadline);
        let signals = stop.on_signals().context("failed to listen for signals")?;
        let http = Http::new(&config.http, config.sync.jobs, stop.clone(), Proxy::Environment);
        self.http = Some(http.clone());
        let rate = config.huly.rate;
        let input = pass::Input {
            huly: Arc::new(Bridge::new(&huly_url, rate, &http)),
            vibe: Vibe::new(&vibe_url, &http),
            selection: cli.command.selection(),
            full: cli.command.pass().is_some_and(|pass| pass.full),
            dry_run: config.sync.dry_run,
            store: store.clone(),
            stop,
            now: self.started,
            config,
        };
        let keep = input.config.keep.clone();
        let dry_run = input.dry_run;
        let output = pass::run(input, &mut Bar { screen, progress: None })?;
        if !dry_run && output.exit != Some(Exit::Failed) {
            store.write(|state| store::prune::old(state, &keep, self.started, false))?;
        }
        drop((signals, lock));
        Ok(take(report, output))
    }

    /// Adds the traffic, and closes the run's row.
    fn close(&mut self, report: &mut report::Pass, exit: Exit) -> Exit {
        if let Some(http) = &self.http {
            report.http = traffic(http);
        }
        let Some(store) = self.store.as_ref().filter(|_| self.row != 0) else { return exit };
        let run = row(self.row, report, exit, now());
        match store.write(|state| store::runs::end(state, &run)) {
            Ok(()) => exit,
            Err(error) => {
                log::error!("{error:#}");
                report.errors.push(format!("{error:#}"));
                let exit = exit.worst(Exit::Failed);
                report.exit = exit.code();
                exit
            }
        }
    }
}

/// The state for writing, under its lock; or a dry run's copy, without.
fn open(config: &Config) -> Result<(Store, Option<Lock>)> {
    if config.sync.dry_run {
        return Ok((Store::open_copy(&config.state)?, None));
    }
    let Some(lock) = Lock::take(&config.state)? else {
        let message = format!("another pass holds the state {}", config.state.display());
        return Err(Held(Expected::new(Exit::Later, message)).into());
    };
    Ok((Store::open(lock.state())?, Some(lock)))
}

fn take(report: &mut report::Pass, output: Output) -> Exit {
    for project in &output.projects {
        report.totals += project.counts;
    }
    report.projects = output.projects;
    if report.dry_run {
        report.plan = Some(output.ops);
    }
    report.errors.extend(output.errors);
    output.exit.unwrap_or(Exit::Done)
}

fn traffic(http: &Http) -> report::Http {
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
            Host::Letta => {}
        }
    }
    sums
}

fn row(id: i64, report: &report::Pass, exit: Exit, ended: Millis) -> store::runs::Run {
    let (totals, http) = (report.totals, report.http);
    store::runs::Run {
        id,
        ended: Some(ended),
        exit: Some(exit.code()),
        projects: report.projects.len() as u64,
        created: totals.created.sum(),
        updated: totals.updated.sum(),
        deleted: totals.deleted.sum(),
        conflicts: totals.conflicts,
        pending: totals.pending,
        failed: totals.failed,
        requests: http.huly.requests + http.vibe.requests,
        retries: http.huly.retries + http.vibe.retries,
        bytes: http.huly.bytes + http.vibe.bytes,
        peak_rss: report.peak_rss_bytes.unwrap_or_default(),
        message: report.errors.first().cloned(),
        ..store::runs::Run::default()
    }
}

/// The bar, once it is known how many projects there are.
struct Bar<'a> {
    screen: &'a Screen,
    progress: Option<Progress>,
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
