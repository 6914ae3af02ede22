//! find-all: documents of a class that a query means.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use super::documents::{self, PROJECT};
use super::fields::{Field, ISSUE, Shown};
use super::lookup::Lookups;
use super::model;
use super::query::{Options, Query};
use crate::support::huly::bridge::Inside;
use crate::support::huly::issue::IssueId;

/// Classes that the platform knows and that are empty here.
const EMPTY: [&str; 8] = [
    "contact:class:Person",
    "contact:mixin:Employee",
    "contact:class:SocialIdentity",
    "chunter:class:ChatMessage",
    "tracker:class:Component",
    "tracker:class:Milestone",
    "tracker:class:IssueTemplate",
    "activity:class:ActivityMessage",
];
/// Classes of which a project is one.
const SPACES: [&str; 4] =
    [PROJECT, "task:class:Project", "core:class:TypedSpace", "core:class:Space"];
/// Answers kept.
const KEPT: usize = 256;

/// A question as it came.
pub struct Question {
    pub class: String,
    pub query: Value,
    pub options: Value,
    /// What it came in: the order of sort keys is only there.
    pub text: String,
}

/// Why there is no list.
pub struct Refusal {
    pub message: String,
    /// The class was the trouble, which a GET is told in other words.
    pub unknown_class: bool,
}

impl From<String> for Refusal {
    fn from(message: String) -> Refusal {
        Refusal { message, unknown_class: false }
    }
}

/// A list that is being written.
struct List {
    out: Vec<u8>,
    any: bool,
    lookups: Lookups,
}

impl Inside {
    /// Answers a question.
    pub fn find_all(&mut self, question: &Question) -> Result<Arc<Vec<u8>>, Refusal> {
        let query = Query::new(&question.query)?;
        let options = Options::new(&question.options, &question.text);
        if question.class == ISSUE {
            return Ok(self.issues_found(question, &query, &options)?);
        }
        let class = question.class.as_str();
        let is_model = model::documents(class, &self.tracker);
        let counts = options.counts || is_model.is_some();
        let documents = match is_model {
            Some(documents) => documents,
            None if SPACES.contains(&class) => {
                let all = self.tracker.projects.values();
                let listed = all.filter(|p| self.lists(p, options.shows_archived));
                listed.map(documents::project).collect()
            }
            None if class.starts_with("core:class:Tx") => self.transactions(class, &options),
            None if EMPTY.contains(&class) => Vec::new(),
            None => {
                let message = format!("domain not found: {class} ");
                return Err(Refusal { message, unknown_class: true });
            }
        };
        let meant = documents.iter().filter(|d| query.matches(|name| Field::of_json(d, name)));
        let mut meant: Vec<&Value> = meant.collect();
        if options.sorts() {
            let with_keys = meant
                .into_iter()
                .map(|document| (options.keys(|name| Field::of_json(document, name)), document));
            let mut sorted: Vec<(Vec<Field<'_>>, &Value)> = with_keys.collect();
            sorted.sort_by(|a, b| options.order(&a.0, &b.0));
            meant = sorted.into_iter().map(|(_, document)| document).collect();
        }
        let total = meant.len();
        meant.truncate(options.limit.unwrap_or(usize::MAX));
        let mut list = List::new();
        for document in meant {
            let shown = document.as_object().into_iter().flatten().filter(|(name, value)| {
                options.shows(name) && !query.says(name, &Field::Json(value))
            });
            let shown = shown.map(|(name, value)| (name.clone(), value.clone()));
            list.push(&Value::Object(shown.collect()).to_string().into_bytes());
        }
        Ok(Arc::new(list.close(counts.then_some(total))))
    }

    fn transactions(&self, class: &str, options: &Options) -> Vec<Value> {
        let is_open = |tx: &&Value| {
            let home = tx["objectSpace"].as_str().and_then(|s| self.tracker.in_space(s));
            let home = home.and_then(|identifier| self.tracker.projects.get(identifier));
            home.is_none_or(|project| self.opens(project, options.shows_archived))
        };
        let is_class = |tx: &&Value| {
            matches!(class, "core:class:Tx" | "core:class:TxCUD") || tx["_class"] == class
        };
        self.tracker.feed.all.iter().filter(is_class).filter(is_open).cloned().collect()
    }

    fn issues_found(
        &mut self,
        question: &Question,
        query: &Query,
        options: &Options,
    ) -> Result<Arc<Vec<u8>>, String> {
        let now = Instant::now();
        let asked = self.asked(query, options);
        // What is asked for by its id is looked up only in its own project.
        let homes: Option<Vec<String>> = query.ids().map(|ids| {
            let known = ids.into_iter().filter_map(|id| self.tracker.document(id));
            known.map(|id| self.tracker.shown(id).issue.project.clone()).collect()
        });
        let mut settled = true;
        for project in &asked {
            let failing = &self.tracker.projects[project].failing;
            let is_meant = homes.as_ref().is_none_or(|homes| homes.contains(project));
            if let Some(message) = failing.as_ref().filter(|_| is_meant) {
                return Err(message.clone());
            }
            settled &= self.tracker.settle(project, now);
        }
        let mut hasher = DefaultHasher::new();
        for project in &asked {
            (project, self.tracker.projects[project].changes).hash(&mut hasher);
        }
        let (state, keeps) = (hasher.finish(), settled && self.conditions.keeps_lists);
        let key = question.text.as_bytes();
        if let Some((of, answer)) = self.workspace.answers.get(key).filter(|_| keeps)
            && *of == state
        {
            return Ok(answer.clone());
        }
        let (out, shown) = self.written(&asked, query, options);
        let answer = Arc::new(out);
        let mut passing = false;
        for id in shown {
            let issue = self.tracker.issues.get_mut(&id).expect("it was just shown");
            passing |= issue.unknown_reads > 0;
            issue.unknown_reads = issue.unknown_reads.saturating_sub(1);
        }
        if keeps && !passing {
            if self.workspace.answers.len() >= KEPT {
                self.workspace.answers.clear();
            }
            self.workspace.answers.insert(key.to_vec(), (state, answer.clone()));
        }
        Ok(answer)
    }

    /// The projects whose issues may be meant.
    fn asked(&self, query: &Query, options: &Options) -> Vec<String> {
        let all = self.tracker.projects.values();
        let open = all.filter(|p| self.opens(p, options.shows_archived));
        open.filter(|p| query.allows("space", &p.space)).map(|p| p.identifier.clone()).collect()
    }

    /// The issues that are meant, in the order of their making.
    fn meant(&self, asked: &[String], query: &Query) -> Vec<Shown<'_>> {
        let matches = |shown: &Shown<'_>| query.matches_beside("space", |name| shown.field(name));
        if let Some(wanted) = query.ids() {
            let found = wanted.into_iter().filter_map(|id| self.tracker.document(id));
            let found = found.map(|id| self.tracker.shown(id)).filter(matches);
            let is_open = |shown: &Shown<'_>| asked.contains(&shown.issue.project);
            let mut found: Vec<Shown<'_>> = found.filter(is_open).collect();
            found.sort_unstable_by_key(|shown| shown.issue.id);
            return found;
        }
        let asked = asked.iter().map(|project| &self.tracker.projects[project]);
        let members = asked.flat_map(|project| {
            project.members.iter().map(move |id| self.tracker.shown_in(*id, project))
        });
        members.filter(matches).collect()
    }

