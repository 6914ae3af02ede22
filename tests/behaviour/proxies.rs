//! What stands in front of a system answers in its place, or changes what it answered.

use std::io::Write;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::calls;
use crate::rig::{Ran, Rig, on_platform};
use crate::support::{Coding, Fault, RetryAfter, Service, Tls, When};

fn with_an_issue_and_a_task() -> (Rig, String) {
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "An issue", "text", "Todo");
    rig.world.vibe.add_task(&vibe, "A task", "text", "todo");
    (rig, vibe)
}

fn assert_one_of_each(rig: &Rig, vibe: &str) {
    assert_eq!(rig.world.vibe.tasks(vibe).len(), 2);
    assert_eq!(rig.world.huly.issues("PROJ").len(), 2);
}

#[track_caller]
fn assert_said(ran: &Ran, exit: i32, lines: &[&str]) {
    assert_eq!(ran.exit, exit, "{ran:#?}");
    let said: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(said.len(), lines.len(), "{ran:#?}");
    for line in lines {
        assert!(said.iter().any(|said| said.contains(line)), "no {line}: {ran:#?}");
    }
}

/// A mesh that lost the server behind it says 503 after the create was carried out.
#[test]
fn a_create_that_a_mesh_belies_is_made_once() {
    for code in [503, 520, 530] {
        let (rig, vibe) = with_an_issue_and_a_task();
        let belied = Fault::Belied { code };
        let task = rig.world.vibe.fault(When::on("POST", "/api/tasks").nth(1), belied.clone());
        let issue = rig.world.huly.fault(calls::create().nth(1), belied);

        let ran = rig.sync();

        assert_ne!(ran.exit, 0, "{ran:#?}");
        assert_eq!(rig.world.vibe.struck(task) + rig.world.huly.struck(issue), 2);
        rig.sync();
        rig.sync_well();
        assert_one_of_each(&rig, &vibe);
        rig.assert_quiet();
    }
}

#[test]
fn a_create_that_is_refused_for_want_of_room_is_repeated_in_the_same_pass() {
    let (rig, vibe) = with_an_issue_and_a_task();
    let busy = Fault::retry_later(503, RetryAfter::Seconds(0));
    rig.world.vibe.fault(When::on("POST", "/api/tasks").nth(1), busy);
    rig.sync_well();
    assert_one_of_each(&rig, &vibe);
    rig.assert_quiet();
}

#[test]
fn a_server_that_a_proxy_calls_away_is_tried_again_later_and_its_status_is_named() {
    for code in [502, 503, 504, 520, 521, 522, 523, 524, 530] {
        let rig = Rig::new();
        rig.project();
        let page = Fault::Page { code };
        rig.world.huly.fault(When::always(), page.clone());
        assert_said(&rig.sync(), 75, &[&format!("answered {code}")]);
        rig.world.huly.clear_faults();
        rig.world.vibe.fault(When::always(), page);
        assert_eq!(rig.sync().exit, 75, "{code}");
    }
}

#[test]
fn answers_that_were_compressed_unasked_are_understood() {
    for coding in [Coding::Gzip, Coding::Deflate] {
        let (rig, vibe) = with_an_issue_and_a_task();
        rig.world.huly.add_issue("PROJ", "Long", &"A long text. ".repeat(20_000), "Todo");
        rig.world.huly.fault(When::always(), Fault::Packed(coding));
        rig.world.vibe.fault(When::always(), Fault::Packed(coding));

        rig.sync_well();

        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 3);
        assert_eq!(rig.world.huly.issues("PROJ").len(), 3);
        rig.assert_quiet();
        // As few connections as without: each body is read to its end.
        let connections = rig.world.vibe.counters().connections;
        assert!(connections <= 15, "{connections}");
    }
}

#[test]
fn a_coding_that_is_not_built_in_is_named() {
    let rig = Rig::new();
    rig.project();
    rig.world.huly.fault(When::always(), Fault::Packed(Coding::Brotli));
    assert_said(&rig.sync(), 1, &["Content-Encoding: br"]);
    rig.world.huly.clear_faults();
    // Here nothing of it is what the header says.
    rig.world.huly.fault(When::always(), Fault::Packed(Coding::Wrong));
    assert_eq!(rig.sync().exit, 1);
}

