//! What Huly suffers from, in the hands of a test. What only one of its faces can have is without
//! effect on the other.

use std::time::{Duration, Instant};

use super::bridge::BridgeGeneration;
use super::controls::Huly;

impl Huly {
    /// Behind the bridge texts read `''`, and those of new issues are kept raw for good; on the
    /// platform every call to the collaborator fails with 502, and blobs can still be read.
    pub fn collaborator_away(&self, away: bool) {
        self.condition(|i| i.conditions.collaborator_away = away);
    }

    /// The platform goes away: calls hang without an answer (the health stays `connected:true`).
    pub fn platform_goes_away(&self) {
        self.gate.close();
    }

    /// The platform is back: what hung is carried out, though its clients may have gone.
    /// Returns when that is done.
    pub fn platform_returns(&self) {
        self.gate.open();
    }

    /// How many calls hang, waiting for the platform.
    pub fn hanging_calls(&self) -> usize {
        self.gate.waiting()
    }

    /// Waits until so many calls hang.
    pub fn until_hanging(&self, calls: usize) {
        let begun = Instant::now();
        while self.hanging_calls() < calls {
            assert!(begun.elapsed() < Duration::from_secs(10), "{calls} calls should hang");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// What the bridge's health says; a platform that is not connected opens no session.
    pub fn connected(&self, connected: bool) {
        self.condition(|i| i.conditions.connected = connected);
    }

    /// Every call to the bridge but the health answers 503 `Huly client not initialized`; the
    /// platform opens no session.
    pub fn starting(&self, starting: bool) {
        self.condition(|i| i.conditions.starting = starting);
    }

    /// Archived projects are listed with their flag, as on older platforms.
    pub fn lists_archived(&self, listed: bool) {
        self.condition(|i| i.conditions.lists_archived = listed);
    }

    /// A project with an assigned issue fails alone in the bulk read (default: all of it fails).
    pub fn assigned_fails_alone(&self, alone: bool) {
        self.condition(|i| i.conditions.assigned_fails_alone = alone);
    }

    /// The second generation's cache of the project list; zero (the default): none.
    pub fn cache_projects_for(&self, time: Duration) {
        self.condition(|i| {
            i.conditions.projects_cached_for = time;
            i.conditions.cached_projects = None;
        });
    }

    /// How long a create takes between choosing its number and storing it (default 1 ms).
    pub fn create_takes(&self, time: Duration) {
        self.condition(|i| i.conditions.create_takes = time);
    }

    /// The bridge is replaced by one of this generation; what is behind it stays.
    pub fn upgrade_bridge(&self, generation: BridgeGeneration) {
        self.bridge.become_generation(generation);
        self.condition(|_| ());
    }

    /// Texts come back as they were written, without the platform's way with Markdown.
    pub fn verbatim(&self, verbatim: bool) {
        self.condition(|i| i.tracker.verbatim = verbatim);
    }

    /// Whether they do.
    pub fn is_verbatim(&self) -> bool {
        self.inside(|i| i.tracker.verbatim)
    }
}
