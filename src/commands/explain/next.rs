//! What the next pass will make of an item, as far as the state alone decides it.

use crate::config::{Config, Direction};
use crate::model::{Millis, Side};
use crate::report;
use crate::store::known::Known;
use crate::store::outbox::Entry;
use crate::store::pending::{Pending, Reason};
use crate::store::tombstones::Tombstone;
use crate::sync::REFUSAL_HOLDS_MS;
use crate::sync::by_hand::is_by_hand;

use super::fields::{Compared, Since};

/// One line each; never none.
pub(super) fn tell(known: &Known, fields: &[Compared], config: &Config) -> Vec<String> {
    let mut lines: Vec<String> = known.outbox.iter().map(sent).collect();
    lines.extend(known.pending.iter().map(|(item, pending)| waiting(item, pending)));
    let link = known.row.as_ref().and_then(|row| row.link.as_ref());
    if link.is_none() {
        let stones = known
            .tombstones
            .iter()
            .filter(|stone| !is_by_hand(stone, &known.tombstones) || survives(stone, known));
        lines.extend(stones.map(|stone| buried(stone, known)));
        lines.extend(known.said.iter().filter_map(|said| left_alone(&said.kind)));
        if lines.is_empty() {
            lines.push(unlinked(known, config));
        }
    } else {
        for field in fields {
            lines.extend(drifted(field, known.pending.is_empty(), config.sync.direction));
        }
        if lines.is_empty() {
            lines.push("does nothing, unless one of the two was edited since".to_owned());
        }
    }
    if known.project.vibe_id.is_none() {
        lines.push(format!("{} has no Vibe project: it is paired first", known.project.identifier));
    }
    lines
}

fn sent(entry: &Entry) -> String {
    let what = entry.kind.name();
    format!(
        "looks whether the {what} in {} of {} arrived, before anything else is done with it",
        entry.side,
        report::time(entry.at)
    )
}

fn waiting(item: &str, pending: &Pending) -> String {
    let passes = match pending.tries {
        1 => "one pass".to_owned(),
        tries => format!("{tries} passes in a row, since {}", report::time(pending.since)),
    };
    let when = match pending.reason {
        Reason::Refused => {
            let again = report::time(later(pending.at, REFUSAL_HOLDS_MS));
            format!("tries {item} again when a value changes, in a full pass, or after {again}")
        }
        Reason::Unmapped => {
            format!("leaves the statuses of {item} alone until the project's or [status] change")
        }
        _ => format!("looks at {item} again, whatever the lists say"),
    };
    format!("{when}: {} ({} in {passes})", pending.message, pending.reason)
}

fn later(at: Millis, by: Millis) -> Millis {
    at.saturating_add(by)
}

fn buried(stone: &Tombstone, known: &Known) -> String {
    let survivor = stone.gone.other();
    let (gone, left) = halves(stone);
    let at = report::time(stone.at);
    if is_by_hand(stone, &known.tombstones) {
        return format!(
            "makes nothing from it and links it with nothing until it is edited, or `link` makes a \
             pair of it: its pair with {gone} was ended by hand at {at}"
        );
    }
    if survives(stone, known) {
        format!(
            "makes nothing from it and links it with nothing until it is edited in {survivor}: its \
             other half {gone} went at {at}"
        )
    } else {
        format!("does nothing: it was gone at {at}; its other half was {left} in {survivor}")
    }
}

/// The half that is gone, and the other one.
fn halves(stone: &Tombstone) -> (&str, &str) {
    match stone.gone {
        Side::Huly => (&stone.identifier, &stone.task),
        Side::Vibe => (&stone.task, &stone.identifier),
    }
}

/// Whether the item is the half that is left. Of an issue with a row that is the issue.
fn survives(stone: &Tombstone, known: &Known) -> bool {
    let (_, left) = halves(stone);
    match &known.row {
        Some(row) => row.identifier == left,
        None => known.task.as_deref() == Some(left) || known.identifier.as_deref() == Some(left),
    }
}

/// What was said once of an item that has no link.
fn left_alone(kind: &str) -> Option<String> {
    match kind {
        "surplus" => Some("leaves it alone: its mark names an issue that has another task".into()),
        "orphan" => Some(
            "leaves it alone: its mark names an issue that is not there; without the mark it would \
             become an issue"
                .into(),
        ),
        _ => None,
    }
}

fn unlinked(known: &Known, config: &Config) -> String {
    let wanted = config.creation.vibe && config.sync.direction.writes_to(Side::Vibe);
    match (&known.row, wanted) {
        (Some(_), true) => "makes a task from it".to_owned(),
        (Some(_), false) => {
            "makes no task from it: creation.vibe or sync.direction says so".to_owned()
        }
        (None, _) => {
            "does nothing: there is no such issue or task in the state any more".to_owned()
        }
    }
}

/// Why a value that differs from what was agreed has not crossed.
fn drifted(field: &Compared, alone: bool, direction: Direction) -> Option<String> {
    let from = match field.since {
        Since::HulyChanged => Side::Huly,
        Since::VibeChanged => Side::Vibe,
        Since::Agreed => return None,
        Since::BothChanged | Since::NeverAgreed => {
            return Some(format!("compares the {}: the two did not agree on it", field.field));
        }
    };
    let name = field.field;
    if !direction.writes_to(from.other()) {
        return Some(format!(
            "keeps the {name} of {from} where it is: sync.direction lets it not across"
        ));
    }
    // A pending pair says why by itself.
    alone.then(|| {
        format!(
            "leaves the {name} as {from} shows it, until it is edited again: the other side has no \
             such value, or cannot be changed"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(reason: Reason, tries: u32) -> Pending {
        Pending { reason, tries, since: 0, at: 1000, print: None, message: "why".into() }
    }

    #[test]
    fn a_refusal_says_until_when_it_holds() {
        let refused = waiting("P-1", &pending(Reason::Refused, 3));
        assert!(refused.contains("after 1970-01-02T00:00:01.000Z"), "{refused}");
        assert!(refused.contains("why (refused in 3 passes in a row"), "{refused}");
        let moved = waiting("P-1", &pending(Reason::Moved, 1));
        assert!(moved.starts_with("looks at P-1 again"), "{moved}");
    }
}
