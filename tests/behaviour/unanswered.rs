//! What a pass sent and saw no answer to: what the passes right after it make of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::Duration;

use crate::rig::{Death, Ran, Rig, on_platform};
use crate::support::{Fault, Side, When};

/// A rig whose creates are waited for as long as they are by default, or longer.
fn patient(grace: &str) -> (Rig, String) {
    let mut rig = Rig::new();
    rig.set("HULY_VIBE_SYNC_SYNC_CREATE_GRACE", grace);
    rig.set("HULY_VIBE_SYNC_SYNC_JOBS", "1");
    let vibe = rig.project();
    (rig, vibe)
}

/// Where the id of an issue is chosen here, the same create can be sent again at once.
#[test]
fn new_issues_of_a_killed_pass_wait_for_nothing_on_the_platform() {
    if !on_platform() {
        return;
    }
    for k in 1..100 {
        let (rig, vibe) = patient("1h");
        for n in 0..4 {
            rig.world.vibe.add_task(&vibe, &format!("Task {n}"), "text", "inprogress");
        }
        let death = if k % 2 == 0 { Death::Answered } else { Death::Unanswered };
        let ended = rig.sync_killed(k, death);

        rig.sync_well();

        let mut titles: Vec<String> =
            rig.world.huly.issues("PROJ").into_iter().map(|issue| issue.title).collect();
        titles.sort();
        assert_eq!(titles, ["Task 0", "Task 1", "Task 2", "Task 3"], "killed at request {k}");
        rig.assert_quiet();
        if ended.is_some() {
            return;
        }
    }
    panic!("a pass takes a hundred requests and more");
}

/// A late issue of the old words would look like an edit: what was edited meanwhile waits.
#[test]
fn a_task_that_is_edited_while_its_create_hangs_keeps_its_edit() {
    if !on_platform() {
        return;
    }
    let (mut rig, vibe) = patient("1h");
    rig.set("HULY_VIBE_SYNC_HTTP_CALL_TIMEOUT", "300ms");
    let task = rig.world.vibe.add_task(&vibe, "One", "text", "todo");
    let late = Fault::LateWrite { after: Duration::from_millis(1500) };
    rig.world.huly.fault(When::on("POST", "/tx/").body("TxCreateDoc").nth(1), late);
    rig.sync();
    rig.world.vibe.edit_title(&task, "One, edited");

    let ran = rig.sync();

    assert_eq!((ran.exit, rig.world.huly.issues("PROJ").len()), (3, 0), "{ran:#?}");
    sleep(Duration::from_millis(1600));
    rig.sync_well();
    let issues = rig.world.huly.issues("PROJ");
    assert_eq!((issues.len(), issues[0].title.as_str()), (1, "One, edited"));
    assert_eq!(rig.world.vibe.task(&task).unwrap().title, "One, edited");
    rig.sync_well();
    rig.assert_quiet();
}

#[test]
fn a_create_that_is_carried_out_after_it_was_sent_again_makes_no_second_issue() {
    if !on_platform() {
        return;
    }
    let (mut rig, vibe) = patient("1h");
    rig.set("HULY_VIBE_SYNC_HTTP_CALL_TIMEOUT", "300ms");
    rig.world.vibe.add_task(&vibe, "One", "text", "todo");
    let late = Fault::LateWrite { after: Duration::from_millis(1500) };
    rig.world.huly.fault(When::on("POST", "/tx/").body("TxCreateDoc").nth(1), late);
    rig.sync();

    rig.sync_well();
    sleep(Duration::from_millis(1600));

    assert_eq!(rig.world.huly.issues("PROJ").len(), 1);
    rig.sync_well();
    rig.assert_quiet();
}

#[test]
fn all_that_waits_for_an_answer_is_told_in_one_line() {
    let (rig, vibe) = patient("1h");
    for n in 0..12 {
        rig.world.huly.add_issue("PROJ", &format!("Issue {n}"), "", "Todo");
    }
    let creates = When::on("POST", "/api/tasks");
    rig.world.vibe.fault(creates.clone(), Fault::LostAnswer);
    rig.sync();
    rig.world.vibe.clear_faults();
    // Three in a row were enough; the tasks that came of them are out of sight again.
    for task in rig.world.vibe.tasks(&vibe) {
        rig.world.vibe.delete_task(&task.id);
    }

    let ran = rig.sync();

    let errors = ran.project("PROJ")["errors"].as_array().unwrap();
    assert_eq!((ran.exit, errors.len()), (3, 1), "{ran:#?}");
    let told = errors[0].as_str().unwrap();
    assert!(told.starts_with("3 items wait for answers to what was sent"), "{told}");
    assert_eq!(rig.world.vibe.tasks(&vibe).len(), 9, "nothing is made of them meanwhile");
}

/// All that was sent was answered, and then nobody took the connection: nothing is waited for.
#[test]
fn what_is_refused_a_connection_was_not_sent() {
    for side in [Side::Huly, Side::Vibe] {
        let mut away = 0;
        while let Some(ran) = goes_after(side, away) {
            assert_eq!(ran.exit, 0, "{side} left after {away} answers: {ran:#?}");
            away += 1;
            assert!(away < 100, "a pass takes a hundred requests and more");
        }
        assert!(away > 3, "{side} left after {away} answers at the most");
    }
}

/// A pass during which a side goes away after so many answers, and the pass that follows when it is
/// back; `None`: there were not so many.
fn goes_after(side: Side, answers: u64) -> Option<Ran> {
    let (mut rig, vibe) = patient("1h");
    rig.set("HULY_VIBE_SYNC_HTTP_ATTEMPTS", "2");
    rig.world.vibe.add_task(&vibe, "One", "text", "inprogress");
    rig.world.huly.add_issue("PROJ", "Two", "text", "In Progress");
    let (huly, tasks) = (rig.world.huly.clone(), rig.world.vibe.clone());
    let left = AtomicU64::new(answers + 1);
    let asked = Arc::new(AtomicU64::new(0));
    let counted = asked.clone();
    rig.world.on_served(move |_, host| {
        if host != side {
            return;
        }
        counted.fetch_add(1, Ordering::SeqCst);
        if left.fetch_sub(1, Ordering::SeqCst) == 1 {
            match side {
                Side::Huly => huly.go_offline(),
                Side::Vibe => tasks.go_offline(),
            }
        }
    });
    rig.sync();
    rig.world.forget_callbacks();
    if asked.load(Ordering::SeqCst) <= answers {
        return None;
    }
    match side {
        Side::Huly => rig.world.huly.come_back(),
        Side::Vibe => rig.world.vibe.come_back(),
    }
    let ran = rig.sync();
    assert_eq!(rig.world.huly.issues("PROJ").len(), 2, "{side} left after {answers}: {ran:#?}");
    assert_eq!(rig.world.vibe.tasks(&vibe).len(), 2, "{side} left after {answers}: {ran:#?}");
    Some(ran)
}
