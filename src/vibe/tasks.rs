//! Tasks: one list a project, everything else one by one.

use serde_json::{Map, Value};

use super::{Deleted, NewTask, Task, TaskWrite, TasksEnd, Vibe, open, wire};
use crate::http::{Error, Host, Kind, Path, Receive, Request, Result, percent_encode};

const DATA: Path = &[Some("data")];

impl Vibe {
    /// All tasks of a project, as they come in. An unknown project's list is empty.
    ///
    /// # Errors
    /// As any read; an error of `each` stays what it is where it is an `http::Error`, else it
    /// becomes `Kind::Local`.
    pub fn tasks(&self, project: &str, each: &mut dyn Receive) -> Result<TasksEnd> {
        let request = list_of(project);
        let listing = self.server.list::<wire::Verdict>(&request, DATA, each)?;
        listing.envelope.check(&request.call())?;
        if !listing.envelope.has_list() {
            let message = "the answer has no list";
            return Err(Error::new(Kind::Protocol, Host::Vibe, &request.call(), message));
        }
        Ok(TasksEnd { count: listing.count })
    }

    /// Reads an element of `tasks`.
    ///
    /// # Errors
    /// Protocol: it lacks what a task must have.
    pub fn parse(&self, element: &[u8]) -> Result<Task> {
        let garbled = |how: &dyn std::fmt::Display| {
            Error::new(Kind::Protocol, Host::Vibe, "GET /api/tasks", format!("a task: {how}"))
        };
        let text = simdutf8::basic::from_utf8(element).map_err(|error| garbled(&error))?;
        Ok(wire::ListedTask::read(text).map_err(|error| garbled(&error))?.0)
    }

    /// One task; `None` is a proven "not found" of this very task.
    ///
    /// # Errors
    /// As any read.
    pub fn read(&self, id: &str) -> Result<Option<Task>> {
        let request = Request::get(path(id));
        let answer = self.server.ask(&request)?;
        // The server answers so itself; a page or words under 404 are somebody else's.
        if answer.status == 404 && answer.body.is_empty() {
            return Ok(None);
        }
        let listed: wire::ListedTask = open(&answer.ok()?, &request)?;
        Ok(Some(listed.0))
    }

    /// Makes a task. Versions before 0.0.117 ignore the status: compare the answer.
    ///
    /// # Errors
    /// As any create: `ambiguous` means it may be there. `Gone`: the project is no more.
    pub fn create(&self, new: &NewTask<'_>) -> Result<Task> {
        let mut body = fields(Some(new.title), Some(new.status), None);
        body.insert("project_id".to_owned(), new.project.into());
        if !new.text.trim().is_empty() {
            body.insert("description".to_owned(), new.text.into());
        }
        let made: Result<wire::ListedTask> =
            self.call(&Request::post("/api/tasks").json(&Value::Object(body)));
        made.map(|made| made.0).map_err(|error| self.of_create(error, new.project))
    }

    /// Why a create failed. No version says that its project is no more: the project tells.
    fn of_create(&self, error: Error, project: &str) -> Error {
        if !matches!(error.kind, Kind::Server | Kind::Gone | Kind::Invalid) {
            return error;
        }
        match (self.project_exists(project), error.kind) {
            (Ok(false), _) => {
                let message = "its Vibe project is gone".to_owned();
                Error { kind: Kind::Gone, ambiguous: false, message, ..error }
            }
            (Ok(true), Kind::Gone) => Error { kind: Kind::Invalid, ..error },
            (Err(_), Kind::Gone) => Error { kind: Kind::Server, ..error },
            _ => error,
        }
    }

    /// Changes a task; gives it as it is now.
    ///
    /// # Errors
    /// As any write; `Gone` where it is no more.
    pub fn update(&self, id: &str, write: &TaskWrite<'_>) -> Result<Task> {
        let body = fields(write.title, write.status, write.text);
        let now: wire::ListedTask =
            self.call(&Request::put(path(id)).json(&Value::Object(body)))?;
        Ok(now.0)
    }

    /// Deletes a task.
    ///
    /// # Errors
    /// As any write.
    pub fn delete(&self, id: &str) -> Result<Deleted> {
        let answer = self.server.ask(&Request::delete(path(id)))?;
        match answer.status {
            404 if answer.body.is_empty() => Ok(Deleted::Gone),
            409 => Ok(Deleted::Busy),
            _ => {
                let answer = answer.ok()?;
                answer.parse::<wire::Verdict>()?.check(&format!("DELETE {}", path(id)))?;
                Ok(Deleted::Done)
            }
        }
    }
}

pub(super) fn list_of(project: &str) -> Request {
    Request::get("/api/tasks").query("project_id", project)
}

fn path(id: &str) -> String {
    format!("/api/tasks/{}", percent_encode(id))
}

/// A missing field is kept, an empty text clears.
fn fields(title: Option<&str>, status: Option<&str>, text: Option<&str>) -> Map<String, Value> {
    let pairs = [("title", title), ("status", status), ("description", text)];
    pairs
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?))))
        .collect()
}
