//! Issues that are found again by the platform's own id: without their marker, under another number, in
//! another project.

use serde_json::json;

use super::{issue_titled, sync_killed, task_titled};
use crate::calls;
use crate::rig::{Rig, on_platform};
use crate::support::{Side, When};

/// Gives an issue another identifier, as the platform does when a project gets another one, or a person
/// repairs a number.
fn renumber(rig: &Rig, from: &str, to: &str) {
    rig.world.huly.set_attribute(from, "identifier", &json!(to));
}

/// Tasks that are not cancelled.
fn live(rig: &Rig, vibe: &str) -> usize {
    rig.world.vibe.tasks(vibe).iter().filter(|task| task.status != "cancelled").count()
}

/// Whether an edit of either half reaches the other.
fn assert_is_a_pair(rig: &Rig, issue: &str, task: &str) {
    rig.world.huly.edit_title(issue, "Edited in Huly");
    let ran = rig.sync_well();
    assert_eq!(rig.world.vibe.task(task).unwrap().title, "Edited in Huly", "{issue} {ran:#?}");
    rig.world.vibe.edit_title(task, "Edited in Vibe");
    rig.sync_well();
    assert_eq!(rig.world.huly.issue(issue).unwrap().title, "Edited in Vibe");
    rig.assert_quiet();
}

#[test]
fn an_issue_made_from_a_task_is_its_issue_whatever_its_text_says() {
    if !on_platform() {
        return; // a bridge chooses the ids
    }
    let nobody = "6a5b8fec-920f-438c-b6cd-e2f4e74ef1a1";
    for text in ["text", "", &format!("text\n\n---\nVibe Task: {nobody}")] {
        for other in [false, true] {
            let rig = Rig::new();
            let vibe = rig.project();
            let task = rig.world.vibe.add_task(&vibe, "One", "text", "inprogress");
            rig.sync_well();
            let issue = issue_titled(&rig, "PROJ", "One").identifier;
            let mut text = text.to_owned();
            if other {
                // The marker of a task that is there counts for less, too.
                let other = rig.world.vibe.add_task(&vibe, "Other", "text", "todo");
                rig.sync_well();
                text = text.replace(nobody, &other);
            }
            rig.world.huly.edit_description(&issue, &text);
            rig.lose_state();

            for args in [&["sync"][..], &["sync"], &["sync", "--full"]] {
                let ran = rig.run(args);
                assert_eq!(ran.exit, 0, "{text:?}: {ran:#?}");
                assert_eq!(ran.total("created.huly") + ran.total("created.vibe"), 0, "{ran:#?}");
            }

            let items = 1 + usize::from(other);
            assert_eq!(rig.world.huly.issues("PROJ").len(), items);
            assert_eq!(rig.world.vibe.tasks(&vibe).len(), items);
            rig.assert_quiet();
            assert_is_a_pair(&rig, &issue, &task);
        }
    }
}

/// The copy bears the marker, the issue does not.
#[test]
fn of_an_issue_and_its_copy_the_id_tells_which_one_was_made_from_the_task() {
    if !on_platform() {
        return; // a bridge chooses the ids
    }
    let rig = Rig::new();
    let vibe = rig.project();
    let task = rig.world.vibe.add_task(&vibe, "One", "text", "todo");
    rig.sync_well();
    let original = issue_titled(&rig, "PROJ", "One");
    rig.world.huly.add_issue("PROJ", "Copy", &original.description, "Todo");
    rig.world.huly.edit_description(&original.identifier, "text");
    rig.lose_state();

    rig.sync_well();

    assert_eq!(rig.world.vibe.tasks(&vibe).len(), 2);
    assert_ne!(task_titled(&rig, &vibe, "Copy").id, task);
    assert_is_a_pair(&rig, &original.identifier, &task);
}

