//! What settings must say together, though each is right alone.

use std::collections::BTreeMap;

use super::huly::{self, missing};
use super::{Config, Invalid, Pairing, Problem, Vibe, headers};

/// There is one Huly, and pairs of projects are one to one.
pub(super) fn check(config: &Config) -> Vec<Problem> {
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    let mut problems: Vec<Problem> = huly::check(config).into_iter().collect();
    problems.extend(headers::check_authorization(config));
    for (identifier, pairing) in &config.projects {
        let Pairing::With(project) = pairing else { continue };
        // Names are found without case.
        if let Some(other) = taken.insert(project.to_lowercase(), identifier) {
            let key = format!("projects.{identifier}");
            let origin = config.origin(&key).clone();
            let what = format!("the Vibe project of {other} too: a pair is one to one");
            problems.push(Problem { key, origin, what });
        }
    }
    problems
}

impl Vibe {
    /// The address, for a command that needs it.
    ///
    /// # Errors
    /// Says how to set it.
    pub fn address(&self) -> Result<&str, Invalid> {
        self.url.as_deref().ok_or_else(|| missing("vibe.url", "VIBE_API_URL"))
    }
}
