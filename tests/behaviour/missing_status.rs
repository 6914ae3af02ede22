//! A task's status that its Huly project lacks, and statuses that translate in another way than before.

use serde_json::Value;

use crate::rig::{Ran, Rig, backends, on_platform};
use crate::support::{Side, VibeVersion::V0_0_71};

const USUAL: [&str; 5] = ["Backlog", "Todo", "In Progress", "Done", "Canceled"];
const WITH_REVIEW: [&str; 6] = ["Backlog", "Todo", "In Progress", "In Review", "Done", "Canceled"];

fn issue(rig: &Rig, issue: &str) -> String {
    rig.world.huly.issue(issue).unwrap().status
}

fn task(rig: &Rig, task: &str) -> String {
    rig.world.vibe.task(task).unwrap().status
}

fn writes_to_huly(rig: &Rig, mark: u64) -> usize {
    rig.world.writes_since(mark).iter().filter(|entry| entry.side == Side::Huly).count()
}

/// A day goes by, as far as asking for a status is concerned.
fn a_day_later(rig: &Rig) {
    if on_platform() {
        return; // it lists its statuses in every pass
    }
    rig.tamper("UPDATE meta SET value = '0' WHERE key LIKE 'asked_status%'");
}

fn waiting(rig: &Rig) -> Vec<Value> {
    let json = rig.run(&["stats"]).json;
    let all = json["pending"].as_array().unwrap().clone();
    all.into_iter().filter(|one| one["reason"] == "unmapped").collect()
}

fn warnings(ran: &Ran) -> usize {
    ran.stderr.matches("no status for").count()
}

/// Pairs whose tasks went to review, which their project lacks.
fn in_review(rig: &Rig, project: &str, count: usize) -> Vec<(String, String)> {
    rig.world.huly.set_statuses("PROJ", &USUAL);
    let pairs: Vec<_> =
        (0..count).map(|at| rig.linked(project, &format!("{at}"), "text", "Todo")).collect();
    for (_, task) in &pairs {
        rig.world.vibe.edit_status(task, "inreview");
    }
    pairs
}

#[test]
fn what_was_missing_crosses_for_all_tasks_when_it_was_added() {
    for backend in backends() {
        let rig = Rig::with(backend, V0_0_71);
        let project = rig.project();
        let pairs = in_review(&rig, &project, 3);
        let mark = rig.world.mark();

        let first = rig.sync_well();
        let again = rig.sync_well();

        assert_eq!((warnings(&first), warnings(&again)), (1, 0), "{backend:?}: {}", first.stderr);
        assert!(writes_to_huly(&rig, mark) <= 2, "{backend:?}: one asks for all");
        assert_eq!(waiting(&rig).len(), 3, "{backend:?}");
        assert_eq!(again.total("pending"), 3, "{backend:?}: {again:#?}");
        assert_eq!(again.total("failed"), 0);
        rig.assert_quiet();

        rig.world.huly.set_statuses("PROJ", &WITH_REVIEW);
        if !on_platform() {
            rig.assert_quiet(); // nobody tells, and it was asked for today
        }
        a_day_later(&rig);
        rig.sync_all();

        for (identifier, its_task) in &pairs {
            assert_eq!(issue(&rig, identifier), "In Review", "{backend:?}");
            assert_eq!(task(&rig, its_task), "inreview", "{backend:?}");
        }
        assert!(waiting(&rig).is_empty());
        rig.assert_quiet();
    }
}

#[test]
fn what_is_still_missing_is_asked_for_by_one_task_a_day() {
    for backend in backends() {
        let rig = Rig::with(backend, V0_0_71);
        let project = rig.project();
        let pairs = in_review(&rig, &project, 3);
        rig.sync_well();
        rig.sync_well();
        a_day_later(&rig);
        let mark = rig.world.mark();

        let ran = rig.sync_all();

        let asked = if on_platform() { 0..=0 } else { 1..=2 };
        assert!(asked.contains(&writes_to_huly(&rig, mark)), "{backend:?}");
        assert_eq!(warnings(&ran), 0);
        assert_eq!(waiting(&rig).len(), 3);
        assert_eq!(task(&rig, &pairs[0].1), "inreview");
        rig.assert_quiet();
    }
}

#[test]
fn a_status_that_is_seen_on_an_issue_is_there() {
    for backend in backends() {
        let rig = Rig::with(backend, V0_0_71);
        let project = rig.project();
        let pairs = in_review(&rig, &project, 2);
        rig.sync_well();
        rig.world.huly.set_statuses("PROJ", &WITH_REVIEW);
        rig.world.huly.add_issue("PROJ", "Seen", "", "In Review");

        rig.sync_well();

        for (identifier, _) in &pairs {
            assert_eq!(issue(&rig, identifier), "In Review", "{backend:?}");
        }
        rig.assert_quiet();
    }
}

