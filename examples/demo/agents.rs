//! Letta's part: the push at the end of each pass, and what an agent knows afterwards.

use std::fmt;
use std::sync::Arc;

use anyhow::{Context, Result};
use huly_vibe_sync::config::{Config, Secret};
use huly_vibe_sync::exit::Exit;
use huly_vibe_sync::http::Http;
use huly_vibe_sync::letta;
use huly_vibe_sync::letta::client::Client;
use huly_vibe_sync::report::Blocks;
use huly_vibe_sync::stop::Stop;
use huly_vibe_sync::store::{self, Store};
use serde_json::Value;

use crate::support::Letta;
use crate::support::letta::controls::PASSWORD;
use crate::tool::Unwatched;

/// The simulated Letta, and who tells it.
pub(crate) struct Agents(Arc<Letta>);

/// What a push came to.
pub(crate) struct Told {
    blocks: Blocks,
    made: usize,
    /// As the simulator counted them.
    pub(crate) requests: u64,
    pub(crate) errors: Vec<String>,
}

impl Agents {
    pub(crate) fn new(letta: Arc<Letta>) -> Self {
        Self(letta)
    }

    /// What the tool has to know to get in.
    pub(crate) fn introduce(&self, config: &mut Config) {
        config.letta.url = Some(self.0.url());
        config.letta.password = Some(Secret::new(PASSWORD));
    }

    /// Tells of all projects that have been synced, as `sync` does at its end.
    pub(crate) fn tell(
        &self,
        config: &Config,
        http: &Http,
        store: &Store,
        stop: &Stop,
        now: i64,
    ) -> Result<Told> {
        self.0.reset_counters();
        let before = self.0.agents().len();
        let mut projects = store.read(store::projects::all)?;
        projects.retain(|project| project.vibe_id.is_some() && project.success.is_some());
        let url = self.0.url();
        let client = Client::new(&config.letta, &url, http);
        let input = letta::Input {
            config,
            client: &client,
            url: &url,
            store,
            stop,
            now,
            force: false,
            verify: false,
            dry_run: false,
        };
        let pushed = letta::push(&input, &projects, &mut Unwatched)?;
        let mut blocks = Blocks::default();
        let mut errors: Vec<String> = pushed.errors.into_iter().map(|said| said.text).collect();
        if let Some(exit) = pushed.exit.filter(|exit| *exit != Exit::Done) {
            errors.push(format!("a push ended with {}: {}", exit.code(), exit.sentence()));
        }
        for project in pushed.projects {
            blocks += project.blocks;
            errors.extend(project.errors.into_iter().map(|said| said.text));
        }
        let made = self.0.agents().len() - before;
        Ok(Told { blocks, made, requests: self.0.counters().requests, errors })
    }

    /// What the agent of a project has in its memory of the last changes, a line each.
    pub(crate) fn change_log(&self, project: &str) -> Result<Vec<String>> {
        let log = self.0.agent_of(project).told("change_log");
        let lines = log["newest_first"].as_array().context("no list of changes")?;
        Ok(lines.iter().map(line).collect())
    }
}

fn line(change: &Value) -> String {
    let word = |key: &str| change[key].as_str();
    let mut line =
        format!("{} {}", word("issue").unwrap_or_default(), word("what").unwrap_or_default());
    match (word("was"), word("now")) {
        (Some(was), Some(now)) => line += &format!(": {was} -> {now}"),
        (None, Some(now)) => line += &format!(": {now:?}"),
        _ => {}
    }
    if let Some(from) = word("made_in") {
        line += &format!(" (from {from})");
    }
    if let (Some(field), Some(winner)) = (word("field"), word("won_by")) {
        line += &format!(" about the {field}, won by {winner}");
    }
    line
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.requests == 0 {
            return write!(f, "  Letta is sent nothing: its agents know all this already");
        }
        let Blocks { written, unchanged, .. } = self.blocks;
        write!(
            f,
            "  Letta: {} agents made, {written} blocks written, {unchanged} unchanged, in {} requests",
            self.made, self.requests
        )
    }
}
