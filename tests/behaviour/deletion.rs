//! What is gone, what only seems to be, and what is not to be touched at all (44–52).

use crate::calls;
use crate::rig::{Ran, Rig, backends};
use crate::support::VibeVersion::V0_0_71;
use crate::support::{Fault, Side, Stamp, TaskSnapshot, When};

/// So many issues, synced; the tasks in their order.
fn pairs(rig: &Rig, vibe: &str, count: usize) -> Vec<TaskSnapshot> {
    for n in 1..=count {
        rig.world.huly.add_issue("PROJ", &format!("Issue {n}"), &format!("text {n}"), "Todo");
    }
    rig.sync_well();
    let mut tasks = rig.world.vibe.tasks(vibe);
    tasks.sort_by_key(|task| number(&task.title));
    assert_eq!(tasks.len(), count);
    tasks
}

fn number(title: &str) -> usize {
    title.trim_start_matches("Issue ").split(',').next().unwrap().parse().unwrap()
}

fn titles(rig: &Rig, vibe: &str) -> Vec<String> {
    let mut titles: Vec<String> =
        rig.world.vibe.tasks(vibe).into_iter().map(|task| task.title).collect();
    titles.sort();
    titles
}

fn status(rig: &Rig, task: &str) -> String {
    rig.world.vibe.task(task).unwrap().status
}

fn created(ran: &Ran) -> (u64, u64) {
    (ran.total("created.huly"), ran.total("created.vibe"))
}

/// 44
#[test]
fn a_deleted_task_is_not_made_again_and_its_issue_is_left_alone() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let tasks = pairs(&rig, &vibe, 3);
        let before = rig.world.huly.issues("PROJ");

        rig.world.vibe.delete_task(&tasks[0].id);
        let mark = rig.world.mark();
        rig.sync_well();
        rig.sync_well();
        rig.sync_all();

        let writes = rig.world.writes_since(mark);
        assert!(writes.is_empty(), "{bridge:?}: {writes:#?}");
        assert_eq!(rig.world.huly.issues("PROJ"), before);
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 2);

        // A comment is no edit.
        rig.world.huly.comment("PROJ-1");
        rig.assert_quiet();
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 2);
    }
}

/// 44
#[test]
fn the_issue_of_a_deleted_task_is_cancelled_if_so_configured() {
    for bridge in backends() {
        let mut rig = Rig::with(bridge, V0_0_71);
        rig.set("HULY_VIBE_SYNC_DELETION_TASK", "cancel");
        let vibe = rig.project();
        let tasks = pairs(&rig, &vibe, 3);

        rig.world.vibe.delete_task(&tasks[0].id);
        let ran = rig.sync_well();

        assert_eq!(ran.total("deleted.huly"), 1, "{ran:#?}");
        assert_eq!(rig.world.huly.issue("PROJ-1").unwrap().status, "Canceled");
        assert_eq!(rig.world.huly.issue("PROJ-2").unwrap().status, "Todo");
        rig.sync_well();
        rig.assert_quiet();
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 2);
    }
}

/// 44: nobody has edited the issue that was made from it.
#[test]
fn a_task_that_is_deleted_right_after_it_became_an_issue_is_not_made_again() {
    for bridge in backends() {
        for made_in in ["todo", "inprogress", "done"] {
            let rig = Rig::with(bridge, V0_0_71);
            let vibe = rig.project();
            let task = rig.world.vibe.add_task(&vibe, "One", "text", made_in);
            rig.world.vibe.add_task(&vibe, "Two", "text", "todo");
            rig.sync_well();

            rig.world.vibe.delete_task(&task);
            rig.sync_well();
            rig.sync_all();

            assert_eq!(titles(&rig, &vibe), ["Two"], "{bridge:?} {made_in}");
            rig.assert_quiet();
        }
    }
}

/// 44: the tombstone holds for the id of the task too
#[test]
fn a_copy_of_a_deleted_task_is_neither_linked_nor_made_an_issue() {
    let rig = Rig::new();
    let vibe = rig.project();
    let tasks = pairs(&rig, &vibe, 2);

    let copy = rig.world.vibe.duplicate_task(&tasks[0].id);
    rig.world.vibe.delete_task(&tasks[0].id);
    let mark = rig.world.mark();
    rig.sync_well();
    rig.sync_all();
    rig.world.huly.comment("PROJ-1");
    rig.sync_well();

    let writes = rig.world.writes_since(mark);
    assert!(writes.is_empty(), "{writes:#?}");
    assert!(rig.world.vibe.task(&copy).is_some());
}

