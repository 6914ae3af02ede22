//! One pass over the projects, as a story.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result};

use crate::exit::{Exit, Expected};
use crate::huly;
use crate::report::Ops;
use crate::spool::{self, Spool};

use super::by_hand::restore;
use super::context::Context;
use super::enter::enter;
use super::feed::Feed;
use super::input::Input;
use super::output::Output;
use super::workers::{self, Watcher};
use super::{changes, choose, conclude, detect};

/// Runs one pass.
///
/// # Errors
/// What keeps the whole pass from going on: a project list, the state, an unknown project.
pub fn run(input: Input, watcher: &mut dyn Watcher) -> Result<Output> {
    let mut output = Output::default();
    spool::remove_leftovers(input.store.path());
    // 1. Who is there, and what can they do?
    enter(&input)?;
    let huly = input.huly.projects()?;
    let vibe = input.vibe.projects()?;
    if huly.is_empty() {
        let message = "Huly lists no projects at all: the account may have lost its membership";
        return Err(Expected::new(Exit::Failed, message).into());
    }
    check_selection(&input, &huly)?;
    detect::detect(&input, &huly)?;
    // 2. Which projects belong together?
    let mut pairs = choose::pair_up(&input, &huly, &vibe, &mut output)?;
    let wish = match &input.wish {
        Some(loser) => restore::grant(&input, &pairs, loser, &mut output)?,
        None => None,
    };
    if input.wish.is_some() && input.dry_run {
        return Ok(output);
    }
    choose::refuse_flood(&input, &mut pairs, &mut output)?;
    choose::modes(&input, &mut pairs)?;
    choose::keep_found(&input, &pairs)?;
    // 3. What changed in Huly, for many projects at once.
    let Input { config, huly, vibe, store, stop, now, dry_run, .. } = input;
    let ops_spool = match dry_run {
        true => {
            let beside = store.scratch();
            let spool = Spool::open(beside).with_context(|| spool::place(beside))?;
            Some(Arc::new(Mutex::new(spool)))
        }
        false => None,
    };
    output.ops = Ops::new(ops_spool.clone());
    let mut pass = Context {
        config,
        huly,
        vibe,
        store,
        stop,
        now,
        dry_run,
        ops_spool,
        wish,
        feed: Feed::default(),
        asked_after: HashMap::new(),
    };
    changes::read(&mut pass, &mut pairs).inspect_err(|error| detect::doubt(&pass.store, error))?;
    // 4. Each pair, the one that waited longest first.
    pairs.sort_by(|one, other| {
        (one.success, &one.identifier).cmp(&(other.success, &other.identifier))
    });
    let (pass, pairs) = (Arc::new(pass), Arc::new(pairs));
    let jobs = pass.config.sync.jobs;
    let done = workers::run(&pass, &pairs, jobs, watcher)?;
    // 5. What is left to commit, and how it ends.
    conclude::all(&pass, &pairs, done, output)
}

fn check_selection(input: &Input, huly: &[huly::Project]) -> Result<()> {
    let names: Vec<&str> = huly.iter().map(|project| project.identifier.as_str()).collect();
    let unmatched: Vec<&str> = input.selection.unmatched(&names).collect();
    if unmatched.is_empty() {
        return Ok(());
    }
    let message =
        format!("no Huly project is called {}; there are {}", unmatched.join(", "), list(&names));
    Err(Expected::new(Exit::Usage, message).into())
}

fn list(names: &[&str]) -> String {
    const SHOWN: usize = 12;
    let mut text = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}
