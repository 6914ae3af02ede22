//! Letta's routes.

use serde::Serialize;
use serde_json::{Value, json};

use super::filter::{fits_tags, page};
use super::memory::{Agent, Block, LIMIT, Memory};
use super::shapes::{Shown, block_json, knows_model};
use crate::support::sync::Guarded;
use crate::support::web::message::{Answer, Request, json_of};
use crate::support::web::server::System;

const JSON: &str = "application/json";

pub type Answered = Result<Answer, Answer>;

/// The server.
pub struct Routes(pub Guarded<Memory>);

impl System for Routes {
    fn answer(&self, request: &Request) -> Option<Answer> {
        let mut memory = self.0.lock();
        let mut request = request.clone();
        if memory.loses_queries {
            request.target = request.path().to_owned();
        }
        Some(memory.routed(&request).unwrap_or_else(|refusal| refusal))
    }

    fn web_page(&self) -> Answer {
        Answer::new(200, "text/html", "<!doctype html><html><body>Letta</body></html>")
    }

    fn stop(&self) {}
}

pub fn ok<T: Serialize + ?Sized>(body: &T) -> Answer {
    Answer::new(200, JSON, serde_json::to_vec(body).expect("JSON"))
}

pub fn detail(status: u16, why: &str) -> Answer {
    Answer::new(status, JSON, json!({"detail": why}).to_string())
}

pub fn text_of(body: &Value, name: &str) -> Option<String> {
    body[name].as_str().map(str::to_owned)
}