/// 44: only an absence that is proven counts
#[test]
fn a_task_that_one_list_lacks_is_not_taken_for_deleted() {
    let mut rig = Rig::new();
    rig.set("HULY_VIBE_SYNC_DELETION_TASK", "cancel");
    let vibe = rig.project();
    let tasks = pairs(&rig, &vibe, 2);
    let empty = r#"{"success":true,"data":[],"error_data":null,"message":null}"#;
    let empty = Fault::Status { code: 200, body: empty.to_owned(), retry_after: None };
    rig.world.vibe.fault(When::on("GET", "/api/tasks?project_id").first(1), empty);

    let mark = rig.world.mark();
    rig.sync();

    assert!(rig.world.writes_since(mark).is_empty());
    rig.assert_quiet();
    rig.world.huly.edit_title("PROJ-1", "Issue 1, edited");
    rig.sync_well();
    assert_eq!(rig.world.vibe.task(&tasks[0].id).unwrap().title, "Issue 1, edited");
}

/// 45
#[test]
fn the_task_of_a_deleted_issue_is_cancelled_deleted_or_kept() {
    for bridge in backends() {
        for policy in ["cancel", "delete", "keep"] {
            let mut rig = Rig::with(bridge, V0_0_71);
            rig.set("HULY_VIBE_SYNC_DELETION_ISSUE", policy);
            let vibe = rig.project();
            let tasks = pairs(&rig, &vibe, 3);

            rig.world.huly.delete_issue("PROJ-1");
            let ran = rig.sync_all();

            let task = rig.world.vibe.task(&tasks[0].id);
            match policy {
                "cancel" => assert_eq!(task.unwrap().status, "cancelled"),
                "delete" => assert_eq!(task, None),
                _ => assert_eq!(task.as_ref(), Some(&tasks[0])),
            }
            let ended = u64::from(policy != "keep");
            assert_eq!(ran.total("deleted.vibe"), ended, "{policy}: {ran:#?}");
            assert_eq!(status(&rig, &tasks[1].id), "todo");
            rig.sync_well();
            rig.assert_quiet();
            assert_eq!(rig.world.huly.issues("PROJ").len(), 2, "{policy}");
        }
    }
}

/// 45: a default that nobody set
#[test]
fn the_task_of_a_deleted_issue_is_cancelled_by_default() {
    let rig = Rig::new();
    let vibe = rig.project();
    let tasks = pairs(&rig, &vibe, 2);

    rig.world.huly.delete_issue("PROJ-2");
    rig.sync_all();

    assert_eq!(status(&rig, &tasks[1].id), "cancelled");
    rig.assert_quiet();
}

/// 45: a task with a running agent cannot be deleted at once
#[test]
fn a_task_in_which_an_agent_runs_is_deleted_later() {
    let mut rig = Rig::new();
    rig.set("HULY_VIBE_SYNC_DELETION_ISSUE", "delete");
    let vibe = rig.project();
    let tasks = pairs(&rig, &vibe, 2);
    rig.world.huly.delete_issue("PROJ-1");
    rig.world.vibe.agent_runs(&tasks[0].id, true);

    rig.sync_all();
    assert!(rig.world.vibe.task(&tasks[0].id).is_some());
    rig.world.vibe.agent_runs(&tasks[0].id, false);
    rig.sync_well();

    assert_eq!(rig.world.vibe.task(&tasks[0].id), None);
    rig.assert_quiet();
}

/// 45: complete list, but the issue answers
#[test]
fn an_issue_that_a_list_lacks_but_that_answers_is_not_deleted() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let tasks = pairs(&rig, &vibe, 2);
        let list = calls::list_of(&rig, "PROJ").first(1);
        let fault = rig.world.huly.fault(list, calls::no_issues(bridge));

        let mark = rig.world.mark();
        rig.run(&["sync", "--full"]);

        assert_eq!(rig.world.huly.struck(fault), 1);
        let writes = rig.world.writes_since(mark);
        assert!(writes.is_empty(), "{bridge:?}: {writes:#?}");
        rig.assert_quiet();
        rig.world.huly.edit_title("PROJ-1", "Issue 1, edited");
        rig.sync_well();
        assert_eq!(rig.world.vibe.task(&tasks[0].id).unwrap().title, "Issue 1, edited");
    }
}

/// 45: "not found" in a way that proves nothing
#[test]
fn a_not_found_that_does_not_name_the_issue_proves_no_deletion() {
    for bridge in backends() {
        for answer in calls::not_this_issue() {
            let rig = Rig::with(bridge, V0_0_71);
            let vibe = rig.project();
            let tasks = pairs(&rig, &vibe, 2);
            rig.world.huly.delete_issue("PROJ-1");
            let fault = rig.world.huly.fault(calls::read_of("PROJ-1"), answer.clone());

            let ran = rig.run(&["sync", "--full"]);

            assert_eq!(ran.exit, 3, "{bridge:?} {answer:?}: {ran:#?}");
            assert_eq!(status(&rig, &tasks[0].id), "todo", "{bridge:?} {answer:?}");

            rig.world.huly.lift_fault(fault);
            rig.sync_well();
            assert_eq!(status(&rig, &tasks[0].id), "cancelled", "{bridge:?} {answer:?}");
            rig.assert_quiet();
        }
    }
}

