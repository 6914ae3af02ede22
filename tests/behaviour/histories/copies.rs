//! Marks that were copied, written around, or left by somebody else.

use super::{bearing, linked, said, task_titled};
use crate::rig::{Rig, backends};
use crate::support::VibeVersion::V0_0_71;

/// 69
#[test]
fn of_three_tasks_with_one_marker_one_is_linked_and_two_are_left_alone() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let issue = rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
        let now = rig.world.vibe.now_ms();
        let tasks = [3, 1, 2].map(|age| {
            let text = "text\n\n---\nHuly Issue: PROJ-1";
            let id = rig.world.vibe.add_task(&vibe, "One", text, "todo");
            rig.world.vibe.set_created_at(&id, now - age * 1000);
            id
        });
        let others = [tasks[1].clone(), tasks[2].clone()];
        let before = others.clone().map(|id| rig.world.vibe.task(&id).unwrap());

        let mark = rig.world.mark();
        let ran = rig.sync_well();
        assert_eq!(ran.total("surplus"), 2, "{ran:#?}");
        for id in &others {
            assert!(ran.stderr.contains(id.as_str()), "reported: {ran:#?}");
        }
        assert!(rig.world.writes_since(mark).is_empty(), "all three are equal to the issue");
        // The oldest is the one that is linked.
        rig.world.huly.edit_title(&issue, "One, edited");
        let ran = rig.sync_well();
        assert!(!ran.stderr.contains(others[0].as_str()), "reported once: {ran:#?}");

        assert_eq!(rig.world.vibe.task(&tasks[0]).unwrap().title, "One, edited");
        assert_eq!(others.map(|id| rig.world.vibe.task(&id).unwrap()), before);
        assert_eq!(rig.world.huly.issues("PROJ").len(), 1);
        rig.assert_quiet();
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 3, "none is deleted");
    }
}

/// 69: one of the two left over is edited, or the linked one goes.
#[test]
fn a_surplus_task_is_never_created_from() {
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    let text = "text\n\n---\nHuly Issue: PROJ-1";
    let first = rig.world.vibe.add_task(&vibe, "One", text, "todo");
    rig.world.vibe.set_created_at(&first, rig.world.vibe.now_ms() - 60_000);
    let other = rig.world.vibe.add_task(&vibe, "One", text, "todo");
    rig.sync_well();

    rig.world.vibe.edit_title(&other, "A title of its own");
    rig.world.vibe.edit_status(&other, "done");
    rig.sync_well();
    assert_eq!(rig.world.huly.issues("PROJ").len(), 1);
    assert_eq!(rig.world.huly.issues("PROJ")[0].title, "One");
    rig.assert_quiet();
    rig.world.vibe.delete_task(&first);
    rig.sync_well();
    rig.sync_all();

    assert_eq!(rig.world.huly.issues("PROJ").len(), 1);
    assert_eq!(rig.world.vibe.task(&other).unwrap().status, "done");
    rig.assert_quiet();
}

/// 69
#[test]
fn a_task_duplicated_with_its_text_is_surplus() {
    for bridge in backends() {
        for full in [false, true] {
            let rig = Rig::with(bridge, V0_0_71);
            let (vibe, issue, task) = linked(&rig, "One", "text");
            let copy = rig.world.vibe.duplicate_task(&task);
            let mark = rig.world.mark();

            let ran = if full { rig.sync_all() } else { rig.sync_well() };

            assert_eq!(ran.total("surplus"), 1, "{ran:#?}");
            assert!(ran.stderr.contains(&copy), "{ran:#?}");
            assert!(rig.world.writes_since(mark).is_empty());
            rig.world.huly.edit_title(&issue, "One, edited");
            rig.sync_well();
            assert_eq!(rig.world.vibe.task(&task).unwrap().title, "One, edited");
            assert_eq!(rig.world.vibe.task(&copy).unwrap().title, "One");
            assert_eq!(rig.world.huly.issues("PROJ").len(), 1);
            assert_eq!(rig.world.vibe.tasks(&vibe).len(), 2);
            rig.assert_quiet();
        }
    }
}

/// 70
#[test]
fn an_issue_duplicated_with_anothers_mark_gets_a_task_without_it() {
    for bridge in backends() {
        for full in [false, true] {
            let rig = Rig::with(bridge, V0_0_71);
            let vibe = rig.project();
            let task = rig.world.vibe.add_task(&vibe, "One", "text", "todo");
            rig.sync_well();
            let original = rig.world.huly.issues("PROJ")[0].clone();
            assert!(original.description.contains(&task), "the issue bears the task's mark");
            let copy = rig.world.huly.add_issue("PROJ", "Copy", &original.description, "Todo");

            let ran = if full { rig.sync_all() } else { rig.sync_well() };

            assert_eq!(ran.total("created.vibe"), 1, "{ran:#?}");
            let made = task_titled(&rig, &vibe, "Copy");
            assert_eq!(made.text(), format!("text\n\n---\nHuly Issue: {copy}"));
            assert_eq!(rig.world.vibe.task(&task).unwrap().text(), "text");
            rig.assert_quiet();
            // Each pair goes its own way.
            rig.world.huly.edit_title(&copy, "Copy, edited");
            rig.world.huly.edit_title(&original.identifier, "One, edited");
            rig.sync_well();
            assert_eq!(rig.world.vibe.task(&task).unwrap().title, "One, edited");
            assert_eq!(rig.world.vibe.task(&made.id).unwrap().title, "Copy, edited");
            rig.assert_quiet();
        }
    }
}

