//! When writes go out: how long a look at a target holds, and from when it counts that something may
//! still be carried out.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::calls;
use crate::rig::{Backend, Rig, backends, on_platform};
use crate::support::VibeVersion::V0_0_71;
use crate::support::{Entry, Fault, Side, When};

/// Carried out at once, and answered when every look of before is too old.
fn slowly() -> Fault {
    Fault::Slow { before: Duration::from_millis(1200), bytes_per_second: None }
}

fn marked(text: &str, issue: &str) -> String {
    format!("{text}\n\n---\nHuly Issue: {issue}")
}

fn title(rig: &Rig, task: &str) -> String {
    rig.world.vibe.task(task).unwrap().title
}

#[test]
fn an_issue_edited_while_other_texts_are_written_keeps_the_edit() {
    let rig = Rig::new();
    let vibe = rig.project();
    let (one, task) = rig.linked(&vibe, "One", "text", "Todo");
    let (two, other) = rig.linked(&vibe, "Two", "text", "Todo");
    rig.world.vibe.edit_description(&task, &marked("one, from Vibe", &one));
    rig.world.vibe.edit_description(&other, &marked("two, from Vibe", &two));
    let first = calls::text_with("one, from Vibe").nth(1);
    rig.world.huly.fault(first.clone(), slowly());
    let (huly, issue) = (rig.world.huly.clone(), two.clone());
    rig.world.huly.after(first, move || huly.edit_description(&issue, "a person was quicker"));

    let text = || rig.world.huly.issue(&two).unwrap().description;
    rig.sync_well();
    assert_eq!(text(), "a person was quicker");
    rig.sync_well();

    assert_eq!(text(), "a person was quicker");
    assert_eq!(rig.world.huly.issue(&one).unwrap().description, "one, from Vibe");
    assert_eq!(rig.world.vibe.task(&other).unwrap().text(), marked("a person was quicker", &two));
    assert_eq!(rig.lost(), ["two, from Vibe"]);
    rig.assert_quiet();
}

#[test]
fn a_task_edited_while_huly_is_written_keeps_the_edit() {
    std::thread::scope(|scope| {
        for bridge in backends() {
            scope.spawn(move || edit_a_task_meanwhile(bridge));
        }
    });
}

fn edit_a_task_meanwhile(bridge: Backend) {
    let rig = Rig::with(bridge, V0_0_71);
    let vibe = rig.project();
    let (_, task) = rig.linked(&vibe, "One", "text", "Todo");
    let (two, other) = rig.linked(&vibe, "Two", "text", "Todo");
    rig.world.vibe.edit_title(&task, "One, from Vibe");
    rig.world.huly.edit_title(&two, "Two, from Huly");
    let first = calls::title("One, from Vibe").nth(1);
    rig.world.huly.fault(first.clone(), slowly());
    let (board, id) = (rig.world.vibe.clone(), other.clone());
    rig.world.huly.after(first, move || board.edit_title(&id, "Two, by a person"));

    rig.sync_well();
    assert_eq!(title(&rig, &other), "Two, by a person", "{bridge:?}");
    rig.sync_well();

    assert_eq!(title(&rig, &other), "Two, from Huly", "{bridge:?}: by the policy, and told");
    assert_eq!(rig.lost(), ["Two, by a person"], "{bridge:?}");
    rig.assert_quiet();
}

#[test]
fn a_write_of_our_own_is_no_edit() {
    let rig = Rig::new();
    let vibe = rig.project();
    let (one, task) = rig.linked(&vibe, "One", "text", "Todo");
    rig.world.vibe.edit_title(&task, "One, from Vibe");
    rig.world.vibe.edit_description(&task, &marked("from Vibe", &one));
    rig.world.huly.fault(calls::title("One, from Vibe").nth(1), slowly());

    rig.sync_well();

    let issue = rig.world.huly.issue(&one).unwrap();
    assert_eq!((&*issue.title, &*issue.description), ("One, from Vibe", "from Vibe"));
    rig.assert_quiet();
}

#[test]
fn a_title_that_was_written_stays_agreed_on_when_the_text_has_moved() {
    let rig = Rig::new();
    let vibe = rig.project();
    let (one, task) = rig.linked(&vibe, "One", "text", "Todo");
    rig.world.vibe.edit_title(&task, "One, from Vibe");
    rig.world.vibe.edit_description(&task, &marked("from Vibe", &one));
    let first = calls::title("One, from Vibe").nth(1);
    rig.world.huly.fault(first.clone(), slowly());
    let (huly, issue) = (rig.world.huly.clone(), one.clone());
    rig.world.huly.after(first, move || huly.edit_description(&issue, "a person was quicker"));

    rig.sync_well();
    rig.sync_well();

    let issue = rig.world.huly.issue(&one).unwrap();
    assert_eq!((&*issue.title, &*issue.description), ("One, from Vibe", "a person was quicker"));
    assert_eq!(rig.lost(), ["from Vibe"]);
    rig.assert_quiet();
}

