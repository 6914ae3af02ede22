//! One pass over the projects, as a story.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;

use crate::config::{Config, Selection};
use crate::exit::{Exit, Expected};
use crate::huly::{self, Huly};
use crate::model::Millis;
use crate::report::{self, Complaint, Op};
use crate::stop::Stop;
use crate::store::losers::Loser;
use crate::store::{self, Store, meta};
use crate::vibe::Vibe;

use super::context::Context;
use super::feed::Feed;
use super::workers::{self, Watcher};
use super::{changes, choose, conclude, spool, wish};

/// What a pass is given.
pub struct Input {
    /// All settings.
    pub config: Config,
    /// Which projects.
    pub selection: Selection,
    /// Everything is read.
    pub full: bool,
    /// Nothing is written to either side.
    pub dry_run: bool,
    /// A value that lost and is to be put back first; its project is the one that is chosen.
    pub wish: Option<Loser>,
    /// Issues.
    pub huly: Arc<dyn Huly>,
    /// Tasks.
    pub vibe: Vibe,
    /// The state, or a dry run's copy of it.
    pub store: Arc<Store>,
    /// Ends the pass early.
    pub stop: Stop,
    /// When it began; our clock.
    pub now: Millis,
}

/// What a pass came to.
#[derive(Debug, Default)]
pub struct Output {
    /// By identifier.
    pub projects: Vec<report::Project>,
    /// Of a dry run.
    pub ops: Vec<Op>,
    /// How it ends.
    pub exit: Option<Exit>,
    /// The value that was put back.
    pub restored: Option<report::Restored>,
    /// What concerns no single project.
    pub errors: Vec<Complaint>,
}

impl Output {
    /// Something of this kind that concerns no single project.
    pub(super) fn warn(&mut self, kind: &str, message: String) {
        self.errors.push(Complaint::new(kind, message));
    }
}

/// Runs one pass.
///
/// # Errors
/// What keeps the whole pass from going on: a project list, the state, an unknown project.
pub fn run(input: Input, watcher: &mut dyn Watcher) -> Result<Output> {
    let mut output = Output::default();
    spool::remove_leftovers(input.store.path());
    // 1. Who is there, and what can they do?
    input.huly.probe()?;
    let huly = input.huly.projects()?;
    let vibe = input.vibe.projects()?;
    if huly.is_empty() {
        let message = "Huly lists no projects at all: the account may have lost its membership";
        return Err(Expected::new(Exit::Failed, message).into());
    }
    check_selection(&input, &huly)?;
    detect(&input, &huly)?;
    // 2. Which projects belong together?
    let mut pairs = choose::pair_up(&input, &huly, &vibe, &mut output)?;
    let wish = match &input.wish {
        Some(loser) => wish::grant(&input, &pairs, loser, &mut output)?,
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
    let mut pass = Context {
        config,
        huly,
        vibe,
        store,
        stop,
        now,
        dry_run,
        wish,
        feed: Feed::default(),
        asked_after: HashMap::new(),
    };
    changes::read(&mut pass, &mut pairs)?;
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

/// Finds out which Huly this is. When it, or a setting that gives stored values their meaning, is
/// another than last time, everything is looked at again.
pub(super) fn detect(input: &Input, huly: &[huly::Project]) -> Result<()> {
    let Some(first) = huly.first() else { return Ok(()) };
    let get = |key| input.store.read(|state| meta::get(state, key));
    let (version, print) = (get(meta::HULY_VERSION)?, get(meta::FINGERPRINT)?);
    let direction = get(meta::DIRECTION)?;
    let verify = input.full || version.as_deref() == Some("first");
    let found = input.huly.detect(version.as_deref(), verify, &first.identifier)?;
    let hash = input.config.fingerprint();
    let mut now = found.clone();
    for byte in hash.0 {
        now.push_str(&format!("{byte:02x}"));
    }
    if print.as_deref() == Some(&now) {
        return Ok(());
    }
    let way = format!("{:?}", input.config.sync.direction);
    input.store.write(|state| {
        meta::set(state, meta::HULY_VERSION, &found)?;
        meta::set(state, meta::FINGERPRINT, &now)?;
        meta::set(state, meta::DIRECTION, &way)?;
        if print.is_some() {
            store::projects::read_all_again(state)?;
        }
        if direction.as_ref().is_some_and(|before| *before != way) {
            store::projects::release(state)?;
        }
        Ok(())
    })
}
