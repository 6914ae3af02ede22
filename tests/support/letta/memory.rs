//! Agents, blocks, folders and files, as the database has them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::version::LettaVersion;
use crate::support::chance::Chance;
use crate::support::clock::Clock;

/// Limit of a block that none is said for.
pub const LIMIT: u64 = 100_000;

/// An agent.
#[derive(Clone, Debug)]
pub struct Agent {
    pub id: String,
    pub name: String,
    pub tags: Vec<String>,
    /// In the order of their coming.
    pub blocks: Vec<String>,
    pub folders: Vec<String>,
    pub model: String,
    pub embedding: Option<String>,
    pub description: Option<String>,
    pub metadata: Value,
    pub created_ms: i64,
    pub updated_ms: i64,
    /// What the model is told of each label: compiled, and not looked up again.
    pub prompt: BTreeMap<String, String>,
}

/// A block, in no agent's memory or in several.
#[derive(Clone, Debug)]
pub struct Block {
    pub id: String,
    pub label: String,
    pub value: String,
    pub limit: u64,
    pub read_only: bool,
    pub description: Option<String>,
    pub metadata: Value,
    pub tags: Vec<String>,
}

/// A folder of files.
#[derive(Clone, Debug)]
pub struct Folder {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub metadata: Value,
    pub embedding: String,
    pub created_ms: i64,
    pub files: Vec<File>,
}

/// An uploaded file.
#[derive(Clone, Debug)]
pub struct File {
    pub id: String,
    pub name: String,
    pub original_name: String,
    pub text: Vec<u8>,
    pub created_ms: i64,
}

/// All of it.
pub struct Memory {
    pub version: LettaVersion,
    pub password: Option<String>,
    /// Something on the way takes the query away.
    pub loses_queries: bool,
    /// Requests without the header that gives them today's shapes.
    pub undressed: u64,
    pub agents: Vec<Agent>,
    pub blocks: BTreeMap<String, Block>,
    pub folders: Vec<Folder>,
    pub clock: Arc<Clock>,
    chance: Chance,
}

impl Memory {
    pub fn new(version: LettaVersion, clock: Arc<Clock>, seed: u64) -> Memory {
        Memory {
            version,
            password: None,
            loses_queries: false,
            undressed: 0,
            agents: Vec::new(),
            blocks: BTreeMap::new(),
            folders: Vec::new(),
            clock,
            chance: Chance::new(seed),
        }
    }

    /// A new id of this kind.
    pub fn id(&mut self, kind: &str) -> String {
        format!("{kind}-{}", self.chance.uuid())
    }

    pub fn agent(&self, id: &str) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.id == id)
    }

    pub fn agent_mut(&mut self, id: &str) -> Option<&mut Agent> {
        self.agents.iter_mut().find(|agent| agent.id == id)
    }

    pub fn folder(&self, id: &str) -> Option<&Folder> {
        self.folders.iter().find(|folder| folder.id == id)
    }

    /// The block of this label in an agent's memory.
    pub fn block_of(&self, agent: &Agent, label: &str) -> Option<&Block> {
        agent.blocks.iter().filter_map(|id| self.blocks.get(id)).find(|block| block.label == label)
    }

    /// Compiles an agent's prompt from what its blocks are now.
    pub fn compile(&mut self, agent: &str) {
        let Some(place) = self.agents.iter().position(|one| one.id == agent) else { return };
        let blocks = self.agents[place].blocks.iter().filter_map(|id| self.blocks.get(id));
        let prompt = blocks.map(|block| (block.label.clone(), block.value.clone())).collect();
        self.agents[place].prompt = prompt;
    }

    /// Adds a block that no agent has.
    pub fn add_block(&mut self, block: Block) -> String {
        let id = self.id("block");
        self.blocks.insert(id.clone(), Block { id: id.clone(), ..block });
        id
    }

    /// Adds an agent with these blocks.
    pub fn add_agent(&mut self, agent: Agent) -> String {
        let id = self.id("agent");
        let now = self.clock.now_ms();
        self.agents.push(Agent { id: id.clone(), created_ms: now, updated_ms: now, ..agent });
        self.compile(&id);
        id
    }
}
