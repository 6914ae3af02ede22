//! A value that lost, and that a person wants back.
//!
//! It is put where it came from, as a person would edit it there; the pass that follows carries it
//! across like any edit, and lets it win. So no base is touched here, and a pass that is killed at
//! any point leaves either nothing or an edit that the next one finds.

use crate::config::Direction;
use crate::exit::{Exit, Expected};
use crate::huly::{Found, IssueWrite, Seen, Written};
use crate::model::{Field, Side};
use crate::report::{Op, OpName, Restored};
use crate::store::changes::Change;
use crate::store::issues::{Link, Row};
use crate::store::losers::{Kind, Loser};
use crate::store::pending::{Pending, Reason};
use crate::store::{self};
use crate::vibe::TaskWrite;

use super::marker;
use super::merge::{Merged, Step};
use super::normal::{self, BLANK};
use super::outgoing;
use super::pairing::{Pair, Partner};
use super::pass::{Input, Output};
use super::plan;
use super::staged::Staged;
use super::status::{Translator, Vocabulary};
use super::view;

/// Whose value of which field is to win in this pass, whatever the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    identifier: String,
    field: Field,
    winner: Side,
}

impl Wish {
    /// The pair's merge as the wish has it.
    #[must_use]
    pub fn bend(&self, identifier: &str, mut merged: Merged) -> Merged {
        if self.identifier != identifier {
            return merged;
        }
        let step = match self.field {
            Field::Title => &mut merged.title,
            Field::Description => &mut merged.text,
            Field::Status => &mut merged.status,
        };
        *step = match *step {
            // An edit of the other side that nobody has seen yet: it is kept, as any loser.
            Step::Write(target) if target == self.winner => {
                Step::Conflict { winner: self.winner, first_sight: false }
            }
            Step::Conflict { first_sight, .. } => {
                Step::Conflict { winner: self.winner, first_sight }
            }
            step => step,
        };
        merged
    }
}

/// The item that the value came from, as it is right now.
struct Target {
    row: Row,
    link: Link,
    field: Field,
    side: Side,
    staged: Staged,
    /// Without the pair's markers.
    plain: String,
    /// As the server gave it.
    text: String,
}

