//! The order in which new items are created.

use crate::rig::{Rig, backends};
use crate::support::VibeVersion::V0_0_71;

/// More than a batch.
const MANY: usize = 130;

#[test]
fn new_tasks_are_created_in_the_order_of_their_issues() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        for n in 1..=MANY {
            rig.world.huly.add_issue("PROJ", &format!("Issue {n}"), "", "Todo");
        }
        let in_order = |titles: Vec<String>| {
            let numbers: Vec<usize> = titles
                .iter()
                .map(|title| title.trim_start_matches("Issue ").parse().unwrap())
                .collect();
            assert!(numbers.is_sorted(), "{bridge:?}: {numbers:?}");
            assert_eq!(numbers.len(), MANY);
        };
        let dry = rig.run(&["sync", "--dry-run"]);
        let plan = dry.json["plan"].as_array().unwrap();
        in_order(plan.iter().map(|op| op["to"].as_str().unwrap().to_owned()).collect());

        rig.sync_well();

        in_order(rig.world.vibe.tasks(&vibe).into_iter().map(|task| task.title).collect());
    }
}

#[test]
fn new_issues_get_numbers_in_the_order_in_which_their_tasks_were_written() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let now = rig.world.vibe.now_ms();
        for n in 1..=MANY {
            // Not the order in which the server lists them.
            let n = (n * 37) % (MANY + 1);
            let id = rig.world.vibe.add_task(&vibe, &format!("{n}"), "", "todo");
            rig.world.vibe.set_created_at(&id, now - 1_000_000 + 1000 * i64::try_from(n).unwrap());
        }
        let dry = rig.run(&["sync", "--dry-run", "--allow-mass-create"]);
        let planned: Vec<usize> = dry.json["plan"]
            .as_array()
            .unwrap()
            .iter()
            .map(|op| op["to"].as_str().unwrap().parse().unwrap())
            .collect();
        assert!(planned.len() == MANY && planned.is_sorted(), "{bridge:?}: {planned:?}");

        rig.run(&["sync", "--allow-mass-create"]);

        let mut issues = rig.world.huly.issues("PROJ");
        issues.sort_by_key(|issue| issue.number);
        let written: Vec<usize> = issues.iter().map(|issue| issue.title.parse().unwrap()).collect();
        assert!(written.len() == MANY && written.is_sorted(), "{bridge:?}: {written:?}");
        rig.assert_quiet();
    }
}