/// The platform's create sets the status itself.
#[test]
fn a_new_issue_that_was_moved_before_it_got_its_status_stays_where_it_was_moved_to() {
    if on_platform() {
        return;
    }
    std::thread::scope(|scope| {
        for bridge in backends() {
            scope.spawn(move || move_a_new_issue(bridge));
        }
    });
}

fn move_a_new_issue(bridge: Backend) {
    let rig = Rig::with(bridge, V0_0_71);
    let vibe = rig.project();
    for name in ["One", "Two"] {
        rig.world.vibe.add_task(&vibe, name, "text", "inprogress");
    }
    let second = calls::create().nth(2);
    rig.world.huly.fault(second.clone(), slowly());
    let huly = rig.world.huly.clone();
    rig.world.huly.after(second, move || huly.edit_status("PROJ-1", "Done"));

    rig.sync_well();
    rig.sync_well();

    let (one, two) =
        (rig.world.huly.issue("PROJ-1").unwrap(), rig.world.huly.issue("PROJ-2").unwrap());
    assert_eq!((&*one.status, &*two.status), ("Done", "In Progress"), "{bridge:?}");
    let tasks = rig.world.vibe.tasks(&vibe);
    let task = tasks.iter().find(|task| task.title == one.title).unwrap();
    assert_eq!(task.status, "done", "{bridge:?}");
    rig.assert_quiet();
}

/// How long a call may take here; what hangs before is given up after so long.
const CALL: Duration = Duration::from_millis(1500);

/// Of the second request that hangs: carried out half a second after it was given up.
const LATE: Fault = Fault::LateWrite { after: Duration::from_millis(2000) };

/// Longer than that, and shorter than two calls: over before the second is even given up, if it
/// counted from when both were written down.
fn patient(rig: &mut Rig) {
    rig.set("HULY_VIBE_SYNC_HTTP_CALL_TIMEOUT", &format!("{}ms", CALL.as_millis()));
    rig.set("HULY_VIBE_SYNC_SYNC_CREATE_GRACE", "2800ms");
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}: it should come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_create_that_waited_behind_a_hanging_write_is_not_sent_again_too_early() {
    std::thread::scope(|scope| {
        for bridge in backends() {
            for side in [Side::Huly, Side::Vibe] {
                scope.spawn(move || hang_twice(bridge, side));
            }
        }
    });
}

fn hang_twice(bridge: Backend, side: Side) {
    let what = format!("{bridge:?} {side}");
    let mut rig = Rig::with(bridge, V0_0_71);
    let vibe = rig.project();
    let (one, task) = rig.linked(&vibe, "One", "text", "Todo");
    patient(&mut rig);
    match side {
        Side::Huly => {
            rig.world.vibe.edit_title(&task, "One, edited");
            rig.world.vibe.add_task(&vibe, "New", "text", "todo");
            rig.world.huly.fault(calls::title("One, edited").first(1), Fault::hang());
            rig.world.huly.fault(calls::create_titled("New").first(1), LATE);
        }
        Side::Vibe => {
            rig.world.huly.edit_title(&one, "One, edited");
            rig.world.huly.add_issue("PROJ", "New", "text", "Todo");
            rig.world.vibe.fault(When::on("PUT", "/api/tasks/").first(1), Fault::hang());
            rig.world.vibe.fault(When::on("POST", "/api/tasks").first(1), LATE);
        }
    }
    let made = |rig: &Rig| match side {
        Side::Huly => rig.world.huly.issues("PROJ").len(),
        Side::Vibe => rig.world.vibe.tasks(&vibe).len(),
    };
    let is_create = |entry: &&Entry| match side {
        Side::Huly => calls::is_create(entry),
        Side::Vibe => entry.method == "POST" && entry.path == "/api/tasks",
    };
    let mark = rig.world.mark();

    rig.sync();
    rig.sync();
    wait_until(&what, || made(&rig) > 1);
    rig.set("HULY_VIBE_SYNC_SYNC_CREATE_GRACE", "0s");
    rig.sync_well();
    rig.sync_well();

    let issues = rig.world.huly.issues("PROJ");
    let mut titles: Vec<&str> = issues.iter().map(|issue| &*issue.title).collect();
    titles.sort_unstable();
    assert_eq!(titles, ["New", "One, edited"], "{what}");
    assert_eq!(rig.world.vibe.tasks(&vibe).len(), 2, "{what}");
    let creates = rig.world.writes_since(mark);
    // Huly's own API knows the same create by its id, so it is sent again at once.
    let most = if on_platform() && side == Side::Huly { 2 } else { 1 };
    assert!((1..=most).contains(&creates.iter().filter(is_create).count()), "{what}");
    rig.assert_quiet();
}

