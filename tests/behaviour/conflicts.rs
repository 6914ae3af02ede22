//! Conflicts and lost updates. Numbers are those of the scenarios.

use crate::calls;
use crate::rig::Backend::{First, Second};
use crate::rig::{Rig, backends};
use crate::support::VibeVersion::{V0_0_71, V0_0_117, V0_0_144, V0_1_14};
use crate::support::{Fault, Side, SingleRead, Stamp, When};

const MINUTE_MS: i64 = 60 * 1000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// A description as the task of an issue bears it.
fn marked(text: &str, issue: &str) -> String {
    format!("{text}\n\n---\nHuly Issue: {issue}")
}

fn set_policy(rig: &mut Rig, policy: &str) {
    for field in ["TITLE", "DESCRIPTION", "STATUS"] {
        rig.set(&format!("HULY_VIBE_SYNC_CONFLICT_{field}"), policy);
    }
}

/// Title, status and text of both halves, without the marker.
fn both(rig: &Rig, issue: &str, task: &str) -> [(String, String, String); 2] {
    let (huly, vibe) = (rig.world.huly.issue(issue).unwrap(), rig.world.vibe.task(task).unwrap());
    let (end, alone) = (marked("", issue), format!("Synced from Huly: {issue}"));
    let text = vibe.text().strip_suffix(&end).or_else(|| vibe.text().strip_suffix(&alone));
    let text = text.unwrap_or_else(|| panic!("{vibe:?}")).to_owned();
    [(huly.title, huly.status, huly.description), (vibe.title, vibe.status, text)]
}

fn values(title: &str, status: &str, text: &str) -> (String, String, String) {
    (title.to_owned(), status.to_owned(), text.to_owned())
}

/// Changes all three fields on both sides, each to something else.
fn disagree(rig: &Rig, issue: &str, task: &str) {
    rig.world.huly.edit_title(issue, "Huly's title");
    rig.world.huly.edit_status(issue, "Done");
    rig.world.huly.edit_description(issue, "Huly's text");
    rig.world.vibe.edit_title(task, "Vibe's title");
    rig.world.vibe.edit_status(task, "inprogress");
    rig.world.vibe.edit_description(task, &marked("Vibe's text", issue));
}

/// The values that lost are kept, once each.
fn assert_lost(rig: &Rig, expected: [&str; 3], winner: &str) {
    let losers = rig.losers();
    assert_eq!(losers.len(), 3, "{losers:#?}");
    for value in expected {
        let kept = losers.iter().find(|loser| loser["lost"] == value);
        let kept = kept.unwrap_or_else(|| panic!("{value} is not kept: {losers:#?}"));
        assert_eq!(
            (kept["winner"].as_str(), kept["kind"].as_str()),
            (Some(winner), Some("conflict"))
        );
    }
}

/// 10: Huly wins by default.
#[test]
fn of_two_changes_hulys_wins_by_default_and_the_other_is_kept() {
    for (bridge, version) in [(First, V0_0_71), (Second, V0_0_71), (Second, V0_1_14)] {
        let rig = Rig::with(bridge, version);
        let project = rig.project();
        let (issue, task) = rig.linked(&project, "One", "text", "Todo");
        disagree(&rig, &issue, &task);

        let ran = rig.sync_well();

        assert_eq!(ran.total("conflicts"), 3);
        assert_eq!(ran.stderr.matches("both sides changed").count(), 3, "{}", ran.stderr);
        let [huly, vibe] = both(&rig, &issue, &task);
        assert_eq!(huly, values("Huly's title", "Done", "Huly's text"));
        assert_eq!(vibe, values("Huly's title", "done", "Huly's text"));
        assert_lost(&rig, ["Vibe's title", "inprogress", "Vibe's text"], "huly");
        // Logged once, quiet after.
        let again = rig.sync_well();
        assert!(!again.stderr.contains("both sides changed"), "{}", again.stderr);
        assert_eq!(again.total("conflicts"), 0);
        rig.assert_quiet();
        assert_lost(&rig, ["Vibe's title", "inprogress", "Vibe's text"], "huly");
    }
}

