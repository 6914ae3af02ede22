//! Reading: few requests, no text twice, and nothing missed.

use std::time::Duration;

use super::{asked, rig};
use crate::rig::Rig;
use crate::support::When;
use crate::support::huly::project::Category;

const HOUR_MS: i64 = 60 * 60 * 1000;

#[test]
fn an_idle_pass_over_many_projects_takes_four_requests_and_reads_no_text() {
    let Some(rig) = rig() else { return };
    for n in 0..30 {
        let (identifier, name) = (format!("P{n}"), format!("Project {n}"));
        rig.world.huly.add_project(&identifier, &name);
        rig.world.vibe.add_project(&name);
        for issue in 0..5 {
            rig.world.huly.add_issue(&identifier, &format!("Issue {issue}"), "Some text.", "Todo");
        }
    }
    rig.sync_well();

    for _ in 0..2 {
        let (ran, asked) = asked(&rig, Rig::sync_well);

        assert!(asked.transactor <= 4, "{asked:?}");
        assert_eq!((asked.collaborator, asked.files), (0, 0), "{asked:?}");
        assert_eq!((asked.front, asked.account <= 3), (1, true), "{asked:?}");
        assert_eq!(ran.json["totals"]["seen"]["vibe"], 150);
    }
}

#[test]
fn a_first_pass_reads_each_text_once_and_few_pages() {
    let Some(mut rig) = rig() else { return };
    rig.project();
    for n in 0..200 {
        rig.world.huly.add_issue("PROJ", &format!("Issue {n}"), &format!("Text {n}."), "Todo");
    }
    rig.set("HULY_VIBE_SYNC_GUARD_CREATE", "1000");

    let (_, asked) = asked(&rig, Rig::sync_well);

    assert_eq!((asked.files, asked.collaborator), (200, 0), "{asked:?}");
    assert!(asked.transactor <= 12, "{asked:?}");
    rig.assert_quiet();
}

/// Comments and votes move the time of an issue, and leave its text.
#[test]
fn an_unchanged_reference_is_an_unchanged_text_and_is_not_fetched() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    let (issue, task) = rig.linked(&vibe, "One", "text", "Todo");
    rig.world.huly.comment(&issue);
    rig.world.huly.edit_title(&issue, "One, edited");

    let (_, asked) = asked(&rig, Rig::sync_well);

    assert_eq!((asked.files, asked.collaborator), (0, 0), "{asked:?}");
    let task = rig.world.vibe.task(&task).unwrap();
    assert_eq!(task.title, "One, edited");
    assert!(task.text().starts_with("text"), "{task:?}");
    rig.assert_quiet();
}

#[test]
fn an_issue_whose_text_was_not_read_can_be_made_anew() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    let (issue, task) = rig.linked(&vibe, "One", "the whole text", "Todo");
    rig.world.huly.edit_title(&issue, "One, edited");
    rig.world.vibe.delete_task(&task);

    rig.sync_well();

    let anew = &rig.world.vibe.tasks(&vibe)[0];
    assert_eq!(anew.title, "One, edited");
    assert!(anew.text().starts_with("the whole text"), "{anew:?}");
    rig.assert_quiet();
}

#[test]
fn a_deletion_is_seen_without_a_full_pass() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    for n in 1..=3 {
        rig.world.huly.add_issue("PROJ", &format!("Issue {n}"), "", "Todo");
    }
    rig.sync_well();
    rig.world.huly.delete_issue("PROJ-2");

    rig.sync_well();

    let tasks = rig.world.vibe.tasks(&vibe);
    let ended: Vec<&str> = tasks
        .iter()
        .filter(|task| task.status == "cancelled")
        .map(|task| task.title.as_str())
        .collect();
    assert_eq!(ended, ["Issue 2"]);
    rig.assert_quiet();
}

/// A deleted parent takes its sub-issues with it, and no feed tells of them.
#[test]
fn sub_issues_that_went_with_their_parent_are_missed_by_the_full_pass() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    let parent = rig.world.huly.add_issue("PROJ", "Parent", "", "Todo");
    rig.world.huly.add_sub_issue(&parent, "Child", "", "Todo");
    rig.world.huly.add_issue("PROJ", "Other", "", "Todo");
    rig.sync_well();
    rig.world.huly.delete_issue(&parent);

    rig.sync_all();

    for task in rig.world.vibe.tasks(&vibe) {
        let expected = if task.title == "Other" { "todo" } else { "cancelled" };
        assert_eq!(task.status, expected, "{task:?}");
    }
    rig.assert_quiet();
}

