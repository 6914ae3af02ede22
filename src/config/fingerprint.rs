//! A mark of the settings that give the stored values their meaning.

use std::fmt::Write;

use super::{Config, KEYS, maps};
use crate::model::Hash;

impl Config {
    /// Differs when a pass has to look at everything again: which server it is, which way things
    /// cross, how statuses map, what is created, deleted, adopted and paired.
    ///
    /// The conflict policies are not in it: they decide when a conflict is met, and none stays
    /// undecided. Nor are speed, limits and guards: what those held back is pending, and so is
    /// looked at anyway.
    #[must_use]
    pub fn fingerprint(&self) -> Hash {
        let mut text = String::new();
        for key in KEYS.iter().filter(|key| key.rereads) {
            // Debug quotes and escapes: no value can look like another key.
            let _ = writeln!(text, "{}={:?}", key.name, key.show(self));
        }
        for (identifier, pairing) in &self.projects {
            let _ = writeln!(text, "projects.{identifier}={:?}", maps::show(pairing));
        }
        Hash::of(text.as_bytes())
    }
}
