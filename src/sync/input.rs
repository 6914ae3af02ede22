//! What a pass is given.

use std::sync::Arc;

use crate::config::{Config, Selection};
use crate::huly::Huly;
use crate::model::Millis;
use crate::stop::Stop;
use crate::store::Store;
use crate::store::losers::Loser;
use crate::vibe::Vibe;

/// What a pass is given.
pub struct Input {
    /// All settings.
    pub config: Config,
    /// Which projects.
    pub selection: Selection,
    /// Everything is read.
    pub full: bool,
    /// Nothing is written to either side.
    pub dry_run: bool,
    /// A value that lost and is to be put back first; its project is the one that is chosen.
    pub wish: Option<Loser>,
    /// Issues.
    pub huly: Arc<dyn Huly>,
    /// Tasks.
    pub vibe: Vibe,
    /// The state, or a dry run's copy of it.
    pub store: Arc<Store>,
    /// Ends the pass early.
    pub stop: Stop,
    /// When it began; our clock.
    pub now: Millis,
}
