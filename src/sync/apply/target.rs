//! Re-reads what is about to be written: a person may have been quicker.

use std::collections::HashMap;

use crate::http::{Error, Kind};
use crate::huly::{Found, Issue};
use crate::model::Side;
use crate::vibe::Task;

use super::super::desk::Desk;
use super::super::halves::{Half, Pair};
use super::super::marker;
use super::super::normal;
use super::super::staged::Staged;
use super::super::trouble::Result;
use super::super::view;

/// An item as it is right now, with its text.
#[derive(Debug, Clone)]
pub(super) struct Now {
    pub(super) staged: Staged,
    /// As the server gave it, marker included.
    pub(super) text: String,
}

impl Now {
    pub(super) fn of_issue(issue: Issue) -> Self {
        let (staged, text) = Staged::issue(issue, None);
        Self { staged, text }
    }

    pub(super) fn of_task(task: Task) -> Self {
        let (staged, text) = Staged::task(task, None);
        Self { staged, text }
    }

    /// Its text without the markers of its pair.
    pub(super) fn plain(&self, pair: &Pair) -> String {
        marker::without_own(&self.text, view::own(&pair.row, &pair.link)).into_owned()
    }

    /// As a half of its pair.
    pub(super) fn half(&self, pair: &Pair) -> Half {
        Half {
            title: self.staged.title.clone(),
            status: self.staged.status.clone(),
            category: self.staged.category,
            text: Some(normal::digest(&self.plain(pair))),
            changed: None,
            modified: self.staged.modified,
        }
    }
}

/// Whether it is not what the plan was made from. Comments move Huly's time, and its time can go
/// back by some milliseconds: then the values tell.
pub(super) fn moved(side: Side, planned: &Half, now: &Half) -> bool {
    let same_time =
        side == Side::Huly && now.modified.is_some() && now.modified == planned.modified;
    let same_values = now.title == planned.title
        && (now.status == planned.status || planned.status.is_none() || now.status.is_none())
        && (now.text == planned.text || planned.text.is_none());
    !same_time && !same_values
}

/// What was found of some issues, by identifier; `None`: gone.
pub(super) type Issues = HashMap<String, std::result::Result<Option<Now>, Error>>;

/// Reads these issues now.
pub(super) fn issues(desk: &Desk<'_>, identifiers: &[&str]) -> Result<Issues> {
    let mut found = Issues::new();
    if identifiers.is_empty() {
        return Ok(found);
    }
    let read = desk.pass.huly.read(identifiers, &mut |one| {
        match one {
            Found::Issue(issue) => {
                let name = issue.identifier.clone();
                if found.insert(name.clone(), Ok(Some(Now::of_issue(issue)))).is_some() {
                    // Which of the two is meant, nobody knows.
                    let message = "two issues bear this identifier";
                    let error = Error::new(Kind::Protocol, Side::Huly, &name, message);
                    found.insert(name, Err(error));
                }
            }
            Found::Gone(identifier) => {
                found.insert(identifier, Ok(None));
            }
            Found::Failed(identifier, error) => {
                found.insert(identifier, Err(error));
            }
        }
        Ok(())
    });
    if let Err(error) = read {
        if error.kind.is_setup() || matches!(error.kind, Kind::Stopped | Kind::Local) {
            return Err(error.into());
        }
        for identifier in identifiers {
            found.entry((*identifier).to_owned()).or_insert_with(|| Err(error.clone()));
        }
    }
    Ok(found)
}

/// Reads a task now; `None`: gone.
pub(super) fn task(desk: &Desk<'_>, id: &str) -> std::result::Result<Option<Now>, Error> {
    Ok(desk.pass.vibe.read(id)?.map(Now::of_task))
}
