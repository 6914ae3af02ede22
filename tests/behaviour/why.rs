//! `explain`: what is known of one item, and what the next pass makes of it.

use serde_json::Value;

use crate::calls;
use crate::rig::Rig;
use crate::support::{Fault, When};

#[track_caller]
fn explain(rig: &Rig, args: &[&str]) -> Value {
    let state = std::fs::read(rig.state()).unwrap();
    let mark = rig.world.mark();
    let ran = rig.run(&[&["explain"], args].concat());
    assert_eq!(ran.exit, 0, "{ran:#?}");
    assert!(rig.world.writes_since(mark).is_empty());
    assert!(state == std::fs::read(rig.state()).unwrap(), "the state was changed");
    ran.json
}

/// The lines about the next pass as one text.
fn next(told: &Value) -> String {
    let lines = told["next"].as_array().unwrap().iter();
    lines.map(|line| line.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

fn pair() -> (Rig, String, String, String) {
    let rig = Rig::new();
    let vibe = rig.project();
    let (issue, task) = rig.linked(&vibe, "Title", "Some text.", "Todo");
    (rig, vibe, issue, task)
}

#[test]
fn a_pair_is_found_by_either_name_however_it_is_spelled() {
    let (rig, vibe, issue, task) = pair();
    let told = explain(&rig, &[&issue]);
    assert_eq!((&told["issue"], &told["task"]), (&issue.clone().into(), &task.clone().into()));
    assert_eq!((&told["linked"], &told["vibe_project"]), (&true.into(), &vibe.into()));
    assert!(next(&told).contains("does nothing"), "{told:#?}");
    for field in told["fields"].as_array().unwrap() {
        assert_eq!(field["since"], "agreed", "{told:#?}");
    }
    assert_eq!(told["changes"][0]["kind"], "new", "{told:#?}");
    for name in [issue.to_lowercase(), task.clone(), task.to_uppercase()] {
        assert_eq!(explain(&rig, &[&name])["fields"], told["fields"], "{name}");
    }
}

#[test]
fn conflicts_are_named() {
    let (rig, _, issue, task) = pair();
    rig.world.huly.edit_title(&issue, "Huly's");
    rig.world.vibe.edit_title(&task, "Vibe's");
    rig.sync_well();
    let told = explain(&rig, &[&issue]);
    assert_eq!(told["conflicts"][0]["id"], rig.losers()[0]["id"]);
    assert_eq!(told["conflicts"][0]["field"], "title");
}

#[test]
fn a_pair_that_waits_says_why_and_how_often() {
    let (rig, _, issue, task) = pair();
    rig.world.huly.edit_title(&issue, "Edited");
    rig.world.vibe.fault(When::on("PUT", "/api/tasks/"), Fault::status(503));
    for _ in 0..2 {
        rig.sync();
    }
    let told = explain(&rig, &[&task]);
    assert_eq!(told["pending"][0]["tries"], 2, "{told:#?}");
    assert!(next(&told).contains("2 passes in a row"), "{told:#?}");
    let fields = told["fields"].as_array().unwrap();
    let title = fields.iter().find(|field| field["field"] == "title").unwrap();
    assert_eq!(title["huly"]["base"], "Title");
    rig.world.vibe.clear_faults();
    let asked = explain(&rig, &[&issue, "--ask"]);
    assert_eq!(asked["plan"][0]["to"], "Edited", "{asked:#?}");
}

#[test]
fn a_closed_direction_is_told() {
    let (mut rig, _, issue, task) = pair();
    rig.set("HULY_VIBE_SYNC_SYNC_DIRECTION", "huly-to-vibe");
    rig.sync_well();
    rig.world.vibe.edit_title(&task, "Edited");
    rig.sync_well();
    let told = explain(&rig, &[&issue]);
    assert!(next(&told).contains("sync.direction"), "{told:#?}");
}

#[test]
fn the_half_that_is_left_of_a_deletion_says_what_it_waits_for() {
    let (rig, _, issue, task) = pair();
    rig.world.vibe.delete_task(&task);
    rig.sync_well();
    let told = explain(&rig, &[&issue]);
    assert!(next(&told).contains("until it is edited in huly"), "{told:#?}");
    assert!(next(&explain(&rig, &[&task])).contains("it was gone"));
}

#[test]
fn a_forgotten_pair_says_so_of_both_halves() {
    let (rig, _, issue, task) = pair();
    assert_eq!(rig.run(&["forget", &issue]).exit, 0);
    for name in [&issue, &task] {
        let told = explain(&rig, &[name]);
        assert!(next(&told).contains("ended by hand"), "{told:#?}");
        assert_eq!(told["next"].as_array().unwrap().len(), 1, "{told:#?}");
    }
}

#[test]
fn what_is_not_known_is_asked_for_on_demand() {
    let (rig, vibe, _, _) = pair();
    let issue = rig.world.huly.add_issue("PROJ", "New", "", "Todo");
    let task = rig.world.vibe.add_task(&vibe, "New task", "", "todo");
    for name in [&issue, &task] {
        let ran = rig.run(&["explain", name]);
        assert_eq!(ran.exit, 2, "{ran:#?}");
        assert!(ran.stderr.contains("--ask"), "{ran:#?}");
        let told = explain(&rig, &[name, "--ask"]);
        assert_eq!(told["plan"][0]["op"], "create", "{told:#?}");
    }
    let ran = rig.run(&["explain", "PROJ-99", "--ask"]);
    assert_eq!(ran.exit, 2, "{ran:#?}");
    for name in ["PROJ", "proj"] {
        let ran = rig.run(&["explain", name]);
        assert_eq!(ran.exit, 2, "{ran:#?}");
        assert!(ran.stderr.contains("PROJ is a project") && ran.stderr.contains("`stats`"));
    }
    assert_eq!(Rig::new().run(&["explain", "PROJ-1"]).exit, 2);
}

#[test]
fn it_needs_no_system_unless_it_is_asked_for() {
    let (rig, _, issue, _) = pair();
    rig.world.huly.fault(calls::projects(), Fault::status(503));
    let mark = rig.world.mark();
    explain(&rig, &[&issue]);
    assert!(rig.world.log_since(mark).is_empty());
}

#[test]
fn people_get_lines_and_programs_everything() {
    let (rig, _, issue, task) = pair();
    let output = rig.command(&["explain", &issue]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with(&format!("{issue} = {task}\n")), "{text}");
    assert!(text.contains("title: as agreed; huly \"Title\""), "{text}");
    assert!(text.contains("the next pass does nothing"), "{text}");
}