/// A small answer that is a huge one when it is unpacked.
#[test]
fn a_bomb_neither_fills_the_memory_nor_ends_the_process() {
    let pack = |parts: &[&[u8]], times: usize| {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(parts[0]).unwrap();
        let filling = parts[1].repeat(1 << 20);
        (0..times).for_each(|_| packed.write_all(&filling).unwrap());
        packed.write_all(parts[2]).unwrap();
        packed.finish().unwrap()
    };
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "An issue", "text", "Todo");
    let list = When::on("GET", &format!("project_id={vibe}"));
    for body in [
        pack(&[b"{\"success\":true,\"data\":[{\"id\":\"", b"a", b"\"}]}"], 200),
        pack(&[b"{\"success\":true,\"data\":[", b" ", b""], 200),
        pack(&[b"{\"success\":true,\"message\":\"", b"a", b"\",\"data\":[]}"], 200),
    ] {
        let fault = rig.world.vibe.fault(list.clone(), Fault::Bomb { body: body.into() });
        let begun = Instant::now();

        let ran = rig.sync();

        assert!([1, 3].contains(&ran.exit), "{ran:#?}");
        assert!(begun.elapsed() < Duration::from_secs(60));
        let peak = ran.json["peak_rss_bytes"].as_u64();
        assert!(peak.is_none_or(|peak| peak < 100 << 20), "{peak:?}");
        assert!(rig.world.vibe.tasks(&vibe).is_empty(), "nothing is done on a part");
        rig.world.vibe.lift_fault(fault);
    }
    rig.sync_well();
    assert_eq!(rig.world.vibe.tasks(&vibe).len(), 1);
}

#[test]
fn a_failure_that_changes_is_said_and_one_that_is_over_once() {
    let rig = Rig::new();
    rig.project();
    rig.sync_well();
    let login = "https://sso.example.org/login?state=";
    let fail = |fault: Fault| {
        rig.world.huly.clear_faults();
        rig.world.huly.fault(When::always(), fault);
        rig.sync()
    };
    let silent_but = |ran: &Ran, exit: i32| {
        // One that a later pass does not mend by itself is never quite silent.
        let lines: &[&str] = if exit == 75 { &[] } else { &["exit code 1 as before: huly "] };
        assert_said(ran, exit, lines);
    };
    assert_said(&fail(Fault::Page { code: 404 }), 1, &["answered 404"]);
    silent_but(&fail(Fault::Page { code: 404 }), 1);
    let moved = |number: u32| Fault::Moved { to: format!("{login}{number}") };
    assert_said(&fail(moved(1)), 1, &["https://sso.example.org/login"]);
    silent_but(&fail(moved(2)), 1);
    let other = Fault::Moved { to: "https://other.example.org/".to_owned() };
    assert_said(&fail(other), 1, &["other.example.org"]);
    assert_said(&fail(Fault::Page { code: 503 }), 75, &["answered 503"]);
    silent_but(&fail(Fault::Page { code: 503 }), 75);
    assert_said(&fail(Fault::Page { code: 523 }), 75, &["answered 523"]);

    rig.world.huly.clear_faults();
    assert_said(&rig.sync(), 0, &["huly answers again"]);
    assert_said(&rig.sync(), 0, &[]);
}

/// Nobody listens there.
const AWAY: &str = "http://me:hunter2@127.0.0.1:9";

#[test]
fn exceptions_from_a_proxy_are_honoured_or_refused_and_never_passed_by() {
    for (name, list, exit) in [
        ("NO_PROXY", "10.0.0.0/8,127.0.0.0/8,localhost", 0),
        ("no_proxy", "localhost, 127.0.0.1", 0),
        ("NO_PROXY", "localhost 127.0.0.1", 0),
        ("NO_PROXY", "127.*", 0),
        ("NO_PROXY", "*", 0),
        ("NO_PROXY", "127.0.0.1:*", 2),
        ("no_proxy", "127.0.0.0/255.0.0.0", 2),
        ("NO_PROXY", "localhost,10.0.0.0/8", 75),
        ("NO_PROXY", "127.0.0.1:9", 75),
        ("HULY_VIBE_SYNC_HTTP_NO_PROXY", "10.0.0.0/8, 127.0.0.0/8", 0),
        ("HULY_VIBE_SYNC_HTTP_NO_PROXY", "127.0.0.0/x", 2),
    ] {
        let mut rig = Rig::new();
        rig.project();
        rig.set("NO_PROXY", "");
        let is_own = name.starts_with("HULY_VIBE_SYNC");
        rig.set(if is_own { "HULY_VIBE_SYNC_HTTP_PROXY" } else { "http_proxy" }, AWAY);
        rig.set(name, list);

        let ran = rig.sync();

        assert_eq!(ran.exit, exit, "{name}={list}: {ran:#?}");
        let log = rig.world.log();
        assert_eq!(log.is_empty(), exit != 0, "{name}={list}: nothing goes around the proxy");
        let named = if exit == 2 { "entry " } else { "the proxy http://127.0.0.1:9 of " };
        assert_eq!(ran.stderr.contains(named), exit != 0, "{name}={list}: {ran:#?}");
        assert!(!ran.stderr.contains("hunter2"), "{ran:#?}");
    }
}

