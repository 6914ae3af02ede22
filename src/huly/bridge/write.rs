//! Changing issues: titles and statuses together, then texts one by one.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::read::is_gone;
use super::wire::{self, BulkResult};
use super::{BODY_LIMIT, BULK, Bridge, error, issue_path};
use crate::http::{Error, Kind, Request, Result};
use crate::huly::{IssueWrite, Ready, Status, Written};
use crate::model::Field;

/// What surrounds the updates of a bulk PATCH, and each of them, in bytes; generously.
const AROUND: usize = 64;

/// How the fields of one issue fared so far.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The first failure.
    pub(super) failed: Option<Error>,
    /// The statuses that there are instead of the one that was asked for.
    pub(super) available: Option<Vec<String>>,
    /// What was taken.
    written: Vec<Field>,
    /// Whether the rest is not to be sent.
    moved: bool,
}

impl Progress {
    pub(super) fn fail(&mut self, error: Error) {
        self.failed.get_or_insert(error);
    }

    /// Whether a further field may be sent. After an unclear end none: a hanging write is carried
    /// out when the platform returns, and must not come after a later one.
    pub(super) fn goes_on(&self) -> bool {
        !self.moved
            && !self.failed.as_ref().is_some_and(|error| {
                error.ambiguous || error.kind.ends_all() || error.kind == Kind::Gone
            })
    }

    /// Whether a further field may be sent now.
    fn may_go(&mut self, at: usize, ready: Ready<'_>) -> bool {
        if self.goes_on() {
            self.moved = ready(&[at]).is_empty();
        }
        self.goes_on()
    }

    fn end(self) -> Result<Written> {
        match (self.failed, self.available) {
            // What was taken stands: the next pass looks, and goes on from there.
            (Some(error), _) => {
                Err(Error { ambiguous: error.ambiguous || !self.written.is_empty(), ..error })
            }
            (None, _) if self.moved && self.written.is_empty() => Ok(Written::Moved),
            (None, _) if self.moved => Ok(Written::Part(self.written)),
            (None, Some(available)) => {
                let named = |name| Status { name, category: None };
                Ok(Written::NoSuchStatus(available.into_iter().map(named).collect()))
            }
            (None, None) => Ok(Written::Done),
        }
    }
}

