//! `-v` says what is done, `-vv` every request.

use super::{plainly, text};
use crate::rig::Rig;
use crate::support::{Fault, When};

#[track_caller]
fn said(rig: &Rig, args: &[&str]) -> String {
    let output = plainly(rig, args);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    text(&output.stderr).to_owned()
}

#[test]
fn each_thing_that_is_done_is_one_line() {
    let rig = Rig::new();
    let vibe = rig.project();
    let (issue, task) = rig.linked(&vibe, "One", "text", "Todo");
    let second = rig.world.huly.add_issue("PROJ", "Two", "text", "Todo");
    rig.world.vibe.edit_title(&task, "Another");
    rig.world.vibe.edit_status(&task, "done");

    let told = said(&rig, &["sync", "-v"]);

    assert!(told.contains(&format!("info: {second}: created in vibe\n")), "{told}");
    assert!(told.contains(&format!("info: {issue}: updated in huly: title, status\n")), "{told}");

    rig.world.vibe.delete_task(&task);
    let told = said(&rig, &["sync", "-v"]);
    assert!(told.contains(&format!("info: {issue}: gone in vibe, the pair is ended\n")), "{told}");

    // Nothing is done, so nothing is said.
    assert_eq!(said(&rig, &["sync", "-v"]), "");

    rig.lose_state();
    rig.world.huly.add_issue("PROJ", "Three", "text", "Todo");
    let told = said(&rig, &["sync", "-v"]);
    assert!(told.contains(&format!("info: {second}: linked to the task ")), "{told}");
}

#[test]
fn each_request_is_one_line_with_what_came_of_it() {
    let rig = Rig::new();
    rig.project();
    rig.world.huly.add_issue("PROJ", "One", "a text of its own", "Todo");
    let mark = rig.world.mark();

    let told = said(&rig, &["sync", "-vv"]);

    let lines: Vec<&str> = told.lines().filter(|line| line.ends_with(" bytes")).collect();
    assert_eq!(lines.len() as u64, rig.world.mark() - mark, "{told}");
    let create = format!("vibe POST /api/tasks ({}): 200, ", rig.world.vibe.url());
    assert_eq!(lines.iter().filter(|line| line.contains(&create)).count(), 1, "{told}");
    assert!(!lines.iter().any(|line| line.contains('?')), "{told}");
    assert!(!told.contains("a text of its own"), "{told}");
}

#[test]
fn a_request_that_is_sent_again_says_so() {
    let rig = Rig::new();
    rig.project();
    rig.world.vibe.fault(When::on("GET", "/api/projects").nth(1), Fault::status(503));

    let told = said(&rig, &["sync", "-vv"]);

    let of = |what: &str| told.lines().filter(|line| line.contains(what)).count();
    assert_eq!(of("GET /api/projects: again in "), 1, "{told}");
    assert_eq!(of("vibe GET /api/projects ("), 2, "{told}");
}
