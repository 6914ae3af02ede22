//! Writing through the simulated bridge, hazard by hazard.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bridge_reads::Bridge;
use crate::support::{Stamp, ask, ask_raw};

const ISSUE: &str = "/api/issues/HULLY-1";

impl Bridge {
    fn text(&self) -> Value {
        self.get(ISSUE).json()["description"].clone()
    }

    fn modified(&self) -> i64 {
        self.get(ISSUE).json()["modifiedOn"].as_i64().unwrap()
    }

    fn put(&self, field: &str, value: &str) -> crate::support::Reply {
        self.send("PUT", ISSUE, json!({"field": field, "value": value}))
    }

    fn patch(&self, changes: Value) -> Value {
        let reply = self.send("PATCH", ISSUE, changes);
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    }

    fn create(&self, title: &str) -> crate::support::Reply {
        let body = json!({"project_identifier": "HULLY", "title": title});
        self.send("POST", "/api/issues", body)
    }
}

#[test]
fn a_new_issue_is_in_the_backlog_whatever_was_asked() {
    let bridge = Bridge::first();
    let body = json!({"project_identifier": "HULLY", "title": "a", "status": "Done",
        "description": "text\n\n---\nVibe Task: 1"});
    let reply = bridge.send("POST", "/api/issues", body);
    assert_eq!(reply.status, 201);
    assert_eq!(
        reply.json(),
        json!({"identifier": "HULLY-1", "title": "a", "project": "HULLY", "status": "Backlog",
            "priority": "NoPriority"})
    );
    assert_eq!(bridge.text(), "text\n\n---\n\nVibe Task: 1");
    bridge.world.huly.set_statuses("HULLY", &["Open", "Closed"]);
    assert_eq!(bridge.create("b").json()["status"], "Open");
    assert_eq!(bridge.send("POST", "/api/issues", json!({"title": "x"})).status, 400);
}

#[test]
fn a_status_is_found_whatever_its_case_and_a_wrong_one_lists_the_right_ones() {
    let bridge = Bridge::first();
    bridge.add("a", "");
    let reply = bridge.put("status", "in progress").json();
    assert_eq!(
        reply,
        json!({"identifier": "HULLY-1", "field": "status", "value": "In Progress",
            "updated": true})
    );
    let refused = bridge.put("status", "In Review");
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.json(),
        json!({"error": "Status 'In Review' not found", "availableStatuses":
            ["Backlog", "Todo", "In Progress", "Done", "Canceled"]})
    );
    assert_eq!(bridge.put("nonsense", "x").status, 400);
}

#[test]
fn a_patch_answers_200_even_when_every_field_failed() {
    let bridge = Bridge::second();
    bridge.add("a", "");
    let before = bridge.modified();
    let answer = bridge.patch(json!({"status": "In Review"}));
    assert_eq!(answer["updated"], false);
    assert_eq!(answer["errors"][0]["field"], "status");
    assert_eq!(answer["errors"][0]["available"][1], "Todo");
    assert_eq!(bridge.modified(), before);
    let answer = bridge.patch(json!({"status": "todo", "title": "b"}));
    assert_eq!(answer["updated"], true);
    assert_eq!(bridge.world.huly.issue("HULLY-1").unwrap().status, "Todo");
    assert_eq!(bridge.send("PATCH", "/api/issues/HULLY-9", json!({})).status, 404);
}

#[test]
fn a_bulk_patch_passes_over_a_bad_status_in_silence() {
    let bridge = Bridge::second();
    bridge.add("a", "");
    let body = json!({"updates": [
        {"identifier": "HULLY-1", "changes": {"status": "In Review"}},
        {"identifier": "HULLY-9", "changes": {"title": "x"}}]});
    let answer = bridge.send("PATCH", "/api/issues/bulk", body).json();
    assert_eq!(answer["results"][0]["updated"], false);
    assert_eq!((&answer["succeeded"], &answer["failed"]), (&json!(1), &json!(1)));
    assert_eq!(answer["errors"][0]["identifier"], "HULLY-9");
}

