//! All that a project's pass has at hand.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::huly::Abilities;
use crate::model::{Field, Hash, Millis, Side};
use crate::report::{self, Mode, Op, OpName};
use crate::store::elements::Known;
use crate::store::outbox::Entry;
use crate::store::pending::{Pending, Reason};
use crate::store::{self, pending};

use super::context::Context;
use super::merge::Rules;
use super::stage::Stage;
use super::status::Vocabulary;
use super::trouble::Result;

/// A final refusal is tried again after this long.
const REFUSAL_HOLDS_MS: Millis = 24 * 60 * 60 * 1000;

/// One project on one worker's desk.
pub(super) struct Desk<'a> {
    /// What all projects of the pass share.
    pub(super) pass: &'a Context,
    /// The project's row.
    pub(super) project: store::projects::Project,
    /// Its other half; `None` in a dry run that would make it.
    pub(super) vibe_id: Option<String>,
    /// How much of Huly is read.
    pub(super) mode: Mode,
    /// What the lists showed that was not known.
    pub(super) stage: &'a mut Stage,
    /// Elements that the last pass was done with.
    pub(super) known_huly: Known,
    /// The same of Vibe's list.
    pub(super) known_vibe: Known,
    /// Items that the last pass was not done with.
    pub(super) pending: HashMap<String, Pending>,
    /// What may have been sent and is not settled.
    pub(super) outbox: Vec<Entry>,
    /// The statuses that the project is known to have.
    pub(super) vocabulary: Vocabulary,
    /// The largest believable `modified` that was parsed.
    pub(super) newest: Option<Millis>,
    /// Huly gave texts in this pass: one that reads blank may be meant.
    pub(super) gives_texts: bool,
    /// Items that this pass is not done with.
    pub(super) marks: BTreeMap<String, Mark>,
    /// Items whose earlier mark stands as it is.
    pub(super) kept: BTreeSet<String>,
    /// What is told of the project.
    pub(super) report: report::Project,
    /// A dry run's plan.
    pub(super) ops: Vec<Op>,
}

/// Why an item is not done with.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) reason: Reason,
    pub(super) print: Option<Hash>,
    pub(super) message: String,
}

impl<'a> Desk<'a> {
    /// Lays out what the last pass left.
    pub(super) fn open(
        pass: &'a Context,
        project: store::projects::Project,
        vibe_id: Option<String>,
        mode: Mode,
        stage: &'a mut Stage,
    ) -> Result<Self> {
        stage.clear()?;
        let id = project.id;
        // After a crash nothing that was known is believed: an item may have been written and put
        // back since, byte for byte.
        let dirty = project.dirty;
        let (known_huly, known_vibe, pending, outbox, names) = pass.store.read(|state| {
            let known = |side| {
                if dirty { Ok(Known::default()) } else { Known::load(state, id, side) }
            };
            Ok((
                known(Side::Huly)?,
                known(Side::Vibe)?,
                pending::of(state, id)?,
                store::outbox::of(state, id)?,
                store::statuses::of(state, id)?,
            ))
        })?;
        let vocabulary = Vocabulary { names, complete: project.statuses_complete };
        let mut report = report::Project::new(&project.identifier);
        report.mode = mode;
        Ok(Self {
            pass,
            project,
            vibe_id,
            mode,
            stage,
            known_huly,
            known_vibe,
            pending,
            outbox,
            vocabulary,
            newest: None,
            gives_texts: false,
            marks: BTreeMap::new(),
            kept: BTreeSet::new(),
            report,
            ops: Vec::new(),
        })
    }

    pub(super) fn abilities(&self) -> Abilities {
        self.pass.huly.abilities()
    }

    pub(super) fn rules(&self) -> Rules<'a> {
        Rules {
            direction: self.pass.config.sync.direction,
            conflict: &self.pass.config.conflict,
            status: &self.pass.config.status,
        }
    }

    /// Whether changes may be written to this side.
    pub(super) fn may_write(&self, side: Side) -> bool {
        self.pass.config.sync.direction.writes_to(side)
    }

    /// Whether items may be made on this side.
    pub(super) fn may_create(&self, side: Side) -> bool {
        let wanted = match side {
            Side::Huly => self.pass.config.creation.huly,
            Side::Vibe => self.pass.config.creation.vibe,
        };
        wanted && self.may_write(side)
    }

    /// Whether a refused item is to be tried again as it is.
    pub(super) fn is_due(&self, pending: &Pending) -> bool {
        pending.reason != Reason::Refused
            || self.mode == Mode::Full
            || (self.pass.now - pending.at).abs() >= REFUSAL_HOLDS_MS
    }

    /// Whether this very attempt was refused before and needs no second one yet.
    pub(super) fn was_refused(&self, item: &str, print: Hash) -> bool {
        self.pending.get(item).is_some_and(|pending| {
            pending.reason == Reason::Refused
                && pending.print == Some(print)
                && !self.is_due(pending)
        })
    }

    /// The item is not done with; the next pass looks at it, whatever the lists say.
    pub(super) fn mark(&mut self, item: &str, reason: Reason, print: Option<Hash>, message: String) {
        match reason {
            Reason::Failed | Reason::Refused | Reason::NotArrived => {
                self.report.counts.failed += 1;
                self.report.errors.push(format!("{item}: {message}"));
            }
            Reason::Moved | Reason::Blank | Reason::Guarded | Reason::Unanswered => {}
        }
        self.marks.insert(item.to_owned(), Mark { reason, print, message });
    }

    /// The item stays refused: said again, not sent again.
    pub(super) fn repeat_refusal(&mut self, item: &str) {
        let Some(was) = self.pending.get(item).cloned() else { return };
        self.report.counts.failed += 1;
        self.report.errors.push(format!("{item}: {}", was.message));
        self.kept.insert(item.to_owned());
    }

    /// Passes in a row that left the item for this reason.
    pub(super) fn tries(&self, item: &str, reason: Reason) -> u32 {
        self.pending.get(item).filter(|was| was.reason == reason).map_or(0, |was| was.tries)
    }

    /// Says something the first time that it is so.
    pub(super) fn say_once(&mut self, kind: &str, item: &str, message: &str) -> Result<()> {
        let (id, now) = (self.project.id, self.pass.now);
        if self.pass.store.write(|state| store::said::first_time(state, id, kind, item, now))? {
            log::warn!("{}: {message}", self.project.identifier);
        }
        Ok(())
    }

    /// A line of a dry run's plan.
    pub(super) fn plan(
        &mut self,
        op: OpName,
        side: Side,
        item: &str,
        change: Option<(Field, Option<String>, String)>,
    ) {
        let (field, from, to) = match change {
            Some((field, from, to)) => (Some(field), from, Some(to)),
            None => (None, None, None),
        };
        let project = self.project.identifier.clone();
        self.ops.push(Op { project, op, side, item: item.to_owned(), field, from, to });
    }
}
