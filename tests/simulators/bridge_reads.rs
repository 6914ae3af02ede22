//! Reading through the simulated bridge, and what is wrong with it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{BridgeGeneration, Reply, Setup, SingleRead, Stamp, World, ask};

pub(crate) struct Bridge {
    pub(crate) world: World,
    _folder: tempfile::TempDir,
}

impl Bridge {
    pub(crate) fn start(generation: BridgeGeneration) -> Bridge {
        let folder = tempfile::tempdir().unwrap();
        let world = World::start(Setup::new(folder.path()).bridge(generation));
        world.huly.add_project("HULLY", "Hully");
        Bridge { world, _folder: folder }
    }

    pub(crate) fn first() -> Bridge {
        Bridge::start(BridgeGeneration::First)
    }

    pub(crate) fn second() -> Bridge {
        Bridge::start(BridgeGeneration::Second)
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        ask(&self.world.huly.url(), "GET", path, None).unwrap()
    }

    pub(crate) fn send(&self, method: &str, path: &str, body: Value) -> Reply {
        ask(&self.world.huly.url(), method, path, Some(&body)).unwrap()
    }

    pub(crate) fn add(&self, title: &str, text: &str) -> String {
        self.world.huly.add_issue("HULLY", title, text, "Backlog")
    }

    pub(crate) fn listed(&self, query: &str) -> Value {
        let reply = self.get(&format!("/api/projects/HULLY/issues{query}"));
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    }
}

fn titles(list: &Value) -> Vec<&str> {
    list["issues"].as_array().unwrap().iter().map(|i| i["title"].as_str().unwrap()).collect()
}

#[test]
fn health_says_connected_also_while_the_platform_is_away() {
    let bridge = Bridge::second();
    bridge.world.huly.platform_goes_away();
    assert_eq!(bridge.get("/health").json()["connected"], true);
    bridge.world.huly.platform_returns();
    bridge.world.huly.connected(false);
    let health = bridge.get("/health");
    assert_eq!((health.status, &health.json()["status"]), (200, &json!("degraded")));
}

#[test]
fn archived_and_private_projects_are_not_listed_nor_found() {
    let bridge = Bridge::second();
    let issue = bridge.add("a", "");
    bridge.world.huly.add_project("GONE", "Gone");
    bridge.world.huly.hide_project("GONE", true);
    let projects = bridge.get("/api/projects").json();
    assert_eq!(projects["count"], 1);
    assert_eq!(
        projects["projects"][0],
        json!({"identifier": "HULLY", "name": "Hully", "description": "", "issueCount": 1,
            "private": false, "archived": false})
    );
    bridge.world.huly.archive_project("HULLY");
    assert_eq!(bridge.get("/api/projects").json(), json!({"projects": [], "count": 0}));
    let list = bridge.get("/api/projects/HULLY/issues");
    assert_eq!((list.status, &list.json()["error"]), (404, &json!("Project HULLY not found")));
    let single = bridge.get(&format!("/api/issues/{issue}"));
    assert_eq!(single.json()["error"], "Issue HULLY-1 not found");
    bridge.world.huly.lists_archived(true);
    assert_eq!(bridge.get("/api/projects").json()["projects"][0]["archived"], true);
    bridge.world.huly.lists_archived(false);
    bridge.world.huly.unarchive_project("HULLY");
    assert_eq!(bridge.get(&format!("/api/issues/{issue}")).status, 200);
}

#[test]
fn the_second_generation_may_cache_its_projects() {
    let bridge = Bridge::second();
    bridge.world.huly.cache_projects_for(Duration::from_secs(60));
    bridge.get("/api/projects");
    bridge.world.huly.add_project("NEW", "New");
    assert_eq!(bridge.get("/api/projects").json()["count"], 1);
    bridge.world.huly.cache_projects_for(Duration::ZERO);
    assert_eq!(bridge.get("/api/projects").json()["count"], 2);
}

#[test]
fn a_list_has_the_fields_of_its_generation() {
    let first = Bridge::first();
    first.add("a", "text");
    let list = first.listed("");
    let issue = &list["issues"][0];
    assert!(issue["createdOn"].is_i64() && issue["modifiedOn"].is_i64());
    assert_eq!((&issue["number"], &issue["project"]), (&json!(1), &json!("HULLY")));
    assert!(issue.get("subIssueCount").is_none());
    assert_eq!(list["filtered"], false);
    let second = Bridge::second();
    second.add("a", "text");
    let list = second.listed("");
    assert_eq!(list["issues"][0]["subIssueCount"], 0);
    assert!(list["syncMeta"]["serverTime"].is_string());
    assert!(list["syncMeta"]["latestModified"].is_string());
}

