//! Which item is which, whatever texts, names and numbers say: one of each, and the right ones
//! together (32–43).

use crate::rig::Backend::First;
use crate::rig::{Ran, Rig, backends, on_platform, ran};
use crate::support::Side;
use crate::support::Stamp;
use crate::support::TaskSnapshot;
use crate::support::VibeVersion::V0_0_71;
use crate::support::ask;
use serde_json::json;

const HOUR_MS: i64 = 60 * 60 * 1000;

/// The only task of this title.
fn task(rig: &Rig, vibe: &str, title: &str) -> TaskSnapshot {
    let mut found = rig.world.vibe.tasks(vibe).into_iter().filter(|task| task.title == title);
    let first = found.next().unwrap_or_else(|| panic!("no task {title}"));
    assert!(found.next().is_none(), "two tasks {title}");
    first
}

fn counts(rig: &Rig, vibe: &str) -> (usize, usize) {
    (rig.world.huly.issues("PROJ").len(), rig.world.vibe.tasks(vibe).len())
}

fn created(ran: &Ran) -> (u64, u64) {
    (ran.total("created.huly"), ran.total("created.vibe"))
}

/// 32
#[test]
fn an_issue_without_text_gets_one_task_in_three_passes() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "No text", "", "Todo");

        rig.sync_well();
        rig.sync_well();
        rig.sync_all();

        assert_eq!(counts(&rig, &vibe), (1, 1));
        assert_eq!(task(&rig, &vibe, "No text").text(), "Synced from Huly: PROJ-1");
        rig.assert_quiet();
    }
}

/// 32, the other way round
#[test]
fn a_task_without_text_gets_one_issue_in_three_passes() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let id = rig.world.vibe.add_task(&vibe, "No text", "", "todo");

        rig.sync_well();
        rig.sync_well();
        rig.sync_all();

        assert_eq!(counts(&rig, &vibe), (1, 1));
        let text = rig.world.huly.issue("PROJ-1").unwrap().description;
        assert!(text.ends_with(&format!("Vibe Task: {id}")), "{text:?}");
        assert_eq!(rig.world.vibe.task(&id).unwrap().text(), "");
        rig.assert_quiet();
    }
}

/// 33
#[test]
fn identifiers_with_digits_and_underscores_get_one_task_each_also_without_the_state() {
    let rig = Rig::new();
    let projects = ["V2", "MY_PROJ", "A1B"].map(|name| {
        rig.world.huly.add_project(name, name);
        for n in 1..=7 {
            rig.world.huly.add_issue(name, &format!("{name} {n}"), "text", "Todo");
        }
        rig.world.huly.add_issue(name, &format!("{name} 8"), "", "Todo");
        (name, rig.world.vibe.add_project(name))
    });

    rig.sync_well();
    rig.lose_state();
    let again = rig.sync_well();

    assert_eq!(created(&again), (0, 0), "{again:#?}");
    for (name, vibe) in projects {
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 8);
        let seventh = task(&rig, &vibe, &format!("{name} 7"));
        assert!(seventh.text().ends_with(&format!("---\nHuly Issue: {name}-7")), "{seventh:?}");
        assert_eq!(rig.world.huly.issues(name).len(), 8);
    }
    rig.assert_quiet();
}

/// 34
#[test]
fn a_mention_of_another_issue_is_no_marker() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
        rig.world.huly.add_issue("PROJ", "Two", "see Huly Issue: PROJ-1", "Todo");
        let alone = "first\n\nHuly Issue: PROJ-1\n\nlast";
        rig.world.huly.add_issue("PROJ", "Three", alone, "Todo");
        rig.world.vibe.add_task(&vibe, "Four", "see Huly Issue: PROJ-1", "todo");

        rig.sync_well();

        assert_eq!(counts(&rig, &vibe), (4, 4));
        let two = task(&rig, &vibe, "Two");
        assert_eq!(two.text(), "see Huly Issue: PROJ-1\n\n---\nHuly Issue: PROJ-2");
        let three = task(&rig, &vibe, "Three");
        assert_eq!(three.text(), format!("{alone}\n\n---\nHuly Issue: PROJ-3"));
        let four = rig.world.huly.issue("PROJ-4").unwrap();
        assert!(four.description.starts_with("see Huly Issue: PROJ-1"), "{four:?}");
        rig.assert_quiet();

        rig.lose_state();
        let again = rig.sync_well();
        assert_eq!(created(&again), (0, 0), "{again:#?}");
        assert_eq!(again.total("conflicts"), 0, "{again:#?}");
        assert_eq!(counts(&rig, &vibe), (4, 4));
        rig.assert_quiet();
    }
}

