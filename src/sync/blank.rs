//! What speaks for and against a description that reads blank: the bridge answers `''` when its own fetch
//! failed.

use crate::huly::{Found, Text, Texts};
use crate::model::{Hash, Side};
use crate::store;
use crate::store::issues::Row;
use crate::store::pending::{Pending, Reason};

use super::desk::Desk;
use super::evidence::Others;
use super::normal::BLANK;
use super::staged::Staged;
use super::trouble::Result;

/// Whether a text that reads blank stays to be proven: no other issue has given one since it was
/// first seen. `row` is as stored, with the id 0 where no pass has seen the issue; `issue` is what was
/// read, where it was. A text that is nothing but a mark was given.
pub(super) fn is_unproven(
    desk: &Desk<'_>,
    row: &Row,
    now: Option<Hash>,
    issue: Option<&Staged>,
) -> bool {
    let is_proof =
        |issue: &Staged| issue.marker.is_some() || row.id != 0 && desk.others == Others::Give;
    desk.abilities().texts == Texts::OnRequest
        && now == Some(BLANK)
        && row.text.is_none()
        && !issue.is_some_and(is_proof)
}

/// Takes a blank text of an issue that is new here for one that was never read: it is read again
/// before it is believed for good.
pub(super) fn leave_unproven(desk: &Desk<'_>, row: &mut Row) {
    if desk.abilities().texts != Texts::ByReference && row.text == Some(BLANK) {
        row.text = None;
    }
}

/// Whether an issue that this pass has read shows a text.
pub(super) fn gives_a_text(desk: &Desk<'_>) -> Result<bool> {
    for slot in 0..desk.stage.slots(Side::Huly).len() {
        if desk.stage.get(Side::Huly, slot)?.text.is_some_and(|text| text != BLANK) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What the issues say that do not read blank; asks for a text where this pass has read none. Only
/// where it matters.
pub(super) fn others(desk: &Desk<'_>) -> Result<Others> {
    let is_blank =
        |item: &str| desk.pending.get(item).is_some_and(|pending| pending.reason == Reason::Blank);
    let is_doubted = |pending: &Pending| pending.reason == Reason::Blank;
    if !desk.reads_unproven && !desk.pending.values().any(is_doubted) {
        return Ok(Others::HaveNone);
    }
    if gives_a_text(desk)? {
        return Ok(Others::Give);
    }
    let id = desk.project.id;
    let mut others = desk.pass.store.read(|state| store::issues::with_text(state, id, BLANK))?;
    others.retain(|item| !is_blank(item));
    let (first, rest) = others.split_at(others.len().min(1));
    let mut withheld = false;
    // One alone may have lost its text without a sign of it.
    for some in [first, rest] {
        match ask(desk, some)? {
            Some(true) => return Ok(Others::Give),
            Some(false) => withheld = true,
            // Those that are gone say nothing: others may.
            None => {}
        }
    }
    if withheld {
        return Ok(Others::Withhold);
    }
    // There is no other text that could be asked for. Where several that had one read blank, that is
    // how an outage looks.
    let doubted = desk.pass.store.read(|state| {
        let mut doubted = 0;
        for item in desk.pending.keys().filter(|item| is_blank(item)) {
            let row = store::issues::by_identifier(state, id, item)?;
            doubted += u32::from(row.as_ref().is_none_or(had_text));
        }
        Ok(doubted)
    })?;
    Ok(if doubted <= 1 { Others::HaveNone } else { Others::Withhold })
}

/// Whether one of these issues that had a text gives it now; `None`: none of them is there any more.
fn ask(desk: &Desk<'_>, identifiers: &[String]) -> Result<Option<bool>> {
    if identifiers.is_empty() {
        return Ok(None);
    }
    let names: Vec<&str> = identifiers.iter().map(String::as_str).collect();
    let mut given = None;
    desk.pass.huly.read(&names, &mut |found| {
        let is_given = match &found {
            Found::Issue(issue) => {
                matches!(&issue.text, Text::Read(text) if !text.trim().is_empty())
            }
            Found::Gone(_) => return Ok(()),
            Found::Failed(..) => false,
        };
        given = Some(is_given || given == Some(true));
        Ok(())
    })?;
    Ok(given)
}

/// Whether it is not known that there never was a text.
fn had_text(row: &Row) -> bool {
    match &row.link {
        Some(link) => link.huly.text != Some(BLANK),
        None => row.text.is_some_and(|text| text != BLANK),
    }
}
