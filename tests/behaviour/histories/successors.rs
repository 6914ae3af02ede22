//! Halves that come back: imported under new ids, restored from an export, copied before the original went.

use super::{issue_titled, task_titled};
use crate::rig::Backend::First;
use crate::rig::{Rig, backends};
use crate::support::Side;
use crate::support::VibeVersion::V0_0_71;

/// Enough pairs for the overwrite guard to look at them.
const MANY: usize = 8;

/// Pairs that were reworked on both sides after an export was taken: the words of the export.
fn reworked(rig: &Rig, vibe: &str, from: Side) -> Vec<(String, String)> {
    for n in 0..MANY {
        let (title, text) = (format!("Title {n}"), format!("first text {n}"));
        match from {
            Side::Huly => drop(rig.world.huly.add_issue("PROJ", &title, &text, "Todo")),
            Side::Vibe => drop(rig.world.vibe.add_task(vibe, &title, &text, "todo")),
        }
    }
    rig.sync_well();
    let export: Vec<(String, String)> = match from {
        Side::Huly => rig
            .world
            .vibe
            .tasks(vibe)
            .into_iter()
            .map(|task| (task.title.clone(), task.text().to_owned()))
            .collect(),
        Side::Vibe => rig
            .world
            .huly
            .issues("PROJ")
            .into_iter()
            .map(|issue| (issue.title, issue.description))
            .collect(),
    };
    for n in 0..MANY {
        let issue = issue_titled(rig, "PROJ", &format!("Title {n}")).identifier;
        rig.world.huly.edit_title(&issue, &format!("Title {n}, reworked"));
        let marker = rig.world.huly.issue(&issue).unwrap().description;
        let marker = marker.strip_prefix(&format!("first text {n}")).unwrap().to_owned();
        rig.world.huly.edit_description(&issue, &format!("long work on {n}{marker}"));
        rig.world.huly.edit_status(&issue, "In Progress");
    }
    rig.sync_well();
    export
}

#[test]
fn items_imported_again_under_new_ids_set_nothing_back() {
    for bridge in backends() {
        for back in [Side::Vibe, Side::Huly] {
            for policy in ["huly", "vibe"] {
                let mut rig = Rig::with(bridge, V0_0_71);
                for field in ["TITLE", "DESCRIPTION", "STATUS"] {
                    rig.set(&format!("HULY_VIBE_SYNC_CONFLICT_{field}"), policy);
                }
                let vibe = rig.project();
                let born = if back == Side::Vibe { Side::Huly } else { Side::Vibe };
                let export = reworked(&rig, &vibe, born);
                match back {
                    Side::Vibe => {
                        for task in rig.world.vibe.tasks(&vibe) {
                            rig.world.vibe.delete_task(&task.id);
                        }
                        for (title, text) in &export {
                            rig.world.vibe.add_task(&vibe, title, text, "todo");
                        }
                    }
                    Side::Huly => {
                        // The number of the last one would be given out again.
                        let last = rig.world.huly.add_issue("PROJ", "Last", "", "Todo");
                        for issue in rig.world.huly.issues("PROJ") {
                            if issue.identifier != last {
                                rig.world.huly.delete_issue(&issue.identifier);
                            }
                        }
                        for (title, text) in &export {
                            rig.world.huly.add_issue("PROJ", title, text, "Backlog");
                        }
                    }
                }

                let mark = rig.world.mark();
                for args in [&["sync"][..], &["sync"], &["sync", "--full"]] {
                    let ran = rig.run(args);
                    assert_eq!(ran.exit, 4, "{bridge:?} {back:?} {policy}: {ran:#?}");
                }
                let mut writes = rig.world.writes_since(mark);
                writes.retain(|write| !String::from_utf8_lossy(&write.body).contains("Last"));
                assert!(writes.is_empty(), "{bridge:?} {back:?} {policy}: {writes:#?}");
                let tasks = rig.world.vibe.tasks(&vibe);
                assert_eq!(tasks.iter().filter(|task| task.title != "Last").count(), MANY);

                // Once a person says that it is meant, the policy decides, and what lost is kept.
                let ran = rig.run(&["sync-project", "PROJ", "--allow-mass-overwrite"]);
                assert_eq!(ran.exit, 0, "{ran:#?}");
                let lost = rig.lost();
                for n in 0..MANY {
                    let kept = |words: &str| lost.iter().any(|lost| lost == words);
                    // The first bridge changes no text: that of the task waits.
                    let text_waits = bridge == First && policy == "vibe";
                    let both = |title: &str, text: &str| kept(title) && (text_waits || kept(text));
                    let old_lost = both(&format!("Title {n}"), &format!("first text {n}"));
                    let new_lost =
                        both(&format!("Title {n}, reworked"), &format!("long work on {n}"));
                    assert!(old_lost != new_lost, "{bridge:?} {back:?} {policy}: {lost:#?}");
                }
                assert_eq!(ran.total("created.huly") + ran.total("created.vibe"), 0);
                rig.assert_quiet();
            }
        }
    }
}