    /// The answer to a question for issues, and which issues are in it.
    fn written(
        &self,
        asked: &[String],
        query: &Query,
        options: &Options,
    ) -> (Vec<u8>, Vec<IssueId>) {
        let mut meant = self.meant(asked, query);
        let total = options.counts.then_some(meant.len());
        if options.sorts() {
            let with_keys = meant.into_iter().map(|s| (options.keys(|name| s.field(name)), s));
            let mut sorted: Vec<_> = with_keys.collect();
            sorted.sort_by(|a, b| options.order(&a.0, &b.0));
            meant = sorted.into_iter().map(|(_, shown)| shown).collect();
        }
        meant.truncate(options.limit.unwrap_or(usize::MAX));
        let mut list = List::new();
        for shown in &meant {
            let shows = |name: &str| options.shows(name);
            let says = |name: &str, field: &Field<'_>| query.says(name, field);
            if options.lookup.is_empty() {
                list.next();
                shown.write(shows, says, &mut list.out);
            } else {
                let mut out = Vec::new();
                shown.write(shows, says, &mut out);
                let mut document = serde_json::from_slice(&out).expect("written as JSON");
                self.look_up(shown, options, &mut document, &mut list.lookups);
                list.push(document.to_string().as_bytes());
            }
        }
        (list.close(total), meant.iter().map(|shown| shown.issue.id).collect())
    }
}

impl List {
    fn new() -> List {
        List { out: Vec::new(), any: false, lookups: Lookups::default() }
    }

    fn next(&mut self) {
        if self.any {
            self.out.push(b',');
        }
        self.any = true;
    }

    fn push(&mut self, document: &[u8]) {
        self.next();
        self.out.extend_from_slice(document);
    }

    /// The whole answer.
    fn close(self, total: Option<usize>) -> Vec<u8> {
        let total = total.map_or(-1, |total| total as i64);
        let map = self.lookups.map();
        let head = format!(
            "{{\"dataType\":\"TotalArray\",\"total\":{total},\"lookupMap\":{map},\"value\":["
        );
        let mut out = Vec::with_capacity(head.len() + self.out.len() + 2);
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(&self.out);
        out.extend_from_slice(b"]}");
        out
    }
}