/// 34
#[test]
fn the_state_beats_the_marker() {
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text one", "Todo");
    rig.world.huly.add_issue("PROJ", "Two", "text two", "Todo");
    rig.sync_well();
    let (one, two) = (task(&rig, &vibe, "One").id, task(&rig, &vibe, "Two").id);

    rig.world.vibe.edit_description(&one, "text one\n\n---\nHuly Issue: PROJ-2");
    rig.world.huly.edit_title("PROJ-1", "One, edited");
    rig.world.huly.edit_title("PROJ-2", "Two, edited");
    let ran = rig.sync_well();

    assert_eq!(created(&ran), (0, 0), "{ran:#?}");
    assert_eq!(rig.world.vibe.task(&one).unwrap().title, "One, edited");
    assert_eq!(rig.world.vibe.task(&two).unwrap().title, "Two, edited");
    assert_eq!(rig.world.huly.issue("PROJ-1").unwrap().description, "text one");
    assert_eq!(rig.world.huly.issue("PROJ-2").unwrap().description, "text two");
    rig.assert_quiet();
}

/// 35
#[test]
fn a_description_that_reads_blank_once_erases_nothing() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "One", "text one", "Todo");
        rig.world.huly.add_issue("PROJ", "Two", "text two", "Todo");
        rig.sync_well();
        let before = task(&rig, &vibe, "One");

        rig.world.huly.edit_title("PROJ-1", "One, edited");
        rig.world.huly.description_blank("PROJ-1", 1);
        rig.sync_well();
        assert_eq!(rig.world.vibe.task(&before.id).unwrap().text(), before.text(), "{bridge:?}");
        rig.sync_well();

        let after = rig.world.vibe.task(&before.id).unwrap();
        assert_eq!((after.title.as_str(), after.text()), ("One, edited", before.text()));
        rig.assert_quiet();
        assert!(rig.lost().is_empty());
    }
}

/// 35
#[test]
fn a_text_that_a_person_cleared_is_believed_in_the_second_pass_and_the_erased_one_is_kept() {
    if on_platform() {
        return; // what is told by reference never reads blank by mistake: see below
    }
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "One", "text one", "Todo");
        rig.world.huly.add_issue("PROJ", "Two", "text two", "Todo");
        rig.sync_well();
        let before = task(&rig, &vibe, "One");

        rig.world.huly.edit_description("PROJ-1", "");
        let first = rig.sync_well();

        assert_eq!(first.total("pending"), 1, "{first:#?}");
        assert_eq!(rig.world.vibe.task(&before.id).unwrap().text(), before.text());

        rig.sync_well();

        assert_eq!(rig.world.vibe.task(&before.id).unwrap().text(), "Synced from Huly: PROJ-1");
        assert_eq!(rig.lost(), ["text one"]);
        rig.assert_quiet();
    }
}

/// 35: a new reference, or none, is somebody's edit.
#[test]
fn a_text_cleared_on_the_platform_is_believed_at_once_and_the_erased_one_is_kept() {
    if !on_platform() {
        return; // a bridge gives a blank text where it could not read one
    }
    for emptied in [false, true] {
        let rig = Rig::new();
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "One", "text one", "Todo");
        rig.sync_well();
        let before = task(&rig, &vibe, "One");

        if emptied {
            rig.world.huly.set_attribute("PROJ-1", "description", &json!(null));
        } else {
            rig.world.huly.edit_description("PROJ-1", "");
        }
        rig.sync_well();

        assert_eq!(rig.world.vibe.task(&before.id).unwrap().text(), "Synced from Huly: PROJ-1");
        assert_eq!(rig.lost(), ["text one"]);
        rig.assert_quiet();
    }
}

/// 35
#[test]
fn texts_that_all_read_blank_are_never_believed() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        for n in 1..=4 {
            rig.world.huly.add_issue("PROJ", &format!("{n}"), &format!("text {n}"), "Todo");
        }
        rig.sync_well();
        let before = rig.world.vibe.tasks(&vibe);

        rig.world.huly.collaborator_away(true);
        for round in 0..3 {
            for issue in ["PROJ-1", "PROJ-2", "PROJ-3"] {
                rig.world.huly.comment(issue);
            }
            if round == 1 {
                rig.sync_all()
            } else {
                rig.sync_well()
            };
        }

        assert_eq!(rig.world.vibe.tasks(&vibe), before, "{bridge:?}");

        rig.world.huly.collaborator_away(false);
        rig.sync_well();
        assert_eq!(rig.world.vibe.tasks(&vibe), before, "{bridge:?}");
        rig.assert_quiet();
    }
}

