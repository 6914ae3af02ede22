//! `--json`, the exit codes, and silence.

use huly_vibe_sync::exit::Exit;
use huly_vibe_sync::lock::Lock;
use serde_json::Value;

use super::{keys, plainly, text};
use crate::rig::Backend;
use crate::rig::{Ran, Rig, on_platform};
use crate::support::VibeVersion::V0_1_15;
use crate::support::{Fault, When};

const PASS: [&str; 9] = [
    "command",
    "dry_run",
    "duration_ms",
    "exit",
    "http",
    "peak_rss_bytes",
    "projects",
    "started_at",
    "totals",
];
const COUNTS: [&str; 9] = [
    "conflicts",
    "created",
    "deleted",
    "failed",
    "pending",
    "seen",
    "surplus",
    "unsupported",
    "updated",
];
const PROJECT: [&str; 13] = [
    "conflicts",
    "created",
    "deleted",
    "errors",
    "failed",
    "identifier",
    "mode",
    "outcome",
    "pending",
    "seen",
    "surplus",
    "unsupported",
    "updated",
];

/// The object of a pass that ended so, with all its keys and no other.
#[track_caller]
fn assert_report(ran: &Ran, exit: i32) {
    let json = &ran.json;
    assert_eq!(ran.exit, exit, "{ran:#?}");
    assert_eq!(json["exit"], exit);
    let mut expected = PASS.to_vec();
    if json["dry_run"] == true {
        expected.push("plan");
    }
    if let Some(errors) = json.get("errors") {
        // Only where there is something to say that concerns no single project.
        assert!(!errors.as_array().unwrap().is_empty());
        expected.push("errors");
    }
    expected.sort_unstable();
    assert_eq!(keys(json), expected);
    assert_eq!(keys(&json["totals"]), COUNTS);
    assert_eq!(keys(&json["http"]), ["huly", "vibe"]);
    for host in ["huly", "vibe"] {
        let counted = ["bytes", "connections", "requests", "retries", "waited_ms"];
        assert_eq!(keys(&json["http"][host]), counted);
    }
    let started = json["started_at"].as_str().unwrap();
    assert!(started.starts_with("20") && started.ends_with('Z'), "{started}");
    for project in json["projects"].as_array().unwrap() {
        assert_eq!(keys(project), PROJECT);
        let outcomes = ["ok", "partial", "failed", "refused", "skipped"];
        assert!(outcomes.contains(&project["outcome"].as_str().unwrap()), "{project}");
        assert!(["full", "incremental"].contains(&project["mode"].as_str().unwrap()));
    }
    for counts in json["projects"].as_array().unwrap().iter().chain([&json["totals"]]) {
        for both in ["seen", "created", "updated", "deleted"] {
            assert_eq!(keys(&counts[both]), ["huly", "vibe"]);
        }
    }
}

fn said(ran: &Ran) -> &str {
    ran.json["errors"][0].as_str().unwrap_or_else(|| panic!("nothing said: {ran:#?}"))
}

#[test]
fn the_report_of_a_good_pass_has_its_keys_and_exit_code_0() {
    let rig = Rig::new();
    rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    let ran = rig.sync();
    assert_report(&ran, 0);
    assert_eq!(
        (ran.json["command"].as_str(), ran.json["dry_run"].as_bool()),
        (Some("sync"), Some(false))
    );
    assert_eq!(ran.project("PROJ")["mode"], "full");
    assert_eq!(ran.project("PROJ")["seen"]["huly"], 1);
    assert!(ran.json["peak_rss_bytes"].as_u64().unwrap() > 1 << 20);
    assert!(ran.json["http"]["vibe"]["requests"].as_u64().unwrap() > 1);
    assert_eq!(ran.json.get("errors"), None);

    let ran = rig.run(&["sync-project", "PROJ"]);
    assert_report(&ran, 0);
    assert_eq!(ran.json["command"], "sync-project");
    assert_eq!(ran.project("PROJ")["mode"], "incremental");
    assert_report(&rig.run(&["sync", "--dry-run"]), 0);
}