/// 45: a list that did not come to its end
#[test]
fn a_broken_list_proves_no_deletion() {
    for bridge in backends() {
        for broken in [Fault::Truncate { after_bytes: 120 }, Fault::Html, Fault::status(500)] {
            let rig = Rig::with(bridge, V0_0_71);
            let vibe = rig.project();
            let tasks = pairs(&rig, &vibe, 2);
            rig.world.huly.delete_issue("PROJ-1");
            rig.world.huly.fault(calls::list_of(&rig, "PROJ"), broken.clone());

            let mark = rig.world.mark();
            let ran = rig.run(&["sync", "--full"]);

            assert_ne!(ran.exit, 0, "{bridge:?} {broken:?}");
            assert!(rig.world.writes_since(mark).is_empty(), "{bridge:?} {broken:?}");
            assert_eq!(status(&rig, &tasks[0].id), "todo");
        }
    }
}

/// 45: the project is archived between the list and the direct question
#[test]
fn a_not_found_in_a_project_that_is_not_readable_any_more_proves_no_deletion() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let tasks = pairs(&rig, &vibe, 2);
        let moved = rig.world.huly.issue("PROJ-1").unwrap();
        assert_eq!(moved.title, "Issue 1");
        rig.world.huly.delete_issue("PROJ-1");
        let huly = rig.world.huly.clone();
        let person = move || huly.archive_project("PROJ");
        rig.world.huly.before(calls::read_of("PROJ-1").nth(1), person);

        let mark = rig.world.mark();
        rig.run(&["sync", "--full"]);

        assert!(rig.world.writes_since(mark).is_empty(), "{bridge:?}");
        assert_eq!(status(&rig, &tasks[0].id), "todo");

        rig.world.huly.unarchive_project("PROJ");
        rig.sync_all();
        assert_eq!(status(&rig, &tasks[0].id), "cancelled");
        rig.assert_quiet();
    }
}

/// 45: both halves at once
#[test]
fn a_pair_that_is_gone_on_both_sides_is_forgotten() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let tasks = pairs(&rig, &vibe, 3);

        rig.world.huly.delete_issue("PROJ-1");
        rig.world.vibe.delete_task(&tasks[0].id);
        let mark = rig.world.mark();
        rig.sync_all();
        rig.sync_well();

        assert!(rig.world.writes_since(mark).is_empty(), "{bridge:?}");
        rig.assert_quiet();
    }
}

/// 44: and nothing else changed, so that only its absence tells
#[test]
fn a_task_that_the_last_pass_made_or_wrote_is_missed_when_it_is_gone() {
    for bridge in backends() {
        for made in [false, true] {
            let mut rig = Rig::with(bridge, V0_0_71);
            rig.set("HULY_VIBE_SYNC_DELETION_TASK", "cancel");
            let vibe = rig.project();
            rig.world.huly.add_issue("PROJ", "Young", "text", "Todo");
            rig.sync_well();
            rig.sync_all();
            // So old that no incremental list shows it again.
            let old = rig.world.huly.now_ms() - 60 * 60 * 1000;
            rig.world.huly.add_issue("PROJ", "Old", "text", "Todo");
            rig.world.huly.set_times("PROJ-2", Stamp::At(old), Stamp::At(old));
            rig.sync_all();
            if !made {
                rig.sync_all();
                rig.world.huly.edit_title("PROJ-2", "Old, edited");
                rig.world.huly.set_modified_on("PROJ-2", Stamp::At(old + 1));
                rig.sync_all();
            }
            let tasks = rig.world.vibe.tasks(&vibe);
            let task = tasks.iter().find(|task| task.title != "Young").unwrap();
            assert_eq!(task.title, if made { "Old" } else { "Old, edited" });

            rig.world.vibe.delete_task(&task.id);
            rig.sync_well();

            let issue = rig.world.huly.issue("PROJ-2").unwrap();
            assert_eq!(issue.status, "Canceled", "{bridge:?}, made: {made}");
            rig.assert_quiet();
        }
    }
}

/// 46
#[test]
fn an_edited_task_whose_issue_was_deleted_becomes_a_new_issue() {
    for bridge in backends() {
        // The number of the last one is given out again, that of the first is not.
        for deleted in ["PROJ-1", "PROJ-2"] {
            let rig = Rig::with(bridge, V0_0_71);
            let vibe = rig.project();
            let tasks = pairs(&rig, &vibe, 2);
            let task = &tasks[if deleted == "PROJ-1" { 0 } else { 1 }].id;

            rig.world.huly.delete_issue(deleted);
            rig.world.vibe.edit_title(task, "Still wanted");
            rig.sync_all();

            let issues = rig.world.huly.issues("PROJ");
            assert_eq!(issues.len(), 2, "{issues:#?}");
            let anew = issues.iter().find(|issue| issue.title == "Still wanted").unwrap();
            assert!(anew.description.ends_with(&format!("Vibe Task: {task}")), "{anew:?}");
            assert!(!anew.description.contains("Huly Issue"), "{anew:?}");
            assert_eq!(status(&rig, task), "todo", "{bridge:?} {deleted}");
            assert_eq!(rig.world.vibe.tasks(&vibe).len(), 2);
            rig.assert_quiet();

            // They are a pair from now on.
            let identifier = anew.identifier.clone();
            rig.world.huly.edit_title(&identifier, "Still wanted, edited");
            rig.sync_well();
            assert_eq!(rig.world.vibe.task(task).unwrap().title, "Still wanted, edited");
            rig.assert_quiet();
        }
    }
}

