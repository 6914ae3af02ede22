//! The shapes that Letta speaks; fields that are not needed are not named.

use serde::{Deserialize, Serialize};

/// What `GET /v1/health/` answers, also to those without a password.
#[derive(Debug, Deserialize)]
pub(super) struct Health {
    pub(super) version: String,
}

/// An agent. Blocks and tags are there only when they were asked for: empty does not mean none.
#[derive(Debug, Deserialize)]
pub(super) struct Agent {
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    #[serde(default)]
    pub(super) created_at: Option<String>,
    #[serde(default)]
    pub(super) blocks: Vec<Block>,
}

/// A block. Its tags show under `/v1/blocks/` and in an agent's `core-memory/blocks` alone.
#[derive(Debug, Deserialize)]
pub(super) struct Block {
    pub(super) id: String,
    #[serde(default)]
    pub(super) label: Option<String>,
    #[serde(default)]
    pub(super) value: String,
    #[serde(default)]
    pub(super) limit: Option<usize>,
    #[serde(default)]
    pub(super) tags: Vec<String>,
}

/// A folder.
#[derive(Debug, Deserialize)]
pub(super) struct Folder {
    pub(super) id: String,
}

/// A block to be made, with its agent or alone.
#[derive(Debug, Serialize)]
pub(super) struct NewBlock<'a> {
    pub(super) label: &'a str,
    pub(super) value: &'a str,
    pub(super) limit: usize,
    pub(super) description: &'a str,
    pub(super) read_only: bool,
    pub(super) tags: [&'a str; 2],
}

/// An agent to be made, with all that it has from the beginning.
#[derive(Debug, Serialize)]
pub(super) struct NewAgent<'a> {
    pub(super) name: &'a str,
    pub(super) agent_type: &'a str,
    pub(super) model: &'a str,
    pub(super) embedding: &'a str,
    pub(super) include_base_tools: bool,
    pub(super) tags: [&'a str; 2],
    pub(super) memory_blocks: &'a [NewBlock<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) folder_ids: Option<[&'a str; 1]>,
}
