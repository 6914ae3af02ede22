//! One agent a project, whatever was there before.

use super::{LABELS, Told, counts, lines};
use crate::support::LettaVersion;

#[test]
fn a_first_push_takes_one_listing_and_one_request_a_project() {
    let told = Told::new();
    told.projects(5);
    let asked = told.sync_well();
    let mut wanted = vec!["GET /v1/agents/"];
    wanted.extend(["POST /v1/agents/"; 5]);
    assert_eq!(lines(&asked), wanted);
    let agents = told.letta.agents();
    assert_eq!(agents.len(), 5);
    let agent = told.letta.agent_of("P3");
    assert_eq!(agent.name, "Huly - Project 3");
    assert_eq!(agent.tags, ["huly-vibe-sync", "project:P3"]);
    for label in LABELS {
        let block = agent.block(label);
        assert!(block.read_only && block.description.is_some(), "{block:#?}");
        assert_eq!(block.tags, agent.tags);
    }
    for label in ["persona", "scratchpad"] {
        assert!(!agent.block(label).read_only);
    }
    told.assert_quiet();
}

#[test]
fn names_follow_the_rule_of_letta() {
    let told = Told::new();
    told.rig.world.huly.add_project("ODD", "pm: α/β 💥 (v1.2)");
    told.rig.world.vibe.add_project("pm: α/β 💥 (v1.2)");
    told.sync_well();
    assert_eq!(told.letta.agent_of("ODD").name, "Huly - pm α β v1 2");
}

#[test]
fn the_agents_of_the_earlier_service_are_adopted() {
    let told = Told::new();
    told.projects(2);
    let tags = ["huly-vibe-sync", "project:P0"];
    let old = [("project", "{}"), ("board_metrics", "{\"total\":3}"), ("persona", "I am old.")];
    let id = told.letta.add_agent("Huly - Project 0", &tags, &old);
    told.sync_well();
    let agent = told.letta.agent_of("P0");
    assert_eq!(agent.id, id);
    assert_eq!(agent.told("board_metrics")["issues"], 1);
    assert_eq!(agent.block("persona").value, "I am old.");
    for label in LABELS {
        agent.told(label);
    }
    assert_eq!(told.letta.agents().len(), 2);
    told.assert_quiet();
}

/// 58
#[test]
fn agents_of_the_same_name_for_another_project_are_left_alone() {
    let told = Told::new();
    told.projects(2);
    let name = "Huly - Project 0";
    let foreign = told.letta.add_agent(name, &["project:P0"], &[("project", "theirs")]);
    let other = told.letta.add_agent(name, &["huly-vibe-sync", "project:P1"], &[]);
    told.letta.add_agent(name, &["huly-vibe-sync", "project:P0", "project:P9"], &[]);
    told.sync_well();
    let agents = told.letta.agents();
    assert_eq!(agents.len(), 4, "{agents:#?}");
    assert_eq!(agents[0].block("project").value, "theirs");
    assert_eq!(agents[0].id, foreign);
    assert_eq!(told.letta.agent_of("P1").id, other);
    assert_eq!(agents[3].tags, ["huly-vibe-sync", "project:P0"]);
    told.assert_quiet();
}

/// 57
#[test]
fn a_proxy_that_strips_the_query_makes_no_new_agents() {
    let told = Told::new();
    told.projects(3);
    told.sync_well();
    told.letta.loses_queries(true);
    told.rig.lose_state();
    told.sync_well();
    assert_eq!(told.letta.agents().len(), 3, "{:#?}", told.letta.agents());
    told.assert_quiet();
    // Beside many others none of ours is on the first page, which is all that is ever seen.
    for number in 0..60 {
        told.letta.add_agent(&format!("Somebody's {number}"), &[], &[]);
    }
    told.rig.lose_state();
    let ran = told.rig.sync();
    assert_eq!(ran.exit, 3, "{ran:#?}");
    assert_eq!(told.letta.agents().len(), 63);
    assert!(ran.stderr.contains("a part of its agents"), "{}", ran.stderr);
    // And where it is heard again, all is well.
    told.letta.loses_queries(false);
    told.sync_well();
    assert_eq!(told.letta.agents().len(), 63);
}

/// 62
#[test]
fn agents_beyond_the_first_page_are_found() {
    let told = Told::new();
    told.projects(1);
    told.sync_well();
    for number in 0..230 {
        let tag = format!("project:X{number}");
        told.letta.add_agent(&format!("Huly - X{number}"), &["huly-vibe-sync", &tag], &[]);
    }
    told.rig.lose_state();
    let asked = told.sync_well();
    assert_eq!(lines(&asked)[..3], ["GET /v1/agents/"; 3]);
    assert!(lines(&asked)[3] != "GET /v1/agents/", "{asked:#?}");
    assert_eq!(told.letta.agents().len(), 231);
}

#[test]
fn a_state_that_is_lost_costs_no_second_agent_and_no_write() {
    let told = Told::synced(3);
    let before = told.letta.agents();
    told.rig.lose_state();
    let asked = told.sync_well();
    // The history is of the state: it is told anew.
    assert_eq!(lines(&asked)[0], "GET /v1/agents/");
    assert!(asked.len() <= 3, "{asked:#?}");
    assert_eq!(told.letta.agents().len(), before.len());
    told.assert_quiet();
}

