//! What an agent knows of its board: six blocks of JSON, by pure functions of the state and the time.
//!
//! Equal boards give equal bytes: keys in order, no time stamps, and of what ages the date that it
//! began, so that a block changes only when something on the board does or crosses a line.

mod backlog_summary;
mod board_config;
mod board_metrics;
mod change_log;
mod first;
mod fit;
mod hotspots;
mod project;
mod title;
mod top;

use serde_json::Value;

use crate::config::Config;
use crate::model::Millis;
use crate::store::changes::Told;
use crate::store::issues::Card;
use crate::store::losers::Lost;
use crate::store::projects::Project;
use crate::sync::status::{Translator, Vocabulary};

pub use change_log::LINES as CHANGES;
pub use first::{PERSONA, SCRATCHPAD, persona};
pub use fit::fit;

use backlog_summary::Backlog;
use board_metrics::Metrics;
use hotspots::Hotspots;

/// Characters that a new block takes. Letta's own bounds are 5,000 to 100,000, by its version.
pub const LIMIT: usize = 20_000;

/// A block that is kept up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// What it is called in the agent's memory.
    pub label: &'static str,
    /// What the agent is told about it.
    pub description: &'static str,
}

/// All of them, in the order in which they are written.
pub const KINDS: [Kind; 6] = [
    Kind {
        label: "project",
        description: "Which project this is: its names and ids in Huly and Vibe Kanban, and its \
                      repository. Read only; renewed after each sync.",
    },
    Kind {
        label: "board_config",
        description: "How the two boards are kept equal: how statuses map, who wins a conflict, \
                      what becomes of deleted items. Read only; renewed after each sync.",
    },
    Kind {
        label: "board_metrics",
        description: "Counts of the board by status, work in progress, completion rate. Read only; \
                      renewed after each sync.",
    },
    Kind {
        label: "hotspots",
        description: "What wants attention: blocked issues, work in progress for more than seven \
                      days, important issues not begun. Read only; renewed after each sync.",
    },
    Kind {
        label: "backlog_summary",
        description: "What is to be done: how much, of which priority, and what comes first. Read \
                      only; renewed after each sync.",
    },
    Kind {
        label: "change_log",
        description: "The last changes that the sync carried across, newest first. Read only; \
                      renewed after each sync.",
    },
];

/// What a board is described by, beside its cards.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The project's row.
    pub project: &'a Project,
    /// The statuses that it has.
    pub words: &'a Vocabulary,
    /// Mapping and policies.
    pub config: &'a Config,
    /// The last changes, newest first.
    pub changes: &'a [Told],
    /// The last conflicts, newest first.
    pub lost: &'a [Lost],
    /// This moment; our clock.
    pub now: Millis,
}

/// Takes in the cards one by one, and keeps no more of them than is told.
#[derive(Debug)]
pub struct Board<'a> {
    facts: Facts<'a>,
    metrics: Metrics,
    hotspots: Hotspots,
    backlog: Backlog,
}

/// What an issue's status means, in Vibe Kanban's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Meaning {
    Todo,
    InProgress,
    InReview,
    Done,
    Cancelled,
    /// A status that maps to none, or none at all.
    Unknown,
}

impl Meaning {
    const ALL: [Self; 6] =
        [Self::Todo, Self::InProgress, Self::InReview, Self::Done, Self::Cancelled, Self::Unknown];

    fn of(words: Translator<'_>, status: Option<&str>) -> Self {
        match words.to_vibe(status, None).as_deref() {
            Some("todo") => Self::Todo,
            Some("inprogress") => Self::InProgress,
            Some("inreview") => Self::InReview,
            Some("done") => Self::Done,
            Some("cancelled") => Self::Cancelled,
            _ => Self::Unknown,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Todo => "todo",
            Self::InProgress => "inprogress",
            Self::InReview => "inreview",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }

    fn is_wip(self) -> bool {
        matches!(self, Self::InProgress | Self::InReview)
    }

    fn is_open(self) -> bool {
        !matches!(self, Self::Done | Self::Cancelled)
    }
}

impl<'a> Board<'a> {
    /// An empty board.
    #[must_use]
    pub fn new(facts: Facts<'a>) -> Self {
        Self {
            facts,
            metrics: Metrics::default(),
            hotspots: Hotspots::new(facts.now),
            backlog: Backlog::default(),
        }
    }

    /// Takes in a card, in any order.
    pub fn take(&mut self, card: &Card<'_>) {
        let words = Translator { map: &self.facts.config.status, project: self.facts.words };
        let meaning = self.metrics.take(card, words);
        self.hotspots.take(card, meaning);
        self.backlog.take(card, meaning);
    }

    /// When it will say something else, if nothing changes but the time; our clock.
    #[must_use]
    pub fn until(&self) -> Millis {
        self.hotspots.until()
    }

    /// What each of [`KINDS`] says, in that order, at any length.
    #[must_use]
    pub fn values(self) -> [Value; KINDS.len()] {
        let Facts { project, words, config, changes, lost, .. } = self.facts;
        [
            project::value(project),
            board_config::value(config, words),
            self.metrics.value(),
            self.hotspots.value(),
            self.backlog.value(),
            change_log::value(changes, lost),
        ]
    }
}

/// The two blocks that say nothing of issues.
#[must_use]
pub fn rules(project: &Project, config: &Config, words: &Vocabulary) -> Value {
    Value::Array(vec![project::value(project), board_config::value(config, words)])
}

#[cfg(test)]
mod tests;
