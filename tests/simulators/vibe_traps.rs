//! The traps of Vibe Kanban, version by version.

use serde_json::{Value, json};

use crate::support::vibe::routes::USER_TOKEN;
use crate::support::{Reply, Setup, VibeVersion, World, ask, ask_raw};

const LOCAL: [VibeVersion; 4] =
    [VibeVersion::V0_0_71, VibeVersion::V0_0_117, VibeVersion::V0_0_144, VibeVersion::V0_1_14];

struct Kanban {
    world: World,
    folder: tempfile::TempDir,
    project: String,
}

impl Kanban {
    fn start(version: VibeVersion) -> Kanban {
        let folder = tempfile::tempdir().unwrap();
        let world = World::start(Setup::new(folder.path()).vibe(version));
        let project = world.vibe.add_project("Alpha");
        Kanban { world, folder, project }
    }

    fn call(&self, method: &str, path: &str, body: Option<Value>) -> Reply {
        ask(&self.world.vibe.url(), method, path, body.as_ref()).unwrap()
    }

    fn task(&self) -> String {
        self.world.vibe.add_task(&self.project, "T", "text", "todo")
    }

    fn create_project(&self, name: &str, existing: bool) -> Reply {
        let path = self.folder.path().join(name);
        let body = json!({"name": name, "git_repo_path": path, "use_existing_repo": existing,
            "repositories": [{"display_name": name, "git_repo_path": path}]});
        self.call("POST", "/api/projects", Some(body))
    }
}

#[test]
fn a_put_keeps_what_is_missing_or_null_and_never_moves_updated_at() {
    for version in LOCAL {
        let kanban = Kanban::start(version);
        let id = kanban.task();
        let before = kanban.world.vibe.task(&id).unwrap();
        let path = format!("/api/tasks/{id}");
        let body = json!({"title": "U", "description": null, "status": "done"});
        assert_eq!(kanban.call("PUT", &path, Some(body)).status, 200);
        let after = kanban.world.vibe.task(&id).unwrap();
        assert_eq!(
            (after.title.as_str(), after.text(), after.status.as_str()),
            ("U", "text", "done")
        );
        assert_eq!(after.updated_at, before.updated_at);
        kanban.world.vibe.server_moves(&id, "inreview");
        let moved = kanban.world.vibe.task(&id).unwrap();
        assert_eq!(moved.updated_at.len(), "2026-11-23T07:55:04Z".len());
    }
}

#[test]
fn a_blank_description_is_kept_by_old_versions_and_null_in_later_ones() {
    for (version, stored) in
        [(VibeVersion::V0_0_71, Some(" ".to_owned())), (VibeVersion::V0_0_117, None)]
    {
        let kanban = Kanban::start(version);
        let path = format!("/api/tasks/{}", kanban.task());
        let reply = kanban.call("PUT", &path, Some(json!({"description": " "}))).json();
        assert_eq!(reply["data"]["description"], json!(stored));
    }
}

#[test]
fn the_status_of_a_create_counts_only_in_later_versions() {
    for (version, status) in [
        (VibeVersion::V0_0_71, "todo"),
        (VibeVersion::V0_0_117, "inreview"),
        (VibeVersion::V0_1_14, "inreview"),
    ] {
        let kanban = Kanban::start(version);
        let body = json!({"project_id": kanban.project, "title": "T", "status": "inreview",
            "id": "11111111-1111-4111-8111-111111111111"});
        let data = kanban.call("POST", "/api/tasks", Some(body)).json()["data"].clone();
        assert_eq!(data["status"], status);
        assert_ne!(data["id"], "11111111-1111-4111-8111-111111111111");
    }
}

#[test]
fn one_body_creates_a_project_in_every_local_version() {
    for version in LOCAL {
        let kanban = Kanban::start(version);
        std::fs::create_dir_all(kanban.folder.path().join("u1/.git")).unwrap();
        let created = kanban.create_project("u1", true).json();
        assert_eq!(created["success"], true, "{version:?}: {created}");
        let data = &created["data"];
        assert_eq!(data.get("git_repo_path").is_some(), version <= VibeVersion::V0_0_117);
        let path = format!("/api/projects/{}", data["id"].as_str().unwrap());
        let repositories = kanban.call("GET", &format!("{path}/repositories"), None);
        if version <= VibeVersion::V0_0_117 {
            assert_eq!(repositories.header("content-type"), Some("text/html"));
        } else {
            let first = &repositories.json()["data"][0];
            assert!(first["path"].as_str().unwrap().ends_with("/u1"));
        }
        // A second one at the same path.
        let again = kanban.create_project("u1", true).json();
        assert_eq!(again["success"], version > VibeVersion::V0_0_117);
    }
}

#[test]
fn paths_are_looked_at_on_the_real_disk() {
    let kanban = Kanban::start(VibeVersion::V0_0_71);
    let message = |reply: Reply| reply.json()["message"].clone();
    let missing = message(kanban.create_project("none", true));
    assert_eq!(missing, "The specified path does not exist");
    std::fs::create_dir(kanban.folder.path().join("plain")).unwrap();
    let plain = message(kanban.create_project("plain", true));
    assert_eq!(plain, "The specified directory is not a git repository");
    assert_eq!(message(kanban.create_project("fresh", false)), Value::Null);
    assert!(kanban.folder.path().join("fresh/.git").is_dir());
    let later = Kanban::start(VibeVersion::V0_0_144);
    let created = later.create_project("fresh", false).json();
    assert_eq!(created["message"], "The specified path does not exist");
}

