//! Edits that people make while a pass writes to the very same item: they cross, or are kept.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::board::Board;
use crate::calls;
use crate::rig::Backend::First;
use crate::rig::{Backend, Rig, backends};
use crate::support::VibeVersion::V0_0_71;
use crate::support::{Host, Side, When};

const NEW: &str = "by a person";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Title,
    Status,
    Text,
}

/// What the pass carries across.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    /// The task's status, and the issue's text.
    StatusAndText,
    /// The task's title, and the issue's status.
    TitleAndStatus,
    /// A task that becomes an issue, with a status of its own.
    NewIssue,
}

const WORK: [Work; 3] = [Work::StatusAndText, Work::TitleAndStatus, Work::NewIssue];

/// One issue and its task in agreement, or a task alone, and what is to be carried across.
fn prepared(backend: Backend, work: Work) -> (Rig, String) {
    let rig = Rig::with(backend, V0_0_71);
    let vibe = rig.project();
    // Another one with a text: what a bridge gives of it speaks for a text that reads blank.
    rig.linked(&vibe, "Another", "another text", "Todo");
    if work == Work::NewIssue {
        rig.world.vibe.add_task(&vibe, "One", "text", "inprogress");
        return (rig, vibe);
    }
    let (issue, task) = rig.linked(&vibe, "One", "text", "Todo");
    rig.sync_well();
    match work {
        Work::StatusAndText => {
            rig.world.vibe.edit_status(&task, "inprogress");
            rig.world.huly.edit_description(&issue, "text, edited");
        }
        _ => {
            rig.world.vibe.edit_title(&task, "One, renamed");
            rig.world.huly.edit_status(&issue, "In Progress");
        }
    }
    (rig, vibe)
}

/// The item's name on that side, once it is there.
fn name(rig: &Rig, vibe: &str, side: Side) -> Option<String> {
    let board = Board::of(rig, "PROJ", vibe);
    let cards = if side == Side::Huly { board.issues } else { board.tasks };
    cards.into_iter().find(|card| card.title != "Another").map(|card| card.name)
}

/// Whether the item is there to be edited.
fn edit(rig: &Rig, vibe: &str, side: Side, field: Field) -> bool {
    let Some(name) = name(rig, vibe, side) else { return false };
    let (huly, vibe) = (&rig.world.huly, &rig.world.vibe);
    match (side, field) {
        (Side::Huly, Field::Title) => huly.edit_title(&name, NEW),
        (Side::Huly, Field::Status) => huly.edit_status(&name, "Done"),
        (Side::Huly, Field::Text) => {
            let text = huly.issue(&name).unwrap().description;
            huly.edit_description(&name, &with_its_mark(&text));
        }
        (Side::Vibe, Field::Title) => vibe.edit_title(&name, NEW),
        (Side::Vibe, Field::Status) => vibe.edit_status(&name, "done"),
        (Side::Vibe, Field::Text) => {
            let text = vibe.task(&name).unwrap().text().to_owned();
            vibe.edit_description(&name, &with_its_mark(&text));
        }
    }
    true
}

/// The new text, with the mark that stood below the old one.
fn with_its_mark(old: &str) -> String {
    old.find("\n---").map_or(NEW.to_owned(), |at| format!("{NEW}\n{}", &old[at..]))
}

/// Which requests of an undisturbed pass are worth an edit, counted from its first: the looks before
/// the first write and all that follows; where this very field is written, what follows that.
fn worth_an_edit(
    backend: Backend,
    work: Work,
    side: Side,
    field: Field,
) -> std::ops::RangeInclusive<u64> {
    let (rig, _) = prepared(backend, work);
    let mark = rig.world.mark();
    rig.sync_well();
    let numbers: Vec<(Host, u64)> = rig
        .world
        .writes_since(mark)
        .iter()
        .map(|entry| (entry.side, entry.sequence - mark))
        .collect();
    let from = if writes(work, side, field) {
        numbers.iter().rev().find(|(on, _)| *on == side).unwrap().1
    } else {
        numbers[0].1.saturating_sub(2)
    };
    from..=rig.world.mark() - mark
}

