//! Statuses. Numbers are those of the scenarios.

use crate::rig::Backend::{First, Second};
use crate::rig::{Rig, backends, on_platform};
use crate::support::VibeVersion::{self, V0_0_71, V0_0_117, V0_0_144, V0_1_14};
use crate::support::{Category, Fault, Side, When};

const HOUR_MS: i64 = 60 * 60 * 1000;

/// How many requests since the mark wrote to this side.
fn writes(rig: &Rig, mark: u64, side: Side) -> usize {
    rig.world.writes_since(mark).iter().filter(|entry| entry.side == side).count()
}

fn status_of_issue(rig: &Rig, issue: &str) -> String {
    rig.world.huly.issue(issue).unwrap().status
}

fn status_of_task(rig: &Rig, task: &str) -> String {
    rig.world.vibe.task(task).unwrap().status
}

/// 1.
#[test]
fn a_round_trip_through_the_coarser_mapping_never_demotes() {
    for (bridge, vibe) in [(First, V0_0_71), (Second, V0_0_71), (Second, V0_1_14)] {
        for status in ["Todo", "Backlog"] {
            let rig = Rig::with(bridge, vibe);
            let project = rig.project();
            let mark = rig.world.mark();
            let (issue, task) = rig.linked(&project, "One", "text", status);

            rig.sync_well();
            rig.sync_all();

            assert_eq!(status_of_task(&rig, &task), "todo");
            assert_eq!(status_of_issue(&rig, &issue), status);
            assert_eq!(writes(&rig, mark, Side::Huly), 0, "{bridge:?} {vibe:?} {status}");
            rig.assert_quiet();
        }
    }
}

/// 1: nor does a write of another field, or a task that moved away and back.
#[test]
fn other_edits_of_the_task_leave_a_coarser_status_alone() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let project = rig.project();
        let (issue, task) = rig.linked(&project, "One", "text", "Backlog");
        rig.world.vibe.edit_title(&task, "One, edited");
        rig.world.vibe.edit_status(&task, "done");
        rig.world.vibe.edit_status(&task, "todo");

        rig.sync_well();

        let issue = rig.world.huly.issue(&issue).unwrap();
        assert_eq!((issue.title.as_str(), issue.status.as_str()), ("One, edited", "Backlog"));
        rig.assert_quiet();
    }
}

/// 1, 15: the status that a new issue was made with is what was agreed on.
#[test]
fn a_task_that_moves_right_after_it_became_an_issue_is_no_conflict() {
    for bridge in backends() {
        for (first, then) in [("inprogress", "done"), ("done", "todo"), ("todo", "cancelled")] {
            let rig = Rig::with(bridge, V0_0_71);
            let project = rig.project();
            let task = rig.world.vibe.add_task(&project, "One", "text", first);
            rig.sync_well();
            rig.world.vibe.edit_status(&task, then);

            let ran = rig.sync_well();

            assert_eq!(ran.total("conflicts"), 0, "{bridge:?} {first} {then}: {ran:#?}");
            assert_eq!(status_of_task(&rig, &task), then, "{bridge:?} {first}");
            let issue = rig.world.huly.issues("PROJ").remove(0);
            assert_eq!(crate::board::meaning(&issue.status), then, "{bridge:?} {first}");
            rig.assert_quiet();
        }
    }
}

/// 1: within the coarser vocabulary nothing has changed.
#[test]
fn from_backlog_to_todo_is_no_change_for_the_task() {
    let rig = Rig::new();
    let project = rig.project();
    let (issue, task) = rig.linked(&project, "One", "text", "Backlog");
    rig.world.huly.edit_status(&issue, "Todo");
    let mark = rig.world.mark();

    rig.sync_well();

    assert_eq!(rig.world.writes_since(mark).len(), 0);
    // The task's own move is the only one, and no conflict with it.
    rig.world.vibe.edit_status(&task, "inprogress");
    let ran = rig.sync_well();
    assert_eq!(ran.total("conflicts"), 0);
    assert_eq!(status_of_issue(&rig, &issue), "In Progress");
    rig.assert_quiet();
}

