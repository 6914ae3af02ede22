//! The simulated Letta answers as the recorded 0.16.8 did, in status and shape.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::letta::controls::PASSWORD;
use crate::support::{Letta, LettaVersion, Reply, Setup, World, ask_with};

macro_rules! recording {
    ($name:literal) => {
        ($name, include_str!(concat!("../support/recordings/letta/", $name, ".json")))
    };
}

/// The recordings in an order in which they could have been made.
const HISTORY: [(&str, &str); 40] = [
    recording!("health"),
    recording!("latest-health"),
    recording!("auth-missing"),
    recording!("auth-bad"),
    recording!("not-found-route"),
    recording!("agents-noslash"),
    recording!("agent-create-badmodel"),
    recording!("agent-create-badname"),
    recording!("agent-create"),
    recording!("agents-list-include-agent_blocks"),
    recording!("agents-list-tags2allok"),
    recording!("agent-get-missing"),
    recording!("block-create"),
    recording!("block-create-toolong"),
    recording!("blocks-list"),
    recording!("blocks-list-agent"),
    recording!("block-patch-id"),
    recording!("block-patch-id-noop"),
    recording!("block-patch-id-missing"),
    recording!("block-patch-label"),
    recording!("block-get-id"),
    recording!("block-attach"),
    recording!("block-attach-duplabel"),
    recording!("agent-patch-meta"),
    recording!("folder-create-noembed"),
    recording!("folder-create"),
    recording!("folder-create-dup"),
    recording!("folder-by-name"),
    recording!("folder-by-name-missing"),
    recording!("folders-list-name"),
    recording!("folders-list-name-sub"),
    recording!("folder-attach"),
    recording!("file-upload"),
    recording!("file-status-11"),
    recording!("files-list-content"),
    recording!("agent2-create"),
    recording!("blocks-by-tag"),
    recording!("file2-upload-dup-skip"),
    recording!("file2-upload-dup-replace"),
    recording!("pg-after-bad"),
];

/// The recorder left the rest of long lists and texts out.
const CUT: &str = "…[";

/// Recorded ids, and what stands for them here.
struct Stand(HashMap<String, String>);

impl Stand {
    fn here(&self, recorded: &str) -> String {
        self.0.iter().fold(recorded.to_owned(), |text, (there, here)| text.replace(there, here))
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
                let cut = a.last().and_then(Value::as_str).and_then(|last| last.strip_prefix(CUT));
                let length = match cut {
                    Some(rest) => rest.split(' ').next().unwrap().parse().unwrap(),
                    None => a.len(),
                };
                assert_eq!(length, b.len(), "length of {place}");
                let shown = a.len() - usize::from(cut.is_some());
                for (n, (a, b)) in a.iter().take(shown).zip(b).enumerate() {
                    self.compare(a, b, &format!("{place}[{n}]"));
                }
            }
            (Value::String(a), Value::String(b)) if place.ends_with(".detail") => {
                // What only the inside of the real server says is left out at the end.
                let (begin, cut) = (self.here(a.split(CUT).next().unwrap()), a.contains(CUT));
                assert!(begin.starts_with(b) && (cut || begin == *b), "{place}: {b}");
            }
            (Value::String(a), Value::String(b)) if place.ends_with("_at") => {
                assert_eq!(a.len(), b.len(), "{place}: {a} and {b}");
            }
            // Random order makes the shown part of a list another one: ids are taken from requests.
            (a, b) => assert_eq!(
                std::mem::discriminant(a),
                std::mem::discriminant(b),
                "{place}: {a} and {b}"
            ),
        }
    }
}

/// A body as it was before the recorder left the rest of it out.
fn whole(body: &Value) -> Value {
    let mut body = body.clone();
    let Some(blocks) = body.get_mut("memory_blocks").and_then(Value::as_array_mut) else {
        return body;
    };
    if blocks.last().is_some_and(Value::is_string) {
        blocks.pop();
        for number in blocks.len()..6 {
            let mut block = blocks[0].clone();
            block["label"] = json!(format!("b{number}"));
            blocks.push(block);
        }
    }
    body
}

