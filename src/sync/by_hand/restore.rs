//! A value that lost, and that a person wants back.
//!
//! It is put where it came from, as a person would edit it there; the pass that follows carries it
//! across like any edit, and lets it win. So no base is touched here, and a pass that is killed at
//! any point leaves either nothing or an edit that the next one finds.

use super::target::{Target, find};
use crate::exit::{Exit, Expected};
use crate::huly::{self, IssueWrite, Seen, Written};
use crate::model::{Field, Side};
use crate::report::{Op, OpName, Restored};
use crate::store::losers::Loser;
use crate::store::pending::Pending;
use crate::store::{self};
use crate::sync::input::Input;
use crate::sync::normal::{self, BLANK};
use crate::sync::outgoing;
use crate::sync::output::Output;
use crate::sync::pairing::Pair;
use crate::sync::status::{Translator, Vocabulary};
use crate::sync::wish::Wish;
use crate::vibe::TaskWrite;

/// Puts the value back where it came from. `None` after a dry run, whose plan is in `output`.
///
/// # Errors
/// It cannot be put back, and why; or a request failed.
pub(in crate::sync) fn grant(
    input: &Input,
    pairs: &[Pair],
    loser: &Loser,
    output: &mut Output,
) -> anyhow::Result<Option<Wish>> {
    let target = find(input, pairs, loser)?;
    let is_there = target.shows(&loser.lost);
    if input.dry_run {
        if !is_there {
            output.ops = told(input, &target, loser)?.try_into()?;
        }
        return Ok(None);
    }
    let kept = put(input, &target, loser, is_there)?;
    let done = target.change(loser, input.now);
    input.store.write(|state| {
        let project = store::projects::keep(state, &loser.project, &pairs[0].name)?.id;
        store::losers::acknowledge(state, loser.id, input.now)?;
        if !is_there {
            store::changes::add(state, project, &done)?;
        }
        Ok(())
    })?;
    output.restored = Some(Restored {
        conflict: loser.id,
        identifier: target.row.identifier.clone(),
        field: target.field,
        replaced: kept,
    });
    let Target { row, field, side, .. } = target;
    Ok(Some(Wish { identifier: row.identifier, field, winner: side }))
}

/// Writes the value, and keeps what it replaces; the row id of that.
fn put(
    input: &Input,
    target: &Target,
    loser: &Loser,
    is_there: bool,
) -> anyhow::Result<Option<i64>> {
    let now = input.now;
    let pending = Pending::by_hand(now, format!("a {} was put back by hand", target.field));
    let kept = input.store.write(|state| {
        let Some(project) = store::projects::get(state, &loser.project)? else { return Ok(None) };
        // Whatever the next list says, the pair is looked at: also after a kill.
        store::pending::put(state, project.id, &target.row.identifier, &pending)?;
        if is_there {
            return Ok(None);
        }
        let kept = store::losers::add(state, project.id, &target.replaced(loser, now))?;
        // A person wanted it gone: nobody else has to see to it.
        if let Some(id) = kept {
            store::losers::acknowledge(state, id, now)?;
        }
        Ok(kept)
    })?;
    if is_there {
        return Ok(None);
    }
    if let Err((error, is_open)) = write(input, target, &loser.lost) {
        if let Some(id) = kept.filter(|_| !is_open) {
            input.store.write(|state| store::losers::remove(state, id))?;
        }
        return Err(error);
    }
    Ok(kept)
}

/// Sends it; of a failure, whether it may have been carried out all the same.
fn write(input: &Input, target: &Target, value: &str) -> Result<(), (anyhow::Error, bool)> {
    let of = |field| (target.field == field).then_some(value);
    let text = of(Field::Description)
        .map(|text| outgoing::marked(text, &target.row, &target.link, target.side));
    let sent = text.as_ref().map(|marked| marked.text.as_str());
    let sent = match target.side {
        Side::Vibe => {
            let (title, status) = (of(Field::Title), of(Field::Status));
            let write = TaskWrite { title, status, text: sent };
            input.vibe.update(&target.link.task, &write).map(|_| Written::Done)
        }
        Side::Huly => {
            let write = IssueWrite {
                identifier: &target.row.identifier,
                id: target.staged.remote_id.as_deref(),
                seen: Some(Seen {
                    modified: target.staged.modified,
                    title: &target.staged.title,
                    status: target.staged.status.as_deref(),
                    text_ref: target.staged.text_ref.as_deref(),
                }),
                title: of(Field::Title),
                status: of(Field::Status),
                text: sent,
                marker_at: text.as_ref().and_then(|marked| marked.marker_at),
                text_is_blank: normal::digest(&target.text) == BLANK,
                text_before: Some(&target.text),
                unsaved: None,
            };
            let written = input.huly.write(&[write], &mut huly::at_once).pop();
            written.unwrap_or(Ok(Written::Moved))
        }
    };
    let undone = |exit, message: String| Err((Expected::new(exit, message).into(), false));
    let name = &target.row.identifier;
    match sent {
        Ok(Written::Done) => {
            if text.is_some() && target.side == Side::Huly {
                let settle = input.huly.abilities().settle_ms;
                input.stop.sleep(std::time::Duration::from_millis(settle));
            }
            Ok(())
        }
        Ok(Written::Moved | Written::Part(_) | Written::Typed(..)) => {
            undone(Exit::Later, format!("{name} was changed this very moment: look, and try again"))
        }
        Ok(Written::NoSuchStatus(names)) => {
            let names: Vec<&str> = names.iter().map(|status| status.name.as_str()).collect();
            let message = format!(
                "the project has no status {value:?} any more; it has {}: choose one in Huly",
                names.join(", ")
            );
            undone(Exit::Usage, message)
        }
        Err(error) | Ok(Written::TextRefused(_, error)) => {
            let is_open = error.ambiguous;
            Err((error.into(), is_open))
        }
    }
}

/// What a real run would write.
fn told(input: &Input, target: &Target, loser: &Loser) -> anyhow::Result<Vec<Op>> {
    let across = target.side.other();
    let to = match target.field {
        Field::Title => Some(loser.lost.clone()),
        Field::Description => None,
        Field::Status => {
            let vocabulary = input.store.read(|state| {
                let Some(project) = store::projects::get(state, &loser.project)? else {
                    return Ok(Vocabulary::default());
                };
                let statuses = store::statuses::of(state, project.id)?;
                Ok(Vocabulary { statuses, complete: project.statuses_complete, asks_again: false })
            })?;
            let words = Translator { map: &input.config.status, project: &vocabulary };
            outgoing::translated(words, Some(&loser.lost), None, across)
        }
    };
    let brief = |value: &str| (target.field != Field::Description).then(|| value.to_owned());
    let op = |side: Side, from: Option<String>, to: Option<String>| Op {
        project: loser.project.clone(),
        op: OpName::Update,
        side: side.into(),
        item: match side {
            Side::Huly => target.row.identifier.clone(),
            Side::Vibe => target.link.task.clone(),
        },
        field: Some(target.field),
        from,
        to,
    };
    let seen = match (target.field, across) {
        (Field::Title, Side::Huly) => Some(target.row.title.clone()),
        (Field::Title, Side::Vibe) => Some(target.link.task_title.clone()),
        (Field::Status, Side::Huly) => target.row.status.clone(),
        (Field::Status, Side::Vibe) => Some(target.link.task_status.clone()),
        (Field::Description, _) => None,
    };
    Ok(vec![op(target.side, brief(&target.value()), brief(&loser.lost)), op(across, seen, to)])
}