/// 35
#[test]
fn a_blank_text_is_not_believed_while_the_time_of_change_stands_still() {
    let rig = Rig::with(First, V0_0_71);
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text one", "Todo");
    rig.world.huly.add_issue("PROJ", "Two", "text two", "Todo");
    rig.sync_well();
    let before = rig.world.vibe.tasks(&vibe);

    rig.world.huly.description_blank("PROJ-1", u32::MAX);
    for _ in 0..4 {
        rig.sync_all();
    }

    assert_eq!(rig.world.vibe.tasks(&vibe), before);
}

/// 35, at first sight: the state is lost while one text reads blank
#[test]
fn a_blank_text_at_first_sight_erases_nothing_at_once() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "One", "text one", "Todo");
        rig.world.huly.add_issue("PROJ", "Two", "text two", "Todo");
        rig.sync_well();
        let before = rig.world.vibe.tasks(&vibe);

        rig.lose_state();
        rig.world.huly.description_blank("PROJ-1", 1);
        rig.sync_well();
        assert_eq!(rig.world.vibe.tasks(&vibe), before, "{bridge:?}");
        rig.sync_well();

        assert_eq!(rig.world.vibe.tasks(&vibe), before, "{bridge:?}");
        rig.assert_quiet();
    }
}

/// 36
#[test]
fn a_deleted_marker_ends_no_link_and_comes_back_with_the_next_write() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
        rig.sync_well();
        let id = task(&rig, &vibe, "One").id;

        rig.world.vibe.edit_description(&id, "text");
        let mark = rig.world.mark();
        rig.sync_well();

        assert!(rig.world.writes_since(mark).is_empty(), "nobody changed a value");
        assert_eq!(counts(&rig, &vibe), (1, 1));

        rig.world.huly.edit_description("PROJ-1", "text, edited");
        rig.sync_well();

        let text = rig.world.vibe.task(&id).unwrap().text().to_owned();
        assert_eq!(text, "text, edited\n\n---\nHuly Issue: PROJ-1");
        assert_eq!(counts(&rig, &vibe), (1, 1));
        rig.assert_quiet();
    }
}

/// 36
#[test]
fn a_deleted_marker_comes_back_with_a_title_too() {
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    rig.sync_well();
    let id = task(&rig, &vibe, "One").id;

    rig.world.vibe.edit_description(&id, "text");
    rig.world.huly.edit_title("PROJ-1", "One, edited");
    rig.sync_well();

    let after = rig.world.vibe.task(&id).unwrap();
    assert_eq!(after.title, "One, edited");
    assert_eq!(after.text(), "text\n\n---\nHuly Issue: PROJ-1");
    rig.assert_quiet();
}

/// 36, where the issue bears the marker
#[test]
fn a_deleted_marker_of_an_issue_comes_back_with_the_next_text() {
    let rig = Rig::new();
    let vibe = rig.project();
    let id = rig.world.vibe.add_task(&vibe, "One", "text", "todo");
    rig.sync_well();

    rig.world.huly.edit_description("PROJ-1", "text");
    let mark = rig.world.mark();
    rig.sync_well();

    assert!(rig.world.writes_since(mark).is_empty(), "nobody changed a value");

    rig.world.vibe.edit_description(&id, "text, edited");
    rig.sync_well();

    let text = rig.world.huly.issue("PROJ-1").unwrap().description;
    assert_eq!(text, format!("text, edited\n\n---\n\nVibe Task: {id}"));
    assert_eq!(counts(&rig, &vibe), (1, 1));
    rig.assert_quiet();
}

/// Five pairs, made from both sides.
fn five_pairs(rig: &Rig, vibe: &str) {
    for n in 1..=3 {
        rig.world.huly.add_issue("PROJ", &format!("From Huly {n}"), "text", "In Progress");
    }
    rig.world.vibe.add_task(vibe, "From Vibe 1", "text", "done");
    rig.world.vibe.add_task(vibe, "From Vibe 2", "", "inprogress");
    rig.sync_well();
    assert_eq!(counts(rig, vibe), (5, 5));
}

