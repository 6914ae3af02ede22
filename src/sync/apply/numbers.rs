//! Numbers that are given out again: the bridge does so with that of a deleted last issue.

use crate::model::Side;
use crate::report::Mode;
use crate::store;

use super::super::desk::Desk;
use super::super::item::Item;
use super::super::plan::{self, Plan};
use super::super::staged::Staged;
use super::super::trouble::{Result, Trouble};
use super::target;

/// Before anything is sent: frees the identifiers of unlinked issues that are gone, and where new
/// issues are to be made, makes sure that the last one is still there. An incremental list does not
/// tell, and the new issue would get its number.
pub(super) fn check(desk: &Desk<'_>, plan: &Plan) -> Result<()> {
    let forgotten: Vec<i64> = plan
        .items
        .iter()
        .filter_map(|item| if let Item::Forget { row } = item { Some(*row) } else { None })
        .collect();
    if !forgotten.is_empty() {
        // Here and nowhere else: once they are gone, new rows may get their row ids.
        desk.pass.store.write(|state| {
            forgotten.iter().try_for_each(|&row| store::issues::remove(state, row))
        })?;
    }
    let makes_issues = plan.items.iter().any(|item| matches!(item, Item::NewIssue { .. }));
    if !makes_issues || desk.mode == Mode::Full || !desk.abilities().identifiers_return {
        return Ok(());
    }
    let id = desk.project.id;
    let Some(last) = desk.pass.store.read(|state| store::issues::last(state, id))? else {
        return Ok(());
    };
    if desk.stage.find(Side::Huly, &last).is_none()
        && let Some(Ok(None)) = target::issues(desk, &[&last])?.get(&last)
    {
        return Err(Trouble::NeedsFull);
    }
    Ok(())
}

/// The row that the pair of a found issue goes to: its own, where it is known and has no other half (0: a
/// new one). `None`: another pair has that number.
pub(super) fn row_for(desk: &Desk<'_>, issue: &Staged) -> Result<Option<i64>> {
    if !desk.has_rows {
        return Ok(Some(0));
    }
    let id = desk.project.id;
    let known =
        desk.pass.store.read(|state| store::issues::by_identifier(state, id, &issue.name))?;
    Ok(match known {
        None => Some(0),
        Some(row) if row.link.is_none() && plan::is_same_issue(&row, issue) => Some(row.id),
        Some(_) => None,
    })
}

/// Whether the state knows another issue by this identifier whose pair has not ended yet.
pub(in crate::sync) fn is_taken(desk: &Desk<'_>, identifier: &str, row: i64) -> Result<bool> {
    if !desk.has_rows {
        return Ok(false);
    }
    let id = desk.project.id;
    let known =
        desk.pass.store.read(|state| store::issues::by_identifier(state, id, identifier))?;
    Ok(known.is_some_and(|known| known.id != row))
}
