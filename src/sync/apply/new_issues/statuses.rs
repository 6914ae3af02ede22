//! The statuses of new issues, which a bridge's create cannot set.

use std::collections::HashSet;
use std::time::Instant;

use crate::huly::{IssueWrite, Written};
use crate::model::Side;
use crate::store::pending::Reason;
use crate::sync::apply::new_tasks::half_of;
use crate::sync::apply::{Results, may_send, target};
use crate::sync::desk::Desk;
use crate::sync::made::first_status;
use crate::sync::outgoing;
use crate::sync::trouble::Result;

use super::Work;

/// Writes the statuses that the creates could not set.
pub(super) fn write_statuses(
    desk: &mut Desk<'_>,
    works: &mut [Work],
    results: &mut Results,
) -> Result<()> {
    // The later rounds are for a project that had to say which statuses it has: one asks for all.
    for _ in 0..3 {
        let mut asked = HashSet::new();
        let chosen: Vec<usize> = (0..works.len())
            .filter(|&index| {
                let status = works[index].status.as_deref();
                status.is_some_and(|name| {
                    !desk.is_uncertain(name) || asked.insert(name.to_lowercase())
                })
            })
            .collect();
        if chosen.is_empty() || results.halt.is_some() {
            break;
        }
        let writes: Vec<IssueWrite<'_>> = chosen
            .iter()
            .map(|&index| IssueWrite {
                identifier: works[index].identifier.as_deref().unwrap_or_default(),
                status: works[index].status.as_deref(),
                ..IssueWrite::default()
            })
            .collect();
        let huly = desk.pass.huly.clone();
        let mut looks: Vec<Option<Instant>> =
            chosen.iter().map(|&index| works[index].looked).collect();
        let shared = &*works;
        let written = huly.write(&writes, &mut |places| {
            still_as_made(desk, shared, &chosen, places, &mut looks, results)
        });
        drop(writes);
        for (&index, written) in chosen.iter().zip(written) {
            let work = &mut works[index];
            work.status = None;
            match written {
                // Whatever it shows now is read back, and crosses.
                Ok(Written::Done) => desk.see_status(work.entry.sent_status.as_deref(), None),
                Ok(
                    Written::Moved
                    | Written::Part(_)
                    | Written::Typed(..)
                    | Written::TextRefused(..),
                ) => {}
                Ok(Written::NoSuchStatus(names)) => {
                    desk.learn_refused(names)?;
                    wish_again(desk, work);
                }
                Err(error) => {
                    // The issue is there; the next pass completes it.
                    let identifier = work.identifier.clone().unwrap_or_default();
                    desk.mark(&identifier, Reason::Failed, None, error.to_string());
                }
            }
        }
        for work in works.iter_mut() {
            if work.status.as_deref().is_some_and(|name| desk.is_uncertain(name)) {
                wish_again(desk, work);
            }
        }
    }
    Ok(())
}

/// The next best status, now that more is known of what the project has.
fn wish_again(desk: &Desk<'_>, work: &mut Work) {
    work.status = outgoing::status_for(desk, &half_of(&work.task), Side::Huly);
    work.entry.sent_status.clone_from(&work.status);
}

/// Which of these places' issues have the status that their create gave: others had a person who was
/// quicker. They are looked at where the create, or the last look, was a while ago.
fn still_as_made(
    desk: &mut Desk<'_>,
    works: &[Work],
    chosen: &[usize],
    places: &[usize],
    looks: &mut [Option<Instant>],
    results: &mut Results,
) -> Vec<usize> {
    if !may_send(desk, results) {
        return Vec::new();
    }
    let name = |place: usize| works[chosen[place]].identifier.as_deref().unwrap_or_default();
    let old: Vec<usize> =
        places.iter().copied().filter(|&place| looks[place].is_none_or(target::is_old)).collect();
    let names: Vec<&str> = old.iter().map(|&place| name(place)).collect();
    let found = match target::issues(desk, &names) {
        Ok(found) => found,
        Err(halt) => {
            results.halt.get_or_insert(halt);
            return Vec::new();
        }
    };
    let mut go = places.to_vec();
    for place in old {
        let given = works[chosen[place]].given.clone().or_else(|| first_status(desk, Side::Huly));
        match found.get(name(place)) {
            Some(Ok(Some(now))) if now.staged.status == given => looks[place] = Some(now.at),
            Some(Err(error)) => {
                desk.mark(name(place), Reason::Failed, None, error.to_string());
                go.retain(|other| *other != place);
            }
            _ => go.retain(|other| *other != place),
        }
    }
    go
}