/// 10: Vibe wins if so configured.
#[test]
fn of_two_changes_vibes_wins_by_policy_and_the_other_is_kept() {
    for version in [V0_0_71, V0_1_14] {
        let mut rig = Rig::with(Second, version);
        set_policy(&mut rig, "vibe");
        let project = rig.project();
        let (issue, task) = rig.linked(&project, "One", "text", "Todo");
        disagree(&rig, &issue, &task);

        let ran = rig.sync_well();

        assert_eq!(ran.total("conflicts"), 3);
        let [huly, vibe] = both(&rig, &issue, &task);
        assert_eq!(huly, values("Vibe's title", "In Progress", "Vibe's text"));
        assert_eq!(vibe, values("Vibe's title", "inprogress", "Vibe's text"));
        assert_lost(&rig, ["Huly's title", "Done", "Huly's text"], "vibe");
        rig.assert_quiet();
        assert_lost(&rig, ["Huly's title", "Done", "Huly's text"], "vibe");
    }
}

/// 10: the newest wins, but only where both times are proven.
#[test]
fn the_newest_of_two_changes_wins_where_both_times_are_proven() {
    for bridge in backends() {
        for vibe_is_later in [true, false] {
            let mut rig = Rig::with(bridge, V0_0_71);
            set_policy(&mut rig, "newest");
            let project = rig.project();
            let (issue, task) = rig.linked(&project, "One", "", "Todo");
            // The server's own moves show their time.
            rig.world.vibe.shift_clock(HOUR_MS);
            rig.world.huly.shift_clock(if vibe_is_later { MINUTE_MS } else { 2 * HOUR_MS });
            rig.world.vibe.server_moves(&task, "inprogress");
            rig.world.huly.edit_status(&issue, "Done");

            let ran = rig.sync_well();

            assert_eq!(ran.total("conflicts"), 1);
            let [huly, vibe] = both(&rig, &issue, &task);
            let expected =
                if vibe_is_later { ("In Progress", "inprogress") } else { ("Done", "done") };
            assert_eq!((huly.1.as_str(), vibe.1.as_str()), expected, "{bridge:?}");
            rig.assert_quiet();
        }
    }
}

/// 10: a person's edit leaves `updated_at` as it was, and so proves nothing.
#[test]
fn the_newest_of_two_changes_is_hulys_where_a_time_is_not_proven() {
    let mut rig = Rig::new();
    set_policy(&mut rig, "newest");
    let project = rig.project();
    let (issue, task) = rig.linked(&project, "One", "", "Todo");
    rig.world.huly.edit_status(&issue, "Done");
    rig.world.vibe.shift_clock(HOUR_MS);
    rig.world.vibe.edit_status(&task, "inprogress");

    rig.sync_well();

    let [huly, vibe] = both(&rig, &issue, &task);
    assert_eq!((huly.1.as_str(), vibe.1.as_str()), ("Done", "done"));
    rig.assert_quiet();
}

/// 11.
#[test]
fn both_changed_to_the_same_is_no_conflict_and_the_new_base() {
    for (bridge, version) in [(First, V0_0_71), (Second, V0_0_71), (Second, V0_0_117)] {
        let rig = Rig::with(bridge, version);
        let project = rig.project();
        let (issue, task) = rig.linked(&project, "One", "text", "Todo");
        rig.world.huly.edit_title(&issue, "Two");
        rig.world.huly.edit_status(&issue, "In Progress");
        rig.world.huly.edit_description(&issue, "new\n\ntext");
        rig.world.vibe.edit_title(&task, "Two");
        rig.world.vibe.edit_status(&task, "inprogress");
        rig.world.vibe.edit_description(&task, &marked("new\r\n\r\ntext  \r\n", &issue));
        let mark = rig.world.mark();

        let ran = rig.sync_well();

        assert_eq!(ran.total("conflicts"), 0);
        assert!(rig.world.writes_since(mark).is_empty(), "{:#?}", rig.world.writes_since(mark));
        assert!(rig.losers().is_empty());
        // The base went along: what one side does next is a change of that side alone.
        rig.world.vibe.edit_title(&task, "Three");
        rig.world.vibe.edit_status(&task, "done");
        rig.world.huly.edit_description(&issue, "newer text");
        let ran = rig.sync_well();
        assert_eq!(ran.total("conflicts"), 0);
        let [huly, vibe] = both(&rig, &issue, &task);
        assert_eq!(huly, values("Three", "Done", "newer text"));
        assert_eq!(vibe, values("Three", "done", "newer text"));
        rig.assert_quiet();
    }
}

