//! Creates and changes.

use serde_json::{Value, json as value};

use super::super::*;
use super::{body_of, first, not_found, ok, second};
use crate::http::scripted::{Act, Scripted, http_with, json};
use crate::huly::at_once;
use crate::model::Field;
use crate::stop::Stop;

#[test]
fn a_create_sends_no_blank_text_and_nothing_too_large() {
    let made = value!({"identifier": "P-9", "status": "Backlog"});
    let scripted = Scripted::script([json(201, &made.to_string()), json(201, "{}")]);
    let bridge = second(&scripted);
    let mut new =
        NewIssue { project: "P", title: "T", text: " ", marker_at: None, status: None, seed: "t" };
    let created = bridge.create_issue(&new).unwrap();
    assert_eq!((created.identifier.as_str(), created.status.as_deref()), ("P-9", Some("Backlog")));
    assert_eq!(body_of(&scripted.seen()[0]), value!({"project_identifier": "P", "title": "T"}));
    assert!(bridge.create_issue(&new).unwrap_err().ambiguous, "it is there, under whatever name");
    let long = "x".repeat(BODY_LIMIT);
    new.text = &long;
    assert_eq!(bridge.create_issue(&new).unwrap_err().kind, Kind::TooLarge);
    assert_eq!(scripted.lines().len(), 2);
}

fn title<'a>(identifier: &'a str, title: &'a str) -> IssueWrite<'a> {
    IssueWrite { identifier, title: Some(title), ..IssueWrite::default() }
}

fn status<'a>(identifier: &'a str, status: &'a str) -> IssueWrite<'a> {
    IssueWrite { identifier, status: Some(status), ..IssueWrite::default() }
}