/// 70: a copy of a copy that was there before the first pass of this state.
#[test]
fn a_copy_seen_together_with_its_original_is_not_taken_for_it() {
    let rig = Rig::new();
    let vibe = rig.project();
    let task = rig.world.vibe.add_task(&vibe, "One", "text", "todo");
    rig.sync_well();
    let original = rig.world.huly.issues("PROJ")[0].clone();
    rig.world.huly.add_issue("PROJ", "Copy", &original.description, "Todo");
    for name in ["state.db", "state.db-wal", "state.db-shm"] {
        let _ = std::fs::remove_file(rig.folder.path().join(name));
    }

    let ran = rig.sync_well();

    assert_eq!(ran.total("created.huly"), 0);
    assert_eq!(ran.total("created.vibe"), 1);
    assert_eq!(rig.world.vibe.task(&task).unwrap().title, "One");
    assert!(!task_titled(&rig, &vibe, "Copy").text().contains("Vibe Task"));
    rig.assert_quiet();
}

/// 71
#[test]
fn a_paragraph_below_the_marker_crosses_without_it() {
    for full in [false, true] {
        let rig = Rig::new();
        let (vibe, issue, task) = linked(&rig, "One", "text");
        let with_note =
            format!("{}\n\nA note of the agent.", rig.world.vibe.task(&task).unwrap().text());
        rig.world.vibe.edit_description(&task, &with_note);

        let ran = if full { rig.sync_all() } else { rig.sync_well() };

        assert_eq!(ran.total("conflicts"), 0);
        let text = rig.world.huly.issue(&issue).unwrap().description;
        assert!(text.starts_with("text\n"), "{text:?}");
        assert!(text.ends_with("A note of the agent."), "{text:?}");
        assert!(!text.contains("Huly Issue") && !text.contains("---"), "{text:?}");
        assert_eq!(rig.world.vibe.task(&task).unwrap().text(), with_note);
        rig.assert_quiet();
        // The next text that comes from Huly bears the marker once.
        rig.world.huly.edit_description(&issue, "text\n\nA note of the agent.\n\nAn answer.");
        rig.sync_well();
        assert_eq!(bearing(&rig, &vibe, &issue), 1);
        let text = rig.world.vibe.task(&task).unwrap().text().to_owned();
        assert_eq!(text.matches("Huly Issue:").count(), 1, "{text:?}");
        assert_eq!(text.matches("A note of the agent.").count(), 1, "{text:?}");
        rig.assert_quiet();
    }
}

/// 71: below the other marker, in Huly.
#[test]
fn a_paragraph_below_the_marker_of_an_issue_crosses_without_it() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let task = rig.world.vibe.add_task(&vibe, "One", "text", "todo");
        rig.sync_well();
        let issue = rig.world.huly.issues("PROJ")[0].clone();
        let with_note = format!("{}\n\nA note in Huly.", issue.description);
        rig.world.huly.edit_description(&issue.identifier, &with_note);

        rig.sync_well();

        let text = rig.world.vibe.task(&task).unwrap().text().to_owned();
        assert!(text.starts_with("text\n") && text.ends_with("A note in Huly."), "{text:?}");
        assert!(!text.contains("Vibe Task") && !text.contains("---"), "{text:?}");
        let after = rig.world.huly.issue(&issue.identifier).unwrap().description;
        assert_eq!(after.matches("Vibe Task:").count(), 1, "{after:?}");
        rig.assert_quiet();
    }
}

/// 77
#[test]
fn a_second_state_file_makes_nothing_twice_and_says_what_it_found() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "From Huly", "text", "In Progress");
        rig.world.vibe.add_task(&vibe, "From Vibe", "text", "done");
        rig.sync_well();
        // Another user, who has no state yet.
        let mine = rig.folder.path().join("mine");
        std::fs::create_dir(&mine).unwrap();
        let names = ["state.db", "state.db-wal", "state.db-shm"];
        for name in names {
            let _ = std::fs::rename(rig.folder.path().join(name), mine.join(name));
        }
        let mark = rig.world.mark();

        let ran = rig.run(&["sync", "-v"]);

        assert_eq!(ran.exit, 0, "{ran:#?}");
        assert!(rig.world.writes_since(mark).is_empty(), "{ran:#?}");
        assert!(said(&ran).contains("another state"), "{ran:#?}");
        // Each makes one more; neither makes the other's again.
        rig.world.huly.add_issue("PROJ", "Later", "text", "Todo");
        rig.world.vibe.add_task(&vibe, "Later too", "text", "todo");
        rig.sync_well();
        for name in names {
            let _ = std::fs::rename(mine.join(name), rig.folder.path().join(name));
        }
        rig.sync_well();
        assert_eq!(rig.world.huly.issues("PROJ").len(), 4);
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 4);
        rig.assert_quiet();
    }
}