#[test]
fn a_fallback_that_is_named_later_takes_them() {
    for backend in backends() {
        let mut rig = Rig::with(backend, V0_0_71);
        let project = rig.project();
        let pairs = in_review(&rig, &project, 2);
        rig.sync_well();
        rig.set("HULY_VIBE_SYNC_STATUS_FALLBACK", "inreview=In Progress");

        rig.sync_well();

        for (identifier, its_task) in &pairs {
            assert_eq!(issue(&rig, identifier), "In Progress", "{backend:?}");
            assert_eq!(task(&rig, its_task), "inreview", "{backend:?}");
        }
        rig.assert_quiet();
        // What merely stood for it gives way to the status itself.
        rig.world.huly.set_statuses("PROJ", &WITH_REVIEW);
        rig.world.huly.add_issue("PROJ", "Seen", "", "In Review");
        rig.sync_well();
        rig.sync_well();
        for (identifier, its_task) in &pairs {
            assert_eq!(issue(&rig, identifier), "In Review", "{backend:?}");
            assert_eq!(task(&rig, its_task), "inreview", "{backend:?}");
        }
        rig.assert_quiet();
    }
}

#[test]
fn an_issue_that_moves_while_its_task_waits_is_a_conflict() {
    for backend in backends() {
        let rig = Rig::with(backend, V0_0_71);
        let project = rig.project();
        let pairs = in_review(&rig, &project, 1);
        let (identifier, its_task) = &pairs[0];
        rig.sync_well();
        rig.world.huly.edit_status(identifier, "Done");

        let ran = rig.sync_well();

        assert_eq!(ran.total("conflicts"), 1, "{backend:?}");
        assert_eq!(task(&rig, its_task), "done");
        assert!(rig.lost().contains(&"inreview".to_owned()), "{:?}", rig.lost());
        assert!(waiting(&rig).is_empty());
        rig.assert_quiet();
    }
}

#[test]
fn other_edits_of_a_waiting_pair_cross() {
    for backend in backends() {
        let rig = Rig::with(backend, V0_0_71);
        let project = rig.project();
        let pairs = in_review(&rig, &project, 1);
        let (identifier, its_task) = &pairs[0];
        rig.sync_well();
        rig.world.vibe.edit_title(its_task, "edited there");
        rig.sync_well();
        assert_eq!(rig.world.huly.issue(identifier).unwrap().title, "edited there");
        rig.world.huly.edit_title(identifier, "edited here");

        rig.sync_well();

        assert_eq!(rig.world.vibe.task(its_task).unwrap().title, "edited here", "{backend:?}");
        assert_eq!(task(&rig, its_task), "inreview");
        assert_eq!(waiting(&rig).len(), 1);
        rig.assert_quiet();
    }
}

#[test]
fn a_new_task_whose_status_is_missing_waits_for_it() {
    for backend in backends() {
        let rig = Rig::with(backend, V0_0_71);
        let project = rig.project();
        rig.world.huly.set_statuses("PROJ", &USUAL);
        let tasks: Vec<String> = (0..3)
            .map(|at| rig.world.vibe.add_task(&project, &format!("{at}"), "text", "inreview"))
            .collect();
        let mark = rig.world.mark();

        let first = rig.sync_well();
        let again = rig.sync_well();

        assert_eq!((warnings(&first), warnings(&again)), (1, 0), "{backend:?}: {}", first.stderr);
        assert_eq!(waiting(&rig).len(), 3, "{backend:?}");
        assert!(writes_to_huly(&rig, mark) <= 9, "{backend:?}: {}", writes_to_huly(&rig, mark));
        rig.assert_quiet();
        assert!(rig.world.huly.issues("PROJ").iter().all(|issue| issue.status == "Backlog"));

        rig.world.huly.set_statuses("PROJ", &WITH_REVIEW);
        a_day_later(&rig);
        rig.sync_all();

        let issues = rig.world.huly.issues("PROJ");
        assert!(issues.iter().all(|issue| issue.status == "In Review"), "{backend:?}: {issues:#?}");
        assert!(tasks.iter().all(|id| task(&rig, id) == "inreview"));
        assert!(rig.lost().is_empty());
        rig.assert_quiet();
    }
}