/// How each write ended, in a word.
fn write(bridge: &Bridge, writes: &[IssueWrite<'_>]) -> Vec<String> {
    bridge
        .write(writes, &mut at_once)
        .into_iter()
        .map(|end| match end {
            Ok(Written::NoSuchStatus(those)) => {
                let names: Vec<&str> = those.iter().map(|status| status.name.as_str()).collect();
                format!("NoSuchStatus({names:?})")
            }
            Ok(end) => format!("{end:?}"),
            Err(error) if error.ambiguous => format!("{:?}?", error.kind),
            Err(error) => format!("{:?}", error.kind),
        })
        .collect()
}

fn updated() -> Act {
    json(200, r#"{"updated":true}"#)
}

#[test]
fn what_is_not_let_go_is_not_sent_and_what_was_sent_before_is_told() {
    let scripted = Scripted::script([updated(), json(200, r#"{"updated":true,"changes":{}}"#)]);
    let bridge = second(&scripted);
    let both = IssueWrite { text: Some("text"), ..title("P-1", "a") };
    let ask = |upto: usize| {
        let mut asked = 0;
        let mut ready = |places: &[usize]| {
            asked += 1;
            if asked <= upto { places.to_vec() } else { Vec::new() }
        };
        bridge.write(std::slice::from_ref(&both), &mut ready).remove(0).unwrap()
    };
    assert!(matches!(ask(0), Written::Moved));
    assert!(matches!(ask(1), Written::Part(fields) if fields == [Field::Title]));
    assert_eq!(scripted.lines(), ["PUT /api/issues/P-1"]);
}

#[test]
fn titles_and_statuses_go_together_and_what_was_passed_over_goes_alone() {
    let scripted = Scripted::serve(|seen| match seen.line.as_str() {
        "PATCH /api/issues/bulk" => ok(&value!({"results": [
            {"identifier": "P-1", "updated": true, "changes": {"title": "a"}},
            {"identifier": "P-2", "updated": false, "changes": {}},
            {"identifier": "P-4", "updated": true, "changes": {"title": "d"}},
        ]})),
        "PUT /api/issues/P-2" => {
            json(400, r#"{"error":"Status 'X' not found","availableStatuses":["Todo","Done"]}"#)
        }
        "PUT /api/issues/P-3" => not_found("P-3"),
        _ => updated(),
    });
    let both = IssueWrite { status: Some("Done"), ..title("P-4", "d") };
    let writes = [title("P-1", "a"), status("P-2", "X"), title("P-3", "c"), both];
    let ends = write(&second(&scripted), &writes);
    assert_eq!(ends, ["Done", r#"NoSuchStatus(["Todo", "Done"])"#, "Gone", "Done"]);
    let lines = scripted.lines();
    assert_eq!(lines.len(), 4);
    assert_eq!(body_of(&scripted.seen()[3]), value!({"field": "status", "value": "Done"}));
}

#[test]
fn a_bulk_write_that_is_unclear_is_unclear_for_each_and_ends_it() {
    let scripted = Scripted::serve(|_| Act::Hang);
    let short = std::time::Duration::from_millis(200);
    let bridge = Bridge::new(&scripted.url, 20, &http_with(&Stop::new(None), short));
    bridge.detect(Some("second"), false, "P").unwrap();
    let with_text = IssueWrite { text: Some("x"), ..title("P-1", "a") };
    assert_eq!(write(&bridge, &[with_text, title("P-2", "b")]), ["Offline?", "Offline?"]);
    assert_eq!(scripted.lines(), ["PATCH /api/issues/bulk"]);
}

#[test]
fn a_bulk_write_that_was_answered_by_an_error_goes_one_by_one() {
    let scripted = Scripted::serve(|seen| match seen.line.as_str() {
        "PATCH /api/issues/bulk" => json(500, r#"{"error":"domain not found"}"#),
        "PUT /api/issues/P-1" => json(500, r#"{"error":"x"}"#),
        _ => updated(),
    });
    let ends = write(&second(&scripted), &[title("P-1", "a"), title("P-2", "b")]);
    assert_eq!(ends, ["Server?", "Done"]);
}

#[test]
fn bulk_writes_hold_a_hundred_and_what_fits_a_body() {
    let scripted = Scripted::serve(|seen| {
        let updates = body_of(seen)["updates"].as_array().unwrap().clone();
        let results = updates.iter().map(|update| {
            value!({"identifier": update["identifier"], "updated": true,
                "changes": update["changes"]})
        });
        ok(&value!({"results": results.collect::<Vec<_>>()}))
    });
    let names: Vec<String> = (0..250).map(|number| format!("P-{number}")).collect();
    let writes: Vec<_> = names.iter().map(|name| title(name, "a")).collect();
    assert!(write(&second(&scripted), &writes).iter().all(|end| end == "Done"));
    assert_eq!(scripted.lines().len(), 3);
    let long = "x".repeat(40_000);
    let writes: Vec<_> = names[..5].iter().map(|name| title(name, &long)).collect();
    write(&second(&scripted), &writes[..4]);
    assert_eq!(scripted.lines().len(), 5);
    assert!(scripted.seen().iter().all(|seen| seen.body.len() <= BODY_LIMIT));
}

fn text<'a>(new: &'a str, is_blank: bool) -> IssueWrite<'a> {
    IssueWrite {
        identifier: "P-1",
        text: Some(new),
        text_is_blank: is_blank,
        ..IssueWrite::default()
    }
}

#[test]
fn over_a_blank_text_goes_put_then_patch_and_over_another_patch() {
    let taken =
        value!({"identifier": "P-1", "updated": true, "appliedUpdates": {"description": "x"}});
    let scripted = Scripted::serve(move |_| ok(&taken));
    let bridge = second(&scripted);
    assert_eq!(write(&bridge, &[text("x", true)]), ["Done"]);
    assert_eq!(write(&bridge, &[text("x", false)]), ["Done"]);
    assert_eq!(write(&bridge, &[text("", true)]), ["Done"]);
    let [put, patch] = ["PUT /api/issues/P-1", "PATCH /api/issues/P-1"];
    assert_eq!(scripted.lines(), [put, patch, patch]);
    let bodies: Vec<Value> = scripted.seen().iter().map(body_of).collect();
    assert_eq!(bodies[0], value!({"field": "description", "value": "x"}));
    assert_eq!(bodies[1], value!({"description": "x"}));
}

#[test]
fn a_200_that_did_not_take_the_text_is_a_failure() {
    for refused in [
        value!({"updated": false, "appliedUpdates": {},
            "errors": [{"field": "description", "error": "fetch failed"}]}),
        value!({"updated": true, "appliedUpdates": ["title"]}),
        value!({"updated": false}),
    ] {
        let sent = refused.clone();
        let scripted = Scripted::serve(move |_| ok(&sent));
        assert_eq!(write(&second(&scripted), &[text("x", false)]), ["Server"], "{refused}");
    }
}

#[test]
fn a_text_too_large_is_not_sent_but_title_and_status_are() {
    let scripted = Scripted::serve(|_| updated());
    let long = "x".repeat(BODY_LIMIT);
    let write_all = IssueWrite { title: Some("a"), status: Some("Done"), ..text(&long, true) };
    assert_eq!(write(&second(&scripted), &[write_all]), ["TooLarge?"]);
    assert_eq!(scripted.lines(), ["PUT /api/issues/P-1"; 2]);
}

#[test]
fn the_first_generation_writes_field_by_field_and_no_text() {
    let scripted = Scripted::serve(|_| updated());
    let both = IssueWrite { status: Some("Done"), ..title("P-2", "b") };
    let ends = write(&first(&scripted), &[text("x", false), both]);
    assert_eq!(ends, ["Invalid", "Done"]);
    assert_eq!(scripted.lines(), ["PUT /api/issues/P-2"; 2]);
}
