//! What is to be done, and what comes first.

use serde_json::{Value, json};

use super::Meaning;
use super::title::{PRIORITIES, rank, short};
use super::top::Top;
use crate::model::Millis;
use crate::store::issues::Card;

/// How many are told by name.
const TOLD: usize = 15;

/// What is not begun.
#[derive(Debug)]
pub(super) struct Backlog {
    by_priority: [u64; PRIORITIES.len()],
    top: Top<(usize, Millis), Value>,
}

impl Default for Backlog {
    fn default() -> Self {
        Self { by_priority: Default::default(), top: Top::new(TOLD) }
    }
}

impl Backlog {
    pub(super) fn take(&mut self, card: &Card<'_>, meaning: Meaning) {
        if meaning != Meaning::Todo {
            return;
        }
        let rank = rank(card.priority);
        if let Some(count) = self.by_priority.get_mut(rank) {
            *count += 1;
        }
        let age = card.created.unwrap_or(Millis::MAX);
        self.top.offer((rank, age), card.identifier, || {
            json!({"issue": card.identifier, "title": short(card.title),
                "priority": card.priority, "status": card.status})
        });
    }

    pub(super) fn value(self) -> Value {
        let by_priority: serde_json::Map<String, Value> = PRIORITIES
            .iter()
            .zip(self.by_priority)
            .map(|(name, count)| ((*name).to_owned(), count.into()))
            .collect();
        json!({
            "issues": self.by_priority.iter().sum::<u64>(),
            "by_priority": by_priority,
            "first": self.top.into_values().collect::<Vec<_>>(),
        })
    }
}
