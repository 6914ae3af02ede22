//! Settles what an earlier pass may have sent, by looking: nothing is taken for done because it
//! was tried, nothing for undone because no answer came.

use std::collections::HashMap;

use crate::huly::platform::markup::Shown;
use crate::model::{Millis, Side};
use crate::store;
use crate::store::issues::{Base, Link, Row};
use crate::store::outbox::{Entry, Kind};

use super::blank;
use super::desk::Desk;
use super::halves::Half;
use super::made::{bases, link_of, same_status};
use super::marker::Own;
use super::normal::{self, BLANK};
use super::outgoing;
use super::rendering;
use super::stage::{TAKEN, key};
use super::staged::Staged;
use super::trouble::Result;
use super::unkept;
use super::unlinked::row_of;
use super::view;

mod made_items;

use self::made_items::find_made_items;

/// Settles all entries of the project; those that are too young to be decided stay.
pub(super) fn settle(desk: &mut Desk<'_>) -> Result<()> {
    if desk.outbox.is_empty() {
        return Ok(());
    }
    let made = find_made_items(desk)?;
    let mut left = Vec::new();
    for entry in std::mem::take(&mut desk.outbox) {
        if waits_for_its_number(desk, &entry, &made)? {
            left.push(entry);
            continue;
        }
        let (settled, row) = match entry.kind {
            Kind::Create => settle_create(desk, &entry, &made)?,
            Kind::Update | Kind::End => settle_update(desk, &entry)?,
        };
        let goes = settled || !is_young(desk, &entry)? || is_safe_to_repeat(desk, &entry)?;
        let id = desk.project.id;
        desk.pass.store.write(|state| {
            if let Some(row) = &row {
                store::issues::put(state, id, row)?;
            }
            if let Some((row, link)) = row.as_ref().and_then(|row| Some((row, row.link.as_ref()?)))
            {
                store::tombstones::lift(state, id, (&row.identifier, row.created), &link.task)?;
            }
            if goes { store::outbox::remove(state, entry.id) } else { Ok(()) }
        })?;
        if !goes {
            left.push(entry);
        }
    }
    desk.outbox = left;
    Ok(())
}

/// What looking tells of an entry: whether nothing is left to be found out, and a row as it now is.
type Fact = (bool, Option<Row>);

/// Whether the issue that was made bears the number of one whose pair has not ended yet. Until then
/// nothing else is made of the two.
fn waits_for_its_number(
    desk: &mut Desk<'_>,
    entry: &Entry,
    made: &HashMap<(Side, u64), usize>,
) -> Result<bool> {
    let Some(from) =
        source(entry).filter(|_| (entry.kind, entry.side) == (Kind::Create, Side::Huly))
    else {
        return Ok(false);
    };
    let Some(&slot) = made.get(&(Side::Huly, key(from))) else { return Ok(false) };
    let name = desk.stage.get(Side::Huly, slot)?.name;
    let id = desk.project.id;
    let known = desk.pass.store.read(|state| store::issues::by_identifier(state, id, &name))?;
    let link = known.and_then(|row| row.link);
    let waits = link.is_some_and(|link| link.task != from);
    if waits {
        desk.stage.set(Side::Huly, slot, TAKEN);
        if let Some(task) = desk.stage.find(Side::Vibe, from) {
            desk.stage.set(Side::Vibe, task, TAKEN);
        }
    }
    Ok(waits)
}

/// Whether the entry may still be carried out: hanging writes are, when the server comes back.
fn is_young(desk: &Desk<'_>, entry: &Entry) -> Result<bool> {
    let grace = desk.pass.config.sync.create_grace.as_millis();
    // What was carried out before the lists were read is in them; what comes later is not.
    let age = desk.opened - entry.at;
    if age < 0 {
        // The clock went back: the age counts from now on.
        let now = desk.opened;
        desk.pass.store.write(|state| store::outbox::restamp(state, &[entry.id], now))?;
    }
    Ok(age < Millis::try_from(grace).unwrap_or(Millis::MAX))
}