/// 2: by the configured rule.
#[test]
fn a_custom_status_is_mapped_by_the_configured_rule_and_not_written_back() {
    for bridge in backends() {
        let mut rig = Rig::with(bridge, V0_0_71);
        rig.set("HULY_VIBE_SYNC_STATUS_TO_VIBE", "Coding=inprogress");
        let project = rig.project();
        rig.world.huly.set_statuses("PROJ", &["Backlog", "Coding", "In Progress", "Done"]);
        let (issue, task) = rig.linked(&project, "One", "text", "Coding");
        assert_eq!(status_of_task(&rig, &task), "inprogress");

        rig.world.vibe.edit_title(&task, "One, edited");
        rig.sync_well();
        let edited = rig.world.huly.issue(&issue).unwrap();
        assert_eq!((edited.title.as_str(), edited.status.as_str()), ("One, edited", "Coding"));

        rig.world.vibe.edit_status(&task, "done");
        rig.sync_well();
        assert_eq!(status_of_issue(&rig, &issue), "Done");
        rig.assert_quiet();
    }
}

/// 2: without a rule (a bridge tells no category) it is no data.
#[test]
fn a_custom_status_without_a_rule_is_left_alone_and_reported_once() {
    if on_platform() {
        return; // it has a category there, and crosses by that: see below
    }
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let project = rig.project();
        rig.world.huly.set_statuses("PROJ", &["Backlog", "Coding", "In Progress", "Done"]);
        rig.world.huly.add_issue("PROJ", "One", "text", "Coding");
        let mark = rig.world.mark();

        let first = rig.sync_well();
        let second = rig.sync_well();
        let full = rig.sync_all();

        let issue = rig.world.huly.issues("PROJ").remove(0);
        assert_eq!(issue.status, "Coding");
        assert_eq!(rig.world.vibe.tasks(&project)[0].status, "todo");
        assert_eq!(writes(&rig, mark, Side::Huly), 0);
        assert_eq!(first.stderr.matches("Coding").count(), 1, "{}", first.stderr);
        assert!(!second.stderr.contains("Coding"), "{}", second.stderr);
        assert!(!full.stderr.contains("Coding"), "{}", full.stderr);
        // A status with a meaning crosses again.
        rig.world.huly.edit_status(&issue.identifier, "Done");
        rig.sync_well();
        assert_eq!(rig.world.vibe.tasks(&project)[0].status, "done");
        rig.assert_quiet();
    }
}

/// 2: the platform tells what a status means.
#[test]
fn a_custom_status_of_the_platform_crosses_by_its_category_and_is_not_written_back() {
    if !on_platform() {
        return; // a bridge tells no category
    }
    let rig = Rig::new();
    let project = rig.project();
    let own = [
        ("Backlog", Category::UnStarted),
        ("Coding", Category::Active),
        ("Released", Category::Won),
        ("In Progress", Category::Active),
    ];
    rig.world.huly.set_states("PROJ", &own);
    let (issue, task) = rig.linked(&project, "One", "text", "Coding");
    assert_eq!(status_of_task(&rig, &task), "inprogress");
    let mark = rig.world.mark();
    rig.sync_well();
    rig.world.vibe.edit_title(&task, "One, edited");
    rig.sync_well();
    assert_eq!(status_of_issue(&rig, &issue), "Coding", "it means that already");
    assert_eq!(writes(&rig, mark, Side::Huly), 1);

    rig.world.vibe.edit_status(&task, "done");
    rig.sync_well();
    assert_eq!(status_of_issue(&rig, &issue), "Released");
    rig.world.huly.edit_status(&issue, "Coding");
    rig.sync_well();
    assert_eq!(status_of_task(&rig, &task), "inprogress");
    rig.assert_quiet();
}

