//! What is remembered of items that are no more: tombstones whose survivor is gone too, and what was said
//! once of an item. Without this both would grow for ever.

use std::collections::HashSet;

use anyhow::Result;

use crate::model::Side;
use crate::report::Mode;
use crate::store::{said, tombstones};

use super::desk::Desk;
use super::stage::key;

/// What is said once of a task, by its id.
const OF_TASKS: [&str; 3] = ["surplus", "orphan", "read-only"];

/// What is said once of an issue, by its identifier.
const OF_ISSUES: [&str; 2] = ["not-kept", super::unkept::CUT];

/// In a pass that has seen both lists to their end, takes note which tombstones have lost their survivor
/// or have it back, and forgets what was said of items that are not there. A survivor may be listed
/// again (a project was archived, a backup put back), so a tombstone goes only a year later.
pub(super) fn note(desk: &Desk<'_>) -> Result<()> {
    if desk.mode != Mode::Full || desk.vibe_id.is_none() {
        return Ok(());
    }
    let (store, id) = (&desk.pass.store, desk.project.id);
    let (survivors, said) = store.read(|state| {
        let kinds: Vec<&'static str> = OF_TASKS.into_iter().chain(OF_ISSUES).collect();
        Ok((tombstones::survivors(state, id)?, said::of_items(state, id, &kinds)?))
    })?;
    if survivors.is_empty() && said.is_empty() {
        return Ok(());
    }
    let side_of = |kind| if OF_TASKS.contains(&kind) { Side::Vibe } else { Side::Huly };
    let mut missing: HashSet<(Side, u64)> = survivors
        .iter()
        .map(|survivor| (survivor.side, key(&survivor.item)))
        .chain(said.iter().map(|(kind, item)| (side_of(kind), key(item))))
        .collect();
    for (side, known) in [(Side::Huly, &desk.known_huly), (Side::Vibe, &desk.known_vibe)] {
        let staged = desk.stage.slots(side).iter().map(|slot| slot.key);
        for key in known.seen().chain(staged) {
            missing.remove(&(side, key));
        }
    }
    let is_missing = |side, item: &str| missing.contains(&(side, key(item)));
    let changed: Vec<_> = survivors
        .iter()
        .filter(|survivor| survivor.is_gone != is_missing(survivor.side, &survivor.item))
        .collect();
    let over: Vec<_> =
        said.iter().filter(|(kind, item)| is_missing(side_of(*kind), item)).collect();
    if changed.is_empty() && over.is_empty() {
        return Ok(());
    }
    store.write(|state| {
        for survivor in &changed {
            tombstones::note_survivor(state, survivor.stone, !survivor.is_gone)?;
        }
        over.iter().try_for_each(|(kind, item)| said::forget(state, id, kind, item))
    })
}
