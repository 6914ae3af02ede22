//! Which projects are taken, when, and which way.

use std::collections::BTreeSet;

use super::{linked, said, task_titled};
use crate::rig::Backend;
use crate::rig::{Rig, backends};
use crate::support::VibeVersion::V0_0_71;
use crate::support::{Fault, When};

const PAIRS: usize = 20;
const EDITED: usize = 12;

/// Twenty pairs, of which twelve tasks were edited while nothing went to Huly.
fn drifted(edit: impl Fn(&Rig, &str)) -> (Rig, String) {
    let mut rig = Rig::new();
    let vibe = rig.project();
    for n in 0..PAIRS {
        rig.world.huly.add_issue("PROJ", &format!("Issue {n}"), "text", "Todo");
    }
    rig.sync_well();
    rig.set("HULY_VIBE_SYNC_SYNC_DIRECTION", "huly-to-vibe");
    for task in rig.world.vibe.tasks(&vibe).iter().take(EDITED) {
        edit(&rig, &task.id);
    }
    let mark = rig.world.mark();
    rig.sync_well();
    rig.sync_all();
    assert!(rig.world.writes_since(mark).is_empty(), "the way to Huly is closed");
    let stats = rig.run(&["stats"]);
    assert_eq!(stats.json["projects"][0]["drift"], EDITED, "{stats:#?}");
    rig.set("HULY_VIBE_SYNC_SYNC_DIRECTION", "both");
    (rig, vibe)
}

/// 73
#[test]
fn opening_a_way_that_was_closed_floods_nobody() {
    let edits: [fn(&Rig, &str); 2] = [
        |rig, task| rig.world.vibe.edit_title(task, &format!("Edited {task}")),
        |rig, task| rig.world.vibe.edit_status(task, "done"),
    ];
    for edit in edits {
        let (rig, vibe) = drifted(edit);
        let edited: Vec<_> = rig.world.vibe.tasks(&vibe).into_iter().take(EDITED).collect();
        let mark = rig.world.mark();

        let ran = rig.sync();

        assert_eq!(ran.exit, 4, "{ran:#?}");
        assert!(rig.world.huly.writes_since(mark).is_empty(), "no flood of Huly");
        assert!(said(&ran).contains("--allow-mass-overwrite"), "{ran:#?}");
        // It stays so until somebody lets it through.
        assert_eq!(rig.sync().exit, 4);
        assert!(rig.world.writes_since(mark).is_empty());
        let ran = rig.run(&["sync", "--allow-mass-overwrite"]);
        assert_eq!(ran.exit, 0, "{ran:#?}");
        for task in edited {
            let issues = rig.world.huly.issues("PROJ");
            let line = task.text().lines().last().unwrap().to_owned();
            let issue =
                issues.iter().find(|issue| line == format!("Huly Issue: {}", issue.identifier));
            let issue = issue.unwrap();
            assert_eq!(issue.title, task.title);
            assert_eq!(issue.status == "Done", task.status == "done");
        }
        rig.assert_quiet();
    }
}

/// 73: a change in Huly meanwhile wins, and the drifted value is kept.
#[test]
fn what_drifted_loses_against_the_open_side_and_is_kept() {
    let mut rig = Rig::new();
    let (_, issue, task) = linked(&rig, "One", "text");
    rig.set("HULY_VIBE_SYNC_SYNC_DIRECTION", "huly-to-vibe");
    rig.set("HULY_VIBE_SYNC_CONFLICT_TITLE", "vibe");
    rig.world.vibe.edit_title(&task, "Drifted");
    rig.sync_well();
    rig.world.huly.edit_title(&issue, "From Huly");

    let ran = rig.sync_well();

    assert_eq!(ran.total("conflicts"), 1, "{ran:#?}");
    assert_eq!(rig.world.vibe.task(&task).unwrap().title, "From Huly");
    assert_eq!(rig.world.huly.issue(&issue).unwrap().title, "From Huly");
    let kept = rig.run(&["conflicts"]);
    assert!(kept.json.to_string().contains("Drifted"), "{kept:#?}");
    rig.set("HULY_VIBE_SYNC_SYNC_DIRECTION", "both");
    rig.assert_quiet();
}

