//! What is told of an item: one value with two faces.

use std::fmt::Write as _;

use serde::Serialize;

use crate::config::Config;
use crate::model::{Field, Millis, Side};
use crate::report::{self, Op};
use crate::store::known::{Change, Conflict, Known, Said};
use crate::sync::output::Output;

use super::fields::{self, Compared, Since, Value};
use super::{about, next};

/// Why an item waits.
#[derive(Debug, Serialize)]
struct Waiting {
    item: String,
    reason: String,
    tries: u32,
    since: Millis,
    at: Millis,
    message: String,
}

/// A pair that has ended.
#[derive(Debug, Serialize)]
struct Ended {
    identifier: String,
    task: String,
    gone: Side,
    at: Millis,
}

/// What was sent and is not settled.
#[derive(Debug, Serialize)]
struct Sent {
    kind: &'static str,
    side: Side,
    at: Millis,
}

/// All of it.
#[derive(Debug, Serialize)]
pub(super) struct Account {
    /// As it was asked for.
    item: String,
    project: Option<String>,
    vibe_project: Option<String>,
    issue: Option<String>,
    task: Option<String>,
    /// Whether the two are a pair.
    linked: bool,
    /// When the issue was last changed, by Huly's clock.
    modified: Option<Millis>,
    /// When a pass over the project last came to its end.
    last_success: Option<Millis>,
    fields: Vec<Compared>,
    pending: Vec<Waiting>,
    tombstones: Vec<Ended>,
    outbox: Vec<Sent>,
    conflicts: Vec<Conflict>,
    changes: Vec<Change>,
    said: Vec<Said>,
    /// What the next pass does, as far as the state alone tells.
    next: Vec<String>,
    /// What it would write now, where both systems were asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Vec<Op>>,
    /// What went wrong while they were asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<String>,
}

impl Account {
    pub(super) fn of(name: &str, known: Option<&Known>, config: &Config) -> Self {
        let mut account = Self {
            item: name.to_owned(),
            project: None,
            vibe_project: None,
            issue: None,
            task: None,
            linked: false,
            modified: None,
            last_success: None,
            fields: Vec::new(),
            pending: Vec::new(),
            tombstones: Vec::new(),
            outbox: Vec::new(),
            conflicts: Vec::new(),
            changes: Vec::new(),
            said: Vec::new(),
            next: Vec::new(),
            plan: None,
            errors: Vec::new(),
        };
        if let Some(known) = known {
            account.take(known, config);
        }
        account
    }

    fn take(&mut self, known: &Known, config: &Config) {
        self.project = Some(known.project.identifier.clone());
        self.vibe_project = known.project.vibe_id.clone();
        self.last_success = known.project.success;
        self.issue = known.identifier.clone();
        self.task = known.task.clone();
        if let Some(row) = &known.row {
            self.linked = row.link.is_some();
            self.modified = row.modified;
            self.fields = fields::compare(row);
        }
        for (item, pending) in &known.pending {
            self.pending.push(Waiting {
                item: item.clone(),
                reason: pending.reason.to_string(),
                tries: pending.tries,
                since: pending.since,
                at: pending.at,
                message: pending.message.clone(),
            });
        }
        for stone in &known.tombstones {
            self.tombstones.push(Ended {
                identifier: stone.identifier.clone(),
                task: stone.task.clone(),
                gone: stone.gone,
                at: stone.at,
            });
        }
        for entry in &known.outbox {
            let (kind, side, at) = (entry.kind.name(), entry.side, entry.at);
            self.outbox.push(Sent { kind, side, at });
        }
        self.conflicts.clone_from(&known.conflicts);
        self.changes.clone_from(&known.changes);
        self.said.clone_from(&known.said);
        self.next = next::tell(known, &self.fields, config);
    }

    /// Adds what a dry run over the item's project said of it.
    ///
    /// # Errors
    /// The plan cannot be read.
    pub(super) fn add_plan(
        &mut self,
        name: &str,
        known: Option<&Known>,
        output: Output,
    ) -> anyhow::Result<()> {
        self.plan = Some(about(&output.ops, name, known)?);
        let names: Vec<String> = [Some(name.to_owned()), self.issue.clone(), self.task.clone()]
            .into_iter()
            .flatten()
            .collect();
        for project in output.projects {
            // What is wrong with the whole project is wrong with the item, too.
            let is_whole = self.project.as_ref() == Some(&project.identifier)
                && !matches!(project.outcome, report::Outcome::Ok | report::Outcome::Partial);
            let is_it = |line: &String| {
                is_whole || names.iter().any(|name| line.starts_with(&format!("{name}:")))
            };
            self.errors
                .extend(project.errors.into_iter().map(|complaint| complaint.text).filter(is_it));
        }
        self.errors.extend(output.errors.into_iter().map(|complaint| complaint.text));
        Ok(())
    }