fn replay(letta: &Letta, name: &str, request: &Value, stand: &Stand) -> Reply {
    let (method, path) = (request["method"].as_str().unwrap(), request["path"].as_str().unwrap());
    let password = if name == "auth-bad" { "wrong" } else { PASSWORD };
    let bearer = format!("Bearer {password}");
    let mut headers = vec![("x-stainless-package-version", "1.0.0")];
    if name != "auth-missing" {
        headers.push(("authorization", &bearer));
    }
    let (kind, body) = match &request["body"] {
        Value::Null => (None, String::new()),
        Value::String(form) => {
            let border = form.lines().next().unwrap().strip_prefix("--").unwrap().to_owned();
            (Some(format!("multipart/form-data; boundary={border}")), form.clone())
        }
        json => (Some("application/json".to_owned()), stand.here(&whole(json).to_string())),
    };
    if let Some(kind) = &kind {
        headers.push(("content-type", kind));
    }
    let wait = Duration::from_secs(5);
    ask_with(&letta.url(), method, &stand.here(path), &headers, body.as_bytes(), wait).unwrap()
}

/// What happened between the recordings.
fn prepare(letta: &Letta, name: &str, request: &Value, stand: &mut Stand) {
    let path = request["path"].as_str().unwrap_or_default();
    let id_at = |place: usize| path.split(['/', '?']).nth(place).unwrap_or_default().to_owned();
    let of_label = |label: &str| {
        let agents = letta.agents();
        let agent = agents.iter().find(|agent| agent.name == "pm-alpha").unwrap();
        (agent.id.clone(), agent.block(label).id.clone())
    };
    match name {
        "blocks-list" => drop(letta.add_block("standalone", "v2", 100_000, &[])),
        "blocks-list-agent" => drop(stand.0.insert(id_at(3), of_label("b0").0)),
        "agent-patch-meta" => letta.detach(&of_label("b0").0, "spare"),
        "block-patch-id" => drop(stand.0.insert(id_at(3), of_label("b0").1)),
        "block-patch-label" => drop(stand.0.insert(id_at(3), of_label("b1").0)),
        "block-get-id" => drop(stand.0.insert(id_at(3), of_label("b1").1)),
        "block-attach" => {
            let free = letta.add_block("spare", "v", 100, &[]);
            stand.0.insert(id_at(7), free);
        }
        "block-attach-duplabel" => {
            let clash = letta.add_block("b0", "v", 100, &[]);
            stand.0.insert(id_at(7), clash);
        }
        "folders-list-name" => drop(letta.add_folder("pm-alpha-src-2")),
        "folder-attach" | "file-upload" | "file-status-11" => {
            let folder = letta.folders().into_iter().find(|one| one.name == "pm-alpha-src");
            let place = if name == "folder-attach" { 6 } else { 3 };
            stand.0.insert(id_at(place), folder.unwrap().id);
        }
        "agent2-create" => {
            let recorded = request["body"]["folder_ids"][0].as_str().unwrap().to_owned();
            stand.0.insert(recorded, letta.add_folder("beta-src"));
        }
        "pg-after-bad" => {
            for number in 0..7 {
                letta.add_agent(&format!("pg-{number}"), &["pgtag"], &[]);
            }
        }
        _ => {}
    }
}

fn letta() -> (World, Arc<Letta>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::start(Setup::new(folder.path()));
    let letta = world.start_letta(LettaVersion::V0_16_8);
    (world, letta, folder)
}

#[test]
fn every_recorded_call_is_answered_in_the_recorded_shape() {
    let (_world, letta, _folder) = letta();
    let mut stand = Stand(HashMap::new());
    for (name, recording) in HISTORY {
        let recorded: Value = serde_json::from_str(recording).unwrap();
        let request = &recorded["request"];
        prepare(&letta, name, request, &mut stand);
        let reply = replay(&letta, name, request, &stand);
        assert_eq!(recorded["status"], reply.status, "status of {name}: {}", reply.text());
        if recorded["status"] == 307 {
            let location = reply.header("location").unwrap();
            assert!(location.ends_with("/v1/agents/?limit=1"), "{location}");
            continue;
        }
        assert_eq!(recorded["headers"]["content-type"].as_str(), reply.header("content-type"));
        let nullable = ["file-upload", "agent2-create", "folders-list-name"];
        let mut got = reply.json();
        let mut wanted = recorded["response"].clone();
        if nullable.iter().any(|part| name.starts_with(part)) || name.starts_with("file") {
            // What was edited, or done in the background, between the recordings.
            for key in
                ["instructions", "metadata", "description", "total_chunks", "chunks_embedded"]
            {
                forget(&mut got, key);
                forget(&mut wanted, key);
            }
        }
        stand.compare(&wanted, &got, name);
    }
    let delete: Value =
        serde_json::from_str(include_str!("../support/recordings/letta/agent-delete.json"))
            .unwrap();
    let last = letta.agents().pop().unwrap();
    let recorded = delete["request"]["path"].as_str().unwrap().rsplit('/').next().unwrap();
    let stand = Stand(HashMap::from([(recorded.to_owned(), last.id.clone())]));
    let reply = replay(&letta, "agent-delete", &delete["request"], &stand);
    assert_eq!(
        reply.json()["message"],
        stand.here(delete["response"]["message"].as_str().unwrap())
    );
}