/// 46: the half that is to be made anew cannot be made at first
#[test]
fn an_edit_beats_a_deletion_also_when_its_new_half_fails_at_first() {
    for bridge in backends() {
        for side in [Side::Huly, Side::Vibe] {
            for fault in [Fault::status(500), Fault::status(400), Fault::LostAnswer] {
                let mut rig = Rig::with(bridge, V0_0_71);
                rig.set("HULY_VIBE_SYNC_SYNC_CREATE_GRACE", "0s");
                let vibe = rig.project();
                let tasks = pairs(&rig, &vibe, 2);
                match side {
                    Side::Huly => {
                        rig.world.huly.delete_issue("PROJ-1");
                        rig.world.vibe.edit_title(&tasks[0].id, "Still wanted");
                        rig.world.huly.fault(calls::create(), fault.clone());
                    }
                    Side::Vibe => {
                        rig.world.vibe.delete_task(&tasks[0].id);
                        rig.world.huly.edit_title("PROJ-1", "Still wanted");
                        rig.world.vibe.fault(When::on("POST", "/api/tasks"), fault.clone());
                    }
                }
                let told = format!("{bridge:?} {side:?} {fault:?}");

                let ran = rig.run(&["sync", "--full"]);
                assert_eq!(ran.exit, 3, "{told}: {ran:#?}");
                rig.world.huly.clear_faults();
                rig.world.vibe.clear_faults();
                rig.sync_all();

                assert_eq!(titles(&rig, &vibe), ["Issue 2", "Still wanted"], "{told}");
                let issues = rig.world.huly.issues("PROJ");
                let mut issues: Vec<&str> = issues.iter().map(|one| one.title.as_str()).collect();
                issues.sort_unstable();
                assert_eq!(issues, ["Issue 2", "Still wanted"], "{told}");
                rig.assert_quiet();
            }
        }
    }
}

/// 46
/// Where it may not cross, an edit does not beat the deletion; but it is a person's.
#[test]
fn an_edit_that_may_not_cross_and_ends_with_its_item_is_kept() {
    let one_way = ("HULY_VIBE_SYNC_SYNC_DIRECTION", "huly-to-vibe");
    let no_issues = ("HULY_VIBE_SYNC_CREATION_HULY", "false");
    for ((name, value), fate, seen) in [
        (one_way, "delete", false),
        (one_way, "delete", true),
        (one_way, "cancel", false),
        (no_issues, "delete", false),
    ] {
        let mut rig = Rig::new();
        let vibe = rig.project();
        let tasks = pairs(&rig, &vibe, 2);
        rig.set(name, value);
        rig.set("HULY_VIBE_SYNC_DELETION_ISSUE", fate);
        rig.world.vibe.edit_title(&tasks[0].id, "A person's title");
        rig.world.vibe.edit_description(&tasks[0].id, "a person's text");
        rig.world.vibe.edit_status(&tasks[0].id, "done");
        if seen {
            rig.sync_well();
        }
        rig.world.huly.delete_issue("PROJ-1");
        rig.sync_all();

        let mut lost = rig.lost();
        lost.sort();
        if fate == "delete" {
            assert!(rig.world.vibe.task(&tasks[0].id).is_none());
            assert_eq!(lost, ["A person's title", "a person's text", "done"], "{name} {seen}");
        } else {
            assert_eq!(status(&rig, &tasks[0].id), "cancelled");
            assert_eq!(lost, ["done"]);
        }
        rig.assert_quiet();
    }
}

#[test]
fn an_edited_issue_whose_task_was_deleted_gets_a_new_task() {
    for bridge in backends() {
        for full in [false, true] {
            let rig = Rig::with(bridge, V0_0_71);
            let vibe = rig.project();
            let tasks = pairs(&rig, &vibe, 2);

            rig.world.vibe.delete_task(&tasks[0].id);
            rig.world.huly.edit_title("PROJ-1", "Issue 1, edited");
            if full {
                rig.sync_all()
            } else {
                rig.sync_well()
            };

            assert_eq!(titles(&rig, &vibe), ["Issue 1, edited", "Issue 2"]);
            let anew = rig.world.vibe.tasks(&vibe);
            let anew = anew.iter().find(|task| task.title == "Issue 1, edited").unwrap();
            assert!(anew.text().ends_with("Huly Issue: PROJ-1"), "{anew:?}");
            rig.assert_quiet();
        }
    }
}

