//! Letta in the hands of a test: what people do in it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::memory::{Agent, Block, LIMIT, Memory};
use super::routes::Routes;
use super::version::LettaVersion;
use crate::support::clock::Clock;
use crate::support::endpoint::Endpoint;
use crate::support::sync::Guarded;
use crate::support::web::journal::{Host, Journal};
use crate::support::web::server::Server;

/// The password from the beginning.
pub const PASSWORD: &str = "the-password-of-letta";

/// The simulated Letta.
pub struct Letta {
    pub(in crate::support) endpoint: Endpoint,
    routes: Arc<Routes>,
}

/// An agent as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentSnapshot {
    pub id: String,
    pub name: String,
    pub tags: Vec<String>,
    pub blocks: Vec<BlockSnapshot>,
    pub folders: Vec<String>,
}

/// A block as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockSnapshot {
    pub id: String,
    pub label: String,
    pub value: String,
    pub limit: u64,
    pub read_only: bool,
    pub description: Option<String>,
    pub tags: Vec<String>,
}

/// A folder with its files: name and text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderSnapshot {
    pub id: String,
    pub name: String,
    pub files: Vec<(String, String)>,
}

impl AgentSnapshot {
    /// The block of this label.
    pub fn block(&self, label: &str) -> &BlockSnapshot {
        let found = self.blocks.iter().find(|block| block.label == label);
        found.unwrap_or_else(|| panic!("no block {label} in {self:#?}"))
    }

    /// What the block of this label says.
    pub fn told(&self, label: &str) -> Value {
        let value = &self.block(label).value;
        serde_json::from_str(value).unwrap_or_else(|error| panic!("{error}: {value}"))
    }
}

fn snapshot(block: &Block) -> BlockSnapshot {
    BlockSnapshot {
        id: block.id.clone(),
        label: block.label.clone(),
        value: block.value.clone(),
        limit: block.limit,
        read_only: block.read_only,
        description: block.description.clone(),
        tags: block.tags.clone(),
    }
}

impl Letta {
    pub(in crate::support) fn start(
        version: LettaVersion,
        journal: Arc<Journal>,
        seed: u64,
    ) -> Letta {
        let clock = Arc::new(Clock::default());
        let mut memory = Memory::new(version, clock.clone(), seed);
        memory.password = Some(PASSWORD.to_owned());
        let routes = Arc::new(Routes(Guarded::new(memory)));
        let server =
            Server::start(Host::Letta, routes.clone(), journal.clone(), clock.clone(), seed)
                .expect("a free port");
        server.keep_alive(Duration::from_secs(5));
        let endpoint = Endpoint::new(Host::Letta, server, journal, clock);
        Letta { endpoint, routes }
    }

    fn with<R>(&self, act: impl FnOnce(&mut Memory) -> R) -> R {
        act(&mut self.routes.0.lock())
    }

    /// Another password, or none.
    pub fn set_password(&self, password: Option<&str>) {
        self.with(|memory| memory.password = password.map(str::to_owned));
    }

    /// The server becomes another version.
    pub fn becomes(&self, version: LettaVersion) {
        self.with(|memory| memory.version = version);
    }

    /// Something on the way takes queries away, or no longer.
    pub fn loses_queries(&self, loses: bool) {
        self.with(|memory| memory.loses_queries = loses);
    }

    /// Requests that lacked the header of today's shapes.
    pub fn undressed(&self) -> u64 {
        self.with(|memory| memory.undressed)
    }

    /// All agents, oldest first.
    pub fn agents(&self) -> Vec<AgentSnapshot> {
        self.with(|memory| {
            let blocks = |agent: &Agent| {
                agent.blocks.iter().filter_map(|id| memory.blocks.get(id)).map(snapshot).collect()
            };
            let agents = memory.agents.iter().map(|agent| AgentSnapshot {
                id: agent.id.clone(),
                name: agent.name.clone(),
                tags: agent.tags.clone(),
                blocks: blocks(agent),
                folders: agent.folders.clone(),
            });
            agents.collect()
        })
    }

    /// The only agent that is tagged as this project's.
    pub fn agent_of(&self, project: &str) -> AgentSnapshot {
        let tag = format!("project:{project}");
        let mut found = self.agents();
        found.retain(|agent| agent.tags.contains(&tag));
        assert_eq!(found.len(), 1, "agents of {project}: {found:#?}");
        found.remove(0)
    }