/// What this pass writes to that side, where a person cannot be seen between the look and the write.
fn writes(work: Work, side: Side, field: Field) -> bool {
    matches!(
        (work, side, field),
        (Work::StatusAndText | Work::NewIssue, Side::Huly, Field::Status)
            | (Work::StatusAndText, Side::Vibe, Field::Text)
            | (Work::TitleAndStatus, Side::Huly, Field::Title)
            | (Work::TitleAndStatus, Side::Vibe, Field::Status)
    )
}

fn edit_at_each_request(backend: Backend, work: Work, side: Side, field: Field) {
    for k in worth_an_edit(backend, work, side, field) {
        let (rig, vibe) = prepared(backend, work);
        let what = format!("{backend:?}, {work:?}: {side:?}'s {field:?} at request {k}");
        let at = rig.world.mark() + k;
        let rig = Arc::new(rig);
        let (hand, project) = (Mutex::new(Some(rig.clone())), vibe.clone());
        let done = Arc::new(AtomicBool::new(false));
        let was_done = done.clone();
        rig.world.on_effect(move |number, _| {
            if number == at
                && let Some(rig) = hand.lock().unwrap().take()
            {
                let is_there = edit(&rig, &project, side, field);
                done.store(is_there, Ordering::SeqCst);
            }
        });
        rig.sync_well();
        rig.world.forget_callbacks();
        if !was_done.load(Ordering::SeqCst) {
            continue;
        }
        rig.sync_well();
        rig.sync_well();

        let board = Board::of(&rig, "PROJ", &vibe);
        assert_eq!((board.issues.len(), board.tasks.len()), (2, 2), "{what}: {board:#?}");
        let pairs = board.pairs().unwrap();
        let (issue, task) = pairs.iter().find(|(issue, _)| issue.title != "Another").unwrap();
        let differences = crate::board::differences(issue, task);
        assert!(differences.is_empty(), "{what}: {differences:?}");
        let (stands, value) = match field {
            Field::Title => (&issue.title, NEW),
            Field::Status => (&task.status, "done"),
            Field::Text => (&issue.text, NEW),
        };
        let lost = rig.lost();
        let is_kept = lost.iter().any(|lost| lost == value || value == "done" && lost == "Done");
        assert!(stands == value || is_kept, "{what}: {stands:?} stands, lost is {lost:?}");
        let mark = rig.world.mark();
        rig.sync_all();
        let writes = rig.world.writes_since(mark);
        assert!(writes.is_empty(), "{what}: {writes:#?}");
    }
}

#[test]
fn an_edit_at_any_request_of_a_pass_crosses_or_is_kept() {
    std::thread::scope(|scope| {
        for backend in backends() {
            for work in WORK {
                scope.spawn(move || {
                    for side in [Side::Huly, Side::Vibe] {
                        for field in [Field::Title, Field::Status, Field::Text] {
                            // An old bridge cannot change a text that is there.
                            if (backend, side, field) != (First, Side::Vibe, Field::Text) {
                                edit_at_each_request(backend, work, side, field);
                            }
                        }
                    }
                });
            }
        }
    });
}

/// A person writes the text of an issue while the pass writes its status: our write moves the time, and
/// lists have no texts.
#[test]
fn a_text_edited_beside_our_own_status_crosses_though_an_older_edit_of_it_was_on_its_way() {
    for backend in backends() {
        let rig = Rig::with(backend, V0_0_71);
        let vibe = rig.project();
        let (issue, task) = rig.linked(&vibe, "One", "text", "Todo");
        rig.world.vibe.edit_status(&task, "done");
        rig.world.huly.edit_description(&issue, "text, edited");
        let (huly, name) = (rig.world.huly.clone(), issue.clone());
        let write = calls::status("Done").nth(1);
        rig.world.huly.after(write, move || huly.edit_description(&name, "edited once more"));

        let ran = rig.sync_well();
        assert_eq!(ran.total("pending"), 1, "it is read again, whatever the lists say: {ran:#?}");
        rig.sync_well();

        let text = rig.world.vibe.task(&task).unwrap().text().to_owned();
        assert_eq!(text, format!("edited once more\n\n---\nHuly Issue: {issue}"), "{backend:?}");
        assert!(rig.lost().is_empty());
        rig.assert_quiet();
    }
}

