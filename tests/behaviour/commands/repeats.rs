//! `--quiet-repeats`: what goes on is said once on standard error, and always where programs look.

use std::fs;

use serde_json::Value;

use crate::rig::{Ran, Rig};
use crate::support::{Fault, When};

#[track_caller]
fn assert_said(ran: &Ran, exit: i32, lines: &[&str]) {
    assert_eq!(ran.exit, exit, "{ran:#?}");
    let said: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(said.len(), lines.len(), "{ran:#?}");
    for line in lines {
        assert!(said.iter().any(|said| said.contains(line)), "no {line}: {ran:#?}");
    }
}

#[test]
fn a_system_that_is_away_is_said_once_and_again_when_it_was_back() {
    let rig = Rig::new();
    rig.project();
    rig.sync_well();
    rig.world.vibe.go_offline();
    assert_said(&rig.sync(), 75, &["error: vibe "]);
    let again = rig.sync();
    assert_said(&again, 75, &[]);
    assert!(again.json["errors"][0].as_str().unwrap().starts_with("vibe "), "{again:#?}");
    // Who wants to hear it hears it.
    assert_said(&rig.run(&["sync", "--no-quiet-repeats"]), 75, &["error: vibe "]);
    assert!(rig.run(&["sync", "-v"]).stderr.contains("info: vibe "));

    rig.world.vibe.come_back();
    assert_said(&rig.sync(), 0, &["vibe answers again; over: vibe "]);
    assert_said(&rig.sync(), 0, &[]);
    rig.world.vibe.go_offline();
    assert_said(&rig.sync(), 75, &["error: vibe "]);
    rig.world.vibe.come_back();
    let back = rig.run(&["sync", "-v"]);
    assert!(back.stderr.contains("info: vibe answers again; over: vibe "), "{back:#?}");
}

#[test]
fn an_item_that_stays_failed_is_said_once_and_another_one_as_it_comes() {
    let rig = Rig::new();
    let vibe = rig.project();
    rig.linked(&vibe, "One", "text", "Todo");
    let fault = rig.world.vibe.fault(When::on("POST", "/api/tasks"), Fault::status(422));
    rig.world.huly.add_issue("PROJ", "Two", "text", "Todo");
    assert_said(&rig.sync(), 3, &["PROJ: PROJ-2: "]);
    let as_before = "exit code 3 as before: PROJ: PROJ-2: ";
    for (args, line) in [
        (&["sync"][..], as_before),
        (&["sync", "--full"], as_before),
        // Somebody asked for this very project.
        (&["sync-project", "PROJ"], "warning: PROJ: PROJ-2: "),
    ] {
        let again = rig.run(args);
        assert_said(&again, 3, &[line]);
        assert_eq!(again.project("PROJ")["errors"].as_array().map(Vec::len), Some(1));
    }
    rig.world.huly.add_issue("PROJ", "Three", "text", "Todo");
    assert_said(&rig.sync(), 3, &["PROJ: PROJ-3: "]);
    rig.world.vibe.lift_fault(fault);
    let over = ["PROJ: over: PROJ-2: "];
    assert_said(&rig.run(&["sync", "--full"]), 0, &over);
    rig.assert_quiet();
}

#[test]
fn a_project_that_fails_and_a_guard_that_refuses_are_said_once() {
    let rig = Rig::new();
    for name in ["AAA", "BBB"] {
        rig.world.huly.add_project(name, name);
        rig.world.vibe.add_project(name);
    }
    for number in 1..=10 {
        rig.world.huly.add_issue("AAA", &format!("Issue {number}"), "text", "Todo");
    }
    rig.sync_well();
    for number in 1..=6 {
        rig.world.huly.delete_issue(&format!("AAA-{number}"));
    }
    rig.world.huly.fail_project("BBB", Some("no"));
    let full = ["sync", "--full"];
    assert_said(&rig.run(&full), 4, &["AAA: 6 deletions at once", "BBB: huly "]);
    let again = rig.run(&full);
    let as_before = ["exit code 4 as before: AAA: 6 deletions"];
    assert_said(&again, 4, &as_before);
    assert!(again.stderr.contains("and 1 more"), "{again:#?}");
    assert_eq!(again.project("AAA")["outcome"], "refused");
    // One more is the same trouble.
    rig.world.huly.delete_issue("AAA-7");
    assert_said(&rig.run(&full), 4, &["exit code 4 as before: AAA: 7 deletions"]);
}

