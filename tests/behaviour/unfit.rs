//! Values that one side cannot take: reported once, in the way of nothing else, and no failure for ever.

use serde_json::Value;

use crate::rig::{Ran, Rig, on_platform};

/// What is reported of `PROJ`.
fn errors(ran: &Ran) -> Vec<String> {
    let errors = ran.project("PROJ")["errors"].as_array().unwrap();
    errors.iter().map(|error| error.as_str().unwrap().to_owned()).collect()
}

/// The next passes say nothing, send nothing, and end well.
fn assert_held(rig: &Rig) {
    let mark = rig.world.mark();
    for args in [&["sync"][..], &["sync"], &["sync", "--full"]] {
        let ran = rig.run(args);
        assert_eq!((ran.exit, errors(&ran)), (0, vec![]), "{ran:#?}");
        assert!(!ran.stderr.contains("WARN"), "{ran:#?}");
    }
    assert!(rig.world.writes_since(mark).is_empty());
}

#[test]
fn a_title_that_was_emptied_in_vibe_is_reported_once_and_the_rest_crosses() {
    let rig = Rig::new();
    let vibe = rig.project();
    let (issue, task) = rig.linked(&vibe, "One", "text", "Todo");
    rig.world.vibe.edit_title(&task, " ");
    rig.world.vibe.edit_status(&task, "done");

    let ran = rig.sync();

    assert_eq!((ran.exit, errors(&ran).len()), (3, 1), "{ran:#?}");
    assert!(errors(&ran)[0].contains("PROJ-1: an empty title cannot go to huly"), "{ran:#?}");
    let now = rig.world.huly.issue(&issue).unwrap();
    assert_eq!((now.title.as_str(), now.status.as_str()), ("One", "Done"));
    assert_held(&rig);

    rig.world.vibe.edit_title(&task, "One again");
    rig.sync_well();
    assert_eq!(rig.world.huly.issue(&issue).unwrap().title, "One again");
    rig.assert_quiet();
}

#[test]
fn a_title_that_was_emptied_in_huly_is_reported_once_and_the_rest_crosses() {
    let rig = Rig::new();
    let vibe = rig.project();
    let (issue, task) = rig.linked(&vibe, "One", "text", "Todo");
    rig.world.huly.edit_title(&issue, "");
    rig.world.huly.edit_status(&issue, "Done");

    let ran = rig.sync();

    assert_eq!((ran.exit, errors(&ran).len()), (3, 1), "{ran:#?}");
    let now = rig.world.vibe.task(&task).unwrap();
    assert_eq!((now.title.as_str(), now.status.as_str()), ("One", "done"));
    assert_held(&rig);

    rig.world.huly.edit_title(&issue, "One again");
    rig.sync_well();
    assert_eq!(rig.world.vibe.task(&task).unwrap().title, "One again");
    rig.assert_quiet();
}

#[test]
fn new_items_without_a_title_are_reported_once_and_the_others_cross() {
    let rig = Rig::new();
    let vibe = rig.project();
    let task = rig.world.vibe.add_task(&vibe, "", "text", "todo");
    rig.world.vibe.add_task(&vibe, "A task", "text", "todo");
    let issue = rig.world.huly.add_issue("PROJ", " ", "text", "Todo");
    rig.world.huly.add_issue("PROJ", "An issue", "text", "Todo");

    let ran = rig.sync();

    assert_eq!((ran.exit, errors(&ran).len()), (3, 2), "{ran:#?}");
    assert_eq!(ran.total("created.huly") + ran.total("created.vibe"), 2, "{ran:#?}");
    assert_held(&rig);

    rig.world.vibe.edit_title(&task, "A title");
    rig.world.huly.edit_title(&issue, "Another");
    let ran = rig.sync_well();
    assert_eq!(ran.total("created.huly") + ran.total("created.vibe"), 2, "{ran:#?}");
    rig.assert_quiet();
}

/// Huly stores none; the task keeps it, and nothing is turned back.
#[test]
fn nul_characters_stay_in_vibe_and_hold_nothing_up() {
    let rig = Rig::new();
    let vibe = rig.project();
    let new = rig.world.vibe.add_task(&vibe, "N\0ew", "a\0b", "todo");
    let (issue, task) = rig.linked(&vibe, "One", "text", "Todo");
    rig.world.vibe.edit_title(&task, "One\0 edited");
    let text = rig.world.vibe.task(&task).unwrap().text().replace("text", "ed\0ited");
    rig.world.vibe.edit_description(&task, &text);

    let ran = rig.sync_well();

    assert_eq!(ran.stderr.matches("NUL characters are left out").count(), 1, "{ran:#?}");
    let now = rig.world.huly.issue(&issue).unwrap();
    assert_eq!((now.title.as_str(), now.description.as_str()), ("One edited", "edited"));
    let made = rig.world.huly.issues("PROJ").into_iter().find(|issue| issue.title == "New");
    assert!(made.unwrap().description.starts_with("ab"));
    assert_eq!(rig.world.vibe.task(&task).unwrap().text(), text);
    assert_eq!(rig.world.vibe.task(&new).unwrap().title, "N\0ew");
    rig.assert_quiet();
}

/// 10 MB of Markdown may be more as rich text: that is seen when it is converted.
#[test]
fn a_text_that_is_too_large_as_rich_text_is_reported_once_and_the_rest_crosses() {
    if !on_platform() {
        return;
    }
    let rig = Rig::new();
    let vibe = rig.project();
    let (issue, task) = rig.linked(&vibe, "One", "text", "Todo");
    rig.world.vibe.edit_description(&task, &"- a\n".repeat(300_000));
    rig.world.vibe.edit_title(&task, "Another title");

    let ran = rig.sync();

    assert_eq!((ran.exit, errors(&ran).len()), (3, 1), "{ran:#?}");
    let now = rig.world.huly.issue(&issue).unwrap();
    assert_eq!((now.title.as_str(), now.description.as_str()), ("Another title", "text"));
    assert_held(&rig);
}

/// One whose text cannot be read for its size says so once; its title still crosses.
#[test]
fn an_issue_whose_text_cannot_be_converted_is_reported_once() {
    if !on_platform() {
        return;
    }
    let rig = Rig::new();
    let vibe = rig.project();
    let (issue, task) = rig.linked(&vibe, "One", "text", "Todo");
    let mut node: Value = serde_json::json!({"type": "paragraph", "content": [
        {"type": "text", "text": "x".repeat(11 << 20)}]});
    node = serde_json::json!({"type": "doc", "content": [node]});
    rig.world.huly.set_markup(&issue, &node);
    rig.world.huly.edit_title(&issue, "Another title");

    let ran = rig.sync();

    assert_eq!((ran.exit, errors(&ran).len()), (3, 1), "{ran:#?}");
    let now = rig.world.vibe.task(&task).unwrap();
    assert!(now.title == "Another title" && now.text().starts_with("text"), "{}", now.title);
    assert_held(&rig);

    rig.world.huly.edit_description(&issue, "short");
    rig.sync_well();
    assert!(rig.world.vibe.task(&task).unwrap().text().starts_with("short"));
    rig.assert_quiet();
}
