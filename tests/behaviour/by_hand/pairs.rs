//! `forget` and `link`: pairs that a person ends or makes.

use crate::board::Board;
use crate::rig::{Backend, Death, Rig};
use crate::support::VibeVersion::V0_0_71;

/// One pair, made from an issue, or from a task.
fn pair(from_task: bool) -> (Rig, String, String, String) {
    let rig = Rig::new();
    let vibe = rig.project();
    if from_task {
        let task = rig.world.vibe.add_task(&vibe, "Title", "Some text.", "todo");
        rig.sync_well();
        let issue = rig.world.huly.issues("PROJ")[0].identifier.clone();
        return (rig, vibe, issue, task);
    }
    let (issue, task) = rig.linked(&vibe, "Title", "Some text.", "Todo");
    (rig, vibe, issue, task)
}

#[track_caller]
fn well(rig: &Rig, args: &[&str]) -> serde_json::Value {
    let ran = rig.run(args);
    assert_eq!(ran.exit, 0, "{ran:#?}");
    ran.json
}

#[track_caller]
fn refused(rig: &Rig, args: &[&str], exit: i32, reason: &str) {
    let mark = rig.world.mark();
    let ran = rig.run(args);
    assert_eq!(ran.exit, exit, "{ran:#?}");
    assert!(ran.stderr.contains(reason), "{ran:#?}");
    assert!(rig.world.writes_since(mark).is_empty());
}

#[track_caller]
fn assert_counts(rig: &Rig, vibe: &str, issues: usize, tasks: usize) {
    let board = Board::of(rig, "PROJ", vibe);
    assert_eq!((board.issues.len(), board.tasks.len()), (issues, tasks), "{board:#?}");
}

#[test]
fn a_forgotten_pair_is_left_alone_whatever_its_markers_say() {
    for from_task in [false, true] {
        let (rig, vibe, issue, task) = pair(from_task);
        let told = well(&rig, &["forget", &issue]);
        assert_eq!((&told["issue"], &told["task"]), (&issue.into(), &task.into()));
        rig.assert_quiet();
        // Also where everything is looked at anew.
        rig.tamper("DELETE FROM elements");
        rig.assert_quiet();
        assert_counts(&rig, &vibe, 1, 1);
    }
}

#[test]
fn an_edit_of_a_forgotten_half_makes_it_a_new_item() {
    for from_task in [false, true] {
        let (rig, vibe, issue, _) = pair(from_task);
        well(&rig, &["forget", &issue]);
        rig.sync_well();
        rig.world.huly.edit_title(&issue, "Edited in Huly");
        rig.sync_well();
        assert_counts(&rig, &vibe, 1, 2);
        rig.assert_quiet();
        assert!(rig.world.vibe.tasks(&vibe).iter().any(|task| task.title == "Edited in Huly"));

        let (rig, vibe, _, task) = pair(from_task);
        well(&rig, &["forget", &task]);
        rig.sync_well();
        rig.world.vibe.edit_title(&task, "Edited in Vibe");
        rig.sync_well();
        assert_counts(&rig, &vibe, 2, 1);
        rig.assert_quiet();
        assert!(rig.world.huly.issues("PROJ").iter().any(|issue| issue.title == "Edited in Vibe"));
    }
}

#[test]
fn edits_of_both_forgotten_halves_make_two_pairs() {
    let (rig, vibe, issue, task) = pair(false);
    well(&rig, &["forget", &issue]);
    rig.world.huly.edit_title(&issue, "Edited in Huly");
    rig.world.vibe.edit_title(&task, "Edited in Vibe");
    rig.sync_well();
    assert_counts(&rig, &vibe, 2, 2);
    rig.assert_quiet();
}

#[test]
fn a_forgotten_pair_can_be_linked_again() {
    for from_task in [false, true] {
        let (rig, vibe, issue, task) = pair(from_task);
        well(&rig, &["forget", &issue]);
        rig.sync_well();
        well(&rig, &["link", &issue, &task]);
        rig.assert_quiet();
        rig.world.huly.edit_title(&issue, "Edited in Huly");
        rig.sync_well();
        assert_eq!(rig.world.vibe.task(&task).unwrap().title, "Edited in Huly");
        rig.world.vibe.edit_title(&task, "Edited in Vibe");
        rig.sync_well();
        assert_eq!(rig.world.huly.issue(&issue).unwrap().title, "Edited in Vibe");
        assert_counts(&rig, &vibe, 1, 1);
    }
}

