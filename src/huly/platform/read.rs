//! Issues by identifier, texts included.

use std::collections::{BTreeMap, BTreeSet};

use super::wire::IssueDoc;
use super::{Platform, local};
use crate::http::Result;
use crate::huly::{EachFound, Found, Text};

const CALL: &str = "POST /api/v1/find-all";

impl Platform {
    pub(super) fn read_issues(&self, identifiers: &[&str], each: EachFound<'_>) -> Result<()> {
        let board = self.board();
        let mut by_name: BTreeMap<String, Vec<IssueDoc>> = BTreeMap::new();
        for doc in self.issues_named(&board, identifiers)? {
            by_name.entry(doc.identifier.clone()).or_default().push(doc);
        }
        let statuses = self.status_names(&board)?;
        let mut hand = |found| each(found).map_err(|cause| local(CALL, cause));
        let mut docs = Vec::new();
        let asked: BTreeSet<&str> = identifiers.iter().copied().collect();
        for identifier in asked {
            match by_name.remove(identifier) {
                None => hand(Found::Gone(identifier.to_owned()))?,
                Some(mut found) => docs.append(&mut found),
            }
        }
        self.texts(docs, &mut |doc, text| match text {
            Ok(text) => {
                let mut issue = doc.issue(statuses);
                issue.text = Text::Read(text);
                hand(Found::Issue(issue))
            }
            Err(error) if error.kind.ends_all() => Err(error),
            Err(error) => hand(Found::Failed(doc.identifier.clone(), error)),
        })
    }
}
