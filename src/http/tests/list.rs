//! Streamed lists: whole, anew or an error.

use std::time::{Duration, Instant};

use serde_json::{Value, json as value};

use super::super::scripted::{Act, Scripted, cut_json, drip, empty, html, http_with, json};
use super::super::*;
use super::{OK, counts, get, server};
use crate::stop::Stop;

const DATA: Path = &[Some("data")];

/// The news of a list, as text.
fn news(server: &Server) -> (Result<Listing<Value>>, Vec<String>) {
    let mut news = Vec::new();
    let listing = server.list(&get(), DATA, &mut |piece: Listed<'_>| {
        news.push(match piece {
            Listed::Restart => "restart".to_owned(),
            Listed::Element(_, bytes) => String::from_utf8(bytes.to_vec())?,
        });
        Ok(())
    });
    (listing, news)
}

#[test]
fn a_list_that_breaks_in_its_middle_is_read_anew_after_a_restart() {
    let whole = r#"{"success":true,"data":[{"a":1},{"a":2}],"message":null}"#;
    let scripted = Scripted::script([cut_json(r#"{"data":[{"a":1},{"a""#), json(200, whole)]);
    let (server, http) = server(&scripted);
    let (listing, news) = news(&server);
    let listing = listing.unwrap();
    assert_eq!(news, [r#"{"a":1}"#, "restart", r#"{"a":1}"#, r#"{"a":2}"#]);
    assert_eq!(listing.count, 2);
    assert_eq!(listing.envelope, value!({"success": true, "data": [], "message": null}));
    assert!(counts(&http).bytes as usize > whole.len());
}

#[test]
fn a_list_is_whole_or_an_error() {
    let head = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
    let chunk =
        |end: &str| format!("HTTP/1.1 200 OK\r\n{head}\r\nd\r\n{{\"data\":[{{}}]}}\r\n{end}");
    for broken in [
        json(200, r#"{"data":[{"a":1}"#),
        json(200, r#"{"data":[{"a":1}]} {}"#),
        json(200, r#"{"data":[1]}"#),
        cut_json(r#"{"data":[{"a":1}]}"#),
        Act::Cut(chunk("").into_bytes()),
        html(200),
    ] {
        let act = broken.clone();
        let scripted = Scripted::serve(move |_| act.clone());
        let (server, _) = server(&scripted);
        let error = news(&server).0.unwrap_err();
        let is_cut = matches!(broken, Act::Cut(_));
        let kind = if is_cut { Kind::Offline } else { Kind::Protocol };
        assert_eq!(error.kind, kind, "{error} {broken:?}");
    }
    let scripted = Scripted::script([Act::Send(chunk("0\r\n\r\n").into_bytes())]);
    assert_eq!(news(&server(&scripted).0).0.unwrap().count, 1);
}

#[test]
fn a_refused_list_is_no_list() {
    for (act, kind) in [
        (json(404, r#"{"error":"Project X not found"}"#), Kind::Gone),
        (html(404), Kind::Protocol),
        (empty(403), Kind::Auth),
    ] {
        let scripted = Scripted::script([act]);
        let (server, _) = server(&scripted);
        assert_eq!(news(&server).0.unwrap_err().kind, kind);
        assert_eq!(scripted.lines().len(), 1);
    }
}

#[test]
fn a_receiver_that_fails_ends_the_list_with_its_own_reason() {
    let scripted = Scripted::serve(|_| json(200, r#"{"data":[{},{}]}"#));
    let (server, _) = server(&scripted);
    let mut full = |_: Listed<'_>| anyhow::bail!("disk full");
    let error = server.list::<Value>(&get(), DATA, &mut full).unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (Kind::Local, "disk full"));
    let mut odd =
        |_: Listed<'_>| Err(Error::new(Kind::Protocol, Host::Vibe, "a task", "odd").into());
    let error = server.list::<Value>(&get(), DATA, &mut odd).unwrap_err();
    assert_eq!((error.kind, error.call.as_str()), (Kind::Protocol, "a task"));
    assert_eq!(scripted.lines().len(), 2, "neither is repeated");
}

#[test]
fn the_floor_is_the_same_body_dropped() {
    let body = format!(r#"{{"data":["{}"]}}"#, "x".repeat(200_000));
    let length = body.len() as u64;
    let scripted = Scripted::serve(move |_| json(200, &body));
    let (server, _) = server(&scripted);
    assert_eq!(server.drain(&get()).unwrap(), length);
    assert_eq!(server.drain(&get()).unwrap(), length);
    assert_eq!(scripted.connections(), 1);
}

#[test]
fn a_list_may_take_its_time_but_not_be_silent() {
    let slow = drip(json(200, r#"{"data":[{"a":1},{"a":2}]}"#), 8, Duration::from_millis(100));
    let scripted = Scripted::script([slow.clone(), Act::Hang, slow]);
    let http = http_with(&Stop::new(None), Duration::from_millis(400));
    let server = Server::new(&http, Host::Vibe, &scripted.url, Limits::default());
    assert_eq!(news(&server).0.unwrap().count, 2);
    let begun = Instant::now();
    assert_eq!(news(&server).1, ["restart", r#"{"a":1}"#, r#"{"a":2}"#]);
    assert!(begun.elapsed() < Duration::from_secs(3));
    let scripted = Scripted::serve(|_| drip(json(200, OK), 8, Duration::from_millis(100)));
    let server = Server::new(&http, Host::Vibe, &scripted.url, Limits::default());
    assert_eq!(server.ask(&get()).unwrap_err().kind, Kind::Offline, "a call has one time for all");
}
