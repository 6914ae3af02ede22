//! What is asked of Huly, and how far its answers are believed.

use super::{issue_titled, linked, said, task_titled};
use crate::calls;
use crate::rig::{Rig, backends, on_platform};
use crate::support::VibeVersion::V0_0_71;
use crate::support::{Fill, SingleRead, Stamp};

const HOUR_MS: i64 = 60 * 60 * 1000;
const YEAR_MS: i64 = 365 * 24 * HOUR_MS;

/// 68
#[test]
fn one_old_project_does_not_make_the_common_read_long() {
    let mut rig = Rig::new();
    rig.set("HULY_VIBE_SYNC_HULY_RATE", "10000");
    let size =
        Fill { projects: 100, issues_per_project: 3, description_bytes: 2000, both_sides: true };
    let filled = rig.world.fill(&size);
    let now = rig.world.huly.now_ms();
    for n in 1..=3 {
        let old = Stamp::At(now - 2 * YEAR_MS + n);
        rig.world.huly.set_times(&format!("PRJ000-{n}"), old, old);
    }
    let today: Vec<&String> = filled.iter().skip(1).map(|project| &project.identifier).collect();
    rig.world.huly.edit_titles(&today, 99, 0);
    rig.sync_well();
    rig.world.huly.reset_counters();
    let mark = rig.world.mark();

    let ran = rig.sync_well();

    assert!(rig.world.writes_since(mark).is_empty());
    assert_eq!(ran.project("PRJ000")["mode"], "incremental", "{ran:#?}");
    let log = rig.world.huly.log_since(mark);
    let common: Vec<_> = log.iter().filter(|entry| calls::asks_for_changes(entry)).collect();
    assert_eq!(common.len(), 1, "one request for all");
    let asked = common[0].json();
    let since = match on_platform() {
        true => asked["query"]["modifiedOn"]["$gte"].as_u64().unwrap(),
        false => {
            let since = humantime::parse_rfc3339(asked["modifiedSince"].as_str().unwrap());
            let since = since.unwrap().duration_since(std::time::UNIX_EPOCH).unwrap();
            u64::try_from(since.as_millis()).unwrap()
        }
    };
    let age = u64::try_from(rig.world.huly.now_ms()).unwrap() - since;
    assert!(age < 3600 * 1000, "the newest common cursor: {age} ms ago");
    assert!(
        !log.iter().any(|e| e.path.contains("/PRJ000/issues")),
        "nor is the old one read alone"
    );
    assert!(rig.world.huly.counters().bytes_out < 150_000, "{:?}", rig.world.huly.counters());
    rig.assert_quiet();
}

/// 80
#[test]
fn an_issue_from_the_future_does_not_lead_the_cursor_astray() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let (vibe, issue, _) = linked(&rig, "One", "text");
        let other = rig.world.huly.add_issue("PROJ", "Other", "text", "Todo");
        let future = rig.world.huly.now_ms() + YEAR_MS;
        rig.world.huly.set_modified_on(&issue, Stamp::At(future));
        rig.sync_all();
        rig.sync_well();
        rig.world.huly.edit_title(&other, "Other, edited");
        rig.world.huly.add_issue("PROJ", "New", "text", "Todo");

        let ran = rig.sync_well();

        assert_eq!(ran.project("PROJ")["mode"], "incremental", "{ran:#?}");
        task_titled(&rig, &vibe, "Other, edited");
        task_titled(&rig, &vibe, "New");
        rig.assert_quiet();
        // The one from the future is no worse off.
        rig.world.huly.edit_title(&issue, "One, edited");
        rig.sync_well();
        task_titled(&rig, &vibe, "One, edited");
        rig.assert_quiet();
    }
}

