//! Items that went: deleted, moved, given a new number, archived.

use super::{issue_titled, linked, said, sync_killed, task_titled};
use crate::rig::{Rig, backends, on_platform};
use crate::support::VibeVersion::V0_0_71;
use crate::support::{Fault, When};

/// 66
#[test]
fn a_task_cancelled_for_its_issue_never_becomes_a_new_issue() {
    for bridge in backends() {
        for from_task in [false, true] {
            let rig = Rig::with(bridge, V0_0_71);
            let vibe = rig.project();
            if from_task {
                rig.world.vibe.add_task(&vibe, "One", "text", "todo");
            } else {
                rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
            }
            rig.sync_well();
            let issue = rig.world.huly.issues("PROJ")[0].identifier.clone();
            rig.world.huly.delete_issue(&issue);

            rig.sync_all();
            assert_eq!(task_titled(&rig, &vibe, "One").status, "cancelled");
            for full in [false, true, false] {
                let mark = rig.world.mark();
                if full {
                    rig.sync_all()
                } else {
                    rig.sync_well()
                };
                assert!(rig.world.writes_since(mark).is_empty());
            }

            assert_eq!(rig.world.huly.issues("PROJ").len(), 0);
            assert_eq!(rig.world.vibe.tasks(&vibe).len(), 1);
        }
    }
}

/// 67
#[test]
fn a_number_given_out_again_is_a_new_issue_with_a_task_of_its_own() {
    if on_platform() {
        return; // the platform never gives a number out twice: see below
    }
    for bridge in backends() {
        for full in [false, true] {
            let rig = Rig::with(bridge, V0_0_71);
            let vibe = rig.project();
            rig.world.huly.add_issue("PROJ", "Stays", "", "Todo");
            let old = rig.world.huly.add_issue("PROJ", "Old", "old text", "In Progress");
            rig.sync_well();
            let task = task_titled(&rig, &vibe, "Old");
            rig.world.huly.delete_issue(&old);
            let new = rig.world.huly.add_issue("PROJ", "New", "new text", "Todo");
            assert_eq!(new, old, "the number was given out again");

            if full {
                rig.sync_all()
            } else {
                rig.sync_well()
            };

            let after = rig.world.vibe.task(&task.id).unwrap();
            assert_eq!(after.status, "cancelled");
            assert_eq!((&after.title, after.text()), (&task.title, task.text()), "not overwritten");
            let made = task_titled(&rig, &vibe, "New");
            assert_eq!(made.status, "todo");
            assert!(made.text().starts_with("new text\n"));
            let issue = rig.world.huly.issue(&new).unwrap();
            assert_eq!((issue.title.as_str(), issue.status.as_str()), ("New", "Todo"));
            assert_eq!(issue.description, "new text");
            rig.assert_quiet();
            // From now on the number means the new pair alone.
            rig.world.huly.edit_title(&new, "New, edited");
            rig.world.vibe.edit_status(&made.id, "done");
            rig.sync_well();
            assert_eq!(rig.world.vibe.task(&made.id).unwrap().title, "New, edited");
            assert_eq!(rig.world.huly.issue(&new).unwrap().status, "Done");
            assert_eq!(rig.world.vibe.task(&task.id).unwrap().title, "Old");
            rig.assert_quiet();
        }
    }
}

/// 67: the deletion was settled before the number came back.
#[test]
fn a_number_given_out_again_later_is_not_the_buried_issue() {
    if on_platform() {
        return; // the platform never gives a number out twice: see below
    }
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let (vibe, old, task) = linked(&rig, "Old", "old text");
        rig.world.huly.add_project("OTHER", "Other");
        rig.world.huly.delete_issue(&old);
        rig.sync_all();
        assert_eq!(rig.world.vibe.task(&task).unwrap().status, "cancelled");
        let new = rig.world.huly.add_issue("PROJ", "New", "new text", "Todo");
        assert_eq!(new, old, "the number was given out again");

        rig.sync_well();

        assert_eq!(task_titled(&rig, &vibe, "New").status, "todo");
        let after = rig.world.vibe.task(&task).unwrap();
        assert_eq!((after.title.as_str(), after.status.as_str()), ("Old", "cancelled"));
        assert_eq!(rig.world.huly.issues("PROJ").len(), 1);
        rig.assert_quiet();
    }
}

