//! The client against a scripted server.

mod list;
mod read;
mod write;

use serde_json::{Value, json as value};

use super::*;
use crate::http::scripted::{Act, Scripted, Seen, html, http, json};
use crate::huly::Texts;
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
