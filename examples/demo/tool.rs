//! The tool as a library: passes over one state file.
//!
//! Not the command: its environment could name real systems.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use huly_vibe_sync::config::{Config, Secret, Selection};
use huly_vibe_sync::exit::Exit;
use huly_vibe_sync::http::{Http, Proxy};
use huly_vibe_sync::huly;
use huly_vibe_sync::report::Counts;
use huly_vibe_sync::stop::Stop;
use huly_vibe_sync::store::{self, Store};
use huly_vibe_sync::sync::input::Input;
use huly_vibe_sync::sync::{Watcher, pass};
use huly_vibe_sync::vibe::Vibe;

use crate::agents::{Agents, Told};
use crate::support::{HulyKind, World};

/// How much a pass reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    Everything,
    Changes,
}

/// One installation.
pub(crate) struct Tool {
    config: Config,
    agents: Agents,
}

/// What a pass came to.
pub(crate) struct Ran {
    pub(crate) exit: Exit,
    pub(crate) totals: Counts,
    pub(crate) errors: Vec<String>,
    /// As the simulators counted them.
    pub(crate) writes: u64,
    /// The push at its end.
    pub(crate) told: Told,
    requests: u64,
    took: Duration,
}

impl Tool {
    /// Between the two systems of `world`, with its state in `folder`.
    pub(crate) fn new(world: &World, agents: Agents, folder: &Path) -> Self {
        let mut config = Config::default();
        if world.huly.kind() == HulyKind::Platform {
            let known = world.huly.credentials();
            config.huly.url = Some(world.huly.url());
            config.huly.workspace = Some(known.workspace);
            config.huly.email = Some(known.email);
            config.huly.password = Some(Secret::new(&known.password));
        } else {
            config.huly.api_url = Some(world.huly.url());
        }
        config.vibe.url = Some(world.vibe.url());
        config.sync.repos_dir = Some(world.repos_dir.clone());
        agents.introduce(&mut config);
        config.state = folder.join("state.db");
        Self { config, agents }
    }

    pub(crate) fn agents(&self) -> &Agents {
        &self.agents
    }

    /// One pass from beginning to end.
    pub(crate) fn pass(&self, world: &World, reads: Reads) -> Result<Ran> {
        world.huly.reset_counters();
        world.vibe.reset_counters();
        let begun = Instant::now();
        let stop = Stop::new(self.config.sync.deadline);
        let http = Http::new(&self.config.http, self.config.sync.jobs, stop.clone(), Proxy::Off);
        let (store, now) = (Arc::new(Store::open(&self.config.state)?), now()?);
        let input = self.input(reads, &http, &store, &stop, now)?;
        let output = pass::run(input, &mut Unwatched)?;
        let told = self.agents.tell(&self.config, &http, &store, &stop, now)?;
        let (huly, vibe) = (world.huly.counters(), world.vibe.counters());
        let mut totals = Counts::default();
        for project in &output.projects {
            totals += project.counts;
        }
        let of_projects: Vec<_> =
            output.projects.into_iter().flat_map(|project| project.errors).collect();
        Ok(Ran {
            exit: output.exit.unwrap_or(Exit::Done),
            totals,
            errors: output.errors.iter().chain(&of_projects).map(ToString::to_string).collect(),
            writes: huly.writes + vibe.writes,
            told,
            requests: huly.requests + vibe.requests,
            took: begun.elapsed(),
        })
    }

    fn input(
        &self,
        reads: Reads,
        http: &Http,
        store: &Arc<Store>,
        stop: &Stop,
        now: i64,
    ) -> Result<Input> {
        let config = self.config.clone();
        let vibe_url = config.vibe.url.as_deref().context("no address of Vibe Kanban")?;
        Ok(Input {
            huly: huly::connect(&config, http)?,
            vibe: Vibe::new(vibe_url, http),
            selection: Selection::default(),
            full: reads == Reads::Everything,
            dry_run: false,
            wish: None,
            store: store.clone(),
            stop: stop.clone(),
            now,
            config,
        })
    }

    /// What lost a conflict, and to what.
    pub(crate) fn losers(&self) -> Result<Vec<String>> {
        let store = Store::open(&self.config.state)?;
        let losers = store.read(|state| store::losers::open(state, 0))?;
        let line = |loser: &store::losers::Loser| {
            let store::losers::Loser { identifier, field, winner, lost, won, .. } = loser;
            format!("{identifier} {field}: {winner}'s {won:?} stands, {lost:?} lost")
        };
        Ok(losers.iter().map(line).collect())
    }
}

fn now() -> Result<i64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis().try_into()?)
}

/// Nobody looks on.
pub(crate) struct Unwatched;

impl Watcher for Unwatched {
    fn started(&mut self, _: usize) {}
    fn begun(&mut self, _: &str) {}
    fn ended(&mut self, _: &str, _: u64) {}
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { created, updated, deleted, conflicts, .. } = self.totals;
        let done: Vec<String> = [
            (created.huly, "new issue"),
            (created.vibe, "new task"),
            (updated.huly, "changed issue"),
            (updated.vibe, "changed task"),
            (deleted.vibe, "cancelled task"),
            (conflicts, "conflict"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" }))
        .collect();
        let done = if done.is_empty() { "nothing to do".to_owned() } else { done.join(", ") };
        let (requests, writes, ms) = (self.requests, self.writes, self.took.as_millis());
        writeln!(f, "  {done}\n  {requests} requests, {writes} of them writes, in {ms} ms")?;
        write!(f, "{}", self.told)
    }
}