#[test]
fn a_list_is_newest_first_and_its_limit_drops_the_oldest() {
    let bridge = Bridge::second();
    for (title, ms) in [("b", 2000), ("c", 3000), ("a", 1000)] {
        let issue = bridge.add(title, "");
        bridge.world.huly.set_modified_on(&issue, Stamp::At(ms));
    }
    assert_eq!(titles(&bridge.listed("")), ["c", "b", "a"]);
    assert_eq!(titles(&bridge.listed("?limit=2")), ["c", "b"]);
    assert_eq!(titles(&bridge.listed("?limit=2&offset=2")), ["c", "b"]);
    assert_eq!(bridge.listed("?limit=0")["count"], 0);
}

#[test]
fn a_list_stops_at_a_thousand_unless_told_otherwise() {
    let bridge = Bridge::first();
    for n in 0..1003 {
        bridge.add(&n.to_string(), "");
    }
    assert_eq!(bridge.listed("")["count"], 1000);
    assert_eq!(bridge.listed("?limit=5000")["count"], 1003);
}

#[test]
fn modified_after_includes_its_moment() {
    let bridge = Bridge::second();
    let issue = bridge.add("a", "");
    bridge.world.huly.set_modified_on(&issue, Stamp::At(1_700_000_000_123));
    let at = |query: &str| bridge.listed(query)["count"].clone();
    assert_eq!(at("?modifiedAfter=2023-11-14T22:13:20.123Z"), 1);
    assert_eq!(at("?modifiedSince=2023-11-14T22:13:20.123Z"), 1);
    assert_eq!(at("?modifiedAfter=2023-11-14T22:13:20.124Z"), 0);
    assert_eq!(at("?modifiedAfter=2023-11-14T23:13:20.123%2B01:00"), 1);
    let bad = bridge.get("/api/projects/HULLY/issues?modifiedAfter=yesterday");
    assert_eq!(bad.status, 400);
    bridge.world.huly.set_modified_on(&issue, Stamp::Missing);
    assert_eq!(at("?modifiedAfter=1999-01-01"), 0);
    assert!(bridge.listed("")["issues"][0].get("modifiedOn").is_none());
}

#[test]
fn without_descriptions_the_text_looks_empty() {
    let bridge = Bridge::second();
    bridge.add("a", "text");
    assert_eq!(bridge.listed("?includeDescriptions=false")["issues"][0]["description"], "");
    assert_eq!(bridge.listed("")["issues"][0]["description"], "text");
    let few = bridge.listed("?fields=identifier,title");
    assert_eq!(few["issues"][0], json!({"identifier": "HULLY-1", "title": "a"}));
    let first = Bridge::first();
    first.add("a", "text");
    assert_eq!(first.listed("?includeDescriptions=false")["issues"][0]["description"], "text");
}

#[test]
fn the_single_issue_is_bare_and_bulk_routes_are_issues_on_the_first_generation() {
    let bridge = Bridge::first();
    bridge.add("a", "text");
    assert_eq!(bridge.get("/api/issues/HULLY-1").json()["title"], "a");
    assert_eq!(bridge.get("/api/issues/hully-1").status, 404);
    let bulk = bridge.get("/api/issues/bulk?ids=HULLY-1");
    assert_eq!((bulk.status, &bulk.json()["error"]), (404, &json!("Issue bulk not found")));
    for (method, path) in [
        ("PATCH", "/api/issues/bulk"),
        ("PATCH", "/api/issues/HULLY-1"),
        ("DELETE", "/api/issues/HULLY-1"),
        ("POST", "/api/issues/bulk-by-projects"),
    ] {
        let reply = bridge.send(method, path, json!({"title": "b"}));
        assert_eq!(reply.status, 404);
        assert!(reply.text().contains(&format!("Cannot {method} {path}")), "{}", reply.text());
        assert!(reply.header("content-type").unwrap().starts_with("text/html"));
    }
}

#[test]
fn a_bulk_read_names_what_it_does_not_find() {
    let bridge = Bridge::second();
    bridge.add("a", "x");
    bridge.add("b", "y");
    let bulk = bridge.get("/api/issues/bulk?ids=HULLY-1,HULLY-9,HULLY-2").json();
    assert_eq!((&bulk["count"], &bulk["notFound"]), (&json!(2), &json!(["HULLY-9"])));
    let many: Vec<String> = (0..101).map(|n| format!("HULLY-{n}")).collect();
    let reply = bridge.get(&format!("/api/issues/bulk?ids={}", many.join(",")));
    assert_eq!(reply.status, 400);
}