/// As an earlier version left it.
#[test]
fn a_task_whose_issue_has_another_task_is_left_alone() {
    if !on_platform() {
        return; // a bridge chooses the ids
    }
    let rig = Rig::new();
    let vibe = rig.project();
    let task = rig.world.vibe.add_task(&vibe, "One", "text", "todo");
    let other = rig.world.vibe.add_task(&vibe, "Other", "text", "todo");
    rig.sync_well();
    let issue = issue_titled(&rig, "PROJ", "Other").identifier;
    rig.world.huly.delete_issue(&issue);
    rig.tamper(&format!("DELETE FROM issues WHERE identifier = '{issue}'"));
    rig.tamper(&format!("UPDATE issues SET task = '{other}'"));
    rig.tamper("DELETE FROM elements");

    let ran = rig.sync_all();
    assert!(ran.stderr.contains(&task), "reported: {ran:#?}");
    for full in [false, true] {
        let ran = if full { rig.sync_all() } else { rig.sync_well() };
        assert_eq!(ran.total("created.huly"), 0, "{ran:#?}");
        assert!(!ran.stderr.contains(&task), "reported once: {ran:#?}");
    }

    assert_eq!(rig.world.huly.issues("PROJ").len(), 1);
    assert_eq!(rig.world.vibe.tasks(&vibe).len(), 2);
    rig.assert_quiet();
}

#[test]
fn an_issue_that_was_moved_before_the_state_was_lost_gets_its_task_where_it_is() {
    if !on_platform() {
        return; // a bridge chooses the ids
    }
    for marked in [true, false] {
        for edited in [false, true] {
            let rig = Rig::new();
            let vibe = rig.project();
            rig.world.huly.add_project("OTHER", "Other");
            let other = rig.world.vibe.add_project("Other");
            let task = rig.world.vibe.add_task(&vibe, "One", "text", "inprogress");
            rig.sync_well();
            let issue = issue_titled(&rig, "PROJ", "One").identifier;
            if !marked {
                rig.world.huly.edit_description(&issue, "text");
            }
            let now = rig.world.huly.move_issue(&issue, "OTHER");
            if edited {
                rig.world.vibe.edit_title(&task, "A person's title");
            }
            rig.lose_state();
            let dry = rig.run(&["sync", "--dry-run"]);
            let plan = dry.json["plan"].to_string();
            assert!(plan.contains("\"delete\"") && plan.contains(&task), "{plan}");

            for args in [&["sync"][..], &["sync"], &["sync", "--full"]] {
                let ran = rig.run(args);
                assert_eq!(ran.exit, 0, "{ran:#?}");
            }

            let total = rig.world.huly.issues("PROJ").len() + rig.world.huly.issues("OTHER").len();
            assert_eq!(total, 1, "one issue");
            assert_eq!(rig.world.vibe.task(&task).unwrap().status, "cancelled");
            assert_eq!((live(&rig, &vibe), live(&rig, &other)), (0, 1));
            assert_eq!(rig.lost().contains(&"A person's title".to_owned()), edited);
            let made = task_titled(&rig, &other, "One").id;
            assert_is_a_pair(&rig, &now, &made);
        }
    }
}

/// So many at once are a matter for the guard.
#[test]
fn a_whole_board_that_was_moved_before_the_state_was_lost_waits_for_a_word() {
    if !on_platform() {
        return; // a bridge chooses the ids
    }
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_project("OTHER", "Other");
    for n in 0..8 {
        rig.world.vibe.add_task(&vibe, &format!("Task {n}"), "text", "todo");
    }
    rig.sync_well();
    for issue in rig.world.huly.issues("PROJ") {
        rig.world.huly.move_issue(&issue.identifier, "OTHER");
    }
    rig.lose_state();

    let ran = rig.run(&["sync", "--project", "PROJ"]);

    assert_eq!(ran.exit, 4, "{ran:#?}");
    assert_eq!(live(&rig, &vibe), 8);
}

#[test]
fn an_issue_that_got_another_number_keeps_its_task() {
    if !on_platform() {
        return; // over a bridge an identifier is all that an issue has
    }
    for to in ["PROJ-9", "EZ-1", "PROJ-10"] {
        for from_task in [true, false] {
            for full in [false, true] {
                let rig = Rig::new();
                let vibe = rig.project();
                if from_task {
                    rig.world.vibe.add_task(&vibe, "One", "text", "inprogress");
                } else {
                    rig.world.huly.add_issue("PROJ", "One", "text", "In Progress");
                }
                rig.sync_well();
                let task = task_titled(&rig, &vibe, "One").id;
                renumber(&rig, "PROJ-1", to);

                let ran = if full { rig.sync_all() } else { rig.sync_well() };

                assert_eq!(ran.total("created.vibe") + ran.total("created.huly"), 0, "{ran:#?}");
                assert_eq!(ran.total("deleted.vibe"), 0, "{ran:#?}");
                let after = rig.world.vibe.task(&task).unwrap();
                assert_eq!(after.status, "inprogress");
                if !from_task {
                    assert_eq!(after.text(), format!("text\n\n---\nHuly Issue: {to}"));
                }
                rig.assert_quiet();
                // The number counts for a state that is lost.
                rig.lose_state();
                let again = rig.sync_well();
                assert_eq!(again.total("created.vibe") + again.total("created.huly"), 0);
                assert_eq!(again.total("conflicts"), 0, "{again:#?}");
                assert_is_a_pair(&rig, to, &task);
                assert_eq!(rig.world.vibe.tasks(&vibe).len(), 1);
            }
        }
    }
}

