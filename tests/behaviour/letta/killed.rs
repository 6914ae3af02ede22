//! Killed at each request, the next push makes it good: never two agents for one project.

use super::{LABELS, Told};
use crate::rig::Death;

/// No push of such a small world takes more requests.
const MOST: u64 = 80;

/// Kills the command at each request in turn, in a new world each time, until it is not killed.
fn sweep(death: Death, args: &[&str], make: impl Fn() -> Told, check: impl Fn(&Told)) {
    let args = [args, &["--json"]].concat();
    for k in 1..MOST {
        let told = make();
        let note = Note(k, death);
        let ended = told.rig.killed(&args, k, death);
        if let Some(ran) = &ended {
            assert_eq!(ran.exit, 0, "{ran:#?}");
        }
        // The first one may meet what the killed one left open on the other systems.
        told.rig.sync_well();
        told.rig.sync_well();
        check(&told);
        told.assert_quiet();
        std::mem::forget(note);
        if ended.is_some() {
            println!("{death:?}: {} requests", k - 1);
            return;
        }
    }
    panic!("it takes {MOST} requests and more");
}

/// Says which kill it was when a check fails.
struct Note(u64, Death);

impl Drop for Note {
    fn drop(&mut self) {
        eprintln!("failed after the kill at request {} ({:?})", self.0, self.1);
    }
}

fn check(told: &Told, projects: usize, issues: u64) {
    let agents = told.letta.agents();
    assert_eq!(agents.len(), projects, "{agents:#?}");
    for number in 0..projects {
        let agent = told.letta.agent_of(&format!("P{number}"));
        let mut labels: Vec<&str> = agent.blocks.iter().map(|block| block.label.as_str()).collect();
        labels.sort_unstable();
        labels.dedup();
        assert_eq!(labels.len(), 8, "{agent:#?}");
        for label in LABELS {
            agent.told(label);
        }
        assert_eq!(agent.told("board_metrics")["issues"], issues);
    }
}

fn first_push() -> Told {
    let told = Told::new();
    told.projects(3);
    told.rig.run(&["sync", "--no-letta"]);
    told
}

#[test]
fn a_first_push_is_killed_before_each_answer() {
    sweep(Death::Unanswered, &["letta-push"], first_push, |told| check(told, 3, 1));
}

#[test]
fn a_first_push_is_killed_after_each_answer() {
    sweep(Death::Answered, &["letta-push"], first_push, |told| check(told, 3, 1));
}

/// The sync and its push in one go.
#[test]
fn a_first_pass_is_killed_at_each_request() {
    let make = || {
        let told = Told::new();
        told.projects(1);
        told
    };
    for death in [Death::Unanswered, Death::Answered] {
        sweep(death, &["sync"], make, |told| check(told, 1, 1));
    }
}

/// Blocks to write, to put back, to replace, an agent to make anew.
fn repairs() -> Told {
    let told = Told::new();
    told.projects(3);
    told.sync_well();
    let shared = told.letta.agent_of("P1").block("hotspots").id.clone();
    let one = told.letta.agent_of("P0");
    told.letta.detach(&one.id, "project");
    told.letta.delete_block(&one.id, "change_log");
    told.letta.attach(&one.id, &shared);
    told.letta.delete_agent(&told.letta.agent_of("P2").id);
    for project in ["P0", "P1", "P2"] {
        told.rig.world.huly.add_issue(project, "Second", "", "Todo");
    }
    told.rig.run(&["sync", "--no-letta"]);
    told
}

fn check_repairs(told: &Told) {
    told.push_well(&["--verify"]);
    check(told, 3, 2);
    let [one, two] = ["P0", "P1"].map(|project| told.letta.agent_of(project));
    assert_ne!(one.block("hotspots").id, two.block("hotspots").id);
}

#[test]
fn a_push_that_repairs_is_killed_before_each_answer() {
    sweep(Death::Unanswered, &["letta-push", "--verify"], repairs, check_repairs);
}

#[test]
fn a_push_that_repairs_is_killed_after_each_answer() {
    sweep(Death::Answered, &["letta-push", "--verify"], repairs, check_repairs);
}
