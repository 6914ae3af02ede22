//! When a description that reads blank is believed: the bridge answers `''` when its own fetch
//! failed.

use crate::huly::{Found, Text};
use crate::model::{Hash, Millis, Side};
use crate::store;
use crate::store::issues::Row;
use crate::store::pending::Reason;

use super::desk::Desk;
use super::normal::BLANK;
use super::trouble::Result;

/// What speaks for and against a text that reads blank.
#[derive(Debug, Clone, Copy)]
pub(super) struct Evidence {
    /// What Huly last agreed to; `None`: first sight.
    pub(super) base: Option<Hash>,
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
    /// Huly gives the texts of other issues.
    pub(super) gives_texts: bool,
}

/// Whether the text is to be taken at its word. An edit moves the time, an outage does not; and an
/// outage takes all texts, mostly for one pass.
pub(super) fn is_believed(evidence: Evidence) -> bool {
    let erases = match evidence.base {
        Some(base) => base != BLANK,
        None => evidence.other != Some(BLANK),
    };
    if evidence.now != Some(BLANK) || !erases {
        return true;
    }
    let moved = match (evidence.before, evidence.modified) {
        (Some(before), Some(modified)) => modified > before,
        _ => false,
    };
    (moved || evidence.base.is_none()) && evidence.tries > 0 && evidence.gives_texts
}

/// Whether Huly gives the texts of other issues than those that read blank; asks for one where
/// this pass has read none. Only where it matters.
pub(super) fn gives_texts(desk: &Desk<'_>) -> Result<bool> {
    let is_blank =
        |item: &str| desk.pending.get(item).is_some_and(|pending| pending.reason == Reason::Blank);
    if !desk.pending.values().any(|pending| pending.reason == Reason::Blank) {
        return Ok(false);
    }
    for slot in 0..desk.stage.slots(Side::Huly).len() {
        let item = desk.stage.get(Side::Huly, slot)?;
        if !is_blank(&item.name) && item.text.is_some_and(|text| text != BLANK) {
            return Ok(true);
        }
    }
    let id = desk.project.id;
    let mut others = desk.pass.store.read(|state| store::issues::with_text(state, id, BLANK))?;
    others.retain(|item| !is_blank(item));
    for other in &others {
        // One that is gone says nothing: the next one may.
        if let Some(given) = ask(desk, other)? {
            return Ok(given);
        }
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
    Ok(doubted <= 1)
}

/// Whether an issue that had a text gives one now; `None`: it is not there any more.
fn ask(desk: &Desk<'_>, identifier: &str) -> Result<Option<bool>> {
    let mut given = Some(false);
    desk.pass.huly.read(&[identifier], &mut |found| {
        given = match &found {
            Found::Issue(issue) => {
                Some(matches!(&issue.text, Text::Read(text) if !text.trim().is_empty()))
            }
            Found::Gone(_) => None,
            Found::Failed(..) => Some(false),
        };
        Ok(())
    })?;
    Ok(given)
}

/// Whether it is not known that there never was a text.
fn had_text(row: &Row) -> bool {
    row.link.as_ref().map_or(row.text, |link| link.huly.text) != Some(BLANK)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEARED: Evidence = Evidence {
        base: Some(Hash([1; 16])),
        now: Some(BLANK),
        other: Some(Hash([1; 16])),
        before: Some(1),
        modified: Some(2),
        tries: 1,
        gives_texts: true,
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
        assert!(!is_believed(Evidence { gives_texts: false, ..CLEARED }), "all texts are away");
    }

    #[test]
    fn a_text_that_was_blank_before_needs_no_proof() {
        let never = Evidence { base: Some(BLANK), tries: 0, ..CLEARED };
        assert!(is_believed(never));
        assert!(is_believed(Evidence { base: None, other: Some(BLANK), ..never }));
        assert!(is_believed(Evidence { now: Some(Hash([2; 16])), tries: 0, ..CLEARED }));
    }
}