fn texts_of(body: &Value, name: &str) -> Vec<String> {
    let list = body[name].as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

impl Memory {
    fn routed(&mut self, request: &Request) -> Answered {
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let method = request.method.as_str();
        if let ["v1" | "latest", "health"] = segments.as_slice() {
            return Ok(ok(&json!({"version": self.version.number(), "status": "ok"})));
        }
        let wanted = self.password.as_ref().map(|word| format!("Bearer {word}"));
        if wanted.is_some() && request.header("authorization") != wanted.as_deref() {
            return Err(detail(401, "Unauthorized"));
        }
        if request.header("x-stainless-package-version").is_none_or(|v| !v.starts_with("1.")) {
            self.undressed += 1;
        }
        let is_root = matches!(segments.as_slice(), ["v1", "agents" | "blocks" | "folders"]);
        if is_root != request.path().ends_with('/') {
            return Err(elsewhere(request));
        }
        match (method, segments.as_slice()) {
            ("GET", ["v1", "agents"]) => Ok(self.list_agents(request)),
            ("POST", ["v1", "agents"]) => self.create_agent(request),
            ("GET", ["v1", "agents", id]) => {
                let agent = self.agent(id).ok_or_else(|| no_agent(id))?;
                Ok(ok(&self.agent_json(agent, shown(request))))
            }
            ("PATCH", ["v1", "agents", id]) => self.patch_agent(id, request),
            ("DELETE", ["v1", "agents", id]) => {
                self.agent(id).ok_or_else(|| no_agent(id))?;
                // Its blocks stay behind.
                self.agents.retain(|agent| agent.id != *id);
                Ok(ok(&json!({"message": format!("Agent id={id} successfully deleted")})))
            }
            ("GET", ["v1", "agents", id, "core-memory", "blocks"]) => {
                let agent = self.agent(id).ok_or_else(|| no_agent(id))?;
                let mut blocks: Vec<&Block> =
                    agent.blocks.iter().filter_map(|id| self.blocks.get(id)).collect();
                // In no order.
                blocks.sort_by(|one, other| one.id.cmp(&other.id));
                let blocks = blocks.into_iter().map(|block| block_json(block, true));
                Ok(ok(&blocks.collect::<Vec<_>>()))
            }
            ("PATCH", ["v1", "agents", id, "core-memory", "blocks", "attach", block]) => {
                self.attach_block(id, block)
            }
            ("PATCH", ["v1", "agents", id, "core-memory", "blocks", label]) => {
                let agent = self.agent(id).ok_or_else(|| no_agent(id))?;
                let block = self.block_of(agent, label).map(|block| block.id.clone());
                let block = block.ok_or_else(|| no_block(label))?;
                self.patch_block(&block, request, true)
            }
            ("PATCH", ["v1", "agents", id, "folders", "attach", folder]) => {
                self.attach_folder(id, folder)
            }
            ("GET", ["v1", "blocks"]) => Ok(self.list_blocks(request)),
            ("POST", ["v1", "blocks"]) => {
                let body = json_of(&request.body).unwrap_or_default();
                let block = self.new_block(&body)?;
                let block = Block { metadata: object(&body["metadata"]), ..block };
                let id = self.add_block(block);
                Ok(ok(&block_json(&self.blocks[&id], true)))
            }
            ("GET", ["v1", "blocks", id]) => {
                let block = self.blocks.get(*id).ok_or_else(|| no_block(id))?;
                Ok(ok(&block_json(block, true)))
            }
            ("PATCH", ["v1", "blocks", id]) => self.patch_block(id, request, false),
            (method, ["v1", "folders"]) => self.folders(method, request),
            ("GET", ["v1", "folders", "name", name]) => self.folder_by_name(name),
            ("GET", ["v1", "folders", id, "files"]) => self.files(id, request),
            ("POST", ["v1", "folders", id, "upload"]) => self.upload(id, request),
            _ => Err(detail(404, "Not Found")),
        }
    }

    fn list_agents(&self, request: &Request) -> Answer {
        let name = request.query("name");
        let mut fitting: Vec<&Agent> = self
            .agents
            .iter()
            .filter(|agent| name.as_ref().is_none_or(|name| agent.name == *name))
            .filter(|agent| fits_tags(request, &agent.tags))
            .collect();
        // The newest first.
        fitting.reverse();
        let page = page(request, &fitting, |agent| &agent.id);
        let page = page.into_iter().map(|agent| self.agent_json(agent, shown(request)));
        ok(&page.collect::<Vec<_>>())
    }

    fn list_blocks(&self, request: &Request) -> Answer {
        let label = request.query("label");
        let fitting: Vec<&Block> = self
            .blocks
            .values()
            .filter(|block| label.as_ref().is_none_or(|label| block.label == *label))
            .filter(|block| fits_tags(request, &block.tags))
            .collect();
        let page = page(request, &fitting, |block| &block.id);
        ok(&page.into_iter().map(|block| block_json(block, true)).collect::<Vec<_>>())
    }

    fn create_agent(&mut self, request: &Request) -> Answered {
        let body = json_of(&request.body).unwrap_or_default();
        let name = text_of(&body, "name").unwrap_or_default();
        if !is_valid(&name) {
            return Err(detail(500, &bad_name(&name)));
        }
        let model = text_of(&body, "model").unwrap_or_default();
        if !knows_model(&model) {
            let why = format!("NOT_FOUND: Handle {model} not found, must be one of []");
            return Err(detail(404, &why));
        }
        let folders = texts_of(&body, "folder_ids");
        if let Some(id) = folders.iter().find(|id| self.folder(id).is_none()) {
            return Err(detail(404, &format!("Source with id={id} not found.")));
        }
        let inline = body["memory_blocks"].as_array().cloned().unwrap_or_default();
        let inline: Vec<Block> =
            inline.iter().map(|block| self.new_block(block)).collect::<Result<_, _>>()?;
        let mut blocks: Vec<String> =
            inline.into_iter().map(|block| self.add_block(block)).collect();
        blocks.extend(texts_of(&body, "block_ids"));
        let id = self.add_agent(Agent {
            id: String::new(),
            name,
            tags: texts_of(&body, "tags"),
            blocks,
            folders,
            model,
            embedding: text_of(&body, "embedding"),
            description: text_of(&body, "description"),
            metadata: body["metadata"].clone(),
            created_ms: 0,
            updated_ms: 0,
            prompt: Default::default(),
        });
        let agent = self.agent(&id).expect("just made");
        Ok(ok(&self.agent_json(agent, Shown::ALL)))
    }

    /// A block as a body says; of one that comes with an agent the metadata is dropped.
    fn new_block(&self, body: &Value) -> Result<Block, Answer> {
        let block = Block {
            id: String::new(),
            label: text_of(body, "label").unwrap_or_default(),
            value: text_of(body, "value").unwrap_or_default(),
            limit: body["limit"].as_u64().unwrap_or(LIMIT),
            read_only: body["read_only"].as_bool().unwrap_or(false),
            description: text_of(body, "description"),
            metadata: json!({}),
            tags: texts_of(body, "tags"),
        };
        self.check_limit(&block, &block.value)?;
        Ok(block)
    }

    fn check_limit(&self, block: &Block, value: &str) -> Result<(), Answer> {
        let length = value.chars().count() as u64;
        if self.version.enforces_limits() && length > block.limit {
            let why = format!("Edit failed: Exceeds {} character limit ({length})", block.limit);
            return Err(detail(422, &why));
        }
        Ok(())
    }

    fn patch_agent(&mut self, id: &str, request: &Request) -> Answered {
        let body = json_of(&request.body).unwrap_or_default();
        let now = self.clock.now_ms();
        let agent = self.agent_mut(id).ok_or_else(|| no_agent(id))?;
        // What it does not know, it does not mind.
        if let Some(name) = text_of(&body, "name") {
            agent.name = name;
        }
        if body["tags"].is_array() {
            agent.tags = texts_of(&body, "tags");
        }
        if body["metadata"].is_object() {
            agent.metadata = body["metadata"].clone();
        }
        if body["block_ids"].is_array() {
            agent.blocks = texts_of(&body, "block_ids");
        }
        if body["folder_ids"].is_array() {
            agent.folders = texts_of(&body, "folder_ids");
        }
        agent.updated_ms = now;
        self.compile(id);
        let agent = self.agent(id).expect("it was there");
        Ok(ok(&self.agent_json(agent, Shown::ALL)))
    }

    fn patch_block(&mut self, id: &str, request: &Request, in_agent: bool) -> Answered {
        let body = json_of(&request.body).unwrap_or_default();
        let block = self.blocks.get(id).ok_or_else(|| no_block(id))?;
        let value = text_of(&body, "value");
        if let Some(value) = &value {
            self.check_limit(block, value)?;
        }
        let block = self.blocks.get_mut(id).expect("it is there");
        if let Some(value) = value {
            block.value = value;
        }
        if let Some(limit) = body["limit"].as_u64() {
            block.limit = limit;
        }
        let answer = ok(&block_json(block, false));
        if in_agent || self.version.renews_prompts() {
            let users: Vec<String> = self
                .agents
                .iter()
                .filter(|agent| agent.blocks.iter().any(|own| own == id))
                .map(|agent| agent.id.clone())
                .collect();
            users.iter().for_each(|agent| self.compile(agent));
        }
        Ok(answer)
    }

    fn attach_block(&mut self, id: &str, block: &str) -> Answered {
        let label = self.blocks.get(block).ok_or_else(|| no_block(block))?.label.clone();
        let agent = self.agent(id).ok_or_else(|| no_agent(id))?;
        let clash = self.block_of(agent, &label).is_some_and(|other| other.id != block);
        if clash {
            return Err(detail(
                409,
                "A unique constraint was violated for Agent. Check your input \
                for duplicates: (sqlalchemy.dialects.postgresql.asyncpg.IntegrityError) <class \
                'asyncpg.exceptions.UniqueViolationError'>: duplicate key value violates unique \
                constraint \"unique_label_per_agent\"\nDETAIL:  Key (agent_id, block_label)=(agent-",
            ));
        }
        let agent = self.agent_mut(id).expect("it is there");
        if !agent.blocks.iter().any(|own| own == block) {
            agent.blocks.push(block.to_owned());
        }
        self.compile(id);
        let agent = self.agent(id).expect("it is there");
        Ok(ok(&self.agent_json(agent, Shown::ALL)))
    }

    fn attach_folder(&mut self, id: &str, folder: &str) -> Answered {
        self.folder(folder)
            .ok_or_else(|| detail(404, &format!("Source with id={folder} not found.")))?;
        let agent = self.agent_mut(id).ok_or_else(|| no_agent(id))?;
        if !agent.folders.iter().any(|own| own == folder) {
            agent.folders.push(folder.to_owned());
        }
        Ok(ok(&Value::Null))
    }
}

/// Nothing is shown that was not asked for.
fn shown(request: &Request) -> Shown {
    let asked = request.queries("include");
    let is_asked = |what: &str| asked.iter().any(|one| one == what);
    let blocks = is_asked("agent.blocks");
    Shown { blocks, tags: blocks || is_asked("agent.tags"), folders: is_asked("agent.sources") }
}

fn object(value: &Value) -> Value {
    if value.is_object() { value.clone() } else { json!({}) }
}

fn no_agent(id: &str) -> Answer {
    detail(404, &format!("Agent with ID {id} not found"))
}

fn no_block(id: &str) -> Answer {
    let why = format!("Block not found with id='['{id}']', access level in ['read'] for actor='");
    detail(404, &why)
}

/// The way to the other spelling, built from what the client calls this server.
fn elsewhere(request: &Request) -> Answer {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let path = match path.strip_suffix('/') {
        Some(path) => path.to_owned(),
        None => format!("{path}/"),
    };
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    let host = request.header("host").unwrap_or_default();
    let mut answer = Answer::new(307, "", "");
    answer.headers.push(("location", format!("http://{host}{path}{query}")));
    answer
}

/// Python's `^[\w '\-]+$`; for the letters of tests close enough.
fn is_valid(name: &str) -> bool {
    let marks = '\u{300}'..='\u{36f}';
    let fits = |letter: char| {
        letter.is_alphanumeric() && !marks.contains(&letter) || "_ '-".contains(letter)
    };
    !name.is_empty() && name.chars().all(fits)
}

fn bad_name(name: &str) -> String {
    format!(
        "Export failed: Agent name '{name}' contains invalid characters. Only letters (any \
         language), digits, spaces, hyphens, underscores, and apostrophes are allowed. Please avoid \
         filesystem-unsafe characters like: / \\ : * ? \" < > |"
    )
}