/// 46: an item without a text bears the short marker
#[test]
fn an_edited_task_without_text_whose_issue_was_deleted_becomes_a_new_issue_without_text() {
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "Bare", "", "Todo");
    rig.world.huly.add_issue("PROJ", "Other", "", "Todo");
    rig.sync_well();
    let tasks = rig.world.vibe.tasks(&vibe);
    let task = &tasks.iter().find(|task| task.title == "Bare").unwrap().id;

    rig.world.huly.delete_issue("PROJ-1");
    rig.world.vibe.edit_status(task, "done");
    rig.sync_all();

    let anew = rig.world.huly.issue("PROJ-3").unwrap();
    assert_eq!((anew.title.as_str(), anew.status.as_str()), ("Bare", "Done"));
    assert!(!anew.description.contains("PROJ-1"), "{anew:?}");
    rig.assert_quiet();
    assert!(!rig.world.huly.issue("PROJ-3").unwrap().description.contains("PROJ-1"));
}

/// 46
#[test]
fn only_a_later_edit_by_a_person_makes_a_new_issue_of_a_cancelled_task() {
    for bridge in backends() {
        for deleted in ["PROJ-1", "PROJ-2"] {
            let rig = Rig::with(bridge, V0_0_71);
            let vibe = rig.project();
            let tasks = pairs(&rig, &vibe, 2);
            let task = &tasks[if deleted == "PROJ-1" { 0 } else { 1 }].id;
            rig.world.huly.delete_issue(deleted);
            rig.sync_all();
            assert_eq!(status(&rig, task), "cancelled");

            let mark = rig.world.mark();
            rig.sync_well();
            rig.sync_all();
            rig.sync_well();
            let writes = rig.world.writes_since(mark);
            assert!(writes.is_empty(), "our own cancellation is no edit: {writes:#?}");

            rig.world.vibe.edit_status(task, "inprogress");
            let ran = rig.sync_well();

            assert_eq!(created(&ran), (1, 0), "{bridge:?} {deleted}: {ran:#?}");
            let issues = rig.world.huly.issues("PROJ");
            let anew = issues.last().unwrap();
            assert_eq!(anew.status, "In Progress");
            assert!(anew.description.ends_with(&format!("Vibe Task: {task}")), "{anew:?}");
            assert_eq!(status(&rig, task), "inprogress");
            rig.assert_quiet();
        }
    }
}

/// 46
#[test]
fn only_a_later_edit_by_a_person_makes_a_new_task_for_a_surviving_issue() {
    for bridge in backends() {
        for policy in ["keep", "cancel"] {
            let mut rig = Rig::with(bridge, V0_0_71);
            rig.set("HULY_VIBE_SYNC_DELETION_TASK", policy);
            let vibe = rig.project();
            let tasks = pairs(&rig, &vibe, 2);
            rig.world.vibe.delete_task(&tasks[0].id);
            rig.sync_well();

            let mark = rig.world.mark();
            rig.sync_well();
            rig.sync_all();
            rig.sync_well();
            let writes = rig.world.writes_since(mark);
            assert!(writes.is_empty(), "{policy}: {writes:#?}");

            rig.world.huly.edit_title("PROJ-1", "Issue 1, edited");
            let ran = rig.sync_well();

            assert_eq!(created(&ran), (0, 1), "{bridge:?} {policy}: {ran:#?}");
            assert_eq!(titles(&rig, &vibe), ["Issue 1, edited", "Issue 2"]);
            rig.assert_quiet();
        }
    }
}

/// 46: an edit from before both had agreed is none
#[test]
fn an_edit_that_both_sides_had_agreed_on_does_not_beat_a_deletion() {
    let rig = Rig::new();
    let vibe = rig.project();
    let tasks = pairs(&rig, &vibe, 2);
    rig.world.vibe.edit_title(&tasks[0].id, "Issue 1, edited");
    rig.sync_well();

    rig.world.huly.delete_issue("PROJ-1");
    rig.sync_all();

    assert_eq!(status(&rig, &tasks[0].id), "cancelled");
    assert_eq!(rig.world.huly.issues("PROJ").len(), 1);
    rig.assert_quiet();
}

/// 46: what is not known is no edit
#[test]
fn a_status_that_is_not_resolved_once_makes_no_new_task_for_a_surviving_issue() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let tasks = pairs(&rig, &vibe, 2);
        rig.world.vibe.delete_task(&tasks[0].id);
        rig.sync_well();

        rig.world.huly.comment("PROJ-1");
        rig.world.huly.status_unknown("PROJ-1", 2);
        rig.sync_well();
        rig.sync_well();
        rig.sync_all();

        assert_eq!(titles(&rig, &vibe), ["Issue 2"], "{bridge:?}");
        rig.assert_quiet();
    }
}