/// 12.
#[test]
fn a_task_that_moved_under_an_unmoved_time_is_found_by_value() {
    for version in [V0_0_71, V0_0_117, V0_0_144, V0_1_14] {
        for args in [&["sync"][..], &["sync", "--full"]] {
            let rig = Rig::with(Second, version);
            let project = rig.project();
            let (issue, task) = rig.linked(&project, "One", "text", "Todo");
            let before = rig.world.vibe.task(&task).unwrap().updated_at;
            rig.world.vibe.edit_status(&task, "inprogress");
            assert_eq!(rig.world.vibe.task(&task).unwrap().updated_at, before);

            let ran = rig.run(args);

            assert_eq!(ran.exit, 0, "{ran:#?}");
            assert_eq!(rig.world.huly.issue(&issue).unwrap().status, "In Progress");
            rig.assert_quiet();
        }
    }
}

/// 13: it does not move the cursor.
#[test]
fn a_missing_time_of_change_is_never_now_for_the_cursor() {
    for bridge in backends() {
        for missing in [Stamp::Missing, Stamp::Null] {
            let rig = Rig::with(bridge, V0_0_71);
            let project = rig.project();
            let now = rig.world.huly.now_ms();
            let dated = rig.world.huly.add_issue("PROJ", "Dated", "", "Todo");
            let undated = rig.world.huly.add_issue("PROJ", "Undated", "", "Todo");
            let old = Stamp::At(now - 3 * HOUR_MS);
            rig.world.huly.set_times(&dated, old, old);
            rig.world.huly.set_times(&undated, old, missing);
            rig.sync_well();
            rig.sync_well();
            assert_eq!(rig.world.vibe.tasks(&project).len(), 2);
            rig.assert_quiet();

            // Later than all that was seen, and long before now.
            rig.world.huly.edit_title(&dated, "Dated, edited");
            rig.world.huly.set_modified_on(&dated, Stamp::At(now - HOUR_MS));
            let ran = rig.sync_well();

            assert_eq!(ran.project("PROJ")["mode"], "incremental");
            let tasks = rig.world.vibe.tasks(&project);
            assert!(tasks.iter().any(|task| task.title == "Dated, edited"), "{bridge:?}");
            rig.assert_quiet();
        }
    }
}

/// 13: it neither wins by time nor hides a change.
#[test]
fn a_missing_time_of_change_wins_nothing_and_hides_nothing() {
    for bridge in backends() {
        for missing in [Stamp::Missing, Stamp::Null] {
            let mut rig = Rig::with(bridge, V0_0_71);
            set_policy(&mut rig, "newest");
            let project = rig.project();
            let (issue, task) = rig.linked(&project, "One", "", "Todo");
            rig.world.huly.edit_title(&issue, "Huly's");
            rig.world.huly.set_modified_on(&issue, missing);
            rig.world.vibe.edit_status(&task, "done");

            rig.sync_all();

            let [huly, vibe] = both(&rig, &issue, &task);
            assert_eq!(huly, values("Huly's", "Done", ""), "{bridge:?} {missing:?}");
            assert_eq!(vibe, values("Huly's", "done", ""));
            rig.assert_quiet();
        }
    }
}

