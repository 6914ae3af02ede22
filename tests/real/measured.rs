//! What the real server does, fact by fact: the simulator in `tests/support/` may be believed as
//! far as it does the same.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::vibe::{RealVibe, Reply, id, project_body};

/// Well formed, and of no project or task.
const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

#[track_caller]
fn assert_empty(reply: &Reply, status: u16) {
    assert_eq!((reply.status, reply.body.as_str()), (status, ""), "{reply:?}");
}

#[track_caller]
fn assert_plain_text(reply: &Reply, status: u16, part: &str) {
    assert_eq!(reply.status, status, "{reply:?}");
    assert_eq!(reply.content_type, "text/plain; charset=utf-8");
    assert!(reply.body.contains(part), "{reply:?}");
}

#[test]
fn health_answers_ok_and_info_tells_the_version() {
    let Some(vibe) = RealVibe::start() else { return };

    assert_eq!(vibe.send("GET", "/api/health", None).data(), "OK");
    let info = vibe.send("GET", "/api/info", None).data();
    assert_eq!(info["version"], Value::Null);
    assert_eq!(info["config"]["last_app_version"], "0.0.71");
}

#[test]
fn an_unknown_path_answers_the_web_page_with_200() {
    let Some(vibe) = RealVibe::start() else { return };

    for path in ["/health", "/api/nothing", "/api/projects/nothing/at/all"] {
        let reply = vibe.send("GET", path, None);
        assert_eq!((reply.status, reply.content_type.as_str()), (200, "text/html"), "{path}");
        assert!(reply.body.starts_with("<!DOCTYPE html>"), "{path}");
    }
    assert_empty(&vibe.send("POST", "/api/nothing", Some(&json!({}))), 405);
    assert_empty(&vibe.send("DELETE", "/api/nothing", None), 405);
}

#[test]
fn a_create_ignores_the_status_and_the_id() {
    let Some(vibe) = RealVibe::start() else { return };
    let project = vibe.create_project("U1");

    for status in ["todo", "inprogress", "inreview", "done", "cancelled"] {
        let body = json!({ "id": UNKNOWN, "project_id": project, "title": "T", "status": status });
        let task = vibe.send("POST", "/api/tasks", Some(&body)).data();
        assert_eq!(task["status"], "todo", "asked for {status}");
        assert_ne!(task["id"], UNKNOWN);

        let edited = vibe.edit_task(&id(&task), &json!({ "status": status }));
        assert_eq!(edited["status"], status);
    }
}

#[test]
fn a_put_does_not_move_updated_at() {
    let Some(vibe) = RealVibe::start() else { return };
    let project = vibe.create_project("U1");
    let task = vibe.create_task(&project, "before", "");
    let created = vibe.task(&task);

    thread::sleep(Duration::from_millis(20));
    vibe.edit_task(&task, &json!({ "title": "after", "description": "x", "status": "done" }));

    let edited = vibe.task(&task);
    assert_eq!(edited["title"], "after");
    assert_eq!(edited["updated_at"], created["updated_at"]);
    assert_eq!(edited["created_at"], created["updated_at"]);
}

#[test]
fn a_put_keeps_what_is_missing_or_null_and_clears_what_is_empty() {
    let Some(vibe) = RealVibe::start() else { return };
    let project = vibe.create_project("U1");
    let task = vibe.create_task(&project, "title", "text");

    let edited = vibe.edit_task(&task, &json!({ "title": null, "status": "inreview" }));
    assert_eq!((&edited["title"], &edited["description"]), (&json!("title"), &json!("text")));
    let edited = vibe.edit_task(&task, &json!({ "description": null }));
    assert_eq!((&edited["description"], &edited["status"]), (&json!("text"), &json!("inreview")));
    let edited = vibe.edit_task(&task, &json!({ "description": "" }));
    assert_eq!(edited["description"], "");
    let edited = vibe.edit_task(&task, &json!({ "description": " \n" }));
    assert_eq!(edited["description"], " \n");
}