/// 37
#[test]
fn without_the_state_all_is_linked_again_by_markers() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        five_pairs(&rig, &vibe);

        rig.lose_state();
        let mark = rig.world.mark();
        let again = rig.sync_well();

        assert!(rig.world.writes_since(mark).is_empty(), "{:#?}", rig.world.writes_since(mark));
        assert_eq!(again.total("conflicts"), 0, "{again:#?}");
        rig.assert_quiet();

        let id = task(&rig, &vibe, "From Huly 1").id;
        rig.world.vibe.edit_status(&id, "done");
        rig.world.huly.edit_title("PROJ-4", "From Vibe, edited");
        rig.sync_well();
        assert_eq!(rig.world.huly.issue("PROJ-1").unwrap().status, "Done");
        let titles = rig.world.vibe.tasks(&vibe).into_iter().map(|task| task.title);
        assert!(titles.into_iter().any(|title| title == "From Vibe, edited"), "{bridge:?}");
        rig.assert_quiet();
    }
}

/// 37
#[test]
fn without_the_state_what_differs_is_a_conflict_under_the_policy_and_the_loser_is_kept() {
    for (policy, title, status, issue_status, lost) in [
        ("huly", "One", "todo", "Todo", ["One, in Vibe", "done"]),
        ("vibe", "One, in Vibe", "done", "Done", ["One", "Todo"]),
    ] {
        let mut rig = Rig::new();
        rig.set("HULY_VIBE_SYNC_CONFLICT_TITLE", policy);
        rig.set("HULY_VIBE_SYNC_CONFLICT_STATUS", policy);
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
        rig.world.huly.add_issue("PROJ", "Two", "text", "Todo");
        rig.sync_well();
        let id = task(&rig, &vibe, "One").id;

        rig.lose_state();
        rig.world.vibe.edit_title(&id, "One, in Vibe");
        rig.world.vibe.edit_status(&id, "done");
        let again = rig.sync_well();

        assert_eq!(created(&again), (0, 0), "{again:#?}");
        assert_eq!(again.total("conflicts"), 2, "{again:#?}");
        let after = rig.world.vibe.task(&id).unwrap();
        assert_eq!((after.title.as_str(), after.status.as_str()), (title, status));
        let issue = rig.world.huly.issue("PROJ-1").unwrap();
        assert_eq!((issue.title.as_str(), issue.status.as_str()), (title, issue_status));
        let mut kept = rig.lost();
        kept.sort();
        assert_eq!(kept, lost, "{policy}");
        rig.assert_quiet();
    }
}

/// 37: over a quarter and more than five differ
#[test]
fn without_the_state_many_differing_pairs_are_withheld_until_a_person_lets_them_through() {
    let rig = Rig::new();
    let vibe = rig.project();
    for n in 1..=10 {
        rig.world.huly.add_issue("PROJ", &format!("Issue {n}"), "text", "Todo");
    }
    rig.sync_well();
    for task in rig.world.vibe.tasks(&vibe).iter().take(7) {
        rig.world.vibe.edit_title(&task.id, &format!("{}, in Vibe", task.title));
    }

    rig.lose_state();
    let mark = rig.world.mark();
    let refused = rig.sync();

    assert_eq!(refused.exit, 4, "{refused:#?}");
    assert!(rig.world.writes_since(mark).is_empty(), "{:#?}", rig.world.writes_since(mark));
    assert!(refused.stderr.contains("--allow-mass-overwrite"), "{refused:#?}");

    let allowed = rig.run(&["sync", "--allow-mass-overwrite"]);

    assert_eq!(allowed.exit, 0, "{allowed:#?}");
    assert_eq!(rig.lost().len(), 7);
    let titles = rig.world.vibe.tasks(&vibe).into_iter().map(|task| task.title);
    assert!(titles.into_iter().all(|title| !title.contains("in Vibe")));
    rig.assert_quiet();
}

/// 38
#[test]
fn a_pass_that_overlaps_another_leaves_at_once() {
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    rig.world.huly.platform_goes_away();
    let first = rig.command(&["sync", "--json"]).stdout(std::process::Stdio::piped()).spawn();
    let first = first.unwrap();
    rig.world.huly.until_hanging(1);

    let mark = rig.world.mark();
    let second = rig.sync();

    assert_eq!(second.exit, 75, "{second:#?}");
    assert!(rig.world.log_since(mark).is_empty(), "it asked nobody");
    rig.world.huly.platform_returns();
    let first = ran(first.wait_with_output().unwrap());
    assert_eq!(first.exit, 0, "{first:#?}");
    assert_eq!(counts(&rig, &vibe), (1, 1));
    rig.assert_quiet();
}

