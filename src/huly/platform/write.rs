//! Changing issues: compare-and-set for title and status, then the text.

use std::collections::HashMap;
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::texts::TextEnd;
use super::wire::{Applied, IssueDoc, Retrieved};
use super::{Platform, error};
use crate::http::{Class, Error, Kind, Result};
use crate::huly::{IssueWrite, LOOK_HOLDS, Ready, Written};
use crate::model::Field;

/// What became of the fields of a write, before its text.
struct Fields<'a> {
    written: Written,
    /// Whether anything was sent.
    sent: bool,
    /// What is as asked.
    taken: Vec<Field>,
    /// The issue, unless it has moved.
    doc: Option<&'a IssueDoc>,
}

impl Platform {
    pub(super) fn write_issues(
        &self,
        writes: &[IssueWrite<'_>],
        ready: Ready<'_>,
    ) -> Vec<Result<Written>> {
        let docs = match self.as_they_are(writes) {
            Ok(docs) => docs,
            Err(error) => return writes.iter().map(|_| Err(error.clone())).collect(),
        };
        let looked = Instant::now();
        let (mut over, mut without_texts): (Option<Error>, Option<Error>) = (None, None);
        let mut one = |(at, write): (usize, &IssueWrite<'_>)| {
            if let Some(error) = &over {
                return Err(Error { ambiguous: false, ..error.clone() });
            }
            if ready(&[at]).is_empty() {
                return Ok(Written::Moved);
            }
            let fields = self.write_fields(write, &docs);
            over = fields.as_ref().err().filter(|error| error.kind.ends_all()).cloned();
            let fields = fields?;
            let (Some(_), Some(doc)) = (write.text, fields.doc) else {
                return Ok(fields.written);
            };
            // Texts have a service of their own: when it is away, the rest still crosses.
            let text = match &without_texts {
                Some(error) => Err(Error { ambiguous: false, ..error.clone() }),
                None if ready(&[at]).is_empty() => Ok(TextEnd::Moved),
                None => self.write_text(doc, write, looked),
            };
            let error = match text {
                Ok(TextEnd::Written) => return Ok(fields.written),
                Ok(TextEnd::Moved) if !fields.sent => return Ok(Written::Moved),
                Ok(TextEnd::Moved) => return Ok(Written::Part(fields.taken)),
                Ok(TextEnd::Typed(text)) => return Ok(Written::Typed(text, fields.taken)),
                Err(error) => error,
            };
            match error.kind {
                Kind::TooLarge | Kind::Invalid if !error.ambiguous => {
                    return Ok(Written::TextRefused(fields.taken, error));
                }
                Kind::Offline | Kind::Throttled => without_texts = Some(error.clone()),
                kind if kind.ends_all() => over = Some(error.clone()),
                _ => {}
            }
            // A part of it was done.
            Err(Error { ambiguous: error.ambiguous || fields.sent, ..error })
        };
        writes.iter().enumerate().map(&mut one).collect()
    }

    /// The text, which knows no condition: where all was looked at a while ago, its reference is
    /// looked at again.
    fn write_text(
        &self,
        doc: &IssueDoc,
        write: &IssueWrite<'_>,
        looked: Instant,
    ) -> Result<TextEnd> {
        if looked.elapsed() >= LOOK_HOLDS {
            let found = self.issues_named(&self.board(), &[&doc.identifier])?;
            let is_same = |now: &IssueDoc| now.id == doc.id && now.reference() == doc.reference();
            if !found.iter().any(is_same) {
                return Ok(TextEnd::Moved);
            }
        }
        let described = (write.text.unwrap_or_default(), write.marker_at);
        self.update_text(doc, described, (write.text_before, write.unsaved))
    }

    /// The issues right now, by identifier.
    fn as_they_are(&self, writes: &[IssueWrite<'_>]) -> Result<HashMap<String, Vec<IssueDoc>>> {
        let names: Vec<&str> = writes.iter().map(|write| write.identifier).collect();
        let mut docs: HashMap<String, Vec<IssueDoc>> = HashMap::new();
        for doc in self.issues_named(&self.board(), &names)? {
            docs.entry(doc.identifier.clone()).or_default().push(doc);
        }
        Ok(docs)
    }

    /// Title and status.
    fn write_fields<'a>(
        &self,
        write: &IssueWrite<'_>,
        docs: &'a HashMap<String, Vec<IssueDoc>>,
    ) -> Result<Fields<'a>> {
        let fail = |kind, what| {
            let message = format!("{} {what}", write.identifier);
            Err(error(kind, "POST /api/v1/find-all", message))
        };
        let doc = match docs.get(write.identifier).map_or(&[][..], Vec::as_slice) {
            [doc] => doc,
            [] => return fail(Kind::Gone, "is not there"),
            _ => return fail(Kind::Protocol, "is borne by two issues"),
        };
        let is_another = write.id.is_some_and(|id| id != doc.id);
        let moved = Fields { written: Written::Moved, sent: false, taken: Vec::new(), doc: None };
        if is_another || !self.is_as_seen(write, doc)? {
            return Ok(moved);
        }
        let mut operations = Map::new();
        let (mut lacking, mut taken) = (None, Vec::new());
        if let Some(title) = write.title {
            if title.trim().is_empty() {
                return Err(error(Kind::Invalid, "POST /api/v1/tx", "an issue needs a title"));
            }
            operations.insert("title".to_owned(), Value::from(title));
            taken.push(Field::Title);
        }
        if let Some(name) = write.status {
            let board = self.board();
            if !self.status_names(&board)?.contains_key(&doc.status) {
                // It may be any, also one that a person has just chosen: nothing is written over it.
                return Ok(moved);
            }
            let project = board.project_of(doc)?;
            let statuses = self.statuses_for(&board, project, Some(&doc.kind))?;
            match statuses.iter().find(|(_, status)| status.name.eq_ignore_ascii_case(name)) {
                Some((id, _)) => {
                    taken.push(Field::Status);
                    if *id != doc.status {
                        operations.insert("status".to_owned(), id.as_str().into());
                    }
                }
                None => lacking = Some(statuses.into_iter().map(|(_, status)| status).collect()),
            }
        }
        let sent = !operations.is_empty();
        if sent && !self.set(doc, &operations.into())? {
            return Ok(moved);
        }
        let written = lacking.map_or(Written::Done, Written::NoSuchStatus);
        Ok(Fields { written, sent, taken, doc: Some(doc) })
    }

