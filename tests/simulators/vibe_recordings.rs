//! The simulated Vibe Kanban answers as the recorded 0.0.71 did.

use std::collections::HashMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

use crate::support::{Reply, Setup, World, ask};

/// The recordings in an order in which they could have been made.
const HISTORY: [(&str, &str); 22] = [
    ("health", include_str!("../support/recordings/vibe/health.json")),
    ("project-create", include_str!("../support/recordings/vibe/project-create.json")),
    (
        "project-create-same-path",
        include_str!("../support/recordings/vibe/project-create-same-path.json"),
    ),
    (
        "project-create-no-repo",
        include_str!("../support/recordings/vibe/project-create-no-repo.json"),
    ),
    ("project-get", include_str!("../support/recordings/vibe/project-get.json")),
    ("projects-list", include_str!("../support/recordings/vibe/projects-list.json")),
    ("task-create", include_str!("../support/recordings/vibe/task-create.json")),
    ("task-create-minimal", include_str!("../support/recordings/vibe/task-create-minimal.json")),
    ("task-create-no-title", include_str!("../support/recordings/vibe/task-create-no-title.json")),
    ("task-create-bad-json", include_str!("../support/recordings/vibe/task-create-bad-json.json")),
    (
        "task-create-unknown-project",
        include_str!("../support/recordings/vibe/task-create-unknown-project.json"),
    ),
    (
        "task-update-bad-status",
        include_str!("../support/recordings/vibe/task-update-bad-status.json"),
    ),
    ("task-update-status", include_str!("../support/recordings/vibe/task-update-status.json")),
    ("task-update-clear", include_str!("../support/recordings/vibe/task-update-clear.json")),
    ("task-get", include_str!("../support/recordings/vibe/task-get.json")),
    ("task-get-missing", include_str!("../support/recordings/vibe/task-get-missing.json")),
    ("task-patch", include_str!("../support/recordings/vibe/task-patch.json")),
    ("tasks-list", include_str!("../support/recordings/vibe/tasks-list.json")),
    ("tasks-list-bad-id", include_str!("../support/recordings/vibe/tasks-list-bad-id.json")),
    (
        "tasks-list-unknown-project",
        include_str!("../support/recordings/vibe/tasks-list-unknown-project.json"),
    ),
    ("task-delete", include_str!("../support/recordings/vibe/task-delete.json")),
    ("task-delete-again", include_str!("../support/recordings/vibe/task-delete-again.json")),
];

/// JSON with a space after each comma and colon.
struct Spaced;

impl Formatter for Spaced {
    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        out.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}

/// Recorded ids and folders, and what stands for them here.
struct Stand(HashMap<String, String>);

impl Stand {
    fn here(&self, recorded: &str) -> String {
        self.0.iter().fold(recorded.to_owned(), |text, (there, here)| text.replace(there, here))
    }

    /// The body as the recorder sent it, to the last space: some answers count columns.
    fn body(&self, recorded: &Value) -> Option<Value> {
        let text = match recorded {
            Value::Null => return None,
            Value::String(text) => text.clone(),
            json => {
                let mut out = Vec::new();
                json.serialize(&mut Serializer::with_formatter(&mut out, Spaced)).unwrap();
                String::from_utf8(out).unwrap()
            }
        };
        Some(Value::String(self.here(&text)))
    }

    fn compare(&mut self, recorded: &Value, got: &Value, place: &str) {
        match (recorded, got) {
            (Value::Object(a), Value::Object(b)) => {
                let names = |object: &serde_json::Map<String, Value>| {
                    object.keys().cloned().collect::<Vec<_>>()
                };
                assert_eq!(names(a), names(b), "fields at {place}");
                for (name, value) in a {
                    self.compare(value, &b[name], &format!("{place}.{name}"));
                }
            }
            (Value::Array(a), Value::Array(b)) => {
                assert_eq!(a.len(), b.len(), "length of {place}");
                for (n, (a, b)) in a.iter().zip(b).enumerate() {
                    self.compare(a, b, &format!("{place}[{n}]"));
                }
            }
            (Value::String(a), Value::String(b)) if place.ends_with("_at") => {
                assert_eq!(a.len(), b.len(), "{place}: {a} and {b}");
                assert!(b.ends_with('Z') && b.as_bytes()[10] == b'T', "{place}: {b}");
            }
            (Value::String(a), Value::String(b)) if place.ends_with("id") => {
                assert_eq!(a.len(), b.len(), "{place}: {a} and {b}");
                let here = self.0.entry(a.clone()).or_insert_with(|| b.clone());
                assert_eq!(here, b, "{place}");
            }
            (Value::String(a), b) => assert_eq!(&Value::String(self.here(a)), b, "{place}"),
            (a, b) => assert_eq!(a, b, "{place}"),
        }
    }
}

fn replay(world: &World, recorded: &Value, stand: &Stand) -> Reply {
    let request = &recorded["request"];
    let (method, path) = (request["method"].as_str().unwrap(), request["path"].as_str().unwrap());
    let body = stand.body(&request["body"]);
    ask(&world.vibe.url(), method, &stand.here(path), body.as_ref()).unwrap()
}

#[test]
fn every_recorded_call_is_answered_as_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::start(Setup::new(folder.path()));
    let repos = folder.path().to_string_lossy().into_owned();
    let mut stand = Stand(HashMap::from([("/srv/repos".to_owned(), repos)]));
    for (name, recording) in HISTORY {
        let recorded: Value = serde_json::from_str(recording).unwrap();
        let reply = replay(&world, &recorded, &stand);
        assert_eq!(recorded["status"], reply.status, "status of {name}: {}", reply.text());
        let kind = recorded["headers"]["content-type"].as_str();
        assert_eq!(kind, reply.header("content-type"), "type of {name}");
        match &recorded["text"] {
            Value::String(text) => assert_eq!(*text, reply.text(), "text of {name}"),
            _ => stand.compare(&recorded["json"], &reply.json(), name),
        }
        let length = recorded["headers"]["content-length"].as_str();
        if !reply.text().contains("git_repo_path") {
            assert_eq!(length, reply.header("content-length"), "length of {name}");
        }
    }
}

#[test]
fn an_unknown_path_is_the_recorded_web_page() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::start(Setup::new(folder.path()));
    let recording = include_str!("../support/recordings/vibe/unknown-path.json");
    let recorded: Value = serde_json::from_str(recording).unwrap();
    let reply = ask(&world.vibe.url(), "GET", "/api/nothing", None).unwrap();
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/html")));
    assert!(reply.text().starts_with(recorded["text"].as_str().unwrap()));
    assert_eq!(recorded["headers"]["content-length"], reply.body.len().to_string());
}