#[test]
fn exceptions_may_name_a_port() {
    let mut rig = Rig::new();
    rig.project();
    let port = |url: &str| url.rsplit(':').next().unwrap().to_owned();
    rig.set("http_proxy", AWAY);
    rig.set("NO_PROXY", &format!("127.0.0.1:{}", port(&rig.world.huly.url())));
    let ran = rig.sync();
    assert_eq!(ran.exit, 75, "{ran:#?}");
    assert!(!rig.world.huly.log().is_empty() && rig.world.vibe.log().is_empty());
    let both =
        format!("127.0.0.1:{},*:{}", port(&rig.world.huly.url()), port(&rig.world.vibe.url()));
    rig.set("NO_PROXY", &both);
    rig.sync_well();
}

#[test]
fn a_proxy_that_is_away_is_named_in_every_message() {
    let mut rig = Rig::new();
    rig.project();
    rig.set("NO_PROXY", "");
    rig.set("HTTP_PROXY", AWAY);
    rig.set("HULY_VIBE_SYNC_HTTP_ATTEMPTS", "2");
    let proxy = "the proxy http://127.0.0.1:9 of HTTP_PROXY";
    let ran = rig.sync();
    assert_said(&ran, 75, &[proxy]);
    assert!(ran.json["errors"].to_string().contains(proxy), "{ran:#?}");
    let ran = rig.run(&["check"]);
    let findings = ran.json["findings"].as_array().unwrap().iter();
    let away: Vec<&Value> = findings.filter(|finding| finding["level"] == "away").collect();
    assert!(away.len() >= 2, "{ran:#?}");
    assert!(away.iter().all(|finding| finding.to_string().contains(proxy)), "{ran:#?}");
    assert!(!ran.stderr.contains("hunter2") && !ran.json.to_string().contains("hunter2"));
}

/// The front is spoken to by TLS, and names services of the same machine without.
#[test]
fn a_huly_over_https_that_names_a_service_without_gets_no_password_unless_a_person_says_so() {
    if !on_platform() {
        return;
    }
    let mut rig = Rig::new();
    rig.project();
    let (urls, tls) = (rig.world.huly.urls(), Tls::before(&rig.world.huly.url()));
    let authority = rig.folder.path().join("authority.pem");
    std::fs::write(&authority, &tls.certificate).unwrap();
    rig.set("HULY_URL", &tls.url);
    rig.set("HULY_VIBE_SYNC_HTTP_CA_FILE", authority.to_str().unwrap());
    rig.set("NO_PROXY", "localhost,127.0.0.1");
    // One after the other is named, and set by hand.
    for (name, key, url) in [
        ("an account service", "accounts", &urls.accounts),
        ("a collaborator", "collaborator", &urls.collaborator),
        ("a transactor", "transactor", &urls.transactor),
    ] {
        let ran = rig.sync();
        assert_eq!(ran.exit, 2, "{ran:#?}");
        let setting = format!("huly.{key}_url");
        assert!(ran.stderr.contains(&setting) && ran.stderr.contains("in clear"), "{ran:#?}");
        let asked =
            |service| rig.world.log().iter().filter(|entry| entry.service == Some(service)).count();
        assert_eq!(asked(Service::Account) > 0, key == "transactor", "{name}: {ran:#?}");
        assert_eq!(asked(Service::Transactor) + asked(Service::Collaborator), 0, "{name}");
        let url = url.replacen("ws://", "http://", 1);
        rig.set(&format!("HULY_VIBE_SYNC_HULY_{}_URL", key.to_uppercase()), &url);
    }
    rig.sync_well();
}

#[test]
fn a_retry_after_beyond_all_time_ends_the_run_without_a_panic() {
    for (code, wait) in [(429, u64::MAX), (503, u64::MAX), (429, 1 << 40)] {
        let rig = Rig::new();
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "An issue", "text", "Todo");
        let fault = Fault::retry_later(code, RetryAfter::Seconds(wait));
        let begun = Instant::now();
        rig.world.huly.fault(calls::projects(), fault.clone());
        rig.world.vibe.fault(When::always(), fault);

        let ran = rig.sync();

        assert_eq!(ran.exit, 75, "{ran:#?}");
        assert!(!ran.stderr.contains("panicked"), "{ran:#?}");
        assert!(begun.elapsed() < Duration::from_secs(30));
        rig.world.huly.clear_faults();
        assert_eq!(rig.sync().exit, 75);
        rig.world.vibe.clear_faults();
        rig.sync_well();
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 1);
    }
}