/// 14: between our list and our write, in Huly.
#[test]
fn a_persons_edit_in_huly_between_list_and_write_survives() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let project = rig.project();
        let (issue, task) = rig.linked(&project, "One", "", "Todo");
        // What is known is not read again, apart from the lists.
        rig.sync_well();
        rig.world.vibe.edit_title(&task, "Vibe's");
        let (huly, id) = (rig.world.huly.clone(), issue.clone());
        rig.world.vibe.after(When::on("GET", "/api/tasks?").nth(1), move || {
            huly.edit_title(&id, "A person's");
        });
        let mark = rig.world.mark();

        let ran = rig.sync_well();

        assert_eq!(rig.world.huly.issue(&issue).unwrap().title, "A person's", "{bridge:?}");
        assert_eq!(ran.total("pending"), 1);
        assert!(rig.world.writes_since(mark).is_empty());
        // The next pass sees two changes, and says so.
        let ran = rig.sync_well();
        assert_eq!(ran.total("conflicts"), 1);
        assert_eq!(both(&rig, &issue, &task)[1].0, "A person's");
        assert_eq!(rig.losers()[0]["lost"], "Vibe's");
        rig.assert_quiet();
    }
}

/// 14: of another field; both cross in the end.
#[test]
fn a_persons_edit_of_another_field_between_list_and_write_loses_nothing() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let project = rig.project();
        let (issue, task) = rig.linked(&project, "One", "", "Todo");
        // What is known is not read again, apart from the lists.
        rig.sync_well();
        rig.world.vibe.edit_title(&task, "Vibe's");
        let (huly, id) = (rig.world.huly.clone(), issue.clone());
        rig.world.vibe.after(When::on("GET", "/api/tasks?").nth(1), move || {
            huly.edit_status(&id, "Done");
        });

        rig.sync_well();
        rig.sync_well();

        let [huly, vibe] = both(&rig, &issue, &task);
        assert_eq!(huly, values("Vibe's", "Done", ""));
        assert_eq!(vibe, values("Vibe's", "done", ""));
        assert!(rig.losers().is_empty());
        rig.assert_quiet();
    }
}

/// 14: between our list and our write, in Vibe (a person, or the server itself).
#[test]
fn an_edit_in_vibe_between_list_and_write_survives() {
    for version in [V0_0_71, V0_1_14] {
        let rig = Rig::with(Second, version);
        let project = rig.project();
        let (issue, task) = rig.linked(&project, "One", "", "Todo");
        rig.world.huly.edit_status(&issue, "Backlog");
        rig.world.huly.edit_title(&issue, "Huly's");
        let (vibe, id) = (rig.world.vibe.clone(), task.clone());
        rig.world.vibe.after(When::on("GET", "/api/tasks?").nth(1), move || {
            vibe.server_moves(&id, "inreview");
        });
        let mark = rig.world.mark();

        let ran = rig.sync_well();

        assert_eq!(rig.world.vibe.task(&task).unwrap().status, "inreview");
        assert_eq!(ran.total("pending"), 1);
        assert!(rig.world.writes_since(mark).is_empty());
        rig.sync();
        assert_eq!(rig.world.vibe.task(&task).unwrap().title, "Huly's");
        assert_eq!(rig.world.vibe.task(&task).unwrap().status, "inreview");
        rig.assert_quiet();
    }
}

/// 14: a comment moves the time and no value: nothing is in the way.
#[test]
fn a_comment_between_list_and_write_defers_nothing() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let project = rig.project();
        let (issue, task) = rig.linked(&project, "One", "", "Todo");
        // What is known is not read again, apart from the lists.
        rig.sync_well();
        rig.world.vibe.edit_title(&task, "Vibe's");
        let (huly, id) = (rig.world.huly.clone(), issue.clone());
        rig.world.vibe.after(When::on("GET", "/api/tasks?").nth(1), move || huly.comment(&id));

        let ran = rig.sync_well();

        assert_eq!(ran.total("pending"), 0);
        assert_eq!(rig.world.huly.issue(&issue).unwrap().title, "Vibe's");
        rig.assert_quiet();
    }
}

