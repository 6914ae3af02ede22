//! Find-all, the transactor's one way to read.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::board::Board;
use super::wire::{FIELDS, Found, IssueDoc, Tail};
use super::{BULK, Platform, error, local};
use crate::http::{Class, Kind, Listed, Listing, Path, Receive, Result};
use crate::model::Millis;

/// Where the documents are in an answer.
const VALUE: Path = &[Some("value")];

/// Issues that one call asks for.
pub(super) const PAGE: usize = 5_000;

/// How often a read of several pages begins anew when one of them broke.
const TRIES: u32 = 3;

pub(super) const ISSUE: &str = "tracker:class:Issue";

/// What it takes for a list to be read to its end.
pub(super) struct Pages {
    pub(super) count: u64,
    /// The server's time at the first page, and at the last.
    pub(super) first: Option<Millis>,
    pub(super) last: Option<Millis>,
    pub(super) several: bool,
}

impl Platform {
    /// Some documents, taken in whole. Plain scalars of a query are missing from the documents: the
    /// queries here use operators.
    pub(super) fn find<T: DeserializeOwned>(
        &self,
        class: &str,
        query: &Value,
        options: &Value,
    ) -> Result<Vec<T>> {
        let session = self.session()?;
        let request = session.call("find-all", Class::Read, &body(class, query, options));
        let found: Found<T> = session.ask(&request)?.parse()?;
        Ok(found.value)
    }

    /// Many documents, handed over as they come. `Restart` as in [`crate::http::Server::list`].
    pub(super) fn find_each(
        &self,
        class: &str,
        query: &Value,
        options: &Value,
        each: &mut dyn Receive,
    ) -> Result<Listing<Tail>> {
        let session = self.session()?;
        let request = session.call("find-all", Class::Read, &body(class, query, options));
        let listing: Listing<Tail> = session.transactor.list(&request, VALUE, each)?;
        if listing.envelope.value.is_none() {
            return Err(error(Kind::Protocol, &request.call(), "the answer has no documents"));
        }
        Ok(listing)
    }

    /// Issues by their ids, wherever they are.
    pub(super) fn issues_by_id(&self, ids: &[&str]) -> Result<Vec<IssueDoc>> {
        self.issues_by("_id", ids, &Map::new())
    }

    /// Issues by their identifiers, at home where that is known: what is wrong in other projects does
    /// not concern them.
    pub(super) fn issues_named(
        &self,
        board: &Board,
        identifiers: &[&str],
    ) -> Result<Vec<IssueDoc>> {
        let homes: Option<BTreeSet<&str>> =
            identifiers.iter().map(|identifier| board.home_of(identifier)).collect();
        let at_home = homes.map(|homes| ("space".to_owned(), json!({"$in": homes})));
        let mut found = self.issues_by("identifier", identifiers, &Map::from_iter(at_home))?;
        found.retain(|doc| board.is_at_home(doc));
        Ok(found)
    }

    pub(super) fn issues_by(
        &self,
        field: &str,
        values: &[&str],
        rest: &Map<String, Value>,
    ) -> Result<Vec<IssueDoc>> {
        let mut found = Vec::with_capacity(values.len());
        for chunk in values.chunks(BULK) {
            let mut query = rest.clone();
            query.insert(field.to_owned(), json!({"$in": chunk}));
            let query = Value::from(query);
            let mut trouble = None;
            self.find_each(ISSUE, &query, &options(), &mut |news: Listed<'_>| {
                match news {
                    Listed::Restart => found.clear(),
                    Listed::Element(_, element) => match IssueDoc::parse(element) {
                        Ok(doc) => found.push(doc),
                        Err(error) => trouble = Some(error),
                    },
                }
                Ok(())
            })?;
            if let Some(error) = trouble {
                return Err(error);
            }
        }
        Ok(found)
    }

    /// Issues of these spaces, a page after another by their ids, which never change: an issue that
    /// is there all the time is met exactly once, whatever is edited meanwhile.
    pub(super) fn pages(
        &self,
        query: &Map<String, Value>,
        each: &mut dyn Receive,
    ) -> Result<Pages> {
        for _ in 1..TRIES {
            match self.all_pages(query, each)? {
                Some(pages) => return Ok(pages),
                None => restart(each)?,
            }
        }
        self.all_pages(query, each)?.ok_or_else(|| {
            error(
                Kind::Protocol,
                "POST /api/v1/find-all",
                "a list of several pages broke each time",
            )
        })
    }

    /// `None`: a page broke after others had been handed over.
    fn all_pages(
        &self,
        query: &Map<String, Value>,
        each: &mut dyn Receive,
    ) -> Result<Option<Pages>> {
        let mut pages = Pages { count: 0, first: None, last: None, several: false };
        let mut after: Option<String> = None;
        loop {
            let mut query = query.clone();
            if let Some(after) = &after {
                query.insert("_id".to_owned(), json!({"$gt": after}));
            }
            let mut options = options();
            options["sort"] = json!({"_id": 1});
            options["limit"] = json!(PAGE);
            let mut page =
                Page { each, is_first: after.is_none(), broke: false, count: 0, last: None };
            let listing = self.find_each(ISSUE, &query.into(), &options, &mut page);
            let Page { broke, count, last, .. } = page;
            if broke {
                return Ok(None);
            }
            let listing = listing?;
            pages.count += listing.count;
            pages.first = pages.first.or(listing.time);
            pages.last = listing.time.or(pages.last);
            if count < PAGE {
                return Ok(Some(pages));
            }
            pages.several = true;
            after = Some(last.ok_or_else(|| {
                error(Kind::Protocol, "POST /api/v1/find-all", "an issue of a list has no _id")
            })?);
        }
    }
}

fn restart(each: &mut dyn Receive) -> Result<()> {
    each.take(Listed::Restart).map_err(|cause| local("POST /api/v1/find-all", cause))
}

/// Hands one page on, and remembers where it ended.
struct Page<'a> {
    each: &'a mut dyn Receive,
    is_first: bool,
    /// It began anew, and what came before it is void too.
    broke: bool,
    count: usize,
    /// Id of the last issue of a full page.
    last: Option<String>,
}

impl Page<'_> {
    fn count(&mut self, element: &[u8]) {
        self.count += 1;
        if self.count == PAGE {
            self.last = super::wire::glance(element).id;
        }
    }
}

impl Receive for Page<'_> {
    fn take(&mut self, news: Listed<'_>) -> anyhow::Result<()> {
        match news {
            Listed::Element(_, element) => self.count(element),
            Listed::Restart if self.is_first => self.count = 0,
            Listed::Restart => {
                self.broke = true;
                anyhow::bail!("a page after the first one broke");
            }
        }
        self.each.take(news)
    }

    fn recognise(&mut self, bytes: &[u8]) -> crate::http::Recognised {
        let recognised = self.each.recognise(bytes);
        if let crate::http::Recognised::Yes(length) = recognised {
            self.count(&bytes[..length]);
        }
        recognised
    }
}

fn body(class: &str, query: &Value, options: &Value) -> Value {
    json!({"_class": class, "query": query, "options": options})
}

/// What is asked of issues; archived projects' too, so that none of them seems to be gone.
pub(super) fn options() -> Value {
    let fields: Map<String, Value> =
        FIELDS.iter().map(|field| ((*field).to_owned(), Value::from(1))).collect();
    json!({"projection": fields, "showArchived": true})
}
