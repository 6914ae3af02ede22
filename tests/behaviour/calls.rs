//! How each backend spells a kind of call, and how it answers one with nothing.
//!
//! A bridge has a route for everything. The platform has two, `find-all` and `tx`: what a request is
//! for stands in its body. Descriptions go through the collaborator.

use serde_json::json;

use crate::rig::{Backend, Rig, on_platform};
use crate::support::{Entry, Fault, When};

const FIND: &str = "/api/v1/find-all/";
const TX: &str = "/api/v1/tx/";
const COLLABORATOR: &str = "/_collaborator/";

fn on(bridge: When, platform: When) -> When {
    if on_platform() { platform } else { bridge }
}

/// The first call of a pass.
pub fn first() -> When {
    on(When::on("GET", "/health"), When::on("GET", "/config.json"))
}

/// The list of all projects.
pub fn projects() -> When {
    let platform = When::on("POST", FIND).body("\"_class\":\"tracker:class:Project\"");
    on(When::on("GET", "/api/projects"), platform)
}

/// Lists of issues, of one project or of many.
pub fn lists() -> Vec<When> {
    if on_platform() {
        return vec![When::on("POST", FIND).body("\"sort\":{\"_id\":1}")];
    }
    vec![When::on("GET", "/issues"), When::on("POST", "bulk-by-projects")]
}

/// The whole list of one project's issues.
pub fn list_of(rig: &Rig, project: &str) -> When {
    if !on_platform() {
        return When::on("GET", &format!("/api/projects/{project}/issues"));
    }
    let space = rig.world.huly.project_id(project);
    let body = format!("\"sort\":{{\"_id\":1}}}},\"query\":{{\"space\":{{\"$in\":[\"{space}\"]}}");
    When::on("POST", FIND).body(&body)
}

/// Whether it asks for what changed in many projects.
pub fn asks_for_changes(entry: &Entry) -> bool {
    if !on_platform() {
        return entry.path.contains("bulk-by-projects");
    }
    let asked = entry.json();
    entry.path.contains(FIND)
        && asked["_class"] == "tracker:class:Issue"
        && asked["query"]["modifiedOn"].is_object()
}

/// The direct question for one issue, or for several with this one first.
pub fn read_of(issue: &str) -> When {
    let platform = When::on("POST", FIND).body(&format!("\"identifier\":{{\"$in\":[\"{issue}\""));
    on(When::on("GET", &format!("/api/issues/{issue}")), platform)
}

/// The call that makes issues: one on a bridge, all of a batch on the platform.
pub fn create() -> When {
    let platform = When::on("POST", TX).body("TxCreateDoc");
    on(When::on("POST", "/api/issues").body("\"title\"").writes(), platform)
}

/// The same, where it makes one with this title.
pub fn create_titled(title: &str) -> When {
    let platform = When::on("POST", TX).body(&format!("\"title\":\"{title}\""));
    on(When::on("POST", "/api/issues").body(title).writes(), platform)
}

/// The call that is about this new issue alone, which has such a text.
pub fn create_of_text(text: &str) -> When {
    let platform = When::on("POST", COLLABORATOR).body(text).writes();
    on(When::on("POST", "/api/issues").body(text).writes(), platform)
}

/// Whether it makes issues.
pub fn is_create(entry: &Entry) -> bool {
    if on_platform() {
        return entry.path.contains(TX) && has(entry, "TxCreateDoc");
    }
    entry.method == "POST" && entry.path == "/api/issues" && has(entry, "\"title\"")
}

fn has(entry: &Entry, part: &str) -> bool {
    String::from_utf8_lossy(&entry.body).contains(part)
}

/// The change of a title to this one.
pub fn title(title: &str) -> When {
    When::always().body(&format!("\"{title}\"")).writes()
}

/// The change of a status to this one; the platform knows it by an id.
pub fn status(name: &str) -> When {
    let platform = When::on("POST", TX).body("\"operations\":{\"status\":");
    on(When::always().path("/api/issues/").writes().body(name), platform)
}

/// The call that gives a new issue this status: the create itself on the platform.
pub fn first_status(name: &str) -> When {
    if on_platform() { create() } else { status(name) }
}

/// The change of an existing text.
pub fn text(issue: &str) -> When {
    let platform = When::on("POST", COLLABORATOR).body("updateContent");
    on(When::on("PATCH", &format!("/api/issues/{issue}")), platform)
}

/// The change of an existing text to one with these words.
pub fn text_with(words: &str) -> When {
    let platform = When::on("POST", COLLABORATOR).body(words).writes();
    on(When::on("PATCH", "/api/issues/").body(words), platform)
}

/// An answer of an empty list of issues.
pub fn no_issues(backend: Backend) -> Fault {
    let now = "2026-01-01T00:00:00.000Z";
    answer(match backend {
        Backend::First => json!({"project": "PROJ", "issues": [], "count": 0, "filtered": false}),
        Backend::Second => json!({"project": "PROJ", "issues": [], "count": 0, "syncMeta":
            {"modifiedSince": null, "latestModified": null, "serverTime": now}}),
        Backend::Platform => {
            json!({"dataType": "TotalArray", "total": -1, "lookupMap": null, "value": []})
        }
    })
}

fn answer(body: serde_json::Value) -> Fault {
    Fault::Status { code: 200, body: body.to_string(), retry_after: None }
}

/// Answers about an issue that say "not found" of something else.
pub fn not_this_issue() -> Vec<Fault> {
    let body = |code, body: &str| Fault::Status { code, body: body.to_owned(), retry_after: None };
    let mut answers = vec![
        body(404, "<html>404 Not Found</html>"),
        body(404, r#"{"error":"Issue bulk not found"}"#),
    ];
    if on_platform() {
        answers.push(body(200, "{}"));
        answers.push(body(200, r#"{"dataType":"TotalArray","total":-1,"value":null}"#));
        answers.push(body(404, r#"{"message":"Failed to execute operation","error":"Not found"}"#));
    }
    answers
}