/// A few of them are no matter for the guard; the losing values are kept all the same.
#[test]
fn a_copy_whose_original_was_deleted_before_a_pass_takes_over_nothing_unsaid() {
    for bridge in backends() {
        for copied in [Side::Vibe, Side::Huly] {
            for full in [false, true] {
                let rig = Rig::with(bridge, V0_0_71);
                let vibe = rig.project();
                match copied {
                    Side::Vibe => {
                        let (issue, task) = rig.linked(&vibe, "One", "text", "In Progress");
                        let copy = rig.world.vibe.duplicate_task(&task);
                        rig.world.vibe.edit_title(&copy, "For later");
                        rig.world.vibe.edit_description(
                            &copy,
                            &format!("other words\n\n---\nHuly Issue: {issue}"),
                        );
                        rig.world.vibe.delete_task(&task);
                    }
                    Side::Huly => {
                        rig.world.vibe.add_task(&vibe, "One", "text", "inprogress");
                        rig.sync_well();
                        let original = issue_titled(&rig, "PROJ", "One");
                        let text = original.description.replace("text", "other words");
                        rig.world.huly.add_issue("PROJ", "For later", &text, "Todo");
                        rig.world.huly.add_issue("PROJ", "Last", "", "Todo");
                        rig.world.huly.delete_issue(&original.identifier);
                    }
                }

                let ran = if full { rig.sync_all() } else { rig.sync_well() };

                assert!(ran.total("conflicts") > 0, "{bridge:?} {copied:?}: {ran:#?}");
                rig.sync_all();
                let mut words = rig.lost();
                words.extend(
                    rig.world
                        .huly
                        .issues("PROJ")
                        .into_iter()
                        .flat_map(|issue| [issue.title, issue.description]),
                );
                for said in ["One", "text", "For later", "other words"] {
                    let is_there = words.iter().any(|word| word.starts_with(said));
                    assert!(is_there, "{bridge:?} {copied:?}: {said:?} is nowhere: {words:#?}");
                }
                rig.assert_quiet();
            }
        }
    }
}

/// One that was seen beside its original stays surplus.
#[test]
fn a_copy_that_was_seen_beside_its_original_does_not_take_its_place() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let (issue, task) = rig.linked(&vibe, "One", "text", "In Progress");
        let copy = rig.world.vibe.duplicate_task(&task);
        rig.world.vibe.edit_title(&copy, "For later");
        rig.sync_well();
        rig.world.vibe.delete_task(&task);

        rig.sync_well();
        rig.sync_all();

        assert_eq!(rig.world.huly.issue(&issue).unwrap().title, "One");
        assert_eq!(task_titled(&rig, &vibe, "For later").id, copy);
        rig.assert_quiet();
    }
}
