//! What all projects of one pass share.

use std::collections::HashMap;
use std::sync::Arc;

use crate::config::Config;
use crate::huly::Huly;
use crate::model::Millis;
use crate::report::OpsSpool;
use crate::stop::Stop;
use crate::store::Store;
use crate::vibe::Vibe;

use super::feed::Feed;
use super::wish::Wish;

/// The clients, the state and the settings of a pass.
pub struct Context {
    /// All settings.
    pub config: Config,
    /// Issues.
    pub huly: Arc<dyn Huly>,
    /// Tasks.
    pub vibe: Vibe,
    /// The state file, or a dry run's copy of it.
    pub store: Arc<Store>,
    /// Ends the pass early.
    pub stop: Stop,
    /// When it began; our clock. History goes by it.
    pub now: Millis,
    /// Nothing is written to either side.
    pub dry_run: bool,
    /// Where a dry run lays its plan aside.
    pub ops_spool: Option<OpsSpool>,
    /// What a person wants to win.
    pub wish: Option<Wish>,
    /// What one request told of many projects.
    pub feed: Feed,
    /// The newest change that all projects' lists are known to have been asked after, by project.
    pub asked_after: HashMap<String, Millis>,
}

impl Context {
    /// The time right now; our clock as it was when the pass began, so that nobody sets it meanwhile.
    /// What may still be carried out is reckoned by it.
    pub(super) fn time(&self) -> Millis {
        self.now.saturating_add(self.stop.elapsed())
    }
}
