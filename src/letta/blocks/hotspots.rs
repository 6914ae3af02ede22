//! What wants attention: ten of each kind.

use serde_json::{Value, json};

use super::Meaning;
use super::title::{date, is_blocked, rank, short};
use super::top::Top;
use crate::model::Millis;
use crate::store::issues::Card;

/// How many of each are told.
const TOLD: usize = 10;

/// Longer than this in progress is long.
const LONG_MS: Millis = 7 * 24 * 60 * 60 * 1000;

type ByRank = (usize, Millis);

/// The hotspots found so far.
#[derive(Debug)]
pub(super) struct Hotspots {
    /// What entered its status before that has been in it for long.
    line: Millis,
    /// When the next one will have been.
    next: Millis,
    blocked: Top<ByRank, Value>,
    long: Top<Millis, Value>,
    important: Top<ByRank, Value>,
}

impl Hotspots {
    pub(super) fn new(now: Millis) -> Self {
        let line = now.saturating_sub(LONG_MS);
        Self {
            line,
            next: Millis::MAX,
            blocked: Top::new(TOLD),
            long: Top::new(TOLD),
            important: Top::new(TOLD),
        }
    }

    /// When they will be other ones, if nothing changes but the time.
    pub(super) fn until(&self) -> Millis {
        self.next
    }

    pub(super) fn take(&mut self, card: &Card<'_>, meaning: Meaning) {
        let by_rank = || (rank(card.priority), card.created.unwrap_or(Millis::MAX));
        if meaning.is_open() && is_blocked(card) {
            self.blocked.offer(by_rank(), card.identifier, || {
                json!({"issue": card.identifier, "title": short(card.title), "status": card.status})
            });
        }
        if meaning.is_wip()
            && let Some(since) = card.since
        {
            if since < self.line {
                self.long.offer(since, card.identifier, || {
                    json!({"issue": card.identifier, "title": short(card.title),
                        "status": card.status, "since": date(since)})
                });
            } else {
                self.next = self.next.min(since.saturating_add(LONG_MS + 1));
            }
        }
        if meaning == Meaning::Todo && rank(card.priority) <= rank("High") {
            self.important.offer(by_rank(), card.identifier, || {
                json!({"issue": card.identifier, "title": short(card.title),
                    "priority": card.priority})
            });
        }
    }

    pub(super) fn value(self) -> Value {
        json!({
            "blocked": self.blocked.into_values().collect::<Vec<_>>(),
            "in_progress_for_over_7_days": self.long.into_values().collect::<Vec<_>>(),
            "important_and_not_begun": self.important.into_values().collect::<Vec<_>>(),
        })
    }
}