/// Puts the value back where it came from. `None` after a dry run, whose plan is in `output`.
///
/// # Errors
/// It cannot be put back, and why; or a request failed.
pub(super) fn grant(
    input: &Input,
    pairs: &[Pair],
    loser: &Loser,
    output: &mut Output,
) -> anyhow::Result<Option<Wish>> {
    let target = find(input, pairs, loser)?;
    let is_there = target.shows(&loser.lost);
    if input.dry_run {
        if !is_there {
            output.ops = told(input, &target, loser)?;
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

fn refuse<T>(message: String) -> anyhow::Result<T> {
    Err(Expected::new(Exit::Usage, message).into())
}

/// Finds the item, or says why the value has no place any more.
fn find(input: &Input, pairs: &[Pair], loser: &Loser) -> anyhow::Result<Target> {
    let (name, field) = (&loser.identifier, loser.field.as_str());
    let field = match field {
        "title" => Field::Title,
        "description" => Field::Description,
        "status" => Field::Status,
        other => anyhow::bail!("conflict {} is about an unknown field {other:?}", loser.id),
    };
    let side = loser.side();
    if !matches!(pairs, [Pair { partner: Partner::Known { .. }, .. }]) {
        return refuse(format!(
            "{} has no pair in Vibe Kanban right now: `explain {name}` says what is known of {name}",
            loser.project
        ));
    }
    match input.config.sync.direction {
        Direction::Both => {}
        one_way => {
            let open = if one_way.writes_to(Side::Vibe) { Side::Huly } else { Side::Vibe };
            return refuse(format!(
                "sync.direction lets nothing into {open}: put the {field} of {name} back there by \
                 hand, from where it crosses"
            ));
        }
    }
    if field == Field::Description && !input.huly.abilities().edits_text {
        return refuse(
            "this bridge cannot change existing descriptions: put it back in Huly by hand, from \
             where it crosses"
                .to_owned(),
        );
    }
    let row = input.store.read(|state| {
        let Some(project) = store::projects::get(state, &loser.project)? else { return Ok(None) };
        store::issues::by_identifier(state, project.id, name)
    })?;
    let Some((row, link)) = row.and_then(|row| row.link.clone().map(|link| (row, link))) else {
        return refuse(format!(
            "{name} has no task any more: `conflicts show {}` prints what it lost",
            loser.id
        ));
    };
    if loser.task.as_ref().is_some_and(|task| *task != link.task) {
        return refuse(format!(
            "{name} has another task now than when it lost this: `conflicts show {}` prints it",
            loser.id
        ));
    }
    let Some((staged, text)) = read(input, side, &row, &link)? else {
        return refuse(format!(
            "{} is gone in {side}: `conflicts show {}` prints what it lost",
            match side {
                Side::Huly => name,
                Side::Vibe => &link.task,
            },
            loser.id
        ));
    };
    let plain = marker::without_own(&text, view::own(&row, &link)).into_owned();
    Ok(Target { row, link, field, side, staged, plain, text })
}

/// The item as it is now; `None`: gone, or another one under the same name.
fn read(
    input: &Input,
    side: Side,
    row: &Row,
    link: &Link,
) -> anyhow::Result<Option<(Staged, String)>> {
    match side {
        Side::Vibe => Ok(input.vibe.read(&link.task)?.map(|task| Staged::task(task, None))),
        Side::Huly => {
            Ok(issue(input, &row.identifier)?.filter(|(now, _)| plan::is_same_issue(row, now)))
        }
    }
}

/// One issue, with its text; `None`: gone.
pub(super) fn issue(input: &Input, identifier: &str) -> anyhow::Result<Option<(Staged, String)>> {
    let mut found = Vec::new();
    let mut failed = None;
    input.huly.read(&[identifier], &mut |one| {
        match one {
            Found::Issue(issue) => found.push(Staged::issue(issue, None)),
            Found::Gone(_) => {}
            Found::Failed(_, error) => failed = Some(error),
        }
        Ok(())
    })?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    if found.len() > 1 {
        return refuse(format!("two issues bear {identifier}: give one a new number"));
    }
    Ok(found.pop())
}

/// Writes the value, and keeps what it replaces; the row id of that.
fn put(
    input: &Input,
    target: &Target,
    loser: &Loser,
    is_there: bool,
) -> anyhow::Result<Option<i64>> {
    let now = input.now;
    let pending = Pending {
        reason: Reason::Moved,
        tries: 1,
        since: now,
        at: now,
        print: None,
        message: format!("a {} was put back by hand", target.field),
    };
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
    let sent = match target.side {
        Side::Vibe => {
            let (title, status) = (of(Field::Title), of(Field::Status));
            let write = TaskWrite { title, status, text: text.as_deref() };
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
                text: text.as_deref(),
                text_is_blank: normal::digest(&target.text) == BLANK,
            };
            input.huly.write(&[write]).pop().unwrap_or(Ok(Written::Moved))
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
        Ok(Written::Moved) => {
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
        Err(error) => {
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
                Ok(Vocabulary { statuses, complete: project.statuses_complete })
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

impl Target {
    /// What it shows now.
    fn value(&self) -> String {
        match self.field {
            Field::Title => self.staged.title.clone(),
            Field::Description => self.plain.clone(),
            Field::Status => self.staged.status.clone().unwrap_or_default(),
        }
    }

    /// Whether that is this value.
    fn shows(&self, value: &str) -> bool {
        match self.field {
            Field::Title => self.staged.title == normal::title(value),
            Field::Description => normal::digest(&self.plain) == normal::digest(value),
            Field::Status => self.value().eq_ignore_ascii_case(value),
        }
    }

    /// What is overwritten: to be put back in its turn.
    fn replaced(&self, loser: &Loser, at: crate::model::Millis) -> Loser {
        Loser {
            id: 0,
            project: String::new(),
            identifier: self.row.identifier.clone(),
            task: Some(self.link.task.clone()),
            field: self.field.to_string(),
            kind: Kind::Restored,
            winner: self.side,
            lost: self.value(),
            won: loser.lost.clone(),
            at,
            acked: None,
        }
    }

    fn change(&self, loser: &Loser, at: crate::model::Millis) -> Change {
        let brief = |value: &str| (self.field != Field::Description).then(|| value.to_owned());
        Change {
            identifier: self.row.identifier.clone(),
            kind: "restored",
            side: self.side,
            old: brief(&self.value()),
            new: brief(&loser.lost),
            at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bent(step: Step) -> Step {
        let wish = Wish { identifier: "P-1".into(), field: Field::Title, winner: Side::Vibe };
        let merged = Merged { title: step, text: step, status: step };
        let bent = wish.bend("P-1", merged);
        assert_eq!((bent.text, bent.status), (step, step), "other fields stay");
        assert_eq!(wish.bend("P-2", merged), merged, "and so do other pairs");
        bent.title
    }

    #[test]
    fn a_wish_wins_whoever_changed_what() {
        let conflict = |winner| Step::Conflict { winner, first_sight: false };
        assert_eq!(bent(Step::Write(Side::Huly)), Step::Write(Side::Huly));
        assert_eq!(bent(Step::Write(Side::Vibe)), conflict(Side::Vibe), "the edit is kept");
        assert_eq!(bent(conflict(Side::Huly)), conflict(Side::Vibe));
        for step in [Step::Nothing, Step::Settle, Step::Drift] {
            assert_eq!(bent(step), step);
        }
    }
}