/// 14, and 81: not for ever, where list and single read never agree.
#[test]
fn a_single_read_that_never_agrees_with_the_list_does_not_defer_for_ever() {
    let rig = Rig::new();
    let project = rig.project();
    let (issue, task) = rig.linked(&project, "One", "text", "Todo");
    let how = SingleRead { text_suffix: String::new(), modified_shift_ms: 7 };
    rig.world.huly.single_read_differs(&issue, Some(how));
    rig.world.vibe.edit_title(&task, "Vibe's");

    for _ in 0..5 {
        rig.sync_well();
    }

    assert_eq!(rig.world.huly.issue(&issue).unwrap().title, "Vibe's");
    rig.assert_quiet();
}

/// 15.
#[test]
fn a_side_that_did_not_change_never_wins() {
    for policy in ["huly", "vibe", "newest"] {
        for huly_edits in [true, false] {
            let mut rig = Rig::new();
            set_policy(&mut rig, policy);
            let project = rig.project();
            let (issue, task) = rig.linked(&project, "One", "text", "Todo");
            if huly_edits {
                rig.world.huly.edit_title(&issue, "Two");
                rig.world.huly.edit_status(&issue, "Done");
                rig.world.huly.edit_description(&issue, "new text");
            } else {
                // A comment makes Huly's time the newer one, and is no change.
                rig.world.vibe.edit_title(&task, "Two");
                rig.world.vibe.edit_status(&task, "done");
                rig.world.vibe.edit_description(&task, &marked("new text", &issue));
                rig.world.huly.comment(&issue);
            }

            let ran = rig.sync_well();

            assert_eq!(ran.total("conflicts"), 0, "{policy}");
            let [huly, vibe] = both(&rig, &issue, &task);
            assert_eq!(huly, values("Two", "Done", "new text"), "{policy}");
            assert_eq!(vibe, values("Two", "done", "new text"), "{policy}");
            assert!(rig.losers().is_empty());
            rig.assert_quiet();
        }
    }
}

/// 16: seen from the servers, this machine is off the other way.
#[test]
fn a_clock_that_is_off_misses_nothing() {
    for bridge in backends() {
        for off in [-10 * MINUTE_MS, 10 * MINUTE_MS, -5 * HOUR_MS, 5 * HOUR_MS] {
            let rig = Rig::with(bridge, V0_0_71);
            rig.world.huly.shift_clock(off);
            rig.world.vibe.shift_clock(off);
            let project = rig.project();
            let (issue, task) = rig.linked(&project, "One", "", "Todo");
            rig.sync_well();

            for title in ["Two", "Three"] {
                rig.world.huly.edit_title(&issue, title);
                let late = rig.world.huly.add_issue("PROJ", title, "", "Todo");
                let ran = rig.sync_well();
                assert_eq!(ran.project("PROJ")["mode"], "incremental");
                assert_eq!(rig.world.vibe.task(&task).unwrap().title, title, "{bridge:?} {off}");
                let mark = format!(": {late}");
                let tasks = rig.world.vibe.tasks(&project);
                assert!(tasks.iter().any(|task| task.text().ends_with(&mark)), "{late} {off}");
            }
            rig.assert_quiet();
        }
    }
}

/// 17.
#[test]
fn a_change_of_vibe_alone_crosses_in_an_incremental_pass() {
    for (bridge, version) in [(First, V0_0_71), (Second, V0_0_71), (Second, V0_1_14)] {
        let rig = Rig::with(bridge, version);
        let project = rig.project();
        let (issue, task) = rig.linked(&project, "One", "text", "Todo");
        // Newer issues take the cursor past it: Huly does not list it any more.
        rig.world.huly.shift_clock(HOUR_MS);
        rig.linked(&project, "Newer", "", "Todo");
        rig.world.vibe.edit_title(&task, "Two");
        rig.world.vibe.edit_status(&task, "done");

        let ran = rig.sync_well();

        assert_eq!(ran.project("PROJ")["mode"], "incremental");
        assert_eq!(ran.total("seen.huly"), 1, "only the newer one is listed");
        assert_eq!(both(&rig, &issue, &task)[0], values("Two", "Done", "text"));
        rig.assert_quiet();
    }
}

