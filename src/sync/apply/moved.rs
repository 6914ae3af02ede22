//! Issues that were moved to another project while their task was edited: no deletion that an edit
//! could beat. The issue gets its task there; what the edit said is kept.

use std::collections::HashMap;

use crate::model::{Field, Side};
use crate::store::losers::{Kind, Loser};
use crate::sync::desk::Desk;
use crate::sync::halves::Pair;
use crate::sync::marker;
use crate::sync::normal;
use crate::sync::trouble::Result;
use crate::sync::view;

use super::target::{self, Now};
use super::write_down;

/// Those of these pairs' issues that live on in another project, as they are there; by the identifier
/// that they had.
pub(super) fn find(desk: &Desk<'_>, pairs: &[&Pair]) -> Result<HashMap<String, Now>> {
    let ids: HashMap<&str, &str> = pairs
        .iter()
        .filter_map(|pair| Some((pair.row.remote_id.as_deref()?, pair.row.identifier.as_str())))
        .collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let asked: Vec<&str> = ids.keys().copied().collect();
    let names = desk.pass.huly.elsewhere(&desk.project.identifier, &asked)?;
    let wanted: Vec<&str> = names.values().map(String::as_str).collect();
    let mut found = target::issues(desk, &wanted)?;
    let mut moved = HashMap::new();
    for (id, name) in &names {
        let Some(before) = ids.get(id.as_str()) else { continue };
        match found.remove(name) {
            Some(Ok(Some(now))) => drop(moved.insert((*before).to_owned(), now)),
            Some(Err(error)) => return Err(error.into()),
            Some(Ok(None)) | None => {}
        }
    }
    Ok(moved)
}

/// Keeps the values that a person gave these fields of the task, where the issue has others.
pub(super) fn keep_edits(
    desk: &mut Desk<'_>,
    pair: &Pair,
    task: usize,
    edited: &[Field],
    now: &Now,
) -> Result<()> {
    let staged = desk.stage.get(Side::Vibe, task)?;
    let plain = desk.stage.text(&staged)?;
    let plain = marker::without_own(&plain, view::own(&pair.row, &pair.link)).into_owned();
    let issue = now.half(pair);
    let mut losers = Vec::new();
    for &field in edited {
        let (lost, won) = match field {
            Field::Title => (staged.title.clone(), issue.title.clone()),
            Field::Description => (plain.clone(), marker::without(&now.text).into_owned()),
            Field::Status => {
                let status = issue.status.clone().unwrap_or_default();
                let meaning = desk.words().to_vibe(issue.status.as_deref(), issue.category);
                if meaning.is_some() && meaning == staged.status {
                    continue;
                }
                (staged.status.clone().unwrap_or_default(), status)
            }
        };
        if normal::digest(&lost) == normal::digest(&won) {
            continue;
        }
        losers.push(Loser {
            id: 0,
            project: String::new(),
            identifier: now.staged.name.clone(),
            task: Some(pair.link.task.clone()),
            field: field.to_string(),
            kind: Kind::Conflict,
            winner: Side::Huly,
            lost,
            won,
            at: desk.pass.now,
            acked: None,
        });
    }
    if losers.is_empty() {
        return Ok(());
    }
    log::warn!(
        "{} was moved and is {} now, while its task was edited: what the task said is kept (see \
         `conflicts`)",
        pair.row.identifier,
        now.staged.name
    );
    desk.report.counts.conflicts += losers.len() as u64;
    write_down(desk, &[], &losers).map(drop)
}
