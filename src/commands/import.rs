//! `import`: takes over what other files know, so that the next pass finds nothing to do.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;

use super::queue;
use crate::cli::Cli;
use crate::config::{Environment, Selection};
use crate::exit::{Exit, Expected};
use crate::lock;
use crate::report;
use crate::store::Store;
use crate::store::import::{self, Known, Source, Taken};

/// What was taken.
#[derive(Debug, Serialize)]
struct Imported {
    #[serde(skip)]
    exit: Exit,
    files: Vec<File>,
    errors: Vec<String>,
}

/// What was taken of one file.
#[derive(Debug, Serialize)]
struct File {
    file: PathBuf,
    kind: &'static str,
    /// Identifiers.
    projects: Vec<String>,
    #[serde(flatten)]
    taken: Taken,
    /// Projects of which this state, or another of the files, knows a later pass.
    older: u64,
    /// Projects of other shards.
    elsewhere: u64,
}

/// One file before anything is written: what it has that is wanted.
struct Offer<'a> {
    path: &'a Path,
    kind: &'static str,
    projects: Vec<Known>,
    elsewhere: u64,
}

pub(super) fn run(cli: &Cli, env: &Environment, files: &[PathBuf]) -> Result<Exit> {
    let config = cli.config(env)?;
    let selection = cli.command.selection();
    let offers = files
        .iter()
        .map(|path| look(path, &config.state, &selection))
        .collect::<Result<Vec<_>>>()
        .map_err(|error| Expected::new(Exit::Usage, format!("{error:#}")))?;
    let lock = queue::lock(&config.state, cli.command.wait())?;
    let imported = take(&Store::open(lock.state())?, &offers)?;
    for error in &imported.errors {
        log::warn!("{error}");
    }
    if cli.global.json {
        report::print_answer("import", imported.exit, &imported);
    } else if !cli.global.quiet {
        report::print(&table(&imported));
    }
    Ok(imported.exit)
}

/// What a file has to give. A wrong one stops the command before anything is written.
fn look<'a>(path: &'a Path, state: &Path, selection: &Selection) -> Result<Offer<'a>> {
    let is_same = |one: &Path| path.canonicalize().is_ok_and(|real| real == one);
    if lock::real_path(state).is_ok_and(|state| is_same(&state)) {
        anyhow::bail!("{} is the state itself: name another with --state", path.display());
    }
    let source = Source::open(path)?;
    let all = source.projects()?;
    let known = all.len();
    let projects: Vec<Known> =
        all.into_iter().filter(|project| selection.takes(&project.identifier)).collect();
    let kind = match source {
        Source::State(_) => "state",
        Source::Earlier(_) => "earlier-service",
    };
    Ok(Offer { path, kind, elsewhere: (known - projects.len()) as u64, projects })
}

