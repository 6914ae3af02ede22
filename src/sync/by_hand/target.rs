//! Where a value that lost belongs: the item, as it is right now.

use crate::config::Direction;
use crate::exit::{Exit, Expected};
use crate::huly::Found;
use crate::model::{Field, Side};
use crate::store::changes::Change;
use crate::store::issues::{Link, Row};
use crate::store::losers::{Kind, Loser};
use crate::store::{self};
use crate::sync::input::Input;
use crate::sync::pairing::{Pair, Partner};
use crate::sync::staged::Staged;
use crate::sync::{marker, normal, plan, view};

/// The item that the value came from, as it is right now.
pub(super) struct Target {
    pub(super) row: Row,
    pub(super) link: Link,
    pub(super) field: Field,
    pub(super) side: Side,
    pub(super) staged: Staged,
    /// Without the pair's markers.
    pub(super) plain: String,
    /// As the server gave it.
    pub(super) text: String,
}

fn refuse<T>(message: String) -> anyhow::Result<T> {
    Err(Expected::new(Exit::Usage, message).into())
}

/// Finds the item, or says why the value has no place any more.
pub(super) fn find(input: &Input, pairs: &[Pair], loser: &Loser) -> anyhow::Result<Target> {
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
            Ok(read_issue(input, &row.identifier)?.filter(|(now, _)| plan::is_same_issue(row, now)))
        }
    }
}

/// One issue, with its text; `None`: gone.
pub(super) fn read_issue(
    input: &Input,
    identifier: &str,
) -> anyhow::Result<Option<(Staged, String)>> {
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

impl Target {
    /// What it shows now.
    pub(super) fn value(&self) -> String {
        match self.field {
            Field::Title => self.staged.title.clone(),
            Field::Description => self.plain.clone(),
            Field::Status => self.staged.status.clone().unwrap_or_default(),
        }
    }

    /// Whether that is this value.
    pub(super) fn shows(&self, value: &str) -> bool {
        match self.field {
            Field::Title => self.staged.title == normal::title(value),
            Field::Description => normal::digest(&self.plain) == normal::digest(value),
            Field::Status => self.value().eq_ignore_ascii_case(value),
        }
    }

    /// What is overwritten: to be put back in its turn.
    pub(super) fn replaced(&self, loser: &Loser, at: crate::model::Millis) -> Loser {
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

    pub(super) fn change(&self, loser: &Loser, at: crate::model::Millis) -> Change {
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