    /// Adds an agent as somebody else would: `blocks` are labels and values. Gives its id.
    pub fn add_agent(&self, name: &str, tags: &[&str], blocks: &[(&str, &str)]) -> String {
        let blocks: Vec<String> =
            blocks.iter().map(|(label, value)| self.add_block(label, value, LIMIT, &[])).collect();
        self.with(|memory| {
            memory.add_agent(Agent {
                id: String::new(),
                name: name.to_owned(),
                tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
                blocks,
                folders: Vec::new(),
                model: "letta/letta-free".to_owned(),
                embedding: Some("letta/letta-free".to_owned()),
                description: None,
                metadata: Value::Null,
                created_ms: 0,
                updated_ms: 0,
                prompt: Default::default(),
            })
        })
    }

    /// Adds a block that no agent has; gives its id.
    pub fn add_block(&self, label: &str, value: &str, limit: u64, tags: &[&str]) -> String {
        self.with(|memory| {
            memory.add_block(Block {
                id: String::new(),
                label: label.to_owned(),
                value: value.to_owned(),
                limit,
                read_only: false,
                description: None,
                metadata: json!({}),
                tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            })
        })
    }

    /// Adds a folder; gives its id.
    pub fn add_folder(&self, name: &str) -> String {
        self.with(|memory| {
            let id = memory.id("source");
            memory.folders.push(super::memory::Folder {
                id: id.clone(),
                name: name.to_owned(),
                description: None,
                metadata: Value::Null,
                embedding: "letta/letta-free".to_owned(),
                created_ms: memory.clock.now_ms(),
                files: Vec::new(),
            });
            id
        })
    }

    /// Gives an agent a block that is there; another one of its label makes way.
    pub fn attach(&self, agent: &str, block: &str) {
        self.with(|memory| {
            let label = memory.blocks[block].label.clone();
            let own = memory.agent(agent).expect("the agent").clone();
            let other = memory.block_of(&own, &label).map(|block| block.id.clone());
            let blocks = &mut memory.agent_mut(agent).expect("the agent").blocks;
            blocks.retain(|id| Some(id) != other.as_ref());
            blocks.push(block.to_owned());
            memory.compile(agent);
        });
    }

    /// Takes the block of this label out of an agent's memory; it stays where blocks are.
    pub fn detach(&self, agent: &str, label: &str) {
        self.with(|memory| {
            let own = memory.agent(agent).expect("the agent").clone();
            let block = memory.block_of(&own, label).expect("the block").id.clone();
            memory.agent_mut(agent).expect("the agent").blocks.retain(|id| *id != block);
            memory.compile(agent);
        });
    }

    /// Deletes the block of this label.
    pub fn delete_block(&self, agent: &str, label: &str) {
        let id = self.with(|memory| {
            let own = memory.agent(agent).expect("the agent").clone();
            memory.block_of(&own, label).expect("the block").id.clone()
        });
        self.detach(agent, label);
        self.with(|memory| memory.blocks.remove(&id));
    }

    /// Writes into the block of this label.
    pub fn edit_block(&self, agent: &str, label: &str, value: &str) {
        self.with(|memory| {
            let own = memory.agent(agent).expect("the agent").clone();
            let block = memory.block_of(&own, label).expect("the block").id.clone();
            value.clone_into(&mut memory.blocks.get_mut(&block).expect("it is there").value);
        });
    }

    /// Deletes an agent; its blocks stay.
    pub fn delete_agent(&self, agent: &str) {
        self.with(|memory| memory.agents.retain(|one| one.id != agent));
    }

    /// Deletes a folder.
    pub fn delete_folder(&self, folder: &str) {
        self.with(|memory| memory.folders.retain(|one| one.id != folder));
    }

    /// Takes an agent's tags away.
    pub fn set_tags(&self, agent: &str, tags: &[&str]) {
        self.with(|memory| {
            let agent = memory.agent_mut(agent).expect("the agent");
            agent.tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        });
    }

    /// All blocks, also those that no agent has.
    pub fn blocks(&self) -> Vec<BlockSnapshot> {
        self.with(|memory| memory.blocks.values().map(snapshot).collect())
    }

    /// What the model is told of this label, as last compiled.
    pub fn prompt(&self, agent: &str, label: &str) -> Option<String> {
        self.with(|memory| memory.agent(agent)?.prompt.get(label).cloned())
    }

    /// All folders.
    pub fn folders(&self) -> Vec<FolderSnapshot> {
        self.with(|memory| {
            let folders = memory.folders.iter().map(|folder| FolderSnapshot {
                id: folder.id.clone(),
                name: folder.name.clone(),
                files: folder
                    .files
                    .iter()
                    .map(|file| {
                        let text = String::from_utf8_lossy(&file.text).into_owned();
                        (file.original_name.clone(), text)
                    })
                    .collect(),
            });
            folders.collect()
        })
    }
}
