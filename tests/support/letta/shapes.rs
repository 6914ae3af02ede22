//! Answers in the recorded shapes: what does not matter here is as it was recorded.

use std::sync::OnceLock;

use serde_json::{Value, json};

use super::memory::{Agent, Block, File, Folder, Memory};
use crate::support::clock::iso;

/// What is shown of an agent beside what is always shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    pub blocks: bool,
    pub tags: bool,
    pub folders: bool,
}

impl Shown {
    /// As after a create.
    pub const ALL: Shown = Shown { blocks: true, tags: true, folders: true };
}

struct Templates {
    with_letta_free: Value,
    with_a_proxy: Value,
    folder: Value,
    file: Value,
}

fn templates() -> &'static Templates {
    static TEMPLATES: OnceLock<Templates> = OnceLock::new();
    let response = |text: &str| -> Value {
        let recorded: Value = serde_json::from_str(text).expect("a recording");
        recorded["response"].clone()
    };
    TEMPLATES.get_or_init(|| Templates {
        with_letta_free: response(include_str!("../recordings/letta/agent-create.json")),
        with_a_proxy: response(include_str!("../recordings/letta/agent2-create.json")),
        folder: response(include_str!("../recordings/letta/folder-create.json")),
        file: response(include_str!("../recordings/letta/file-upload.json")),
    })
}

/// Handles of models that the recorded server knew.
pub fn knows_model(handle: &str) -> bool {
    ["letta/letta-free", "openai-proxy/gpt-4o-mini"].contains(&handle)
}

impl Memory {
    pub fn agent_json(&self, agent: &Agent, shown: Shown) -> Value {
        let templates = templates();
        let mut json = match agent.model.as_str() {
            "letta/letta-free" => templates.with_letta_free.clone(),
            _ => templates.with_a_proxy.clone(),
        };
        let blocks: Vec<Value> = match shown.blocks {
            // Tags show elsewhere.
            true => agent
                .blocks
                .iter()
                .filter_map(|id| self.blocks.get(id))
                .map(|block| block_json(block, false))
                .collect(),
            false => Vec::new(),
        };
        let folders = agent.folders.iter().filter_map(|id| self.folder(id));
        let inside = |folder: &Folder| {
            let mut json = folder_json(folder);
            // Shown here alone.
            json["vector_db_provider"] =
                templates.with_a_proxy["sources"][0]["vector_db_provider"].clone();
            json
        };
        let folders: Vec<Value> = folders.filter(|_| shown.folders).map(inside).collect();
        json["id"] = json!(agent.id);
        json["name"] = json!(agent.name);
        json["created_at"] = json!(micros(agent.created_ms));
        json["updated_at"] = json!(micros(agent.updated_ms));
        json["description"] = json!(agent.description);
        json["metadata"] = agent.metadata.clone();
        json["embedding"] = json!(agent.embedding);
        json["embedding_config"] = match &agent.embedding {
            Some(handle) => embedding(handle),
            None => Value::Null,
        };
        json["memory"]["blocks"] = json!(blocks);
        json["blocks"] = json!(blocks);
        json["tags"] = if shown.tags { json!(agent.tags) } else { json!([]) };
        if folders.is_empty() {
            json["tools"] = json!([]);
        } else {
            // What an agent gets with its first folder.
            json["tools"] = templates.with_a_proxy["tools"].clone();
        }
        json["sources"] = json!(folders);
        json
    }
}

fn embedding(handle: &str) -> Value {
    let mut config = templates().folder["embedding_config"].clone();
    config["handle"] = json!(handle);
    config
}

pub fn block_json(block: &Block, tags: bool) -> Value {
    json!({
        "value": block.value, "limit": block.limit, "project_id": null, "template_name": null,
        "is_template": false, "template_id": null, "base_template_id": null,
        "deployment_id": null, "entity_id": null, "preserve_on_migration": false,
        "label": block.label, "read_only": block.read_only, "description": block.description,
        "metadata": block.metadata, "hidden": null, "id": block.id, "created_by_id": null,
        "last_updated_by_id": null,
        "tags": if tags { block.tags.clone() } else { Vec::new() },
    })
}

pub fn folder_json(folder: &Folder) -> Value {
    let mut json = templates().folder.clone();
    json["id"] = json!(folder.id);
    json["name"] = json!(folder.name);
    json["description"] = json!(folder.description);
    json["metadata"] = folder.metadata.clone();
    json["embedding_config"] = embedding(&folder.embedding);
    json["created_at"] = json!(micros(folder.created_ms));
    json["updated_at"] = json!(micros(folder.created_ms));
    json
}

pub fn file_json(folder: &Folder, file: &File) -> Value {
    let mut json = templates().file.clone();
    json["id"] = json!(file.id);
    json["source_id"] = json!(folder.id);
    json["file_name"] = json!(file.name);
    json["original_file_name"] = json!(file.original_name);
    json["file_size"] = json!(file.text.len());
    json["created_at"] = json!(micros(file.created_ms));
    json["updated_at"] = json!(micros(file.created_ms));
    json
}

/// Six decimals, as Python writes them.
fn micros(ms: i64) -> String {
    iso(ms).replace('Z', "000Z")
}
