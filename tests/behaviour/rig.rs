//! A world, a state folder, and the tool run as cron runs it.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{BridgeGeneration, HulyKind, Setup, VibeVersion, World};

/// Through what the tool speaks to Huly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The bridge of October 2025.
    First,
    /// The bridge of 2026.
    Second,
    /// Huly's own API.
    Platform,
}

/// The suite runs twice: over the bridges, and as `tests/platform` over the platform.
pub fn on_platform() -> bool {
    env!("CARGO_CRATE_NAME") == "platform"
}

/// Those that this suite is about.
pub fn backends() -> Vec<Backend> {
    if on_platform() { vec![Backend::Platform] } else { vec![Backend::First, Backend::Second] }
}

/// Two systems and one installation of the tool.
pub struct Rig {
    pub world: World,
    pub folder: TempDir,
    env: Vec<(String, String)>,
}

/// What one invocation came to.
#[derive(Debug)]
pub struct Ran {
    pub exit: i32,
    pub json: Value,
    pub stderr: String,
}

impl Rig {
    /// Empty systems: the newer bridge or the platform, Vibe Kanban 0.0.71.
    pub fn new() -> Self {
        Self::with(Backend::Second, VibeVersion::V0_0_71)
    }

    /// Another bridge; the suite over the platform has the platform in place of any.
    pub fn with(backend: Backend, vibe: VibeVersion) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repos = folder.path().join("repos");
        std::fs::create_dir(&repos).unwrap();
        let huly = match backend {
            _ if on_platform() => HulyKind::Platform,
            Backend::First => HulyKind::Bridge(BridgeGeneration::First),
            Backend::Second => HulyKind::Bridge(BridgeGeneration::Second),
            Backend::Platform => HulyKind::Platform,
        };
        let world = World::start(Setup::new(&repos).huly(huly).vibe(vibe));
        let mut rig = Self { world, folder, env: Vec::new() };
        if huly == HulyKind::Platform {
            let known = rig.world.huly.credentials();
            rig.set("HULY_URL", &rig.world.huly.url());
            rig.set("HULY_WORKSPACE", &known.workspace);
            rig.set("HULY_EMAIL", &known.email);
            rig.set("HULY_PASSWORD", &known.password);
        } else {
            rig.set("HULY_API_URL", &rig.world.huly.url());
        }
        rig.set("VIBE_API_URL", &rig.world.vibe.url());
        rig.set("STACKS_DIR", repos.to_str().unwrap());
        rig.set("HULY_VIBE_SYNC_SYNC_CREATE_GRACE", "0s");
        rig.set("HULY_VIBE_SYNC_HTTP_BACKOFF", "2ms");
        rig.set("NO_PROXY", "127.0.0.1");
        rig
    }

    /// One project on both sides, `PROJ`, and the Vibe project's id.
    pub fn project(&self) -> String {
        self.world.huly.add_project("PROJ", "Project");
        self.world.vibe.add_project("Project")
    }

    /// An environment variable for all later invocations.
    pub fn set(&mut self, name: &str, value: &str) {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.to_owned()));
    }

    /// What a variable is set to.
    pub fn value(&self, name: &str) -> String {
        self.env.iter().find(|(known, _)| known == name).unwrap().1.clone()
    }

    /// What is set for all invocations.
    pub fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
        self.env.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state.db")
    }

    /// The tool with these arguments, in an environment of its own.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_huly-vibe-sync"));
        command.args(args).arg("--state").arg(self.state()).env_clear();
        command.env("HOME", self.folder.path()).stdin(Stdio::null());
        command.envs(self.environment());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, args: &[&str]) -> Ran {
        ran(self.command(args).arg("--json").output().unwrap())
    }

    /// One incremental pass.
    pub fn sync(&self) -> Ran {
        self.run(&["sync"])
    }

    /// One pass that must end well.
    pub fn sync_well(&self) -> Ran {
        let ran = self.sync();
        assert_eq!(ran.exit, 0, "{ran:#?}");
        ran
    }

    /// One full pass that must end well.
    pub fn sync_all(&self) -> Ran {
        let ran = self.run(&["sync", "--full"]);
        assert_eq!(ran.exit, 0, "{ran:#?}");
        ran
    }

    /// A pass over systems that are in agreement: no request that writes, incremental and full.
    pub fn assert_quiet(&self) {
        for args in [&["sync"][..], &["sync", "--full"]] {
            let mark = self.world.mark();
            let ran = self.run(args);
            let writes = self.world.writes_since(mark);
            assert!(writes.is_empty(), "{args:?} wrote: {writes:#?}");
            assert_eq!(ran.exit, 0, "{ran:#?}");
        }
    }

    /// The state file is lost, with its journal and its copies.
    pub fn lose_state(&self) {
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_string_lossy().starts_with("state.db") {
                std::fs::remove_file(path).unwrap();
            }
        }
    }

    /// The values that lost, as `conflicts` tells them.
    pub fn lost(&self) -> Vec<String> {
        let value = |loser: &Value| loser["lost"].as_str().unwrap().to_owned();
        self.losers().iter().map(value).collect()
    }

    /// An issue of `PROJ` that a pass gives its task: the ids of both.
    pub fn linked(&self, vibe: &str, title: &str, text: &str, status: &str) -> (String, String) {
        let issue = self.world.huly.add_issue("PROJ", title, text, status);
        self.sync_well();
        // With no text before it, the mark has other words.
        let mark = format!(": {issue}");
        let tasks = self.world.vibe.tasks(vibe);
        let task = tasks.iter().find(|task| task.text().ends_with(&mark)).unwrap();
        (issue, task.id.clone())
    }

    /// The values that lost, as `conflicts` lists them.
    pub fn losers(&self) -> Vec<Value> {
        self.run(&["conflicts"]).json["conflicts"].as_array().unwrap().clone()
    }

    /// Writes in the state file, as nobody should.
    pub fn tamper(&self, sql: &str) {
        let state = rusqlite::Connection::open(self.state()).unwrap();
        assert_ne!(state.execute(sql, []).unwrap(), 0, "{sql} changed nothing");
    }
}

