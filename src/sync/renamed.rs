//! Issues that got another number, or another prefix: the backend's own id tells that it is still the same
//! issue. Its row and all that is stored under the old identifier follow, and so does the marker in its
//! task, since a state that is lost finds the pair again by that alone.

use crate::http::{self, Error, Kind};
use crate::model::Side;
use crate::report::Mode;
use crate::store;
use crate::store::pending::Reason;
use crate::store::renames::{self, Rename};
use crate::vibe::TaskWrite;

use super::desk::Desk;
use super::marker::{self, Marker, Own};
use super::stage::{DOUBLE, MARKED, key};
use super::trouble::{Result, Trouble};

/// A linked task whose marker names a number that no issue has any more.
struct Outdated {
    issue: String,
    task: String,
}

/// Follows the issues that were listed under another identifier than the stored one.
///
/// # Errors
/// `NeedsFull` where an issue has the number of one that was not listed.
pub(super) fn follow(desk: &mut Desk<'_>) -> Result<()> {
    let id = desk.project.id;
    if !desk.pass.store.read(|state| renames::are_any(state, id))? {
        return Ok(());
    }
    let found = find(desk)?;
    if !found.is_empty() {
        let meet = desk.pass.store.read(|state| renames::meet_others(state, id, &found))?;
        if meet && desk.mode == Mode::Incremental {
            return Err(Trouble::NeedsFull);
        }
        (desk.pending, desk.outbox) = desk.pass.store.write(|state| {
            renames::carry_out(state, id, &found)?;
            // Should this be the last that this pass does, the next one looks at the markers.
            store::projects::set_dirty(state, id, true)?;
            Ok((store::pending::of(state, id)?, store::outbox::of(state, id)?))
        })?;
        desk.project.dirty = true;
    }
    for rename in &found {
        log::info!("{} is {} now", rename.from, rename.to);
    }
    if desk.pass.dry_run || !desk.may_write(Side::Vibe) {
        return Ok(());
    }
    let mut away = None;
    for outdated in outdated(desk, &found)? {
        desk.touch(Side::Vibe, key(&outdated.task));
        let error = match &away {
            Some(away) => Some(Error::clone(away)),
            None => update_marker(desk, &outdated).err(),
        };
        let Some(error) = error else { continue };
        desk.mark(&outdated.issue, Reason::Failed, None, error.to_string());
        match error.kind {
            Kind::Offline | Kind::Throttled => away = Some(error),
            kind if kind.ends_all() => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

fn find(desk: &Desk<'_>) -> Result<Vec<Rename>> {
    let id = desk.project.id;
    let mut found = Vec::new();
    for slot in 0..desk.stage.slots(Side::Huly).len() {
        if desk.stage.has(Side::Huly, slot, DOUBLE) {
            continue;
        }
        let issue = desk.stage.get(Side::Huly, slot)?;
        let Some(remote_id) = &issue.remote_id else { continue };
        found.extend(
            desk.pass.store.read(|state| renames::find(state, id, remote_id, &issue.name))?,
        );
    }
    Ok(found)
}

/// Tasks of issues that were renamed just now, and those that an earlier pass did not come to.
fn outdated(desk: &Desk<'_>, renames: &[Rename]) -> Result<Vec<Outdated>> {
    let id = desk.project.id;
    let mut outdated = Vec::new();
    for rename in renames {
        let row = desk.pass.store.read(|state| store::issues::get(state, rename.row))?;
        let link = row.and_then(|row| row.link).filter(|link| link.marked == Side::Vibe);
        outdated.extend(link.map(|link| Outdated { issue: rename.to.clone(), task: link.task }));
    }
    if !desk.project.dirty && desk.pending.is_empty() {
        return Ok(outdated);
    }
    for slot in 0..desk.stage.slots(Side::Vibe).len() {
        if !desk.stage.has(Side::Vibe, slot, MARKED) {
            continue;
        }
        let task = desk.stage.get(Side::Vibe, slot)?;
        let Some(Marker::Issue(named)) = &task.marker else { continue };
        if desk.stage.find(Side::Huly, named).is_some()
            || outdated.iter().any(|known| known.task == task.name)
        {
            continue;
        }
        let (row, other) = desk.pass.store.read(|state| {
            let row = store::issues::by_task(state, id, &task.name)?;
            Ok((row, store::issues::by_identifier(state, id, named)?))
        })?;
        let is_marked = |row: &store::issues::Row| {
            row.remote_id.is_some()
                && row.link.as_ref().is_some_and(|link| link.marked == Side::Vibe)
        };
        if let Some(row) = row.filter(is_marked).filter(|_| other.is_none()) {
            outdated.push(Outdated { issue: row.identifier, task: task.name });
        }
    }
    Ok(outdated)
}

/// Writes the marker of an issue's new number in place of the old one. No value of the pair changes by
/// that, so it is not written down before.
fn update_marker(desk: &Desk<'_>, outdated: &Outdated) -> http::Result<()> {
    let Outdated { issue, task } = outdated;
    let now = desk.pass.vibe.read(task)?.filter(|now| !now.read_only);
    let Some(now) = now else { return Ok(()) };
    // One that a person took away comes back with the next text.
    let Some(Marker::Issue(named)) = marker::find(&now.text) else { return Ok(()) };
    if named == *issue {
        return Ok(());
    }
    let plain = marker::without_own(&now.text, Own { issue: Some(&named), task: Some(task) });
    let text = marker::with(&plain, &Marker::Issue(issue.clone()));
    let write = TaskWrite { text: Some(&text), ..TaskWrite::default() };
    desk.pass.vibe.update(task, &write).map(drop)
}
