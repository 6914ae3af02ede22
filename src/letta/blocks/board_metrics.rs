//! Counts of the whole board, linked or not.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Meaning;
use crate::store::issues::Card;
use crate::sync::status::Translator;

/// Counts by status.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    /// By the project's own name, with what it means: a project has a handful of them.
    statuses: BTreeMap<Option<String>, (Meaning, u64)>,
    linked: u64,
}

impl Metrics {
    /// Counts a card; gives what its status means.
    pub(super) fn take(&mut self, card: &Card<'_>, words: Translator<'_>) -> Meaning {
        self.linked += u64::from(card.linked);
        let known = self.statuses.iter_mut().find(|(name, _)| name.as_deref() == card.status);
        if let Some((_, (meaning, count))) = known {
            *count += 1;
            return *meaning;
        }
        let meaning = Meaning::of(words, card.status);
        self.statuses.insert(card.status.map(str::to_owned), (meaning, 1));
        meaning
    }

    pub(super) fn value(self) -> Value {
        let count = |wanted: &dyn Fn(Meaning) -> bool| -> u64 {
            self.statuses.values().filter(|(meaning, _)| wanted(*meaning)).map(|(_, n)| n).sum()
        };
        let total = count(&|_| true);
        let done = count(&|meaning| meaning == Meaning::Done);
        let meant = total - count(&|meaning| meaning == Meaning::Cancelled);
        let by_meaning: serde_json::Map<String, Value> = Meaning::ALL
            .into_iter()
            .map(|meaning| (meaning.name().to_owned(), count(&|one| one == meaning).into()))
            .collect();
        let mut statuses: Vec<(&Option<String>, u64)> =
            self.statuses.iter().map(|(name, (_, count))| (name, *count)).collect();
        statuses.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let by_status: Vec<Value> = statuses
            .into_iter()
            .map(|(name, count)| json!({"status": name, "issues": count}))
            .collect();
        json!({
            "issues": total,
            "with_task": self.linked,
            "by_status": by_status,
            "by_meaning": by_meaning,
            "work_in_progress": count(&|meaning| meaning.is_wip()),
            // Of what was not cancelled; whole percents, rounded down: 100 means all.
            "completion_percent": (done * 100).checked_div(meant),
        })
    }
}
