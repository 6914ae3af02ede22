//! Writing through the bridge: what it answers, and what it really does.

use serde_json::{Map, Value, json};

use super::bridge::{Bridge, Inside, answer_json, error, issue_not_found, project_not_found};
use super::lists::BULK_MOST;
use super::text::Text;
use super::tracker::{IssueId, PRIORITIES};
use crate::support::web::message::Answer;

/// One field of an edit that was refused.
struct Refused {
    message: String,
    available: Option<Vec<String>>,
}

impl Inside {
    fn set_status(&mut self, id: IssueId, wanted: &str) -> Result<String, Refused> {
        let project = self.tracker.issues[&id].project.clone();
        let home = self.tracker.project(&project);
        let Some(status) = home.status(wanted).cloned() else {
            let message = format!("Status '{wanted}' not found");
            return Err(Refused { message, available: Some(home.statuses.clone()) });
        };
        self.tracker.set_status(id, &status);
        Ok(status)
    }

    fn set_priority(&mut self, id: IssueId, wanted: &str) -> Result<String, Refused> {
        let Some(priority) = PRIORITIES.iter().find(|p| p.eq_ignore_ascii_case(wanted)) else {
            let message = format!("Invalid priority '{wanted}'");
            return Err(Refused {
                message,
                available: Some(PRIORITIES.map(String::from).to_vec()),
            });
        };
        self.tracker.change(id, |issue| (*priority).clone_into(&mut issue.priority));
        Ok((*priority).to_owned())
    }

    fn edit_text(&mut self, id: IssueId, edit: impl FnOnce(&mut Text)) -> Result<(), Refused> {
        let refused = |message: &str| Refused { message: message.to_owned(), available: None };
        if self.conditions.collaborator_away {
            return Err(refused("fetch failed"));
        }
        self.tracker.change(id, |issue| edit(&mut issue.text));
        self.tracker.watch_settling(id);
        Ok(())
    }

    /// Applies the fields of a PATCH; gives what was applied and what was refused.
    fn apply(&mut self, id: IssueId, changes: &Value) -> (Map<String, Value>, Vec<Value>) {
        let (mut applied, mut errors) = (Map::new(), Vec::new());
        for field in ["title", "description", "status", "priority"] {
            let Some(value) = changes[field].as_str() else { continue };
            let done = match field {
                "title" => {
                    self.tracker.change(id, |issue| value.clone_into(&mut issue.title));
                    Ok(value.to_owned())
                }
                "description" => {
                    let text = self.tracker.normal(value);
                    self.edit_text(id, |old| old.patch(text)).map(|()| value.to_owned())
                }
                "status" => self.set_status(id, value),
                _ => self.set_priority(id, value),
            };
            match done {
                Ok(value) => drop(applied.insert(field.to_owned(), json!(value))),
                Err(Refused { message, available }) => {
                    let mut error = json!({"field": field, "error": message});
                    if let Some(available) = available {
                        error["available"] = json!(available);
                    }
                    errors.push(error);
                }
            }
        }
        (applied, errors)
    }
}

impl Bridge {
    /// POST `/api/issues`. The status sent is ignored; two at once get one number.
    pub fn create(&self, body: &Value) -> Answer {
        let (Some(identifier), Some(title)) =
            (body["project_identifier"].as_str(), body["title"].as_str().filter(|t| !t.is_empty()))
        else {
            return error(400, "project_identifier and title are required");
        };
        let (number, takes) = {
            let inside = self.inside.lock();
            let Some(project) = inside.readable(identifier) else {
                return project_not_found(identifier);
            };
            (project.next_number(), inside.conditions.create_takes)
        };
        // The number is taken but not stored: here another create gets the same.
        std::thread::sleep(takes);
        let mut inside = self.inside.lock();
        if inside.readable(identifier).is_none() {
            return project_not_found(identifier);
        }
        let raw = body["description"].as_str().unwrap_or("");
        let text = match inside.conditions.collaborator_away {
            true => raw.to_owned(),
            false => inside.tracker.normal(raw),
        };
        let id = inside.tracker.insert(identifier, number, title, Text::new(text));
        if let Some(priority) = body["priority"].as_str() {
            let _ = inside.set_priority(id, priority);
        }
        let issue = &inside.tracker.issues[&id];
        let body = json!({"identifier": issue.identifier(), "title": issue.title,
            "project": issue.project, "status": issue.status, "priority": issue.priority});
        answer_json(201, &body)
    }