/// 67: killed after the new issue got its task, of two tasks with one mark the new one is its.
#[test]
fn a_number_given_out_again_is_not_linked_to_the_buried_task_after_a_kill() {
    if on_platform() {
        return; // the platform never gives a number out twice: see below
    }
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let (vibe, old, task) = linked(&rig, "Old", "old text");
        rig.world.huly.delete_issue(&old);
        let new = rig.world.huly.add_issue("PROJ", "New", "new text", "Todo");
        assert_eq!(new, old, "the number was given out again");

        sync_killed(&rig, |world, kill| {
            world.vibe.after(When::on("POST", "/api/tasks"), move || kill());
        });
        rig.sync_well();

        let after = rig.world.vibe.task(&task).unwrap();
        assert_eq!((after.title.as_str(), after.status.as_str()), ("Old", "cancelled"));
        let made = task_titled(&rig, &vibe, "New");
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 2);
        rig.assert_quiet();
        rig.world.huly.edit_title(&new, "New, edited");
        rig.sync_well();
        assert_eq!(rig.world.vibe.task(&made.id).unwrap().title, "New, edited");
        rig.assert_quiet();
    }
}

/// 67: the platform counts on, whatever became of the last one.
#[test]
fn an_issue_made_after_the_last_one_was_deleted_has_a_task_of_its_own() {
    if !on_platform() {
        return; // a bridge gives the number out again: see above
    }
    for full in [false, true] {
        for killed in [false, true] {
            let rig = Rig::new();
            let (vibe, old, task) = linked(&rig, "Old", "old text");
            rig.world.huly.delete_issue(&old);
            let new = rig.world.huly.add_issue("PROJ", "New", "new text", "Todo");
            assert_ne!(new, old);
            if killed {
                sync_killed(&rig, |world, kill| {
                    world.vibe.after(When::on("POST", "/api/tasks"), move || kill());
                });
            }

            if full {
                rig.sync_all()
            } else {
                rig.sync_well()
            };

            let after = rig.world.vibe.task(&task).unwrap();
            assert_eq!((after.title.as_str(), after.status.as_str()), ("Old", "cancelled"));
            let made = task_titled(&rig, &vibe, "New");
            assert_eq!(made.status, "todo");
            assert_eq!(rig.world.vibe.tasks(&vibe).len(), 2);
            rig.world.huly.edit_title(&new, "New, edited");
            rig.sync_well();
            assert_eq!(rig.world.vibe.task(&made.id).unwrap().title, "New, edited");
            rig.assert_quiet();
        }
    }
}

/// 74
#[test]
fn an_issue_moved_to_another_project_takes_its_work_along() {
    for bridge in backends() {
        for from_task in [false, true] {
            let rig = Rig::with(bridge, V0_0_71);
            let vibe = rig.project();
            rig.world.huly.add_project("OTHER", "Other");
            let other = rig.world.vibe.add_project("Other");
            rig.world.huly.add_issue("PROJ", "Stays", "", "Todo");
            rig.world.huly.add_issue("OTHER", "There", "", "Todo");
            if from_task {
                rig.world.vibe.add_task(&vibe, "Moves", "text", "inprogress");
            } else {
                rig.world.huly.add_issue("PROJ", "Moves", "text", "In Progress");
            }
            rig.sync_well();
            let task = task_titled(&rig, &vibe, "Moves");
            let old = issue_titled(&rig, "PROJ", "Moves").identifier;
            let new = rig.world.huly.move_issue(&old, "OTHER");

            // An incremental pass sees it arrive, a full one sees it gone.
            rig.sync_well();
            let ran = rig.sync_all();

            assert_eq!(rig.world.vibe.task(&task.id).unwrap().status, "cancelled", "{ran:#?}");
            let made = task_titled(&rig, &other, "Moves");
            assert_eq!(made.status, "inprogress");
            assert_eq!(made.text(), format!("text\n\n---\nHuly Issue: {new}"));
            assert_eq!(rig.world.huly.issue(&new).unwrap().status, "In Progress");
            assert_eq!(rig.world.huly.issues("PROJ").len(), 1);
            assert_eq!(rig.world.huly.issues("OTHER").len(), 2);
            rig.assert_quiet();
            rig.world.vibe.edit_title(&made.id, "Moved");
            rig.sync_well();
            assert_eq!(rig.world.huly.issue(&new).unwrap().title, "Moved");
            rig.assert_quiet();
        }
    }
}

/// 76
#[test]
fn a_pair_whose_vibe_project_is_gone_is_skipped_and_not_made_anew() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let (vibe, issue, _) = linked(&rig, "One", "text");
        rig.world.huly.add_project("OTHER", "Other");
        let there = rig.world.huly.add_issue("OTHER", "There", "", "Todo");
        rig.sync_well();
        rig.world.vibe.delete_project(&vibe);
        rig.world.huly.edit_title(&issue, "One, edited");
        let mark = rig.world.mark();

        let ran = rig.sync_well();

        assert_eq!(ran.project("PROJ")["outcome"], "skipped", "{ran:#?}");
        assert!(ran.stderr.contains("PROJ"), "reported: {ran:#?}");
        assert_eq!(ran.total("deleted.huly") + ran.total("deleted.vibe"), 0);
        rig.sync_well();
        rig.sync_all();
        assert!(rig.world.writes_since(mark).is_empty());
        assert_eq!(rig.world.vibe.projects().len(), 1);
        assert_eq!(rig.world.huly.issue(&issue).unwrap().status, "Todo");
        assert_eq!(tombstones(&rig), 0);
        // The others go on.
        rig.world.huly.edit_title(&there, "There, edited");
        rig.sync_well();
        let other = rig.world.vibe.projects()[0].id.clone();
        task_titled(&rig, &other, "There, edited");
        rig.assert_quiet();
    }
}

