//! The fields of an issue as the platform spells them.

use std::cmp::Ordering;

use serde_json::{Value, json};

use crate::support::huly::issue::{Issue, Stamp};
use crate::support::huly::project::{Category, Project, State};
use crate::support::huly::tracker::PRIORITIES;

/// The class of issues.
pub const ISSUE: &str = "tracker:class:Issue";
/// What an issue hangs on that hangs on no other.
pub const NO_PARENT: &str = "tracker:ids:NoParent";

/// A value of a document, borrowed where it can be.
#[derive(Clone, Debug)]
pub enum Field<'a> {
    Missing,
    Null,
    EmptyList,
    Number(i64),
    Text(&'a str),
    Owned(String),
    Json(&'a Value),
}

impl<'a> Field<'a> {
    /// The field of a document that is JSON already; dots lead into it.
    pub fn of_json(document: &'a Value, path: &str) -> Field<'a> {
        let exact = document.get(path);
        let found = exact.or_else(|| {
            path.split('.').try_fold(document, |value, name| match name.parse::<usize>() {
                Ok(index) if value.is_array() => value.get(index),
                _ => value.get(name),
            })
        });
        found.map_or(Field::Missing, Field::Json)
    }

    /// The same as JSON; nothing for a missing one.
    pub fn json(&self) -> Option<Value> {
        Some(match self {
            Field::Missing => return None,
            Field::Null => Value::Null,
            Field::EmptyList => json!([]),
            Field::Number(number) => json!(number),
            Field::Text(text) => json!(text),
            Field::Owned(text) => json!(text),
            Field::Json(value) => (*value).clone(),
        })
    }

    /// Text, where it is text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Field::Text(text) => Some(text),
            Field::Owned(text) => Some(text),
            Field::Json(value) => value.as_str(),
            _ => None,
        }
    }

    /// A number, where it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Field::Number(number) => Some(*number as f64),
            Field::Json(value) => value.as_f64(),
            _ => None,
        }
    }

    /// Whether there is nothing, or null.
    pub fn is_nothing(&self) -> bool {
        matches!(self, Field::Missing | Field::Null | Field::Json(Value::Null))
    }

    /// Whether it is this value.
    pub fn is(&self, value: &Value) -> bool {
        match value {
            Value::Null => self.is_nothing(),
            Value::String(text) => self.text() == Some(text),
            Value::Number(_) => self.number().is_some() && self.number() == value.as_f64(),
            Value::Array(list) if list.is_empty() => {
                matches!(self, Field::EmptyList)
                    || matches!(self, Field::Json(own) if *own == value)
            }
            _ => matches!(self, Field::Json(own) if *own == value),
        }
    }

    /// Its place before or after a value, where they can be compared.
    pub fn compare(&self, value: &Value) -> Option<Ordering> {
        match value {
            Value::Number(_) => self.number()?.partial_cmp(&value.as_f64()?),
            Value::String(text) => Some(self.text()?.cmp(text.as_str())),
            _ => None,
        }
    }

    /// An order over all values: nothing last, as PostgreSQL has it.
    pub fn order(&self, other: &Field<'_>) -> Ordering {
        match (self.number(), other.number(), self.text(), other.text()) {
            (Some(a), Some(b), ..) => a.total_cmp(&b),
            (_, _, Some(a), Some(b)) => a.cmp(b),
            _ => self.is_nothing().cmp(&other.is_nothing()),
        }
    }

    /// Writes it as JSON.
    pub fn write(&self, out: &mut Vec<u8>) {
        let done = match self {
            Field::Missing | Field::Null => serde_json::to_writer(out, &Value::Null),
            Field::EmptyList => serde_json::to_writer(out, &[(); 0]),
            Field::Number(number) => serde_json::to_writer(out, number),
            Field::Text(text) => serde_json::to_writer(out, text),
            Field::Owned(text) => serde_json::to_writer(out, text),
            Field::Json(value) => serde_json::to_writer(out, value),
        };
        done.expect("writing to memory");
    }
}

/// The fields of an issue in the order in which they come.
pub const FIELDS: [&str; 32] = [
    "kind",
    "rank",
    "title",
    "number",
    "status",
    "dueDate",
    "parents",
    "reports",
    "assignee",
    "comments",
    "priority",
    "childInfo",
    "component",
    "milestone",
    "relations",
    "subIssues",
    "collection",
    "estimation",
    "identifier",
    "description",
    "reportedTime",
    "remainingTime",
    "attachedToClass",
    "docUpdateMessages",
    "_id",
    "_class",
    "space",
    "modifiedBy",
    "createdBy",
    "modifiedOn",
    "createdOn",
    "attachedTo",
];