/// 3.
#[test]
fn an_unresolved_status_touches_neither_side() {
    for bridge in backends() {
        for args in [&["sync"][..], &["sync", "--full"]] {
            let rig = Rig::with(bridge, V0_0_71);
            let project = rig.project();
            let (issue, task) = rig.linked(&project, "One", "text", "In Progress");
            rig.world.huly.comment(&issue);
            rig.world.huly.status_unknown(&issue, u32::MAX);
            let mark = rig.world.mark();

            let ran = rig.run(args);

            assert_eq!(ran.exit, 0, "{ran:#?}");
            assert!(rig.world.writes_since(mark).is_empty());
            assert_eq!(status_of_task(&rig, &task), "inprogress");
            rig.world.huly.status_unknown(&issue, 0);
            assert_eq!(status_of_issue(&rig, &issue), "In Progress");
            rig.assert_quiet();
        }
    }
}

/// 3: what the task did meanwhile is not forgotten, though Huly's next lists do not tell of the
/// issue again.
#[test]
fn a_task_that_moved_while_the_status_was_unresolved_crosses_afterwards() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let project = rig.project();
        let (issue, task) = rig.linked(&project, "One", "text", "Todo");
        rig.world.huly.comment(&issue);
        rig.world.huly.status_unknown(&issue, u32::MAX);
        rig.world.vibe.edit_status(&task, "inprogress");
        let mark = rig.world.mark();
        // A newer issue takes the cursor past this one.
        rig.world.huly.shift_clock(HOUR_MS);
        rig.world.huly.add_issue("PROJ", "Newer", "", "Todo");

        rig.sync_well();
        rig.sync_well();
        assert_eq!(writes(&rig, mark, Side::Huly), 0);
        assert_eq!(status_of_task(&rig, &task), "inprogress");

        rig.world.huly.status_unknown(&issue, 0);
        rig.sync_well();
        let ran = rig.sync_well();
        assert_eq!(ran.project("PROJ")["mode"], "incremental");
        assert_eq!(status_of_issue(&rig, &issue), "In Progress", "{bridge:?}");
        rig.assert_quiet();
    }
}

/// 3: a new issue is made a task without it, and its status crosses when it is known.
#[test]
fn an_unresolved_status_of_a_new_issue_crosses_when_it_is_known() {
    let rig = Rig::new();
    let project = rig.project();
    let issue = rig.world.huly.add_issue("PROJ", "One", "text", "In Progress");
    rig.world.huly.status_unknown(&issue, u32::MAX);
    let mark = rig.world.mark();

    rig.sync_well();
    assert_eq!(rig.world.vibe.tasks(&project)[0].status, "todo");
    rig.world.huly.status_unknown(&issue, 0);
    rig.sync_all();

    assert_eq!(rig.world.vibe.tasks(&project)[0].status, "inprogress");
    assert_eq!(writes(&rig, mark, Side::Huly), 0);
    rig.assert_quiet();
}

/// 4: without a fallback.
#[test]
fn a_status_that_the_project_lacks_is_one_reported_problem() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let project = rig.project();
        let (issue, task) = rig.linked(&project, "One", "text", "In Progress");
        rig.world.vibe.edit_status(&task, "inreview");
        let mark = rig.world.mark();

        let first = rig.sync();
        let asked = writes(&rig, mark, Side::Huly);
        let second = rig.sync();

        assert!(first.stderr.contains("inreview"), "{}", first.stderr);
        assert!(!second.stderr.contains("inreview"), "{}", second.stderr);
        assert!(asked <= 1, "{bridge:?}: asked {asked} times");
        assert_eq!(status_of_issue(&rig, &issue), "In Progress");
        assert_eq!(status_of_task(&rig, &task), "inreview");
        rig.assert_quiet();
        // The next move that Huly has a word for crosses.
        rig.world.vibe.edit_status(&task, "done");
        rig.sync_well();
        assert_eq!(status_of_issue(&rig, &issue), "Done");
        rig.assert_quiet();
    }
}

