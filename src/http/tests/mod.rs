//! The transport against a scripted server.

mod list;
mod reach;
mod waiting;

use std::net::TcpListener;
use std::time::Duration;

use serde_json::json as value;

use super::scripted::{Act, Scripted, answer, cut_json, empty, html, http, http_with, json};
use super::*;
use crate::stop::Stop;

const OK: &str = r#"{"ok":true}"#;

fn server(scripted: &Scripted) -> (Server, Http) {
    let http = http(&Stop::new(None));
    (Server::new(&http, Host::Vibe, &scripted.url, Limits::default()), http)
}

fn get() -> Request {
    Request::get("/api/x")
}

fn put() -> Request {
    Request::put("/api/x").json(&value!({"a": 1}))
}

fn post() -> Request {
    Request::post("/api/x").json(&value!({"a": 1}))
}

fn counts(http: &Http) -> Counts {
    http.snapshot()[Host::Vibe as usize].1
}

#[test]
fn five_requests_take_one_connection_errors_included() {
    let page = html(404);
    let scripted =
        Scripted::script([json(200, OK), empty(404), page, json(500, OK), json(201, OK)]);
    let (server, http) = server(&scripted);
    assert_eq!(server.ask(&get()).unwrap().status, 200);
    assert_eq!(server.ask(&get()).unwrap().error().kind, Kind::Gone);
    assert_eq!(server.ask(&get()).unwrap().error().kind, Kind::Protocol);
    assert_eq!(server.ask(&put()).unwrap_err().kind, Kind::Server);
    assert_eq!(server.ask(&post()).unwrap().status, 201);
    assert_eq!(scripted.connections(), 1);
    let counts = counts(&http);
    assert_eq!((counts.requests, counts.writes, counts.connections, counts.retries), (5, 2, 1, 0));
    let body = Request::post("").json(&value!({"a": 1}));
    assert_eq!(scripted.seen()[4].body.len(), body.size());
}

#[test]
fn what_is_sent_names_its_sender_and_wants_plain_json() {
    let scripted = Scripted::script([json(200, OK)]);
    let (server, _) = server(&scripted);
    server.ask(&get().bearer("secret")).unwrap();
    let head = scripted.seen()[0].head.to_ascii_lowercase();
    for line in [
        "accept: application/json",
        "accept-encoding: identity",
        concat!("user-agent: huly-vibe-sync/", env!("CARGO_PKG_VERSION")),
        "authorization: bearer secret",
    ] {
        assert!(head.contains(line), "{line} in {head}");
    }
}

#[test]
fn a_huge_error_body_is_cut_and_its_connection_given_up() {
    let long = "x".repeat(1 << 20);
    let scripted = Scripted::script([answer(400, "", &long), json(200, OK)]);
    let (server, _) = server(&scripted);
    assert_eq!(server.ask(&get()).unwrap().body.len(), 64 << 10);
    server.ask(&get()).unwrap();
    assert_eq!(scripted.connections(), 2);
}

#[test]
fn a_read_is_repeated_after_whatever_may_pass() {
    for passing in [
        json(503, OK),
        json(500, OK),
        empty(429),
        empty(408),
        html(200),
        json(200, "{"),
        cut_json(OK),
        Act::Cut(vec![]),
    ] {
        let scripted = Scripted::script([passing.clone(), json(200, OK)]);
        let (server, http) = server(&scripted);
        assert_eq!(server.ask(&get()).unwrap().status, 200, "{passing:?}");
        assert_eq!(counts(&http).retries, 1);
    }
}

#[test]
fn attempts_end_and_the_error_says_what_it_was() {
    let cases = [
        (html(200), Kind::Protocol, "unsupported version or wrong URL: answered a web page"),
        (json(200, "[1,"), Kind::Protocol, "broken JSON"),
        (
            answer(200, "Content-Type: text/plain\r\n", "hi"),
            Kind::Protocol,
            "the answer is no JSON",
        ),
        (json(500, r#"{"error":"domain not found"}"#), Kind::Server, "domain not found"),
        (empty(502), Kind::Offline, "answered 502"),
        (html(520), Kind::Offline, "answered 520"),
        (html(523), Kind::Offline, "answered 523"),
        (empty(530), Kind::Offline, "answered 530"),
        (empty(429), Kind::Throttled, ""),
        (cut_json(OK), Kind::Offline, "disconnected"),
    ];
    for (act, kind, message) in cases {
        let scripted = Scripted::serve(move |_| act.clone());
        let (server, _) = server(&scripted);
        let error = server.ask(&get()).unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.to_string().contains(message), "{error}");
        assert!(!error.ambiguous);
        assert_eq!(scripted.lines().len(), 4, "{error}");
    }
}

#[test]
fn refusals_are_final() {
    for status in [400, 401, 403, 404, 405, 409, 413, 422] {
        let scripted = Scripted::serve(move |_| answer(status, "", "no\nway"));
        let (server, _) = server(&scripted);
        let error = server.ask(&get()).unwrap().ok().unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (Kind::of_status(status), "no"));
        assert_eq!(scripted.lines().len(), 1);
    }
}