    fn is_as_seen(&self, write: &IssueWrite<'_>, doc: &IssueDoc) -> Result<bool> {
        let Some(seen) = write.seen else { return Ok(true) };
        if seen.modified.is_some() && seen.modified == doc.modified() {
            return Ok(true);
        }
        let board = self.board();
        let now = doc.issue(self.status_names(&board)?);
        Ok(now.title.trim() == seen.title
            && now.status.as_deref() == seen.status
            && now.text_ref.as_deref() == seen.text_ref)
    }

    /// Sets fields, if nothing has touched the issue since it was read a moment ago; `false`:
    /// something has.
    fn set(&self, doc: &IssueDoc, operations: &Value) -> Result<bool> {
        let mut update = self.update(&doc.id, &doc.space, operations)?;
        let Some(modified) = doc.modified() else {
            // Without it a missing document would go unnoticed.
            update["retrieve"] = Value::from(true);
            let answer: Retrieved = self.send(Class::IdempotentWrite, &update)?;
            return Ok(answer.object.is_some());
        };
        let scope = format!("huly-vibe-sync-{}", doc.id);
        let as_seen = json!({"_id": doc.id, "modifiedOn": modified});
        let tx = self.conditional(&scope, Some(as_seen), None, vec![update])?;
        let applied: Applied = self.send(Class::IdempotentWrite, &tx)?;
        Ok(applied.success)
    }
}
