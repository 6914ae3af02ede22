//! `stats` and `vacuum`: what was done is kept, told, and pruned.

use std::fs;

use huly_vibe_sync::store::{self, Store};

use super::{keys, plainly, text};
use crate::rig::Rig;
use crate::support::{Fault, When};

const DAY: i64 = 24 * 60 * 60 * 1000;

#[test]
fn the_history_has_what_was_really_done() {
    let rig = Rig::new();
    let vibe = rig.project();
    for title in ["One", "Two", "Three", "Refused"] {
        rig.world.huly.add_issue("PROJ", title, "text", "In Progress");
    }
    rig.world.vibe.add_task(&vibe, "Of Vibe", "text", "todo");
    // Refused for good; answered late; lost on the way.
    rig.world.vibe.fault(When::on("POST", "/api/tasks").body("Refused"), Fault::status(422));
    rig.world.vibe.fault(When::on("PUT", "/api/tasks").nth(2), Fault::status(503));
    rig.world.vibe.fault(When::on("POST", "/api/tasks").body("Three"), Fault::LostAnswer);

    let first = rig.sync();

    assert_eq!(first.exit, 3, "{first:#?}");
    let run = rig.run(&["stats"]).json["runs"][0].clone();
    let tasks = rig.world.vibe.tasks(&vibe);
    assert_eq!(tasks.len(), 4, "one was there, one was refused");
    // The lost one is nobody's until its marker is found.
    assert_eq!(run["created"], 2 + 1);
    assert_eq!(run["created"], first.total("created.vibe") + first.total("created.huly"));
    assert_eq!(run["failed"], 2);
    assert_eq!(run["pending"], 2);
    assert!(run["retries"].as_u64().unwrap() >= 1, "{run}");
    rig.world.vibe.clear_faults();

    // What the second one did, counted at the systems.
    rig.world.huly.edit_title("PROJ-1", "One, edited");
    let task = tasks.iter().find(|task| task.title == "Two").unwrap();
    rig.world.vibe.edit_status(&task.id, "done");
    rig.world.huly.delete_issue("PROJ-4");
    rig.world.huly.reset_counters();
    rig.world.vibe.reset_counters();
    let second = rig.run(&["sync", "--full"]);
    assert_eq!(second.exit, 0, "{second:#?}");
    let stats = rig.run(&["stats"]).json;
    let run = &stats["runs"][0];
    assert_eq!(run["created"], second.total("created.vibe") + second.total("created.huly"));
    assert_eq!(run["updated"], second.total("updated.vibe") + second.total("updated.huly"));
    assert_eq!((&run["exit"], &run["command"]), (&0.into(), &"sync".into()));
    let (huly, vibe) = (rig.world.huly.counters(), rig.world.vibe.counters());
    assert_eq!(run["requests"], huly.requests + vibe.requests);
    assert!(run["bytes"].as_u64().unwrap() > 0);
    assert!(run["peak_rss"].as_u64().unwrap() > 1 << 20);
    assert!(run["ended"].as_i64().unwrap() >= run["started"].as_i64().unwrap());
    assert_eq!(run["projects"], 1);
    assert_eq!(stats["runs"].as_array().unwrap().len(), 2);
}

#[test]
fn a_pass_that_failed_is_in_the_history_and_a_dry_run_is_not() {
    let rig = Rig::new();
    assert_eq!(rig.sync().exit, 1);
    rig.project();
    rig.sync_well();
    assert_eq!(rig.run(&["sync", "--dry-run"]).exit, 0);
    let stats = rig.run(&["stats", "--runs", "5"]).json;
    let exits: Vec<_> =
        stats["runs"].as_array().unwrap().iter().map(|run| run["exit"].clone()).collect();
    assert_eq!(exits, [0, 1]);
    assert!(stats["runs"][1]["message"].as_str().unwrap().contains("no projects"), "{stats}");
    assert_eq!(rig.run(&["stats", "--runs", "1"]).json["runs"].as_array().unwrap().len(), 1);
    // People read it under the run.
    let shown = plainly(&rig, &["stats"]).stdout;
    let runs: Vec<&str> = text(&shown).lines().take_while(|line| !line.is_empty()).collect();
    assert_eq!(runs.len(), 4, "{runs:#?}");
    assert!(runs[3].starts_with("    ") && runs[3].contains("no projects"), "{runs:#?}");
    // The report that cron mails and the history tell one tale.
    assert_eq!(stats["last_pass"], stats["runs"][0]);
}

