//! Texts that a bridge gives as `''`: while its collaborator is away, and where they were cleared.
//! Over Huly's own API a text that cannot be read is an error.

use crate::rig::Backend::{First, Second};
use crate::rig::{Rig, backends, on_platform};
use crate::support::VibeVersion::V0_0_71;
use crate::support::{Fault, When};

/// Three issues with texts, first seen over these passes while no text is given; the Vibe project.
fn first_seen_blank(rig: &Rig, passes: usize) -> String {
    let vibe = rig.project();
    for n in 1..=3 {
        rig.world.huly.add_issue("PROJ", &format!("Issue {n}"), &format!("text {n}"), "Todo");
    }
    rig.world.huly.collaborator_away(true);
    for _ in 0..passes {
        rig.sync_well();
    }
    rig.world.huly.collaborator_away(false);
    vibe
}

fn text_of(rig: &Rig, vibe: &str, title: &str) -> String {
    let tasks = rig.world.vibe.tasks(vibe);
    tasks.iter().find(|task| task.title == title).unwrap().text().to_owned()
}

fn assert_has_texts(rig: &Rig, vibe: &str) {
    for n in 1..=3 {
        let expected = format!("text {n}\n\n---\nHuly Issue: PROJ-{n}");
        assert_eq!(text_of(rig, vibe, &format!("Issue {n}")), expected);
    }
}

#[test]
fn texts_that_were_away_at_first_sight_cross_with_the_next_full_pass() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = first_seen_blank(&rig, 3);

        rig.sync_all();

        assert_has_texts(&rig, &vibe);
        rig.assert_quiet();
        assert!(rig.lost().is_empty());
    }
}

#[test]
fn texts_that_were_away_at_first_sight_cross_when_another_issue_gives_one() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = first_seen_blank(&rig, 3);

        rig.world.huly.add_issue("PROJ", "Another", "its text", "Todo");
        rig.sync_well();
        rig.sync_well();

        assert_has_texts(&rig, &vibe);
        rig.assert_quiet();
    }
}

/// The issue is new while the texts of all are away, and no list ever shows the others again.
#[test]
fn an_issue_made_during_an_outage_waits_for_its_text() {
    if on_platform() {
        return; // a text that cannot be read is an error there
    }
    for bridge in [First, Second] {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "Old", "old text", "Todo");
        rig.sync_well();

        rig.world.huly.collaborator_away(true);
        rig.world.huly.add_issue("PROJ", "New", "new text", "Todo");
        for _ in 0..4 {
            rig.sync_well();
        }
        rig.world.huly.collaborator_away(false);
        rig.sync_well();

        assert_eq!(text_of(&rig, &vibe, "New"), "new text\n\n---\nHuly Issue: PROJ-2");
        rig.assert_quiet();
    }
}

#[test]
fn a_text_that_was_away_at_first_sight_is_not_written_over() {
    if on_platform() {
        return; // a text that cannot be read is an error there
    }
    let rig = Rig::with(Second, V0_0_71);
    let vibe = first_seen_blank(&rig, 3);

    let task = rig.world.vibe.tasks(&vibe).into_iter().find(|task| task.title == "Issue 1");
    let edited = "from Vibe\n\n---\nHuly Issue: PROJ-1";
    rig.world.vibe.edit_description(&task.unwrap().id, edited);
    rig.sync_well();
    assert_eq!(rig.world.huly.issue("PROJ-1").unwrap().description, "text 1");
    rig.sync_well();

    assert_has_texts(&rig, &vibe);
    assert_eq!(rig.lost(), ["from Vibe"]);
    rig.assert_quiet();
}

