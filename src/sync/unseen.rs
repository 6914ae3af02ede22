//! Links that were taken over from another program, and that no pass has seen.
//!
//! They hold while both their items are there. One that leads nowhere proves no deletion: the other
//! program may have been wrong, so what is left of the pair finds its place by the markers.

use std::collections::HashSet;

use crate::model::Side;
use crate::report::Mode;
use crate::store;
use crate::store::issues::{Base, Link};

use super::desk::Desk;
use super::stage;
use super::trouble::Result;

/// Whether no pass of this program has seen the pair.
fn is_unseen(link: &Link) -> bool {
    let none = Base::default();
    link.task_created.is_none() && link.huly == none && link.vibe == none
}

/// Ends the links of that kind whose issue or task is not listed. Both lists were read to their end.
pub(super) fn drop_loose(desk: &mut Desk<'_>) -> Result<()> {
    if desk.project.success.is_some() || desk.mode != Mode::Full {
        return Ok(());
    }
    let id = desk.project.id;
    let known: [HashSet<u64>; 2] =
        [desk.known_huly.seen().collect(), desk.known_vibe.seen().collect()];
    let is_listed = |side: Side, name: &str| {
        let known = &known[usize::from(side == Side::Vibe)];
        desk.stage.find(side, name).is_some() || known.contains(&stage::key(name))
    };
    let mut loose = Vec::new();
    desk.pass.store.read(|state| {
        store::issues::scan(state, id, |row| {
            if let Some(link) = row.link.as_ref().filter(|link| is_unseen(link)) {
                let has_issue = is_listed(Side::Huly, &row.identifier);
                if !has_issue || !is_listed(Side::Vibe, &link.task) {
                    loose.push((row, has_issue));
                }
            }
            Ok(())
        })
    })?;
    if loose.is_empty() {
        return Ok(());
    }
    log::info!("{}: {} imported links lead nowhere", desk.project.identifier, loose.len());
    desk.pass.store.write(|state| {
        for (mut row, has_issue) in loose {
            if has_issue {
                row.link = None;
                store::issues::put(state, id, &row)?;
            } else {
                store::issues::remove(state, row.id)?;
            }
        }
        Ok(())
    })?;
    Ok(())
}
