//! Every recorded request is answered as it was: status, headers, and the shape of the body.
//!
//! Not kept here, of what was recorded: the making of a workspace (its request is not known), and
//! of a person with a list of persons (the simulator has none).

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{ACCOUNT, Client, ME, WORKSPACE};
use crate::support::{Reply, Stamp};

/// What the recordings call our workspace, account and social ids, and where their services were.
const STANDS: [(&str, &str); 9] = [
    ("440f0f6d-978c-416b-bee1-05dfbaa74b19", WORKSPACE),
    ("{ws}", WORKSPACE),
    ("7b61c59c-0844-4359-a4e2-d558dfdf6b62", ACCOUNT),
    ("8543547039637653836", ME),
    ("3847210870363843023", ME),
    ("http://127.0.0.1:13333", "/_transactor"),
    ("http://127.0.0.1:13078", "/_collaborator"),
    ("http://127.0.0.1:13000", "/_accounts"),
    ("http://127.0.0.1:18087", ""),
];
/// Headers that belong to the connection, the moment or the content.
const PASSING: [&str; 8] = [
    "date",
    "etag",
    "connection",
    "keep-alive",
    "content-length",
    "transfer-encoding",
    "last-modified",
    "x-ratelimit-reset",
];

fn recording(name: &str) -> Value {
    let path = format!("{}/tests/support/recordings/huly/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The same kinds of values under the same names.
fn compare(recorded: &Value, here: &Value, place: &str) {
    match (recorded, here) {
        (Value::Object(a), Value::Object(b)) => {
            let names = |object: &serde_json::Map<String, Value>| {
                object.keys().cloned().collect::<Vec<_>>()
            };
            assert_eq!(names(a), names(b), "fields at {place}");
            for (name, value) in a {
                compare(value, &b[name], &format!("{place}.{name}"));
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "length of {place}");
            for (n, (a, b)) in a.iter().zip(b).enumerate() {
                compare(a, b, &format!("{place}[{n}]"));
            }
        }
        (Value::String(_), Value::String(_)) | (Value::Number(_), Value::Number(_)) => {}
        (a, b) => assert_eq!(a, b, "{place}"),
    }
}

/// A platform, and what stands here for what was recorded there.
struct Stage {
    client: Client,
    stands: BTreeMap<String, String>,
}

impl Stage {
    fn new() -> Stage {
        let client = Client::new();
        client.world.huly.add_project("TSK", "Default");
        client.world.huly.set_project_id("TSK", "tracker:project:DefaultProject");
        let stands = STANDS.map(|(there, here)| (there.to_owned(), here.to_owned())).into();
        Stage { client, stands }
    }

    fn here(&self, recorded: &str) -> String {
        self.stands
            .iter()
            .fold(recorded.to_owned(), |text, (there, here)| text.replace(there.as_str(), here))
    }

    fn issue(&self, project: &str, id: &str) -> String {
        let identifier = self.client.world.huly.add_issue(project, "First", "", "Backlog");
        self.client.world.huly.set_issue_id(&identifier, id);
        identifier
    }

    /// Sends the recorded request with the headers that it needs.
    fn send(&self, name: &str, headers: &[(&str, &str)]) -> Reply {
        let recorded = recording(name);
        let request = &recorded["request"];
        let body = request.get("body").filter(|body| !body.is_null());
        let body = body.map(|b| serde_json::from_str(&self.here(&b.to_string())).unwrap());
        let default = if body.is_some() { "POST" } else { "GET" };
        let method = request["method"].as_str().unwrap_or(default);
        let path = self.here(request["url"].as_str().unwrap_or("/_accounts"));
        let path = if path.starts_with("/api/") { format!("/_transactor{path}") } else { path };
        self.client.ask(method, &path, headers, body.as_ref())
    }

    fn check(name: &str, reply: &Reply) {
        let recorded = recording(name);
        assert_eq!(recorded["status"], reply.status, "status of {name}: {}", reply.text());
        compare(&recorded["body"], &reply.json(), name);
        for (header, value) in recorded["headers"].as_object().unwrap() {
            let header = header.to_ascii_lowercase();
            if PASSING.contains(&header.as_str()) {
                continue;
            }
            let here = reply.header(&header).map(str::trim);
            let counts = ["x-ratelimit-remaining", "x-ratelimit-limit"].contains(&header.as_str());
            let counts = counts || (reply.status == 429 && header.starts_with("retry-after"));
            let wanted =
                if counts { here.filter(|n| n.parse::<u64>().is_ok()) } else { value.as_str() };
            assert!(here.is_some() && here == wanted, "{header} of {name}: {here:?}");
        }
    }

    /// Replays a recording with the token of the workspace; gives the answer.
    fn replay(&self, name: &str) -> Value {
        let bearer = format!("Bearer {}", self.client.token);
        let reply = self.send(name, &[("authorization", &bearer)]);
        Self::check(name, &reply);
        reply.json()
    }

    /// Replays a recording with other headers.
    fn replay_with(&self, name: &str, headers: &[(&str, &str)]) -> Value {
        let reply = self.send(name, headers);
        Self::check(name, &reply);
        reply.json()
    }
}

#[test]
fn a_fresh_workspace_is_described_as_recorded() {
    let stage = Stage::new();
    for name in [
        "tx-account",
        "find-projects",
        "find-statuses",
        "find-issuestatus",
        "find-projecttypes",
        "find-tasktypes",
        "find-statuscategories",
        "find-persons",
        "find-employees",
        "tx-search-fulltext",
        "tx-generate-id",
    ] {
        let here = stage.replay(name);
        if name.contains("status") || name.contains("types") {
            assert_eq!(here, recording(name)["body"], "{name} to the letter");
        }
    }
}

#[test]
fn an_issue_is_made_found_and_changed_as_recorded() {
    let stage = Stage::new();
    let huly = &stage.client.world.huly;
    stage.issue("TSK", "6b03fa2108c70c6ab6332113");
    let counted = stage.replay("tx-project-inc-sequence");
    assert_eq!(counted["object"]["sequence"], 2, "as recorded");
    stage.replay("collab-createContent");
    assert_eq!(stage.replay("tx-issue-create"), json!([]));
    stage.replay("tx-ping");
    let found = stage.replay("find-issue-one");
    let mut recorded = recording("find-issue-one")["body"]["value"][0].clone();
    for name in ["modifiedOn", "createdOn"] {
        recorded[name] = found["value"][0][name].clone();
    }
    assert_eq!(found["value"][0], recorded, "all but the times");
    assert_eq!(huly.issue("TSK-2").unwrap().title, "First issue");
    assert_eq!(stage.replay("find-issues")["total"], 2);
    stage.replay("tx-issue-create-autorank");
    stage.replay("tx-issue-set-status");
    stage.replay("tx-issue-set-title-retrieve");
    let issue = huly.issue("TSK-3").unwrap();
    assert_eq!((issue.title.as_str(), issue.status.as_str()), ("new title", "In Progress"));
}

#[test]
fn a_description_is_kept_and_changed_as_recorded() {
    let mut stage = Stage::new();
    let first = json!({"content": {"description": r#"{"type": "doc", "content": [{"type":
        "paragraph", "content": [{"type": "text", "text": "v1"}]}]}"#}});
    let document = "6b03fa3a6720d13575c5c936";
    let made = stage.client.collaborator(document, "createContent", &first).json();
    let blob = made["content"]["description"].as_str().unwrap().to_owned();
    stage.stands.insert(format!("{document}-description-1795422778830"), blob);
    stage.replay("tx-issue-create-withdesc");
    let huly = &stage.client.world.huly;
    assert_eq!(huly.issue("TSK-5").unwrap().description, "v1");
    let text = stage.replay("collab-getContent");
    assert_eq!(text, recording("collab-getContent")["body"], "to the letter");
    stage.replay("collab-updateContent");
    assert_eq!(huly.issue("TSK-5").unwrap().description, "v2\n\nsecond para");
    let file = huly.blob("TSK-5").unwrap();
    stage.stands.insert("6b03f97119e4515a437aa42f-description-1795422577167".into(), file);
    huly.edit_description("TSK-5", "snapshot text");
    let file = huly.blob("TSK-5").unwrap();
    stage.stands.insert("6b03f97119e4515a437aa42f-description-1795422577167".into(), file);
    let text = stage.replay("files-description-snapshot");
    assert_eq!(text, recording("files-description-snapshot")["body"], "to the letter");
}

#[test]
fn transactions_are_answered_as_recorded() {
    let stage = Stage::new();
    let huly = &stage.client.world.huly;
    let compared = stage.issue("TSK", "6b03f83c1d925a6e9f950278");
    huly.set_modified_on(&compared, Stamp::At(1_795_422_268_335));
    stage.replay("tx-applyif-cas-ok");
    assert_eq!(huly.issue(&compared).unwrap().title, "cas ok");
    stage.replay("tx-applyif-cas-failed");
    assert_eq!(huly.issue(&compared).unwrap().title, "cas ok");
    let before = huly.issue(&compared).unwrap().modified_on;
    stage.replay("tx-comment-create");
    assert_ne!(huly.issue(&compared).unwrap().modified_on, before, "a comment moves the time");
    stage.issue("TSK", "6b03f83d7c0e26fbc8950289");
    stage.replay("tx-issue-create-sub");
    let child = huly.document("TSK-153");
    assert_eq!(child["attachedTo"], "6b03f83d7c0e26fbc8950289");
    assert_eq!((&child["estimation"], child["parents"].as_array().unwrap().len()), (&json!(2), 2));
    let urgent = stage.issue("TSK", "6b03f4b039c03dda55a4265f");
    stage.replay("tx-issue-set-priority-ui-form");
    assert_eq!(huly.issue(&urgent).unwrap().priority, "Low");
    stage.replay("tx-project-create");
    let moved = stage.issue("SYNC", "6b03f8685419cb434f403383");
    stage.replay("tx-issue-move");
    assert_eq!((huly.issue(&moved), huly.issue("TSK-9001").is_some()), (None, true));
}

#[test]
fn past_transactions_are_told_as_recorded() {
    let stage = Stage::new();
    let document = "6b03f4b039c03dda55a4265f";
    // What was sent then stands in the recorded answer.
    for past in recording("find-tx-by-object")["body"]["value"].as_array().unwrap() {
        let mut tx: Value = serde_json::from_str(&stage.here(&past.to_string())).unwrap();
        tx["objectId"] = json!(document);
        let tx: serde_json::Map<String, Value> = tx
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| !name.starts_with("created"))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        assert_eq!(stage.client.tx(&Value::Object(tx)).status, 200);
    }
    stage.replay("find-tx-by-object");
    stage.issue("TSK", "6b03f4b09da4f37c23a42664");
    stage.replay("tx-issue-remove");
    // Whoever removes it again is told nothing, and it is told again.
    stage.replay("tx-issue-remove");
    stage.replay("find-tx-removedoc");
}

#[test]
fn a_lookup_is_answered_as_recorded() {
    let stage = Stage::new();
    for number in [30, 31] {
        let mut attributes = recording("tx-issue-create")["request"]["body"]["attributes"].clone();
        attributes["number"] = json!(number);
        attributes["description"] = Value::Null;
        attributes["identifier"] = json!(format!("TSK-{number}"));
        let space = "tracker:project:DefaultProject";
        let tx = stage.client.creation(&stage.client.id(), space, &attributes);
        assert_eq!(stage.client.tx(&tx).status, 200);
    }
    let found = stage.replay("find-issues-lookup");
    let names = |lookup: &Value| {
        let name = |n: &str| lookup[n]["name"].as_str().unwrap().to_owned();
        (name("1"), name("2"))
    };
    assert_eq!(names(&found["lookupMap"]), ("Default".to_owned(), "Backlog".to_owned()));
}

#[test]
fn refusals_of_the_transactor_are_those_that_were_recorded() {
    let stage = Stage::new();
    stage.issue("TSK", "6b03f83db74f1d5792950281");
    let same_words = |name: &str, here: &Value| {
        let there = stage.here(&recording(name)["body"].to_string());
        assert_eq!(here, &serde_json::from_str::<Value>(&there).unwrap(), "{name}");
    };
    for name in [
        "err-account-mismatch",
        "err-bad-tx",
        "err-duplicate-create",
        "err-other-workspace",
        "err-tx-unknown-class",
        "err-unknown-class",
        "err-unknown-class-post",
    ] {
        same_words(name, &stage.replay(name));
    }
    same_words("err-no-auth", &stage.replay_with("err-no-auth", &[]));
    let forged = [("authorization", "Bearer eyJhbGciOiJIUzI1NiJ9.e30.forged")];
    same_words("err-bad-signature", &stage.replay_with("err-bad-signature", &forged));
    let garbage = [("authorization", "Bearer garbage")];
    same_words("err-garbage-token", &stage.replay_with("err-garbage-token", &garbage));
    let login = login(&stage.client);
    let login = format!("Bearer {login}");
    let with_login = [("authorization", login.as_str())];
    same_words("err-login-token", &stage.replay_with("err-login-token", &with_login));
    stage.client.world.huly.rate_limit(1, Duration::from_secs(30));
    same_words("err-429", &stage.replay("err-429"));
}

fn login(client: &Client) -> String {
    let secret = client.world.huly.credentials();
    let params = json!({"email": secret.email, "password": secret.password});
    let reply = client.account(None, "login", &params);
    reply.json()["result"]["token"].as_str().unwrap().to_owned()
}

#[test]
fn the_account_service_answers_as_recorded() {
    let stage = Stage::new();
    let login = login(&stage.client);
    let bearer = format!("Bearer {login}");
    let with_login = [("authorization", bearer.as_str())];
    for name in [
        "err-account-login-113",
        "err-account-login-829",
        "err-account-nope-411",
        "err-account-selectWorkspace-666",
    ] {
        let here = stage.replay_with(name, &[]);
        assert_eq!(here, recording(name)["body"], "{name}");
    }
    let other = stage.replay_with("err-account-selectWorkspace-353", &with_login);
    assert_eq!(other["result"]["workspaceUrl"], "synclab", "though another was asked for");
    let select = json!({"workspaceUrl": "synclab", "kind": "external"});
    let here = stage.client.account(Some(&login), "selectWorkspace", &select).json();
    compare(&recording("account-selectWorkspace"), &here["result"], "selectWorkspace");
    let here = stage.client.account(Some(&login), "getUserWorkspaces", &json!({})).json();
    compare(&recording("account-getUserWorkspaces"), &here, "getUserWorkspaces");
    let secret = stage.client.world.huly.credentials();
    let params = json!({"email": secret.email, "password": secret.password});
    let here = stage.client.account(None, "login", &params).json();
    compare(&recording("account-login"), &here, "login");
}

#[test]
fn the_configuration_has_what_was_recorded() {
    let stage = Stage::new();
    let here = stage.client.ask("GET", "/config.json", &[], None).json();
    compare(&recording("front-config"), &here, "config");
    for name in ["UPLOAD_URL", "FILES_URL", "VERSION"] {
        assert_eq!(here[name], recording("front-config")[name]);
    }
}