#[test]
fn an_issue_that_moves_to_another_project_ends_there_and_begins_here() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    rig.world.huly.add_project("NEW", "New");
    let other = rig.world.vibe.add_project("New");
    let (issue, task) = rig.linked(&vibe, "Wanderer", "text", "Todo");
    rig.linked(&vibe, "Settled", "", "Todo");

    let moved = rig.world.huly.move_issue(&issue, "NEW");
    rig.sync_well();

    assert_eq!(rig.world.vibe.task(&task).unwrap().status, "cancelled");
    let tasks = rig.world.vibe.tasks(&other);
    assert_eq!(tasks.len(), 1, "{tasks:#?}");
    assert_eq!((tasks[0].title.as_str(), tasks[0].status.as_str()), ("Wanderer", "todo"));
    rig.world.huly.edit_title(&moved, "Wanderer, at home");
    rig.sync_well();
    assert_eq!(rig.world.vibe.tasks(&other)[0].title, "Wanderer, at home");
    rig.assert_quiet();
}

/// A move is no deletion, which an edit would beat: the issue is there, in one place.
#[test]
fn an_edit_of_a_task_whose_issue_moved_is_kept_and_makes_no_second_issue() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    rig.world.huly.add_project("NEW", "New");
    let other = rig.world.vibe.add_project("New");
    let (issue, task) = rig.linked(&vibe, "Wanderer", "text", "Todo");
    rig.linked(&vibe, "Settled", "", "Todo");
    rig.world.huly.move_issue(&issue, "NEW");
    rig.world.vibe.edit_title(&task, "Wanderer, seen to");
    rig.world.vibe.edit_description(&task, &format!("text and a note\n\n---\nHuly Issue: {issue}"));

    let ran = rig.sync_well();

    assert_eq!(rig.world.huly.issues("PROJ").len(), 1, "{ran:#?}");
    assert_eq!(rig.world.huly.issues("NEW").len(), 1);
    assert_eq!(rig.world.vibe.task(&task).unwrap().status, "cancelled");
    let tasks = rig.world.vibe.tasks(&other);
    assert_eq!(tasks.len(), 1, "{tasks:#?}");
    assert_eq!((tasks[0].title.as_str(), tasks[0].status.as_str()), ("Wanderer", "todo"));
    let mut lost = rig.lost();
    lost.sort();
    assert_eq!(lost, ["Wanderer, seen to", "text and a note"], "{ran:#?}");
    assert!(ran.stderr.contains("was moved"), "{ran:#?}");
    rig.assert_quiet();
}

/// The text bears the mark that says which task the issue was made from.
#[test]
fn while_the_text_of_an_issue_cannot_be_read_no_task_that_it_may_be_of_makes_another() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    let old = rig.world.vibe.add_task(&vibe, "One", "text", "todo");
    let text = format!("text\n\n---\nVibe Task: {old}");
    let issue = rig.world.huly.add_issue("PROJ", "One", &text, "Todo");
    rig.world.huly.lose_blob(&issue);
    rig.world.vibe.shift_clock(HOUR_MS);
    let new = rig.world.vibe.add_task(&vibe, "Two", "text", "todo");
    rig.world.vibe.shift_clock(0);

    for _ in 0..2 {
        let ran = rig.sync();
        assert_eq!(ran.exit, 3, "{ran:#?}");
    }

    let issues = rig.world.huly.issues("PROJ");
    let titles: Vec<&str> = issues.iter().map(|issue| issue.title.as_str()).collect();
    assert_eq!(titles, ["One", "Two"], "the task that is younger than the issue has one: {new}");
    assert_eq!(rig.world.vibe.tasks(&vibe).len(), 2);
    rig.world.huly.edit_description(&issue, &text);
    rig.sync_well();
    rig.world.vibe.edit_title(&old, "One, edited");
    rig.sync_well();
    assert_eq!(rig.world.huly.issue(&issue).unwrap().title, "One, edited");
    rig.assert_quiet();
}

