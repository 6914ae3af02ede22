//! What is told of failures that are over.

use std::collections::{BTreeMap, BTreeSet};

use log::Level;

use super::Line;
use crate::http::Host;
use crate::report;
use crate::store::troubles::{Place, Trouble};

/// What is over. Whoever was told of a failure that lasted is told that it ended: a system that answers
/// again in one line, however it failed and whatever failed because of it; not one that is still
/// `silent` in another way.
pub(super) fn tell_over(over: &[(&Place, &Trouble)], silent: &BTreeSet<&str>) -> Vec<Line> {
    let level = |is_lasting| if is_lasting { Level::Warn } else { Level::Info };
    let mut lines = Vec::new();
    let mut hosts: BTreeMap<&str, Vec<&Trouble>> = BTreeMap::new();
    for (place, trouble) in over {
        match silent_host(place) {
            Some(host) => hosts.entry(host).or_default().push(trouble),
            None => {
                let whose = if place.project.is_empty() { "" } else { ": " };
                let text = format!("{}{whose}over: {}", place.project, trouble.message);
                lines.push((level(trouble.seen != trouble.since), text));
            }
        }
    }
    hosts.retain(|host, _| !silent.contains(host));
    for (host, troubles) in hosts {
        let last = troubles.iter().map(|trouble| trouble.seen).max();
        if let Some(first) = troubles.iter().min_by_key(|trouble| trouble.since) {
            let since = report::time(first.since);
            let text = format!("{host} answers again; over: {} (since {since})", first.message);
            lines.push((level(last != Some(first.since)), text));
        }
    }
    lines
}

/// The system that failed as a whole.
pub(super) fn silent_host(place: &Place) -> Option<&str> {
    let (host, kind) = place.key.split_once(' ')?;
    let is_host = Host::ALL.iter().any(|known| known.to_string() == host);
    let is_silent = ["offline", "throttled"].iter().any(|away| kind.starts_with(away));
    (is_host && (is_silent || place.project.is_empty())).then_some(host)
}