/// 76: it goes while the pass is under way.
#[test]
fn a_vibe_project_that_goes_in_the_middle_of_a_pass_deletes_nothing() {
    let mut rig = Rig::new();
    rig.set("HULY_VIBE_SYNC_DELETION_TASK", "cancel");
    let (vibe, issue, _) = linked(&rig, "One", "text");
    let (world, id) = (rig.world.vibe.clone(), vibe.clone());
    rig.world.vibe.before(When::on("GET", "/api/tasks?").nth(1), move || world.delete_project(&id));

    let ran = rig.run(&["sync", "--full"]);

    rig.world.vibe.forget_acts();
    assert_eq!(ran.total("deleted.huly"), 0, "{ran:#?}");
    assert_eq!(rig.world.huly.issue(&issue).unwrap().status, "Todo");
    assert_eq!(tombstones(&rig), 0);
    rig.assert_quiet();
}

/// Tombstones show only in what does not happen: here they are counted.
fn tombstones(rig: &Rig) -> i64 {
    let state = rusqlite::Connection::open(rig.state()).unwrap();
    state.query_row("SELECT count(*) FROM tombstones", [], |row| row.get(0)).unwrap()
}

/// 82
#[test]
fn an_issue_not_found_by_an_incremental_pass_is_settled_in_the_same_pass() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let (vibe, issue, task) = linked(&rig, "One", "text");
        rig.world.huly.add_issue("PROJ", "Stays", "text", "Todo");
        rig.world.huly.add_project("OTHER", "Other");
        rig.world.vibe.add_project("Other");
        rig.world.huly.add_issue("OTHER", "There", "text", "Todo");
        rig.sync_well();
        // The pair is pending: its task could not be written.
        rig.world.huly.edit_title(&issue, "One, edited");
        rig.world.vibe.fault(When::on("PUT", "/api/tasks/"), Fault::status(503));
        assert_eq!(rig.sync().exit, 3);
        rig.world.vibe.clear_faults();
        rig.world.huly.delete_issue(&issue);

        let ran = rig.sync_well();

        assert_eq!(ran.project("PROJ")["mode"], "full", "{ran:#?}");
        assert_eq!(ran.project("OTHER")["mode"], "incremental", "{ran:#?}");
        assert_eq!(ran.total("deleted.vibe"), 1, "{ran:#?}");
        assert_eq!(rig.world.vibe.task(&task).unwrap().status, "cancelled");
        assert_eq!(task_titled(&rig, &vibe, "Stays").status, "todo");
        rig.assert_quiet();
    }
}

/// 83
#[test]
fn an_old_bridge_that_knows_no_bulk_read_proves_no_deletion() {
    if on_platform() {
        return; // a list that is broken, or about something else, proves nothing there: `deletion`
    }
    for full in [false, true] {
        let rig = Rig::new();
        let vibe = rig.project();
        let issues: Vec<String> = (0..4)
            .map(|n| rig.world.huly.add_issue("PROJ", &format!("Issue {n}"), "text", "Todo"))
            .collect();
        rig.sync_well();
        let bulk = When::on("GET", "/api/issues/bulk?");
        let old = Fault::Status {
            code: 404,
            body: "{\"error\":\"Issue bulk not found\"}".into(),
            retry_after: None,
        };
        let fault = rig.world.huly.fault(bulk, old);
        for issue in &issues {
            rig.world.huly.edit_title(issue, &format!("{issue}, edited"));
        }
        for task in rig.world.vibe.tasks(&vibe) {
            rig.world.vibe.edit_status(&task.id, "inprogress");
        }

        let ran = if full { rig.sync_all() } else { rig.sync_well() };

        assert!(rig.world.huly.struck(fault) > 0, "it was asked in bulk");
        assert_eq!(ran.total("deleted.vibe") + ran.total("deleted.huly"), 0);
        for issue in &issues {
            assert_eq!(task_titled(&rig, &vibe, &format!("{issue}, edited")).status, "inprogress");
            assert_eq!(rig.world.huly.issue(issue).unwrap().status, "In Progress");
        }
        rig.assert_quiet();
    }
}

