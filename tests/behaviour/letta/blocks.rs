//! What the agents are told.

use serde_json::Value;

use super::{LABELS, Told, issues};
use crate::support::{Fault, When};

/// 60
#[test]
fn metrics_describe_the_board_after_the_sync() {
    let told = Told::new();
    let vibe = told.rig.project();
    told.rig.world.huly.add_issue("PROJ", "From Huly", "", "Todo");
    told.rig.world.vibe.add_task(&vibe, "From Vibe", "", "inprogress");
    told.sync_well();
    let metrics = told.letta.agent_of("PROJ").told("board_metrics");
    assert_eq!((&metrics["issues"], &metrics["with_task"]), (&2.into(), &2.into()), "{metrics}");
    assert_eq!(metrics["work_in_progress"], 1, "{metrics}");
    let task = &told.rig.world.vibe.tasks(&vibe)[0].id;
    told.rig.world.vibe.edit_status(task, "done");
    told.sync_well();
    let agent = told.letta.agent_of("PROJ");
    assert_eq!(agent.told("board_metrics")["by_meaning"]["done"], 1);
    let log = &agent.told("change_log")["newest_first"];
    assert_eq!((&log[0]["what"], &log[0]["made_in"]), (&"status".into(), &"Vibe Kanban".into()));
    assert_eq!((&log[0]["was"], &log[0]["now"]), (&"In Progress".into(), &"Done".into()), "{log}");
    told.assert_quiet();
}

#[test]
fn issues_without_a_task_are_counted() {
    let mut told = Told::new();
    told.rig.set("HULY_VIBE_SYNC_CREATION_VIBE", "false");
    told.rig.project();
    for number in 0..3 {
        told.rig.world.huly.add_issue("PROJ", &format!("x{number}"), "", "Done");
    }
    told.sync_well();
    let agent = told.letta.agent_of("PROJ");
    let metrics = agent.told("board_metrics");
    assert_eq!((&metrics["issues"], &metrics["with_task"]), (&3.into(), &0.into()));
    assert_eq!(metrics["completion_percent"], 100);
    assert_eq!(agent.told("board_config")["creates"]["tasks"], false);
}

#[test]
fn hotspots_and_backlog_name_what_matters() {
    let told = Told::new();
    told.rig.project();
    let huly = &told.rig.world.huly;
    huly.add_issue("PROJ", "Deploy is BLOCKED by the vendor", "", "In Progress");
    let urgent = huly.add_issue("PROJ", "Fix the login", "", "Todo");
    huly.edit_priority(&urgent, "Urgent");
    huly.add_issue("PROJ", "Some day", "", "Backlog");
    huly.add_issue("PROJ", "Was blocked", "", "Done");
    told.sync_well();
    let agent = told.letta.agent_of("PROJ");
    let hotspots = agent.told("hotspots");
    assert_eq!(issues(&hotspots["blocked"]), ["PROJ-1"]);
    assert_eq!(issues(&hotspots["important_and_not_begun"]), ["PROJ-2"]);
    let backlog = agent.told("backlog_summary");
    assert_eq!((&backlog["issues"], &backlog["by_priority"]["Urgent"]), (&2.into(), &1.into()));
    assert_eq!(issues(&backlog["first"]), ["PROJ-2", "PROJ-3"]);
}

#[test]
fn conflicts_are_in_the_change_log() {
    let told = Told::new();
    let vibe = told.rig.project();
    let (issue, task) = told.rig.linked(&vibe, "Title", "", "Todo");
    told.rig.world.huly.edit_title(&issue, "Huly's title");
    told.rig.world.vibe.edit_title(&task, "Vibe's title");
    told.sync_well();
    let agent = told.letta.agent_of("PROJ");
    let log = agent.told("change_log")["newest_first"].clone();
    let conflict = log.as_array().unwrap().iter().find(|line| line["what"] == "conflict").unwrap();
    assert_eq!((&conflict["field"], &conflict["won_by"]), (&"title".into(), &"Huly".into()));
    assert!(!agent.block("change_log").value.contains("Vibe's title"), "what lost is not told");
}