/// 46: neither is a text that reads blank
#[test]
fn texts_that_read_blank_make_no_new_tasks_for_surviving_issues() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let tasks = pairs(&rig, &vibe, 2);
        rig.world.vibe.delete_task(&tasks[0].id);
        rig.sync_well();

        rig.world.huly.collaborator_away(true);
        for _ in 0..3 {
            rig.world.huly.comment("PROJ-1");
            rig.sync_all();
        }
        rig.world.huly.collaborator_away(false);
        rig.sync_all();

        assert_eq!(titles(&rig, &vibe), ["Issue 2"], "{bridge:?}");
        rig.assert_quiet();

        // Clearing it is an edit, once it is believed.
        rig.world.huly.edit_description("PROJ-1", "");
        rig.sync_well();
        rig.sync_well();
        assert_eq!(titles(&rig, &vibe), ["Issue 1", "Issue 2"], "{bridge:?}");
        rig.assert_quiet();
    }
}

/// 47
#[test]
fn when_most_issues_vanish_at_once_nothing_is_cancelled_and_edits_still_cross() {
    for bridge in backends() {
        for policy in ["cancel", "delete"] {
            let mut rig = Rig::with(bridge, V0_0_71);
            rig.set("HULY_VIBE_SYNC_DELETION_ISSUE", policy);
            let vibe = rig.project();
            let tasks = pairs(&rig, &vibe, 12);
            for n in 1..=8 {
                rig.world.huly.delete_issue(&format!("PROJ-{n}"));
            }
            rig.world.huly.edit_title("PROJ-12", "Issue 12, edited");
            rig.world.vibe.edit_status(&tasks[10].id, "done");

            let refused = rig.run(&["sync", "--full"]);

            assert_eq!(refused.exit, 4, "{refused:#?}");
            assert!(refused.stderr.contains("--allow-mass-delete"), "{refused:#?}");
            assert!(refused.stderr.contains("PROJ"), "{refused:#?}");
            assert_eq!(rig.world.vibe.task(&tasks[11].id).unwrap().title, "Issue 12, edited");
            assert_eq!(rig.world.huly.issue("PROJ-11").unwrap().status, "Done");
            for task in &tasks[..8] {
                assert_eq!(status(&rig, &task.id), "todo", "{bridge:?} {policy}");
            }

            // It stays so, also in passes that are not asked to read everything.
            let mark = rig.world.mark();
            assert_eq!(rig.sync().exit, 4);
            assert!(rig.world.writes_since(mark).is_empty());

            let allowed = rig.run(&["sync-project", "PROJ", "--allow-mass-delete"]);

            assert_eq!(allowed.exit, 0, "{allowed:#?}");
            assert_eq!(allowed.total("deleted.vibe"), 8, "{allowed:#?}");
            for task in &tasks[..8] {
                let task = rig.world.vibe.task(&task.id);
                assert_eq!(
                    task.map(|task| task.status),
                    match policy {
                        "cancel" => Some("cancelled".to_owned()),
                        _ => None,
                    }
                );
            }
            rig.sync_well();
            rig.assert_quiet();
        }
    }
}

/// 47, the other way round
#[test]
fn when_most_tasks_vanish_at_once_no_issue_is_cancelled_and_edits_still_cross() {
    for bridge in backends() {
        let mut rig = Rig::with(bridge, V0_0_71);
        rig.set("HULY_VIBE_SYNC_DELETION_TASK", "cancel");
        let vibe = rig.project();
        let tasks = pairs(&rig, &vibe, 12);
        for task in &tasks[..8] {
            rig.world.vibe.delete_task(&task.id);
        }
        rig.world.huly.edit_title("PROJ-12", "Issue 12, edited");

        let refused = rig.sync();

        assert_eq!(refused.exit, 4, "{refused:#?}");
        assert!(refused.stderr.contains("--allow-mass-delete"), "{refused:#?}");
        assert_eq!(rig.world.vibe.task(&tasks[11].id).unwrap().title, "Issue 12, edited");
        let cancelled = || {
            let issues = rig.world.huly.issues("PROJ");
            issues.iter().filter(|issue| issue.status == "Canceled").count()
        };
        assert_eq!(cancelled(), 0);
        assert_eq!(rig.sync().exit, 4);

        let allowed = rig.run(&["sync", "--allow-mass-delete"]);

        assert_eq!(allowed.exit, 0, "{allowed:#?}");
        assert_eq!(cancelled(), 8);
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 4);
        rig.assert_quiet();
    }
}