/// 17: a text, which a first-generation bridge cannot change.
#[test]
fn a_text_changed_in_vibe_alone_crosses_in_an_incremental_pass() {
    let rig = Rig::new();
    let project = rig.project();
    let (issue, task) = rig.linked(&project, "One", "text", "Todo");
    rig.world.huly.shift_clock(HOUR_MS);
    rig.linked(&project, "Newer", "", "Todo");
    rig.world.vibe.edit_description(&task, &marked("new text", &issue));

    let ran = rig.sync_well();

    assert_eq!(ran.project("PROJ")["mode"], "incremental");
    assert_eq!(rig.world.huly.issue(&issue).unwrap().description, "new text");
    rig.assert_quiet();
}

/// 18.
#[test]
fn the_merge_is_per_field() {
    for (bridge, version) in [(First, V0_0_71), (Second, V0_0_71), (Second, V0_1_14)] {
        for policy in ["huly", "vibe"] {
            let mut rig = Rig::with(bridge, version);
            set_policy(&mut rig, policy);
            let project = rig.project();
            let (one, its_task) = rig.linked(&project, "One", "text", "Todo");
            let (two, other_task) = rig.linked(&project, "Two", "text", "Todo");
            rig.world.huly.edit_title(&one, "One, edited");
            rig.world.vibe.edit_status(&its_task, "inprogress");
            rig.world.vibe.edit_title(&other_task, "Two, edited");
            rig.world.huly.edit_status(&two, "Done");
            rig.world.huly.edit_description(&two, "new text");
            let mark = rig.world.mark();

            let ran = rig.sync_well();

            assert_eq!(ran.total("conflicts"), 0);
            assert_eq!(
                both(&rig, &one, &its_task),
                [
                    values("One, edited", "In Progress", "text"),
                    values("One, edited", "inprogress", "text"),
                ]
            );
            assert_eq!(
                both(&rig, &two, &other_task),
                [
                    values("Two, edited", "Done", "new text"),
                    values("Two, edited", "done", "new text"),
                ]
            );
            let writes = rig.world.writes_since(mark);
            let to_vibe = writes.iter().filter(|entry| entry.side == Side::Vibe).count();
            assert_eq!(to_vibe, 2, "{writes:#?}");
            rig.assert_quiet();
        }
    }
}

/// What stands in Huly now was written over something, whatever became of the rest.
#[test]
fn what_a_title_was_written_over_is_kept_when_the_text_is_refused() {
    let mut rig = Rig::with(Second, V0_0_71);
    let vibe = rig.project();
    let (issue, task) = rig.linked(&vibe, "Title", "text", "Todo");
    rig.set("HULY_VIBE_SYNC_CONFLICT_TITLE", "vibe");
    rig.world.huly.edit_title(&issue, "Title of Huly");
    rig.world.vibe.edit_title(&task, "Title of Vibe");
    let text = rig.world.vibe.task(&task).unwrap().text().replace("text", "Bad text");
    rig.world.vibe.edit_description(&task, &text);
    let fault = rig.world.huly.fault(calls::text_with("Bad text"), Fault::status(422));
    for _ in 0..3 {
        assert_eq!(rig.sync().exit, 3);
        assert_eq!(rig.world.huly.issue(&issue).unwrap().title, "Title of Vibe");
        assert_eq!(rig.lost(), ["Title of Huly"]);
    }
    rig.world.huly.lift_fault(fault);
    rig.sync_all();
    assert_eq!(rig.lost(), ["Title of Huly"]);
    rig.assert_quiet();
}
