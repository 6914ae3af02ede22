//! The statuses of a project, as a pass learns them, and what is said of those that mean nothing.

use crate::huly::{Category, Status};
use crate::model::Side;
use crate::report::quoted;
use crate::store;

use super::desk::Desk;
use super::halves::Pair;
use super::status::Vocabulary;
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

    /// Asks for the project's statuses where that can be done, and where one may have to be chosen.
    /// Those that are known do for tasks: one that is no more says so when it is written.
    pub(super) fn learn_words(&mut self) -> Result<()> {
        let nothing_new = |side| self.stage.slots(side).is_empty();
        if nothing_new(Side::Huly) && (self.vocabulary.complete || nothing_new(Side::Vibe)) {
            return Ok(());
        }
        match self.pass.huly.statuses(&self.project.identifier)? {
            Some(statuses) => self.learn_statuses(statuses),
            None => Ok(()),
        }
    }

    /// These are all statuses that the project has.
    pub(super) fn learn_statuses(&mut self, statuses: Vec<Status>) -> Result<()> {
        if self.vocabulary.complete && self.vocabulary.statuses == statuses {
            return Ok(());
        }
        let id = self.project.id;
        self.pass.store.write(|state| store::statuses::replace(state, id, &statuses))?;
        self.vocabulary = Vocabulary { statuses, complete: true };
        Ok(())
    }

    /// Says, once, that a task's status has no counterpart.
    pub(super) fn say_unmapped(&mut self, pair: &Pair) {
        let status = pair.vibe.status.clone().unwrap_or_default();
        let message = format!(
            "the Huly project has no status for {} ({} keeps its own): name one under \
             [status.fallback]",
            quoted(&status),
            pair.row.identifier
        );
        self.say_once("unmapped", &status, message);
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