#[test]
fn text_comes_back_byte_for_byte() {
    let Some(vibe) = RealVibe::start() else { return };
    let project = vibe.create_project("U1");
    let (title, text) = ("  ünïcode 🦀 \t", "\r\n one\r\ntwo \u{200d}\n\n---\nHuly Issue: U-1\n ");

    let task = vibe.task(&vibe.create_task(&project, title, text));

    assert_eq!((task["title"].as_str(), task["description"].as_str()), (Some(title), Some(text)));
}

#[test]
fn a_list_holds_every_task_newest_first() {
    let Some(vibe) = RealVibe::start() else { return };
    let project = vibe.create_project("U1");
    let mut made = Vec::new();
    for number in 0..120 {
        made.push(vibe.create_task(&project, &format!("T{number}"), ""));
        // Times have three decimals, and equal times no order.
        thread::sleep(Duration::from_millis(2));
    }

    let listed = vibe.tasks(&project);

    assert!(listed.iter().map(id).eq(made.into_iter().rev()));
    let mut fields: Vec<_> = listed[0].as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    let expected = [
        "created_at",
        "description",
        "has_in_progress_attempt",
        "has_merged_attempt",
        "id",
        "last_attempt_failed",
        "parent_task_attempt",
        "profile",
        "project_id",
        "status",
        "title",
        "updated_at",
    ];
    assert_eq!(fields, expected);
}

#[test]
fn an_unknown_project_has_an_empty_list_but_is_not_found_itself() {
    let Some(vibe) = RealVibe::start() else { return };

    assert_eq!(vibe.tasks(UNKNOWN), [] as [Value; 0]);
    assert_empty(&vibe.send("GET", &format!("/api/projects/{UNKNOWN}"), None), 404);
}

#[test]
fn a_deleted_task_answers_404_with_an_empty_body() {
    let Some(vibe) = RealVibe::start() else { return };
    let project = vibe.create_project("U1");
    let task = vibe.create_task(&project, "T1", "");
    let path = format!("/api/tasks/{task}");

    vibe.delete_task(&task);

    assert_eq!(vibe.tasks(&project), [] as [Value; 0]);
    assert_empty(&vibe.send("GET", &path, None), 404);
    assert_empty(&vibe.send("PUT", &path, Some(&json!({ "title": "T2" }))), 404);
    assert_empty(&vibe.send("DELETE", &path, None), 404);
}

#[test]
fn a_path_already_registered_is_refused_with_200_and_success_false() {
    let Some(vibe) = RealVibe::start() else { return };
    vibe.create_project("U1");
    let path = vibe.repos().join("U1");

    let again = project_body("other name", &path, true);
    let refused = vibe.send("POST", "/api/projects", Some(&again)).json();
    assert_eq!(refused["success"], false);
    assert_eq!(refused["message"], "A project with this git repository path already exists");
    assert_eq!(vibe.projects().len(), 1);

    // Compared as text: with a slash at its end it is another path.
    let slashed = project_body("U1", &path.join(""), true);
    vibe.send("POST", "/api/projects", Some(&slashed)).data();
    assert_eq!(vibe.projects().len(), 2);
}

#[test]
fn an_existing_repository_must_be_a_real_one() {
    let Some(vibe) = RealVibe::start() else { return };
    let path = vibe.repos().join("existing");
    let body = project_body("existing", &path, true);
    let refusal = || {
        let refused = vibe.send("POST", "/api/projects", Some(&body)).json();
        assert_eq!(refused["success"], false);
        refused["message"].as_str().unwrap().to_owned()
    };

    assert_eq!(refusal(), "The specified path does not exist");
    fs::create_dir(&path).unwrap();
    assert_eq!(refusal(), "The specified directory is not a git repository");
    fs::create_dir(path.join(".git")).unwrap();
    assert!(refusal().starts_with("Failed to ensure main branch exists"));
    assert_eq!(vibe.projects(), [] as [Value; 0]);

    let git = Command::new("git").args(["init", "-q"]).arg(&path).status().unwrap();
    assert!(git.success());
    assert_eq!(vibe.send("POST", "/api/projects", Some(&body)).data()["name"], "existing");
}

