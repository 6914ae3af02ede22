//! What changed in Huly, read for many projects at once.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context as _, Result};

use crate::http::{Kind, Listed};
use crate::model::Millis;
use crate::report::Mode;
use crate::spool::{self, Spool};
use crate::store;

use super::context::Context;
use super::feed::Feed;
use super::newest::Newest;
use super::pairing::Pair;

/// Projects that one shared read asks for.
const SHARED: usize = 100;

/// A cursor this far behind the others would make the shared read long: such a project is read
/// alone.
const BEHIND_MS: Millis = 60 * 60 * 1000;

/// Reads what changed in the projects of one clock, a hundred in a request. Projects that are read
/// one by one afterwards share what this read proves: nothing older than it is missed.
pub(super) fn read(pass: &mut Context, pairs: &mut [Pair]) -> Result<()> {
    if !pass.huly.abilities().shared_changes {
        return Ok(());
    }
    let stored = pass.store.read(store::projects::all)?;
    let of = |mode: Mode| pairs.iter().filter(move |pair| pair.mode == mode);
    let full: Vec<&str> = of(Mode::Full).map(|pair| pair.identifier.as_str()).collect();
    let cursors: HashMap<&str, Millis> = of(Mode::Incremental)
        .filter_map(|pair| {
            let row = stored.iter().find(|row| row.identifier == pair.identifier)?;
            Some((pair.identifier.as_str(), row.cursor?))
        })
        .collect();
    let mut newest = None;
    let mut moved = BTreeSet::new();
    if let Some(&latest) = cursors.values().max() {
        let mut together: Vec<&str> = cursors
            .iter()
            .filter(|(_, cursor)| **cursor >= latest - BEHIND_MS)
            .map(|(name, _)| *name)
            .collect();
        together.sort_unstable();
        let beside = pass.store.scratch();
        let spool = Spool::open(beside).with_context(|| spool::place(beside))?;
        pass.feed = Feed::new(spool);
        for chunk in together.chunks(SHARED) {
            newest = newest.max(read_chunk(pass, chunk, &cursors, &mut moved)?);
            note(pass, chunk, newest);
        }
        pass.feed.close()?;
        let alone: Vec<&str> =
            cursors.keys().copied().filter(|name| together.binary_search(name).is_err()).collect();
        note(pass, &alone, newest);
    }
    if !full.is_empty() {
        let asked = pass.huly.newest(&full)?;
        note(pass, &full, newest.max(asked));
    }
    // The project that an issue has left does not list it any more: only all of it tells.
    for pair in pairs.iter_mut().filter(|pair| moved.contains(&pair.identifier)) {
        pair.mode = Mode::Full;
    }
    Ok(())
}

fn note(pass: &mut Context, projects: &[&str], newest: Option<Millis>) {
    let Some(newest) = newest else { return };
    for project in projects {
        pass.asked_after.insert((*project).to_owned(), newest);
    }
}

/// One shared read; the newest believable change in it.
fn read_chunk(
    pass: &mut Context,
    chunk: &[&str],
    cursors: &HashMap<&str, Millis>,
    moved: &mut BTreeSet<String>,
) -> Result<Option<Millis>> {
    let since = chunk.iter().filter_map(|name| cursors.get(name)).min().copied().unwrap_or(0);
    let mut newest = Newest::default();
    let (huly, store, feed) = (pass.huly.clone(), pass.store.clone(), &mut pass.feed);
    let ends = huly.changes(chunk, since, &mut |listed: Listed<'_>| match listed {
        Listed::Restart => {
            feed.forget(chunk);
            Ok(())
        }
        Listed::Element(project, element) => {
            let glance = huly.glance(element);
            newest.add(glance.modified);
            if let Some(id) = &glance.id {
                moved.extend(store.read(|state| store::issues::elsewhere(state, project, id))?);
            }
            feed.push(project, element)
        }
    });
    let ends = match ends {
        Ok(ends) => ends,
        // One project can spoil the answer for all (an assigned issue): each is read alone.
        Err(error) if error.kind == Kind::Server => {
            log::debug!("{error}");
            feed.forget(chunk);
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let (mut time, mut until) = (None, Millis::MAX);
    let mut whole = true;
    for end in ends {
        match end.end {
            Ok(list) => {
                time = time.max(list.server_time);
                until = until.min(list.until.unwrap_or(Millis::MAX));
                feed.end(&end.project, list);
            }
            Err(error) => {
                // Read alone, it says for itself what is wrong.
                log::debug!("{}: {error}", end.project);
                feed.forget(&[&end.project]);
                whole = false;
            }
        }
    }
    Ok(newest.believable(time).map(|at| at.min(until)).filter(|_| whole))
}
