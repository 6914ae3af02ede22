//! What did not change costs nothing, and what changed costs little.

use super::{LABELS, Told, counts, issues, lines};
use crate::support::{Fault, Stamp, When};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// 63
#[test]
fn nothing_changed_is_no_request_at_all() {
    let told = Told::new();
    told.projects(4);
    told.sync_well();
    // Not even a health check would be heard.
    told.letta.go_offline();
    told.assert_quiet();
    assert!(told.sync_well().is_empty());
    told.rig.run(&["sync", "--full"]);
    told.assert_quiet();
}

#[test]
fn one_status_is_four_writes_at_the_most_to_that_projects_agent_alone() {
    let told = Told::new();
    told.projects(3);
    told.sync_well();
    let issue = &told.rig.world.huly.issues("P1")[0].identifier;
    told.rig.world.huly.edit_status(issue, "In Progress");
    // The version is asked for once.
    let asked = told.sync_well();
    let writes: Vec<_> = asked.iter().filter(|entry| entry.is_write).collect();
    assert!((1..=4).contains(&writes.len()), "{asked:#?}");
    assert_eq!(asked.len(), writes.len() + 1, "{asked:#?}");
    told.rig.world.huly.edit_status(issue, "Done");
    let asked = told.sync_well();
    assert!((1..=4).contains(&asked.len()), "{asked:#?}");
    let agent = told.letta.agent_of("P1");
    for entry in &asked {
        let block = agent.blocks.iter().any(|block| entry.path.contains(&block.id));
        assert!(entry.method == "PATCH" && (block || entry.path.contains(&agent.id)), "{entry}");
    }
    assert_eq!(agent.told("board_metrics")["completion_percent"], 100);
    told.assert_quiet();
}

#[test]
fn one_block_that_changed_is_one_request() {
    let told = Told::synced(2);
    told.rig.world.huly.add_issue("PROJ", "x", "", "Todo");
    told.sync_well();
    let asked = told.push_with(&[("HULY_VIBE_SYNC_CONFLICT_TITLE", "vibe")]);
    assert_eq!(lines(&asked), ["PATCH /v1/agents/ID/core-memory/blocks/board_config"]);
    let config = told.letta.agent_of("PROJ").told("board_config");
    assert_eq!(config["conflicts_won_by"]["title"], "vibe");
}

#[test]
fn what_ages_is_told_when_it_crosses_the_line_and_not_day_by_day() {
    let told = Told::new();
    told.rig.project();
    let huly = &told.rig.world.huly;
    let now = huly.now_ms();
    for (title, days) in [("old", 8), ("new", 6)] {
        let issue = huly.add_issue("PROJ", title, "", "In Progress");
        huly.set_times(&issue, Stamp::At(now - 9 * DAY), Stamp::At(now - days * DAY));
    }
    told.sync_well();
    let hotspots = told.letta.agent_of("PROJ").told("hotspots");
    let long = &hotspots["in_progress_for_over_7_days"];
    assert_eq!(issues(long), ["PROJ-1"]);
    let date = long[0]["since"].as_str().unwrap();
    assert_eq!(date.len(), "2026-11-23".len());
    told.assert_quiet();
    // The other one crosses the line.
    told.rig.tamper("UPDATE issues SET status_since = status_since - 2 * 86400000");
    told.rig.tamper("UPDATE agents SET until_ms = until_ms - 2 * 86400000");
    assert_eq!(told.push_well(&[]).len(), 2, "the version, and one block");
    let hotspots = told.letta.agent_of("PROJ").told("hotspots");
    assert_eq!(issues(&hotspots["in_progress_for_over_7_days"]).len(), 2);
    told.assert_quiet();
}

