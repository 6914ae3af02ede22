//! Writes whose answers come late, or never.

use std::time::{Duration, Instant};

use super::{issue_titled, linked, task_titled, until};
use crate::calls;
use crate::rig::{Rig, backends, on_platform};
use crate::support::VibeVersion::V0_0_71;
use crate::support::{Fault, When};

/// Longer than any answer takes, and short enough to wait for.
const CALL: &str = "1s";
/// The server gets there long after the client has given up.
const LATE: Duration = Duration::from_secs(3);

fn impatient(rig: &mut Rig) {
    rig.set("HULY_VIBE_SYNC_HTTP_CALL_TIMEOUT", CALL);
    rig.set("HULY_VIBE_SYNC_HTTP_LIST_TIMEOUT", CALL);
    rig.set("HULY_VIBE_SYNC_HTTP_ATTEMPTS", "2");
    rig.set("HULY_VIBE_SYNC_SYNC_CREATE_GRACE", "1h");
}

/// 72
#[test]
fn an_issue_made_long_after_its_time_out_is_made_once() {
    for bridge in backends() {
        let mut rig = Rig::with(bridge, V0_0_71);
        impatient(&mut rig);
        let vibe = rig.project();
        let task = rig.world.vibe.add_task(&vibe, "New", "text", "inprogress");
        rig.world.huly.fault(calls::create().nth(1), Fault::LateWrite { after: LATE });
        let posts = || rig.world.huly.log().iter().filter(|entry| calls::is_create(entry)).count();

        let first = rig.sync();
        assert_eq!(first.exit, 3, "{first:#?}");
        assert_eq!(posts(), 1, "nothing more is created for it in the same pass");
        rig.sync();
        until("the late create", || rig.world.huly.issues("PROJ").len() == 1);
        rig.sync_well();

        // Huly's own API knows the same create by its id, so it is sent again at once.
        assert_eq!(posts(), if on_platform() { 2 } else { 1 });
        let issue = issue_titled(&rig, "PROJ", "New");
        assert_eq!(issue.status, "In Progress");
        assert_eq!(rig.world.vibe.task(&task).unwrap().status, "inprogress");
        rig.assert_quiet();
    }
}

/// 72, the other way.
#[test]
fn a_task_made_long_after_its_time_out_is_made_once() {
    for bridge in backends() {
        let mut rig = Rig::with(bridge, V0_0_71);
        impatient(&mut rig);
        let vibe = rig.project();
        let issue = rig.world.huly.add_issue("PROJ", "New", "text", "In Progress");
        rig.world
            .vibe
            .fault(When::on("POST", "/api/tasks").nth(1), Fault::LateWrite { after: LATE });

        let first = rig.sync();
        assert_eq!(first.exit, 3, "{first:#?}");
        rig.sync();
        until("the late create", || rig.world.vibe.tasks(&vibe).len() == 1);
        rig.sync_well();

        let posts = rig.world.vibe.log();
        assert_eq!(posts.iter().filter(|entry| entry.method == "POST").count(), 1);
        assert_eq!(task_titled(&rig, &vibe, "New").status, "inprogress");
        assert_eq!(rig.world.huly.issue(&issue).unwrap().status, "In Progress");
        rig.assert_quiet();
    }
}

/// 85
#[test]
fn a_platform_that_goes_away_doubles_nothing_and_the_pass_ends_in_time() {
    for bridge in backends() {
        let mut rig = Rig::with(bridge, V0_0_71);
        impatient(&mut rig);
        rig.set("HULY_VIBE_SYNC_SYNC_DEADLINE", "8s");
        let (vibe, issue, task) = linked(&rig, "One", "text");
        rig.world.vibe.edit_title(&task, "One, A");
        for n in 0..4 {
            rig.world.vibe.add_task(&vibe, &format!("New {n}"), "text", "inprogress");
        }
        let world = rig.world.huly.clone();
        rig.world.huly.before(When::always().writes().nth(1), move || world.platform_goes_away());

        let begun = Instant::now();
        let first = rig.sync();
        assert_eq!(first.exit, 75, "{first:#?}");
        assert!(begun.elapsed() < Duration::from_secs(8 + 5), "the bounds of a pass");
        rig.world.huly.forget_acts();
        rig.world.vibe.edit_title(&task, "One, B");
        let second = rig.sync();
        assert_eq!(second.exit, 75, "{second:#?}");
        rig.world.huly.platform_returns();
        rig.set("HULY_VIBE_SYNC_SYNC_CREATE_GRACE", "0s");
        rig.sync_well();
        rig.sync_well();

        assert_eq!(rig.world.huly.issue(&issue).unwrap().title, "One, B");
        assert_eq!(rig.world.vibe.task(&task).unwrap().title, "One, B");
        assert_eq!(rig.world.huly.issues("PROJ").len(), 5);
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 5);
        for n in 0..4 {
            assert_eq!(issue_titled(&rig, "PROJ", &format!("New {n}")).status, "In Progress");
        }
        rig.assert_quiet();
    }
}

/// 85: away at the very first create, and at the status after it.
#[test]
fn creates_that_hang_in_the_platform_are_made_once() {
    for bridge in backends() {
        for nth in [1, 2, 3] {
            let mut rig = Rig::with(bridge, V0_0_71);
            impatient(&mut rig);
            rig.set("HULY_VIBE_SYNC_SYNC_DEADLINE", "8s");
            let vibe = rig.project();
            for n in 0..2 {
                rig.world.vibe.add_task(&vibe, &format!("New {n}"), "text", "done");
            }
            let world = rig.world.huly.clone();
            let write = When::always().writes().nth(nth);
            rig.world.huly.before(write, move || world.platform_goes_away());

            let first = rig.sync();
            // Two calls without an answer are two failed items; three are a system that is away.
            assert!([3, 75].contains(&first.exit), "{bridge:?} {nth} {first:#?}");
            rig.world.huly.forget_acts();
            rig.world.huly.platform_returns();
            rig.sync_well();

            assert_eq!(rig.world.huly.issues("PROJ").len(), 2, "{bridge:?} {nth}");
            for n in 0..2 {
                assert_eq!(issue_titled(&rig, "PROJ", &format!("New {n}")).status, "Done");
            }
            rig.assert_quiet();
        }
    }
}

/// 85: no stale write undoes a later one.
#[test]
fn nothing_is_written_behind_a_write_that_may_still_be_carried_out() {
    for bridge in backends() {
        let mut rig = Rig::with(bridge, V0_0_71);
        impatient(&mut rig);
        rig.set("HULY_VIBE_SYNC_HTTP_ATTEMPTS", "1");
        let (_, issue, task) = linked(&rig, "One", "text");
        rig.world.vibe.edit_title(&task, "One, A");
        let write = When::always().writes().body("One, A");
        rig.world.huly.fault(write.nth(1), Fault::LateWrite { after: LATE });

        let first = rig.sync();
        assert_ne!(first.exit, 0, "{first:#?}");
        rig.world.vibe.edit_title(&task, "One, B");
        rig.sync();
        // A later write that came first would be undone by now.
        until("the late write", || rig.world.huly.issue(&issue).unwrap().title != "One");
        std::thread::sleep(LATE);
        rig.sync_well();

        assert_eq!(rig.world.huly.issue(&issue).unwrap().title, "One, B");
        assert_eq!(rig.world.vibe.task(&task).unwrap().title, "One, B");
        rig.assert_quiet();
    }
}