/// For each project the file that knows its newest pass; none where the state itself does.
fn newest(own: Vec<Known>, offers: &[Offer<'_>]) -> BTreeMap<String, usize> {
    let mut best: BTreeMap<String, (Known, Option<usize>)> =
        own.into_iter().map(|known| (known.identifier.clone(), (known, None))).collect();
    let states = offers.iter().enumerate().filter(|(_, offer)| offer.kind == "state");
    for (at, offer) in states {
        for known in &offer.projects {
            let is_newer =
                best.get(&known.identifier).is_none_or(|(other, _)| known.last > other.last);
            if is_newer {
                best.insert(known.identifier.clone(), (known.clone(), Some(at)));
            }
        }
    }
    best.into_iter().filter_map(|(name, (_, from))| Some((name, from?))).collect()
}

/// All of it, or nothing.
fn take(store: &Store, offers: &[Offer<'_>]) -> Result<Imported> {
    store.write(|state| {
        let chosen = newest(import::known(state)?, offers);
        let mut files: Vec<File> = offers.iter().map(File::of).collect();
        let (mut errors, mut exit) = (Vec::new(), Exit::Done);
        for at in in_order(offers) {
            let (offer, file) = (&offers[at], &mut files[at]);
            let source = Source::open(offer.path)?;
            source.give_meaning(state)?;
            let is_state = offer.kind == "state";
            for known in &offer.projects {
                if is_state && chosen.get(&known.identifier) != Some(&at) {
                    file.older += 1;
                    continue;
                }
                let outcome = source.take(state, &known.identifier).with_context(|| {
                    format!("failed to take {} of {}", known.identifier, offer.path.display())
                })?;
                if !is_state || outcome.left.is_empty() || outcome.taken != Taken::default() {
                    file.projects.push(known.identifier.clone());
                }
                file.taken += outcome.taken;
                if is_state && !outcome.left.is_empty() {
                    // Of the earlier service's database it is known that not all of it holds.
                    exit = Exit::Partial;
                }
                errors.extend(outcome.left);
            }
        }
        // What was lost, and what happened, is kept whichever file knows most: once its project is
        // here.
        for (offer, file) in offers.iter().zip(&mut files) {
            let source = Source::open(offer.path)?;
            for known in &offer.projects {
                file.taken += source.add_history(state, &known.identifier)?;
            }
        }
        Ok(Imported { exit, files, errors })
    })
}

/// Own states first, the one with the newest pass at the head: its settings give the values their
/// meaning. The earlier service's database adds what they lack.
fn in_order(offers: &[Offer<'_>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..offers.len()).collect();
    order.sort_by_key(|&at| {
        let newest = offers[at].projects.iter().map(|known| known.last).max();
        (offers[at].kind != "state", std::cmp::Reverse(newest))
    });
    order
}

impl File {
    fn of(offer: &Offer<'_>) -> Self {
        Self {
            file: offer.path.to_owned(),
            kind: offer.kind,
            projects: Vec::new(),
            taken: Taken::default(),
            older: 0,
            elsewhere: offer.elsewhere,
        }
    }
}

fn table(imported: &Imported) -> String {
    let mut text = String::new();
    for file in &imported.files {
        let taken = &file.taken;
        let counts = [
            (file.projects.len() as u64, "projects"),
            (taken.links, "pairs"),
            (taken.issues - taken.links, "issues without a task"),
            (taken.tombstones, "tombstones"),
            (taken.pending, "waiting items"),
            (taken.outbox, "open sends"),
            (taken.losers, "kept values"),
            (taken.agents, "agents"),
            (file.older, "projects known better already"),
            (file.elsewhere, "projects of other shards"),
        ];
        let said: Vec<String> = counts
            .iter()
            .enumerate()
            .filter(|&(at, (count, _))| at < 2 || *count > 0)
            .map(|(_, (count, what))| format!("{count} {what}"))
            .collect();
        let _ = writeln!(text, "{}: {}", file.file.display(), said.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(kind: &'static str, projects: &[(&str, Option<i64>)]) -> Offer<'static> {
        let known = |&(name, at): &(&str, Option<i64>)| Known {
            identifier: name.to_owned(),
            last: (at, at),
        };
        Offer {
            path: Path::new("x"),
            kind,
            projects: projects.iter().map(known).collect(),
            elsewhere: 0,
        }
    }

    #[test]
    fn the_newest_pass_over_a_project_wins() {
        let own = offer("state", &[("A", Some(5)), ("B", Some(5)), ("C", None)]).projects;
        let offers = [
            offer("state", &[("A", Some(4)), ("B", Some(6)), ("C", Some(1)), ("D", None)]),
            offer("state", &[("A", Some(5)), ("B", Some(7)), ("C", None), ("D", Some(2))]),
            offer("earlier-service", &[("A", Some(9)), ("E", None)]),
        ];
        let chosen = newest(own, &offers);
        let told: Vec<(&str, usize)> =
            chosen.iter().map(|(name, at)| (name.as_str(), *at)).collect();
        assert_eq!(told, [("B", 1), ("C", 0), ("D", 1)]);
        assert_eq!(in_order(&offers), [1, 0, 2]);
    }
}