#[test]
fn what_is_wrong_before_there_is_a_state_is_said_each_time() {
    let mut rig = Rig::new();
    rig.project();
    rig.set("VIBE_API_URL", "");
    for _ in 0..2 {
        assert_said(&rig.sync(), 2, &["vibe.url: not set"]);
    }
    rig.set("VIBE_API_URL", &rig.world.vibe.url());
    fs::create_dir(rig.state()).unwrap();
    for _ in 0..2 {
        assert_said(&rig.sync(), 1, &["state.db"]);
    }
}

#[test]
fn the_setting_and_its_flags_decide() {
    let mut rig = Rig::new();
    rig.project();
    rig.world.vibe.go_offline();
    rig.set("HULY_VIBE_SYNC_WATCH_QUIET_REPEATS", "false");
    for _ in 0..2 {
        assert_said(&rig.sync(), 75, &["error: vibe "]);
    }
    assert_said(&rig.run(&["sync", "--quiet-repeats"]), 75, &["error: vibe "]);
    assert_said(&rig.run(&["sync", "--quiet-repeats"]), 75, &[]);
    rig.set("HULY_VIBE_SYNC_WATCH_QUIET_REPEATS", "true");
    assert_said(
        &rig.run(&["sync", "--quiet-repeats", "--no-quiet-repeats"]),
        75,
        &["error: vibe "],
    );
    // A dry run remembers nothing, and is asked by somebody who wants to know.
    let dry = rig.run(&["sync", "--dry-run"]);
    assert_said(&dry, 75, &["error: vibe "]);
    assert_eq!(dry.json["plan"], Value::Array(Vec::new()));
}

#[test]
fn a_failure_that_goes_on_is_said_again_after_a_day() {
    let rig = Rig::new();
    rig.project();
    rig.world.vibe.go_offline();
    rig.sync();
    assert_said(&rig.sync(), 75, &[]);
    rig.tamper("UPDATE troubles SET said_ms = said_ms - 86400000");
    assert_said(&rig.sync(), 75, &[" (since 20"]);
    assert_said(&rig.sync(), 75, &[]);
}

#[test]
fn where_each_run_is_looked_at_by_itself_nothing_is_kept_quiet() {
    for name in ["CI", "GITHUB_ACTIONS", "JOURNAL_STREAM", "KUBERNETES_SERVICE_HOST"] {
        let mut rig = Rig::new();
        rig.project();
        rig.world.vibe.go_offline();
        rig.set(name, "9:1");
        for _ in 0..2 {
            assert_said(&rig.sync(), 75, &["error: vibe "]);
        }
        assert_said(&rig.run(&["sync", "--quiet-repeats"]), 75, &["error: vibe "]);
        assert_said(&rig.run(&["sync", "--quiet-repeats"]), 75, &[]);
    }
}

#[test]
fn a_slip_on_the_command_line_is_said_each_time() {
    let rig = Rig::new();
    rig.project();
    rig.sync_well();
    for _ in 0..3 {
        assert_said(&rig.run(&["sync", "--project", "NOPE*"]), 2, &["NOPE*"]);
    }
}

#[test]
fn a_skipped_project_is_said_where_somebody_looks_and_fails_whoever_named_it() {
    let mut rig = Rig::new();
    rig.project();
    // No task, no repository: nothing can be paired with it.
    rig.set("STACKS_DIR", "");
    rig.world.huly.add_project("LONE", "Lone");
    assert_said(&rig.sync(), 0, &["LONE: "]);
    assert_said(&rig.sync(), 0, &[]);
    for _ in 0..2 {
        assert_said(&rig.run(&["sync", "--no-quiet-repeats"]), 0, &["LONE: "]);
        assert_said(&rig.run(&["sync-project", "LONE"]), 3, &["LONE: "]);
    }
    assert_said(&rig.run(&["sync-project", "PROJ"]), 0, &[]);

    rig.set("HULY_VIBE_SYNC_PROJECTS_PROJ", "false");
    assert_said(&rig.run(&["sync-project", "PROJ"]), 3, &["projects.PROJ"]);
    let ran = rig.sync();
    assert_said(&ran, 0, &[]);
    assert!(!ran.json["projects"].to_string().contains("PROJ"), "nobody asked for it: {ran:#?}");
}