/// 4: with one.
#[test]
fn a_status_that_the_project_lacks_goes_to_the_configured_fallback() {
    for bridge in backends() {
        let mut rig = Rig::with(bridge, V0_0_71);
        rig.set("HULY_VIBE_SYNC_STATUS_FALLBACK", "inreview=In Progress");
        let project = rig.project();
        let (issue, task) = rig.linked(&project, "One", "text", "Todo");
        rig.world.vibe.edit_status(&task, "inreview");

        rig.sync_well();

        assert_eq!(status_of_issue(&rig, &issue), "In Progress", "{bridge:?}");
        assert_eq!(status_of_task(&rig, &task), "inreview");
        rig.assert_quiet();
        assert_eq!(status_of_task(&rig, &task), "inreview");
        rig.world.huly.edit_status(&issue, "Done");
        rig.sync_well();
        assert_eq!(status_of_task(&rig, &task), "done");
        rig.assert_quiet();
    }
}

/// 5.
#[test]
fn the_spelling_of_canceled_that_the_project_has_is_the_one_written() {
    for bridge in backends() {
        for spelling in ["Canceled", "Cancelled"] {
            let rig = Rig::with(bridge, V0_0_71);
            let project = rig.project();
            let statuses = ["Backlog", "Todo", "In Progress", "Done", spelling];
            rig.world.huly.set_statuses("PROJ", &statuses);
            let (issue, task) = rig.linked(&project, "One", "text", "Todo");
            let (ended, its_task) = rig.linked(&project, "Two", "text", "Todo");
            rig.world.vibe.edit_status(&task, "cancelled");
            rig.world.huly.edit_status(&ended, spelling);

            rig.sync_well();

            assert_eq!(status_of_issue(&rig, &issue), spelling, "{bridge:?}");
            assert_eq!(status_of_task(&rig, &its_task), "cancelled");
            rig.assert_quiet();
        }
    }
}

/// 5: renamed from one spelling to the other, nothing has changed.
#[test]
fn both_spellings_of_canceled_are_the_same_status() {
    let rig = Rig::new();
    let project = rig.project();
    rig.world.huly.set_statuses("PROJ", &["Backlog", "Canceled", "Cancelled"]);
    let (issue, task) = rig.linked(&project, "One", "text", "Canceled");
    rig.world.huly.edit_status(&issue, "Cancelled");

    rig.assert_quiet();

    assert_eq!(status_of_task(&rig, &task), "cancelled");
}

/// 6.
#[test]
fn a_status_that_the_create_ignores_is_written_after_it() {
    for version in [V0_0_71, V0_0_117, V0_0_144, V0_1_14] {
        let rig = Rig::with(Second, version);
        let project = rig.project();
        for status in ["Backlog", "In Progress", "Done", "Canceled"] {
            rig.world.huly.add_issue("PROJ", status, "", status);
        }
        let mark = rig.world.mark();

        rig.sync_well();

        let tasks = rig.world.vibe.tasks(&project);
        let shown: Vec<_> = tasks.iter().map(|t| (t.title.as_str(), t.status.as_str())).collect();
        let expected = [
            ("Backlog", "todo"),
            ("In Progress", "inprogress"),
            ("Done", "done"),
            ("Canceled", "cancelled"),
        ];
        for pair in expected {
            assert!(shown.contains(&pair), "{version:?}: {shown:?}");
        }
        let updates = if version.takes_status_on_create() { 0 } else { 3 };
        assert_eq!(writes(&rig, mark, Side::Vibe), 4 + updates, "{version:?}");
        rig.assert_quiet();
    }
}

/// 6: what the server said is stored, never what was wished.
#[test]
fn a_status_that_could_not_be_written_after_the_create_is_not_taken_for_written() {
    let rig = Rig::new();
    let project = rig.project();
    let issue = rig.world.huly.add_issue("PROJ", "One", "", "In Progress");
    rig.world.vibe.fault(When::on("PUT", "/api/tasks/"), Fault::status(503));

    let ran = rig.sync();

    assert_ne!(ran.exit, 0, "{ran:#?}");
    assert_eq!(rig.world.vibe.tasks(&project)[0].status, "todo");
    rig.world.vibe.clear_faults();
    rig.sync_well();
    assert_eq!(rig.world.vibe.tasks(&project)[0].status, "inprogress");
    assert_eq!(status_of_issue(&rig, &issue), "In Progress", "never demoted");
    rig.assert_quiet();
}

