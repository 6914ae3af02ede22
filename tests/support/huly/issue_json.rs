//! An issue as the bridge spells it.

use std::time::Instant;

use serde_json::Value;

use super::bridge::BridgeGeneration;
use super::tracker::{Issue, SingleRead, Stamp};
use crate::support::json::Object;

/// Which parts of an issue a call asked for, and what stands in the way.
#[derive(Clone)]
pub struct View {
    pub generation: BridgeGeneration,
    pub descriptions: bool,
    /// Only these fields, if given.
    pub fields: Option<Vec<String>>,
    /// The collaborator is away: every text reads empty.
    pub texts_away: bool,
    /// The single read, which may differ.
    pub single: bool,
}

/// Writes the issue; true when it will read otherwise next time, so that no cache may keep it.
pub fn render(issue: &mut Issue, view: &View, now: Instant, out: &mut Vec<u8>) -> bool {
    let mut passing = issue.settle(now);
    let wanted = |name: &str| view.fields.as_ref().is_none_or(|f| f.iter().any(|n| n == name));
    let with_text = view.descriptions && wanted("description");
    let mut status = issue.status.as_str();
    if issue.unknown_reads > 0 {
        issue.unknown_reads = issue.unknown_reads.saturating_sub(1);
        passing = true;
        status = "Unknown";
    }
    let mut text = String::new();
    if with_text && !view.texts_away {
        if issue.blank_reads > 0 {
            issue.blank_reads -= 1;
            passing = true;
        } else {
            issue.text.was_read();
            issue.text.seen().clone_into(&mut text);
        }
    }
    let differing = issue.single.as_ref().filter(|_| view.single);
    let SingleRead { text_suffix, modified_shift_ms } = differing.cloned().unwrap_or_default();
    if !text.is_empty() {
        text += &text_suffix;
    }
    let modified = match issue.modified {
        Stamp::At(ms) => Stamp::At(ms + modified_shift_ms),
        other => other,
    };
    let mut object = Object::open(out);
    macro_rules! put {
        ($name:literal, $value:expr) => {
            if wanted($name) {
                object = object.field($name, $value);
            }
        };
    }
    put!("identifier", &issue.identifier());
    put!("title", &issue.title);
    if view.fields.is_none() || with_text {
        put!("description", &text);
    }
    put!("status", status);
    put!("priority", &issue.priority);
    put!("component", &Value::Null);
    put!("milestone", &Value::Null);
    put!("assignee", &issue.assigned.then_some("Ada Lovelace"));
    for (name, stamp) in [("createdOn", issue.created), ("modifiedOn", modified)] {
        if wanted(name) && stamp != Stamp::Missing {
            object = object.field(name, &stamp.ms());
        }
    }
    put!("number", &issue.number);
    put!("project", &issue.project);
    if view.generation == BridgeGeneration::Second {
        put!("dueDate", &Value::Null);
        put!("parentIssue", &Value::Null);
        put!("subIssueCount", &0);
    }
    object.close();
    passing
}
