//! What was done, for those who ask with `-v`: a line an item, from the changes that are recorded.

use crate::store::changes::Change;

/// Changes of one item and way stand one after the other, and become one line.
pub(super) fn lines(changes: &[Change]) -> Vec<String> {
    let same = |one: &Change, other: &Change| {
        let way = |change: &Change| (change.side, is_field(change.kind));
        one.identifier == other.identifier && way(one) == way(other)
    };
    changes.chunk_by(same).flat_map(of_item).collect()
}

fn is_field(kind: &str) -> bool {
    ["title", "description", "status"].contains(&kind)
}

fn of_item(changes: &[Change]) -> Vec<String> {
    let Some(Change { identifier, side, .. }) = changes.first() else { return Vec::new() };
    let other = side.other();
    let fields: Vec<&str> =
        changes.iter().map(|change| change.kind).filter(|kind| is_field(kind)).collect();
    if !fields.is_empty() {
        return vec![format!("{identifier}: updated in {other}: {}", fields.join(", "))];
    }
    let done = changes.iter().map(|change| match change.kind {
        "new" => format!("{identifier}: created in {other}"),
        "deleted" => format!("{identifier}: gone in {side}, the pair is ended"),
        kind => format!("{identifier}: {kind}"),
    });
    done.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Side;

    #[test]
    fn each_item_has_one_line_with_side_and_fields() {
        let change = |identifier: &str, kind, side| Change {
            identifier: identifier.to_owned(),
            kind,
            side,
            old: None,
            new: None,
            at: 0,
        };
        let told = lines(&[
            change("A-1", "new", Side::Huly),
            change("A-2", "title", Side::Huly),
            change("A-2", "status", Side::Huly),
            change("A-2", "description", Side::Vibe),
            change("A-3", "status", Side::Vibe),
            change("A-4", "deleted", Side::Vibe),
        ]);
        assert_eq!(
            told,
            [
                "A-1: created in vibe",
                "A-2: updated in vibe: title, status",
                "A-2: updated in huly: description",
                "A-3: updated in huly: status",
                "A-4: gone in vibe, the pair is ended",
            ]
        );
    }
}
