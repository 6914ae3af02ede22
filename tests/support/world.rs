//! Both systems side by side, with one order of requests over them.

use std::path::PathBuf;
use std::sync::Arc;

use super::huly::bridge::BridgeGeneration;
use super::huly::controls::{Huly, HulyKind};
use super::letta::controls::Letta;
use super::letta::version::LettaVersion;
use super::vibe::controls::Vibe;
use super::vibe::version::VibeVersion;
use super::web::journal::{Entry, Host, Journal};

/// Which systems to start.
#[derive(Clone, Debug)]
pub struct Setup {
    pub huly: HulyKind,
    pub vibe: VibeVersion,
    /// Where repositories are; the folder `~` and relative paths are under.
    pub repos_dir: PathBuf,
    pub seed: u64,
    /// Whether a list that did not change is answered from memory, or written anew.
    pub keeps_lists: bool,
}

impl Setup {
    /// The newer bridge and the recorded Vibe Kanban.
    pub fn new(repos_dir: impl Into<PathBuf>) -> Setup {
        Setup {
            huly: HulyKind::Bridge(BridgeGeneration::Second),
            vibe: VibeVersion::V0_0_71,
            repos_dir: repos_dir.into(),
            seed: 1,
            keeps_lists: true,
        }
    }

    /// Another bridge.
    pub fn bridge(self, bridge: BridgeGeneration) -> Setup {
        self.huly(HulyKind::Bridge(bridge))
    }

    /// Huly's own services, or a bridge in front of it.
    pub fn huly(self, huly: HulyKind) -> Setup {
        Setup { huly, ..self }
    }

    /// Another Vibe Kanban.
    pub fn vibe(self, vibe: VibeVersion) -> Setup {
        Setup { vibe, ..self }
    }

    /// Lists are written anew for each request, as real servers do.
    pub fn writes_lists_anew(self) -> Setup {
        Setup { keeps_lists: false, ..self }
    }

    /// Another seed.
    pub fn seed(self, seed: u64) -> Setup {
        Setup { seed, ..self }
    }
}

/// The two running systems. Dropping it leaves no thread and no socket.
pub struct World {
    pub huly: Arc<Huly>,
    pub vibe: Arc<Vibe>,
    /// There is none unless it was started.
    pub letta: Option<Arc<Letta>>,
    pub repos_dir: PathBuf,
    journal: Arc<Journal>,
}

impl World {
    /// Starts both on free ports of the loopback.
    pub fn start(setup: Setup) -> World {
        let Setup { huly, vibe, repos_dir, seed, keeps_lists } = setup;
        let journal = Arc::new(Journal::new());
        let world = World {
            huly: Arc::new(Huly::start(huly, journal.clone(), seed)),
            vibe: Arc::new(Vibe::start(vibe, &repos_dir, journal.clone(), seed)),
            letta: None,
            repos_dir,
            journal,
        };
        world.huly.keep_lists(keeps_lists);
        world.vibe.keep_lists(keeps_lists);
        world
    }

    /// Starts a Letta beside the two.
    pub fn start_letta(&mut self, version: LettaVersion) -> Arc<Letta> {
        let letta = Arc::new(Letta::start(version, self.journal.clone(), 1));
        self.letta = Some(letta.clone());
        letta
    }

    /// Calls back right after each request is done: state changed and answer written (or, with a
    /// fault, connection closed). It gets the request's number and the system that served it.
    pub fn on_served(&self, callback: impl Fn(u64, Host) + Send + Sync + 'static) {
        self.journal.on_served(Some(Arc::new(callback)));
    }

    /// Calls back after the state has changed, before any answer is written.
    pub fn on_effect(&self, callback: impl Fn(u64, Host) + Send + Sync + 'static) {
        self.journal.on_effect(Some(Arc::new(callback)));
    }

    /// No more callbacks.
    pub fn forget_callbacks(&self) {
        self.journal.on_served(None);
        self.journal.on_effect(None);
    }

    /// The number of the last request, to ask later what came after it.
    pub fn mark(&self) -> u64 {
        self.journal.mark()
    }

    /// All kept requests of both systems, in order.
    pub fn log(&self) -> Vec<Entry> {
        self.log_since(0)
    }

    /// The kept requests after a mark.
    pub fn log_since(&self, mark: u64) -> Vec<Entry> {
        self.journal.since(mark, |_| true)
    }

    /// The kept requests after a mark that write; empty for a quiet pass.
    pub fn writes_since(&self, mark: u64) -> Vec<Entry> {
        self.journal.since(mark, |e| e.is_write)
    }

    /// Keeps no requests (numbers and counters go on), or keeps them again.
    pub fn keep_log(&self, keep: bool) {
        self.journal.keep(keep);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // They may hold the systems, which would then never end.
        self.forget_callbacks();
        self.huly.forget_acts();
        self.vibe.forget_acts();
        if let Some(letta) = &self.letta {
            letta.forget_acts();
        }
    }
}