#[test]
fn an_agent_that_was_deleted_is_made_anew() {
    let told = Told::synced(2);
    let old = told.letta.agent_of("PROJ");
    told.letta.delete_agent(&old.id);
    told.assert_quiet();
    told.rig.world.huly.add_issue("PROJ", "More", "", "Todo");
    told.sync_well();
    let new = told.letta.agent_of("PROJ");
    assert_ne!(new.id, old.id);
    assert_eq!(new.told("board_metrics")["issues"], 3);
    told.assert_quiet();
}

#[test]
fn a_deleted_agent_that_somebody_made_anew_is_found() {
    let told = Told::synced(1);
    told.letta.delete_agent(&told.letta.agent_of("PROJ").id);
    let tags = ["huly-vibe-sync", "project:PROJ"];
    let new = told.letta.add_agent("Whatever", &tags, &[("scratchpad", "mine")]);
    told.push_well(&["--verify"]);
    let agent = told.letta.agent_of("PROJ");
    assert_eq!((agent.id.as_str(), agent.blocks.len()), (new.as_str(), 7));
    told.assert_quiet();
}

#[test]
fn a_shared_block_is_replaced_and_not_patched() {
    let told = Told::new();
    told.projects(2);
    let shared = told.letta.add_block("board_config", "{\"common\":true}", 5000, &[]);
    for project in ["P0", "P1"] {
        let tags = ["huly-vibe-sync", &format!("project:{project}")];
        let id = told.letta.add_agent(&format!("Huly - {project}"), &tags, &[("mine", "note")]);
        told.letta.attach(&id, &shared);
    }
    told.sync_well();
    let [one, two] = ["P0", "P1"].map(|project| told.letta.agent_of(project));
    assert_ne!(one.block("board_config").id, two.block("board_config").id);
    assert_eq!(one.block("mine").value, "note");
    let common = told.letta.blocks().into_iter().find(|block| block.id == shared).unwrap();
    assert_eq!(common.value, "{\"common\":true}");
    told.assert_quiet();
}

#[test]
fn two_states_of_two_servers_are_not_confused() {
    let mut told = Told::synced(2);
    let first = told.letta.clone();
    told.letta = told.rig.world.start_letta(LettaVersion::V0_16_8);
    told.rig.set("LETTA_BASE_URL", &told.letta.url());
    told.push_well(&[]);
    assert_eq!((first.agents().len(), told.letta.agents().len()), (1, 1));
    told.assert_quiet();
}

#[test]
fn older_versions_are_written_by_label_so_that_the_prompt_is_renewed() {
    for (version, path) in [
        (LettaVersion::V0_16_8, "PATCH /v1/blocks/ID"),
        (LettaVersion::V0_16_6, "PATCH /v1/agents/ID/core-memory/blocks/backlog_summary"),
    ] {
        let told = Told::with(version);
        told.projects(1);
        told.sync_well();
        told.rig.world.huly.add_issue("P0", "Second", "", "Todo");
        let asked = told.sync_well();
        assert!(lines(&asked).iter().any(|line| line == path), "{asked:#?}");
        assert_eq!(lines(&asked)[0], "GET /v1/health/");
        let agent = told.letta.agent_of("P0");
        for label in LABELS {
            assert_eq!(told.letta.prompt(&agent.id, label), Some(agent.block(label).value.clone()));
        }
        // It is asked no second time.
        told.rig.world.huly.add_issue("P0", "Third", "", "Todo");
        let asked = told.sync_well();
        assert!(asked.iter().all(|entry| entry.method == "PATCH"), "{asked:#?}");
    }
}

/// 52
#[test]
fn many_projects_at_once_are_told_as_one_by_one() {
    let mut told = Told::new();
    told.rig.set("HULY_VIBE_SYNC_SYNC_JOBS", "6");
    told.projects(18);
    told.sync_well();
    assert_eq!(told.letta.agents().len(), 18);
    for number in 0..18 {
        let agent = told.letta.agent_of(&format!("P{number}"));
        assert_eq!(agent.told("project")["huly"]["identifier"], format!("P{number}"));
        told.rig.world.huly.add_issue(&format!("P{number}"), "Second", "", "Todo");
    }
    told.sync_well();
    for number in 0..18 {
        let agent = told.letta.agent_of(&format!("P{number}"));
        assert_eq!(agent.told("board_metrics")["issues"], 2);
    }
    told.assert_quiet();
}

#[test]
fn counts_are_told() {
    let told = Told::new();
    told.projects(1);
    let ran = told.rig.sync_well();
    assert_eq!(counts(&ran, "P0"), [6, 0, 0]);
    let traffic = &ran.json["http"]["letta"];
    assert_eq!((&traffic["requests"], &traffic["retries"]), (&2.into(), &0.into()));
    assert!(traffic["bytes"].as_u64().unwrap() > 1000);
    let ran = told.push(&[]);
    assert_eq!(counts(&ran, "P0"), [0, 6, 0]);
    assert_eq!(ran.json["http"]["letta"]["requests"], 0);
    assert_eq!(ran.json["command"], "letta-push");
}