#[test]
fn any_write_moves_modified_on_the_same_value_too() {
    let bridge = Bridge::second();
    bridge.add("a", "text");
    let before = bridge.modified();
    sleep(Duration::from_millis(2));
    bridge.put("title", "a");
    let after_put = bridge.modified();
    assert!(after_put > before);
    bridge.world.huly.comment("HULLY-1");
    assert!(bridge.modified() > after_put);
}

#[test]
fn modified_on_goes_back_shortly_after_a_status_write() {
    let bridge = Bridge::first();
    bridge.add("a", "");
    bridge.world.huly.set_modified_on("HULLY-1", Stamp::At(1));
    bridge.put("status", "Todo");
    let at_once = bridge.listed("")["issues"][0]["modifiedOn"].as_i64().unwrap();
    sleep(Duration::from_millis(7));
    let later = bridge.listed("")["issues"][0]["modifiedOn"].as_i64().unwrap();
    // On a slow machine both reads may come late; then both give the later time.
    assert!((0..=7).contains(&(at_once - later)), "{at_once} then {later}");
    assert_eq!(bridge.modified(), later);
}

#[test]
fn hazard_1_put_does_not_change_a_description_that_was_read() {
    let bridge = Bridge::first();
    bridge.add("a", "old");
    bridge.put("description", "unread");
    assert_eq!(bridge.text(), "unread");
    let before = bridge.modified();
    sleep(Duration::from_millis(2));
    let reply = bridge.put("description", "new");
    assert_eq!((reply.status, &reply.json()["updated"]), (200, &json!(true)));
    assert_eq!(bridge.text(), "unread");
    assert!(bridge.modified() > before);
    bridge.world.huly.open_in_browser("HULLY-1", true);
    assert_eq!(bridge.put("description", "new").status, 500);
}

#[test]
fn hazard_2_patch_works_on_a_text_and_only_seems_to_on_none() {
    let bridge = Bridge::second();
    bridge.add("a", "old");
    bridge.patch(json!({"description": "new"}));
    assert_eq!(bridge.text(), "new");

    let bridge = Bridge::second();
    bridge.add("a", "");
    let begun = Instant::now();
    assert_eq!(bridge.patch(json!({"description": "new"}))["updated"], true);
    let (single, listed) = (bridge.text(), bridge.listed("")["issues"][0]["description"].clone());
    // On a busy machine the moment may be over.
    if begun.elapsed() < Duration::from_millis(150) {
        assert_eq!((single, listed), (json!("new"), json!("new")));
    }
    sleep(Duration::from_millis(160));
    assert_eq!(bridge.text(), "");
    assert_eq!(bridge.listed("")["issues"][0]["description"], "");
}

#[test]
fn hazard_2_put_alone_brings_the_cleared_text_back_and_put_then_patch_works() {
    let bridge = Bridge::second();
    bridge.add("a", "old");
    bridge.patch(json!({"description": ""}));
    assert_eq!(bridge.text(), "");
    bridge.put("description", "new");
    assert_eq!(bridge.text(), "old");
    bridge.patch(json!({"description": ""}));
    bridge.put("description", "new");
    bridge.patch(json!({"description": "new"}));
    sleep(Duration::from_millis(160));
    assert_eq!(bridge.text(), "new");
    assert_eq!(bridge.world.huly.issue("HULLY-1").unwrap().description, "new");

    let never = Bridge::second();
    never.add("a", "");
    never.put("description", "new");
    never.patch(json!({"description": "new"}));
    sleep(Duration::from_millis(160));
    assert_eq!(never.text(), "new");
}

#[test]
fn hazard_3_concurrent_creates_get_one_number() {
    let bridge = Bridge::second();
    bridge.world.huly.create_takes(Duration::from_millis(250));
    let url = bridge.world.huly.url();
    let creates: Vec<_> = ["a", "b"]
        .map(|title| {
            let (url, body) = (url.clone(), json!({"project_identifier": "HULLY", "title": title}));
            std::thread::spawn(move || ask(&url, "POST", "/api/issues", Some(&body)).unwrap())
        })
        .into_iter()
        .map(|thread| thread.join().unwrap().json()["identifier"].clone())
        .collect();
    assert_eq!(creates, ["HULLY-1", "HULLY-1"]);
    assert_eq!(bridge.listed("")["count"], 2);
    bridge.put("title", "c");
    let titles: Vec<String> =
        bridge.world.huly.issues("HULLY").into_iter().map(|i| i.title).collect();
    assert_eq!(titles.iter().filter(|t| *t == "c").count(), 1, "one of them is reached");
}

