//! Reading: what find-all gives, and what it keeps to itself.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{ACCOUNT, Client, WORKSPACE};
use crate::support::{Category, Fill, HulyKind, Setup, Stamp, World};

const ISSUE: &str = "tracker:class:Issue";

fn titles(issues: &[Value]) -> Vec<&str> {
    issues.iter().map(|issue| issue["title"].as_str().unwrap()).collect()
}

/// Three issues whose times are 1000, 2000 and 3000.
fn three() -> (Client, String) {
    let (client, space) = Client::with_project();
    for (n, title) in ["one", "two", "three"].into_iter().enumerate() {
        let issue = client.world.huly.add_issue("PROJ", title, "", "Todo");
        let ms = Stamp::At((n as i64 + 1) * 1000);
        client.world.huly.set_times(&issue, ms, ms);
    }
    (client, space)
}

#[test]
fn what_a_plain_value_asked_for_is_missing_in_the_answer() {
    let (client, space) = three();
    let plain = client.find(ISSUE, &json!({"space": space, "title": "two"}), &json!({}));
    assert_eq!(plain.len(), 1);
    assert!(plain[0].get("space").is_none() && plain[0].get("title").is_none());
    let listed = client.find(ISSUE, &json!({"space": {"$in": [space]}}), &json!({}));
    assert_eq!((listed.len(), &listed[0]["space"]), (3, &json!(space)));
    let projects = client.find("tracker:class:Project", &json!({"identifier": "PROJ"}), &json!({}));
    assert!(projects[0].get("identifier").is_none() && projects[0]["name"] == "Project");
}

#[test]
fn operators_compare_and_or_fails() {
    let (client, _) = three();
    let found = |query: Value| {
        let issues = client.find(ISSUE, &query, &json!({}));
        titles(&issues).join(" ")
    };
    assert_eq!(found(json!({"modifiedOn": {"$gte": 2000}})), "two three");
    assert_eq!(found(json!({"modifiedOn": {"$gt": 1000, "$lt": 3000}})), "two");
    assert_eq!(found(json!({"modifiedOn": {"$lte": 1000}})), "one");
    assert_eq!(found(json!({"number": {"$nin": [1, 3]}})), "two");
    assert_eq!(found(json!({"title": {"$ne": "one"}})), "two three");
    assert_eq!(found(json!({"title": {"$like": "T%"}})), "two three");
    assert_eq!(found(json!({"description": {"$exists": true}})), "");
    assert_eq!(found(json!({"dueDate": null, "identifier": {"$in": ["PROJ-2"]}})), "two");
    assert_eq!(found(json!({"_id": {"$in": []}})), "");
    let or = client.find_all(ISSUE, &json!({"$or": [{"number": 1}]}), &json!({}));
    assert_eq!(or.status, 500);
    let text = client.find_all(ISSUE, &json!({"modifiedOn": {"$gte": "2000"}}), &json!({}));
    assert_eq!(text.status, 500, "a time is a number");
}