/// 80: so many of them that what was changed last is not among the newest.
#[test]
fn many_issues_from_the_future_do_not_hold_the_cursor() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let other = rig.world.huly.add_issue("PROJ", "Other", "text", "Todo");
        let future = rig.world.huly.now_ms() + YEAR_MS;
        for n in 0..40 {
            let issue = rig.world.huly.add_issue("PROJ", &format!("Future {n}"), "text", "Todo");
            let at = Stamp::At(future + n * 1000);
            rig.world.huly.set_times(&issue, at, at);
        }
        rig.sync_well();

        rig.world.huly.edit_title(&other, "Other, edited");
        let ran = rig.sync_well();

        assert_eq!(ran.project("PROJ")["mode"], "incremental", "{bridge:?}");
        task_titled(&rig, &vibe, "Other, edited");
        rig.assert_quiet();
    }
}

/// 80: it is the only one that ever changed.
#[test]
fn a_project_of_issues_from_the_future_is_still_read() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let issue = rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
        let future = Stamp::At(rig.world.huly.now_ms() + YEAR_MS);
        rig.world.huly.set_times(&issue, future, future);
        rig.sync_well();
        rig.sync_well();
        rig.world.huly.add_issue("PROJ", "New", "text", "Todo");

        rig.sync_well();

        task_titled(&rig, &vibe, "New");
        rig.assert_quiet();
    }
}

/// 81
#[test]
fn a_single_read_that_differs_from_the_list_defers_three_times_at_most() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let (_, issue, task) = linked(&rig, "One", "text");
        rig.world.huly.single_read_differs(
            &issue,
            Some(SingleRead { text_suffix: " (cached)".into(), modified_shift_ms: 1 }),
        );
        rig.world.vibe.edit_title(&task, "One, edited");

        let mut passes = 0;
        while rig.world.huly.issue(&issue).unwrap().title != "One, edited" {
            passes += 1;
            assert!(passes <= 4, "deferred for ever");
            rig.sync_well();
        }

        assert!(rig.world.vibe.task(&task).unwrap().text().starts_with("text"));
        // And it comes to rest, cache or no cache.
        rig.sync_well();
        rig.sync_well();
        let mark = rig.world.mark();
        rig.sync_well();
        assert!(rig.world.writes_since(mark).is_empty());
        rig.world.huly.single_read_differs(&issue, None);
        rig.sync_well();
        rig.sync_well();
        rig.assert_quiet();
        assert_eq!(rig.world.huly.issue(&issue).unwrap().description, "text");
    }
}

/// 81: only the time differs, which proves nothing.
#[test]
fn a_single_read_with_another_time_and_the_same_values_is_not_deferred() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let (_, issue, task) = linked(&rig, "One", "text");
        rig.world.huly.single_read_differs(
            &issue,
            Some(SingleRead { text_suffix: String::new(), modified_shift_ms: 5000 }),
        );
        rig.world.vibe.edit_title(&task, "One, edited");

        rig.sync_well();

        assert_eq!(rig.world.huly.issue(&issue).unwrap().title, "One, edited");
        rig.assert_quiet();
    }
}

/// 84
#[test]
fn a_text_written_over_a_blank_one_lasts() {
    let rig = Rig::new();
    let (_, issue, task) = linked(&rig, "One", "");
    rig.world.vibe.edit_description(&task, "new text\n\n---\nHuly Issue: PROJ-1");

    rig.sync_well();

    assert_eq!(rig.world.huly.issue(&issue).unwrap().description, "new text");
    rig.assert_quiet();
    assert_eq!(rig.world.huly.issue(&issue).unwrap().description, "new text");
    assert!(rig.world.vibe.task(&task).unwrap().text().starts_with("new text\n"));
}

/// 84
#[test]
fn a_text_that_was_cleared_does_not_come_back() {
    let rig = Rig::new();
    let (_, issue, task) = linked(&rig, "One", "old text");
    rig.world.huly.add_issue("PROJ", "Other", "other text", "Todo");
    rig.sync_well();
    rig.world.huly.edit_description(&issue, "");
    // Two passes have to see it before it is believed.
    rig.sync_well();
    rig.sync_well();
    assert!(!rig.world.vibe.task(&task).unwrap().text().contains("old text"));
    rig.assert_quiet();
    assert_eq!(rig.world.huly.issue(&issue).unwrap().description, "", "still cleared");

    rig.world.vibe.edit_description(&task, "new text\n\n---\nHuly Issue: PROJ-1");
    rig.sync_well();

    assert_eq!(rig.world.huly.issue(&issue).unwrap().description, "new text");
    rig.assert_quiet();
    assert_eq!(rig.world.huly.issue(&issue).unwrap().description, "new text");
}

