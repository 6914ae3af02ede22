//! The last changes, newest first. Without times: those are of this machine, not of the board.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::title::short;
use crate::model::{Millis, Side};
use crate::store::changes::Told;
use crate::store::losers::Lost;

/// How many are told.
pub const LINES: u32 = 25;

pub(super) fn value(changes: &[Told], lost: &[Lost]) -> Value {
    let mut lines: Vec<(Millis, Value)> = changes.iter().map(change).collect();
    lines.extend(lost.iter().map(conflict));
    // Stable: what one pass did stays in its order, conflicts after the changes that they made.
    lines.sort_by_key(|(at, _)| Reverse(*at));
    let told = lines.into_iter().take(LINES as usize).map(|(_, line)| line);
    json!({"newest_first": told.collect::<Vec<_>>()})
}

fn change(change: &Told) -> (Millis, Value) {
    let made_in = system(change.side);
    let mut line = json!({"issue": change.identifier, "what": change.kind, "made_in": made_in});
    for (key, value) in [("was", &change.old), ("now", &change.new)] {
        if let Some(value) = value {
            line[key] = short(value).into();
        }
    }
    (change.at, line)
}

fn conflict(lost: &Lost) -> (Millis, Value) {
    let line = json!({
        "issue": lost.identifier,
        "what": "conflict",
        "field": lost.field,
        "won_by": system(lost.winner),
    });
    (lost.at, line)
}

fn system(side: Side) -> &'static str {
    match side {
        Side::Huly => "Huly",
        Side::Vibe => "Vibe Kanban",
    }
}