/// A project in which no issue has a text proves nothing, and costs nothing.
#[test]
fn issues_without_any_text_become_quiet() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        for n in 1..=3 {
            rig.world.huly.add_issue("PROJ", &format!("Issue {n}"), "", "Todo");
        }
        for _ in 0..3 {
            rig.sync_well();
        }

        let mark = rig.world.mark();
        let quiet = rig.sync_well();

        assert_eq!(quiet.total("pending"), 0, "{quiet:#?}");
        let asked = rig.world.log_since(mark);
        let reads = |path: &str| path.starts_with("/api/issues/") && path.contains("PROJ-1");
        assert!(!asked.iter().any(|entry| reads(&entry.path)), "{asked:#?}");
        rig.assert_quiet();

        // A text that is written to such an issue crosses all the same, from either side.
        rig.world.huly.edit_description("PROJ-1", "from Huly");
        let two = rig.world.vibe.tasks(&vibe).into_iter().find(|task| task.title == "Issue 2");
        let text = "from Vibe\n\n---\nHuly Issue: PROJ-2";
        rig.world.vibe.edit_description(&two.unwrap().id, text);
        rig.sync_well();
        rig.sync_well();
        assert_eq!(text_of(&rig, &vibe, "Issue 1"), "from Huly\n\n---\nHuly Issue: PROJ-1");
        if bridge != First {
            assert_eq!(rig.world.huly.issue("PROJ-2").unwrap().description, "from Vibe");
        }
        rig.assert_quiet();
        assert!(rig.lost().is_empty());
    }
}

/// What was believed stays so: the write of it is all that failed.
#[test]
fn a_cleared_text_crosses_after_a_write_that_failed() {
    if on_platform() {
        return; // what is told by reference is believed at once
    }
    for bridge in backends() {
        for fault in [Fault::status(500), Fault::Reset, Fault::LostAnswer] {
            let rig = Rig::with(bridge, V0_0_71);
            let vibe = rig.project();
            rig.world.huly.add_issue("PROJ", "One", "text one", "Todo");
            rig.world.huly.add_issue("PROJ", "Two", "text two", "Todo");
            rig.sync_well();

            rig.world.huly.edit_description("PROJ-1", "");
            rig.sync_well();
            rig.world.vibe.fault(When::on("PUT", "/api/tasks/"), fault);
            rig.sync();
            rig.world.vibe.clear_faults();
            rig.sync_well();

            assert_eq!(text_of(&rig, &vibe, "One"), "Synced from Huly: PROJ-1");
            assert_eq!(rig.lost(), ["text one"]);
            rig.assert_quiet();
        }
    }
}

/// Nothing was erased when the write surely did nothing.
#[test]
fn a_refused_write_keeps_no_text_as_erased() {
    if on_platform() {
        return; // what is told by reference is believed at once
    }
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text one", "Todo");
    rig.world.huly.add_issue("PROJ", "Two", "text two", "Todo");
    rig.sync_well();

    rig.world.huly.edit_description("PROJ-1", "");
    rig.sync_well();
    rig.world.vibe.fault(When::on("PUT", "/api/tasks/"), Fault::status(400));
    rig.sync();

    assert_eq!(text_of(&rig, &vibe, "One"), "text one\n\n---\nHuly Issue: PROJ-1");
    assert!(rig.lost().is_empty());
}

/// A write of ours moves the time too: that proves nothing of a text that reads blank.
#[test]
fn a_text_that_reads_blank_after_a_write_of_the_title_is_not_believed() {
    if on_platform() {
        return; // what is told by reference never reads blank by mistake
    }
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "One", "text one", "Todo");
        rig.world.huly.add_issue("PROJ", "Two", "text two", "Todo");
        rig.sync_well();
        let task =
            rig.world.vibe.tasks(&vibe).into_iter().find(|task| task.title == "One").unwrap();

        let huly = rig.world.huly.clone();
        let goes = move || huly.collaborator_away(true);
        rig.world.huly.after(When::always().body("One, edited").writes(), goes);
        rig.world.vibe.edit_title(&task.id, "One, edited");
        for _ in 0..3 {
            rig.sync_well();
        }
        rig.world.huly.collaborator_away(false);
        rig.sync_well();

        assert_eq!(text_of(&rig, &vibe, "One, edited"), task.text());
        rig.assert_quiet();
        assert!(rig.lost().is_empty());
    }
}