/// Both sides had been given the same title; what one of them is called a moment later is an edit.
#[test]
fn a_title_edited_while_an_equal_one_is_settled_crosses() {
    for backend in backends() {
        let rig = Rig::with(backend, V0_0_71);
        let vibe = rig.project();
        let (issue, task) = rig.linked(&vibe, "One", "text", "Todo");
        rig.world.vibe.edit_title(&task, "The same");
        rig.world.huly.edit_title(&issue, "The same");
        rig.world.vibe.edit_status(&task, "done");
        let (huly, name) = (rig.world.huly.clone(), issue.clone());
        rig.world.huly.after(calls::status("Done").nth(1), move || huly.edit_title(&name, NEW));

        rig.sync_well();
        rig.sync_well();

        assert_eq!(rig.world.vibe.task(&task).unwrap().title, NEW, "{backend:?}");
        rig.assert_quiet();
    }
}

/// The answer to our own write shows what an agent did to the task in that moment.
#[test]
fn a_task_edited_beside_our_own_title_keeps_the_edit_and_hands_it_on() {
    for backend in backends() {
        let rig = Rig::with(backend, V0_0_71);
        let vibe = rig.project();
        let (issue, task) = rig.linked(&vibe, "One", "text", "Todo");
        rig.world.huly.edit_title(&issue, "One, renamed");
        let (board, id) = (rig.world.vibe.clone(), task.clone());
        let write = When::on("PUT", "/api/tasks/").nth(1);
        rig.world.vibe.before(write, move || board.edit_status(&id, "done"));

        rig.sync_well();
        rig.sync_well();

        let issue = rig.world.huly.issue(&issue).unwrap();
        assert_eq!((&*issue.title, &*issue.status), ("One, renamed", "Done"), "{backend:?}");
        assert_eq!(title(&rig, &task), "One, renamed", "{backend:?}");
        rig.assert_quiet();
    }
}

/// An edit of the survivor in the moment in which it is cancelled is no part of the cancellation.
#[test]
fn a_task_edited_while_it_is_cancelled_becomes_a_new_issue() {
    for backend in backends() {
        let rig = Rig::with(backend, V0_0_71);
        let vibe = rig.project();
        let (issue, task) = rig.linked(&vibe, "One", "text", "Todo");
        rig.linked(&vibe, "Another", "text", "Todo");
        rig.world.huly.delete_issue(&issue);
        let (board, id) = (rig.world.vibe.clone(), task.clone());
        let write = When::on("PUT", "/api/tasks/").nth(1);
        rig.world.vibe.before(write, move || board.edit_title(&id, NEW));

        rig.sync_all();
        assert_eq!(rig.world.vibe.task(&task).unwrap().status, "cancelled");
        rig.sync_well();

        let issues = rig.world.huly.issues("PROJ");
        assert!(issues.iter().any(|issue| issue.title == NEW), "{backend:?}: {issues:#?}");
        rig.assert_quiet();
    }
}

/// A text that is cleared beside our own write reads blank after it, which proves nothing yet.
#[test]
fn a_text_cleared_beside_our_own_status_crosses_once_it_is_proven() {
    for backend in backends() {
        let rig = Rig::with(backend, V0_0_71);
        let vibe = rig.project();
        rig.linked(&vibe, "Another", "its text", "Todo");
        let (issue, task) = rig.linked(&vibe, "One", "text", "Todo");
        rig.world.vibe.edit_status(&task, "done");
        let (huly, name) = (rig.world.huly.clone(), issue.clone());
        rig.world
            .huly
            .after(calls::status("Done").nth(1), move || huly.edit_description(&name, ""));

        for _ in 0..3 {
            rig.sync_well();
        }

        let text = rig.world.vibe.task(&task).unwrap().text().to_owned();
        assert_eq!(text, format!("Synced from Huly: {issue}"), "{backend:?}");
        assert_eq!(rig.lost(), ["text"]);
        rig.assert_quiet();
    }
}

fn title(rig: &Rig, task: &str) -> String {
    rig.world.vibe.task(task).unwrap().title
}