/// Whether nothing has to be waited for, since the same create will be sent again: where its sender
/// chose its id, it makes no second issue, whenever the first is carried out. It is the same as long as
/// the task is: otherwise a late issue of the old words would look like somebody's edit.
fn is_safe_to_repeat(desk: &Desk<'_>, entry: &Entry) -> Result<bool> {
    if (entry.kind, entry.side) != (Kind::Create, Side::Huly) || !desk.abilities().creates_by_id {
        return Ok(false);
    }
    let slot = entry.task.as_deref().and_then(|task| desk.stage.find(Side::Vibe, task));
    let Some(slot) = slot else { return Ok(false) };
    let task = desk.stage.get(Side::Vibe, slot)?;
    Ok(entry.from_title.as_ref() == Some(&task.title)
        && entry.from_status == task.status
        && entry.from_text == task.text)
}

fn source(entry: &Entry) -> Option<&str> {
    match entry.side {
        Side::Huly => entry.task.as_deref(),
        Side::Vibe => entry.identifier.as_deref(),
    }
}

/// A create: found by its marker, it is linked, and what is unfinished of it is completed.
fn settle_create(
    desk: &mut Desk<'_>,
    entry: &Entry,
    made: &HashMap<(Side, u64), usize>,
) -> Result<Fact> {
    let Some(from) = source(entry) else { return Ok((true, None)) };
    let id = desk.project.id;
    let linked = desk.pass.store.read(|state| match entry.side {
        Side::Huly => store::issues::by_task(state, id, from),
        Side::Vibe => store::issues::by_identifier(state, id, from),
    })?;
    if linked.as_ref().is_some_and(|row| row.link.is_some()) {
        // It was linked in another way meanwhile.
        return Ok((true, None));
    }
    let Some(&slot) = made.get(&(entry.side, key(from))) else { return Ok((false, None)) };
    let found = desk.stage.get(entry.side, slot)?;
    let Some(other) = desk.stage.find(entry.side.other(), from) else {
        // Its source is gone meanwhile: the two lists will tell.
        return Ok((true, None));
    };
    let other = desk.stage.get(entry.side.other(), other)?;
    let (issue, task) = match entry.side {
        Side::Huly => (&found, &other),
        Side::Vibe => (&other, &found),
    };
    let mut row = linked.unwrap_or_else(|| {
        let mut row = row_of(issue);
        if entry.side == Side::Vibe && issue.text == Some(BLANK) && entry.from_text != issue.text {
            // When it had its text, nobody wrote down: not later than now, and an edit may have
            // come in between.
            row.modified = issue.created;
        }
        blank::leave_unproven(desk, &mut row);
        row
    });
    let mut link = link_of(task, entry.side);
    let half = match entry.side {
        Side::Huly => view::huly_half(desk, &row, &link, Some(&found))?,
        Side::Vibe => view::vibe_half(desk, &row, &link, Some(&found))?,
    };
    let text = desk.stage.text(&found)?;
    let text = super::marker::without_own(&text, view::own(&row, &link));
    let mut entry = entry.clone();
    if fell_back(desk, &entry, &half) {
        entry.sent_status.clone_from(&half.status);
    }
    let source = source_text(desk, entry.side, &other, view::own(&row, &link))?;
    let shown = rendering::shown_of(&entry, &text, source.as_deref(), rendering::rendering(desk));
    if entry.side == Side::Huly {
        unkept::note_rendering(desk, &row.identifier, shown, half.text)?;
    }
    (link.huly, link.vibe) = bases(desk, &entry, &half, shown);
    row.link = Some(link);
    Ok((true, Some(row)))
}

/// Whether the issue has the status that was sent in place of the first wish: the project had said
/// which ones it has, and that is stored before the second attempt.
fn fell_back(desk: &Desk<'_>, entry: &Entry, half: &Half) -> bool {
    if entry.side != Side::Huly || entry.sent_status.is_none() {
        return false;
    }
    let from = Half { status: entry.from_status.clone(), ..Half::default() };
    same_status(half.status.as_deref(), outgoing::status_for(desk, &from, Side::Huly).as_deref())
}