#[test]
fn hazard_3_the_ui_repeats_numbers_and_the_last_number_is_given_out_again() {
    let bridge = Bridge::second();
    bridge.create("a");
    assert_eq!(bridge.world.huly.add_issue_in_ui("HULLY", "b", ""), "HULLY-1");
    bridge.world.huly.delete_issue("HULLY-1");
    assert_eq!(bridge.get(ISSUE).json()["title"], "b");
    assert_eq!(bridge.create("c").json()["identifier"], "HULLY-2");
    let first_made = bridge.get("/api/issues/HULLY-2").json()["createdOn"].clone();
    let gone = bridge.send("DELETE", "/api/issues/HULLY-2?cascade=true", json!({}));
    assert_eq!(
        gone.json(),
        json!({"identifier": "HULLY-2", "deleted": true, "subIssuesHandled": 0, "cascaded": true})
    );
    sleep(Duration::from_millis(2));
    assert_eq!(bridge.create("d").json()["identifier"], "HULLY-2");
    assert_ne!(bridge.get("/api/issues/HULLY-2").json()["createdOn"], first_made);
}

#[test]
fn hazard_4_what_hung_while_the_platform_was_away_is_carried_out_when_it_returns() {
    let bridge = Bridge::second();
    let huly = &bridge.world.huly;
    huly.platform_goes_away();
    let body = json!({"project_identifier": "HULLY", "title": "late"}).to_string();
    let json = Some("application/json");
    let short = Duration::from_millis(50);
    let create = ask_raw(&huly.url(), "POST", "/api/issues", json, body.as_bytes(), short);
    assert!(create.is_err());
    assert!(ask_raw(&huly.url(), "GET", "/api/projects", None, b"", short).is_err());
    huly.until_hanging(2);
    assert!(huly.issues("HULLY").is_empty());
    huly.platform_returns();
    assert_eq!(huly.issues("HULLY")[0].title, "late");
}

#[test]
fn hazard_5_without_the_collaborator_texts_read_empty_and_new_ones_stay_raw() {
    let bridge = Bridge::second();
    bridge.add("a", "text");
    bridge.world.huly.collaborator_away(true);
    assert_eq!(bridge.text(), "");
    assert_eq!(bridge.listed("")["issues"][0]["description"], "");
    let body = json!({"project_identifier": "HULLY", "title": "b", "description": "a\n***\n"});
    assert_eq!(bridge.send("POST", "/api/issues", body).status, 201);
    assert_eq!(bridge.put("description", "x").status, 500);
    assert_eq!(bridge.patch(json!({"description": "x"}))["updated"], false);
    bridge.world.huly.collaborator_away(false);
    assert_eq!(bridge.text(), "text");
    assert_eq!(bridge.get("/api/issues/HULLY-2").json()["description"], "a\n***\n");
}

#[test]
fn a_moved_issue_has_a_new_number_and_its_old_birthday() {
    let bridge = Bridge::second();
    bridge.world.huly.add_project("OTHER", "Other");
    bridge.add("a", "");
    let born = bridge.get(ISSUE).json()["createdOn"].clone();
    assert_eq!(bridge.world.huly.move_issue("HULLY-1", "OTHER"), "OTHER-1");
    assert_eq!(bridge.get(ISSUE).status, 404);
    assert_eq!(bridge.get("/api/issues/OTHER-1").json()["createdOn"], born);
}

#[test]
fn bad_json_and_large_bodies_get_a_page_of_html() {
    let bridge = Bridge::second();
    let bad = bridge.send("POST", "/api/issues", json!("{\"title\":"));
    let large = json!({"project_identifier": "HULLY", "title": "x".repeat(102_400)});
    let large = bridge.send("POST", "/api/issues", large);
    let unknown = bridge.get("/api/nothing");
    for (reply, status) in [(bad, 400), (large, 413), (unknown, 404)] {
        assert_eq!(reply.status, status);
        assert!(reply.header("content-type").unwrap().starts_with("text/html"));
    }
    assert!(bridge.world.huly.issues("HULLY").is_empty());
}