/// Over a bridge nobody knows what the project lacks when the state is lost.
#[test]
fn a_lost_state_demotes_no_task_in_silence() {
    for backend in backends() {
        let rig = Rig::with(backend, V0_0_71);
        let project = rig.project();
        rig.world.huly.set_statuses("PROJ", &USUAL);
        let new = rig.world.vibe.add_task(&project, "New", "text", "inreview");
        let moved = in_review(&rig, &project, 1).remove(0).1;
        rig.sync_well();
        rig.lose_state();

        let ran = rig.sync_well();

        for id in [&new, &moved] {
            let is_kept = task(&rig, id) == "inreview";
            assert!(is_kept || !on_platform(), "{backend:?}: {ran:#?}");
            assert!(is_kept || rig.lost().contains(&"inreview".to_owned()), "{backend:?}");
        }
        assert_eq!(rig.world.huly.issues("PROJ").len(), 2);
        rig.assert_quiet();
    }
}

#[test]
fn pairs_of_an_earlier_map_follow_the_new_one() {
    for backend in backends() {
        let mut rig = Rig::with(backend, V0_0_71);
        let project = rig.project();
        rig.world.huly.set_statuses("PROJ", &WITH_REVIEW);
        rig.set("HULY_VIBE_SYNC_STATUS_TO_VIBE", "In Review=inprogress");
        let (identifier, its_task) = rig.linked(&project, "One", "text", "In Review");
        assert_eq!(task(&rig, &its_task), "inprogress");
        rig.assert_quiet();
        rig.set("HULY_VIBE_SYNC_STATUS_TO_VIBE", "");

        let ran = rig.sync_well();

        assert_eq!(task(&rig, &its_task), "inreview", "{backend:?}: {ran:#?}");
        assert_eq!(issue(&rig, &identifier), "In Review");
        rig.assert_quiet();
    }
}

#[test]
fn a_new_map_that_moves_a_whole_board_needs_a_persons_word() {
    for backend in backends() {
        let mut rig = Rig::with(backend, V0_0_71);
        let project = rig.project();
        rig.world.huly.set_statuses("PROJ", &WITH_REVIEW);
        rig.set("HULY_VIBE_SYNC_STATUS_TO_VIBE", "In Review=inprogress");
        for at in 0..8 {
            rig.world.huly.add_issue("PROJ", &format!("{at}"), "text", "In Review");
        }
        rig.sync_well();
        rig.set("HULY_VIBE_SYNC_STATUS_TO_VIBE", "");
        let statuses = |status: &str| {
            let tasks = rig.world.vibe.tasks(&project);
            tasks.iter().filter(|task| task.status == status).count()
        };

        let refused = [rig.sync(), rig.sync()];
        assert!(refused.iter().all(|ran| ran.exit == 4), "{backend:?}: {refused:#?}");
        assert_eq!(statuses("inprogress"), 8, "{backend:?}");
        let allowed = rig.run(&["sync", "--allow-mass-overwrite"]);

        assert_eq!(allowed.exit, 0, "{allowed:#?}");
        assert_eq!(statuses("inreview"), 8, "{backend:?}");
        rig.assert_quiet();
    }
}

#[test]
fn a_map_that_is_set_later_moves_pairs_of_the_usual_names() {
    for backend in backends() {
        let mut rig = Rig::with(backend, V0_0_71);
        let project = rig.project();
        rig.world.huly.set_statuses("PROJ", &WITH_REVIEW);
        let (identifier, its_task) = rig.linked(&project, "One", "text", "In Review");
        assert_eq!(task(&rig, &its_task), "inreview");

        rig.set("HULY_VIBE_SYNC_STATUS_TO_VIBE", "In Review=inprogress");
        rig.sync_all();

        assert_eq!(task(&rig, &its_task), "inprogress", "{backend:?}");
        assert_eq!(issue(&rig, &identifier), "In Review", "{backend:?}");
        rig.assert_quiet();
    }
}

#[test]
fn a_task_that_waits_after_a_lost_state_crosses_when_its_status_is_there() {
    if !on_platform() {
        return; // a bridge cannot tell which statuses it lacks
    }
    let rig = Rig::new();
    let project = rig.project();
    let pairs = in_review(&rig, &project, 1);
    rig.sync_well();
    rig.lose_state();
    rig.sync_well();

    rig.world.huly.set_statuses("PROJ", &WITH_REVIEW);
    rig.sync_all();

    let (identifier, its_task) = &pairs[0];
    assert_eq!(task(&rig, its_task), "inreview");
    assert_eq!(issue(&rig, identifier), "In Review");
    assert!(rig.lost().is_empty());
    rig.assert_quiet();
}