#[test]
fn stats_for_people_name_what_needs_them() {
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_project("BAD", "Bad");
    rig.world.vibe.add_project("Bad");
    rig.world.huly.add_issue("PROJ", "Title", "text", "Todo");
    rig.world.huly.add_issue("PROJ", "Refused", "text", "Todo");
    rig.world.vibe.fault(When::on("POST", "/api/tasks").body("Refused"), Fault::status(422));
    rig.world.huly.fail_project("BAD", Some("domain not found: undefined "));
    rig.sync();
    let task = rig.world.vibe.tasks(&vibe)[0].id.clone();
    rig.world.huly.edit_title("PROJ-1", "Title of Huly");
    rig.world.vibe.edit_title(&task, "Title of Vibe");
    rig.sync();

    let output = plainly(&rig, &["stats"]);

    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
    let shown = text(&output.stdout);
    for part in
        ["PROJ-2", "domain not found", "1 open conflicts", "waited longest: BAD", "state: ", "MB"]
    {
        assert!(shown.contains(part), "no {part:?} in {shown}");
    }
    assert_eq!(text(&plainly(&rig, &["stats", "--format", "table", "--json"]).stdout), shown);
    let json = rig.run(&["stats"]).json;
    assert_eq!(
        keys(&json),
        [
            "command",
            "exit",
            "file",
            "issues",
            "last_pass",
            "last_push",
            "last_success",
            "links",
            "open_conflicts",
            "pending",
            "pending_total",
            "projects",
            "runs",
            "sums",
            "tombstones"
        ]
    );
    assert_eq!((&json["issues"], &json["links"]), (&2.into(), &1.into()));
}

#[test]
fn looking_at_the_state_changes_nothing_and_needs_no_lock() {
    let rig = Rig::new();
    rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    rig.sync_well();
    let state = fs::read(rig.state()).unwrap();
    let _lock = huly_vibe_sync::lock::Lock::take(&rig.state()).unwrap().unwrap();
    for args in [&["stats"][..], &["stats", "--format", "prometheus"], &["conflicts"]] {
        let output = plainly(&rig, args);
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""), "{args:?}");
    }
    assert!(fs::read(rig.state()).unwrap() == state, "the state was changed");
    let mut names: Vec<_> = fs::read_dir(rig.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["repos", "state.db", "state.db.lock"]);
}

/// Runs of long ago, too many for one page, and one a day since.
fn add_old_runs(rig: &Rig, count: usize) {
    let now = rig.run(&["stats"]).json["runs"][0]["started"].as_i64().unwrap();
    let store = Store::open(&rig.state()).unwrap();
    store
        .write(|state| {
            for number in 0..count + 60 {
                let day = number.saturating_sub(count) as i64 - 60;
                let started = now + day * DAY;
                let id = store::runs::begin(state, "sync", started)?;
                let run = store::runs::Run {
                    id,
                    ended: Some(started + 5),
                    exit: Some(0),
                    created: 1,
                    message: Some(format!("{number} ").repeat(50)),
                    ..store::runs::Run::default()
                };
                store::runs::end(state, &run)?;
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn vacuum_prunes_compacts_and_says_what_it_freed() {
    let rig = Rig::new();
    rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    rig.sync_well();
    add_old_runs(&rig, 2_500);
    let size = || fs::metadata(rig.state()).unwrap().len();
    let before = size();

    // Sixty days are not too long by default, but for what was changed: here one task.
    let ran = rig.run(&["vacuum"]);
    assert_eq!((ran.exit, &ran.json["rows"]), (0, &1.into()), "{ran:#?}");
    assert_eq!(
        keys(&ran.json),
        ["bytes_after", "bytes_before", "command", "exit", "integrity", "rows"]
    );

    // The first run of all, those of long ago, and two more of the same age.
    let ran = rig.run(&["vacuum", "--keep", "57d"]);
    assert_eq!((ran.exit, &ran.json["rows"]), (0, &2_503.into()), "{ran:#?}");
    assert_eq!((&ran.json["command"], &ran.json["integrity"]), (&"vacuum".into(), &"ok".into()));
    assert_eq!(ran.json["bytes_after"], size());
    assert!(size() < before / 2, "{before} -> {}", size());

    // Cron mails whatever is printed; who asks is told.
    for args in [&["vacuum"][..], &["vacuum", "-q"]] {
        let output = plainly(&rig, args);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{args:?}: {output:?}");
    }
    let output = plainly(&rig, &["vacuum", "--keep", "0s", "-v"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(text(&output.stdout).contains("rows pruned, "), "{output:?}");
    assert!(text(&output.stdout).contains(" freed, "), "{output:?}");
    assert_eq!(text(&output.stderr), "");
    // The links are no history.
    rig.assert_quiet();
    assert_eq!(rig.run(&["stats"]).json["links"], 1);
}

#[test]
fn vacuum_waits_for_nobody() {
    let rig = Rig::new();
    rig.project();
    rig.sync_well();
    let _lock = huly_vibe_sync::lock::Lock::take(&rig.state()).unwrap().unwrap();
    assert_eq!(rig.run(&["vacuum"]).exit, 75);
}