#[test]
fn the_page_of_changes_is_sorted_and_leaves_out_what_was_seen() {
    let (client, space) = three();
    let fourth = client.world.huly.add_issue("PROJ", "four", "", "Todo");
    client.world.huly.set_times(&fourth, Stamp::At(1), Stamp::At(2000));
    let seen = client.world.huly.issue("PROJ-2").unwrap().id;
    let query = json!({"space": {"$in": [space]}, "modifiedOn": {"$gte": 2000},
        "_id": {"$nin": [seen]}});
    // As text, for the order of the sort keys counts and `json!` would turn them round.
    let page = |sort: &str| {
        let body = format!(
            r#"{{"_class":"{ISSUE}","query":{query},"options":{{"sort":{sort},"limit":2,"total":true}}}}"#
        );
        let path = format!("/_transactor/api/v1/find-all/{WORKSPACE}");
        let page = client.call("POST", &path, Some(&Value::String(body))).json();
        assert_eq!(page["total"], 2);
        titles(page["value"].as_array().unwrap()).join(" ")
    };
    assert_eq!(page(r#"{"modifiedOn":1,"_id":1}"#), "four three");
    assert_eq!(page(r#"{"_id":1,"modifiedOn":1}"#), "three four");
    let newest = client.find(ISSUE, &json!({}), &json!({"sort": {"modifiedOn": -1}, "limit": 1}));
    assert_eq!(titles(&newest), ["three"]);
    let by_title = json!({"sort": {"status": 1, "title": -1}});
    let sorted = client.find(ISSUE, &json!({}), &by_title);
    assert_eq!(titles(&sorted), ["two", "three", "one", "four"]);
}

#[test]
fn a_projection_shows_nothing_else() {
    let (client, _) = three();
    let ids = client.find(ISSUE, &json!({}), &json!({"projection": {"_id": 1}}));
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|issue| issue.as_object().unwrap().keys().eq(["_id"])));
}

#[test]
fn there_is_no_limit_unless_one_is_given() {
    let (client, _) = Client::with_project();
    for n in 0..1003 {
        client.world.huly.add_issue("PROJ", &n.to_string(), "", "Todo");
    }
    let all = client.find_all(ISSUE, &json!({}), &json!({})).json();
    assert_eq!((all["value"].as_array().unwrap().len(), &all["total"]), (1003, &json!(-1)));
}

#[test]
fn who_is_no_member_sees_no_issues_and_no_error() {
    let (client, space) = three();
    client.world.huly.leave_project("PROJ");
    let issues = client.find_all(ISSUE, &json!({"space": {"$in": [space]}}), &json!({}));
    assert_eq!((issues.status, &issues.json()["value"]), (200, &json!([])));
    let projects = client.find("tracker:class:Project", &json!({}), &json!({}));
    assert_eq!(projects[0]["members"], json!([]), "a public project is listed all the same");
    client.world.huly.join_project("PROJ");
    let projects = client.find("tracker:class:Project", &json!({}), &json!({}));
    assert_eq!(projects[0]["members"], json!([ACCOUNT]));
    client.world.huly.hide_project("PROJ", true);
    assert!(client.find("tracker:class:Project", &json!({}), &json!({})).is_empty());
}

#[test]
fn archived_projects_drop_out_unless_asked_for() {
    let (client, _) = three();
    client.world.huly.archive_project("PROJ");
    for class in [ISSUE, "tracker:class:Project"] {
        assert!(client.find(class, &json!({}), &json!({})).is_empty(), "{class}");
        assert!(!client.find(class, &json!({}), &json!({"showArchived": true})).is_empty());
    }
}

#[test]
fn statuses_are_those_of_the_projects_type() {
    let (client, _) = Client::with_project();
    let states =
        [("Ideas", Category::UnStarted), ("Coding", Category::Active), ("Done", Category::Won)];
    client.world.huly.set_states("PROJ", &states);
    let issue = client.world.huly.add_issue("PROJ", "T", "", "Coding");
    let project = client.find("tracker:class:Project", &json!({}), &json!({})).remove(0);
    let kind = json!({"_id": {"$in": [project["type"]]}});
    let kind = client.find("task:class:ProjectType", &kind, &json!({})).remove(0);
    let ids: Vec<&Value> =
        kind["statuses"].as_array().unwrap().iter().map(|status| &status["_id"]).collect();
    let statuses =
        client.find("tracker:class:IssueStatus", &json!({"_id": {"$in": ids}}), &json!({}));
    assert_eq!(statuses.len(), 3);
    assert!(statuses.iter().any(|status| status["_id"] == "tracker:status:Done"), "shared");
    let shown = client.world.huly.document(&issue);
    let coding = statuses.iter().find(|status| status["_id"] == shown["status"]).unwrap();
    assert_eq!(coding["name"], "Coding");
    assert_eq!(coding["category"], "task:statusCategory:Active");
    let tasks =
        client.find("task:class:TaskType", &json!({"_id": {"$in": [shown["kind"]]}}), &json!({}));
    assert_eq!(tasks[0]["parent"], project["type"]);
    client.world.huly.status_unknown(&issue, 1);
    let reads =
        [0, 1].map(|_| client.find(ISSUE, &json!({}), &json!({})).remove(0)["status"].clone());
    assert!(reads[0] != shown["status"] && reads[1] == shown["status"]);
}

#[test]
fn a_deletion_is_told_but_not_of_what_hung_on_the_issue() {
    let (client, space) = Client::with_project();
    let huly = &client.world.huly;
    let parent = huly.add_issue("PROJ", "parent", "", "Todo");
    let child = huly.add_sub_issue(&parent, "child", "", "Todo");
    let grandchild = huly.add_sub_issue(&child, "grandchild", "", "Todo");
    assert_eq!(huly.document(&parent)["subIssues"], 1);
    let id = huly.issue(&parent).unwrap().id;
    let before = huly.now_ms();
    huly.delete_issue(&parent);
    assert!(huly.issue(&child).is_none() && huly.issue(&grandchild).is_none());
    let query = json!({"objectClass": ISSUE, "objectSpace": {"$in": [space]},
        "modifiedOn": {"$gte": before}});
    let told = client.find("core:class:TxRemoveDoc", &query, &json!({"sort": {"modifiedOn": 1}}));
    assert_eq!((told.len(), &told[0]["objectId"]), (1, &json!(id)));
    assert_eq!(told[0]["objectSpace"], space);
}

#[test]
fn a_time_may_go_back_after_a_write() {
    let (client, _) = Client::with_project();
    let huly = &client.world.huly;
    let issue = huly.add_issue("PROJ", "T", "", "Todo");
    let modified = || client.find(ISSUE, &json!({}), &json!({}))[0]["modifiedOn"].as_i64().unwrap();
    huly.rewrite_after_writes(&[(Duration::ZERO, -50), (Duration::from_millis(400), 20)]);
    huly.edit_title(&issue, "other");
    let back = modified();
    std::thread::sleep(Duration::from_millis(450));
    assert_eq!(modified() - back, 70, "back for a moment, then ahead");
    huly.rewrite_after_writes(&[]);
    huly.rewrite_modified(&issue, -1000);
    assert_eq!(modified() - back, 70 - 1000);
}

#[test]
fn heads_over_the_limit_are_refused_and_compressed_bodies_not_understood() {
    let (client, _) = Client::with_project();
    let long = "x".repeat(20_000);
    let path = format!("/_transactor/api/v1/find-all/{WORKSPACE}?class={ISSUE}&query={long}");
    assert_eq!(client.call("GET", &path, None).status, 431);
    let path = format!("/_transactor/api/v1/find-all/{WORKSPACE}?class={ISSUE}");
    assert_eq!(client.call("GET", &path, None).status, 200);
    let body = json!("\u{1f}\u{8b} and the rest");
    let path = format!("/_transactor/api/v1/find-all/{WORKSPACE}");
    assert_eq!(client.call("POST", &path, Some(&body)).status, 500);
}

#[test]
fn an_answer_is_compressed_for_the_exact_word_alone() {
    let client = Client::new();
    let path = format!("/_transactor/api/v1/ping/{WORKSPACE}");
    let bearer = format!("Bearer {}", client.token);
    let ask = |accepted| {
        let headers = [("authorization", bearer.as_str()), ("accept-encoding", accepted)];
        client.ask("GET", &path, &headers, None)
    };
    for (accepted, packed) in
        [("gzip", true), ("br, gzip", true), ("gzip;q=1", false), ("x", false)]
    {
        let reply = ask(accepted);
        assert_eq!(reply.header("content-encoding"), packed.then_some("gzip"), "{accepted}");
        assert_eq!(reply.body.starts_with(&[0x1f, 0x8b]), packed, "{accepted}");
    }
    // The trailer holds the length of what is packed.
    let (packed, plain) = (ask("gzip").body, ask("x").body);
    assert_eq!(packed[packed.len() - 4..], (plain.len() as u32).to_le_bytes());
    assert!(packed.windows(plain.len()).any(|part| part == plain));
}

#[test]
fn a_project_can_fail_and_the_platform_go_away() {
    let (client, _) = three();
    client.world.huly.fail_project("PROJ", Some("connection terminated"));
    let reply = client.find_all(ISSUE, &json!({}), &json!({}));
    assert_eq!((reply.status, &reply.json()["error"]), (500, &json!("connection terminated")));
    client.world.huly.fail_project("PROJ", None);
    client.world.huly.platform_goes_away();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| client.find(ISSUE, &json!({}), &json!({})).len());
        client.world.huly.until_hanging(1);
        client.world.huly.platform_returns();
        assert_eq!(waiting.join().unwrap(), 3);
    });
}

#[test]
fn changes_of_a_large_board_are_found_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup::new(folder.path()).huly(HulyKind::Platform).writes_lists_anew();
    let client = Client::of(World::start(setup), folder);
    let fill =
        Fill { projects: 10, issues_per_project: 1000, description_bytes: 600, both_sides: false };
    let filled = client.world.fill(&fill);
    let spaces: Vec<String> =
        filled.iter().map(|p| client.world.huly.project_id(&p.identifier)).collect();
    let edited = client.world.huly.edit_titles(&[&filled[3].identifier], 5, 1);
    let since = client.world.huly.now_ms() - 60_000;
    let query = json!({"space": {"$in": spaces}, "modifiedOn": {"$gte": since}});
    let options = json!({"sort": {"modifiedOn": 1, "_id": 1}, "limit": 1000});
    let begun = Instant::now();
    let changed = client.find(ISSUE, &query, &options);
    assert_eq!(changed.len(), edited);
    // Some milliseconds; a machine that is busy with other tests needs more.
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    let all = client.find(ISSUE, &json!({"space": {"$in": spaces}}), &json!({}));
    assert_eq!(all.len(), 10_000);
}
