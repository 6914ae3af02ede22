//! What stands between the tool and the systems: proxies that want a word, and how it is passed on.

use std::collections::BTreeSet;

use crate::rig::{Rig, on_platform};
use crate::support::letta::controls::PASSWORD;
use crate::support::{Entry, Host, LettaVersion, Proxy, Service};

/// A world in which a pass has something to do everywhere, Letta included.
fn eager() -> Rig {
    let mut rig = Rig::new();
    let letta = rig.world.start_letta(LettaVersion::V0_16_8);
    rig.set("LETTA_BASE_URL", &letta.url());
    rig.set("LETTA_PASSWORD", PASSWORD);
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "An issue", "text", "Todo");
    rig.world.vibe.add_task(&vibe, "A task", "text", "todo");
    rig
}

/// The requests that bear this header with this value, and those that do not.
fn parted(log: Vec<Entry>, name: &str, value: &str) -> (Vec<Entry>, Vec<Entry>) {
    log.into_iter().partition(|entry| entry.header(name) == Some(value))
}

#[test]
fn configured_headers_are_in_every_request_to_their_system_and_in_no_other() {
    let mut rig = eager();
    for name in ["HULY", "VIBE", "LETTA"] {
        let lines = format!("X-Door: {name}\nX-Word: open {name}");
        rig.set(&format!("HULY_VIBE_SYNC_{name}_HEADERS"), &lines);
    }

    rig.sync_all();

    let log = rig.world.log();
    for (host, name) in [(Host::Huly, "HULY"), (Host::Vibe, "VIBE"), (Host::Letta, "LETTA")] {
        let (with, without): (Vec<Entry>, Vec<Entry>) = parted(log.clone(), "x-door", name);
        assert!(with.iter().any(|entry| entry.is_write), "nothing was written to {host}");
        assert!(with.iter().all(|entry| entry.side == host), "{host}");
        assert!(without.iter().all(|entry| entry.side != host), "{host}");
        let word = format!("open {name}");
        assert!(parted(with, "x-word", &word).1.is_empty(), "{host}");
    }
    if on_platform() {
        let asked: BTreeSet<_> =
            log.iter().filter_map(|entry| entry.service).map(|s| format!("{s:?}")).collect();
        let services = [Service::Account, Service::Transactor, Service::Collaborator];
        for service in services {
            assert!(
                asked.contains(&format!("{service:?}")),
                "{service:?} was not asked: {asked:?}"
            );
        }
    }
    rig.assert_quiet();
}

#[test]
fn a_proxy_before_vibe_kanban_gets_its_user_and_password() {
    let mut rig = eager();
    let basic = "Basic cm9ib3Q6aHVudGVyMg==";
    rig.set("HULY_VIBE_SYNC_VIBE_HEADERS", &format!("Authorization: {basic}"));

    let output = rig.command(&["sync", "-vvv"]).output().unwrap();

    assert_eq!(output.status.code(), Some(0), "{output:?}");
    for entry in rig.world.log() {
        let is_vibe = entry.side == Host::Vibe;
        assert_eq!(entry.header("authorization") == Some(basic), is_vibe, "{entry}");
    }
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("cm9ib3Q6aHVudGVyMg"), "{said}");
}

#[test]
fn all_requests_go_through_a_proxy_that_is_set() {
    let mut rig = eager();
    let proxy = Proxy::start();
    rig.set("HULY_VIBE_SYNC_HTTP_PROXY", &format!("http://me:hunter2@{}", proxy.address()));

    let output = rig.command(&["sync", "-vvv"]).output().unwrap();

    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("hunter2") && !said.contains("bWU6aHVudGVyMg"), "{said}");
    let asked = proxy.asked();
    let letta = rig.world.letta.as_ref().unwrap().url();
    for url in [rig.world.huly.url(), rig.world.vibe.url(), letta] {
        let line = format!("CONNECT {} ", url.trim_start_matches("http://"));
        assert!(asked.iter().any(|head| head.starts_with(&line)), "{line}: {asked:?}");
    }
    let login = "proxy-authorization: basic bwu6ahvudgvymg==";
    assert!(asked.iter().all(|head| head.to_ascii_lowercase().contains(login)), "{asked:?}");
    // A tunnel for each connection: none went around it.
    let counted = rig.world.huly.counters().connections
        + rig.world.vibe.counters().connections
        + rig.world.letta.as_ref().unwrap().counters().connections;
    assert_eq!(asked.len() as u64, counted);
    rig.assert_quiet();
}

#[test]
fn a_proxy_that_refuses_is_named_and_nothing_goes_around_it() {
    let mut rig = eager();
    let proxy = Proxy::wanting("Basic bWU6aHVudGVyMg==");
    for (login, exit) in [("", 2), ("me:wrong@", 2), ("me:hunter2@", 0)] {
        rig.set("HULY_VIBE_SYNC_HTTP_PROXY", &format!("http://{login}{}", proxy.address()));
        let ran = rig.sync();
        assert_eq!(ran.exit, exit, "{login}: {ran:#?}");
        let errors = ran.json["errors"].to_string();
        let is_named = errors.contains("CONNECT proxy failed") && errors.contains("407");
        assert_eq!(is_named, exit != 0, "{ran:#?}");
        assert_eq!(rig.world.log().is_empty(), exit != 0, "{login}");
        assert!(!ran.stderr.contains("wrong"), "{ran:#?}");
    }
}

#[test]
fn a_watcher_is_told_through_the_proxy_too() {
    let mut rig = eager();
    let proxy = Proxy::start();
    rig.set("HULY_VIBE_SYNC_HTTP_PROXY", &format!("http://{}", proxy.address()));
    rig.set("HULY_VIBE_SYNC_WATCH_PING", "http://127.0.0.1:9/word");
    rig.sync_well();
    assert!(proxy.asked().concat().contains("127.0.0.1:9"), "{:?}", proxy.asked());
}

#[test]
fn a_proxy_sees_nothing_of_the_headers_for_a_system() {
    let mut rig = eager();
    let proxy = Proxy::start();
    rig.set("HULY_VIBE_SYNC_HTTP_PROXY", &format!("http://{}", proxy.address()));
    rig.set("HULY_VIBE_SYNC_VIBE_HEADERS", "X-Word: hunter2");
    rig.sync_well();
    assert!(!proxy.asked().is_empty());
    assert!(!proxy.asked().concat().contains("hunter2"), "{:?}", proxy.asked());
}

#[test]
fn hosts_can_be_spared_the_proxy_and_the_environments_can_be_switched_off() {
    let proxy = Proxy::start();
    let address = format!("http://{}", proxy.address());
    for settings in [
        [
            ("HULY_VIBE_SYNC_HTTP_PROXY", address.as_str()),
            ("HULY_VIBE_SYNC_HTTP_NO_PROXY", "127.0.0.*"),
        ],
        [("HULY_VIBE_SYNC_HTTP_PROXY", "none"), ("HTTP_PROXY", &address)],
    ] {
        let mut rig = eager();
        rig.set("NO_PROXY", "");
        for (name, value) in settings {
            rig.set(name, value);
        }
        rig.sync_well();
        assert!(proxy.asked().is_empty(), "{:?}", proxy.asked());
    }
    let mut rig = eager();
    rig.set("NO_PROXY", "");
    rig.set("HTTP_PROXY", &address);
    rig.sync_well();
    assert!(!proxy.asked().is_empty(), "by default the environment's holds");
}
