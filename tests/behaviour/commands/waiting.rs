//! `--wait`: a pass that finds another at work.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use huly_vibe_sync::lock::Lock;
use huly_vibe_sync::report;
use serde_json::Value;

use super::{plainly, text};
use crate::rig::Rig;
use crate::support::LettaVersion;
use crate::support::letta::controls::PASSWORD;

/// A world that was synced once, with Letta, and another state to import.
fn synced() -> (Rig, String) {
    let mut rig = Rig::new();
    let letta = rig.world.start_letta(LettaVersion::V0_16_8);
    rig.set("LETTA_BASE_URL", &letta.url());
    rig.set("LETTA_PASSWORD", PASSWORD);
    rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    rig.sync_well();
    let other = rig.folder.path().join("other.db");
    std::fs::copy(rig.state(), &other).unwrap();
    (rig, other.to_str().unwrap().to_owned())
}

fn commands(other: &str) -> [Vec<&str>; 5] {
    [
        vec!["sync"],
        vec!["sync-project", "PROJ"],
        vec!["letta-push"],
        vec!["vacuum"],
        vec!["import", other],
    ]
}

/// Starts it and comes back when it waits for the lock, with what reads the rest it says.
fn started(rig: &Rig, args: &[&str]) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut command = rig.command(args);
    command.args(["--wait", "1h", "-v", "--json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("waiting for another pass") {
        line.clear();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "{args:?} did not wait");
    }
    (child, said)
}

#[test]
fn a_lock_that_is_not_let_go_is_exit_75_after_the_wait() {
    let (rig, other) = synced();
    let _held = Lock::take(&rig.state()).unwrap().unwrap();
    for args in commands(&other) {
        for wait in [&[][..], &["--wait", "0"], &["--wait", "1ms"], &["--wait", "150ms"]] {
            let ran = rig.run(&[&args, wait].concat());
            assert_eq!(ran.exit, 75, "{args:?} {wait:?}: {ran:#?}");
            assert!(ran.json["errors"][0].as_str().unwrap().contains("another pass holds"));
        }
    }
}

#[test]
fn who_does_it_by_hand_is_told_that_the_lock_is_held_and_cron_is_not() {
    let (rig, _) = synced();
    let _held = Lock::take(&rig.state()).unwrap().unwrap();
    for (args, said) in [
        (&["sync"][..], false),
        (&["sync-project", "PROJ"], false),
        (&["conflicts", "restore", "1"], true),
        (&["vacuum"], true),
    ] {
        let output = plainly(&rig, args);
        assert_eq!(output.status.code(), Some(75), "{output:?}");
        assert_eq!(text(&output.stderr).contains("another pass holds"), said, "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
    }
}

#[test]
fn the_lock_of_another_is_told_once_and_with_the_way_out() {
    let (rig, _) = synced();
    let _held = Lock::take(&rig.state()).unwrap().unwrap();
    for args in [&["vacuum"][..], &["forget", "PROJ-1"]] {
        let said = rig.run(args).stderr;
        assert_eq!(said.matches("another pass holds").count(), 1, "{said}");
        assert!(said.contains("--wait"), "{said}");
    }
}

#[test]
fn the_pass_begins_when_the_lock_is_let_go() {
    let (rig, other) = synced();
    for args in commands(&other) {
        let held = Lock::take(&rig.state()).unwrap().unwrap();
        let (child, mut said) = started(&rig, &args);
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        drop(held);
        // Read to its end, or it might not get there.
        let rest = std::io::read_to_string(&mut said).unwrap();
        let output = child.wait_with_output().unwrap();

        assert_eq!(output.status.code(), Some(0), "{args:?}: {rest}");
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        if let Some(at) = told["started_at"].as_str() {
            let released = report::time(i64::try_from(since.as_millis()).unwrap());
            assert!(at >= released.as_str(), "{args:?}: {at} is before {released}");
        }
    }
}

#[test]
fn a_signal_ends_the_wait() {
    let (rig, _) = synced();
    let _held = Lock::take(&rig.state()).unwrap().unwrap();
    for signal in ["-TERM", "-INT"] {
        let (child, mut said) = started(&rig, &["sync"]);
        let id = child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let rest = std::io::read_to_string(&mut said).unwrap();
        let output = child.wait_with_output().unwrap();

        assert_eq!(output.status.code(), Some(75), "{rest}");
        assert!(text(&output.stdout).contains("a signal came first"), "{output:?}");
    }
}

#[test]
fn a_dry_run_needs_no_lock_and_waits_for_none() {
    let (rig, _) = synced();
    let _held = Lock::take(&rig.state()).unwrap().unwrap();
    assert_eq!(rig.run(&["sync", "--dry-run", "--wait", "1h"]).exit, 0);
}