#[test]
fn a_project_put_forgets_scripts_that_it_does_not_name() {
    let kanban = Kanban::start(VibeVersion::V0_0_71);
    let path = format!("/api/projects/{}", kanban.project);
    kanban.call("PUT", &path, Some(json!({"setup_script": "make"})));
    assert_eq!(kanban.call("GET", &path, None).json()["data"]["setup_script"], "make");
    let put = kanban.call("PUT", &path, Some(json!({"name": "Beta"}))).json();
    assert_eq!(
        (&put["data"]["name"], &put["data"]["setup_script"]),
        (&json!("Beta"), &Value::Null)
    );
    assert_eq!(kanban.call("PATCH", &path, Some(json!({}))).status, 405);
    kanban.task();
    assert_eq!(kanban.call("DELETE", &path, None).status, 200);
    assert_eq!(kanban.call("GET", &path, None).status, 404);
    let tasks = format!("/api/tasks?project_id={}", kanban.project);
    assert_eq!(kanban.call("GET", &tasks, None).json()["data"], json!([]));
}

#[test]
fn extractors_refuse_in_plain_text() {
    let kanban = Kanban::start(VibeVersion::V0_0_71);
    let url = kanban.world.vibe.url();
    let wait = std::time::Duration::from_secs(5);
    let post = |kind: Option<&str>, body: &[u8]| {
        ask_raw(&url, "POST", "/api/tasks", kind, body, wait).unwrap()
    };
    let large = json!({"project_id": kanban.project, "title": "x".repeat(2 << 20)}).to_string();
    let json = Some("application/json");
    for (reply, status) in [
        (post(None, b""), 415),
        (post(Some("text/plain"), b"{}"), 415),
        (post(json, b"\x1f\x8b\x08\x00gzip"), 400),
        (post(json, large.as_bytes()), 413),
        (post(json, br#"{"project_id":7,"title":"x"}"#), 422),
        (kanban.call("GET", "/api/tasks", None), 400),
        (kanban.call("GET", "/api/tasks/x", None), 400),
    ] {
        assert_eq!(reply.status, status, "{}", reply.text());
        assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
    }
    assert!(kanban.world.vibe.tasks(&kanban.project).is_empty());
}

#[test]
fn a_task_with_an_agent_is_not_deleted() {
    let kanban = Kanban::start(VibeVersion::V0_1_14);
    let id = kanban.task();
    let path = format!("/api/tasks/{id}");
    kanban.world.vibe.agent_runs(&id, true);
    assert_eq!(kanban.call("DELETE", &path, None).status, 409);
    kanban.world.vibe.agent_runs(&id, false);
    assert_eq!(kanban.call("DELETE", &path, None).status, 202);
    let again = kanban.call("DELETE", &path, None);
    assert_eq!((again.status, again.body.len()), (404, 0));
}

#[test]
fn a_shared_task_wants_a_login() {
    let kanban = Kanban::start(VibeVersion::V0_0_117);
    let id = kanban.task();
    let path = format!("/api/tasks/{id}");
    kanban.world.vibe.share_task(&id);
    assert_eq!(kanban.call("PUT", &path, Some(json!({"title": "U"}))).status, 401);
    assert_eq!(kanban.call("DELETE", &path, None).status, 401);
    assert!(kanban.call("GET", &path, None).json()["data"]["shared_task_id"].is_string());
}

#[test]
fn the_last_version_has_a_page_where_tasks_were() {
    let kanban = Kanban::start(VibeVersion::V0_1_15);
    for path in ["/api/projects", "/api/tasks?project_id=x"] {
        let reply = kanban.call("GET", path, None);
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/html")));
        assert_eq!(kanban.call("POST", path, Some(json!({}))).status, 405);
    }
    assert_eq!(kanban.call("GET", "/api/health", None).json()["data"], "OK");
    assert_eq!(kanban.call("GET", "/health", None).header("content-type"), Some("text/html"));
}

#[test]
fn the_version_stands_in_one_of_two_places_beside_a_token() {
    for version in LOCAL {
        let info = Kanban::start(version).call("GET", "/api/info", None);
        assert!(info.text().contains(USER_TOKEN));
        let info = info.json()["data"].clone();
        let told = info["version"].as_str().or(info["config"]["last_app_version"].as_str());
        assert_eq!(told, Some(version.number()));
    }
}

#[test]
fn text_is_stored_to_the_letter_and_copies_are_new_tasks() {
    let kanban = Kanban::start(VibeVersion::V0_0_71);
    let text = " a\r\n***\n👩‍💻 \u{202e}rtl  ";
    let body = json!({"project_id": kanban.project, "title": "T", "description": text});
    let data = kanban.call("POST", "/api/tasks", Some(body)).json()["data"].clone();
    assert_eq!(data["description"], text);
    let id = data["id"].as_str().unwrap();
    let copy = kanban.world.vibe.duplicate_task(id);
    assert_ne!(copy, id);
    assert_eq!(kanban.world.vibe.task(&copy).unwrap().text(), text);
    let list = format!("/api/tasks?project_id={}", kanban.project);
    let list = kanban.call("GET", &list, None).json();
    assert_eq!((&list["data"][0]["id"], list["data"].as_array().unwrap().len()), (&json!(copy), 2));
}