#[test]
fn a_bulk_read_by_projects_is_no_write_and_does_not_know_modified_after() {
    let bridge = Bridge::second();
    let path = "/api/issues/bulk-by-projects";
    bridge.world.huly.add_project("BAD", "Bad");
    bridge.world.huly.fail_project("BAD", Some("boom"));
    bridge.add("a", "text");
    let body = json!({"projects": ["HULLY", "BAD", "NONE"], "modifiedAfter": "2099-01-01",
        "limit": 10, "includeDescriptions": false});
    let all = bridge.send("POST", path, body).json();
    assert_eq!((&all["totalIssues"], &all["notFound"]), (&json!(1), &json!(["NONE"])));
    assert_eq!(all["projects"]["HULLY"]["issues"][0]["description"], "");
    assert_eq!(all["projects"]["BAD"]["error"], "boom");
    let body = json!({"projects": ["HULLY"], "modifiedSince": "2099-01-01T00:00:00Z"});
    assert_eq!(bridge.send("POST", path, body).json()["totalIssues"], 0);
    // A string is not a boolean.
    let body = json!({"projects": ["HULLY"], "includeDescriptions": "false"});
    let all = bridge.send("POST", path, body).json();
    assert_eq!(all["projects"]["HULLY"]["issues"][0]["description"], "text");
    assert!(bridge.world.writes_since(0).is_empty());
}

#[test]
fn all_issues_come_in_pages() {
    let bridge = Bridge::second();
    for n in 0..5 {
        bridge.add(&n.to_string(), "");
    }
    assert_eq!(bridge.get("/api/issues/all?limit=2&offset=4").json()["count"], 1);
}

#[test]
fn an_assigned_issue_fails_every_list_of_the_second_generation() {
    let bridge = Bridge::second();
    let issue = bridge.add("a", "");
    bridge.world.huly.assign(&issue, true);
    let list = bridge.get("/api/projects/HULLY/issues");
    assert_eq!(
        (list.status, list.text().as_str()),
        (500, "{\"error\":\"domain not found: undefined \"}")
    );
    let body = json!({"projects": ["HULLY"]});
    let path = "/api/issues/bulk-by-projects";
    assert_eq!(bridge.send("POST", path, body.clone()).status, 500);
    assert_eq!(bridge.get("/api/issues/bulk?ids=HULLY-1").status, 500);
    assert_eq!(bridge.get("/api/issues/HULLY-1").status, 200);
    bridge.world.huly.assigned_fails_alone(true);
    let alone = bridge.send("POST", path, body).json();
    assert_eq!(alone["projects"]["HULLY"]["error"], "domain not found: undefined ");
    let first = Bridge::first();
    let issue = first.add("a", "");
    first.world.huly.assign(&issue, true);
    assert_eq!(first.listed("")["count"], 1);
}

#[test]
fn a_status_may_be_unknown_and_a_text_blank_for_some_reads() {
    let bridge = Bridge::second();
    let issue = bridge.add("a", "text");
    bridge.listed("");
    bridge.world.huly.status_unknown(&issue, 1);
    bridge.world.huly.description_blank(&issue, 2);
    let once = bridge.listed("");
    assert_eq!(once["issues"][0]["status"], "Unknown");
    assert_eq!(once["issues"][0]["description"], "");
    let twice = bridge.listed("");
    assert_eq!(twice["issues"][0]["status"], "Backlog");
    assert_eq!(twice["issues"][0]["description"], "");
    assert_eq!(bridge.listed("")["issues"][0]["description"], "text");
}

#[test]
fn the_single_read_may_differ_from_the_list() {
    let bridge = Bridge::first();
    let issue = bridge.add("a", "text");
    let differing = SingleRead { text_suffix: "!".into(), modified_shift_ms: 3 };
    bridge.world.huly.single_read_differs(&issue, Some(differing));
    let (single, list) = (bridge.get("/api/issues/HULLY-1").json(), bridge.listed(""));
    assert_eq!(
        (&single["description"], &list["issues"][0]["description"]),
        (&json!("text!"), &json!("text"))
    );
    let modified = |issue: &Value| issue["modifiedOn"].as_i64().unwrap();
    assert_eq!(modified(&single), modified(&list["issues"][0]) + 3);
}

#[test]
fn a_list_that_was_sent_before_is_not_sent_stale() {
    let bridge = Bridge::second();
    let issue = bridge.add("a", "");
    bridge.listed("");
    bridge.world.huly.edit_title(&issue, "b");
    assert_eq!(titles(&bridge.listed("")), ["b"]);
    bridge.world.huly.delete_issue(&issue);
    assert_eq!(bridge.listed("")["count"], 0);
}

#[test]
fn a_bridge_that_starts_answers_503() {
    let bridge = Bridge::second();
    bridge.world.huly.starting(true);
    let reply = bridge.get("/api/projects");
    assert_eq!(
        (reply.status, &reply.json()["error"]),
        (503, &json!("Huly client not initialized"))
    );
    assert_eq!(bridge.get("/health").status, 200);
}
