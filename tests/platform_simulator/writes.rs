//! Writing: transactions, and what the server does not look at.

use serde_json::{Value, json};

use crate::client::{Client, ME};
use crate::support::{Fault, When};

const ISSUE: &str = "tracker:class:Issue";

fn attributes(number: u64, title: &str) -> Value {
    json!({"title": title, "number": number, "identifier": format!("PROJ-{number}"),
        "status": "tracker:status:Todo", "priority": 2, "kind": "tracker:taskTypes:Issue",
        "rank": "", "description": null})
}

fn add(client: &Client, space: &str, attributes: &Value) -> String {
    let id = client.id();
    let reply = client.tx(&client.creation(&id, space, attributes));
    assert_eq!((reply.status, reply.json()), (200, json!([])));
    id
}

#[test]
fn numbers_are_counted_by_the_project() {
    let (client, space) = Client::with_project();
    assert_eq!(client.world.huly.add_issue("PROJ", "by hand", "", "Todo"), "PROJ-1");
    let tx = json!({"_id": client.id(), "_class": "core:class:TxUpdateDoc",
        "space": "core:space:Tx", "modifiedBy": ME, "modifiedOn": 1, "objectId": space,
        "objectClass": "tracker:class:Project", "objectSpace": "core:space:Space",
        "operations": {"$inc": {"sequence": 1}}, "retrieve": true});
    for number in [2, 3] {
        assert_eq!(client.tx(&tx).json()["object"]["sequence"], number);
    }
    // A number that was taken and not used is lost, and the next person gets the one after it.
    assert_eq!(client.world.huly.add_issue("PROJ", "by hand", "", "Todo"), "PROJ-4");
    client.world.huly.delete_issue("PROJ-4");
    assert_eq!(client.world.huly.add_issue("PROJ", "by hand", "", "Todo"), "PROJ-5");
}

#[test]
fn the_same_create_again_is_refused_and_nothing_doubles() {
    let (client, space) = Client::with_project();
    let tx = client.creation(&client.id(), &space, &attributes(1, "once"));
    client.world.huly.fault(When::on("POST", "/api/v1/tx").nth(1), Fault::LostAnswer);
    let lost = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| client.tx(&tx)));
    assert!(lost.is_err(), "carried out, and never answered");
    let again = client.tx(&tx);
    assert_eq!(again.status, 500);
    assert!(again.json()["error"].as_str().unwrap().starts_with("duplicate key value "));
    assert_eq!(client.world.huly.issues("PROJ").len(), 1);
}

#[test]
fn a_new_issue_has_the_servers_times_and_rank_and_what_was_sent() {
    let (client, space) = Client::with_project();
    let before = client.world.huly.now_ms();
    add(&client, &space, &attributes(7, "T"));
    let issue = client.world.huly.issue("PROJ-7").unwrap();
    assert!(issue.created_on.ms().unwrap() >= before, "not what the client said");
    assert_eq!((issue.status.as_str(), issue.priority.as_str()), ("Todo", "High"));
    let rank = |document: &Value| document["rank"].as_str().unwrap().to_owned();
    assert!(rank(&client.world.huly.document("PROJ-7")).starts_with("0|"));
    client.world.huly.platform_version(0, 7, 400);
    add(&client, &space, &attributes(8, "T"));
    assert_eq!(rank(&client.world.huly.document("PROJ-8")), "", "an older server leaves it");
}

#[test]
fn nothing_that_is_written_is_checked() {
    let (client, space) = Client::with_project();
    let odd = json!({"title": "odd", "number": 3, "identifier": "OTHER-9",
        "status": "nonsense", "priority": 17});
    let id = add(&client, &space, &odd);
    let shown = client.find(ISSUE, &json!({"_id": {"$in": [id]}}), &json!({})).remove(0);
    assert_eq!((&shown["status"], &shown["priority"]), (&json!("nonsense"), &json!(17)));
    assert_eq!(shown["identifier"], "OTHER-9");
    assert!(shown.get("kind").is_none() && shown.get("rank").is_none());
    let elsewhere = add(&client, "no-such-space", &attributes(4, "astray"));
    assert!(client.find(ISSUE, &json!({"_id": elsewhere}), &json!({})).is_empty());
    assert_eq!(client.world.huly.astray(), std::slice::from_ref(&elsewhere));
    let again = client.creation(&elsewhere, &space, &attributes(4, "astray"));
    assert_eq!(client.tx(&again).status, 500, "and yet it is there");
}

