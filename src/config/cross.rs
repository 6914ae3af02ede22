//! What settings must say together, though each is right alone.

use std::collections::BTreeMap;

use super::{Config, Huly, Invalid, Origin, Pairing, Problem, Vibe};

/// Pairs of projects are one to one.
pub(super) fn check(config: &Config) -> Vec<Problem> {
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    let mut problems = Vec::new();
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

impl Huly {
    /// The address, for a command that needs it.
    ///
    /// # Errors
    /// Says how to set it.
    pub fn address(&self) -> Result<&str, Invalid> {
        self.url.as_deref().ok_or_else(|| missing("huly.url", "HULY_API_URL"))
    }
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

fn missing(key: &str, variable: &str) -> Invalid {
    let what = format!("not set: write it into the configuration file, or set {variable}");
    Invalid::one(key, Origin::Default, what)
}
