//! Texts of which Huly, asked through a bridge, leaves something out.

use serde_json::json;

use crate::calls;
use crate::rig::{Rig, on_platform};
use crate::support::Fault;

/// One pair of this text; the task's id.
fn pair(rig: &Rig, text: &str) -> String {
    let vibe = rig.project();
    rig.linked(&vibe, "One", text, "Todo").1
}

fn marked(text: &str) -> String {
    format!("{text}\n\n---\nHuly Issue: PROJ-1")
}

/// Passes until one ends well and writes nothing; how many writes there were before.
fn writes_until_quiet(rig: &Rig) -> usize {
    let mark = rig.world.mark();
    for _ in 0..6 {
        let before = rig.world.mark();
        let ran = rig.sync();
        if ran.exit == 0 && rig.world.writes_since(before).is_empty() {
            return rig.world.writes_since(mark).len();
        }
    }
    panic!("it goes on: {:#?}", rig.world.writes_since(mark));
}

#[test]
fn an_edit_that_huly_leaves_out_is_given_up_and_stays_in_vibe() {
    if on_platform() {
        return; // there the tool reads the Markdown itself
    }
    let rig = Rig::new();
    let task = pair(&rig, "some text");
    let edited = marked("some text\n\n<div>block</div>");

    rig.world.vibe.edit_description(&task, &edited);
    let writes = writes_until_quiet(&rig);

    assert!(writes <= 4, "{writes}");
    rig.assert_quiet();
    assert_eq!(rig.world.vibe.task(&task).unwrap().text(), edited);
    assert_eq!(rig.world.huly.issue("PROJ-1").unwrap().description, "some text");

    // Each side goes on from there, and what Huly never had is kept.
    rig.world.huly.edit_description("PROJ-1", "other text");
    rig.sync_well();
    assert_eq!(rig.world.vibe.task(&task).unwrap().text(), marked("other text"));
    assert_eq!(rig.lost(), ["some text\n\n<div>block</div>"]);
    rig.assert_quiet();
}

#[test]
fn an_edit_of_which_huly_keeps_a_part_settles_at_once() {
    if on_platform() {
        return; // there the tool reads the Markdown itself
    }
    let rig = Rig::new();
    let task = pair(&rig, "some text");
    let edited = marked("some new text\n\n<div>block</div>");

    rig.world.vibe.edit_description(&task, &edited);
    let first = rig.sync_well();

    assert!(first.stderr.contains("PROJ-1: Huly keeps a part"), "{first:#?}");
    rig.assert_quiet();
    assert_eq!(rig.world.vibe.task(&task).unwrap().text(), edited);
    assert_eq!(rig.world.huly.issue("PROJ-1").unwrap().description, "some new text");
    assert!(rig.lost().is_empty());

    // What Huly does not show, nobody has deleted there.
    rig.world.huly.edit_description("PROJ-1", "other text");
    rig.sync_well();
    let patched = marked("other text\n\n<div>block</div>");
    assert_eq!(rig.world.vibe.task(&task).unwrap().text(), patched);
    assert!(rig.lost().is_empty());
    rig.assert_quiet();
}

#[test]
fn a_new_task_of_which_huly_keeps_a_part_stays_as_it_is() {
    if on_platform() {
        return; // there the tool reads the Markdown itself
    }
    for text in ["some text\n\n<div>block</div>", "<div>block</div>"] {
        let rig = Rig::new();
        let vibe = rig.project();
        let task = rig.world.vibe.add_task(&vibe, "One", text, "todo");

        writes_until_quiet(&rig);

        rig.assert_quiet();
        assert_eq!(rig.world.vibe.task(&task).unwrap().text(), text);
        assert_eq!(rig.world.huly.issues("PROJ").len(), 1);
    }
}

/// Entities come back as what they stand for: the issue shows what it showed before.
#[test]
fn an_edit_that_says_the_same_in_entities_settles_at_once() {
    if on_platform() {
        return; // there the tool reads the Markdown itself
    }
    let rig = Rig::new();
    let task = pair(&rig, "a & b");
    let huly = rig.world.huly.clone();
    rig.world.huly.after(calls::text("PROJ-1"), move || huly.edit_description("PROJ-1", "a & b"));

    rig.world.vibe.edit_description(&task, &marked("a &amp;&nbsp;b"));
    rig.sync_well();

    rig.assert_quiet();
    assert_eq!(rig.world.vibe.task(&task).unwrap().text(), marked("a &amp;&nbsp;b"));
}

/// Answered with success and not done: tried again, and done when Huly does it.
#[test]
fn a_write_that_did_not_arrive_is_sent_again() {
    if on_platform() {
        return; // a write that is answered is done there
    }
    for lost in [1, 3] {
        let rig = Rig::new();
        let task = pair(&rig, "some text");
        let body = json!({"identifier": "PROJ-1", "updated": true,
            "appliedUpdates": {"description": "some text and more"}});
        let fault = Fault::Status { code: 200, body: body.to_string(), retry_after: None };
        rig.world.huly.fault(calls::text("PROJ-1").first(lost), fault);

        rig.world.vibe.edit_description(&task, &marked("some text and more"));
        for _ in 0..lost {
            assert_eq!(rig.sync().exit, 3);
        }
        rig.sync_well();

        assert_eq!(rig.world.huly.issue("PROJ-1").unwrap().description, "some text and more");
        rig.assert_quiet();
        assert!(rig.lost().is_empty());
    }
}

/// One that was given up is no end: the next edit is sent as if nothing had been.
#[test]
fn an_edit_after_one_that_was_given_up_crosses() {
    if on_platform() {
        return; // there the tool reads the Markdown itself
    }
    let rig = Rig::new();
    let task = pair(&rig, "some text");
    rig.world.vibe.edit_description(&task, &marked("some text\n\n<div>block</div>"));
    writes_until_quiet(&rig);

    rig.world.vibe.edit_description(&task, &marked("some text\n\nblock"));
    rig.sync_well();

    assert_eq!(rig.world.huly.issue("PROJ-1").unwrap().description, "some text\n\nblock");
    rig.assert_quiet();
    assert!(rig.lost().is_empty());
}

#[test]
fn what_rich_text_has_no_words_for_is_reported_once_and_stays_in_the_task() {
    if !on_platform() {
        return; // a bridge has a way of its own
    }
    let rig = Rig::new();
    let vibe = rig.project();
    let text = "It is 2<sup>53</sup>.\n\nPlease check.";
    let task = rig.world.vibe.add_task(&vibe, "One", text, "todo");

    let ran = rig.sync_well();

    assert!(ran.stderr.contains("PROJ-1: Huly's rich text has no <sup>"), "{}", ran.stderr);
    assert!(!rig.sync_well().stderr.contains("<sup>"));
    let description = rig.world.huly.issue("PROJ-1").unwrap().description;
    rig.world.huly.edit_description("PROJ-1", &description.replace("check", "fix"));
    rig.sync_well();
    assert_eq!(rig.world.vibe.task(&task).unwrap().text(), text.replace("check", "fix"));
    rig.assert_quiet();
}
