//! Vibe Kanban's local server, 0.0.71 to 0.1.14.

mod family;
mod projects;
mod tasks;
#[cfg(test)]
mod tests;
mod wire;

use serde::de::DeserializeOwned;

use crate::http::{Answer, Error, Host, Http, Kind, Limits, Request, Result, Server};
use crate::model::Millis;

/// Parallel writers gain little and grow long tails.
const WRITERS: usize = 4;

/// The largest request body that is taken.
const BODY_LIMIT: usize = 2 << 20;

/// A project as listed.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// UUID, made by the server.
    pub id: String,
    /// Not unique, may be empty.
    pub name: String,
    /// Up to 0.0.136; later versions list paths apart.
    pub repo_path: Option<String>,
}

/// A task as listed or read.
#[derive(Debug, Clone)]
pub struct Task {
    /// UUID, made by the server.
    pub id: String,
    /// One line.
    pub title: String,
    /// One of `todo inprogress inreview done cancelled`; an unknown one is kept as it is.
    pub status: String,
    /// Null and blank are the same.
    pub text: String,
    /// This server's clock.
    pub created: Option<Millis>,
    /// Moves only when the server itself acts.
    pub updated: Option<Millis>,
    /// A shared task of 0.0.117 to 0.0.155: may refuse writes.
    pub read_only: bool,
}

/// A task to be made.
#[derive(Debug, Clone)]
pub struct NewTask<'a> {
    /// The project's UUID.
    pub project: &'a str,
    /// One line.
    pub title: &'a str,
    /// Markdown, marker included.
    pub text: &'a str,
    /// Versions before 0.0.117 ignore it and answer `todo`.
    pub status: &'a str,
}

/// Fields to change; `None` leaves a field alone, an empty text clears it.
#[derive(Debug, Clone, Default)]
pub struct TaskWrite<'a> {
    /// New title.
    pub title: Option<&'a str>,
    /// New status.
    pub status: Option<&'a str>,
    /// New Markdown, marker included.
    pub text: Option<&'a str>,
}

/// What became of a task that was to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleted {
    /// It is gone, by this call.
    Done,
    /// It was gone already.
    Gone,
    /// An agent runs in it: later.
    Busy,
}

/// How a list of tasks ended; only one that came to its end well has this.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TasksEnd {
    /// Elements handed over.
    pub count: u64,
}

/// A Vibe Kanban. All calls block; all may be called from many threads.
#[derive(Debug, Clone)]
pub struct Vibe {
    server: Server,
}

impl Vibe {
    /// `base` is the URL without `/api`. No request is sent.
    #[must_use]
    pub fn new(base: &str, http: &Http) -> Self {
        let limits = Limits { writers: Some(WRITERS), ..Limits::default() };
        let server = Server::new(http, Host::Vibe, base, limits);
        Self { server: server.judged_by(Request::get("/api/projects")) }
    }

    /// The version, as far as `GET /api/info` tells it. The rest of that answer holds tokens.
    ///
    /// # Errors
    /// As any read.
    pub fn version(&self) -> Result<Option<String>> {
        let info: wire::Info = self.call(&Request::get("/api/info"))?;
        Ok(info.version())
    }

    /// What `GET /api/tasks` costs at the least: fetches the list and drops it. Gives its bytes.
    ///
    /// # Errors
    /// As any read.
    pub fn drain(&self, project: &str) -> Result<u64> {
        self.server.drain(&tasks::list_of(project))
    }

    /// Asks, and opens the envelope.
    fn call<T: DeserializeOwned>(&self, request: &Request) -> Result<T> {
        if request.size() > BODY_LIMIT {
            let message = format!("not sent: {} bytes, taken are {BODY_LIMIT}", request.size());
            return Err(Error::new(Kind::TooLarge, Host::Vibe, &request.call(), message));
        }
        let answer = self.server.ask(request)?.ok()?;
        open(&answer, request)
    }
}

/// The `data` of a `success:true`.
fn open<T: DeserializeOwned>(answer: &Answer, request: &Request) -> Result<T> {
    // Twice, since `data` has the shape that was asked for in a success alone.
    let verdict: wire::Verdict = answer.parse()?;
    verdict.check(&request.call())?;
    let envelope: wire::Envelope<T> = answer.parse()?;
    Ok(envelope.data)
}