/// An update: where the target shows what was sent, it was done, and both bases advance.
fn settle_update(desk: &mut Desk<'_>, entry: &Entry) -> Result<Fact> {
    let id = desk.project.id;
    let Some(identifier) = entry.identifier.as_deref() else { return Ok((true, None)) };
    let row = desk.pass.store.read(|state| store::issues::by_identifier(state, id, identifier))?;
    let Some((mut row, mut link)) = row.and_then(|row| row.link.clone().map(|link| (row, link)))
    else {
        return Ok((true, None));
    };
    let name = match entry.side {
        Side::Huly => identifier,
        Side::Vibe => link.task.as_str(),
    };
    let Some(slot) = desk.stage.find(entry.side, name) else {
        // Not there any more: that is settled elsewhere.
        return Ok((true, None));
    };
    let staged = desk.stage.get(entry.side, slot)?;
    let half = match entry.side {
        Side::Huly => view::huly_half(desk, &row, &link, Some(&staged))?,
        Side::Vibe => view::vibe_half(desk, &row, &link, Some(&staged))?,
    };
    let mut all = true;
    if let Some(sent) = &entry.sent_title {
        let came = half.title == normal::title(sent);
        all &= came;
        if came {
            advance(&mut link, entry.side, |base, target| {
                base.title =
                    if target { Some(half.title.clone()) } else { entry.from_title.clone() };
            });
        }
    }
    if let Some(sent) = &entry.sent_status {
        let words = desk.words();
        let came = same_status(half.status.as_deref(), Some(sent))
            || fell_back(desk, entry, &half)
            || entry.side == Side::Huly
                && words.to_vibe(half.status.as_deref(), half.category)
                    == words.to_vibe(Some(sent), None)
                && half.status.is_some();
        all &= came;
        if came {
            let source = if entry.kind == Kind::End { None } else { entry.from_status.clone() };
            advance(&mut link, entry.side, |base, target| {
                if target {
                    base.status.clone_from(&half.status);
                } else if source.is_some() {
                    base.status.clone_from(&source);
                }
            });
        }
    }
    if entry.sent_text.is_some() {
        // With the reference of before, it is the text of before.
        let came = !staged.by_ref && text_came(desk, entry, &staged, &row, &link)?;
        all &= came;
        if came {
            advance(&mut link, entry.side, |base, target| {
                base.text = if target { half.text } else { entry.from_text };
            });
        }
    }
    row.link = Some(link);
    Ok((all, Some(row)))
}

/// Whether the target shows the text that was sent.
fn text_came(
    desk: &mut Desk<'_>,
    entry: &Entry,
    target: &Staged,
    row: &Row,
    link: &Link,
) -> Result<bool> {
    let own = view::own(row, link);
    let text = desk.stage.text(target)?;
    let source = match desk.stage.find(Side::Vibe, &link.task) {
        Some(slot) => source_text(desk, entry.side, &desk.stage.get(Side::Vibe, slot)?, own)?,
        None => None,
    };
    let now = super::marker::without_own(&text, own);
    let shown = rendering::shown_of(entry, &now, source.as_deref(), rendering::rendering(desk));
    if entry.side == Side::Huly {
        // Of a text that is as it was before, nothing but the whole tells that another was written.
        let is_as_before = link.huly.text == Some(normal::digest(&now));
        if is_as_before && shown != Shown::AsGiven {
            return Ok(false);
        }
        unkept::note_rendering(desk, &row.identifier, shown, target.text)?;
    }
    Ok(rendering::is_arrived(shown, target.text))
}

/// The task's text, from which an issue's was written; of what was written to Vibe the hash is enough.
fn source_text(
    desk: &Desk<'_>,
    target: Side,
    task: &Staged,
    own: Own<'_>,
) -> Result<Option<String>> {
    if target != Side::Huly {
        return Ok(None);
    }
    Ok(Some(super::marker::without_own(&desk.stage.text(task)?, own).into_owned()))
}

/// Changes the bases of both sides; the flag says which is the target's.
fn advance(link: &mut Link, target: Side, mut change: impl FnMut(&mut Base, bool)) {
    change(&mut link.huly, target == Side::Huly);
    change(&mut link.vibe, target == Side::Vibe);
}
