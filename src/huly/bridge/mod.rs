//! Huly through the REST bridge, in both of its generations.

mod create;
mod generation;
mod list;
mod projects;
mod read;
#[cfg(test)]
mod tests;
mod wire;
mod write;
mod write_text;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU8;

use super::{
    Abilities, Each, EachCreated, EachFound, Glance, Huly, Issue, IssueWrite, ListEnd, NewIssue,
    Project, Ready, SharedEnd, Status, Written,
};
use crate::http::{
    Answer, Error, Host, Http, Kind, Limits, Listed, Request, Result, Server, percent_encode,
};
use crate::model::Millis;

/// What the bridge takes in one body; above it the answer is a 413.
const BODY_LIMIT: usize = 102_400;

/// How many issues or projects one bulk call takes.
const BULK: usize = 100;

/// A bridge; cheap to clone.
#[derive(Debug, Clone)]
pub struct Bridge {
    server: Server,
    generation: Arc<AtomicU8>,
}

impl Bridge {
    /// `base` is the URL without `/api`; `rate` is in calls a second. No request is sent.
    #[must_use]
    pub fn new(base: &str, rate: u32, http: &Http) -> Self {
        let limits = Limits { rate: Some(rate), ..Limits::default() };
        let server = Server::new(http, Host::Huly, base, limits);
        let server = server.judged_by(Request::get("/api/projects"));
        Self { server, generation: Arc::default() }
    }

    /// What a list of one project costs at the least: fetches it and drops it. Gives its bytes.
    ///
    /// # Errors
    /// As any read.
    pub fn drain(&self, project: &str, since: Option<Millis>, with_text: bool) -> Result<u64> {
        self.server.drain(&self.list_of(project, since, with_text, list::LIMIT))
    }

    /// Asks, unless the body is larger than the bridge takes.
    fn send(&self, request: &Request) -> Result<Answer> {
        if request.size() > BODY_LIMIT {
            let message = format!("not sent: {} bytes, taken are {BODY_LIMIT}", request.size());
            return Err(error(Kind::TooLarge, &request.call(), message));
        }
        self.server.ask(request)
    }
}

impl Huly for Bridge {
    fn probe(&self) -> Result<()> {
        self.health()
    }

    fn detect(&self, remembered: Option<&str>, verify: bool, project: &str) -> Result<String> {
        self.find_generation(remembered, verify, project)
    }

    fn abilities(&self) -> Abilities {
        self.generation().abilities()
    }

    fn projects(&self) -> Result<Vec<Project>> {
        self.all_projects()
    }

    fn newest(&self, projects: &[&str]) -> Result<Option<Millis>> {
        self.newest_change(projects)
    }

    fn changes(&self, projects: &[&str], since: Millis, each: Each<'_>) -> Result<Vec<SharedEnd>> {
        self.shared_changes(projects, since, each)
    }

    fn list(
        &self,
        project: &str,
        since: Option<Millis>,
        with_text: bool,
        each: Each<'_>,
    ) -> Result<ListEnd> {
        self.list_project(project, since, with_text, each)
    }

    fn parse(&self, element: &[u8], with_text: bool) -> Result<Issue> {
        wire::issue(element, with_text || self.generation().lists_texts())
    }

    fn glance(&self, element: &[u8]) -> Glance {
        Glance { modified: wire::modified(element), id: None }
    }

    /// A bridge tells those of a project in an error alone.
    fn statuses(&self, _: &str) -> Result<Option<Vec<Status>>> {
        Ok(None)
    }

    /// "Not found" also comes for a project that was archived, or left, a moment ago: its list fails
    /// then, however little is asked for.
    fn confirm(&self, project: &str, now: Millis) -> Result<()> {
        self.list_project(project, Some(now), false, &mut |_: Listed<'_>| Ok(())).map(drop)
    }

    fn elsewhere(&self, _: &str, _: &[&str]) -> Result<BTreeMap<String, String>> {
        Ok(BTreeMap::new())
    }

    fn read(&self, identifiers: &[&str], each: EachFound<'_>) -> Result<()> {
        self.read_issues(identifiers, each)
    }

    /// One after another: two at once would get the same number.
    fn create(&self, new: &[NewIssue<'_>], each: EachCreated<'_>) {
        for (index, new) in new.iter().enumerate() {
            if !each(index, self.create_issue(new)) {
                break;
            }
        }
    }

    fn write(&self, writes: &[IssueWrite<'_>], ready: Ready<'_>) -> Vec<Result<Written>> {
        self.write_issues(writes, ready)
    }
}

fn issue_path(identifier: &str) -> String {
    format!("/api/issues/{}", percent_encode(identifier))
}

fn error(kind: Kind, call: &str, message: impl std::fmt::Display) -> Error {
    Error::new(kind, Host::Huly, call, message)
}
