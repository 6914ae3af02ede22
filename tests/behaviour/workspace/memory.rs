//! What large texts take while they are converted.

use super::rig;
use crate::rig::{Ran, Rig};

/// The most that a pass over such texts takes, in bytes: three quarters of what `sync.max_memory` is by
/// default.
const MOST: u64 = 192 << 20;

fn peak(ran: &Ran) -> u64 {
    ran.json["peak_rss_bytes"].as_u64().unwrap()
}

/// A text is made, edited on either side, and read back, all within the bound.
fn assert_bounded(unit: &str, times: usize) {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    let text = unit.repeat(times);
    let task = rig.world.vibe.add_task(&vibe, "Large", &text, "todo");
    let made = rig.sync_well();
    rig.world.vibe.edit_description(&task, &format!("edited\n\n{text}"));
    let edited = rig.sync_well();
    let issue = rig.world.huly.issues("PROJ")[0].identifier.clone();
    rig.world.huly.edit_description(&issue, &format!("back\n\n{text}"));
    let read = rig.sync_well();
    let peaks = [&made, &edited, &read].map(peak);
    println!("{unit:?} * {times}: {:?} MiB", peaks.map(|bytes| bytes >> 20));
    assert!(peaks.iter().all(|peak| *peak < MOST), "{unit:?}: {peaks:?}");
}

/// Memory goes by nodes, and these are nearly as many as are taken.
#[test]
fn a_text_of_very_many_nodes_stays_within_bounds() {
    assert_bounded("- item with some words\n", 26_000);
}

#[test]
fn a_text_of_too_many_nodes_is_one_problem_and_ends_no_pass() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    rig.world.vibe.add_task(&vibe, "Large", &"- a\n".repeat(90_000), "todo");
    rig.world.vibe.add_task(&vibe, "Small", "text", "todo");

    let ran = rig.sync();

    let told = ran.project("PROJ")["errors"].to_string();
    assert!(ran.exit == 3 && told.contains("rich text of more than 80000 nodes"), "{ran:#?}");
    assert!(peak(&ran) < MOST, "{}", peak(&ran));
    assert_eq!(rig.world.huly.issues("PROJ").len(), 1);
    Rig::sync_well(&rig);
}