/// Without a marker that anybody could find it by.
#[test]
fn an_issue_made_from_a_task_is_found_under_any_number_after_the_state_was_lost() {
    if !on_platform() {
        return; // over a bridge an identifier is all that an issue has
    }
    for to in ["PROJ-9", "EZ-1"] {
        let rig = Rig::new();
        let vibe = rig.project();
        let task = rig.world.vibe.add_task(&vibe, "One", "text", "inprogress");
        rig.sync_well();
        rig.world.huly.edit_description("PROJ-1", "text");
        renumber(&rig, "PROJ-1", to);
        rig.lose_state();

        let ran = rig.sync_well();

        assert_eq!(ran.total("created.vibe") + ran.total("created.huly"), 0, "{ran:#?}");
        assert_is_a_pair(&rig, to, &task);
    }
}

#[test]
fn two_issues_can_change_their_numbers_with_each_other() {
    if !on_platform() {
        return; // over a bridge an identifier is all that an issue has
    }
    for full in [false, true] {
        let rig = Rig::new();
        let vibe = rig.project();
        for title in ["One", "Two", "Three"] {
            rig.world.huly.add_issue("PROJ", title, title, "Todo");
        }
        rig.sync_well();
        let ids = ["One", "Two", "Three"].map(|title| task_titled(&rig, &vibe, title).id);
        renumber(&rig, "PROJ-1", "PROJ-77");
        renumber(&rig, "PROJ-2", "PROJ-1");
        renumber(&rig, "PROJ-3", "PROJ-2");
        renumber(&rig, "PROJ-77", "PROJ-3");

        let ran = if full { rig.sync_all() } else { rig.sync_well() };

        assert_eq!(ran.total("created.vibe") + ran.total("deleted.vibe"), 0, "{ran:#?}");
        for (id, (title, number)) in ids.iter().zip([("One", 3), ("Two", 1), ("Three", 2)]) {
            let task = rig.world.vibe.task(id).unwrap();
            assert_eq!(task.title, title);
            assert_eq!(task.text(), format!("{title}\n\n---\nHuly Issue: PROJ-{number}"));
        }
        rig.assert_quiet();
        rig.lose_state();
        assert_eq!(rig.sync_well().total("conflicts"), 0);
        rig.assert_quiet();
    }
}

#[test]
fn an_issue_that_got_the_number_of_a_deleted_one_takes_nothing_of_it() {
    if !on_platform() {
        return; // over a bridge an identifier is all that an issue has
    }
    for full in [false, true] {
        let rig = Rig::new();
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "Stays", "text", "Todo");
        rig.world.huly.add_issue("PROJ", "Goes", "text", "Todo");
        rig.sync_well();
        let (stays, goes) =
            (task_titled(&rig, &vibe, "Stays").id, task_titled(&rig, &vibe, "Goes").id);
        rig.world.huly.delete_issue("PROJ-2");
        renumber(&rig, "PROJ-1", "PROJ-2");

        if full {
            rig.sync_all()
        } else {
            rig.sync_well()
        };
        rig.sync_all();

        assert_eq!(rig.world.vibe.task(&goes).unwrap().status, "cancelled");
        assert_eq!(rig.world.vibe.task(&stays).unwrap().status, "todo");
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 2);
        rig.assert_quiet();
        assert_is_a_pair(&rig, "PROJ-2", &stays);
    }
}