    /// PUT `/api/issues/{id}`: one field; for a description that was read it only says that it did.
    pub fn put(&self, identifier: &str, body: &Value) -> Answer {
        let mut inside = self.inside.lock();
        let (Some(field), Some(value)) = (body["field"].as_str(), body["value"].as_str()) else {
            return error(400, "field and value are required");
        };
        let Some(id) = inside.reachable(identifier) else { return issue_not_found(identifier) };
        let done = match field {
            "title" => {
                inside.tracker.change(id, |issue| value.clone_into(&mut issue.title));
                Ok(value.to_owned())
            }
            "description" if inside.tracker.issues[&id].text.open_in_browser => {
                return error(500, "platform:status:InternalServerError");
            }
            "description" => {
                let text = inside.tracker.normal(value);
                match inside.edit_text(id, |old| old.put(text)) {
                    Ok(()) => Ok(value.to_owned()),
                    Err(refused) => return error(500, &refused.message),
                }
            }
            "status" => inside.set_status(id, value),
            "priority" => inside.set_priority(id, value),
            _ => return error(400, &format!("Unknown field: {field}")),
        };
        match done {
            Ok(value) => {
                let body = json!({"identifier": identifier, "field": field, "value": value,
                    "updated": true});
                answer_json(200, &body)
            }
            Err(Refused { message, available }) => {
                let mut body = json!({"error": message});
                if let Some(available) = available {
                    body["availableStatuses"] = json!(available);
                }
                answer_json(400, &body)
            }
        }
    }

    /// PATCH `/api/issues/{id}`: 200 even when every field failed.
    pub fn patch(&self, identifier: &str, changes: &Value) -> Answer {
        let mut inside = self.inside.lock();
        let Some(id) = inside.reachable(identifier) else { return issue_not_found(identifier) };
        let (applied, errors) = inside.apply(id, changes);
        let mut body = json!({"identifier": identifier, "updated": !applied.is_empty(),
            "appliedUpdates": applied});
        if !errors.is_empty() {
            body["errors"] = json!(errors);
        }
        answer_json(200, &body)
    }

    /// PATCH `/api/issues/bulk`: what a project does not know is passed over in silence.
    pub fn patch_many(&self, body: &Value) -> Answer {
        let mut inside = self.inside.lock();
        let Some(updates) = body["updates"].as_array() else {
            return error(400, "updates array is required");
        };
        if updates.len() > BULK_MOST {
            return error(400, "Maximum 100 updates per request");
        }
        let (mut results, mut errors, mut succeeded) = (Vec::new(), Vec::new(), 0);
        for update in updates {
            let identifier = update["identifier"].as_str().unwrap_or("");
            let Some(id) = inside.reachable(identifier) else {
                let message = format!("Issue {identifier} not found");
                errors.push(json!({"identifier": identifier, "error": message}));
                continue;
            };
            let (applied, _) = inside.apply(id, &update["changes"]);
            succeeded += 1;
            let updated = !applied.is_empty();
            results.push(json!({"identifier": identifier, "updated": updated, "changes": applied}));
        }
        let mut body = json!({"results": results, "succeeded": succeeded, "failed": errors.len()});
        if !errors.is_empty() {
            body["errors"] = json!(errors);
        }
        answer_json(200, &body)
    }

    /// DELETE `/api/issues/{id}`.
    pub fn delete(&self, identifier: &str, cascade: bool) -> Answer {
        let mut inside = self.inside.lock();
        let Some(id) = inside.reachable(identifier) else { return issue_not_found(identifier) };
        inside.tracker.remove(id);
        let body = json!({"identifier": identifier, "deleted": true, "subIssuesHandled": 0,
            "cascaded": cascade});
        answer_json(200, &body)
    }
}