fn forget(value: &mut Value, key: &str) {
    match value {
        Value::Object(object) => {
            object.remove(key);
            object.values_mut().for_each(|value| forget(value, key));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| forget(value, key)),
        _ => {}
    }
}

/// A plain request with password and header.
fn call(letta: &Letta, method: &str, path: &str, body: Option<&Value>) -> Reply {
    let request = json!({"method": method, "path": path, "body": body});
    replay(letta, "", &request, &Stand(HashMap::new()))
}

#[test]
fn what_was_not_asked_for_is_not_shown_and_not_none() {
    let (_world, letta, _folder) = letta();
    let id = letta.add_agent("A", &["t"], &[("label", "value")]);
    for (query, blocks, tags) in
        [("", 0, 0), ("?include=agent.tags", 0, 1), ("?include=agent.blocks", 1, 1)]
    {
        for path in [format!("/v1/agents/{query}"), format!("/v1/agents/{id}{query}")] {
            let json = call(&letta, "GET", &path, None).json();
            let agent = if json.is_array() { &json[0] } else { &json };
            let length = |name: &str| agent[name].as_array().unwrap().len();
            assert_eq!((length("blocks"), length("tags")), (blocks, tags), "{path}");
        }
    }
}

#[test]
fn pages_begin_anew_after_an_agent_that_is_gone() {
    let (_world, letta, _folder) = letta();
    let ids: Vec<String> = (0..5).map(|n| letta.add_agent(&format!("A{n}"), &["t"], &[])).collect();
    let page = |query: &str| -> Vec<String> {
        let list = call(&letta, "GET", &format!("/v1/agents/?{query}"), None).json();
        let ids = list.as_array().unwrap().iter();
        ids.map(|agent| agent["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(page("limit=2"), [ids[4].clone(), ids[3].clone()], "the newest first");
    assert_eq!(page(&format!("limit=2&after={}", ids[3])), [ids[2].clone(), ids[1].clone()]);
    letta.delete_agent(&ids[3]);
    assert_eq!(page(&format!("limit=2&after={}", ids[3]))[0], ids[4]);
    assert_eq!(page("limit=0").len(), 4);
}

#[test]
fn a_deleted_agent_leaves_its_blocks_and_they_take_what_is_written() {
    let (_world, letta, _folder) = letta();
    let id = letta.add_agent("A", &[], &[("label", "value")]);
    let block = letta.agents()[0].block("label").id.clone();
    assert_eq!(call(&letta, "DELETE", &format!("/v1/agents/{id}"), None).status, 200);
    let body = json!({"value": "more"});
    let path = format!("/v1/blocks/{block}");
    assert_eq!(call(&letta, "PATCH", &path, Some(&body)).status, 200);
    let path = format!("/v1/agents/{id}/core-memory/blocks/label");
    assert_eq!(call(&letta, "PATCH", &path, Some(&body)).status, 404);
}

#[test]
fn versions_differ_in_limits_and_in_what_a_prompt_knows() {
    for (version, status, told) in
        [(LettaVersion::V0_16_6, 422, "value"), (LettaVersion::V0_16_8, 200, "by id")]
    {
        let (_world, letta, _folder) = letta();
        letta.becomes(version);
        let id = letta.add_agent("A", &[], &[("label", "value")]);
        let block = letta.agents()[0].block("label").id.clone();
        let long = json!({"label": "x", "value": "äää", "limit": 2});
        assert_eq!(call(&letta, "POST", "/v1/blocks/", Some(&long)).status, status);
        let path = format!("/v1/blocks/{block}");
        call(&letta, "PATCH", &path, Some(&json!({"value": "by id"})));
        assert_eq!(letta.prompt(&id, "label").as_deref(), Some(told));
        let path = format!("/v1/agents/{id}/core-memory/blocks/label");
        call(&letta, "PATCH", &path, Some(&json!({"value": "by label"})));
        assert_eq!(letta.prompt(&id, "label").as_deref(), Some("by label"));
    }
}