/// 47: one project's guard holds up no other
#[test]
fn a_guard_in_one_project_holds_up_no_other() {
    let rig = Rig::new();
    let vibe = rig.project();
    pairs(&rig, &vibe, 8);
    rig.world.huly.add_project("OTHER", "Other");
    let other = rig.world.vibe.add_project("Other");
    rig.world.huly.add_issue("OTHER", "One", "text", "Todo");
    rig.world.huly.add_issue("OTHER", "Two", "text", "Todo");
    rig.sync_well();

    for n in 1..=8 {
        rig.world.huly.delete_issue(&format!("PROJ-{n}"));
    }
    rig.world.huly.delete_issue("OTHER-1");
    let ran = rig.run(&["sync", "--full"]);

    assert_eq!(ran.exit, 4, "{ran:#?}");
    let tasks = rig.world.vibe.tasks(&vibe);
    assert!(tasks.iter().all(|task| task.status == "todo"), "{tasks:#?}");
    let tasks = rig.world.vibe.tasks(&other);
    let one = tasks.iter().find(|task| task.title == "One").unwrap();
    assert_eq!(one.status, "cancelled");
}

/// 47: five are few, however small the project
#[test]
fn a_handful_of_deletions_passes_the_guard() {
    let rig = Rig::new();
    let vibe = rig.project();
    let tasks = pairs(&rig, &vibe, 6);
    for n in 1..=5 {
        rig.world.huly.delete_issue(&format!("PROJ-{n}"));
    }

    rig.sync_all();

    for task in &tasks[..5] {
        assert_eq!(status(&rig, &task.id), "cancelled");
    }
    rig.assert_quiet();
}

/// 47
#[test]
fn half_the_issues_moved_to_done_at_the_end_of_a_sprint_is_no_mass_deletion() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let tasks = pairs(&rig, &vibe, 20);
        for n in 1..=10 {
            rig.world.huly.edit_status(&format!("PROJ-{n}"), "Done");
        }
        for task in &tasks[10..18] {
            rig.world.vibe.edit_status(&task.id, "cancelled");
        }

        rig.sync_well();

        for task in &tasks[..10] {
            assert_eq!(status(&rig, &task.id), "done");
        }
        assert_eq!(rig.world.huly.issue("PROJ-11").unwrap().status, "Canceled");
        rig.assert_quiet();
    }
}

/// 48
#[test]
fn of_1003_issues_behind_a_list_that_stops_at_1000_none_is_missed() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        rig.world.huly.verbatim(true);
        for n in 1..=1003 {
            rig.world.huly.add_issue("PROJ", &format!("Issue {n}"), "text", "Todo");
        }

        let ran = rig.sync_well();

        assert_eq!(ran.total("created.vibe"), 1003);
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 1003);
        rig.assert_quiet();
    }
}

/// 49
#[test]
fn when_more_changed_than_one_page_holds_all_of_it_crosses() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        rig.world.huly.verbatim(true);
        for n in 1..=1003 {
            rig.world.huly.add_issue("PROJ", &format!("Issue {n}"), "text", "Todo");
        }
        rig.sync_well();
        let name = "PROJ".to_owned();
        assert_eq!(rig.world.huly.edit_titles(&[&name], 1003, 1), 1003);

        let ran = rig.sync_well();

        assert_eq!(ran.project("PROJ")["mode"], "incremental");
        let left = titles(&rig, &vibe).into_iter().filter(|title| !title.ends_with("(1)")).count();
        assert_eq!(left, 0, "{bridge:?}");
        rig.assert_quiet();
    }
}

/// 49: and what was not stored is read again
#[test]
fn the_cursor_does_not_pass_what_was_not_stored() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let tasks = pairs(&rig, &vibe, 3);
        rig.world.huly.edit_title("PROJ-1", "Issue 1, edited");
        let cut = Fault::Truncate { after_bytes: 200 };
        for list in calls::lists() {
            rig.world.huly.fault(list, cut.clone());
        }

        let ran = rig.sync();
        assert_ne!(ran.exit, 0, "{ran:#?}");
        rig.world.huly.clear_faults();
        rig.world.huly.edit_title("PROJ-2", "Issue 2, edited");
        rig.sync_well();

        assert_eq!(rig.world.vibe.task(&tasks[0].id).unwrap().title, "Issue 1, edited");
        assert_eq!(rig.world.vibe.task(&tasks[1].id).unwrap().title, "Issue 2, edited");
        rig.assert_quiet();
    }
}

/// 50
#[test]
fn archived_projects_are_skipped_unless_asked_for() {
    for bridge in backends() {
        let mut rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
        rig.world.huly.add_project("OLD", "Old");
        rig.world.huly.add_issue("OLD", "Of the old", "text", "Todo");
        rig.world.huly.archive_project("OLD");
        rig.world.huly.lists_archived(true);

        rig.sync_well();

        assert_eq!(rig.world.vibe.projects().len(), 1);
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 1);
        rig.assert_quiet();

        rig.set("HULY_VIBE_SYNC_SYNC_ARCHIVED", "true");
        rig.sync_well();

        let old = rig.world.vibe.project_named("Old").unwrap();
        assert_eq!(rig.world.vibe.tasks(&old.id)[0].title, "Of the old");
        rig.assert_quiet();
    }
}

