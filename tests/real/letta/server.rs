//! A real Letta that somebody else runs (`with-letta.sh`). All tests share it, so each has projects
//! of its own.

use std::collections::BTreeMap;
use std::env;
use std::io::Write;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::ask_with;

/// Letta's own calls may take a minute.
const CALL_LIMIT: Duration = Duration::from_secs(65);

/// It does what it was asked for within a second or two on an idle machine.
const WORK_LIMIT: Duration = Duration::from_secs(120);

/// The running server.
pub(crate) struct RealLetta {
    url: String,
    password: String,
}

impl RealLetta {
    /// `None`, after a visible line, where no server was named; a panic instead when
    /// `REAL_LETTA_REQUIRED=1`.
    pub(crate) fn find() -> Option<Self> {
        let Some(url) = variable("REAL_LETTA_URL") else {
            skip();
            return None;
        };
        let letta = Self { url, password: variable("REAL_LETTA_PASSWORD").unwrap_or_default() };
        let health = letta.get("/v1/health/");
        assert_eq!(health["version"], "0.16.8", "{health}");
        Some(letta)
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    /// The agents that are tagged as this project's, with their blocks.
    pub(crate) fn agents(&self, project: &str) -> Vec<Value> {
        let filter = format!("tags=project:{project}&include=agent.blocks&limit=50");
        list(self.get(&format!("/v1/agents/?{filter}")))
    }

    /// The only agent of this project.
    #[track_caller]
    pub(crate) fn agent(&self, project: &str) -> String {
        let agents = self.agents(project);
        assert_eq!(agents.len(), 1, "agents of {project}: {agents:#?}");
        text(&agents[0], "id")
    }

    /// What the memory of a project's only agent holds: values by label.
    #[track_caller]
    pub(crate) fn memory(&self, project: &str) -> BTreeMap<String, String> {
        let agent = self.agent(project);
        let blocks = list(self.get(&format!("/v1/agents/{agent}/core-memory/blocks")));
        blocks.iter().map(|block| (text(block, "label"), text(block, "value"))).collect()
    }

    /// A block's id.
    #[track_caller]
    pub(crate) fn block(&self, project: &str, label: &str) -> String {
        let agent = self.agent(project);
        text(&self.get(&format!("/v1/agents/{agent}/core-memory/blocks/{label}")), "id")
    }

    /// Writes a block as somebody else would.
    pub(crate) fn write_block(&self, block: &str, value: &str) {
        self.send("PATCH", &format!("/v1/blocks/{block}"), Some(&json!({ "value": value })));
    }

    pub(crate) fn delete_agent(&self, agent: &str) {
        self.send("DELETE", &format!("/v1/agents/{agent}"), None);
    }

    /// The files of a project's folder, once Letta has taken them in: name and text.
    #[track_caller]
    pub(crate) fn files(&self, folder: &str) -> Vec<(String, String)> {
        let id = self.get(&format!("/v1/folders/name/{folder}"));
        let path = format!("/v1/folders/{}/files?include_content=true", id.as_str().unwrap());
        let limit = Instant::now() + WORK_LIMIT;
        loop {
            let files = list(self.get(&path));
            let is_done = |file: &Value| file["processing_status"] == "completed";
            if files.iter().all(is_done) {
                let file = |file: &Value| (text(file, "original_file_name"), text(file, "content"));
                return files.iter().map(file).collect();
            }
            let failed = files.iter().find(|file| file["processing_status"] == "error");
            assert!(failed.is_none(), "{failed:#?}");
            assert!(Instant::now() < limit, "not taken in after {WORK_LIMIT:?}: {files:#?}");
            thread::sleep(Duration::from_millis(100));
        }
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        self.send("GET", path, None)
    }

    /// Sends one request that must go well.
    #[track_caller]
    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let bearer = format!("Bearer {}", self.password);
        let mut headers =
            vec![("authorization", bearer.as_str()), ("x-stainless-package-version", "1.0.0")];
        headers.extend(body.map(|_| ("content-type", "application/json")));
        let body = body.map(Value::to_string).unwrap_or_default();
        let reply = ask_with(&self.url, method, path, &headers, body.as_bytes(), CALL_LIMIT);
        let reply = reply.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        assert_eq!(reply.status, 200, "{method} {path}: {}", reply.text());
        reply.json()
    }
}

/// An identifier that no other test uses, nor an earlier run on the same server.
pub(crate) fn identifier() -> String {
    static LAST: AtomicU32 = AtomicU32::new(0);
    format!("R{}N{}", std::process::id(), LAST.fetch_add(1, Ordering::SeqCst))
}

fn list(value: Value) -> Vec<Value> {
    serde_json::from_value(value).unwrap()
}

#[track_caller]
fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}")).to_owned()
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn skip() {
    static SAID: Once = Once::new();
    let reason = "no Letta 0.16.8 (tests/real/letta/with-letta.sh runs one)";
    let required = variable("REAL_LETTA_REQUIRED").is_some_and(|value| value == "1");
    assert!(!required, "{reason}");
    SAID.call_once(|| {
        // Not eprintln: the test harness keeps that to itself when a test passes.
        let _ = writeln!(std::io::stderr(), "skipped: {reason}");
    });
}
