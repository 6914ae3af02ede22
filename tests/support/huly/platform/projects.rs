//! Projects as transactions make and change them.

use serde_json::{Value, json};

use super::documents;
use super::fields::Field;
use super::tx::{Change, operated, operations};
use super::workspace::ACCOUNT;
use crate::support::huly::bridge::Inside;

impl Inside {
    /// Makes a project of a transaction.
    pub fn create_project(&mut self, change: &Change<'_>) {
        let given = &change.tx["attributes"];
        let identifier = given["identifier"].as_str().unwrap_or("NONE").to_owned();
        if self.tracker.projects.contains_key(&identifier) {
            return;
        }
        self.tracker.add_project(&identifier, given["name"].as_str().unwrap_or(""));
        let project = self.tracker.project(&identifier);
        change.id.clone_into(&mut project.space);
        project.is_joined = false;
        for (name, value) in given.as_object().into_iter().flatten() {
            self.assign_to_project(&identifier, name, value);
        }
    }

    /// Applies the operations of an update; nothing happens to a project that is not there.
    pub fn update_project(&mut self, change: &Change<'_>) {
        let Some(identifier) = self.tracker.in_space(change.id).cloned() else { return };
        for (operator, name, value) in operations(change.tx) {
            let shown = documents::project(&self.tracker.projects[&identifier]);
            let value = operated(operator, value, &Field::of_json(&shown, name));
            self.assign_to_project(&identifier, name, &value);
        }
        let now = self.tracker.clock.now_ms();
        let project = self.tracker.project(&identifier);
        project.modified = now.max(project.modified + 1);
        project.changed();
    }

    fn assign_to_project(&mut self, identifier: &str, name: &str, value: &Value) {
        let known = self.tracker.projects.values().find(|p| json!(p.kind.id) == *value);
        let kind = known.map(|p| p.kind.clone());
        let project = self.tracker.project(identifier);
        match (name, value) {
            ("name", Value::String(text)) => project.name.clone_from(text),
            ("description", Value::String(text)) => project.description.clone_from(text),
            ("archived", Value::Bool(is)) => project.archived = *is,
            ("private", Value::Bool(is)) => project.private = *is,
            ("sequence", Value::Number(number)) => {
                project.sequence = number.as_u64().unwrap_or(0);
            }
            ("members", Value::Array(members)) => {
                project.is_joined = members.iter().any(|member| member == ACCOUNT);
            }
            ("type", _) => {
                if let Some(kind) = kind {
                    project.statuses = kind.states.iter().map(|s| s.name.clone()).collect();
                    project.kind = kind;
                }
            }
            ("identifier", _) => {}
            _ => drop(project.attributes.insert(name.to_owned(), value.clone())),
        }
    }
}
