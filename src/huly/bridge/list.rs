//! Lists of issues: one project's, or what changed in a hundred.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::wire::{self, ListTail, SharedTail};
use super::{BULK, Bridge, error};
use crate::http::{Class, Error, Kind, Listed, Listing, Path, Request, Result, percent_encode};
use crate::huly::{Each, ListEnd, SharedEnd, is_believable};
use crate::model::Millis;

/// Lists have no maximum but a default of 1000, and drop the oldest: ask for more than there is.
pub(super) const LIMIT: u64 = 100_000;

/// What is asked of each issue where texts can be left out.
const FIELDS: [&str; 6] = ["identifier", "title", "status", "priority", "createdOn", "modifiedOn"];

const ISSUES: Path = &[Some("issues")];
const SHARED: Path = &[Some("projects"), None, Some("issues")];
const BY_PROJECTS: &str = "/api/issues/bulk-by-projects";

impl Bridge {
    pub(super) fn list_project(
        &self,
        project: &str,
        since: Option<Millis>,
        with_text: bool,
        each: Each<'_>,
    ) -> Result<ListEnd> {
        let mut limit = LIMIT;
        loop {
            let request = self.list_of(project, since, with_text, limit);
            let listing: Listing<ListTail> = self.server.list(&request, ISSUES, each)?;
            if listing.count < limit {
                return end(&listing.envelope, listing.count, listing.time, &request.call());
            }
            limit = more(limit, &request.call())?;
            each.take(Listed::Restart).map_err(|error| local(&request.call(), error))?;
        }
    }

    pub(super) fn list_of(
        &self,
        project: &str,
        since: Option<Millis>,
        with_text: bool,
        limit: u64,
    ) -> Request {
        let mut request = Request::get(format!("/api/projects/{}/issues", percent_encode(project)))
            .query("limit", &limit.to_string());
        if let Some(since) = since {
            request = request.query("modifiedAfter", &wire::iso(since));
        }
        match (self.generation().lists_texts(), with_text) {
            (true, _) => request,
            (false, true) => request.query("includeDescriptions", "true"),
            (false, false) => {
                request.query("includeDescriptions", "false").query("fields", &FIELDS.join(","))
            }
        }
    }

    pub(super) fn shared_changes(
        &self,
        projects: &[&str],
        since: Millis,
        each: Each<'_>,
    ) -> Result<Vec<SharedEnd>> {
        let mut limit = LIMIT;
        loop {
            let mut body = shared_body(projects, limit, &FIELDS);
            body["modifiedSince"] = Value::from(wire::iso(since));
            let request = Request::post(BY_PROJECTS).class(Class::Read).json(&body);
            let call = request.call();
            let mut seen: BTreeMap<String, u64> = BTreeMap::new();
            let listing: Listing<SharedTail> =
                self.server.list(&request, SHARED, &mut |news: Listed<'_>| {
                    match news {
                        Listed::Restart => seen.clear(),
                        Listed::Element(project, _) => match seen.get_mut(project) {
                            Some(count) => *count += 1,
                            None => drop(seen.insert(project.to_owned(), 1)),
                        },
                    }
                    each.take(news)
                })?;
            if seen.values().all(|count| *count < limit) {
                let ends = projects.iter().map(|project| {
                    let count = seen.get(*project).copied().unwrap_or_default();
                    let end = part_end(&listing, project, count, &call);
                    SharedEnd { project: (*project).to_owned(), end }
                });
                return Ok(ends.collect());
            }
            limit = more(limit, &call)?;
            each.take(Listed::Restart).map_err(|error| local(&call, error))?;
        }
    }

    pub(super) fn newest_change(&self, projects: &[&str]) -> Result<Option<Millis>> {
        if self.generation().lists_texts() {
            return Ok(None);
        }
        let mut newest = None;
        for chunk in projects.chunks(BULK) {
            match self.newest_of(chunk) {
                Ok(found) => newest = newest.max(found),
                // An assigned issue on platform 0.7 fails every bulk call that holds it.
                Err(error) if error.kind == Kind::Server => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(newest)
    }

    fn newest_of(&self, projects: &[&str]) -> Result<Option<Millis>> {
        let body = shared_body(projects, 1, &["identifier", "modifiedOn"]);
        let request = Request::post(BY_PROJECTS).class(Class::Read).json(&body);
        let mut times = Vec::new();
        let listing: Listing<SharedTail> =
            self.server.list(&request, SHARED, &mut |news: Listed<'_>| {
                match news {
                    Listed::Restart => times.clear(),
                    Listed::Element(_, element) => times.extend(wire::modified(element)),
                }
                Ok(())
            })?;
        let server_time =
            listing.envelope.projects.values().find_map(ListTail::server_time).or(listing.time);
        let believed = |at: &Millis| is_believable(*at, server_time);
        Ok(times.into_iter().filter(believed).max())
    }
}

/// Booleans must be JSON booleans here: `"false"` would be true.
fn shared_body(projects: &[&str], limit: u64, fields: &[&str]) -> Value {
    json!({
        "projects": projects,
        "limit": limit,
        "includeDescriptions": false,
        "fields": fields,
    })
}

fn part_end(
    listing: &Listing<SharedTail>,
    project: &str,
    count: u64,
    call: &str,
) -> Result<ListEnd> {
    let Some(part) = listing.envelope.projects.get(project) else {
        let gone = listing.envelope.not_found.iter().any(|name| name == project);
        return Err(if gone {
            error(Kind::Gone, call, format!("project {project} not found"))
        } else {
            error(Kind::Protocol, call, format!("nothing was said of project {project}"))
        });
    };
    if let Some(message) = part.error() {
        return Err(error(Kind::Server, call, format!("project {project}: {message}")));
    }
    end(part, count, listing.time, call)
}

/// A list counts only when as many came as were announced.
fn end(tail: &ListTail, count: u64, date: Option<Millis>, call: &str) -> Result<ListEnd> {
    if tail.issues.is_none() {
        return Err(error(Kind::Protocol, call, "the answer has no list of issues"));
    }
    match tail.count {
        Some(announced) if announced == count => {
            Ok(ListEnd { count, server_time: tail.server_time().or(date), ..ListEnd::default() })
        }
        announced => {
            let message = format!("{count} issues came, announced were {announced:?}");
            Err(error(Kind::Protocol, call, message))
        }
    }
}

fn more(limit: u64, call: &str) -> Result<u64> {
    limit.checked_mul(10).ok_or_else(|| error(Kind::Protocol, call, "the list has no end"))
}

fn local(call: &str, cause: anyhow::Error) -> Error {
    cause.downcast().unwrap_or_else(|cause| error(Kind::Local, call, format!("{cause:#}")))
}