/// 75
#[test]
fn of_namesakes_the_live_project_is_paired() {
    for bridge in backends() {
        for listed in [false, true] {
            let rig = Rig::with(bridge, V0_0_71);
            rig.world.huly.lists_archived(listed);
            for name in ["AAA", "BBB", "LIVE", "ZZZ"] {
                rig.world.huly.add_project(name, "Same");
                rig.world.huly.add_issue(name, &format!("Of {name}"), "", "Todo");
                if name != "LIVE" {
                    rig.world.huly.archive_project(name);
                }
            }
            let vibe = rig.world.vibe.add_project("Same");

            rig.sync_well();

            let tasks = rig.world.vibe.tasks(&vibe);
            assert_eq!(tasks.iter().map(|t| t.title.as_str()).collect::<Vec<_>>(), ["Of LIVE"]);
            assert_eq!(rig.world.vibe.projects().len(), 1);
            rig.assert_quiet();
        }
    }
}

/// 75: unless it is linked already.
#[test]
fn a_linked_vibe_project_is_not_given_to_a_namesake() {
    for bridge in backends() {
        for listed in [false, true] {
            let rig = Rig::with(bridge, V0_0_71);
            rig.world.huly.lists_archived(listed);
            rig.world.huly.add_project("OLD", "Same");
            rig.world.huly.add_issue("OLD", "Of OLD", "", "Todo");
            let vibe = rig.world.vibe.add_project("Same");
            rig.sync_well();
            rig.world.huly.archive_project("OLD");
            rig.world.huly.add_project("LIVE", "Same");
            rig.world.huly.add_issue("LIVE", "Of LIVE", "", "Todo");

            rig.sync_well();

            let tasks = rig.world.vibe.tasks(&vibe);
            assert_eq!(tasks.iter().map(|t| t.title.as_str()).collect::<Vec<_>>(), ["Of OLD"]);
            let projects = rig.world.vibe.projects();
            let own = projects.iter().find(|project| project.id != vibe).unwrap();
            task_titled(&rig, &own.id, "Of LIVE");
            rig.assert_quiet();
            // The old one comes back to what is its own.
            rig.world.huly.unarchive_project("OLD");
            rig.sync_well();
            assert_eq!(rig.world.vibe.tasks(&vibe).len(), 1);
            assert_eq!(rig.world.vibe.projects().len(), 2);
            rig.assert_quiet();
        }
    }
}

fn many(bridge: Backend, count: usize) -> Rig {
    let mut rig = Rig::with(bridge, V0_0_71);
    rig.set("MAX_WORKERS", "1");
    for n in 0..count {
        rig.world.huly.add_project(&format!("P{n}"), &format!("Project {n}"));
        rig.world.vibe.add_project(&format!("Project {n}"));
        rig.world.huly.add_issue(&format!("P{n}"), "One", "text", "Todo");
    }
    rig
}

fn synced(ran: &crate::rig::Ran) -> BTreeSet<String> {
    let projects = ran.json["projects"].as_array().unwrap();
    let well = projects.iter().filter(|project| project["outcome"] == "ok");
    well.map(|project| project["identifier"].as_str().unwrap().to_owned()).collect()
}

/// 78: the third project of each pass uses up the time; smaller numbers than there, the same shares.
#[test]
fn a_deadline_leaves_the_rest_to_the_next_pass_and_nobody_waits_for_ever() {
    for bridge in backends() {
        let mut rig = many(bridge, 8);
        rig.set("HULY_VIBE_SYNC_SYNC_DEADLINE", "2s");
        let mut done = BTreeSet::new();
        let mut passes = 0;
        while done.len() < 8 {
            passes += 1;
            assert!(passes < 30, "only {done:?}");
            let hang = rig.world.vibe.fault(When::on("GET", "/api/tasks?").nth(3), Fault::hang());
            let ran = rig.sync();
            if rig.world.vibe.struck(hang) > 0 {
                assert_eq!(ran.exit, 75, "{ran:#?}");
            }
            rig.world.vibe.clear_faults();
            let now = synced(&ran);
            let again: Vec<_> = now.intersection(&done).cloned().collect();
            // A project is taken again only once all others were.
            assert!(again.is_empty() || done.len() + now.len() >= 8 + again.len(), "{again:?}");
            done.extend(now);
        }
        assert!(passes >= 4, "two projects a pass");
        for project in rig.world.vibe.projects() {
            assert_eq!(rig.world.vibe.tasks(&project.id).len(), 1);
        }
        rig.set("HULY_VIBE_SYNC_SYNC_DEADLINE", "15m");
        rig.sync_well();
        rig.assert_quiet();
    }
}