#[test]
fn exit_code_1_says_that_the_pass_failed_as_a_whole() {
    let rig = Rig::new();
    let ran = rig.sync();
    assert_report(&ran, 1);
    assert!(said(&ran).contains("no projects at all"), "{ran:#?}");

    rig.project();
    rig.world.vibe.fault(When::on("GET", "/api/projects"), Fault::status(404));
    let ran = rig.sync();
    assert_report(&ran, 1);
    assert!(said(&ran).contains("/api/projects"), "{ran:#?}");
}

#[test]
fn exit_code_2_says_that_a_person_has_to_change_what_was_asked() {
    let mut rig = Rig::new();
    rig.project();
    for args in [
        &["sync", "--jobs", "0"][..],
        &["sync", "--nonsense"],
        &["sync", "--dry-run", "--shard", "4/4"],
        &["sync-project"],
        &["sync-project", "NONE"],
        &["sync", "--dry-run", "--project", "X*"],
    ] {
        let ran = rig.run(args);
        assert_report(&ran, 2);
        assert_eq!(ran.json["command"], args[0]);
        assert_eq!(ran.json["dry_run"], args.contains(&"--dry-run"));
        assert!(!ran.stderr.is_empty(), "people are told too");
    }
    let url = if on_platform() { "HULY_URL" } else { "HULY_API_URL" };
    for (name, value, named) in [
        (url, "ftp://localhost", url),
        (url, "", "huly.url"),
        ("HULY_VIBE_SYNC_SYNC_JOBS", "many", "HULY_VIBE_SYNC_SYNC_JOBS"),
        ("HULY_VIBE_SYNC_SYNC_JBOS", "4", "HULY_VIBE_SYNC_SYNC_JBOS"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL"),
    ] {
        rig.set(url, &rig.world.huly.url());
        rig.set(name, value);
        let ran = rig.sync();
        assert_report(&ran, 2);
        assert!(said(&ran).contains(named), "{ran:#?}");
        rig.set(name, "");
    }
    assert!(rig.world.log().iter().all(|entry| !entry.is_write));

    let rig = Rig::with(Backend::Second, V0_1_15);
    rig.world.huly.add_project("PROJ", "Project");
    let ran = rig.sync();
    assert_report(&ran, 2);
    assert!(said(&ran).contains("no local projects and tasks"), "{ran:#?}");
    rig.world.huly.fault(When::always(), Fault::status(401));
    assert_report(&rig.sync(), 2);
}

#[test]
fn exit_code_3_says_that_a_part_failed_and_the_rest_is_done() {
    let rig = Rig::new();
    rig.project();
    rig.world.huly.add_project("BAD", "Bad");
    rig.world.vibe.add_project("Bad");
    rig.world.huly.fail_project("BAD", Some("domain not found: undefined "));
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    rig.world.huly.add_issue("PROJ", "Two", "text", "Todo");
    rig.world.vibe.fault(When::on("POST", "/api/tasks").body("Two"), Fault::status(422));

    let ran = rig.sync();

    assert_report(&ran, 3);
    assert_eq!(ran.total("created.vibe"), 1);
    assert_eq!(ran.project("BAD")["outcome"], "failed");
    assert_eq!(ran.project("PROJ")["outcome"], "partial");
    let errors = ran.project("PROJ")["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].as_str().unwrap().starts_with("PROJ-2: "), "{errors:?}");
}

#[test]
fn exit_code_4_says_that_a_guard_refused_and_how_it_is_let_through() {
    let rig = Rig::new();
    let vibe = rig.project();
    for number in 1..=10 {
        rig.world.huly.add_issue("PROJ", &format!("Issue {number}"), "text", "Todo");
    }
    rig.sync_well();
    for number in 1..=6 {
        rig.world.huly.delete_issue(&format!("PROJ-{number}"));
    }

    let ran = rig.run(&["sync", "--full"]);

    assert_report(&ran, 4);
    assert_eq!(ran.project("PROJ")["outcome"], "refused");
    assert!(ran.stderr.contains("--allow-mass-delete"), "{ran:#?}");
    let cancelled = || {
        let tasks = rig.world.vibe.tasks(&vibe);
        tasks.iter().filter(|task| task.status == "cancelled").count()
    };
    assert_eq!(cancelled(), 0);

    let ran = rig.run(&["sync-project", "PROJ", "--full", "--allow-mass-delete"]);
    assert_report(&ran, 0);
    assert_eq!((ran.total("deleted.vibe"), cancelled()), (6, 6));
}

#[test]
fn exit_code_75_says_that_the_next_try_may_do_better() {
    let rig = Rig::new();
    rig.project();
    let lock = Lock::take(&rig.state()).unwrap().unwrap();
    let ran = rig.sync();
    assert_report(&ran, 75);
    assert!(said(&ran).contains("another pass"), "{ran:#?}");
    drop(lock);

    rig.world.huly.connected(false);
    assert_report(&rig.sync(), 75);
    rig.world.huly.connected(true);
    rig.world.vibe.go_offline();
    assert_report(&rig.sync(), 75);
    rig.world.vibe.come_back();
    assert_report(&rig.sync(), 0);
}

#[test]
fn of_several_ends_the_first_of_2_1_75_4_3_0_is_told() {
    let rig = Rig::new();
    for name in ["AAA", "BBB"] {
        rig.world.huly.add_project(name, name);
        rig.world.vibe.add_project(name);
        for number in 1..=10 {
            rig.world.huly.add_issue(name, &format!("Issue {number}"), "text", "Todo");
        }
    }
    rig.sync_well();
    for number in 1..=6 {
        rig.world.huly.delete_issue(&format!("AAA-{number}"));
    }
    rig.world.huly.fail_project("BBB", Some("no"));

    let ran = rig.run(&["sync", "--full"]);

    assert_report(&ran, 4);
    assert_eq!(ran.project("BBB")["outcome"], "failed");
    let held = Lock::take(&rig.state()).unwrap();
    assert!(held.is_some());
    assert_report(&rig.run(&["sync", "--jobs", "0"]), 2);
}

#[test]
fn other_commands_fail_in_json_too() {
    let rig = Rig::new();
    for args in [
        &["vacuum"][..],
        &["vacuum", "--keep", "long"],
        &["stats"],
        &["conflicts", "show", "1"],
        &["conflicts", "ack", "x"],
    ] {
        let ran = rig.run(args);
        assert_eq!(ran.exit, 2, "{ran:#?}");
        assert_eq!(keys(&ran.json), ["command", "errors", "exit"]);
        assert_eq!(ran.json["command"], args[0]);
        assert_eq!(ran.json["exit"], 2);
        assert!(!ran.stderr.is_empty());
    }
}

#[test]
fn help_shows_each_exit_code_with_its_sentence() {
    let rig = Rig::new();
    let output = rig.command(&["--help"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let help: Vec<&str> = text(&output.stdout).split_whitespace().collect();
    let help = help.join(" ");
    for exit in Exit::ALL {
        let line = format!(" {} {}", exit.code(), exit.sentence());
        assert!(help.contains(&line), "{line} is not in {help}");
    }
    assert!(output.stderr.is_empty());
    let version = rig.command(&["--version"]).output().unwrap();
    assert_eq!(version.status.code(), Some(0));
    assert!(text(&version.stdout).contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_pass_that_goes_well_says_nothing() {
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_project("NEW", "New");
    rig.world.huly.add_issue("PROJ", "From Huly", "text", "In Progress");
    rig.world.huly.add_issue("NEW", "From Huly", "text", "Done");
    rig.world.vibe.add_task(&vibe, "From Vibe", "text", "done");
    for _ in 0..2 {
        let output = plainly(&rig, &["sync"]);
        assert_eq!(output.status.code(), Some(0));
        assert_eq!((text(&output.stdout), text(&output.stderr)), ("", ""));
    }
    assert_eq!(rig.world.huly.issues("PROJ").len(), 2);
}

#[test]
fn a_pass_that_finds_the_lock_held_says_nothing() {
    let rig = Rig::new();
    rig.project();
    let _lock = Lock::take(&rig.state()).unwrap().unwrap();
    let output = plainly(&rig, &["sync"]);
    assert_eq!(output.status.code(), Some(75));
    assert_eq!((text(&output.stdout), text(&output.stderr)), ("", ""));
    assert_eq!(rig.world.log().len(), 0);
}

#[test]
fn warnings_go_to_stderr_and_leave_stdout_to_the_report() {
    let rig = Rig::new();
    rig.project();
    rig.world.huly.fail_project("PROJ", Some("domain not found: undefined "));
    let output = plainly(&rig, &["sync"]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(text(&output.stdout), "");
    assert!(text(&output.stderr).contains("domain not found"), "{output:?}");
    assert_eq!(text(&output.stderr).lines().count(), 1, "{output:?}");
    // With -q errors alone are said, and this is one project of many.
    assert_eq!(text(&plainly(&rig, &["sync", "-q"]).stderr), "");
}

#[test]
fn a_dry_runs_plan_has_its_keys_and_nothing_is_written() {
    let rig = Rig::new();
    let vibe = rig.project();
    let huly = &rig.world.huly;
    for title in ["Edited", "Gone", "Stays", "Last"] {
        huly.add_issue("PROJ", title, "text", "Todo");
    }
    rig.sync_well();
    huly.edit_title("PROJ-1", "Edited twice");
    huly.delete_issue("PROJ-2");
    huly.add_issue("PROJ", "New issue", "text", "Todo");
    rig.world.vibe.add_task(&vibe, "New task", "text", "todo");
    huly.add_project("MADE", "Made");
    huly.add_issue("MADE", "Issue of it", "text", "Todo");
    huly.add_project("OLD", "Old");
    huly.add_issue("OLD", "Known", "text", "Todo");
    let old = rig.world.vibe.add_project("Old");
    rig.world.vibe.add_task(&old, "Known", "text\n\n---\nHuly Issue: OLD-1", "todo");
    let state = std::fs::read(rig.state()).unwrap();
    let mark = rig.world.mark();

    let ran = rig.run(&["sync", "--full", "--dry-run"]);

    assert_report(&ran, 0);
    assert!(rig.world.writes_since(mark).is_empty());
    assert!(std::fs::read(rig.state()).unwrap() == state, "the state was changed");
    let plan = ran.json["plan"].as_array().unwrap();
    let mut seen: Vec<(&str, &str, &str)> = Vec::new();
    for line in plan {
        let word = |key: &str| line[key].as_str().unwrap_or_else(|| panic!("{key} of {line}"));
        let extra = keys(line)
            .into_iter()
            .filter(|key| !["project", "op", "side", "item"].contains(key))
            .collect::<Vec<_>>();
        let expected: &[&str] = match word("op") {
            "update" => {
                assert!(["title", "description", "status"].contains(&word("field")), "{line}");
                &["field", "from", "to"]
            }
            "delete" => &["from"],
            _ => &["to"],
        };
        assert_eq!(extra, expected, "{line}");
        seen.push((word("project"), word("op"), word("side")));
    }
    seen.sort_unstable();
    assert_eq!(
        seen,
        [
            ("MADE", "create", "vibe"),
            ("MADE", "create-project", "vibe"),
            ("OLD", "link", "vibe"),
            ("PROJ", "create", "huly"),
            ("PROJ", "create", "vibe"),
            ("PROJ", "delete", "vibe"),
            ("PROJ", "update", "vibe"),
        ]
    );
    let update = plan.iter().find(|line| line["op"] == "update").unwrap();
    let of = |key: &str| update[key].as_str().unwrap();
    assert_eq!((of("field"), of("from"), of("to")), ("title", "Edited", "Edited twice"));
    let edited = rig.world.vibe.tasks(&vibe).into_iter().find(|task| task.title == "Edited");
    assert_eq!(of("item"), edited.unwrap().id);

    // And people read the same.
    let output = plainly(&rig, &["sync", "--full", "--dry-run"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout).lines().count(), plan.len() + 1, "{output:?}");
    assert_eq!(text(&output.stderr), "");

    // What was planned is what is done.
    let ran = rig.sync_all();
    let done = |path: &str| ran.total(path);
    assert_eq!((done("created.vibe"), done("created.huly")), (2, 1), "{ran:#?}");
    assert_eq!((done("updated.vibe"), done("deleted.vibe")), (1, 1));
    assert_ne!(rig.world.vibe.project_named("Made"), None);
}

#[test]
fn a_dry_run_tells_a_plan_also_when_it_came_to_nothing() {
    let rig = Rig::new();
    let ran = rig.run(&["sync", "--dry-run"]);
    assert_report(&ran, 1);
    assert_eq!(ran.json["plan"], Value::Array(Vec::new()));
    assert!(!rig.state().exists());
}