/// 84: cleared in Vibe, then written there again.
#[test]
fn a_text_cleared_from_vibe_and_written_anew_is_the_new_one() {
    let rig = Rig::new();
    let (_, issue, task) = linked(&rig, "One", "old text");
    rig.world.vibe.edit_description(&task, "");
    rig.sync_well();
    rig.assert_quiet();
    assert_eq!(rig.world.huly.issue(&issue).unwrap().description, "");

    rig.world.vibe.edit_description(&task, "new text");
    rig.sync_well();
    rig.assert_quiet();

    assert_eq!(rig.world.huly.issue(&issue).unwrap().description, "new text");
    assert!(rig.world.vibe.task(&task).unwrap().text().starts_with("new text"));
}

/// 86
#[test]
fn an_assigned_issue_fails_its_own_project_alone() {
    if on_platform() {
        return; // the platform lists it like any other: see below
    }
    for alone in [false, true] {
        for full in [false, true] {
            let rig = Rig::new();
            rig.world.huly.assigned_fails_alone(alone);
            let (vibe, issue, _) = linked(&rig, "One", "text");
            rig.world.huly.add_project("OTHER", "Other");
            let other = rig.world.vibe.add_project("Other");
            let there = rig.world.huly.add_issue("OTHER", "There", "text", "Todo");
            rig.sync_well();
            rig.world.huly.edit_title(&there, "There, edited");
            rig.world.huly.edit_title(&issue, "One, edited");
            rig.world.huly.assign(&issue, true);
            let task = rig.world.vibe.add_task(&vibe, "New", "text", "todo");
            let mark = rig.world.mark();

            let ran = rig.run(if full { &["sync", "--full"][..] } else { &["sync"] });

            assert_eq!(ran.exit, 3, "{ran:#?}");
            task_titled(&rig, &other, "There, edited");
            assert_eq!(ran.project("PROJ")["outcome"], "failed", "{ran:#?}");
            assert_eq!(ran.project("OTHER")["outcome"], "ok", "{ran:#?}");
            assert!(said(&ran).contains("domain not found"), "the reason: {ran:#?}");
            let writes = rig.world.writes_since(mark);
            assert!(writes.iter().all(|write| !write.path.contains("PROJ")), "{writes:#?}");
            assert_eq!(writes.len(), 1, "{writes:#?}");
            assert_eq!(task_titled(&rig, &vibe, "One").status, "todo");
            // Taken up where it was left.
            rig.world.huly.assign(&issue, false);
            rig.sync_well();
            task_titled(&rig, &vibe, "One, edited");
            issue_titled(&rig, "PROJ", "New");
            assert_eq!(rig.world.vibe.task(&task).unwrap().status, "todo");
            rig.assert_quiet();
        }
    }
}

/// 86: in the first pass of all.
#[test]
fn an_assigned_issue_in_the_first_pass_is_not_an_empty_project() {
    if on_platform() {
        return; // the platform lists it like any other: see below
    }
    let rig = Rig::new();
    let vibe = rig.project();
    let issue = rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    rig.world.huly.assign(&issue, true);
    rig.world.vibe.add_task(&vibe, "New", "text", "todo");
    rig.world.huly.add_project("OTHER", "Other");
    let other = rig.world.vibe.add_project("Other");
    rig.world.huly.add_issue("OTHER", "There", "text", "Todo");

    let ran = rig.sync();

    assert_eq!(ran.exit, 3, "{ran:#?}");
    assert!(said(&ran).contains("domain not found"), "{ran:#?}");
    task_titled(&rig, &other, "There");
    assert_eq!(rig.world.vibe.tasks(&vibe).len(), 1);
    let posts = rig.world.huly.log().into_iter();
    assert_eq!(
        posts.filter(|entry| entry.method == "POST" && entry.path == "/api/issues").count(),
        0
    );
}