/// 7: the state file says what is not so, as an update that silently failed would leave it.
#[test]
fn a_wrong_status_in_the_state_file_does_not_make_the_sides_flip() {
    let wishes = [
        "UPDATE issues SET base_v_status = 'inprogress', task_status = 'inprogress'",
        "UPDATE issues SET base_h_status = 'In Progress', status = 'In Progress'",
        "UPDATE issues SET base_h_status = 'Done', base_v_status = 'done', \
         status = 'Done', task_status = 'done'",
    ];
    for bridge in backends() {
        for wish in wishes {
            let rig = Rig::with(bridge, V0_0_71);
            let project = rig.project();
            let (issue, task) = rig.linked(&project, "One", "", "Todo");
            rig.tamper(wish);
            // So that both are looked at: an item that nobody touched is not even parsed.
            rig.world.huly.comment(&issue);
            rig.world.vibe.edit_title(&task, "One, edited");

            rig.sync_well();
            rig.sync_well();

            assert_eq!(status_of_issue(&rig, &issue), "Todo", "{wish}");
            assert_eq!(status_of_task(&rig, &task), "todo", "{wish}");
            rig.assert_quiet();
        }
    }
}

/// 7: the server answers our status, and an agent begins at the same moment.
#[test]
fn a_status_that_the_server_moves_right_after_our_write_is_kept() {
    for version in [V0_0_71, V0_1_14] {
        let rig = Rig::with(Second, version);
        let project = rig.project();
        let (issue, task) = rig.linked(&project, "One", "", "Todo");
        rig.world.huly.edit_status(&issue, "Backlog");
        rig.world.huly.edit_status(&issue, "Canceled");
        let (vibe, id) = (rig.world.vibe.clone(), task.clone());
        rig.world.vibe.after(When::on("PUT", "/api/tasks/").nth(1), move || {
            vibe.server_moves(&id, "inprogress");
        });

        rig.sync_well();
        rig.sync_well();

        assert_eq!(status_of_task(&rig, &task), "inprogress");
        assert_eq!(status_of_issue(&rig, &issue), "In Progress");
        rig.assert_quiet();
    }
}

/// 8.
#[test]
fn a_pass_decides_once_about_a_pair() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let project = rig.project();
        let (issue, task) = rig.linked(&project, "One", "text", "Todo");
        rig.world.huly.edit_status(&issue, "Done");
        rig.world.huly.edit_title(&issue, "One, edited");
        let mark = rig.world.mark();

        rig.sync_well();

        assert_eq!(writes(&rig, mark, Side::Vibe), 1);
        assert_eq!(writes(&rig, mark, Side::Huly), 0, "its snapshot of Vibe was stale");
        assert_eq!(status_of_task(&rig, &task), "done");
        rig.assert_quiet();
    }
}

/// 8: also where the snapshot had a change of its own.
#[test]
fn a_pass_decides_once_about_a_pair_in_conflict() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let project = rig.project();
        let (issue, task) = rig.linked(&project, "One", "text", "Todo");
        rig.world.huly.edit_status(&issue, "Done");
        rig.world.vibe.edit_status(&task, "inprogress");
        let mark = rig.world.mark();

        rig.sync_well();

        assert_eq!(writes(&rig, mark, Side::Vibe), 1);
        assert_eq!(writes(&rig, mark, Side::Huly), 0);
        assert_eq!(status_of_task(&rig, &task), "done");
        assert_eq!(status_of_issue(&rig, &issue), "Done");
        rig.assert_quiet();
    }
}

/// A task that bears an issue's mark, before the first pass.
fn marked_task(rig: &Rig, project: &str, issue: &str, title: &str, status: &str) -> String {
    let text = format!("text\n\n---\nHuly Issue: {issue}");
    rig.world.vibe.add_task(project, title, &text, status)
}

