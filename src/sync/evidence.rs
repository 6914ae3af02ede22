//! When a description that reads blank is believed.

use crate::model::{Hash, Millis};

use super::normal::BLANK;

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
