//! The client against a scripted server.

use serde_json::{Value, json as value};

use super::*;
use crate::http::scripted::{Act, Scripted, Seen, cut_json, empty, html, http, http_with, json};
use crate::http::{Listed, ListedOf};
use crate::huly::{Found, Text, Texts};
use crate::stop::Stop;

/// Of the second generation, without asking.
fn second(scripted: &Scripted) -> Bridge {
    let bridge = first(scripted);
    bridge.detect(Some("second"), false, "P").unwrap();
    bridge
}

fn first(scripted: &Scripted) -> Bridge {
    Bridge::new(&scripted.url, 20, &http(&Stop::new(None)))
}

fn issue(identifier: &str, text: &str) -> Value {
    value!({"identifier": identifier, "title": "T", "status": "Todo", "description": text,
        "createdOn": 1, "modifiedOn": 2})
}

fn ok(body: &Value) -> Act {
    json(200, &body.to_string())
}

fn not_found(identifier: &str) -> Act {
    json(404, &format!(r#"{{"error":"Issue {identifier} not found"}}"#))
}

fn body_of(seen: &Seen) -> Value {
    serde_json::from_str(&seen.body).unwrap()
}

#[test]
fn health_proves_nothing_but_a_lost_connection() {
    let lost = r#"{"status":"degraded","connected":false}"#;
    let scripted =
        Scripted::script([json(200, r#"{"status":"degraded"}"#), json(200, lost), html(200)]);
    let bridge = first(&scripted);
    bridge.probe().unwrap();
    let error = bridge.probe().unwrap_err();
    assert_eq!(error.kind, Kind::Offline);
    assert!(error.message.contains("not connected"), "{error}");
}

#[test]
fn the_generation_is_asked_once_and_first_is_asked_again() {
    let none = value!({"issues": [], "count": 0, "notFound": ["P-0"]});
    let scripted = Scripted::script([not_found("bulk"), ok(&none), html(404), json(500, "{}")]);
    let bridge = first(&scripted);
    assert_eq!(bridge.abilities().texts, Texts::Inline, "before it is known: the oldest");
    assert_eq!(bridge.detect(None, false, "P").unwrap(), "first");
    assert_eq!(bridge.detect(Some("first"), false, "P").unwrap(), "second");
    assert!(bridge.abilities().shared_changes);
    assert_eq!(bridge.detect(Some("second"), false, "P").unwrap(), "second");
    assert_eq!(scripted.lines(), ["GET /api/issues/bulk?ids=P-0"; 2]);
    assert_eq!(bridge.detect(Some("second"), true, "P").unwrap_err().kind, Kind::Protocol);
}

#[test]
fn projects_that_do_not_add_up_are_no_list() {
    let listed = value!({"identifier": "P", "name": "A", "description": null, "issueCount": 3});
    let scripted = Scripted::script([
        ok(&value!({"projects": [listed], "count": 1})),
        ok(&value!({"projects": [listed], "count": 2})),
        ok(&value!({"error": "x"})),
    ]);
    let bridge = first(&scripted);
    let projects = bridge.projects().unwrap();
    assert_eq!((projects[0].issues, projects[0].archived), (Some(3), false));
    assert_eq!(bridge.projects().unwrap_err().kind, Kind::Protocol);
    assert_eq!(bridge.projects().unwrap_err().kind, Kind::Protocol);
}

fn list(bridge: &Bridge, since: Option<Millis>, text: bool) -> (Result<ListEnd>, Vec<String>) {
    let mut listed = Vec::new();
    let end = bridge.list("P", since, text, &mut |news| {
        listed.push(match news {
            Listed::Restart => "restart".to_owned(),
            Listed::Element(element) => bridge.parse(element, text)?.identifier,
        });
        Ok(())
    });
    (end, listed)
}

#[test]
fn each_generation_is_asked_for_a_list_in_its_own_way() {
    let second_tail = value!({"modifiedSince": null, "serverTime": "2026-01-01T00:00:00.500Z"});
    let scripted = Scripted::serve(move |_| {
        ok(&value!({"project": "P", "issues": [issue("P-1", "")], "count": 1,
            "syncMeta": second_tail}))
    });
    let old = first(&scripted);
    let (end, listed) = list(&old, Some(1_698_765_432_007), false);
    assert_eq!(end.unwrap(), ListEnd { count: 1, server_time: Some(1_767_225_600_500) });
    assert_eq!(listed, ["P-1"]);
    let new = second(&scripted);
    list(&new, None, false).0.unwrap();
    list(&new, None, true).0.unwrap();
    assert_eq!(
        scripted.lines(),
        [
            "GET /api/projects/P/issues?limit=100000&modifiedAfter=2023-10-31T15%3A17%3A12.007Z",
            "GET /api/projects/P/issues?limit=100000&includeDescriptions=false\
         &fields=identifier%2Ctitle%2Cstatus%2Cpriority%2CcreatedOn%2CmodifiedOn",
            "GET /api/projects/P/issues?limit=100000&includeDescriptions=true",
        ]
    );
}

#[test]
fn an_empty_text_is_read_only_where_texts_were_asked_for() {
    let scripted = Scripted::script([]);
    let element = issue("P-1", "").to_string().into_bytes();
    let text = |bridge: &Bridge, with| bridge.parse(&element, with).unwrap().text;
    assert_eq!(text(&second(&scripted), false), Text::Unread(None));
    assert_eq!(text(&second(&scripted), true), Text::Read(String::new()));
    assert_eq!(text(&first(&scripted), false), Text::Read(String::new()), "always with texts");
}

#[test]
fn a_list_is_whole_or_an_error() {
    for (body, kind) in [
        (value!({"issues": [issue("P-1", "")], "count": 2}), Kind::Protocol),
        (value!({"issues": [issue("P-1", "")]}), Kind::Protocol),
        (value!({"count": 0}), Kind::Protocol),
        (value!({"issues": null, "count": 0}), Kind::Protocol),
    ] {
        let sent = body.clone();
        let scripted = Scripted::serve(move |_| ok(&sent));
        assert_eq!(list(&first(&scripted), None, true).0.unwrap_err().kind, kind, "{body}");
    }
    let scripted = Scripted::serve(|_| json(500, r#"{"error":"domain not found: undefined "}"#));
    let error = list(&second(&scripted), None, false).0.unwrap_err();
    assert_eq!(error.kind, Kind::Server);
    assert!(error.message.contains("domain not found"), "{error}");
}

#[test]
fn a_list_that_was_cut_by_its_limit_is_read_anew_with_more() {
    let many = |count: u64| {
        let elements = vec!["{}"; usize::try_from(count).unwrap()].join(",");
        json(200, &format!(r#"{{"issues":[{elements}],"count":{count}}}"#))
    };
    let scripted = Scripted::script([many(100_000), many(100_001)]);
    let (mut restarts, mut count) = (0, 0_u64);
    let end = first(&scripted).list("P", None, true, &mut |news| {
        match news {
            Listed::Restart => (restarts, count) = (restarts + 1, 0),
            Listed::Element(_) => count += 1,
        }
        Ok(())
    });
    assert_eq!((end.unwrap().count, count, restarts), (100_001, 100_001, 1));
    assert!(scripted.lines()[1].contains("limit=1000000"));
}

fn changes(bridge: &Bridge) -> (Vec<SharedEnd>, Vec<String>) {
    let mut news = Vec::new();
    let ends = bridge
        .changes(&["A", "B", "C", "D", "E"], 5, &mut |piece| {
            news.push(match piece {
                ListedOf::Restart => "restart".to_owned(),
                ListedOf::Element(project, element) => {
                    format!("{project} {}", bridge.parse(element, false)?.identifier)
                }
            });
            Ok(())
        })
        .unwrap();
    (ends, news)
}

#[test]
fn one_request_tells_what_changed_in_many_projects_and_which_failed() {
    let body = value!({
        "projects": {
            "A": {"issues": [issue("A-1", ""), issue("A-2", "")], "count": 2,
                "syncMeta": {"serverTime": "2026-01-01T00:00:00.000Z"}},
            "B": {"issues": [], "count": 0, "error": "domain not found"},
            "C": {"issues": [issue("C-1", "")], "count": 3},
        },
        "totalIssues": 3, "notFound": ["D"],
    })
    .to_string();
    let scripted = Scripted::script([cut_json(&body[..300]), json(200, &body)]);
    let (ends, news) = changes(&second(&scripted));
    assert_eq!(news[news.len() - 4..], ["restart", "A A-1", "A A-2", "C C-1"]);
    let kinds: Vec<_> =
        ends.iter().map(|end| end.end.as_ref().map_err(|error| error.kind)).collect();
    let good = ListEnd { count: 2, server_time: Some(1_767_225_600_000) };
    assert_eq!(
        kinds,
        [Ok(&good), Err(Kind::Server), Err(Kind::Protocol), Err(Kind::Gone), Err(Kind::Protocol),]
    );
    let asked = body_of(&scripted.seen()[0]);
    assert_eq!(asked["includeDescriptions"], false, "a JSON boolean");
    assert_eq!(asked["modifiedSince"], "1970-01-01T00:00:00.005Z");
}

#[test]
fn the_newest_change_is_not_one_from_the_future() {
    let part = |at: i64| {
        value!({"issues": [{"identifier": "X-1", "modifiedOn": at}], "count": 1,
            "syncMeta": {"serverTime": "2026-01-01T00:00:00.000Z"}})
    };
    let now = 1_767_225_600_000_i64;
    let body = value!({"projects": {"A": part(now - 5), "B": part(now + 700_000)}});
    let scripted = Scripted::script([ok(&body)]);
    assert_eq!(second(&scripted).newest(&["A", "B"]).unwrap(), Some(now - 5));
    let failing = Scripted::serve(|_| json(500, r#"{"error":"domain not found"}"#));
    assert_eq!(second(&failing).newest(&["A"]).unwrap(), None);
    let old = Scripted::script([]);
    assert_eq!(first(&old).newest(&["A"]).unwrap(), None);
}

/// What was found, by identifier and in a word.
fn read(bridge: &Bridge, identifiers: &[&str]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    bridge.read(identifiers, &mut |answer| {
        found.push(match answer {
            Found::Issue(issue) => format!("{} {:?}", issue.identifier, issue.text),
            Found::Gone(identifier) => format!("{identifier} gone"),
            Found::Failed(identifier, error) => format!("{identifier} {:?}", error.kind),
        });
        Ok(())
    })?;
    found.sort();
    Ok(found)
}

#[test]
fn a_bulk_read_answers_each_once_and_asks_apart_for_what_it_left_out() {
    let scripted = Scripted::serve(|seen| match seen.line.as_str() {
        "GET /api/issues/P-3" => ok(&issue("P-3", "c")),
        _ => ok(&value!({"issues": [issue("P-2", "b"), issue("P-2", "b"), issue("Z-1", "")],
            "count": 3, "notFound": ["P-1"]})),
    });
    let found = read(&second(&scripted), &["P-1", "P-2", "P-3"]).unwrap();
    assert_eq!(found, ["P-1 gone", r#"P-2 Read("b")"#, r#"P-3 Read("c")"#]);
    assert_eq!(scripted.lines()[0], "GET /api/issues/bulk?ids=P-1%2CP-2%2CP-3");
}

#[test]
fn where_a_bulk_read_fails_each_issue_is_asked_for_alone() {
    let scripted = Scripted::serve(|seen| match seen.line.as_str() {
        "GET /api/issues/P-1" => not_found("P-1"),
        "GET /api/issues/P-2" => ok(&issue("P-2", "b")),
        "GET /api/issues/P-3" => json(500, r#"{"error":"x"}"#),
        "GET /api/issues/P-4" => html(404),
        "GET /api/issues/P-5" => not_found("P-55"),
        "GET /api/issues/P-6" => ok(&issue("P-7", "")),
        _ => json(500, r#"{"error":"domain not found"}"#),
    });
    let found = read(&second(&scripted), &["P-1", "P-2", "P-3", "P-4", "P-5", "P-6"]).unwrap();
    assert_eq!(
        found,
        [
            "P-1 gone",
            r#"P-2 Read("b")"#,
            "P-3 Server",
            "P-4 Protocol",
            "P-5 Protocol",
            "P-6 Protocol",
        ]
    );
}

#[test]
fn an_old_bridges_not_found_of_bulk_proves_nothing() {
    let scripted = Scripted::serve(|seen| match seen.line.as_str() {
        "GET /api/issues/P-1" => ok(&issue("P-1", "a")),
        "GET /api/issues/P-2" => ok(&issue("P-2", "b")),
        _ => not_found("bulk"),
    });
    let found = read(&second(&scripted), &["P-1", "P-2"]).unwrap();
    assert_eq!(found, [r#"P-1 Read("a")"#, r#"P-2 Read("b")"#]);
    assert!(read(&first(&scripted), &["P-1"]).is_ok());
}

#[test]
fn a_read_ends_when_nothing_can_be_read_any_more() {
    let scripted = Scripted::serve(|_| empty(503));
    assert_eq!(read(&first(&scripted), &["P-1", "P-2"]).unwrap_err().kind, Kind::Offline);
    assert!(scripted.lines().len() <= 5);
}

#[test]
fn a_create_sends_no_blank_text_and_nothing_too_large() {
    let made = value!({"identifier": "P-9", "status": "Backlog"});
    let scripted = Scripted::script([json(201, &made.to_string()), json(201, "{}")]);
    let bridge = second(&scripted);
    let mut new = NewIssue { project: "P", title: "T", text: " ", status: None, task: "t" };
    let created = bridge.create(&new).unwrap();
    assert_eq!((created.identifier.as_str(), created.status.as_deref()), ("P-9", Some("Backlog")));
    assert_eq!(body_of(&scripted.seen()[0]), value!({"project_identifier": "P", "title": "T"}));
    assert!(bridge.create(&new).unwrap_err().ambiguous, "it is there, under whatever name");
    let long = "x".repeat(BODY_LIMIT);
    new.text = &long;
    assert_eq!(bridge.create(&new).unwrap_err().kind, Kind::TooLarge);
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
        .write(writes)
        .into_iter()
        .map(|end| match end {
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
    assert_eq!(write(&second(&scripted), &[write_all]), ["TooLarge"]);
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