/// 9: equal values.
#[test]
fn equal_values_become_the_base_at_first_sight() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let project = rig.project();
        let issue = rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
        let task = marked_task(&rig, &project, &issue, "One", "todo");
        let mark = rig.world.mark();

        let ran = rig.sync_well();

        assert!(rig.world.writes_since(mark).is_empty());
        assert_eq!(ran.total("conflicts"), 0);
        // That is the base: a later edit of one side is no conflict.
        rig.world.vibe.edit_status(&task, "done");
        rig.world.vibe.edit_title(&task, "One, edited");
        let ran = rig.sync_well();
        assert_eq!(ran.total("conflicts"), 0);
        assert_eq!(status_of_issue(&rig, &issue), "Done");
        assert_eq!(rig.world.huly.issue(&issue).unwrap().title, "One, edited");
        rig.assert_quiet();
    }
}

/// 9: differing values.
#[test]
fn differing_values_are_conflicts_at_first_sight_and_the_losers_are_kept() {
    let cases = [
        ("huly", "Huly's", "Done", "done", ["Vibe's", "inprogress"]),
        ("vibe", "Vibe's", "In Progress", "inprogress", ["Huly's", "Done"]),
        ("newest", "Huly's", "Done", "done", ["Vibe's", "inprogress"]),
    ];
    for bridge in backends() {
        for (policy, title, in_huly, in_vibe, lost) in cases {
            let mut rig = Rig::with(bridge, V0_0_71);
            rig.set("HULY_VIBE_SYNC_CONFLICT_TITLE", policy);
            rig.set("HULY_VIBE_SYNC_CONFLICT_STATUS", policy);
            let project = rig.project();
            let issue = rig.world.huly.add_issue("PROJ", "Huly's", "text", "Done");
            let task = marked_task(&rig, &project, &issue, "Vibe's", "inprogress");

            let ran = rig.sync_well();

            assert_eq!(ran.total("conflicts"), 2, "{policy}");
            assert_eq!(ran.total("created.huly") + ran.total("created.vibe"), 0);
            let (one, other) =
                (rig.world.huly.issue(&issue).unwrap(), rig.world.vibe.task(&task).unwrap());
            assert_eq!((one.title.as_str(), other.title.as_str()), (title, title), "{policy}");
            assert_eq!((one.status.as_str(), other.status.as_str()), (in_huly, in_vibe));
            let losers = rig.losers();
            for value in lost {
                let kept = losers.iter().find(|loser| loser["lost"] == value);
                assert_eq!(kept.unwrap()["kind"], "first-sight", "{losers:#?}");
            }
            rig.assert_quiet();
        }
    }
}

/// 9: under the overwrite guard.
#[test]
fn many_differing_values_at_first_sight_are_withheld() {
    for (bridge, version) in [(First, V0_0_71), (Second, VibeVersion::V0_1_14)] {
        let rig = Rig::with(bridge, version);
        let project = rig.project();
        for number in 0..10 {
            let issue = rig.world.huly.add_issue("PROJ", &format!("Huly {number}"), "text", "Done");
            marked_task(&rig, &project, &issue, &format!("Vibe {number}"), "done");
        }
        let mark = rig.world.mark();

        let ran = rig.sync();

        assert_eq!(ran.exit, 4, "{ran:#?}");
        assert!(ran.stderr.contains("--allow-mass-overwrite"), "{}", ran.stderr);
        assert!(rig.world.writes_since(mark).is_empty());
        let again = rig.sync();
        assert_eq!(again.exit, 4, "withheld in every pass: {again:#?}");

        let ran = rig.run(&["sync", "--allow-mass-overwrite"]);
        assert_eq!(ran.exit, 0, "{ran:#?}");
        assert_eq!(ran.total("conflicts"), 10);
        assert_eq!(rig.losers().len(), 10);
        assert!(rig.world.vibe.tasks(&project).iter().all(|task| task.title.starts_with("Huly")));
        rig.assert_quiet();
    }
}