/// 86: it is the bridge that stumbles.
#[test]
fn an_assigned_issue_of_the_platform_crosses_like_any_other() {
    if !on_platform() {
        return; // a bridge cannot list it
    }
    let rig = Rig::new();
    let (vibe, issue, task) = linked(&rig, "One", "text");
    rig.world.huly.assign(&issue, true);
    rig.world.huly.edit_title(&issue, "One, edited");
    let new = rig.world.huly.add_issue("PROJ", "New", "text", "Todo");
    rig.world.huly.assign(&new, true);

    rig.sync_well();

    assert_eq!(rig.world.vibe.task(&task).unwrap().title, "One, edited");
    task_titled(&rig, &vibe, "New");
    rig.world.vibe.edit_status(&task, "done");
    rig.sync_well();
    assert_eq!(rig.world.huly.issue(&issue).unwrap().status, "Done");
    assert!(rig.world.huly.issue(&issue).unwrap().assigned, "it stays assigned");
    rig.assert_quiet();
}

/// Every cut list of a bridge ends at a round number, and its count of issues is minutes old.
mod cut {
    use super::*;
    use crate::support::{Fault, IssueSnapshot, When};
    use std::time::Duration;

    /// A project of 101 issues, as the bridge will count them from here on.
    fn counted(backend: crate::rig::Backend) -> Rig {
        let rig = Rig::with(backend, V0_0_71);
        rig.project();
        for n in 1..=101 {
            rig.world.huly.add_issue("PROJ", &format!("Issue {n}"), "", "Todo");
        }
        rig.world.huly.cache_projects_for(Duration::from_secs(600));
        rig
    }

    #[test]
    fn a_list_is_not_refused_for_a_count_that_is_an_old_one() {
        if on_platform() {
            return; // its lists are read page by page to their end
        }
        // Only the newer bridge keeps its count.
        let mut rig = counted(crate::rig::Backend::Second);
        rig.set("HULY_VIBE_SYNC_GUARD_CREATE", "1000");
        rig.sync_well();
        rig.world.huly.delete_issue("PROJ-50");

        let ran = rig.sync_all();

        assert_eq!(ran.project("PROJ")["outcome"], "ok", "{ran:#?}");
        assert_eq!(ran.total("deleted.vibe"), 1);
    }

    #[test]
    fn a_list_that_lacks_an_issue_which_is_there_is_refused() {
        if on_platform() {
            return; // its lists are read page by page to their end
        }
        for backend in backends() {
            let mut rig = counted(backend);
            rig.set("HULY_VIBE_SYNC_GUARD_CREATE", "1000");
            let element = |issue: &IssueSnapshot| {
                serde_json::json!({
                    "identifier": issue.identifier, "title": issue.title, "status": issue.status,
                    "priority": issue.priority, "description": "", "createdOn": issue.created_on.ms(),
                    "modifiedOn": issue.modified_on.ms(),
                })
            };
            let issues = rig.world.huly.issues("PROJ");
            let newest: Vec<_> = issues.iter().skip(1).map(element).collect();
            let body = serde_json::json!({
                "project": "PROJ", "issues": newest, "count": 100, "filtered": false,
                "syncMeta": {"modifiedSince": null, "latestModified": null,
                             "serverTime": "2026-01-01T00:00:00.000Z"},
            });
            let cut = Fault::Status { code: 200, body: body.to_string(), retry_after: None };
            rig.world.huly.fault(When::on("GET", "/api/projects/PROJ/issues"), cut);

            let ran = rig.sync();

            assert_eq!(ran.exit, 3, "{backend:?}: {ran:#?}");
            assert!(said(&ran).contains("lists 100 of 101 issues"), "{ran:#?}");
            assert_eq!(ran.total("created.vibe"), 0);
        }
    }
}
