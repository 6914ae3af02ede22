//! A real Vibe Kanban on a loopback port of its own, with its state in a temporary folder.

use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;
use ureq::http::Request;

/// It answers 0.3 s after its start on an idle machine.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A running server; killed and reaped when dropped, also by a panicking test.
pub(crate) struct RealVibe {
    server: Child,
    agent: Agent,
    url: String,
    folder: TempDir,
}

/// What the server answered, whatever the status.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

impl RealVibe {
    /// Starts the server on an empty state. `None`, after a visible line, when its binary is not
    /// on this machine; a panic instead when `REAL_VIBE_REQUIRED=1`.
    pub(crate) fn start() -> Option<Self> {
        let Some(binary) = binary() else {
            skip();
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "tmp", "repos"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let log = File::create(folder.path().join("log")).unwrap();
        let home = folder.path().join("home");
        // A clean environment: no display for the browser it opens, no GIT_DIR of a hook that runs
        // these tests, no token of the user. PORT=0 lets the kernel choose, so no port is raced for.
        let server = Command::new(&binary)
            .current_dir(&home)
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOST", "127.0.0.1")
            .env("PORT", "0")
            .env("HOME", &home)
            .env("TMPDIR", folder.path().join("tmp"))
            .env("BROWSER", "/bin/true")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", binary.display()));
        let agent = Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(30)))
            .build()
            .into();
        let mut vibe = Self { server, agent, url: String::new(), folder };
        vibe.wait_until_up();
        Some(vibe)
    }

    /// The base URL, without a trailing slash, as `VIBE_API_URL` takes it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A folder on the server's machine, empty at first, for the projects' repositories.
    pub(crate) fn repos(&self) -> PathBuf {
        self.folder.path().join("repos")
    }

    /// Sends one request and reads the whole answer.
    pub(crate) fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let body = body.map(Value::to_string).unwrap_or_default();
        self.send_text(method, path, "application/json", &body)
    }

    /// As [`Self::send`], with a body that need not be JSON; an empty one is not sent at all.
    pub(crate) fn send_text(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: &str,
    ) -> Reply {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.url()));
        let answer = if body.is_empty() {
            self.agent.run(request.body(()).unwrap())
        } else {
            self.agent.run(request.header("content-type", content_type).body(body).unwrap())
        };
        let mut answer = answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let content_type = answer.headers().get("content-type");
        Reply {
            status: answer.status().as_u16(),
            content_type: content_type.map_or("", |value| value.to_str().unwrap()).to_owned(),
            body: answer.body_mut().read_to_string().unwrap(),
        }
    }

    /// All projects, newest first.
    pub(crate) fn projects(&self) -> Vec<Value> {
        list(self.send("GET", "/api/projects", None).data())
    }

    /// Makes a project, and its repository as `repos()/name`; gives its id.
    pub(crate) fn create_project(&self, name: &str) -> String {
        let body = project_body(name, &self.repos().join(name), false);
        id(&self.send("POST", "/api/projects", Some(&body)).data())
    }

    /// All tasks of a project, newest first.
    pub(crate) fn tasks(&self, project: &str) -> Vec<Value> {
        list(self.send("GET", &format!("/api/tasks?project_id={project}"), None).data())
    }

    /// Makes a task in `todo`; gives its id.
    pub(crate) fn create_task(&self, project: &str, title: &str, description: &str) -> String {
        let body = json!({ "project_id": project, "title": title, "description": description });
        id(&self.send("POST", "/api/tasks", Some(&body)).data())
    }

    /// One task as it is now.
    pub(crate) fn task(&self, task: &str) -> Value {
        self.send("GET", &format!("/api/tasks/{task}"), None).data()
    }

    /// Changes the given fields of a task; gives the task as the server answered it.
    pub(crate) fn edit_task(&self, task: &str, fields: &Value) -> Value {
        self.send("PUT", &format!("/api/tasks/{task}"), Some(fields)).data()
    }

    /// Deletes a task.
    pub(crate) fn delete_task(&self, task: &str) {
        self.send("DELETE", &format!("/api/tasks/{task}"), None).data();
    }

    fn wait_until_up(&mut self) {
        let port_file = self.folder.path().join("tmp/vibe-kanban/vibe-kanban.port");
        let limit = Instant::now() + START_LIMIT;
        while !self.is_healthy(&port_file) {
            if let Some(status) = self.server.try_wait().unwrap() {
                panic!("Vibe Kanban ended at once, {status}");
            }
            assert!(Instant::now() < limit, "Vibe Kanban is not up after {START_LIMIT:?}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn is_healthy(&mut self, port_file: &Path) -> bool {
        let Ok(port) = fs::read_to_string(port_file) else { return false };
        self.url = format!("http://127.0.0.1:{}", port.trim());
        let answer = self.agent.get(format!("{}/api/health", self.url())).call();
        answer.is_ok_and(|answer| answer.status().is_success())
    }
}

impl Drop for RealVibe {
    fn drop(&mut self) {
        // Both fail only when the server is gone already.
        let _ = self.server.kill();
        let _ = self.server.wait();
        if thread::panicking() {
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            eprintln!("log of Vibe Kanban:\n{log}");
        }
    }
}

impl Reply {
    /// The `data` of an answer that says success.
    #[track_caller]
    pub(crate) fn data(&self) -> Value {
        let mut envelope = self.json();
        assert_eq!(envelope["success"], true, "{self:?}");
        envelope["data"].take()
    }

    /// The whole envelope of a 200 or 202, whether it says success or not.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert!(matches!(self.status, 200 | 202), "{self:?}");
        assert_eq!(self.content_type, "application/json", "{self:?}");
        serde_json::from_str(&self.body).unwrap()
    }
}

/// The body that makes a project in every version with local projects.
pub(crate) fn project_body(name: &str, path: &Path, use_existing_repo: bool) -> Value {
    json!({
        "name": name,
        "git_repo_path": path,
        "use_existing_repo": use_existing_repo,
        "repositories": [{ "display_name": name, "git_repo_path": path }],
    })
}

/// The `id` of a project or task.
#[track_caller]
pub(crate) fn id(item: &Value) -> String {
    item["id"].as_str().unwrap().to_owned()
}

fn list(data: Value) -> Vec<Value> {
    serde_json::from_value(data).unwrap()
}

/// The binary named by the environment, else the one that `fetch-vibe.sh` brought.
fn binary() -> Option<PathBuf> {
    if let Some(named) = folder_from("REAL_VIBE_BINARY") {
        assert!(named.is_file(), "REAL_VIBE_BINARY: no file {}", named.display());
        return Some(named);
    }
    let cache = folder_from("REAL_VIBE_CACHE").or_else(|| {
        let caches = folder_from("XDG_CACHE_HOME")
            .or_else(|| folder_from("HOME").map(|home| home.join(".cache")))?;
        Some(caches.join("huly-vibe-sync"))
    })?;
    Some(cache.join("vibe-kanban-0.0.71/vibe-kanban")).filter(|binary| binary.is_file())
}

/// An empty variable counts as unset, as in the script.
fn folder_from(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn skip() {
    static SAID: Once = Once::new();
    let reason = "no Vibe Kanban 0.0.71 (tests/real/fetch-vibe.sh brings it)";
    let required = env::var("REAL_VIBE_REQUIRED").is_ok_and(|value| value == "1");
    assert!(!required, "{reason}");
    SAID.call_once(|| {
        // Not eprintln: the test harness keeps that to itself when a test passes.
        let _ = writeln!(std::io::stderr(), "skipped: {reason}");
    });
}