/// Reads what an invocation left.
pub fn ran(output: Output) -> Ran {
    let stdout = String::from_utf8(output.stdout).unwrap();
    Ran {
        exit: output.status.code().unwrap_or(-1),
        json: serde_json::from_str(&stdout).unwrap_or(Value::String(stdout)),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Ran {
    /// The report of a project.
    pub fn project(&self, identifier: &str) -> &Value {
        let projects = self.json["projects"].as_array().unwrap();
        projects.iter().find(|project| project["identifier"] == identifier).unwrap()
    }

    /// A count of the totals: `created.huly`, `conflicts`.
    pub fn total(&self, path: &str) -> u64 {
        let value = path.split('.').fold(&self.json["totals"], |value, key| &value[key]);
        value.as_u64().unwrap_or_else(|| panic!("no {path} in {:#}", self.json))
    }
}

/// When the tool is killed, in the life of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// It is carried out, and never answered.
    Unanswered,
    /// It was answered a moment ago.
    Answered,
}

impl Rig {
    /// One pass that is killed at its k-th request (from 1); what it came to where it ended before.
    pub fn sync_killed(&self, k: u64, death: Death) -> Option<Ran> {
        self.killed(&["sync", "--json"], k, death)
    }

    /// The same of any command.
    pub fn killed(&self, args: &[&str], k: u64, death: Death) -> Option<Ran> {
        let running: Arc<Mutex<Option<Child>>> = Arc::new(Mutex::new(None));
        let (last, to_kill) = (self.world.mark() + k, running.clone());
        let kill = move |number: u64, _| {
            if number == last
                && let Some(child) = to_kill.lock().unwrap().as_mut()
            {
                child.kill().unwrap();
                child.wait().unwrap();
            }
        };
        match death {
            Death::Unanswered => self.world.on_effect(kill),
            Death::Answered => self.world.on_served(kill),
        }
        // Held until it is written down: the first request may come at once.
        let mut slot = running.lock().unwrap();
        let mut command = self.command(args);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let child = slot.insert(child);
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        drop(slot);
        let stderr = std::thread::spawn(move || std::io::read_to_string(stderr).unwrap());
        let stdout = std::io::read_to_string(stdout).unwrap();
        let stderr = stderr.join().unwrap();
        let status = running.lock().unwrap().take().unwrap().wait().unwrap();
        self.world.forget_callbacks();
        status.code().map(|exit| {
            let json = serde_json::from_str(&stdout).unwrap_or(Value::String(stdout));
            Ran { exit, json, stderr }
        })
    }

    /// The values that lost and are kept: field and value.
    pub fn lost_by_item(&self) -> Vec<(String, String)> {
        let text = |loser: &Value, key: &str| loser[key].as_str().unwrap().to_owned();
        self.losers().iter().map(|loser| (text(loser, "field"), text(loser, "lost"))).collect()
    }
}