/// 42: nobody knows which of the two is meant, so nothing ends.
#[test]
fn an_issue_that_got_the_number_of_another_one_is_left_alone() {
    if !on_platform() {
        return; // over a bridge an identifier is all that an issue has
    }
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    rig.world.huly.add_issue("PROJ", "Two", "text", "Todo");
    rig.sync_well();
    renumber(&rig, "PROJ-1", "PROJ-2");

    let mark = rig.world.mark();
    for args in [&["sync"][..], &["sync", "--full"], &["sync"]] {
        let ran = rig.run(args);
        assert_eq!(ran.exit, 3, "{ran:#?}");
        let errors = ran.project("PROJ")["errors"].to_string();
        assert!(errors.contains("PROJ-2: two issues"), "{ran:#?}");
    }

    assert!(rig.world.writes_since(mark).is_empty());
    assert_eq!(live(&rig, &vibe), 2);
}

/// What waits under the old number is found under the new one.
#[test]
fn a_pair_that_waits_is_found_under_its_new_number() {
    if !on_platform() {
        return; // over a bridge an identifier is all that an issue has
    }
    for killed in [false, true] {
        let rig = Rig::new();
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
        rig.sync_well();
        let task = task_titled(&rig, &vibe, "One").id;
        rig.world.huly.edit_title("PROJ-1", "One, edited");
        if killed {
            sync_killed(&rig, |world, kill| {
                world.vibe.before(When::on("PUT", "/api/tasks/"), move || kill());
            });
        } else {
            let fault = crate::support::Fault::status(503);
            rig.world.vibe.fault(When::on("PUT", "/api/tasks/"), fault);
            assert_eq!(rig.sync().exit, 3);
            rig.world.vibe.clear_faults();
        }
        renumber(&rig, "PROJ-1", "PROJ-9");

        rig.sync_well();

        let after = rig.world.vibe.task(&task).unwrap();
        assert_eq!(
            (after.title.as_str(), after.text()),
            ("One, edited", "text\n\n---\nHuly Issue: PROJ-9")
        );
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 1);
        rig.assert_quiet();
        assert_is_a_pair(&rig, "PROJ-9", &task);
    }
}

/// The write of the marker fails, or the tool is killed before it.
#[test]
fn a_marker_that_could_not_be_brought_up_to_date_is_in_a_later_pass() {
    if !on_platform() {
        return; // over a bridge an identifier is all that an issue has
    }
    for killed in [false, true] {
        let rig = Rig::new();
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
        rig.sync_well();
        let task = task_titled(&rig, &vibe, "One").id;
        renumber(&rig, "PROJ-1", "PROJ-9");
        if killed {
            sync_killed(&rig, |world, kill| {
                world.vibe.before(When::on("GET", "/api/tasks/"), move || kill());
            });
        } else {
            let fault = crate::support::Fault::status(503);
            rig.world.vibe.fault(When::on("PUT", "/api/tasks/"), fault);
            assert_eq!(rig.sync().exit, 3);
            rig.world.vibe.clear_faults();
        }

        rig.sync_well();

        let text = rig.world.vibe.task(&task).unwrap().text().to_owned();
        assert_eq!(text, "text\n\n---\nHuly Issue: PROJ-9");
        rig.assert_quiet();
    }
}

/// A deletion stays remembered.
#[test]
fn an_issue_whose_task_was_deleted_stays_alone_under_another_number() {
    if !on_platform() {
        return; // over a bridge an identifier is all that an issue has
    }
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    rig.sync_well();
    rig.world.vibe.delete_task(&task_titled(&rig, &vibe, "One").id);
    rig.sync_well();
    renumber(&rig, "PROJ-1", "PROJ-9");

    rig.sync_well();
    rig.sync_all();

    assert_eq!(rig.world.vibe.tasks(&vibe).len(), 0);
    rig.assert_quiet();
}