/// 38
#[test]
fn a_killed_pass_blocks_no_other() {
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    rig.world.huly.platform_goes_away();
    let mut first = rig.command(&["sync"]).spawn().unwrap();
    rig.world.huly.until_hanging(1);

    first.kill().unwrap();
    first.wait().unwrap();
    rig.world.huly.platform_returns();
    rig.sync_well();

    assert_eq!(counts(&rig, &vibe), (1, 1));
    rig.assert_quiet();
}

/// 39
#[test]
fn a_title_alone_never_links() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "Same", "one", "Todo");
        rig.world.huly.add_issue("PROJ", "Same", "two", "Todo");
        rig.world.huly.add_issue("PROJ", "Other", "three", "Todo");
        rig.world.vibe.add_task(&vibe, "Other", "by hand", "todo");

        let ran = rig.sync_well();

        assert_eq!(created(&ran), (1, 3), "{ran:#?}");
        assert_eq!(counts(&rig, &vibe), (4, 4));
        rig.assert_quiet();
    }
}

/// 39
#[test]
fn titles_link_where_that_is_asked_for_and_they_are_unique_on_both_sides() {
    let mut rig = Rig::new();
    rig.set("HULY_VIBE_SYNC_SYNC_ADOPT_BY_TITLE", "true");
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "Unique", "text", "Todo");
    rig.world.huly.add_issue("PROJ", "Twice in Huly", "text", "Todo");
    rig.world.huly.add_issue("PROJ", "Twice in Huly", "text", "Todo");
    rig.world.huly.add_issue("PROJ", "Twice in Vibe", "text", "Todo");
    let unique = rig.world.vibe.add_task(&vibe, "Unique", "text", "todo");
    for title in ["Twice in Huly", "Twice in Vibe", "Twice in Vibe"] {
        rig.world.vibe.add_task(&vibe, title, "text", "todo");
    }

    let ran = rig.sync_well();

    // All but the unique one got a half of their own.
    assert_eq!(created(&ran), (3, 3), "{ran:#?}");
    assert_eq!(counts(&rig, &vibe), (7, 7));
    rig.world.huly.edit_title("PROJ-1", "Unique, edited");
    rig.sync_well();
    assert_eq!(rig.world.vibe.task(&unique).unwrap().title, "Unique, edited");
    rig.assert_quiet();
}

/// 39: an issue that a marker links counts too
#[test]
fn a_title_that_a_linked_issue_has_as_well_is_not_unique() {
    let mut rig = Rig::new();
    rig.set("HULY_VIBE_SYNC_SYNC_ADOPT_BY_TITLE", "true");
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "Same", "one", "Todo");
    rig.world.huly.add_issue("PROJ", "Same", "two", "Todo");
    rig.world.vibe.add_task(&vibe, "Same", "one\n\n---\nHuly Issue: PROJ-1", "todo");
    rig.world.vibe.add_task(&vibe, "Same", "by hand", "todo");

    let ran = rig.sync_well();

    assert_eq!(created(&ran), (1, 1), "{ran:#?}");
    assert_eq!(counts(&rig, &vibe), (3, 3));
    rig.assert_quiet();
}

/// 39: nor does an issue with a tombstone take another task
#[test]
fn a_title_links_no_issue_whose_task_was_deleted() {
    for bridge in backends() {
        let mut rig = Rig::with(bridge, V0_0_71);
        rig.set("HULY_VIBE_SYNC_SYNC_ADOPT_BY_TITLE", "true");
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
        rig.sync_well();
        rig.world.vibe.delete_task(&task(&rig, &vibe, "One").id);
        rig.sync_well();

        let other = rig.world.vibe.add_task(&vibe, "One", "by hand", "todo");
        rig.world.huly.comment("PROJ-1");
        rig.sync_all();

        assert_eq!(counts(&rig, &vibe), (2, 1));
        rig.world.vibe.edit_title(&other, "One, by hand");
        rig.sync_well();
        assert_eq!(rig.world.huly.issue("PROJ-1").unwrap().title, "One", "{bridge:?}");
        assert_eq!(rig.world.huly.issue("PROJ-2").unwrap().title, "One, by hand");
        rig.assert_quiet();
    }
}