/// 83: they are missing from a full list too, and the bulk read has nothing to say.
#[test]
fn issues_missing_from_a_list_are_not_gone_because_the_bulk_read_is() {
    if on_platform() {
        return; // a list that is broken, or about something else, proves nothing there: `deletion`
    }
    let rig = Rig::new();
    let vibe = rig.project();
    let issues: Vec<String> = (0..3)
        .map(|n| rig.world.huly.add_issue("PROJ", &format!("Issue {n}"), "text", "Todo"))
        .collect();
    rig.sync_well();
    rig.world.huly.delete_issue(&issues[0]);
    let body = |text: &str| Fault::Status { code: 404, body: text.into(), retry_after: None };
    rig.world
        .huly
        .fault(When::on("GET", "/api/issues/bulk?"), body("{\"error\":\"Issue bulk not found\"}"));
    // Nor does the page of a route that is not there.
    let single = rig.world.huly.fault(
        When::on("GET", "/api/issues/PROJ-1"),
        Fault::Status { code: 404, body: "<pre>Cannot GET</pre>".into(), retry_after: None },
    );
    rig.run(&["sync", "--full"]);
    assert_eq!(task_titled(&rig, &vibe, "Issue 0").status, "todo");

    rig.world.huly.lift_fault(single);
    rig.sync_all();

    assert_eq!(task_titled(&rig, &vibe, "Issue 0").status, "cancelled");
    for n in 1..3 {
        assert_eq!(task_titled(&rig, &vibe, &format!("Issue {n}")).status, "todo");
    }
    rig.world.huly.clear_faults();
    rig.assert_quiet();
}

/// 87
#[test]
fn a_project_that_is_archived_for_a_while_goes_on_as_before() {
    for bridge in backends() {
        for listed in [false, true] {
            let rig = Rig::with(bridge, V0_0_71);
            rig.world.huly.lists_archived(listed);
            let (vibe, issue, task) = linked(&rig, "One", "text");
            rig.world.huly.add_project("OTHER", "Other");
            rig.world.vibe.add_project("Other");
            rig.sync_well();
            rig.world.huly.archive_project("PROJ");
            rig.world.vibe.edit_title(&task, "One, edited meanwhile");
            let new = rig.world.vibe.add_task(&vibe, "New meanwhile", "text", "todo");
            let mark = rig.world.mark();

            for full in [false, true, false] {
                let ran = if full { rig.sync_all() } else { rig.sync_well() };
                assert_eq!(ran.total("deleted.vibe"), 0, "{ran:#?}");
            }
            assert!(rig.world.writes_since(mark).is_empty());
            assert_eq!(rig.world.vibe.projects().len(), 2);
            rig.world.huly.unarchive_project("PROJ");
            rig.world.huly.edit_status(&issue, "Done");
            let ran = rig.sync_well();

            assert_eq!(ran.total("deleted.vibe"), 0);
            assert_eq!(ran.total("conflicts"), 0);
            let after = rig.world.vibe.task(&task).unwrap();
            assert_eq!(
                (after.title.as_str(), after.status.as_str()),
                ("One, edited meanwhile", "done")
            );
            assert_eq!(rig.world.huly.issue(&issue).unwrap().title, "One, edited meanwhile");
            assert_eq!(rig.world.vibe.task(&new).unwrap().status, "todo");
            issue_titled(&rig, "PROJ", "New meanwhile");
            assert_eq!(rig.world.vibe.tasks(&vibe).len(), 2);
            rig.assert_quiet();
        }
    }
}

/// 87: archived between the list of projects and the reads.
#[test]
fn a_project_archived_in_the_middle_of_a_pass_loses_nothing() {
    for bridge in backends() {
        for nth in 1..=3 {
            let rig = Rig::with(bridge, V0_0_71);
            let (_, issue, task) = linked(&rig, "One", "text");
            rig.world.huly.add_project("OTHER", "Other");
            rig.world.vibe.add_project("Other");
            rig.sync_well();
            rig.world.huly.edit_title(&issue, "One, edited");
            let world = rig.world.huly.clone();
            rig.world.huly.before(When::always().path("issues").nth(nth), move || {
                world.archive_project("PROJ");
            });

            let ran = rig.run(&["sync", "--full"]);

            rig.world.huly.forget_acts();
            assert_eq!(ran.total("deleted.vibe"), 0, "{ran:#?}");
            assert_eq!(rig.world.vibe.task(&task).unwrap().status, "todo", "{}", said(&ran));
            rig.world.huly.unarchive_project("PROJ");
            rig.sync_well();
            assert_eq!(rig.world.vibe.task(&task).unwrap().title, "One, edited");
            assert_eq!(rig.world.vibe.task(&task).unwrap().status, "todo");
            rig.assert_quiet();
        }
    }
}
