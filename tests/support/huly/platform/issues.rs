//! Issues as transactions make, change and remove them. Nothing is checked, as on the platform.

use serde_json::{Value, json};

use super::fields::{FIELDS, NO_PARENT};
use super::tx::{Change, operated, operations};
use crate::support::huly::bridge::Inside;
use crate::support::huly::issue::IssueId;
use crate::support::huly::project::Category;
use crate::support::huly::text::Text;
use crate::support::huly::tracker::PRIORITIES;

/// Fields that the server writes by itself.
const OF_THE_SERVER: [&str; 9] = [
    "_id",
    "_class",
    "space",
    "modifiedBy",
    "createdBy",
    "modifiedOn",
    "createdOn",
    "attachedTo",
    "docUpdateMessages",
];

impl Inside {
    /// Makes an issue of a transaction; in a space that is no project nobody will see it.
    pub fn create_issue(&mut self, change: &Change<'_>) {
        let Some(project) = self.tracker.in_space(change.space).cloned() else {
            self.tracker.astray.insert(change.id.to_owned());
            return;
        };
        let mut given = change.tx["attributes"].as_object().cloned().unwrap_or_default();
        for name in ["collection", "attachedToClass"] {
            if let Some(value) = change.tx.get(name) {
                given.insert(name.to_owned(), value.clone());
            }
        }
        let number = given.get("number").and_then(Value::as_u64).unwrap_or(0);
        let id = self.tracker.insert(&project, number, "", Text::default());
        self.tracker.rename_document(id, change.id);
        let fills_rank = self.workspace.fills_ranks() && given.get("rank") == Some(&json!(""));
        let document = &mut self.tracker.issues.get_mut(&id).expect("just made").document;
        let nobody_gave = |name: &&str| !OF_THE_SERVER.contains(name) && !given.contains_key(*name);
        document.missing = FIELDS.into_iter().filter(nobody_gave).map(String::from).collect();
        let parent = change.tx["attachedTo"].as_str().unwrap_or(NO_PARENT);
        match self.tracker.document(parent) {
            Some(parent) => self.attach(id, parent),
            None if parent == NO_PARENT => {}
            None => drop(given.insert("attachedTo".to_owned(), json!(parent))),
        }
        for (name, value) in given {
            if name != "rank" || !fills_rank {
                self.assign(id, &name, &value);
            }
        }
    }

    /// Hangs an issue on another.
    pub fn attach(&mut self, id: IssueId, parent: IssueId) {
        self.tracker.issues.get_mut(&id).expect("a child is there").document.parent = Some(parent);
        self.tracker.change(parent, |issue| issue.document.sub_issues += 1);
    }

    /// Applies the operations of an update; nothing happens to an issue that is not there.
    pub fn update_issue(&mut self, change: &Change<'_>) {
        let Some(id) = self.tracker.document(change.id) else { return };
        let before = self.tracker.issues[&id].modified.ms().unwrap_or(0);
        let operations = operations(change.tx);
        let has_status = operations.iter().any(|(_, name, _)| *name == "status");
        for (operator, name, value) in operations {
            if operator == Some("$unset") {
                let document = &mut self.tracker.issues.get_mut(&id).expect("found").document;
                document.attributes.remove(name);
                document.missing.push(name.to_owned());
                continue;
            }
            let value = operated(operator, value, &self.tracker.shown(id).field(name));
            if name == "space" {
                if !self.resettle(id, &value) {
                    return;
                }
            } else {
                self.assign(id, name, &value);
            }
        }
        self.tracker.touched(id);
        if has_status {
            let is_done = self.tracker.shown(id).category();
            let is_done = matches!(is_done, Some(Category::Won | Category::Lost));
            let document = &mut self.tracker.issues.get_mut(&id).expect("found").document;
            document.attributes.insert("isDone".to_owned(), json!(is_done));
            self.tracker.set_back(id, before);
        }
    }

    /// Puts an issue into another space; false when that is no project, and the issue out of sight.
    fn resettle(&mut self, id: IssueId, space: &Value) -> bool {
        let target = space.as_str().and_then(|space| self.tracker.in_space(space)).cloned();
        let Some(target) = target else {
            let document = self.tracker.issues[&id].document.id.clone();
            self.tracker.remove(id);
            self.tracker.astray.insert(document);
            return false;
        };
        self.tracker.relist(id, |issue| {
            let identifier = issue.identifier();
            issue.project = target;
            issue.document.identifier = Some(identifier);
        });
        true
    }

    /// Writes one attribute, whatever it is.
    pub fn assign(&mut self, id: IssueId, name: &str, value: &Value) {
        let states = self.tracker.shown(id).project.kind.states.clone();
        let states = states.iter().chain(&self.tracker.states);
        let named = |wanted: &str| states.clone().find(|s| s.id == wanted).map(|s| s.name.clone());
        let status = value.as_str().map(|id| named(id).unwrap_or_else(|| id.to_owned()));
        let issue = self.tracker.issues.get_mut(&id).expect("an issue that is written is there");
        issue.document.missing.retain(|missing| missing != name);
        issue.document.attributes.remove(name);
        match (name, value) {
            ("title", Value::String(title)) => issue.title.clone_from(title),
            ("status", Value::String(_)) => issue.status = status.unwrap_or_default(),
            ("description", Value::Null) => issue.document.description = None,
            ("description", Value::String(blob)) => {
                issue.document.description = Some(blob.clone());
            }
            ("assignee", value) => {
                issue.assigned = !value.is_null();
                issue.document.attributes.insert(name.to_owned(), value.clone());
            }
            ("number", Value::Number(number)) if number.is_u64() => {
                let number = number.as_u64().unwrap_or(0);
                if issue.number == number {
                    return;
                }
                self.tracker.relist(id, |issue| {
                    let identifier = issue.identifier();
                    issue.number = number;
                    issue.document.identifier = Some(identifier);
                });
            }
            ("identifier", Value::String(identifier)) => {
                let identifier = identifier.clone();
                if issue.identifier() == identifier {
                    return;
                }
                self.tracker.relist(id, |issue| {
                    issue.document.identifier = None;
                    if issue.identifier() != identifier {
                        issue.document.identifier = Some(identifier);
                    }
                });
            }
            _ => {
                let priority = value.as_u64().filter(|_| name == "priority");
                match priority.and_then(|n| PRIORITIES.get(n as usize)) {
                    Some(priority) => (*priority).clone_into(&mut issue.priority),
                    None => drop(issue.document.attributes.insert(name.to_owned(), value.clone())),
                }
            }
        }
        self.forget_the_usual(id, name);
    }

    /// An attribute that is what it would be anyway takes no room.
    fn forget_the_usual(&mut self, id: IssueId, name: &str) {
        let issue = self.tracker.issues.get_mut(&id).expect("an issue that is written is there");
        let Some(value) = issue.document.attributes.remove(name) else { return };
        if !self.tracker.shown(id).field(name).is(&value) {
            let issue = self.tracker.issues.get_mut(&id).expect("found");
            issue.document.attributes.insert(name.to_owned(), value);
        }
    }

    /// Removes an issue with its sub-issues.
    pub fn remove_issue(&mut self, document: &str) {
        self.tracker.astray.remove(document);
        let Some(id) = self.tracker.document(document) else { return };
        let parent = self.tracker.issues[&id].document.parent;
        self.tracker.remove(id);
        if let Some(parent) = parent.filter(|p| self.tracker.issues.contains_key(p)) {
            self.tracker.touched(parent);
        }
    }
}