/// Two pairs that should have been linked crosswise.
fn crossed(backend: Backend) -> (Rig, String, [String; 2], [String; 2]) {
    let rig = Rig::with(backend, V0_0_71);
    let vibe = rig.project();
    let (issue, task) = rig.linked(&vibe, "One", "About one.", "Todo");
    let other = rig.world.vibe.add_task(&vibe, "Two", "About two.", "done");
    rig.sync_well();
    let made = rig.world.huly.issues("PROJ");
    let made = made.iter().find(|one| one.title == "Two").unwrap().identifier.clone();
    (rig, vibe, [issue, made], [task, other])
}

#[test]
fn wrong_pairs_are_put_right_and_what_loses_is_kept() {
    let (rig, vibe, issues, tasks) = crossed(Backend::Second);
    for issue in &issues {
        well(&rig, &["forget", issue]);
    }
    well(&rig, &["link", &issues[0], &tasks[1]]);
    well(&rig, &["link", &issues[1], &tasks[0]]);
    rig.sync_well();
    rig.assert_quiet();
    let board = Board::of(&rig, "PROJ", &vibe);
    let card = |name: &str| board.task(name).unwrap();
    assert_eq!(
        (card(&tasks[1]).title.as_str(), card(&tasks[1]).text.as_str()),
        ("One", "About one.")
    );
    assert_eq!(card(&tasks[0]).title, "Two");
    assert!(rig.lost().contains(&"Two".to_owned()), "{:?}", rig.lost());
    // The markers say the same: also without the state.
    rig.lose_state();
    rig.sync_well();
    let board = Board::of(&rig, "PROJ", &vibe);
    assert_eq!((board.issues.len(), board.tasks.len()), (2, 2), "{board:#?}");
    rig.world.huly.edit_title(&issues[0], "One, edited");
    rig.sync_well();
    assert_eq!(rig.world.vibe.task(&tasks[1]).unwrap().title, "One, edited");
}

#[test]
fn an_issue_and_a_task_that_never_met_are_linked_before_they_are_doubled() {
    let mut rig = Rig::new();
    let vibe = rig.project();
    rig.linked(&vibe, "Another", "", "Todo");
    rig.set("HULY_VIBE_SYNC_CREATION_HULY", "false");
    rig.set("HULY_VIBE_SYNC_CREATION_VIBE", "false");
    let issue = rig.world.huly.add_issue("PROJ", "Same", "Text.", "Todo");
    let task = rig.world.vibe.add_task(&vibe, "Same", "Text.", "todo");
    rig.sync_well();
    well(&rig, &["link", &issue.to_lowercase(), &task.to_uppercase()]);
    rig.set("HULY_VIBE_SYNC_CREATION_HULY", "true");
    rig.set("HULY_VIBE_SYNC_CREATION_VIBE", "true");
    rig.sync_well();
    rig.assert_quiet();
    assert_counts(&rig, &vibe, 2, 2);
    assert!(rig.losers().is_empty());
    assert_eq!(well(&rig, &["link", &issue, &task])["exit"], 0, "twice is once");
}

#[test]
fn a_link_that_cannot_be_says_why() {
    let (rig, vibe, issues, tasks) = crossed(Backend::Second);
    let nobody = "00000000-0000-4000-8000-000000000000";
    refused(&rig, &["link", &issues[0], &tasks[1]], 2, &format!("`forget {}` ends", issues[0]));
    well(&rig, &["forget", &issues[0]]);
    refused(&rig, &["link", &issues[0], &tasks[1]], 2, &format!("belongs to {}", issues[1]));
    refused(&rig, &["link", &issues[0], nobody], 2, "there is no task");
    refused(&rig, &["link", "PROJ-999", &tasks[0]], 2, "there is no issue PROJ-999");
    refused(&rig, &["link", "OTHER-1", &tasks[0]], 2, "no project OTHER is known");
    refused(&rig, &["link", "nonsense", &tasks[0]], 2, "no identifier");
    let elsewhere = rig.world.vibe.add_project("Elsewhere");
    let foreign = rig.world.vibe.add_task(&elsewhere, "Foreign", "", "todo");
    refused(&rig, &["link", &issues[0], &foreign], 2, "is of another project");
    let mark = rig.world.mark();
    well(&rig, &["link", &issues[0], &tasks[0], "--dry-run"]);
    assert!(rig.world.writes_since(mark).is_empty());
    rig.assert_quiet();
    assert_counts(&rig, &vibe, 2, 2);
}

