//! All that a project's pass has at hand.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Instant;

use crate::huly::{Abilities, Status};
use crate::model::{Hash, Millis, Side};
use crate::report::{self, Mode, Ops};
use crate::store::elements::Known;
use crate::store::outbox::Entry;
use crate::store::pending::{Pending, Reason};
use crate::store::{self, pending};

use super::context::Context;
use super::evidence::Others;
use super::item::Item;
use super::merge::Rules;
use super::stage::Stage;
use super::status::{Translator, Vocabulary};
use super::trouble::Result;

mod marks;

/// A final refusal is tried again after this long.
pub const REFUSAL_HOLDS_MS: Millis = 24 * 60 * 60 * 1000;

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
    /// When this was laid out, before both lists were read; our clock.
    pub(super) opened: Millis,
    /// What the batch under way may send.
    pub(super) outgoing: Outgoing,
    /// The statuses that the project is known to have.
    pub(super) vocabulary: Vocabulary,
    /// How statuses translate, where that is not how the last pass translated them: all pairs are
    /// looked at again.
    pub(super) new_words: Option<String>,
    /// Statuses that the state does not know yet.
    pub(super) new_statuses: Vec<Status>,
    /// Huly's statuses that say nothing to Vibe.
    pub(super) unmeant: BTreeSet<String>,
    /// The largest believable `modified` that was parsed.
    pub(super) newest: Option<Millis>,
    /// Huly's clock is behind the place where this read was to begin.
    pub(super) is_clock_set_back: bool,
    /// The state had rows of the project when the pass began.
    pub(super) has_rows: bool,
    /// What issues that have texts say of one that reads blank.
    pub(super) others: Others,
    /// This pass reads issues again whose blank text was never proven.
    pub(super) reads_unproven: bool,
    /// Items that this pass is not done with.
    pub(super) marks: BTreeMap<String, Mark>,
    /// Items that this pass is done with, by the key of their name: of a pair the issue's.
    pub(super) done: HashSet<u64>,
    /// Items whose listed bytes must be looked at again: written, or not done with.
    pub(super) touched: HashSet<(Side, u64)>,
    /// Halves to be made anew, since an edit beat the deletion: once all that is gone is settled.
    pub(super) revived: Vec<Item>,
    /// Pairs that were linked by marks of another state.
    pub(super) adopted: u64,
    /// Requests in a row that found nobody.
    pub(super) offline: u32,
    /// How many items wait for an answer to what an earlier pass sent.
    pub(super) waiting: u64,
    /// What is to be said once.
    pub(super) notices: Vec<Notice>,
    /// Items with a mark of an earlier pass that this pass has decided about anew.
    pub(super) looked_at: BTreeSet<String>,
    /// Items whose earlier mark stands as it is.
    pub(super) kept: BTreeSet<String>,
    /// What is told of the project.
    pub(super) report: report::Project,
    /// A dry run's plan.
    pub(super) ops: Ops,
}

/// The outbox entries of the batch under way.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    /// Their row ids.
    pub(super) entries: Vec<i64>,
    /// When their time in the outbox was right.
    pub(super) stamped: Option<Instant>,
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
        let (known_huly, known_vibe, pending, outbox, statuses, surplus) =
            pass.store.read(|state| {
                let known = |side| {
                    if dirty { Ok(Known::default()) } else { Known::load(state, id, side) }
                };
                Ok((
                    known(Side::Huly)?,
                    known(Side::Vibe)?,
                    pending::of(state, id)?,
                    store::outbox::of(state, id)?,
                    store::statuses::of(state, id)?,
                    store::said::count(state, id, "surplus")?,
                ))
            })?;
        let vocabulary =
            Vocabulary { statuses, complete: project.statuses_complete, asks_again: false };
        // What changed may be one of two issues with one identifier: only all of it tells.
        let doubled = pending.values().any(|pending| pending.reason == Reason::Double);
        let mode = if doubled { Mode::Full } else { mode };
        let mut report = report::Project::new(&project.identifier);
        report.mode = mode;
        report.counts.surplus = surplus;
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
            opened: pass.time(),
            outgoing: Outgoing::default(),
            vocabulary,
            new_words: None,
            new_statuses: Vec::new(),
            unmeant: BTreeSet::new(),
            newest: None,
            is_clock_set_back: false,
            has_rows: false,
            others: Others::HaveNone,
            reads_unproven: false,
            marks: BTreeMap::new(),
            done: HashSet::new(),
            touched: HashSet::new(),
            revived: Vec::new(),
            adopted: 0,
            offline: 0,
            waiting: 0,
            notices: Vec::new(),
            looked_at: BTreeSet::new(),
            kept: BTreeSet::new(),
            report,
            ops: Ops::new(pass.ops_spool.clone()),
        })
    }

    pub(super) fn abilities(&self) -> Abilities {
        self.pass.huly.abilities()
    }

    pub(super) fn rules(&self) -> Rules<'_> {
        Rules {
            direction: self.pass.config.sync.direction,
            conflict: &self.pass.config.conflict,
            status: self.words(),
        }
    }

    /// How statuses translate.
    pub(super) fn words(&self) -> Translator<'_> {
        Translator { map: &self.pass.config.status, project: &self.vocabulary }
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
        match pending.reason {
            Reason::NotArrived | Reason::Unfit => return !pending.is_held(),
            Reason::Unmapped => return self.new_words.is_some(),
            _ => {}
        }
        pending.reason != Reason::Refused
            || self.mode == Mode::Full
            || (self.pass.now - pending.at).abs() >= REFUSAL_HOLDS_MS
    }

    /// The listed bytes of an item are not to be believed next time.
    pub(super) fn touch(&mut self, side: Side, key: u64) {
        self.touched.insert((side, key));
    }

    /// Says, once, that NUL characters of the item were left out.
    pub(super) fn say_nul(&mut self, item: &str) {
        let message = format!("{item}: its NUL characters are left out in Huly, which stores none");
        self.say_once("nul", item, message);
    }

    /// To be said with the last commit, if it was not said before.
    pub(super) fn say_once(&mut self, kind: &'static str, item: &str, message: String) {
        self.notices.push(Notice { kind, item: item.to_owned(), message });
    }
}

/// Something that is said once and not in every pass.
#[derive(Debug, Clone)]
pub(super) struct Notice {
    pub(super) kind: &'static str,
    pub(super) item: String,
    pub(super) message: String,
}
