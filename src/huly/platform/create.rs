//! Making issues: texts first, then numbers, then all of them in one transaction.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::board::Board;
use super::tx::derived_id;
use super::wire::{Applied, ProjectDoc, Retrieved};
use super::{Platform, error};
use crate::http::{Class, Error, Kind, Result};
use crate::huly::{Created, EachCreated, NewIssue, Place, Status};

/// An issue on its way.
struct Draft {
    index: usize,
    id: String,
    /// The status' id.
    status: String,
    status_name: String,
    text: Option<String>,
}

/// An issue with its number.
struct Ready {
    index: usize,
    id: String,
    /// What makes it.
    tx: Value,
    made: Created,
}

/// What the issues of a batch share.
struct Batch<'a> {
    board: &'a Board,
    project: &'a ProjectDoc,
    scope: String,
}

impl Platform {
    pub(super) fn create_issues(&self, new: &[NewIssue<'_>], each: EachCreated<'_>) {
        let mut told = vec![false; new.len()];
        let mut tell = |index: usize, made: Result<Created>| {
            told[index] = true;
            // Whatever is done is told: nothing more can be held back.
            each(index, made);
        };
        if let Err(error) = self.make(new, &mut tell) {
            for (index, _) in told.iter().enumerate().filter(|(_, told)| !**told) {
                each(index, Err(error.clone()));
            }
        }
    }

    /// # Errors
    /// What concerns all that were not told of.
    fn make(
        &self,
        new: &[NewIssue<'_>],
        tell: &mut dyn FnMut(usize, Result<Created>),
    ) -> Result<()> {
        let Some(first) = new.first() else { return Ok(()) };
        let board = self.board();
        let project = board.project(first.project)?;
        let kind = self.kind_for(&board, project)?;
        let statuses = self.statuses_for(&board, project, Some(&kind))?;
        let workspace = &self.session()?.workspace;
        let ids: Vec<String> = new.iter().map(|new| derived_id(workspace, new.seed)).collect();
        let there = self.there(&ids, &board, project)?;
        let mut drafts = Vec::new();
        for (index, (new, id)) in new.iter().zip(ids).enumerate() {
            if let Some(made) = there.get(&id) {
                tell(index, Ok(made.clone()));
                continue;
            }
            match self.draft(index, new, id, project, &statuses) {
                Ok(draft) => drafts.push(draft),
                // At most its text is stored, and nobody refers to that: it is surely not made.
                Err(error) if error.kind.ends_all() => {
                    return Err(Error { ambiguous: false, ..error });
                }
                Err(error) => tell(index, Err(Error { ambiguous: false, ..error })),
            }
        }
        if drafts.is_empty() {
            return Ok(());
        }
        self.make_all(new, drafts, (&board, project), &kind, tell)
    }

    /// Those of these ids that are there already, wherever: made by a try whose answer was lost, and
    /// maybe moved by a person since.
    fn there(
        &self,
        ids: &[String],
        board: &Board,
        project: &ProjectDoc,
    ) -> Result<HashMap<String, Created>> {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let statuses = self.status_names(board)?;
        let found = self.issues_by_id(&ids)?;
        Ok(found
            .into_iter()
            .map(|doc| {
                let status = statuses.get(&doc.status).map(|status| status.name.clone());
                let is_here = doc.space == project.id && board.is_at_home(&doc);
                let place = if is_here { Place::There } else { Place::Elsewhere };
                (doc.id, Created { identifier: doc.identifier, status, place })
            })
            .collect())
    }

    fn draft(
        &self,
        index: usize,
        new: &NewIssue<'_>,
        id: String,
        project: &ProjectDoc,
        statuses: &[(String, Status)],
    ) -> Result<Draft> {
        let invalid = |message| error(Kind::Invalid, "POST /api/v1/tx", message);
        if new.title.trim().is_empty() {
            return Err(invalid("an issue needs a title".to_owned()));
        }
        let wished = new.status.and_then(|name| {
            statuses.iter().find(|(_, status)| status.name.eq_ignore_ascii_case(name))
        });
        // New issues may be of a kind that lacks a status of the project: the answer tells which one
        // they have.
        let Some((status, named)) = wished.or_else(|| first_status(project, statuses)) else {
            let what = format!("project {} has no status for new issues", project.identifier);
            return Err(invalid(what));
        };
        let text = self.create_text(&id, (new.text, new.marker_at))?;
        Ok(Draft { index, id, status: status.clone(), status_name: named.name.clone(), text })
    }

    fn make_all(
        &self,
        new: &[NewIssue<'_>],
        drafts: Vec<Draft>,
        (board, project): (&Board, &ProjectDoc),
        kind: &str,
        tell: &mut dyn FnMut(usize, Result<Created>),
    ) -> Result<()> {
        let count = drafts.len();
        let ranks = self.ranks(&project.id, count)?;
        // Numbers that come to nothing are gaps, and do no harm: it may be sent again.
        let taken: Retrieved = self
            .send(Class::IdempotentWrite, &self.take_numbers(&project.id, count)?)
            .map_err(|error| Error { ambiguous: false, ..error })?;
        let last = taken.object.as_ref().and_then(|object| object.get("sequence")?.as_u64());
        let last = last.ok_or_else(|| {
            let message = format!("project {} gave no number", project.identifier);
            error(Kind::Protocol, "POST /api/v1/tx", message)
        })?;
        let first = (last + 1).saturating_sub(count as u64);
        let mut ready = Vec::with_capacity(count);
        for ((draft, rank), number) in drafts.into_iter().zip(ranks).zip(first..) {
            let identifier = format!("{}-{number}", project.identifier);
            let attributes =
                attributes(new[draft.index].title, &draft, kind, number, &identifier, rank);
            let tx = self.creation(&draft.id, &project.id, &attributes)?;
            let status = Some(draft.status_name);
            let made = Created { identifier, status, place: Place::New };
            ready.push(Ready { index: draft.index, id: draft.id, tx, made });
        }
        let batch = Batch { board, project, scope: format!("huly-vibe-sync-{}", project.id) };
        self.apply(&batch, &ready, false, tell)
    }

    /// Makes all of these or none, in one transaction. Where the server does not take it, one of them
    /// may be the cause, and holds up no other: it is tried in halves. `unclear`: they may be there.
    fn apply(
        &self,
        batch: &Batch<'_>,
        ready: &[Ready],
        unclear: bool,
        tell: &mut dyn FnMut(usize, Result<Created>),
    ) -> Result<()> {
        let ids: Vec<&str> = ready.iter().map(|one| one.id.as_str()).collect();
        let txes = ready.iter().map(|one| one.tx.clone()).collect();
        let tx = self.conditional(&batch.scope, None, Some(json!({"_id": {"$in": ids}})), txes)?;
        let error = match self.send::<Applied>(Class::IdempotentWrite, &tx) {
            Ok(Applied { success: true }) => {
                for one in ready {
                    tell(one.index, Ok(one.made.clone()));
                }
                return Ok(());
            }
            // Some of them are there by now: a late request was carried out.
            Ok(Applied { success: false }) => return self.look(batch, ready, tell),
            Err(error) if error.kind == Kind::Exists => return self.look(batch, ready, tell),
            Err(error) => error,
        };
        let unclear = unclear || error.ambiguous;
        if ready.len() > 1 && error.is_answered() {
            let (some, others) = ready.split_at(ready.len() / 2);
            self.apply(batch, some, unclear, tell)?;
            return self.apply(batch, others, unclear, tell);
        }
        for one in ready {
            tell(one.index, Err(Error { ambiguous: unclear, ..error.clone() }));
        }
        Ok(())
    }

    fn look(
        &self,
        batch: &Batch<'_>,
        ready: &[Ready],
        tell: &mut dyn FnMut(usize, Result<Created>),
    ) -> Result<()> {
        let ids: Vec<String> = ready.iter().map(|one| one.id.clone()).collect();
        let there = self.there(&ids, batch.board, batch.project);
        let mut there = there.map_err(|error| Error { ambiguous: true, ..error })?;
        for one in ready {
            let made = there.remove(&one.id).ok_or_else(|| {
                // Nothing of the transaction was carried out: the next pass makes the rest.
                error(Kind::Server, "POST /api/v1/tx", "others were made at the same time")
            });
            tell(one.index, made);
        }
        Ok(())
    }
}

/// What a project gives its new issues: its default, else what is not begun with yet.
fn first_status<'a>(
    project: &ProjectDoc,
    statuses: &'a [(String, Status)],
) -> Option<&'a (String, Status)> {
    use crate::huly::Category::{ToDo, UnStarted};
    let default = project.default_issue_status.as_deref();
    let is_default = |(id, _): &&(String, Status)| Some(id.as_str()) == default;
    let is = |category| move |(_, status): &&(String, Status)| status.category == Some(category);
    statuses
        .iter()
        .find(is_default)
        .or_else(|| statuses.iter().find(is(UnStarted)))
        .or_else(|| statuses.iter().find(is(ToDo)))
        .or_else(|| statuses.first())
}

/// All that the platform's own form sets.
fn attributes(
    title: &str,
    draft: &Draft,
    kind: &str,
    number: u64,
    identifier: &str,
    rank: String,
) -> Value {
    json!({
        "title": title,
        "description": draft.text,
        "assignee": null,
        "component": null,
        "milestone": null,
        "number": number,
        "status": draft.status,
        "priority": 0,
        "rank": rank,
        "comments": 0,
        "subIssues": 0,
        "dueDate": null,
        "parents": [],
        "reportedTime": 0,
        "remainingTime": 0,
        "estimation": 0,
        "reports": 0,
        "relations": [],
        "childInfo": [],
        "kind": kind,
        "identifier": identifier,
    })
}
