//! What is being typed in Huly's editors: saved ten seconds after the last key, a minute at most.

use super::{asked, rig};
use crate::rig::Rig;
use crate::support::{Fault, When};

/// A pair whose issue has this text, written in Huly and never opened since.
fn pair(rig: &Rig, text: &str) -> (String, String) {
    let vibe = rig.project();
    rig.linked(&vibe, "One", text, "Todo")
}

#[test]
fn a_text_that_is_being_typed_is_not_replaced() {
    let Some(rig) = rig() else { return };
    let (issue, task) = pair(&rig, "Saved text.");
    let edited = rig.world.vibe.task(&task).unwrap().text().replace("Saved", "Edited");
    rig.world.vibe.edit_description(&task, &edited);
    rig.world.huly.type_unsaved(&issue, "Saved text.\n\nAnd a sentence that");

    for _ in 0..2 {
        let mark = rig.world.mark();
        let ran = rig.sync_well();
        assert_eq!((ran.total("pending"), rig.world.writes_since(mark).len()), (1, 0), "{ran:#?}");
        let shown = rig.run(&["explain", &issue]);
        assert!(shown.json.to_string().contains("is being edited in Huly"), "{shown:#?}");
    }
    assert_eq!(rig.world.huly.seen_in_editor(&issue), "Saved text.\n\nAnd a sentence that");

    // Then both have edited it, and the policy decides.
    rig.world.huly.save_typing(&issue);
    rig.sync_well();
    assert_eq!(
        rig.world.huly.issue(&issue).unwrap().description,
        "Saved text.\n\nAnd a sentence that"
    );
    assert_eq!(rig.lost(), ["Edited text."]);
    rig.sync_well();
    rig.assert_quiet();
}

#[test]
fn other_fields_cross_while_a_text_is_being_typed() {
    let Some(rig) = rig() else { return };
    let (issue, task) = pair(&rig, "Saved text.");
    let edited = rig.world.vibe.task(&task).unwrap().text().replace("Saved", "Edited");
    rig.world.vibe.edit_description(&task, &edited);
    rig.world.vibe.edit_title(&task, "Another title");
    rig.world.vibe.edit_status(&task, "done");
    rig.world.huly.type_unsaved(&issue, "Saved text, and");

    rig.sync_well();

    let now = rig.world.huly.issue(&issue).unwrap();
    assert_eq!((now.title.as_str(), now.status.as_str()), ("Another title", "Done"));
    assert_eq!(now.description, "Saved text.");
    assert_eq!(rig.world.huly.seen_in_editor(&issue), "Saved text, and");
    rig.world.huly.save_typing(&issue);
    rig.sync_well();
    assert_eq!(rig.lost(), ["Edited text."]);
    rig.assert_quiet();
}

#[test]
fn the_first_words_of_a_description_are_not_replaced() {
    let Some(rig) = rig() else { return };
    let (issue, task) = pair(&rig, "");
    rig.world.vibe.edit_description(&task, &format!("From the task.\n\n---\nHuly Issue: {issue}"));
    rig.world.huly.type_unsaved(&issue, "The first words");

    rig.sync_well();

    assert_eq!(rig.world.huly.seen_in_editor(&issue), "The first words");
    rig.world.huly.save_typing(&issue);
    rig.sync_well();
    assert_eq!(rig.world.huly.issue(&issue).unwrap().description, "The first words");
    assert_eq!(rig.lost(), ["From the task."]);
    rig.sync_well();
    rig.assert_quiet();
}

#[test]
fn an_issue_that_is_open_in_an_editor_is_written_to_when_nobody_types() {
    let Some(rig) = rig() else { return };
    let (issue, task) = pair(&rig, "Saved text.");
    rig.world.huly.open_in_editor(&issue);
    let edited = rig.world.vibe.task(&task).unwrap().text().replace("Saved", "Edited");
    rig.world.vibe.edit_description(&task, &edited);

    rig.sync_well();

    assert_eq!(rig.world.huly.issue(&issue).unwrap().description, "Edited text.");
    assert_eq!(rig.world.huly.seen_in_editor(&issue), "Edited text.");
    rig.assert_quiet();
}