#[test]
fn a_write_whose_end_is_unclear_is_handed_back_as_such() {
    for unclear in [json(500, OK), empty(504), html(200), json(200, "{"), cut_json(OK)] {
        for request in [put(), post()] {
            let act = unclear.clone();
            let scripted = Scripted::serve(move |_| act.clone());
            let (server, _) = server(&scripted);
            let error = server.ask(&request).unwrap_err();
            assert!(error.ambiguous, "{} {unclear:?}", request.call());
            assert_eq!(scripted.lines().len(), 1);
        }
    }
}

#[test]
fn a_write_that_was_surely_not_carried_out_is_repeated() {
    for request in [put(), post()] {
        let scripted = Scripted::script([empty(429), json(200, OK)]);
        let (server, _) = server(&scripted);
        assert_eq!(server.ask(&request).unwrap().status, 200);
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let http = http(&Stop::new(None));
    let server = Server::new(&http, Host::Vibe, &format!("http://{port}"), Limits::default());
    let error = server.ask(&post()).unwrap_err();
    assert_eq!((error.kind, error.ambiguous), (Kind::Offline, false), "{error}");
    assert_eq!(counts(&http).retries, 3);
}

#[test]
fn a_503_to_a_create_is_unclear_unless_it_says_when_to_come_again() {
    let busy = || answer(503, "Retry-After: 0\r\n", "");
    let scripted = Scripted::script([busy(), json(200, OK), empty(503), json(200, OK), empty(503)]);
    let (server, _) = server(&scripted);
    assert_eq!(server.ask(&post()).unwrap().status, 200);
    assert_eq!(server.ask(&put()).unwrap().status, 200);
    let error = server.ask(&post()).unwrap_err();
    assert_eq!((error.kind, error.ambiguous), (Kind::Offline, true), "{error}");
    assert_eq!(scripted.lines().len(), 5);
}

#[test]
fn a_write_that_times_out_is_unclear_and_a_read_is_repeated() {
    let scripted = Scripted::serve(|seen| match seen.line.starts_with("GET") {
        true => json(200, OK),
        false => Act::Hang,
    });
    let http = http_with(&Stop::new(None), Duration::from_millis(200));
    let server = Server::new(&http, Host::Vibe, &scripted.url, Limits::default());
    let error = server.ask(&post()).unwrap_err();
    assert_eq!((error.kind, error.ambiguous), (Kind::Offline, true), "{error}");
    assert_eq!(scripted.lines().len(), 1);
    assert_eq!(server.ask(&get()).unwrap().status, 200);
}

#[test]
fn a_pooled_connection_that_the_server_closed_costs_nothing_but_a_create() {
    let stale = || [json(200, OK), Act::Cut(vec![]), json(200, OK)];
    for request in [get(), put()] {
        let scripted = Scripted::script(stale());
        let (server, http) = server(&scripted);
        server.ask(&get()).unwrap();
        assert_eq!(server.ask(&request).unwrap().status, 200);
        let counts = counts(&http);
        assert_eq!((counts.connections, counts.waited_ms), (2, 0), "at once");
    }
    let scripted = Scripted::script(stale());
    let (server, _) = server(&scripted);
    server.ask(&get()).unwrap();
    let error = server.ask(&post()).unwrap_err();
    assert!(error.ambiguous, "{error}");
    assert_eq!(scripted.lines().len(), 2);
}

#[test]
fn retry_after_is_honoured_in_both_forms() {
    let date =
        "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:49:38 GMT\r\n";
    for headers in ["Retry-After: 1\r\n", date] {
        let scripted = Scripted::script([answer(429, headers, ""), json(200, OK)]);
        let (server, http) = server(&scripted);
        server.ask(&post()).unwrap();
        let waited = counts(&http).waited_ms;
        assert!((1000..1500).contains(&waited), "{waited}");
    }
}

#[test]
fn five_failures_in_a_row_give_the_server_up_but_not_its_own_errors() {
    let scripted = Scripted::serve(|_| empty(503));
    let (server, _) = server(&scripted);
    server.ask(&get()).unwrap_err();
    server.ask(&get()).unwrap_err();
    let error = server.clone().ask(&get()).unwrap_err();
    assert_eq!(error.kind, Kind::Offline);
    assert!(error.message.contains("five calls in a row"), "{error}");
    assert_eq!(scripted.lines().len(), 5);

    let scripted = Scripted::serve(|_| json(500, r#"{"error":"x"}"#));
    let (server, _) = self::server(&scripted);
    (0..3).for_each(|_| drop(server.ask(&get())));
    assert_eq!(scripted.lines().len(), 12);
}

#[test]
fn a_redirect_is_not_followed() {
    let scripted = Scripted::script([answer(302, "Location: http://elsewhere/\r\n", "")]);
    let (server, _) = server(&scripted);
    let error = server.ask(&get()).unwrap_err();
    assert_eq!(error.kind, Kind::Protocol);
    assert!(error.message.contains("http://elsewhere/"), "{error}");
}

#[test]
fn https_that_is_none_is_unclear_for_a_create_and_no_panic() {
    let scripted = Scripted::serve(|_| Act::Cut(vec![]));
    let http = http_with(&Stop::new(None), Duration::from_millis(300));
    let url = scripted.url.replace("http:", "https:").replace("127.0.0.1", "localhost");
    let server = Server::new(&http, Host::Vibe, &url, Limits::default());
    let error = server.ask(&post()).unwrap_err();
    assert_eq!((error.kind, error.ambiguous), (Kind::Offline, true), "{error}");
}