/// Triggers rewrite `modifiedOn` after a write, even back in time.
#[test]
fn times_that_go_back_hide_no_change() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    let (issue, task) = rig.linked(&vibe, "One", "", "Todo");
    let (other, other_task) = rig.linked(&vibe, "Two", "", "Todo");
    for round in 1..=3 {
        let (title, name) = (format!("One, {round}"), format!("Two, {round}"));
        rig.world.huly.edit_title(&issue, &title);
        rig.world.huly.rewrite_modified(&issue, -3_000);
        rig.world.huly.edit_title(&other, &name);
        rig.sync_well();
        assert_eq!(rig.world.vibe.task(&task).unwrap().title, title);
        assert_eq!(rig.world.vibe.task(&other_task).unwrap().title, name);
    }
    rig.world.huly.rewrite_after_writes(&[(Duration::from_millis(1), -2_000)]);
    rig.world.vibe.edit_title(&task, "from Vibe");
    rig.sync_well();
    rig.sync_well();
    assert_eq!(rig.world.huly.issue(&issue).unwrap().title, "from Vibe");
}

/// A blob that is not there answers with an empty object: that is no empty text.
#[test]
fn a_lost_text_fails_its_issue_alone_and_erases_nothing() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    let (issue, task) = rig.linked(&vibe, "One", "precious", "Todo");
    rig.world.huly.edit_description(&issue, "more precious");
    rig.world.huly.lose_blob(&issue);
    rig.world.huly.add_issue("PROJ", "Two", "text", "Todo");

    let ran = rig.sync();

    assert_eq!(ran.exit, 3, "{ran:#?}");
    assert!(rig.world.vibe.task(&task).unwrap().text().starts_with("precious"));
    assert_eq!(rig.world.vibe.tasks(&vibe).len(), 2);
}

/// Where files cannot be had, the collaborator has the same text.
#[test]
fn texts_come_from_the_collaborator_where_files_are_away() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    let away = crate::support::Fault::status(404);
    rig.world.huly.fault(When::on("GET", "/files/"), away);

    rig.sync_well();

    assert!(rig.world.vibe.tasks(&vibe)[0].text().starts_with("text"));
}

#[test]
fn a_cleared_text_is_believed_at_once() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    let (issue, task) = rig.linked(&vibe, "One", "text", "Todo");
    rig.world.huly.edit_description(&issue, "");

    rig.sync_well();

    assert!(!rig.world.vibe.task(&task).unwrap().text().contains("text"));
    rig.assert_quiet();
}

#[test]
fn statuses_cross_by_their_category_whatever_they_are_called() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    let own = [
        ("Idea", Category::UnStarted),
        ("Ready", Category::ToDo),
        ("Coding", Category::Active),
        ("Peer review", Category::Active),
        ("Shipped", Category::Won),
        ("Dropped", Category::Lost),
    ];
    rig.world.huly.set_states("PROJ", &own);
    for (name, _) in own {
        rig.world.huly.add_issue("PROJ", name, "", name);
    }
    rig.sync_well();

    let expected = [
        ("Idea", "todo"),
        ("Ready", "todo"),
        ("Coding", "inprogress"),
        ("Peer review", "inreview"),
        ("Shipped", "done"),
        ("Dropped", "cancelled"),
    ];
    let tasks = rig.world.vibe.tasks(&vibe);
    for (title, status) in expected {
        let task = tasks.iter().find(|task| task.title == title).unwrap();
        assert_eq!(task.status, status, "{title}");
    }
    // And back: to the project's own status of that meaning.
    let moved = tasks.iter().find(|task| task.title == "Shipped").unwrap();
    for (status, own) in [
        ("todo", "Ready"),
        ("inreview", "Peer review"),
        ("cancelled", "Dropped"),
        ("done", "Shipped"),
    ] {
        rig.world.vibe.edit_status(&moved.id, status);
        rig.sync_well();
        let issues = rig.world.huly.issues("PROJ");
        let issue = issues.iter().find(|issue| issue.title == "Shipped").unwrap();
        assert_eq!(issue.status, own);
    }
    rig.assert_quiet();
}

/// A bucket of half a minute's calls, then one a second: texts have no way around it.
#[test]
fn reading_many_texts_heeds_the_rate() {
    let Some(mut rig) = rig() else { return };
    rig.project();
    for n in 0..33 {
        rig.world.huly.add_issue("PROJ", &format!("Issue {n}"), "text", "Todo");
    }
    rig.set("HULY_VIBE_SYNC_HULY_RATE", "1");

    let (ran, asked) = asked(&rig, Rig::sync_well);

    let over = asked.files.saturating_sub(30);
    let waited = ran.json["http"]["huly"]["waited_ms"].as_u64().unwrap();
    assert!(over >= 3 && waited >= over * 900, "{asked:?}, waited {waited} ms");
}
