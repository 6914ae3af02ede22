//! What ends with a survivor, and was said by a person: where an edit may not cross, it does not beat
//! the deletion, and is kept.

use crate::huly::Texts;
use crate::model::{Field, Side};
use crate::store::losers::{Kind, Loser};

use super::super::desk::Desk;
use super::super::halves::Pair;
use super::super::merge::{self, Change};
use super::super::normal::BLANK;
use super::target::{self, Now};

/// What a person changed of the survivor since both sides last agreed; where they have not come to agree
/// yet, since it was last seen.
pub(super) fn edits(desk: &Desk<'_>, pair: &Pair, survivor: Side) -> Vec<Field> {
    let (row, link) = (&pair.row, &pair.link);
    let (base, seen_status, seen_text) = match survivor {
        Side::Huly => (&link.huly, row.status.clone(), row.text),
        Side::Vibe => (&link.vibe, Some(link.task_status.clone()), Some(link.task_text)),
    };
    let half = pair.half(survivor);
    let title = base.title.as_ref().is_some_and(|base| *base != half.title);
    let text = base.text.or(seen_text);
    let text = text.is_some_and(|base| half.text.is_some_and(|now| now != base));
    let status = base.status.clone().or(seen_status);
    let status = match survivor {
        Side::Vibe => status.is_some() && status != half.status,
        Side::Huly => {
            merge::huly_status(desk.words(), status.as_deref(), &half.shown()) == Change::Changed
        }
    };
    [(Field::Title, title), (Field::Description, text), (Field::Status, status)]
        .into_iter()
        .filter_map(|(field, changed)| changed.then_some(field))
        .collect()
}

/// Whether the survivor shows what the end was decided on. What a bridge reads blank may be a text: a
/// tombstone over it would take that text for an edit, and bring the other half back.
pub(super) fn is_as_planned(desk: &Desk<'_>, pair: &Pair, survivor: Side, now: &Now) -> bool {
    let (planned, shown) = (pair.half(survivor), now.half(pair));
    let may_lie = survivor == Side::Huly && desk.abilities().texts != Texts::ByReference;
    let is_missing = may_lie && shown.text == Some(BLANK) && planned.text != shown.text;
    !is_missing && !target::moved(survivor, planned, &shown)
}

/// The edited values that `now` shows and that its end takes away: all of them, or, where it is only
/// cancelled (`status`), just its status.
pub(super) fn losses(
    desk: &Desk<'_>,
    pair: &Pair,
    side: Side,
    now: &Now,
    edited: &[Field],
    status: Option<&str>,
) -> Vec<Loser> {
    let value = |field: Field| match field {
        Field::Title => now.staged.title.clone(),
        Field::Status => now.staged.status.clone().unwrap_or_default(),
        Field::Description => now.plain(pair),
    };
    let is_lost = |field: &&Field| status.is_none() || **field == Field::Status;
    let loser = |&field: &Field| Loser {
        id: 0,
        project: String::new(),
        identifier: pair.row.identifier.clone(),
        task: Some(pair.link.task.clone()),
        field: field.to_string(),
        kind: Kind::Conflict,
        winner: side.other(),
        lost: value(field),
        won: status.unwrap_or_default().to_owned(),
        at: desk.pass.now,
        acked: None,
    };
    edited.iter().filter(is_lost).map(loser).collect()
}