/// 40
#[test]
fn projects_whose_names_differ_in_case_are_never_merged_into_one() {
    for existing in [None, Some("alpha"), Some("Alpha")] {
        let rig = Rig::new();
        rig.world.huly.add_project("AA", "Alpha");
        rig.world.huly.add_project("BB", "ALPHA");
        rig.world.huly.add_issue("AA", "Of Alpha", "text", "Todo");
        rig.world.huly.add_issue("BB", "Of ALPHA", "text", "Todo");
        if let Some(name) = existing {
            rig.world.vibe.add_project(name);
        }

        rig.sync_well();

        let home = |title: &str| {
            let all = rig.world.vibe.projects();
            let of = |id: &str| rig.world.vibe.tasks(id);
            let has = |id: &str| of(id).iter().any(|task| task.title == title);
            let homes: Vec<_> = all.iter().filter(|project| has(&project.id)).collect();
            assert_eq!(homes.len(), 1, "{title}: {homes:?}");
            assert_eq!(of(&homes[0].id).len(), 1, "one project for both");
            homes[0].name.clone()
        };
        assert_eq!((home("Of Alpha").as_str(), home("Of ALPHA").as_str()), ("Alpha", "ALPHA"));
        rig.assert_quiet();
    }
}

/// 40
#[test]
fn a_second_project_of_the_name_in_another_case_does_not_join_the_first_pair() {
    let rig = Rig::new();
    rig.world.huly.add_project("AA", "Alpha");
    rig.world.huly.add_issue("AA", "Of Alpha", "text", "Todo");
    let alpha = rig.world.vibe.add_project("Alpha");
    rig.sync_well();

    rig.world.huly.add_project("BB", "ALPHA");
    rig.world.huly.add_issue("BB", "Of ALPHA", "text", "Todo");
    rig.sync_well();

    assert_eq!(rig.world.vibe.tasks(&alpha).len(), 1);
    let other = rig.world.vibe.project_named("ALPHA").unwrap();
    assert_eq!(rig.world.vibe.tasks(&other.id)[0].title, "Of ALPHA");
    rig.assert_quiet();
}

/// 41
#[test]
fn a_renamed_project_stays_the_same_pair() {
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    rig.sync_well();
    let id = task(&rig, &vibe, "One").id;

    for (n, (huly, of_vibe)) in
        [("Renamed", "Project"), ("Renamed", "Other"), ("Third", "Fourth")].into_iter().enumerate()
    {
        rig.world.huly.rename_project("PROJ", huly);
        rig.world.vibe.rename_project(&vibe, of_vibe);
        rig.world.huly.edit_title("PROJ-1", &format!("One, edited {n}"));
        rig.sync_well();
        rig.sync_all();

        assert_eq!(rig.world.vibe.task(&id).unwrap().title, format!("One, edited {n}"));
        assert_eq!(rig.world.vibe.projects().len(), 1);
        assert_eq!(rig.world.vibe.projects()[0].name, of_vibe, "names are not synced");
        assert_eq!(counts(&rig, &vibe), (1, 1));
    }
    rig.assert_quiet();
}

/// 41
#[test]
fn a_new_project_that_takes_the_old_name_does_not_take_the_pair() {
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    rig.sync_well();

    rig.world.huly.rename_project("PROJ", "Renamed");
    rig.world.huly.add_project("NEXT", "Project");
    rig.world.huly.add_issue("NEXT", "Of the next", "text", "Todo");
    rig.sync_well();

    assert_eq!(counts(&rig, &vibe), (1, 1));
    assert_eq!(rig.world.vibe.projects().len(), 2);
    rig.assert_quiet();
}

/// Makes an issue as another client of the bridge does: the UI does not learn its number. On the
/// platform, where a number is given out once, it is a slip of whoever wrote it there.
fn add_through_the_bridge(rig: &Rig, title: &str, text: &str) {
    if on_platform() {
        rig.world.huly.add_issue("PROJ", title, text, "Backlog");
        return;
    }
    let new = json!({"project_identifier": "PROJ", "title": title, "description": text});
    let made = ask(&rig.world.huly.url(), "POST", "/api/issues", Some(&new)).unwrap();
    assert_eq!(made.status, 201);
}