/// 50
#[test]
fn projects_never_seen_before_are_looked_at_empty_or_not() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
        rig.sync_well();

        rig.world.huly.add_project("EMPTY", "Empty");
        rig.world.huly.add_project("FULL", "Full");
        rig.world.huly.add_issue("FULL", "Of the full", "text", "Todo");
        rig.world.huly.add_project("TASKS", "Tasks");
        let tasks = rig.world.vibe.add_project("Tasks");
        rig.world.vibe.add_task(&tasks, "Of the tasks", "text", "todo");
        rig.sync_well();

        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 1);
        let empty = rig.world.vibe.project_named("Empty").unwrap();
        let full = rig.world.vibe.project_named("Full").unwrap();
        assert_eq!(rig.world.vibe.tasks(&full.id).len(), 1);
        assert_eq!(rig.world.huly.issues("TASKS")[0].title, "Of the tasks");
        rig.assert_quiet();

        // What comes later into the empty one crosses too.
        rig.world.huly.add_issue("EMPTY", "First", "text", "Todo");
        rig.world.vibe.add_task(&empty.id, "Second", "text", "todo");
        rig.sync_well();
        assert_eq!(rig.world.vibe.tasks(&empty.id).len(), 2);
        assert_eq!(rig.world.huly.issues("EMPTY").len(), 2);
        rig.assert_quiet();
    }
}

/// 51
#[test]
fn sync_project_touches_that_project_alone() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let tasks = pairs(&rig, &vibe, 1);
        rig.world.huly.add_project("OTHER", "Other");
        let other = rig.world.vibe.add_project("Other");
        rig.world.huly.add_issue("OTHER", "One", "text", "Todo");
        rig.world.huly.add_project("NEW", "New");
        rig.world.huly.edit_title("PROJ-1", "Issue 1, edited");

        let mark = rig.world.mark();
        let ran = rig.run(&["sync-project", "PROJ"]);

        assert_eq!(ran.exit, 0, "{ran:#?}");
        assert_eq!(ran.json["projects"].as_array().unwrap().len(), 1, "{ran:#?}");
        assert_eq!(rig.world.vibe.task(&tasks[0].id).unwrap().title, "Issue 1, edited");
        assert_eq!(rig.world.vibe.tasks(&other).len(), 0);
        assert_eq!(rig.world.vibe.projects().len(), 2);
        for entry in rig.world.log_since(mark) {
            let about = format!("{} {}", entry.path, String::from_utf8_lossy(&entry.body));
            assert!(!about.contains("OTHER") && !about.contains(&other), "{entry}");
        }

        // What it left alone crosses when its turn comes.
        rig.sync_well();
        assert_eq!(rig.world.vibe.tasks(&other).len(), 1);
        rig.assert_quiet();
    }
}

/// 52
#[test]
fn any_number_of_workers_gives_the_same_result_as_one() {
    for bridge in backends() {
        let outcome = |jobs: &str| {
            let mut rig = Rig::with(bridge, V0_0_71);
            rig.set("HULY_VIBE_SYNC_SYNC_JOBS", jobs);
            let names = ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF", "GGG"];
            let ids = names.map(|name| {
                rig.world.huly.add_project(name, name);
                let id = rig.world.vibe.add_project(name);
                for n in 1..=6 {
                    let status = ["Todo", "In Progress", "Done"][n % 3];
                    rig.world.huly.add_issue(name, &format!("Issue {n}"), "text", status);
                    let status = ["todo", "inreview", "cancelled"][n % 3];
                    rig.world.vibe.add_task(&id, &format!("Task {n}"), "text", status);
                }
                id
            });
            let first = rig.sync_well();
            for name in names {
                rig.world.huly.edit_title(&format!("{name}-1"), "Issue 1, edited");
                rig.world.huly.delete_issue(&format!("{name}-2"));
            }
            let second = rig.sync_all();
            rig.assert_quiet();
            let boards = names.iter().zip(&ids).map(|(name, id)| {
                let issues = rig.world.huly.issues(name).into_iter();
                let mut issues: Vec<_> = issues.map(|issue| (issue.title, issue.status)).collect();
                let tasks = rig.world.vibe.tasks(id).into_iter();
                let mut tasks: Vec<_> = tasks.map(|task| (task.title, task.status)).collect();
                issues.sort();
                tasks.sort();
                (issues, tasks)
            });
            let boards: Vec<_> = boards.collect();
            (boards, first.json["totals"].clone(), second.json["totals"].clone())
        };

        let one = outcome("1");

        assert_eq!(outcome("3"), one, "{bridge:?}");
        assert_eq!(outcome("16"), one, "{bridge:?}");
    }
}