/// Killed right after the issue was made; then it is moved, its project archived for a pass, and the
/// task edited by a person.
#[test]
fn a_create_that_was_killed_and_moved_loses_nobodys_title_and_leaves_no_second_task() {
    if !on_platform() {
        return; // over a bridge a moved issue is another one
    }
    for who in ["task", "issue", "both"] {
        let rig = Rig::new();
        let vibe = rig.project();
        rig.world.huly.add_project("OTHER", "Other");
        let other = rig.world.vibe.add_project("Other");
        rig.world.huly.add_issue("PROJ", "Stays", "", "Todo");
        rig.world.huly.add_issue("OTHER", "There", "", "Todo");
        rig.sync_well();
        let task = rig.world.vibe.add_task(&vibe, "One", "text", "inprogress");
        sync_killed(&rig, |world, kill| {
            world.huly.after(calls::create_titled("One"), move || kill());
        });
        let issue = issue_titled(&rig, "PROJ", "One").identifier;
        let now = rig.world.huly.move_issue(&issue, "OTHER");
        rig.world.huly.archive_project("PROJ");
        if who != "issue" {
            rig.world.vibe.edit_title(&task, "The task's title");
        }
        if who != "task" {
            rig.world.huly.edit_title(&now, "The issue's title");
        }
        rig.sync_well();
        rig.world.huly.unarchive_project("PROJ");

        rig.sync_well();
        rig.sync_all();

        let lost = rig.lost();
        let everywhere = |title: &str| {
            lost.iter().any(|lost| lost == title)
                || rig.world.huly.issues("OTHER").iter().any(|issue| issue.title == title)
        };
        assert!(who == "issue" || everywhere("The task's title"), "{who}: {lost:?}");
        assert!(who == "task" || everywhere("The issue's title"), "{who}: {lost:?}");
        assert_eq!(rig.world.vibe.task(&task).unwrap().status, "cancelled", "{who}");
        assert_eq!((live(&rig, &vibe), live(&rig, &other)), (1, 2), "{who}");
        assert_eq!(rig.world.huly.issues("PROJ").len(), 1);
        assert_eq!(rig.world.huly.issues("OTHER").len(), 2);
        rig.assert_quiet();
    }
}

/// A project gets another identifier, and all of its issues with it.
#[test]
fn a_project_that_got_another_identifier_is_the_same_pair() {
    if !on_platform() {
        return; // over a bridge an identifier is all that a project has
    }
    for full in [false, true] {
        let rig = Rig::new();
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "From Huly", "text", "In Progress");
        let task = rig.world.vibe.add_task(&vibe, "From Vibe", "text", "todo");
        rig.sync_well();
        let made = task_titled(&rig, &vibe, "From Huly").id;
        rig.assert_quiet();
        rig.world.huly.change_identifier("PROJ", "EZ");

        let ran = if full { rig.sync_all() } else { rig.sync_well() };

        assert_eq!(ran.total("created.vibe") + ran.total("created.huly"), 0, "{ran:#?}");
        assert_eq!(rig.world.vibe.projects().len(), 1);
        assert_eq!(live(&rig, &vibe), 2);
        rig.assert_quiet();
        let issue = issue_titled(&rig, "EZ", "From Huly").identifier;
        assert!(
            rig.world.vibe.task(&made).unwrap().text().ends_with(&format!("Huly Issue: {issue}"))
        );
        assert_is_a_pair(&rig, &issue, &made);
        let issue = issue_titled(&rig, "EZ", "From Vibe").identifier;
        assert_is_a_pair(&rig, &issue, &task);
        rig.lose_state();
        let again = rig.sync_well();
        assert_eq!(again.total("created.vibe") + again.total("created.huly"), 0, "{again:#?}");
        assert_eq!(rig.world.vibe.projects().len(), 1);
        rig.assert_quiet();
    }
}

/// The create finds what was made since the list was read.
#[test]
fn a_create_that_finds_its_issue_there_links_the_two_and_keeps_what_differs() {
    if !on_platform() {
        return; // a bridge chooses the ids
    }
    for (edited, moved) in [(false, false), (true, false), (false, true), (true, true)] {
        let rig = Rig::new();
        let vibe = rig.project();
        rig.world.huly.add_project("OTHER", "Other");
        rig.world.vibe.add_project("Other");
        let task = rig.world.vibe.add_task(&vibe, "One", "text", "todo");
        rig.sync_well();
        let issue = issue_titled(&rig, "PROJ", "One");
        rig.world.huly.delete_issue(&issue.identifier);
        rig.lose_state();
        let huly = rig.world.huly.clone();
        rig.world.huly.before(calls::create().nth(1), move || {
            let title = if edited { "A person's title" } else { "One" };
            let made = huly.add_issue("PROJ", title, &issue.description, "Backlog");
            huly.set_issue_id(&made, &issue.id);
            if moved {
                huly.move_issue(&made, "OTHER");
            }
        });

        rig.sync_well();
        rig.world.huly.forget_acts();
        rig.sync_well();
        rig.sync_all();

        let issues = [rig.world.huly.issues("PROJ"), rig.world.huly.issues("OTHER")].concat();
        assert_eq!(issues.len(), 1, "{issues:#?}");
        assert_eq!(rig.world.vibe.task(&task).unwrap().status == "cancelled", moved);
        let mut titles = rig.lost();
        titles.push(issues[0].title.clone());
        assert_eq!(titles.contains(&"A person's title".to_owned()), edited);
        assert!(!edited || titles.contains(&"One".to_owned()), "{titles:?}");
        rig.assert_quiet();
    }
}

