//! `explain`: what is known of one item, and what the next pass will make of it.

mod account;
mod fields;
mod next;

use std::sync::Arc;

use anyhow::{Context, Result};

use super::run::Bar;
use super::{input, state};
use crate::cli::Cli;
use crate::config::{Environment, Selection};
use crate::exit::{Exit, Expected};
use crate::progress::Screen;
use crate::report::{self, Op, Ops};
use crate::stop::Stop;
use crate::store::known::{self, Known, Place};
use crate::store::{Store, projects};
use crate::sync::input::Input;
use crate::sync::marker;
use crate::sync::output::Output;
use crate::sync::pass;

use self::account::Account;

/// As many of the last changes as are shown.
const CHANGES: u32 = 10;

pub(super) fn run(
    cli: &Cli,
    env: &Environment,
    screen: &Screen,
    name: &str,
    ask: bool,
) -> Result<Exit> {
    let config = cli.config(env)?;
    let store = state::read(&config)?;
    let known = look_up(&store, name)?;
    if known.is_none()
        && let Some(project) = store.read(|state| projects::find(state, name))?
    {
        let message = format!(
            "{} is a project, and `explain` is for items: `stats` says how it stands",
            project.identifier
        );
        return Err(Expected::new(Exit::Usage, message).into());
    }
    let mut account = Account::of(name, known.as_ref(), &config);
    if ask {
        let output = try_out(cli, env, screen, name, known.as_ref())?;
        account.add_plan(name, known.as_ref(), output)?;
    }
    if !account.is_known() {
        let advice = if ask {
            "and the next pass has nothing to do with it; is it in a project that is synced?"
                .to_owned()
        } else {
            format!(
                "no pass has linked it or said anything of it; `explain {name} --ask` looks at \
                     both systems"
            )
        };
        let message = format!("{name} is not known to this state: {advice}");
        return Err(Expected::new(Exit::Usage, message).into());
    }
    if cli.global.json {
        report::print_answer("explain", Exit::Done, &account);
    } else {
        report::print(&account.to_text(cli.global.verbose > 0));
    }
    Ok(Exit::Done)
}

/// What the state has of the item; `None` for nothing at all.
pub(super) fn look_up(store: &Store, name: &str) -> Result<Option<Known>> {
    store.read(|state| {
        let places = known::find(state, name)?;
        match places.as_slice() {
            [] => Ok(None),
            [place] => known::of(state, place, CHANGES),
            several => Err(Expected::new(Exit::Usage, ambiguous(name, several)).into()),
        }
    })
}

fn ambiguous(name: &str, places: &[Place]) -> String {
    let names: Vec<&str> = places
        .iter()
        .filter_map(|place| place.identifier.as_deref().or(place.task.as_deref()))
        .collect();
    format!("{name} may be any of {}: write it as it is", names.join(", "))
}

/// Tries the next pass out over the item's project: over all of them where that is not known.
fn try_out(
    cli: &Cli,
    env: &Environment,
    screen: &Screen,
    name: &str,
    known: Option<&Known>,
) -> Result<Output> {
    let mut config = cli.config(env)?;
    config.sync.dry_run = true;
    let store = Arc::new(Store::open_copy(&config.state)?);
    let project = match known {
        Some(known) => Some(known.project.identifier.clone()),
        None => project_of(&store, name)?,
    };
    let stop = Stop::new(config.sync.deadline);
    let signals = stop.on_signals().context("failed to listen for signals")?;
    let http = input::http(&config, &stop);
    let input = Input {
        selection: Selection { identifiers: project.into_iter().collect(), ..Selection::default() },
        ..input::of(config, &http, store, stop)?
    };
    let output = pass::run(input, &mut Bar::new(screen))?;
    drop(signals);
    Ok(output)
}

/// The project that an issue's identifier names, as Huly spells it where the state knows it.
fn project_of(store: &Store, name: &str) -> Result<Option<String>> {
    let Some(prefix) = marker::project_of(name).filter(|_| !marker::is_task_id(name)) else {
        return Ok(None);
    };
    let known = store.read(|state| projects::find(state, prefix))?;
    Ok(Some(known.map_or_else(|| prefix.to_owned(), |project| project.identifier)))
}

/// The operations that are about the item.
fn about(ops: &Ops, name: &str, known: Option<&Known>) -> Result<Vec<Op>> {
    let is_it = |item: &str| {
        item.eq_ignore_ascii_case(name)
            || known.is_some_and(|known| {
                known.identifier.as_deref() == Some(item) || known.task.as_deref() == Some(item)
            })
    };
    let mut found = Vec::new();
    ops.each(|op| {
        if is_it(&op.item) || op.to.as_deref().is_some_and(is_it) {
            found.push(op);
        }
        Ok(())
    })?;
    Ok(found)
}
