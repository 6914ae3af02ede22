//! Items that a pass is not done with: marked with the reason, and looked at again by the next one.

use crate::model::Hash;
use crate::report::Complaint;
use crate::store::pending::Reason;
use crate::sync::stage;

use super::{Desk, Mark};

impl Desk<'_> {
    /// Whether this very attempt was refused before and needs no second one yet.
    pub(in crate::sync) fn was_refused(&self, item: &str, print: Hash) -> bool {
        self.pending.get(item).is_some_and(|pending| {
            (pending.reason == Reason::Refused || pending.is_held())
                && pending.print == Some(print)
                && !self.is_due(pending)
        })
    }

    /// The item is not done with; the next pass looks at it, whatever the lists say.
    pub(in crate::sync) fn mark(
        &mut self,
        item: &str,
        reason: Reason,
        print: Option<Hash>,
        message: String,
    ) {
        match reason {
            Reason::Failed
            | Reason::Refused
            | Reason::NotArrived
            | Reason::Unanswered
            | Reason::Unfit
            | Reason::Double => {
                self.report.counts.failed += 1;
                self.report.errors.push(complaint(item, reason, &message));
            }
            Reason::Moved | Reason::Blank | Reason::Guarded | Reason::Unmapped => {}
        }
        self.marks.insert(item.to_owned(), Mark { reason, print, message });
    }

    /// Something of the item cannot be sent: that is reported once, and the item waits until it is
    /// edited.
    pub(in crate::sync) fn hold(&mut self, item: &str, print: Hash, message: String) {
        let is_told = self
            .pending
            .get(item)
            .is_some_and(|was| was.reason == Reason::Unfit && was.message == message);
        if is_told {
            let mark = Mark { reason: Reason::Unfit, print: Some(print), message };
            self.marks.insert(item.to_owned(), mark);
        } else {
            self.mark(item, Reason::Unfit, Some(print), message);
        }
    }

    /// Whether a mark of an earlier pass stands, though this pass did not look.
    pub(in crate::sync) fn keeps_mark(&self, item: &str) -> bool {
        self.kept.contains(item)
            || !self.done.contains(&stage::key(item))
                && !self.looked_at.contains(item)
                && self
                    .pending
                    .get(item)
                    .is_some_and(|was| was.reason == Reason::Unmapped || !self.is_due(was))
    }

    /// Whether an item that an earlier pass was not done with must be looked at in this one.
    pub(in crate::sync) fn has_unfinished(&self) -> bool {
        self.pending.values().any(|was| was.reason != Reason::Unmapped || self.is_due(was))
    }

    /// Whether this pass is not done with the item. One that waits for a status is as good as done.
    pub(in crate::sync) fn is_unfinished(&self, item: &str) -> bool {
        self.marks.get(item).is_some_and(|mark| mark.reason != Reason::Unmapped)
    }

    /// Whether this pass sent something whose end is not known.
    pub(in crate::sync) fn has_open_sends(&self) -> bool {
        self.marks.values().any(|mark| mark.reason == Reason::Unanswered)
    }

    /// The item stays refused: said again, not sent again.
    pub(in crate::sync) fn repeat_refusal(&mut self, item: &str) {
        let Some(was) = self.pending.get(item).cloned() else { return };
        if !was.is_held() && was.reason != Reason::Unmapped {
            self.report.counts.failed += 1;
            self.report.errors.push(complaint(item, was.reason, &was.message));
        }
        self.kept.insert(item.to_owned());
    }

    /// This pass decides about the item, whatever an earlier one said of it.
    pub(in crate::sync) fn look_at(&mut self, item: &str) {
        if self.pending.contains_key(item) {
            self.looked_at.insert(item.to_owned());
        }
    }

    /// What is refused and was not even listed is as refused as before.
    pub(in crate::sync) fn repeat_unseen(&mut self) {
        let stands = |item: &&String| {
            !self.marks.contains_key(*item) && !self.kept.contains(*item) && self.keeps_mark(item)
        };
        let unseen: Vec<String> = self.pending.keys().filter(stands).cloned().collect();
        for item in unseen {
            self.repeat_refusal(&item);
        }
    }

    /// Passes in a row that left the item for this reason.
    pub(in crate::sync) fn tries(&self, item: &str, reason: Reason) -> u32 {
        self.pending.get(item).filter(|was| was.reason == reason).map_or(0, |was| was.tries)
    }

    /// Whether something was sent for the item that may still be carried out.
    pub(in crate::sync) fn is_unanswered(&self, item: &str) -> bool {
        self.outbox.iter().any(|entry| {
            entry.identifier.as_deref() == Some(item) || entry.task.as_deref() == Some(item)
        })
    }

    /// Whether nothing may be written to the pair, and marks it: a hanging write may still be carried
    /// out, and one that follows now could be undone by it, or taken for an edit.
    pub(in crate::sync) fn waits_for_an_answer(&mut self, identifier: &str) -> bool {
        let waits = self.is_unanswered(identifier);
        if waits {
            self.wait(identifier, "an earlier write has not been answered yet");
        }
        waits
    }

    /// The item waits for an answer to what an earlier pass sent: told of all such items together.
    pub(in crate::sync) fn wait(&mut self, item: &str, why: &str) {
        self.report.counts.failed += 1;
        self.waiting += 1;
        let mark = Mark { reason: Reason::Unanswered, print: None, message: why.to_owned() };
        self.marks.insert(item.to_owned(), mark);
    }

    /// Reports how many items wait for answers to what an earlier pass sent, and how long at most.
    pub(in crate::sync) fn report_waiting(&mut self) {
        let Some(last) = self.outbox.iter().map(|entry| entry.at).max() else { return };
        let grace = self.pass.config.sync.create_grace.as_secs().max(1);
        let gone = u64::try_from((self.opened - last).max(0) / 1000).unwrap_or_default();
        let left = grace.saturating_sub(gone).max(1);
        let text = match self.waiting {
            0 => return,
            1 => format!("1 item waits for an answer to what was sent; tried again after {left} s"),
            n => format!("{n} items wait for answers to what was sent; tried again after {left} s"),
        };
        self.report.errors.push(Complaint::new(Reason::Unanswered.name(), text).by_kind());
    }
}

/// An item that failed. What may do better next time is one trouble, whatever the words; a refusal
/// is another one when its words are.
fn complaint(item: &str, reason: Reason, message: &str) -> Complaint {
    let told = Complaint::new(reason.name(), message).about(item);
    if reason == Reason::Refused { told } else { told.by_kind() }
}