/// 64: what was written down before the create still counts.
#[test]
fn an_issue_that_lost_its_marker_before_its_create_was_settled_is_no_conflict() {
    if !on_platform() {
        return; // a bridge chooses the ids
    }
    for edited in [Side::Huly, Side::Vibe] {
        let mut rig = Rig::new();
        rig.set("HULY_VIBE_SYNC_CONFLICT_TITLE", "newest");
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "Stays", "", "Todo");
        rig.sync_well();
        let task = rig.world.vibe.add_task(&vibe, "One", "text", "inprogress");
        sync_killed(&rig, |world, kill| {
            world.huly.after(calls::create_titled("One"), move || kill());
        });
        let issue = issue_titled(&rig, "PROJ", "One");
        rig.world.huly.edit_description(&issue.identifier, "text");
        // The copy bears the marker.
        rig.world.huly.add_issue("PROJ", "Copy", &issue.description, "Todo");
        match edited {
            Side::Huly => rig.world.huly.edit_title(&issue.identifier, "One, edited"),
            _ => rig.world.vibe.edit_title(&task, "One, edited"),
        }

        let ran = rig.sync_well();

        assert_eq!(ran.total("conflicts"), 0, "{ran:#?}");
        assert_eq!(rig.world.vibe.task(&task).unwrap().title, "One, edited");
        assert_eq!(rig.world.huly.issue(&issue.identifier).unwrap().title, "One, edited");
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 3);
        rig.assert_quiet();
    }
}

/// Of the second issue that a task is made, after its first one was deleted.
#[test]
fn a_second_issue_of_a_task_is_known_by_its_id_too() {
    if !on_platform() {
        return; // a bridge chooses the ids
    }
    for moved in [false, true] {
        let rig = Rig::new();
        let vibe = rig.project();
        rig.world.huly.add_project("OTHER", "Other");
        let other = rig.world.vibe.add_project("Other");
        rig.world.huly.add_issue("PROJ", "Stays", "", "Todo");
        let task = rig.world.vibe.add_task(&vibe, "One", "text", "inprogress");
        rig.sync_well();
        rig.world.huly.delete_issue(&issue_titled(&rig, "PROJ", "One").identifier);
        rig.world.vibe.edit_title(&task, "One, edited");
        sync_killed(&rig, |world, kill| {
            world.huly.after(calls::create_titled("One, edited"), move || kill());
        });
        let issue = issue_titled(&rig, "PROJ", "One, edited").identifier;
        rig.world.huly.edit_description(&issue, "text");
        if moved {
            rig.world.huly.move_issue(&issue, "OTHER");
        }

        rig.sync_well();
        rig.sync_all();

        let issues = rig.world.huly.issues("PROJ").len() + rig.world.huly.issues("OTHER").len();
        assert_eq!(issues, 2);
        assert_eq!((live(&rig, &vibe), live(&rig, &other)), if moved { (1, 1) } else { (2, 0) });
        rig.assert_quiet();
    }
}

/// An old copy of the state, and the marker is gone, too.
#[test]
fn an_old_copy_of_the_state_finds_by_its_id_what_was_created_since() {
    if !on_platform() {
        return; // a bridge chooses the ids
    }
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "Stays", "", "Todo");
    let task = rig.world.vibe.add_task(&vibe, "One", "text", "inprogress");
    rig.sync_well();
    let copy = std::fs::read(rig.state()).unwrap();
    rig.world.huly.delete_issue(&issue_titled(&rig, "PROJ", "One").identifier);
    rig.world.vibe.edit_title(&task, "One, edited");
    rig.sync_all();
    let issue = issue_titled(&rig, "PROJ", "One, edited").identifier;
    rig.world.huly.edit_description(&issue, "text");
    rig.sync_well();
    rig.lose_state();
    std::fs::write(rig.state(), &copy).unwrap();

    rig.sync_well();
    rig.sync_all();

    assert_eq!(rig.world.huly.issues("PROJ").len(), 2);
    assert_eq!(live(&rig, &vibe), 2);
    assert_is_a_pair(&rig, &issue, &task);
}