#[test]
fn an_update_of_what_is_gone_shows_only_when_something_is_retrieved() {
    let (client, space) = Client::with_project();
    let gone = client.id();
    let silent =
        client.of_issue("TxUpdateDoc", &gone, &space, &json!({"operations": {"title": "x"}}));
    assert_eq!((client.tx(&silent).status, client.tx(&silent).json()), (200, json!([])));
    let body = json!({"operations": {"title": "x"}, "retrieve": true});
    let told = client.of_issue("TxUpdateDoc", &gone, &space, &body);
    assert_eq!(client.tx(&told).json(), json!({"object": null}));
}

#[test]
fn an_update_moves_the_time_also_when_it_changes_nothing() {
    let (client, space) = Client::with_project();
    let issue = client.world.huly.add_issue("PROJ", "T", "", "Todo");
    let before = client.world.huly.issue(&issue).unwrap();
    let body = json!({"operations": {"title": "T"}, "retrieve": true});
    let reply = client.tx(&client.of_issue("TxUpdateDoc", &before.id, &space, &body)).json();
    let after = reply["object"]["modifiedOn"].as_i64().unwrap();
    assert!(after > before.modified_on.ms().unwrap());
    assert_eq!(reply["object"]["modifiedBy"], ME);
}

#[test]
fn operations_add_up_push_pull_and_unset() {
    let (client, space) = Client::with_project();
    let id = add(&client, &space, &attributes(1, "T"));
    let update = |operations: Value| {
        let body = json!({"operations": operations, "retrieve": true});
        client.tx(&client.of_issue("TxUpdateDoc", &id, &space, &body)).json()["object"].clone()
    };
    assert_eq!(update(json!({"$inc": {"estimation": 3}}))["estimation"], 3);
    assert_eq!(update(json!({"$inc": {"estimation": -1}}))["estimation"], 2);
    assert_eq!(update(json!({"$push": {"relations": "a"}}))["relations"], json!(["a"]));
    assert_eq!(update(json!({"$pull": {"relations": "a"}}))["relations"], json!([]));
    assert!(update(json!({"$unset": {"dueDate": true}})).get("dueDate").is_none());
}

#[test]
fn conditions_count_only_within_a_scope() {
    let (client, space) = Client::with_project();
    let issue = client.world.huly.add_issue("PROJ", "T", "", "Todo");
    let seen = client.world.huly.issue(&issue).unwrap();
    client.world.huly.edit_title(&issue, "by hand");
    let body = json!({"operations": {"title": "by us"}});
    let write = client.of_issue("TxUpdateDoc", &seen.id, &space, &body);
    let mut conditions = json!({"scope": "a", "match": [{"_class": ISSUE,
        "query": {"_id": seen.id, "modifiedOn": seen.modified_on.ms()}}]});
    let guarded = client.apply_if(&conditions, std::slice::from_ref(&write));
    assert_eq!(client.tx(&guarded).json(), json!({"success": false}));
    assert_eq!(client.world.huly.issue(&issue).unwrap().title, "by hand");
    conditions.as_object_mut().unwrap().remove("scope");
    let unguarded = client.apply_if(&conditions, std::slice::from_ref(&write));
    assert_eq!(client.tx(&unguarded).json()["success"], true);
    assert_eq!(client.world.huly.issue(&issue).unwrap().title, "by us");
    conditions["scope"] = json!("a");
    let modified = client.world.huly.issue(&issue).unwrap().modified_on.ms();
    conditions["match"][0]["query"]["modifiedOn"] = json!(modified);
    assert_eq!(client.tx(&client.apply_if(&conditions, &[write])).json()["success"], true);
}