#[test]
fn a_put_on_a_project_nulls_the_scripts_it_leaves_out() {
    let Some(vibe) = RealVibe::start() else { return };
    let mut body = project_body("U1", &vibe.repos().join("U1"), false);
    body["setup_script"] = json!("make");
    let project = vibe.send("POST", "/api/projects", Some(&body)).data();
    assert_eq!(project["setup_script"], "make");
    let path = format!("/api/projects/{}", id(&project));

    let mut whole = project;
    whole["name"] = json!("U2");
    let renamed = vibe.send("PUT", &path, Some(&whole)).data();
    assert_eq!((&renamed["name"], &renamed["setup_script"]), (&json!("U2"), &json!("make")));

    let renamed = vibe.send("PUT", &path, Some(&json!({ "name": "U3" }))).data();
    assert_eq!((&renamed["name"], &renamed["setup_script"]), (&json!("U3"), &Value::Null));
    assert_empty(&vibe.send("PATCH", &path, Some(&json!({ "name": "U4" }))), 405);
}

#[test]
fn deleting_a_project_takes_its_tasks_and_leaves_the_repository() {
    let Some(vibe) = RealVibe::start() else { return };
    let project = vibe.create_project("U1");
    let task = vibe.create_task(&project, "T1", "");

    vibe.send("DELETE", &format!("/api/projects/{project}"), None).data();

    assert_empty(&vibe.send("GET", &format!("/api/tasks/{task}"), None), 404);
    assert!(vibe.repos().join("U1/.git").is_dir());
}

#[test]
fn wrong_requests_are_refused_in_plain_text() {
    let Some(vibe) = RealVibe::start() else { return };
    let project = vibe.create_project("U1");
    let path = format!("/api/tasks/{}", vibe.create_task(&project, "T1", ""));
    let put = |body: Value| vibe.send("PUT", &path, Some(&body));

    assert_plain_text(&vibe.send("GET", "/api/tasks/foo", None), 400, "UUID parsing failed");
    assert_plain_text(&vibe.send("GET", "/api/tasks", None), 400, "missing field `project_id`");
    assert_plain_text(&put(json!({ "status": "open" })), 422, "unknown variant `open`");
    let no_title = json!({ "project_id": project });
    let reply = vibe.send("POST", "/api/tasks", Some(&no_title));
    assert_plain_text(&reply, 422, "missing field `title`");
    let reply = vibe.send_text("PUT", &path, "application/json", "{\"title\"");
    assert_plain_text(&reply, 400, "Failed to parse the request body as JSON");
    let reply = vibe.send_text("PUT", &path, "text/plain", "{}");
    assert_plain_text(&reply, 415, "Content-Type: application/json");
    let big = json!({ "description": "a".repeat(2 << 20) });
    assert_plain_text(&put(big), 413, "length limit exceeded");
    assert_empty(&vibe.send("PATCH", &path, Some(&json!({ "status": "done" }))), 405);
}

#[test]
fn a_create_in_an_unknown_project_is_a_500_with_an_envelope() {
    let Some(vibe) = RealVibe::start() else { return };
    let body = json!({ "project_id": UNKNOWN, "title": "T1" });

    let reply = vibe.send("POST", "/api/tasks", Some(&body));

    assert_eq!((reply.status, reply.content_type.as_str()), (500, "application/json"));
    let envelope: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(envelope["success"], false);
    assert!(envelope["message"].as_str().unwrap().contains("FOREIGN KEY constraint failed"));
}