#[test]
fn a_newer_value_waits_for_an_older_one_that_still_hangs() {
    std::thread::scope(|scope| {
        for bridge in backends() {
            scope.spawn(move || hang_with_an_older_value(bridge));
        }
    });
}

fn hang_with_an_older_value(bridge: Backend) {
    let mut rig = Rig::with(bridge, V0_0_71);
    let vibe = rig.project();
    let (one, task) = rig.linked(&vibe, "One", "text", "Todo");
    let (two, other) = rig.linked(&vibe, "Two", "text", "Todo");
    patient(&mut rig);
    rig.world.huly.edit_title(&one, "One, second");
    rig.world.huly.edit_title(&two, "Two, second");
    rig.world.vibe.fault(When::on("PUT", "/api/tasks/").nth(1), Fault::hang());
    rig.world.vibe.fault(When::on("PUT", "/api/tasks/").nth(2), LATE);

    rig.sync();
    rig.world.huly.edit_title(&one, "One, third");
    rig.world.huly.edit_title(&two, "Two, third");
    rig.sync();
    wait_until("the older value", || {
        [title(&rig, &task), title(&rig, &other)].iter().any(|now| now.ends_with("second"))
    });
    rig.set("HULY_VIBE_SYNC_SYNC_CREATE_GRACE", "0s");
    rig.sync_well();
    rig.sync_well();

    let titles = [title(&rig, &task), title(&rig, &other)];
    assert_eq!(titles, ["One, third", "Two, third"], "{bridge:?}");
    assert_eq!(rig.world.huly.issue(&two).unwrap().title, "Two, third", "{bridge:?}");
    rig.assert_quiet();
}

#[test]
fn a_deletion_waits_for_a_write_that_still_hangs() {
    let mut rig = Rig::new();
    let vibe = rig.project();
    let (one, task) = rig.linked(&vibe, "One", "text", "Todo");
    patient(&mut rig);
    rig.world.huly.edit_title(&one, "One, second");
    rig.world.vibe.fault(When::on("PUT", "/api/tasks/").nth(1), LATE);

    rig.sync();
    rig.world.huly.delete_issue(&one);
    rig.sync();
    wait_until("the older value", || title(&rig, &task) == "One, second");
    rig.set("HULY_VIBE_SYNC_SYNC_CREATE_GRACE", "0s");
    rig.sync_well();
    rig.sync_well();

    assert_eq!(rig.world.vibe.task(&task).unwrap().status, "cancelled");
    assert_eq!(rig.world.huly.issues("PROJ").len(), 0, "our own write is no edit that beats it");
    rig.assert_quiet();
}

/// The platform makes all in one request, and the same twice is one.
#[test]
fn what_is_sent_late_is_written_down_as_sent_late() {
    for bridge in backends() {
        for side in [Side::Huly, Side::Vibe] {
            if !on_platform() || side == Side::Vibe {
                send_late(bridge, side);
            }
        }
    }
}

fn send_late(bridge: Backend, side: Side) {
    let rig = Rig::with(bridge, V0_0_71);
    let vibe = rig.project();
    let state = rig.state();
    let delay: Arc<Mutex<Option<i64>>> = Arc::default();
    let seen = delay.clone();
    let look = move || {
        let state = rusqlite::Connection::open(&state).unwrap();
        let sql = "SELECT min(at_ms) - (SELECT max(started_ms) FROM runs) FROM outbox";
        *seen.lock().unwrap() = state.query_row(sql, [], |row| row.get(0)).unwrap();
    };
    match side {
        Side::Huly => {
            for name in ["One", "Two"] {
                rig.world.vibe.add_task(&vibe, name, "text", "todo");
            }
            rig.world.huly.fault(calls::create().nth(1), slowly());
            rig.world.huly.before(calls::create().nth(2), look);
        }
        Side::Vibe => {
            for name in ["One", "Two"] {
                rig.world.huly.add_issue("PROJ", name, "text", "Todo");
            }
            let create = When::on("POST", "/api/tasks");
            rig.world.vibe.fault(create.clone().nth(1), slowly());
            rig.world.vibe.before(create.nth(2), look);
        }
    }

    rig.sync_well();

    let delay = delay.lock().unwrap().unwrap();
    assert!(delay >= 1000, "{bridge:?} {side}: {delay} ms after the run began");
    rig.assert_quiet();
}
