//! Tombstones: neither half of a proven deletion lives again until a person edits the survivor.

use crate::huly::Texts;
use crate::model::Side;
use crate::store;
use crate::store::pending::Reason;
use crate::store::tombstones::Tombstone;
use crate::sync::desk::Desk;
use crate::sync::evidence::{self, Evidence};
use crate::sync::item::Item;
use crate::sync::plan::{self, Plan, small};
use crate::sync::stage::{self, SETTLED, TAKEN};
use crate::sync::staged::Staged;
use crate::sync::trouble::Result;

use super::held_back;

/// The tombstones that name an item.
pub(super) fn about(
    desk: &Desk<'_>,
    plan: &Plan,
    side: Side,
    item: &str,
) -> Result<Vec<Tombstone>> {
    if !plan.has_stones {
        return Ok(Vec::new());
    }
    let id = desk.project.id;
    Ok(desk.pass.store.read(|state| store::tombstones::about(state, id, side, item))?)
}

/// Whether a tombstone holds for the item; one whose survivor was edited holds no more.
pub(super) fn bury(
    desk: &mut Desk<'_>,
    plan: &mut Plan,
    side: Side,
    slot: usize,
    item: &Staged,
) -> Result<bool> {
    let is_about = |stone: &&Tombstone| {
        side == Side::Vibe || stone.created == item.created || item.created.is_none()
    };
    // Of a pair that a person ended both halves survive: each has the tombstone of the other.
    let stones = about(desk, plan, side, &item.name)?;
    let about = stones.iter().filter(is_about);
    let Some(stone) = about.max_by_key(|stone| stone.gone != side) else { return Ok(false) };
    let (survives, stone_id) = (stone.gone != side, stone.id);
    let print = plan::print(&item.title, item.status.as_deref(), item.text);
    let edited = survives && print != stone.print && item.text.is_some();
    if edited && is_doubtful(desk, plan, item)? {
        desk.stage.set(side, slot, TAKEN);
        return Ok(true);
    }
    desk.stage.set(side, slot, TAKEN);
    if !edited || !desk.may_create(side.other()) {
        desk.stage.set(side, slot, SETTLED);
        if side == Side::Huly {
            let row = plan.row_of(stage::key(&item.name));
            plan.items.push(Item::Known { row, issue: small(slot) });
        }
        return Ok(true);
    }
    if held_back(desk, &item.name, print) {
        return Ok(true);
    }
    let stone = stone_id;
    plan.items.push(match side {
        Side::Vibe => Item::NewIssue { task: small(slot), stone },
        Side::Huly => {
            let row = plan.row_of(stage::key(&item.name));
            Item::NewTask { row, issue: small(slot), stone }
        }
    });
    Ok(true)
}

/// Whether what looks like an edit of a survivor may be no more than a value that this Huly does
/// not give right now.
fn is_doubtful(desk: &mut Desk<'_>, plan: &Plan, item: &Staged) -> Result<bool> {
    if item.status.is_none() {
        let message = "its status is not known in this pass".to_owned();
        desk.mark(&item.name, Reason::Moved, None, message);
        return Ok(true);
    }
    if item.side == Side::Vibe || desk.abilities().texts == Texts::ByReference {
        return Ok(false);
    }
    let row = plan.row_of(stage::key(&item.name));
    let Some(row) = desk.pass.store.read(|state| store::issues::get(state, row))? else {
        return Ok(false);
    };
    let evidence = Evidence {
        base: row.text,
        seen: row.text,
        now: item.text,
        other: row.text,
        before: row.modified,
        modified: item.modified,
        tries: desk.tries(&item.name, Reason::Blank),
        others: desk.others,
    };
    if evidence::is_believed(evidence) {
        return Ok(false);
    }
    let message = "its description reads blank; it is read again before that is believed";
    desk.mark(&item.name, Reason::Blank, None, message.to_owned());
    Ok(true)
}
