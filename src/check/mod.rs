//! What a pass would stumble over: facts are gathered at the edges, and findings follow from them.

mod clock;
mod facts;
mod files;
mod finding;
mod gather;
mod kept;
mod look;
mod pairs;
mod statuses;
mod systems;
#[cfg(test)]
mod tests;

pub use facts::Facts;
pub use finding::{Finding, Level, exit, invalid};
pub use gather::gather;

/// All that there is to say: settings, state, systems, projects, statuses.
#[must_use]
pub fn findings(facts: &Facts) -> Vec<Finding> {
    let mut found = files::findings(&facts.files);
    found.extend(kept::findings(&facts.state));
    found.extend(systems::findings(facts));
    found.extend(clock::findings(&facts.clocks));
    found.extend(pairs::findings(facts));
    found.extend(statuses::findings(facts));
    found
}
