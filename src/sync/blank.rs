//! When a description that reads blank is believed: the bridge answers `''` when its own fetch
//! failed.

use crate::huly::{Found, Text, Texts};
use crate::model::{Hash, Millis, Side};
use crate::store;
use crate::store::issues::Row;
use crate::store::pending::{Pending, Reason};

use super::desk::Desk;
use super::normal::BLANK;
use super::staged::Staged;
use super::trouble::Result;

/// What the other issues of a project say of its texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    /// One of them gives its text: what reads blank may be meant.
    Give,
    /// There is none with a text that could be asked.
    HaveNone,
    /// They have texts, and give none.
    Withhold,
}

/// What speaks for and against a text that reads blank.
#[derive(Debug, Clone, Copy)]
pub(super) struct Evidence {
    /// What Huly last agreed to; `None`: first sight.
    pub(super) base: Option<Hash>,
    /// What was last seen of it, as far as it was believed.
    pub(super) seen: Option<Hash>,
    /// What it gives now.
    pub(super) now: Option<Hash>,
    /// What Vibe has.
    pub(super) other: Option<Hash>,
    /// The issue's `modified` when the base was seen.
    pub(super) before: Option<Millis>,
    /// The issue's `modified` now.
    pub(super) modified: Option<Millis>,
    /// Passes before this one that read it blank.
    pub(super) tries: u32,
    /// What other issues say.
    pub(super) others: Others,
}

/// Whether the text is to be taken at its word. An edit moves the time, an outage does not; and an
/// outage takes all texts, mostly for one pass.
pub(super) fn is_believed(evidence: Evidence) -> bool {
    let erases = match evidence.base {
        Some(base) => base != BLANK,
        None => evidence.other != Some(BLANK),
    };
    if evidence.now != Some(BLANK) {
        return true;
    }
    if !erases {
        // Nothing is lost by it now: a text that was only away would be, with the next edit.
        let is_new = evidence.tries > 0 || evidence.seen.is_none();
        return !(is_new && evidence.base.is_some() && evidence.others == Others::Withhold);
    }
    if evidence.base.is_some() && evidence.seen == Some(BLANK) {
        // An earlier pass believed it, and did not come to carry it across.
        return true;
    }
    let moved = match (evidence.before, evidence.modified) {
        (Some(before), Some(modified)) => modified > before,
        _ => false,
    };
    let given = evidence.others != Others::Withhold;
    (moved || evidence.base.is_none()) && evidence.tries > 0 && given
}

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

/// What the issues say that do not read blank; asks for a text where this pass has read none. Only
/// where it matters.
pub(super) fn others(desk: &Desk<'_>) -> Result<Others> {
    let is_blank =
        |item: &str| desk.pending.get(item).is_some_and(|pending| pending.reason == Reason::Blank);
    let is_doubted = |pending: &Pending| pending.reason == Reason::Blank;
    if !desk.reads_unproven && !desk.pending.values().any(is_doubted) {
        return Ok(Others::HaveNone);
    }
    for slot in 0..desk.stage.slots(Side::Huly).len() {
        let item = desk.stage.get(Side::Huly, slot)?;
        if item.text.is_some_and(|text| text != BLANK) {
            return Ok(Others::Give);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    const CLEARED: Evidence = Evidence {
        base: Some(Hash([1; 16])),
        seen: Some(Hash([1; 16])),
        now: Some(BLANK),
        other: Some(Hash([1; 16])),
        before: Some(1),
        modified: Some(2),
        tries: 1,
        others: Others::Give,
    };

    #[test]
    fn a_cleared_text_is_believed_in_the_second_pass() {
        assert!(is_believed(CLEARED));
        assert!(!is_believed(Evidence { tries: 0, ..CLEARED }));
    }

    #[test]
    fn an_outage_is_not() {
        assert!(!is_believed(Evidence { modified: Some(1), ..CLEARED }), "the time stands still");
        assert!(!is_believed(Evidence { modified: None, ..CLEARED }), "no time proves nothing");
        assert!(!is_believed(Evidence { others: Others::Withhold, ..CLEARED }), "all are away");
    }

    #[test]
    fn a_text_that_was_blank_before_needs_no_proof() {
        let never = Evidence { base: Some(BLANK), tries: 0, ..CLEARED };
        assert!(is_believed(never));
        assert!(is_believed(Evidence { base: None, other: Some(BLANK), ..never }));
        assert!(is_believed(Evidence { now: Some(Hash([2; 16])), tries: 0, ..CLEARED }));
    }

    #[test]
    fn a_text_that_was_never_given_is_not_believed_while_none_is() {
        let new = Evidence { base: Some(BLANK), seen: None, other: Some(BLANK), ..CLEARED };
        assert!(is_believed(new));
        assert!(is_believed(Evidence { others: Others::HaveNone, ..new }), "who could tell?");
        let away = Evidence { others: Others::Withhold, ..new };
        assert!(!is_believed(away));
        assert!(is_believed(Evidence { seen: Some(BLANK), tries: 0, ..away }), "it was proven");
    }

    #[test]
    fn what_was_believed_needs_no_second_proof() {
        let failed = Evidence { seen: Some(BLANK), modified: Some(1), tries: 0, ..CLEARED };
        assert!(is_believed(failed));
        assert!(!is_believed(Evidence { base: None, ..failed }), "nothing was agreed on");
    }
}