#[test]
fn a_pair_that_is_none_cannot_be_forgotten() {
    let (rig, _, issue, task) = pair(false);
    refused(&rig, &["forget", "PROJ-99"], 2, "not known to this state");
    refused(&rig, &["forget", "PROJ"], 2, "add --yes");
    well(&rig, &["forget", &issue, "--dry-run"]);
    well(&rig, &["forget", &task]);
    refused(&rig, &["forget", &issue], 2, "there is no pair to end");
    refused(&Rig::new(), &["forget", "PROJ-1"], 2, "there is no state file");
}

#[test]
fn a_link_is_killed_at_each_request() {
    for death in [Death::Unanswered, Death::Answered] {
        for k in 1.. {
            let (rig, vibe, issue, task) = pair(true);
            well(&rig, &["forget", &issue]);
            let ended = rig.killed(&["link", &issue, &task, "--json"], k, death);
            rig.sync_well();
            rig.assert_quiet();
            assert_counts(&rig, &vibe, 1, 1);
            well(&rig, &["link", &issue, &task]);
            rig.assert_quiet();
            if ended.is_some() {
                break;
            }
            assert!(k < 100, "a link takes 100 requests and more");
        }
    }
}

#[test]
fn a_wrong_pair_of_projects_is_forgotten_and_paired_as_configured() {
    let mut rig = Rig::new();
    let wrong = rig.project();
    rig.linked(&wrong, "Title", "Text.", "Todo");
    let right = rig.world.vibe.add_project("The right one");
    let config = rig.folder.path().join("config.toml");
    std::fs::write(&config, format!("[projects]\nPROJ = \"{right}\"\n")).unwrap();
    rig.set("HULY_VIBE_SYNC_CONFIG", config.to_str().unwrap());
    rig.sync_well();
    assert!(rig.world.vibe.tasks(&right).is_empty(), "a stored pair goes before [projects]");
    // As an item is found, however it is spelled.
    let told = well(&rig, &["forget", "proj", "--yes"]);
    assert_eq!(told["pairs"], 1);
    rig.sync_well();
    assert_eq!(rig.world.vibe.tasks(&right).len(), 1);
    assert_eq!(rig.world.vibe.tasks(&wrong).len(), 1, "what is there is left alone");
    rig.assert_quiet();
}

#[test]
fn on_a_large_board_the_rest_stays_as_it_is() {
    let rig = Rig::new();
    let vibe = rig.project();
    for number in 0..2_000 {
        rig.world.huly.add_issue("PROJ", &format!("Issue {number}"), "", "Todo");
    }
    let ran = rig.run(&["sync", "--allow-mass-create"]);
    assert_eq!(ran.exit, 0, "{ran:#?}");
    let task = rig.world.vibe.tasks(&vibe)[7].id.clone();
    let issue = well(&rig, &["forget", &task])["issue"].as_str().unwrap().to_owned();
    rig.assert_quiet();
    let mark = rig.world.mark();
    well(&rig, &["link", &issue, &task]);
    let ran = rig.sync_well();
    assert!(rig.world.writes_since(mark).is_empty(), "the marker is there, and both are equal");
    let asked = ran.json["http"]["huly"]["requests"].as_u64().unwrap();
    assert!(asked < 20, "{ran:#?}");
    rig.assert_quiet();
    assert_counts(&rig, &vibe, 2_000, 2_000);
}

#[test]
fn a_dry_run_says_what_would_be() {
    let (rig, _, issue, task) = pair(false);
    let said = |args: &[&str]| {
        let output = rig.command(args).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let told = said(&["forget", &issue, "--dry-run"]);
    assert!(told.contains("would be no pair") && !told.contains(" are "), "{told}");
    let told = said(&["forget", "PROJ", "--dry-run"]);
    assert!(told.contains("would have no Vibe project"), "{told}");
    assert!(said(&["forget", &issue]).contains("are no pair any more"));
    let told = said(&["link", &issue, &task, "--dry-run"]);
    assert!(told.contains("would be a pair"), "{told}");
    assert!(said(&["link", &issue, &task]).contains("are a pair: "));
}