impl Bridge {
    pub(super) fn write_issues(
        &self,
        writes: &[IssueWrite<'_>],
        ready: Ready<'_>,
    ) -> Vec<Result<Written>> {
        let mut ends: Vec<Progress> = writes.iter().map(|_| Progress::default()).collect();
        let short: Vec<usize> = (0..writes.len()).filter(|at| has_short(&writes[*at])).collect();
        for batch in self.batches(&short, writes) {
            self.write_short(batch, writes, ready, &mut ends);
        }
        for (at, write) in writes.iter().enumerate() {
            let Some(text) = write.text else { continue };
            if !is_barred(&mut ends, at) && ends[at].may_go(at, ready) {
                self.write_text(write, text, &mut ends[at]);
            }
        }
        ends.into_iter().map(Progress::end).collect()
    }

    /// Splits into what one bulk call takes.
    fn batches<'s>(&self, short: &'s [usize], writes: &[IssueWrite<'_>]) -> Vec<&'s [usize]> {
        let (mut batches, mut from, mut size) = (Vec::new(), 0, AROUND);
        for (at, index) in short.iter().enumerate() {
            let more = update(&writes[*index]).to_string().len() + AROUND;
            if at > from && (at - from == BULK || size + more > BODY_LIMIT) {
                batches.push(&short[from..at]);
                (from, size) = (at, AROUND);
            }
            size += more;
        }
        if from < short.len() {
            batches.push(&short[from..]);
        }
        batches
    }

    fn write_short(
        &self,
        batch: &[usize],
        writes: &[IssueWrite<'_>],
        ready: Ready<'_>,
        ends: &mut [Progress],
    ) {
        let mut results = BTreeMap::new();
        let mut batch = batch.to_vec();
        // The answer about a single one says more: why, and which statuses there are.
        if !self.generation().lists_texts() && batch.len() > 1 {
            let goes = ready(&batch);
            batch.iter().for_each(|at| ends[*at].moved = !goes.contains(at));
            batch = goes;
        }
        if !self.generation().lists_texts() && batch.len() > 1 {
            let updates: Vec<Value> = batch.iter().map(|at| update(&writes[*at])).collect();
            match self.write_bulk(&updates) {
                Ok(bulk) => results = bulk,
                // A server that has answered is not going to carry it out later: one by one.
                Err(error) if error.is_answered() => {
                    log::debug!("writing one by one: {error}");
                }
                Err(error) => {
                    batch.iter().for_each(|at| ends[*at].fail(error.clone()));
                    return;
                }
            }
        }
        for at in batch {
            if is_barred(ends, at) {
                continue;
            }
            let (write, end) = (&writes[at], &mut ends[at]);
            for (field, value) in short_fields(write) {
                let taken =
                    results.get(write.identifier).is_some_and(|done| done.took(word(field)));
                if taken {
                    end.written.push(field);
                } else if end.may_go(at, ready) {
                    self.put_into(write.identifier, field, value, end);
                }
            }
        }
    }

    fn write_bulk(&self, updates: &[Value]) -> Result<BTreeMap<String, BulkResult>> {
        let request = Request::patch("/api/issues/bulk").json(&json!({ "updates": updates }));
        let answer = self.send(&request)?.ok()?;
        let bulk: wire::BulkUpdated = answer.parse()?;
        Ok(bulk.results.into_iter().map(|done| (done.identifier.clone(), done)).collect())
    }

    fn put_into(&self, identifier: &str, field: Field, value: &str, end: &mut Progress) {
        match self.put(identifier, word(field), value) {
            Ok(Put::Taken) => end.written.push(field),
            Ok(Put::NoSuchStatus(available)) => end.available = Some(available),
            Err(error) => end.fail(error),
        }
    }

    /// One field of one issue.
    pub(super) fn put(&self, identifier: &str, field: &str, value: &str) -> Result<Put> {
        let request =
            Request::put(issue_path(identifier)).json(&json!({"field": field, "value": value}));
        let answer = self.send(&request)?;
        if answer.status == 400
            && field == "status"
            && let Ok(refused) = answer.parse::<wire::Refused>()
        {
            return Ok(Put::NoSuchStatus(refused.available_statuses));
        }
        if answer.status == 404 && !is_gone(&answer, identifier) {
            let message = format!("this 404 does not name the issue: {}", answer.message());
            return Err(error(Kind::Protocol, &request.call(), message));
        }
        let updated: wire::Updated = answer.ok()?.parse()?;
        if updated.updated {
            return Ok(Put::Taken);
        }
        Err(error(Kind::Server, &request.call(), format!("{field} was not taken")))
    }
}

/// Whether one of these writes has shown that nothing is let in: then this one fails in the same way,
/// unsent.
fn is_barred(ends: &mut [Progress], at: usize) -> bool {
    let failed =
        ends.iter().find_map(|end| end.failed.as_ref().filter(|error| error.kind.is_setup()));
    let Some(error) = failed.cloned() else { return false };
    ends[at].fail(Error { ambiguous: false, ..error });
    true
}

/// How a PUT that was answered ended.
#[derive(Debug)]
pub(super) enum Put {
    Taken,
    NoSuchStatus(Vec<String>),
}

fn has_short(write: &IssueWrite<'_>) -> bool {
    write.title.is_some() || write.status.is_some()
}

fn short_fields<'a>(write: &IssueWrite<'a>) -> impl Iterator<Item = (Field, &'a str)> {
    let pairs = [(Field::Title, write.title), (Field::Status, write.status)];
    pairs.into_iter().filter_map(|(field, value)| Some((field, value?)))
}

/// One entry of a bulk PATCH; never with a description.
fn update(write: &IssueWrite<'_>) -> Value {
    let changes: Map<String, Value> =
        short_fields(write).map(|(field, value)| (word(field).to_owned(), value.into())).collect();
    json!({"identifier": write.identifier, "changes": changes})
}

/// What a bridge calls the field.
fn word(field: Field) -> &'static str {
    match field {
        Field::Title => "title",
        Field::Status => "status",
        Field::Description => "description",
    }
}