#[test]
fn a_batch_creates_all_or_nothing_and_can_be_asked_to_do_it_once() {
    let (client, space) = Client::with_project();
    let ids: Vec<String> = (0..120).map(|_| client.id()).collect();
    let all: Vec<Value> = (1..)
        .zip(&ids)
        .map(|(n, id)| client.creation(id, &space, &attributes(n, &format!("issue {n}"))))
        .collect();
    let once = json!({"scope": "batch", "notMatch": [{"_class": ISSUE, "query": {"_id": ids[0]}}]});
    let batch = client.apply_if(&once, &all);
    client.world.huly.reset_counters();
    assert_eq!(client.tx(&batch).json()["success"], true);
    assert_eq!(client.tx(&batch).json(), json!({"success": false}));
    assert_eq!(client.world.huly.services().transactor, 2);
    assert_eq!(client.world.huly.issues("PROJ").len(), 120);
    let fresh = client.creation(&client.id(), &space, &attributes(121, "new"));
    let again = client.creation(&ids[5], &space, &attributes(122, "old"));
    let mixed = client.tx(&client.apply_if(&json!({}), &[fresh, again]));
    assert_eq!(mixed.status, 500);
    assert_eq!(client.world.huly.issues("PROJ").len(), 120);
}

#[test]
fn an_issue_that_is_moved_keeps_its_id() {
    let (client, _) = Client::with_project();
    let huly = &client.world.huly;
    huly.add_project("NEXT", "Next");
    let issue = huly.add_issue("PROJ", "T", "Text", "Todo");
    let before = huly.issue(&issue).unwrap();
    let moved = huly.move_issue(&issue, "NEXT");
    let after = huly.issue(&moved).unwrap();
    assert_eq!((moved.as_str(), &after.id), ("NEXT-1", &before.id));
    assert_eq!(huly.document(&moved)["space"], huly.project_id("NEXT"));
    assert_eq!(after.description, "Text");
    // A client moves it by its space alone, and the identifier stays unless it writes another.
    let back = json!({"operations": {"space": huly.project_id("PROJ")}});
    let tx = client.of_issue("TxUpdateDoc", &before.id, &huly.project_id("NEXT"), &back);
    assert_eq!(client.tx(&tx).status, 200);
    assert_eq!(huly.issue("NEXT-1").unwrap().project, "PROJ");
}

#[test]
fn removing_takes_sub_issues_along() {
    let (client, space) = Client::with_project();
    let parent = client.world.huly.add_issue("PROJ", "parent", "", "Todo");
    client.world.huly.add_sub_issue(&parent, "child", "", "Todo");
    let id = client.world.huly.issue(&parent).unwrap().id;
    assert_eq!(
        client.tx(&client.of_issue("TxRemoveDoc", &id, &space, &json!({}))).json(),
        json!([])
    );
    assert!(client.world.huly.issues("PROJ").is_empty());
    let told = client.find("core:class:TxRemoveDoc", &json!({}), &json!({}));
    assert_eq!(told.len(), 1);
}

#[test]
fn creates_of_one_batch_get_the_same_rank_from_the_server() {
    let (client, space) = Client::with_project();
    client.world.huly.add_issue("PROJ", "by hand", "", "Todo");
    let make = |n| client.creation(&client.id(), &space, &attributes(n, "T"));
    let batch = client.apply_if(&json!({"scope": "ours"}), &[make(7), make(8)]);
    assert_eq!(client.tx(&batch).json()["success"], true);
    let rank = |issue: &str| client.world.huly.document(issue)["rank"].clone();
    assert_eq!(rank("PROJ-7"), rank("PROJ-8"));
    assert_ne!(rank("PROJ-7"), rank("PROJ-1"));
    add(&client, &space, &attributes(9, "T"));
    assert_ne!(rank("PROJ-9"), rank("PROJ-8"), "one that is sent alone has its own");
}

#[test]
fn a_measure_without_a_name_is_a_bad_request() {
    let (client, _) = Client::with_project();
    let nameless = client.apply_if(&json!({"scope": "ours", "measureName": null}), &[]);
    let reply = client.tx(&nameless);
    assert_eq!(reply.status, 500);
    assert!(reply.text().contains("platform:status:BadRequest"), "{}", reply.text());
    let named = client.apply_if(&json!({"scope": "ours", "measureName": "m"}), &[]);
    assert_eq!(client.tx(&named).status, 200);
}