/// Makes another issue `PROJ-1`.
fn add_its_double(rig: &Rig, title: &str) {
    let name = rig.world.huly.add_issue_in_ui("PROJ", title, "text");
    if on_platform() {
        rig.world.huly.set_attribute(&name, "identifier", &json!("PROJ-1"));
    }
}

/// 42
#[test]
fn two_issues_with_one_identifier_are_skipped_and_reported() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        add_through_the_bridge(&rig, "One", "text");
        add_its_double(&rig, "Another one");
        rig.world.huly.add_issue("PROJ", "Two", "text", "Todo");

        for args in [&["sync"][..], &["sync"], &["sync", "--full"]] {
            let ran = rig.run(args);

            assert_eq!(ran.exit, 3, "{ran:#?}");
            let errors = ran.project("PROJ")["errors"].to_string();
            assert!(errors.contains("PROJ-1: two issues"), "{ran:#?}");
        }
        assert_eq!(counts(&rig, &vibe), (3, 1), "{bridge:?}");
        assert_eq!(rig.world.vibe.tasks(&vibe)[0].title, "Two");
    }
}

/// 42: an incremental pass lists one of them alone
#[test]
fn of_two_issues_with_one_identifier_the_younger_is_not_taken_for_the_only_one() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        add_through_the_bridge(&rig, "One", "text");
        let old = rig.world.huly.now_ms() - HOUR_MS;
        rig.world.huly.set_times("PROJ-1", Stamp::At(old), Stamp::At(old));
        add_its_double(&rig, "Another one");

        for _ in 0..3 {
            let ran = rig.sync();
            assert_eq!(ran.exit, 3, "{ran:#?}");
        }

        assert_eq!(counts(&rig, &vibe), (2, 0), "{bridge:?}");
    }
}

/// 42: one of the two is linked already
#[test]
fn a_linked_issue_whose_identifier_is_given_out_twice_is_left_alone() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let id = rig.world.vibe.add_task(&vibe, "One", "text", "todo");
        rig.sync_well();
        add_its_double(&rig, "Another one");
        rig.world.vibe.edit_title(&id, "One, edited");

        let mark = rig.world.mark();
        for args in [&["sync"][..], &["sync", "--full"], &["sync"]] {
            let ran = rig.run(args);
            assert_eq!(ran.exit, 3, "{ran:#?}");
            let errors = ran.project("PROJ")["errors"].to_string();
            assert!(errors.contains("PROJ-1: two issues"), "{ran:#?}");
        }

        let writes = rig.world.writes_since(mark);
        assert!(writes.is_empty(), "{bridge:?}: {writes:#?}");
    }
}

/// 42, 26: where no list shows the double, it is met at the write, and the others are written all the
/// same.
#[test]
fn an_identifier_that_is_given_out_twice_holds_up_no_other_pair() {
    if !on_platform() {
        return; // a bridge is asked for one at a time
    }
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    rig.world.huly.add_issue("PROJ", "Two", "text", "Todo");
    rig.sync_well();
    let (one, two) = (task(&rig, &vibe, "One").id, task(&rig, &vibe, "Two").id);
    // So long ago that no incremental list tells of it.
    rig.world.huly.shift_clock(-HOUR_MS);
    add_its_double(&rig, "Another one");
    rig.world.huly.shift_clock(0);
    rig.world.vibe.edit_title(&one, "One, edited");
    rig.world.vibe.edit_title(&two, "Two, edited");

    let ran = rig.sync();

    assert_eq!(ran.exit, 3, "{ran:#?}");
    assert!(ran.stderr.contains("PROJ-1: "), "{ran:#?}");
    assert!(!ran.stderr.contains("PROJ-2"), "{ran:#?}");
    assert_eq!(rig.world.huly.issue("PROJ-1").unwrap().title, "One");
    assert_eq!(rig.world.huly.issue("PROJ-2").unwrap().title, "Two, edited");
}