    /// Whether there is anything to tell.
    pub(super) fn is_known(&self) -> bool {
        self.project.is_some() || self.plan.as_ref().is_some_and(|plan| !plan.is_empty())
    }

    /// For people; `whole` shows values in full.
    pub(super) fn to_text(&self, whole: bool) -> String {
        let mut text = String::new();
        self.write(&mut text, whole);
        text
    }

    fn write(&self, out: &mut String, whole: bool) {
        let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "none".to_owned());
        let _ = match (&self.issue, &self.task) {
            (None, None) => writeln!(out, "{}: not known to this state yet", self.item),
            (Some(issue), Some(task)) if self.linked => writeln!(out, "{issue} = {task}"),
            (Some(issue), Some(task)) => {
                writeln!(out, "{issue} and {task}: no pair any more")
            }
            (Some(issue), None) => writeln!(out, "{issue}: no task"),
            (None, Some(task)) => writeln!(out, "{task}: no issue"),
        };
        if let Some(project) = &self.project {
            let success = self.last_success.map_or_else(|| "never".to_owned(), report::time);
            let _ = writeln!(
                out,
                "project {project}, in Vibe Kanban {}; last pass that came to its end: {success}",
                name(&self.vibe_project)
            );
        }
        for field in &self.fields {
            let _ = writeln!(out, "{}", line_of(field, whole));
        }
        for entry in &self.outbox {
            let _ = writeln!(
                out,
                "sent, not settled: {} in {}, {}",
                entry.kind,
                entry.side,
                report::time(entry.at)
            );
        }
        for conflict in &self.conflicts {
            let _ = writeln!(
                out,
                "conflict {}: {}, {} won, {} ({}{})",
                conflict.id,
                conflict.field,
                conflict.winner,
                report::time(conflict.at),
                conflict.kind.name(),
                if conflict.acked.is_some() { ", seen to" } else { "" }
            );
        }
        for change in &self.changes {
            let value = |value: &Option<String>| {
                value
                    .as_ref()
                    .map(|value| if whole { report::quoted(value) } else { report::brief(value) })
            };
            let new = value(&change.new).map(|new| format!(": {new}")).unwrap_or_default();
            let _ = writeln!(
                out,
                "{}  {} from {}{new}",
                report::time(change.at),
                change.kind,
                change.side
            );
        }
        for line in &self.next {
            let _ = writeln!(out, "the next pass {line}");
        }
        for error in &self.errors {
            let _ = writeln!(out, "asked now: {error}");
        }
        match self.plan.as_deref() {
            None => {}
            Some([]) => {
                let _ = writeln!(out, "asked now: a pass would write nothing of it");
            }
            Some(ops) => {
                for op in ops {
                    let _ = writeln!(out, "asked now: {op}");
                }
            }
        }
    }
}

fn line_of(field: &Compared, whole: bool) -> String {
    let since = match field.since {
        Since::Agreed => "as agreed",
        Since::HulyChanged => "changed in Huly",
        Since::VibeChanged => "changed in Vibe Kanban",
        Since::BothChanged => "changed on both sides",
        Since::NeverAgreed => "never agreed on",
    };
    let value = |value: &Value| {
        let show = |value: &Option<String>| match value {
            None => "unknown".to_owned(),
            Some(hash) if field.field == Field::Description => {
                hash.get(..if whole { hash.len() } else { 8 }).unwrap_or(hash).to_owned()
            }
            Some(value) if whole => report::quoted(value),
            Some(value) => report::brief(value),
        };
        match value.base == value.seen {
            true => show(&value.seen),
            false => format!("{} (agreed: {})", show(&value.seen), show(&value.base)),
        }
    };
    format!("{}: {since}; huly {}, vibe {}", field.field, value(&field.huly), value(&field.vibe))
}