/// One issue's text reads blank, again and again, while another one gives its text: that proves nothing.
#[test]
fn a_text_that_was_never_given_crosses_with_a_full_pass_once_it_is() {
    if on_platform() {
        return; // a text that cannot be read is an error there
    }
    for bridge in backends() {
        for reads in 1..=4 {
            let rig = Rig::with(bridge, V0_0_71);
            let vibe = rig.project();
            let issue = rig.world.huly.add_issue("PROJ", "One", "text one", "Todo");
            rig.world.huly.add_issue("PROJ", "Two", "text two", "Todo");
            rig.world.huly.description_blank(&issue, reads);

            for _ in 0..3 {
                rig.sync_well();
            }
            for _ in 0..3 {
                rig.sync_all();
            }

            let expected = format!("text one\n\n---\nHuly Issue: {issue}");
            assert_eq!(text_of(&rig, &vibe, "One"), expected, "{bridge:?}, {reads} blank reads");
            rig.assert_quiet();
            assert!(rig.lost().is_empty());
        }
    }
}

/// Texts that are blank cost a full pass a look at each, and nothing else.
#[test]
fn blank_texts_beside_others_are_read_again_in_full_passes_alone() {
    if on_platform() {
        return; // what is told by reference needs no second look
    }
    let rig = Rig::new();
    rig.project();
    for n in 1..=3 {
        rig.world.huly.add_issue("PROJ", &format!("Blank {n}"), "", "Todo");
    }
    rig.world.huly.add_issue("PROJ", "Other", "text", "Todo");
    for _ in 0..3 {
        rig.sync_well();
    }
    let reads = |args: &[&str]| {
        let mark = rig.world.mark();
        assert_eq!(rig.run(args).exit, 0);
        let asked = rig.world.log_since(mark).into_iter();
        asked
            .filter(|entry| entry.path.contains("/api/issues/") && entry.path.contains("PROJ-1"))
            .count()
    };

    assert_eq!(reads(&["sync"]), 0);
    assert_eq!(reads(&["sync", "--full"]), 1);
    assert_eq!(reads(&["sync"]), 0, "what is still blank is as known as before");
}

/// Before a text is erased the blank one is read once more, whatever an earlier pass believed.
#[test]
fn a_text_that_reads_blank_in_two_passes_and_is_there_after_all_is_not_erased() {
    if on_platform() {
        return; // what is told by reference never reads blank by mistake
    }
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let issue = rig.world.huly.add_issue("PROJ", "One", "text one", "Todo");
        rig.world.huly.add_issue("PROJ", "Two", "text two", "Todo");
        rig.sync_well();

        rig.world.huly.comment(&issue);
        for _ in 0..2 {
            rig.world.huly.description_blank(&issue, 1);
            rig.sync_well();
        }
        rig.sync_well();

        assert!(rig.lost().is_empty(), "{bridge:?}");
        assert_eq!(text_of(&rig, &vibe, "One"), format!("text one\n\n---\nHuly Issue: {issue}"));
        rig.assert_quiet();
    }
}

/// The issue is cancelled since its task was deleted: what read blank for a moment comes back, and is no
/// edit that would bring the task back, too.
#[test]
fn a_text_that_reads_blank_while_its_issue_is_cancelled_brings_no_task_back() {
    if on_platform() {
        return; // what is told by reference never reads blank by mistake
    }
    for bridge in backends() {
        let mut rig = Rig::with(bridge, V0_0_71);
        rig.set("HULY_VIBE_SYNC_DELETION_TASK", "cancel");
        let vibe = rig.project();
        rig.linked(&vibe, "Other", "other text", "Todo");
        let (issue, task) = rig.linked(&vibe, "One", "text one", "Todo");
        rig.sync_well();

        rig.world.vibe.delete_task(&task);
        let (huly, name) = (rig.world.huly.clone(), issue.clone());
        let look = When::on("GET", &format!("/api/issues/{issue}")).nth(1);
        rig.world.huly.before(look, move || huly.description_blank(&name, 1));
        for _ in 0..3 {
            rig.sync_well();
        }

        assert_eq!(rig.world.huly.issue(&issue).unwrap().status, "Canceled", "{bridge:?}");
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 1, "{bridge:?}");
        rig.assert_quiet();
    }
}