#[test]
fn verify_finds_what_drifted_in_one_listing_and_repairs_it() {
    let told = Told::new();
    told.projects(4);
    told.sync_well();
    assert_eq!(lines(&told.push_well(&["--verify"])), ["GET /v1/agents/"]);
    let [a, b, c, d] = ["P0", "P1", "P2", "P3"].map(|project| told.letta.agent_of(project));
    told.letta.edit_block(&a.id, "hotspots", "nothing to see");
    told.letta.edit_block(&a.id, "scratchpad", "my note");
    told.letta.detach(&b.id, "project");
    told.letta.delete_block(&b.id, "change_log");
    told.letta.delete_agent(&c.id);
    told.letta.set_tags(&d.id, &["mine"]);
    told.assert_quiet();
    let asked = told.push_well(&["--verify"]);
    let listings = lines(&asked).iter().filter(|line| *line == "GET /v1/agents/").count();
    assert_eq!(listings, 1, "{asked:#?}");
    let a = told.letta.agent_of("P0");
    a.told("hotspots");
    assert_eq!(a.block("scratchpad").value, "my note", "it is the agent's own");
    let repaired = told.letta.agent_of("P1");
    assert_eq!(repaired.block("project").id, b.block("project").id, "it was found by its tags");
    assert_ne!(repaired.block("change_log").id, b.block("change_log").id);
    assert!(repaired.block("change_log").read_only);
    assert_ne!(told.letta.agent_of("P2").id, c.id);
    let d = told.letta.agent_of("P3");
    assert_eq!(d.tags, ["mine", "huly-vibe-sync", "project:P3"]);
    for project in ["P0", "P1", "P2", "P3"] {
        let agent = told.letta.agent_of(project);
        for label in LABELS {
            agent.told(label);
        }
    }
    assert_eq!(lines(&told.push_well(&["--verify"])), ["GET /v1/agents/"]);
}

#[test]
fn force_writes_all_and_makes_nothing() {
    let told = Told::synced(1);
    let before = told.letta.agents();
    let mark = told.rig.world.mark();
    let ran = told.push(&["--force"]);
    assert_eq!((ran.exit, counts(&ran, "PROJ")), (0, [6, 0, 0]), "{ran:#?}");
    let asked = told.asked_since(mark);
    assert_eq!(asked.iter().filter(|entry| entry.method == "PATCH").count(), 6);
    assert_eq!(told.letta.agents(), before);
}

#[test]
fn a_dry_run_tells_and_writes_nothing() {
    let told = Told::new();
    told.projects(2);
    told.rig.run(&["sync", "--no-letta"]);
    let state = std::fs::read(told.rig.state()).unwrap();
    let mark = told.rig.world.mark();
    let ran = told.push(&["--dry-run"]);
    assert_eq!(ran.exit, 0, "{ran:#?}");
    let plan = ran.json["plan"].as_array().unwrap();
    assert_eq!(plan.len(), 2, "{plan:#?}");
    assert_eq!((&plan[0]["op"], &plan[0]["side"]), (&"create-agent".into(), &"letta".into()));
    assert_eq!(lines(&told.asked_since(mark)), ["GET /v1/agents/"]);
    assert_eq!(std::fs::read(told.rig.state()).unwrap(), state);
    told.push_well(&[]);
    told.rig.world.huly.add_issue("P0", "x", "", "Todo");
    told.rig.run(&["sync", "--no-letta"]);
    let ran = told.push(&["--dry-run"]);
    let items: Vec<_> = ran.json["plan"].as_array().unwrap().iter().map(|op| &op["item"]).collect();
    assert_eq!(items, ["board_metrics", "backlog_summary", "change_log"], "{ran:#?}");
    let mark = told.rig.world.mark();
    assert_eq!(told.rig.run(&["sync", "--dry-run"]).exit, 0);
    assert!(told.asked_since(mark).is_empty());
}

#[test]
fn what_a_pass_did_not_reach_is_not_told() {
    let told = Told::new();
    told.projects(3);
    let when = When::on("GET", "/api/tasks").nth(2);
    told.rig.world.vibe.fault(when, Fault::status(500));
    told.rig.world.vibe.fault(When::on("GET", "/api/tasks").nth(3), Fault::status(500));
    told.rig.world.vibe.fault(When::on("GET", "/api/tasks").nth(4), Fault::status(500));
    told.rig.world.vibe.fault(When::on("GET", "/api/tasks").nth(5), Fault::status(500));
    let ran = told.rig.sync();
    assert_eq!(ran.exit, 3, "{ran:#?}");
    assert_eq!(told.letta.agents().len(), 2);
    told.sync_well();
    assert_eq!(told.letta.agents().len(), 3);
}

#[test]
fn only_the_projects_that_were_asked_for_are_told_of() {
    let told = Told::new();
    told.projects(3);
    told.rig.run(&["sync", "--no-letta"]);
    assert!(told.letta.agents().is_empty());
    told.push_well(&["--project", "P1"]);
    assert_eq!(told.letta.agents().len(), 1);
    let [even, odd] = ["0/2", "1/2"].map(|shard| told.push_well(&["--shard", shard]).len());
    assert_eq!(told.letta.agents().len(), 3, "{even} {odd}");
    let ran = told.push(&["--project", "X*"]);
    assert_eq!(ran.exit, 2, "{ran:#?}");
}
