//! Letta is told about the result.

use std::sync::Arc;

use serde_json::Value;

use crate::rig::{Ran, Rig};
use crate::support::letta::controls::PASSWORD;
use crate::support::{Entry, Host, Letta, LettaVersion};

#[path = "letta/agents.rs"]
mod agents;
#[path = "letta/blocks.rs"]
mod blocks;
#[path = "letta/faults.rs"]
mod faults;
#[path = "letta/killed.rs"]
mod killed;
#[path = "letta/repository.rs"]
mod repository;
#[path = "letta/unchanged.rs"]
mod unchanged;

/// The blocks that are kept up to date.
const LABELS: [&str; 6] =
    ["project", "board_config", "board_metrics", "hotspots", "backlog_summary", "change_log"];

/// A rig whose tool knows a Letta.
struct Told {
    rig: Rig,
    letta: Arc<Letta>,
}

impl Told {
    fn new() -> Self {
        Self::with(LettaVersion::V0_16_8)
    }

    fn with(version: LettaVersion) -> Self {
        let mut rig = Rig::new();
        let letta = rig.world.start_letta(version);
        rig.set("LETTA_BASE_URL", &format!("{}/v1", letta.url()));
        rig.set("LETTA_PASSWORD", PASSWORD);
        // One after another, so that requests have an order.
        rig.set("HULY_VIBE_SYNC_SYNC_JOBS", "1");
        Self { rig, letta }
    }

    /// So many projects `P0`, `P1`, … with an issue each.
    fn projects(&self, count: usize) {
        for number in 0..count {
            let identifier = format!("P{number}");
            self.rig.world.huly.add_project(&identifier, &format!("Project {number}"));
            self.rig.world.vibe.add_project(&format!("Project {number}"));
            self.rig.world.huly.add_issue(&identifier, "First", "", "Todo");
        }
    }

    /// One project with this many issues, synced and told of.
    fn synced(count: usize) -> Self {
        let told = Self::new();
        told.rig.project();
        for number in 1..=count {
            told.rig.world.huly.add_issue("PROJ", &format!("Issue {number}"), "", "Todo");
        }
        told.rig.sync_well();
        told
    }

    fn push(&self, args: &[&str]) -> Ran {
        self.rig.run(&[&["letta-push"], args].concat())
    }

    /// A push that must end well; what it asked of Letta.
    fn push_well(&self, args: &[&str]) -> Vec<Entry> {
        let mark = self.rig.world.mark();
        let ran = self.push(args);
        assert_eq!(ran.exit, 0, "{ran:#?}");
        self.asked_since(mark)
    }

    /// The same with these variables, for this once.
    fn push_with(&self, env: &[(&str, &str)]) -> Vec<Entry> {
        let mark = self.rig.world.mark();
        let mut command = self.rig.command(&["letta-push", "--json"]);
        let ran = crate::rig::ran(command.envs(env.iter().copied()).output().unwrap());
        assert_eq!(ran.exit, 0, "{ran:#?}");
        self.asked_since(mark)
    }

    /// A pass that must end well; what it asked of Letta.
    fn sync_well(&self) -> Vec<Entry> {
        let mark = self.rig.world.mark();
        self.rig.sync_well();
        self.asked_since(mark)
    }

    fn asked_since(&self, mark: u64) -> Vec<Entry> {
        let mut asked = self.rig.world.log_since(mark);
        asked.retain(|entry| entry.side == Host::Letta);
        asked
    }

    /// Nothing is left to tell.
    fn assert_quiet(&self) {
        let asked = self.push_well(&[]);
        assert!(asked.is_empty(), "{asked:#?}");
        assert_eq!(self.letta.undressed(), 0);
    }
}

fn lines(asked: &[Entry]) -> Vec<String> {
    let line = |entry: &Entry| {
        let path = entry.path.split('?').next().unwrap_or_default();
        let words: Vec<&str> = path
            .split('/')
            .map(|word| {
                let is_id =
                    ["agent-", "block-", "source-"].iter().any(|kind| word.starts_with(kind));
                if is_id { "ID" } else { word }
            })
            .collect();
        format!("{} {}", entry.method, words.join("/"))
    };
    asked.iter().map(line).collect()
}

/// Written, unchanged and failed blocks of a project.
fn counts(ran: &Ran, project: &str) -> [u64; 3] {
    let blocks = &ran.project(project)["blocks"];
    ["written", "unchanged", "failed"].map(|name| blocks[name].as_u64().unwrap_or(99))
}

fn issues(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|line| line["issue"].as_str().unwrap()).collect()
}