/// What the fields of an issue are made from.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    pub issue: &'a Issue,
    pub project: &'a Project,
    pub states: &'a [State],
    /// `_id` of the issue that it hangs on.
    pub parent: Option<&'a str>,
}

impl<'a> Shown<'a> {
    fn state(&self) -> Option<&'a State> {
        let mut known = self.project.kind.states.iter().chain(self.states);
        known.find(|state| state.name == self.issue.status)
    }

    /// What the status means, if anybody knows.
    pub fn category(&self) -> Option<Category> {
        self.state().map(|state| state.category)
    }

    fn status(&self) -> Field<'a> {
        if self.issue.unknown_reads > 0 {
            return Field::Text("tracker:status:NobodyKnows");
        }
        Field::Text(self.state().map_or(&self.issue.status, |state| &state.id))
    }

    fn priority(&self) -> Field<'a> {
        let place = PRIORITIES.iter().position(|name| *name == self.issue.priority);
        Field::Number(place.unwrap_or(0) as i64)
    }

    /// A field of the issue.
    pub fn field(&self, name: &str) -> Field<'a> {
        let Issue { document, .. } = self.issue;
        if let Some(value) = document.attributes.get(name) {
            return Field::Json(value);
        }
        if document.missing.iter().any(|missing| missing == name) {
            return Field::Missing;
        }
        let stamp = |stamp: Stamp| match stamp {
            Stamp::At(ms) => Field::Number(ms),
            Stamp::Null => Field::Null,
            Stamp::Missing => Field::Missing,
        };
        match name {
            "_id" => Field::Text(&document.id),
            "_class" | "attachedToClass" => Field::Text(ISSUE),
            "space" => Field::Text(&self.project.space),
            "modifiedOn" => stamp(self.issue.modified),
            "createdOn" => stamp(self.issue.created),
            "modifiedBy" => Field::Text(document.modified_by),
            "createdBy" => Field::Text(document.created_by),
            "title" => Field::Text(&self.issue.title),
            "status" => self.status(),
            "priority" => self.priority(),
            "number" => Field::Number(self.issue.number as i64),
            "identifier" => match &document.identifier {
                Some(identifier) => Field::Text(identifier),
                None => Field::Owned(self.issue.identifier()),
            },
            "description" => document.description.as_deref().map_or(Field::Null, Field::Text),
            "kind" => Field::Text(&self.project.kind.task_type),
            "rank" => Field::Owned(rank(self.issue.id)),
            "attachedTo" => Field::Text(self.parent.unwrap_or(NO_PARENT)),
            "collection" => Field::Text("subIssues"),
            "assignee" if self.issue.assigned => Field::Text("6b03f7dc370a4bb4c1ab8357"),
            "assignee" | "component" | "milestone" | "dueDate" => Field::Null,
            "parents" | "childInfo" | "relations" => Field::EmptyList,
            "comments" => Field::Number(document.comments as i64),
            "subIssues" => Field::Number(document.sub_issues as i64),
            "reports" | "estimation" | "reportedTime" | "remainingTime" => Field::Number(0),
            "docUpdateMessages" => Field::Number(1),
            _ => Field::Missing,
        }
    }

    /// Writes the fields that are shown, and those alone that nobody has said before.
    pub fn write(
        &self,
        shows: impl Fn(&str) -> bool,
        says: impl Fn(&str, &Field<'_>) -> bool,
        out: &mut Vec<u8>,
    ) {
        let others = self.issue.document.attributes.keys().map(String::as_str);
        let others = others.filter(|name| !FIELDS.contains(name));
        let mut between = b'{';
        for name in FIELDS.into_iter().chain(others).filter(|name| shows(name)) {
            let field = self.field(name);
            if matches!(field, Field::Missing) || says(name, &field) {
                continue;
            }
            out.push(between);
            between = b',';
            out.push(b'"');
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"\":");
            field.write(out);
        }
        if between == b'{' {
            out.push(between);
        }
        out.push(b'}');
    }

    /// The whole document.
    pub fn json(&self) -> Value {
        let mut out = Vec::new();
        self.write(|_| true, |_, _| false, &mut out);
        serde_json::from_slice(&out).expect("written as JSON")
    }
}

/// A rank for the n-th issue, in the form of the platform's: later ones come last.
pub fn rank(n: u64) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut digits = [b'0'; 6];
    // "hzzzzz", the middle of all ranks, is the first.
    let mut left = 36u64.pow(5) * 18 - 1 + (n % 1_000_000) * 8;
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(left % 36) as usize];
        left /= 36;
    }
    format!("0|{}:", String::from_utf8_lossy(&digits))
}
