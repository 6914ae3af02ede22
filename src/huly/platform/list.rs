//! Lists of issues: one project's, or what changed in many.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use super::find::{ISSUE, Pages};
use super::wire::{self, IssueDoc, Removal};
use super::{BULK, Platform, error};
use crate::http::{Kind, Listed, Receive, Recognised, Result};
use crate::huly::{Each, Issue, ListEnd, SharedEnd, is_believable};
use crate::model::Millis;

impl Platform {
    pub(super) fn issue(&self, element: &[u8]) -> Result<Issue> {
        let doc = IssueDoc::parse(element)?;
        let board = self.board();
        Ok(doc.issue(self.status_names(&board)?))
    }

    pub(super) fn list_project(
        &self,
        project: &str,
        since: Option<Millis>,
        each: Each<'_>,
    ) -> Result<ListEnd> {
        let board = self.board();
        let space = board.project(project)?.id.clone();
        let mut removed = match since {
            Some(since) => self.removals(&[&space], since)?,
            None => HashMap::new(),
        };
        let pages = self.pages(&in_spaces(&[&space], since), each)?;
        Ok(end(&pages, pages.count, removed.remove(&space).unwrap_or_default()))
    }

    pub(super) fn shared_changes(
        &self,
        projects: &[&str],
        since: Millis,
        each: Each<'_>,
    ) -> Result<Vec<SharedEnd>> {
        let board = self.board();
        let mut names: BTreeMap<String, &str> = BTreeMap::new();
        for &project in projects {
            names.insert(board.project(project)?.id.clone(), project);
        }
        let spaces: Vec<&str> = names.keys().map(String::as_str).collect();
        // First: what is deleted in between is not missed by the next pass, since the cursor is not
        // moved past what this read has seen.
        let mut removed = self.removals(&spaces, since)?;
        let mut named = Named { each, names: &names, counts: HashMap::new() };
        let pages = self.pages(&in_spaces(&spaces, Some(since)), &mut named)?;
        let counts = named.counts;
        Ok(names
            .iter()
            .map(|(space, &project)| {
                let count = counts.get(project).copied().unwrap_or(0);
                let removed = removed.remove(space).unwrap_or_default();
                SharedEnd { project: project.to_owned(), end: Ok(end(&pages, count, removed)) }
            })
            .collect())
    }

    /// Ids of the issues that were deleted in these spaces, by space.
    fn removals(&self, spaces: &[&str], since: Millis) -> Result<HashMap<String, Vec<String>>> {
        let query = json!({
            "objectClass": ISSUE,
            "objectSpace": {"$in": spaces},
            "modifiedOn": {"$gte": since},
        });
        let options = json!({"sort": {"modifiedOn": 1}});
        let mut removed: HashMap<String, Vec<String>> = HashMap::new();
        self.find_each("core:class:TxRemoveDoc", &query, &options, &mut |news: Listed<'_>| {
            match news {
                Listed::Restart => removed.clear(),
                Listed::Element(_, element) => {
                    let removal: Removal = serde_json::from_slice(element)?;
                    removed.entry(removal.object_space).or_default().push(removal.object_id);
                }
            }
            Ok(())
        })?;
        Ok(removed)
    }

    pub(super) fn newest_change(&self, projects: &[&str]) -> Result<Option<Millis>> {
        let board = self.board();
        let mut newest = None;
        for chunk in projects.chunks(BULK) {
            let spaces: Vec<&str> = chunk
                .iter()
                .map(|project| board.project(project).map(|project| project.id.as_str()))
                .collect::<Result<_>>()?;
            let options = json!({
                "sort": {"modifiedOn": -1},
                "limit": 20,
                "projection": {"modifiedOn": 1},
                "showArchived": true,
            });
            let mut times = Vec::new();
            let query = Value::from(in_spaces(&spaces, None));
            let listing = self.find_each(ISSUE, &query, &options, &mut |news: Listed<'_>| {
                match news {
                    Listed::Restart => times.clear(),
                    Listed::Element(_, element) => times.extend(wire::glance(element).modified),
                }
                Ok(())
            });
            let listing = match listing {
                Ok(listing) => listing,
                // One project can spoil the answer for all: each of them says so for itself.
                Err(error) if error.kind == Kind::Server => return Ok(None),
                Err(error) => return Err(error),
            };
            let believed = |at: &Millis| is_believable(*at, listing.time);
            newest = newest.max(times.into_iter().filter(believed).max());
        }
        Ok(newest)
    }
}

fn in_spaces(spaces: &[&str], since: Option<Millis>) -> Map<String, Value> {
    let mut query = Map::from_iter([("space".to_owned(), json!({"$in": spaces}))]);
    if let Some(since) = since {
        query.insert("modifiedOn".to_owned(), json!({"$gte": since}));
    }
    query
}

/// What is changed while several pages are read may be on none of them.
fn end(pages: &Pages, count: u64, removed: Vec<String>) -> ListEnd {
    ListEnd {
        count,
        server_time: pages.last,
        until: pages.first.filter(|_| pages.several),
        removed,
    }
}

/// Tells of each issue which project it is of.
struct Named<'a> {
    each: Each<'a>,
    names: &'a BTreeMap<String, &'a str>,
    counts: HashMap<String, u64>,
}

impl Receive for Named<'_> {
    fn take(&mut self, news: Listed<'_>) -> anyhow::Result<()> {
        let Listed::Element(_, element) = news else {
            self.counts.clear();
            return self.each.take(news);
        };
        let space = wire::space(element);
        let Some(project) = space.and_then(|space| self.names.get(&space)) else {
            let message = "an issue of a project that was not asked for";
            return Err(error(Kind::Protocol, "POST /api/v1/find-all", message).into());
        };
        *self.counts.entry((*project).to_owned()).or_default() += 1;
        self.each.take(Listed::Element(project, element))
    }

    fn recognise(&mut self, _: &[u8]) -> Recognised {
        Recognised::No
    }
}
