//! The statuses of a project, as a pass learns them, and what is said of those that mean nothing.

use crate::huly::{Category, Status};
use crate::model::{Millis, Side};
use crate::report::{Mode, quoted};
use crate::store::pending::Reason;
use crate::store::{self, meta};

use super::desk::{Desk, REFUSAL_HOLDS_MS};
use super::status::{Vocabulary, Wish};
use super::trouble::Result;

impl Desk<'_> {
    /// A status name that the project has.
    pub(super) fn see_status(&mut self, name: Option<&str>, category: Option<Category>) {
        let Some(name) = name else { return };
        let is_known = |known: &&mut Status| known.name == name;
        match self.vocabulary.statuses.iter_mut().find(is_known) {
            Some(known) if category.is_none() || known.category == category => return,
            Some(known) => known.category = category,
            None => {
                let status = Status { name: name.to_owned(), category };
                self.vocabulary.statuses.push(status);
            }
        }
        self.new_statuses.push(Status { name: name.to_owned(), category });
    }

    /// A status of Huly's that may mean nothing here.
    pub(super) fn see_meaning(&mut self, name: Option<&str>, category: Option<Category>) {
        let Some(name) = name else { return };
        if self.words().to_vibe(Some(name), category).is_none() {
            self.unmeant.insert(name.to_owned());
        }
    }

    /// Asks for the project's statuses where that can be done, and where one may have to be chosen, or
    /// one that was missing may be there. Those that are known do for tasks: one that is no more says so
    /// when it is written.
    pub(super) fn learn_words(&mut self) -> Result<()> {
        let nothing_new = |side| self.stage.slots(side).is_empty();
        let lacks_one = self.pending.values().any(|was| was.reason == Reason::Unmapped);
        let needs_none = nothing_new(Side::Huly)
            && (self.vocabulary.complete || nothing_new(Side::Vibe))
            && !lacks_one;
        if !needs_none {
            match self.pass.huly.statuses(&self.project.identifier)? {
                Some(statuses) => self.learn_statuses(statuses)?,
                None if lacks_one => self.look_for_statuses()?,
                None => {}
            }
        }
        let key = meta::of_project(meta::WORDS, self.project.id);
        let before = self.pass.store.read(|state| meta::get(state, &key))?;
        let now = self.words().fingerprint().hex();
        self.new_words = (before.as_ref() != Some(&now)).then_some(now);
        Ok(())
    }

    /// Nobody tells that a status was added: it is seen on an issue, or what was lacking is asked for
    /// once more, a full pass a day.
    fn look_for_statuses(&mut self) -> Result<()> {
        for slot in 0..self.stage.slots(Side::Huly).len() {
            let issue = self.stage.get(Side::Huly, slot)?;
            self.see_status(issue.status.as_deref(), issue.category);
        }
        let key = meta::of_project(meta::ASKED_STATUS, self.project.id);
        let asked = self.pass.store.read(|state| meta::get(state, &key))?;
        let asked: Option<Millis> = asked.and_then(|at| at.parse().ok());
        let is_due = asked.is_none_or(|at| (self.pass.now - at).abs() >= REFUSAL_HOLDS_MS);
        self.vocabulary.asks_again = is_due && self.mode == Mode::Full && !self.pass.dry_run;
        Ok(())
    }

    /// The project lacks a status, and said which ones it has.
    pub(super) fn learn_refused(&mut self, statuses: Vec<Status>) -> Result<()> {
        let key = meta::of_project(meta::ASKED_STATUS, self.project.id);
        let now = self.pass.now.to_string();
        self.pass.store.write(|state| meta::set(state, &key, &now))?;
        self.learn_statuses(statuses)
    }

    /// These are all statuses that the project has.
    fn learn_statuses(&mut self, statuses: Vec<Status>) -> Result<()> {
        if self.vocabulary.complete && self.vocabulary.statuses == statuses {
            self.vocabulary.asks_again = false;
            return Ok(());
        }
        let id = self.project.id;
        self.pass.store.write(|state| store::statuses::replace(state, id, &statuses))?;
        self.vocabulary = Vocabulary { statuses, complete: true, asks_again: false };
        Ok(())
    }

    /// Whether the project has no status for this one of a task.
    pub(super) fn lacks_status(&self, vibe: Option<&str>) -> bool {
        vibe.is_some_and(|status| self.words().to_huly(status) == Wish::Nothing)
    }

    /// Whether it is not known that the project has this status.
    pub(super) fn is_uncertain(&self, huly: &str) -> bool {
        !self.vocabulary.has(huly)
    }

    /// Marks a pair whose task has a status that the Huly project lacks: it waits, and fails nothing.
    /// Said once for all of the project.
    pub(super) fn wait_for_status(&mut self, identifier: &str, status: Option<&str>) {
        let status = status.unwrap_or_default();
        let waits = format!(
            "the Huly project has no status for {}: it crosses when there is one, or when one is \
             named under [status.fallback]",
            quoted(status)
        );
        self.say_once("unmapped", status, format!("{waits} ({identifier} keeps its own)"));
        // Another reason to come back to it goes before.
        if !self.marks.contains_key(identifier) && !self.kept.contains(identifier) {
            self.mark(identifier, Reason::Unmapped, None, waits);
        }
    }

    /// Says, once each, which of Huly's statuses mean nothing here.
    pub(super) fn say_unmeant(&mut self) {
        for name in std::mem::take(&mut self.unmeant) {
            let message = format!(
                "Huly's status {} has no counterpart: tasks keep their own; name one under \
                 [status.to_vibe]",
                quoted(&name)
            );
            self.say_once("unmeant", &name, message);
        }
    }
}