/// 42: and the state is lost
#[test]
fn a_task_that_belongs_to_one_of_two_issues_with_one_identifier_makes_no_third() {
    // On the platform an issue's id tells from which task it was made, unless a bridge made it.
    let makers: &[bool] = if on_platform() { &[false, true] } else { &[true] };
    for (bridge, &by_a_bridge) in
        backends().into_iter().flat_map(|bridge| makers.iter().map(move |maker| (bridge, maker)))
    {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let one = rig.world.vibe.add_task(&vibe, "One", "text", "todo");
        if by_a_bridge {
            let text = format!("text\n\n---\nVibe Task: {one}");
            add_through_the_bridge(&rig, "One", &text);
        } else {
            rig.sync_well();
            rig.lose_state();
        }
        rig.world.vibe.add_task(&vibe, "Copy", "text\n\n---\nHuly Issue: PROJ-1", "todo");
        add_its_double(&rig, "Another one");

        let mark = rig.world.mark();
        let ran = rig.sync();

        assert_eq!(ran.exit, 3, "{ran:#?}");
        let on_huly = rig.world.huly.writes_since(mark);
        assert!(on_huly.is_empty(), "{bridge:?}: {on_huly:#?}");
    }
}

/// 43
#[test]
fn a_dry_run_shows_what_the_adoption_of_two_full_boards_would_do() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "Marked", "text", "Todo");
        rig.world.huly.add_issue("PROJ", "In Huly alone", "text", "Todo");
        let marked = "text\n\n---\nHuly Issue: PROJ-1";
        let marked = rig.world.vibe.add_task(&vibe, "Marked", marked, "todo");
        rig.world.vibe.add_task(&vibe, "In Vibe alone", "text", "todo");

        let mark = rig.world.mark();
        let dry = rig.run(&["sync", "--dry-run"]);

        assert_eq!(dry.exit, 0, "{dry:#?}");
        assert!(rig.world.writes_since(mark).is_empty());
        assert!(!rig.state().exists(), "a dry run makes no state");
        let plan = dry.json["plan"].as_array().unwrap();
        let has = |op: &str, side: &str, item: &str| {
            plan.iter().any(|line| {
                line["op"] == op
                    && line["side"] == side
                    && (line["item"] == item || line["to"] == item)
            })
        };
        assert!(has("link", "vibe", "PROJ-1") && has("link", "vibe", &marked), "{plan:#?}");
        assert!(has("create", "vibe", "In Huly alone"), "{plan:#?}");
        assert!(has("create", "huly", "In Vibe alone"), "{plan:#?}");
        assert_eq!(plan.len(), 3, "{plan:#?}");

        let real = rig.sync_well();

        assert_eq!(created(&real), (1, 1), "{real:#?}");
        assert_eq!(counts(&rig, &vibe), (3, 3));
        rig.assert_quiet();
    }
}

/// A pass that the copy knows nothing of made the half anew that an edit had saved.
#[test]
fn an_old_copy_of_the_state_makes_nothing_a_second_time() {
    for bridge in backends() {
        for gone in [Side::Huly, Side::Vibe] {
            let rig = Rig::with(bridge, V0_0_71);
            let vibe = rig.project();
            let (issue, task) = rig.linked(&vibe, "One", "text", "Todo");
            rig.linked(&vibe, "Two", "text", "Todo");
            let copy = std::fs::read(rig.state()).unwrap();
            match gone {
                Side::Huly => {
                    rig.world.huly.delete_issue(&issue);
                    rig.world.vibe.edit_title(&task, "One, edited");
                }
                Side::Vibe => {
                    rig.world.vibe.delete_task(&task);
                    rig.world.huly.edit_title(&issue, "One, edited");
                }
            }
            rig.sync_all();
            let titles = || {
                let mut titles: Vec<String> =
                    rig.world.huly.issues("PROJ").into_iter().map(|issue| issue.title).collect();
                titles.extend(rig.world.vibe.tasks(&vibe).into_iter().map(|task| task.title));
                titles.sort();
                titles
            };
            let before = titles();
            assert_eq!(before, ["One, edited", "One, edited", "Two", "Two"], "{bridge:?} {gone:?}");

            rig.lose_state();
            std::fs::write(rig.state(), &copy).unwrap();
            let mark = rig.world.mark();
            rig.sync_well();
            rig.sync_all();

            assert_eq!(titles(), before, "{bridge:?} {gone:?}");
            let writes = rig.world.writes_since(mark);
            assert!(writes.iter().all(|write| write.method != "POST"), "{writes:#?}");
            rig.assert_quiet();
            // The two are a pair like any other.
            let edited = rig.world.vibe.tasks(&vibe);
            let edited = edited.iter().find(|task| task.title.starts_with("One")).unwrap();
            rig.world.vibe.edit_title(&edited.id, "One, edited again");
            rig.sync_well();
            assert_eq!(titles()[..2], ["One, edited again", "One, edited again"]);
        }
    }
}
