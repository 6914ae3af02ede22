//! Issues by identifier.

use serde_json::json as value;

use super::super::*;
use super::{first, issue, not_found, ok, second};
use crate::http::scripted::{Scripted, empty, html, json};
use crate::huly::Found;

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