#[test]
fn a_status_is_told_with_the_one_that_both_sides_had_before() {
    let told = Told::new();
    let vibe = told.rig.project();
    let (issue, task) = told.rig.linked(&vibe, "Title", "", "Todo");
    told.rig.world.huly.edit_status(&issue, "In Progress");
    told.sync_well();
    // Both move on; Huly's wins, and what lost is not told.
    told.rig.world.huly.edit_status(&issue, "Done");
    told.rig.world.vibe.edit_status(&task, "inreview");
    told.sync_well();
    let log = told.letta.agent_of("PROJ").told("change_log")["newest_first"].clone();
    let mut moves = log.as_array().unwrap().clone();
    moves.retain(|line| line["what"] == "status");
    let steps: Vec<_> = moves.iter().map(|line| (&line["was"], &line["now"])).collect();
    let step = |was: &str, now: &str| (was.into(), now.into());
    let wanted: [(Value, Value); 2] = [step("inprogress", "done"), step("todo", "inprogress")];
    assert_eq!(steps, wanted.iter().map(|(was, now)| (was, now)).collect::<Vec<_>>(), "{log}");
    told.assert_quiet();
}

/// 59
#[test]
fn a_block_is_cut_at_the_limit_that_it_really_has() {
    let told = Told::new();
    told.rig.project();
    for number in 0..30 {
        told.rig.world.huly.add_issue("PROJ", &format!("Größe \"{number}\" 💥"), "", "Todo");
    }
    let tags = ["huly-vibe-sync", "project:PROJ"];
    let agent = told.letta.add_agent("Huly - Project", &tags, &[]);
    for label in LABELS {
        let block = told.letta.add_block(label, "", 300, &tags);
        told.letta.attach(&agent, &block);
    }
    told.sync_well();
    let agent = told.letta.agent_of("PROJ");
    for label in LABELS {
        let value = &agent.block(label).value;
        assert!(value.chars().count() <= 300, "{value}");
        agent.told(label);
    }
    let backlog = agent.told("backlog_summary");
    assert_eq!(
        (&backlog["issues"], &backlog["cut"]),
        (&30.into(), &"to fit 300 characters".into())
    );
    told.assert_quiet();
}

/// 59
#[test]
fn a_block_that_is_refused_is_a_visible_failure_and_tried_again() {
    let told = Told::synced(1);
    told.rig.world.huly.add_issue("PROJ", "More", "", "Todo");
    let refused = When::on("PATCH", "").body("by_priority");
    let refused = told.letta.fault(refused, Fault::status(422));
    let ran = told.rig.sync();
    assert_eq!(ran.exit, 3, "{ran:#?}");
    let blocks = &ran.project("PROJ")["blocks"];
    assert_eq!((&blocks["written"], &blocks["failed"]), (&2.into(), &1.into()), "{blocks}");
    assert!(ran.stderr.contains("backlog_summary: letta PATCH"), "{}", ran.stderr);
    assert_eq!(ran.project("PROJ")["outcome"], "ok", "the sync went well");
    told.letta.lift_fault(refused);
    let asked = told.push_well(&[]);
    assert_eq!(asked.len(), 1, "{asked:#?}");
    assert_eq!(told.letta.agent_of("PROJ").told("backlog_summary")["issues"], 2);
    told.assert_quiet();
}

/// 26
#[test]
fn a_project_with_a_refused_item_is_told_of_all_the_same() {
    let told = Told::new();
    told.rig.project();
    told.rig.world.huly.add_issue("PROJ", "good", "", "Todo");
    told.rig.world.huly.add_issue("PROJ", "bad one", "", "Todo");
    told.rig.world.vibe.fault(When::on("POST", "/api/tasks").body("bad one"), Fault::status(422));
    let ran = told.rig.sync();
    assert_eq!(ran.exit, 3, "{ran:#?}");
    assert_eq!(ran.project("PROJ")["outcome"], "partial");
    assert_eq!(told.letta.agent_of("PROJ").told("board_metrics")["issues"], 2);
}