/// What stays unsaved for longer than an editor keeps it is not typed any more: it becomes Huly's text,
/// as if it had been saved, and nothing waits for ever.
#[test]
fn a_text_that_editors_show_and_never_save_is_saved_in_the_end() {
    let Some(rig) = rig() else { return };
    let (issue, task) = pair(&rig, "Saved text.");
    let edited = rig.world.vibe.task(&task).unwrap().text().replace("Saved", "Edited");
    rig.world.vibe.edit_description(&task, &edited);
    rig.world.huly.type_unsaved(&issue, "Forgotten text.");
    rig.sync_well();
    rig.tamper("UPDATE pending SET since_ms = since_ms - 120000");

    rig.sync_well();
    assert_eq!(rig.world.huly.issue(&issue).unwrap().description, "Forgotten text.");
    rig.sync_well();

    assert_eq!(rig.lost(), ["Edited text."]);
    assert!(rig.world.vibe.task(&task).unwrap().text().starts_with("Forgotten text."));
    rig.assert_quiet();
}

#[test]
fn typing_that_goes_on_is_not_cut_off_however_long_it_takes() {
    let Some(rig) = rig() else { return };
    let (issue, task) = pair(&rig, "Saved text.");
    let edited = rig.world.vibe.task(&task).unwrap().text().replace("Saved", "Edited");
    rig.world.vibe.edit_description(&task, &edited);
    for words in ["One", "One two", "One two three"] {
        rig.world.huly.type_unsaved(&issue, words);
        rig.sync_well();
        rig.tamper("UPDATE pending SET since_ms = since_ms - 120000");
        assert_eq!(rig.world.huly.seen_in_editor(&issue), words);
        assert_eq!(rig.world.huly.issue(&issue).unwrap().description, "Saved text.");
    }
}

#[test]
fn a_description_that_was_never_opened_can_be_cleared() {
    let Some(rig) = rig() else { return };
    let (issue, task) = pair(&rig, "Saved text.");
    rig.world.vibe.edit_description(&task, &format!("\n\n---\nHuly Issue: {issue}"));

    rig.sync_well();

    assert_eq!(rig.world.huly.issue(&issue).unwrap().description, "");
    assert_eq!(rig.world.huly.seen_in_editor(&issue), "");
    rig.assert_quiet();
}

/// Our own creates leave no live document either.
#[test]
fn the_description_of_an_issue_made_from_a_task_can_be_cleared_but_for_its_marker() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    let task = rig.world.vibe.add_task(&vibe, "One", "From the task.", "todo");
    rig.sync_well();
    let issue = rig.world.huly.issues("PROJ")[0].identifier.clone();

    rig.world.vibe.edit_description(&task, "");
    rig.sync_well();

    let now = rig.world.huly.issue(&issue).unwrap().description;
    assert!(now.contains(&task) && !now.contains("From the task"), "{now}");
    assert_eq!(rig.world.huly.seen_in_editor(&issue), now);
    rig.assert_quiet();
}

#[test]
fn each_text_is_looked_at_once_before_it_is_written_and_other_fields_never() {
    let Some(rig) = rig() else { return };
    let (_, task) = pair(&rig, "Saved text.");
    rig.world.vibe.edit_title(&task, "Another title");
    let (_, titles) = asked(&rig, Rig::sync_well);
    assert_eq!(titles.collaborator, 0, "{titles:?}");

    let edited = rig.world.vibe.task(&task).unwrap().text().replace("Saved", "Edited");
    rig.world.vibe.edit_description(&task, &edited);
    let (_, texts) = asked(&rig, Rig::sync_well);
    // Read when it is decided on, and read back.
    assert_eq!((texts.collaborator, texts.files), (2, 2), "{texts:?}");
}

/// Whether somebody types cannot be told: nothing is replaced, and nothing is taken for typing.
#[test]
fn a_look_that_fails_defers_the_text() {
    let Some(rig) = rig() else { return };
    let (issue, task) = pair(&rig, "Saved text.");
    let edited = rig.world.vibe.task(&task).unwrap().text().replace("Saved", "Edited");
    rig.world.vibe.edit_description(&task, &edited);
    let fault =
        rig.world.huly.fault(When::on("POST", "/rpc/").body("getContent"), Fault::status(500));

    let mark = rig.world.mark();
    assert_eq!(rig.sync().exit, 3);
    assert!(rig.world.writes_since(mark).is_empty());
    rig.world.huly.lift_fault(fault);
    rig.sync_well();

    assert_eq!(rig.world.huly.issue(&issue).unwrap().description, "Edited text.");
    rig.assert_quiet();
}
