//! Histories that break a careless design: numbers 64 to 87 of the list of what goes wrong.

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::rig::{Ran, Rig};
use crate::support::{IssueSnapshot, TaskSnapshot, World};

mod away;
mod copies;
mod deleted;
mod killed;
mod ordered;
mod paired;
mod reading;
mod renumbered;
mod successors;

/// The project and its twin, with an issue and a task in agreement: their names.
fn linked(rig: &Rig, title: &str, text: &str) -> (String, String, String) {
    let vibe = rig.project();
    let issue = rig.world.huly.add_issue("PROJ", title, text, "Todo");
    rig.sync_well();
    let task = task_titled(rig, &vibe, title).id;
    (vibe, issue, task)
}

fn task_titled(rig: &Rig, project: &str, title: &str) -> TaskSnapshot {
    let mut found = rig.world.vibe.tasks(project).into_iter().filter(|task| task.title == title);
    let first = found.next().unwrap_or_else(|| panic!("no task {title}"));
    assert!(found.next().is_none(), "two tasks {title}");
    first
}

fn issue_titled(rig: &Rig, project: &str, title: &str) -> IssueSnapshot {
    let mut found = rig.world.huly.issues(project).into_iter().filter(|issue| issue.title == title);
    let first = found.next().unwrap_or_else(|| panic!("no issue {title}"));
    assert!(found.next().is_none(), "two issues {title}");
    first
}

/// Tasks whose text bears this issue's marker.
fn bearing(rig: &Rig, project: &str, issue: &str) -> usize {
    let line = format!("Huly Issue: {issue}");
    let bears = |task: &TaskSnapshot| task.text().lines().any(|other| other == line);
    rig.world.vibe.tasks(project).iter().filter(|task| bears(task)).count()
}

/// What an invocation said, whichever way.
fn said(ran: &Ran) -> String {
    format!("{}\n{}", ran.stderr, ran.json)
}

/// Ends the tool at once: SIGKILL.
type Kill = Arc<dyn Fn() + Send + Sync>;

/// Runs a pass that is killed where `arm` says; it must get that far.
fn sync_killed(rig: &Rig, arm: impl FnOnce(&World, Kill)) {
    let child: Arc<Mutex<Option<Child>>> = Arc::default();
    let hand = child.clone();
    arm(
        &rig.world,
        Arc::new(move || {
            if let Some(child) = hand.lock().unwrap().as_mut() {
                child.kill().unwrap();
            }
        }),
    );
    let mut command = rig.command(&["sync"]);
    *child.lock().unwrap() =
        Some(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let status = loop {
        if let Some(status) = child.lock().unwrap().as_mut().unwrap().try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    assert_eq!(status.signal(), Some(9), "it should have been killed: {status}");
    rig.world.huly.forget_acts();
    rig.world.vibe.forget_acts();
}

/// Waits for something that another thread brings about.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
