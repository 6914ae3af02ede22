//! `conflicts`: what lost, and to what.

mod shown;

use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;

use super::{now, queue, state};
use crate::cli::{Cli, Conflicts};
use crate::config::Environment;
use crate::exit::{Exit, Expected};
use crate::model::Millis;
use crate::report;
use crate::store::losers::Loser;
use crate::store::{self, Store};

/// A conflict that nobody acknowledged is open for so long.
pub(super) const OPEN_MS: Millis = 30 * 24 * 60 * 60 * 1000;

/// The open ones, or all.
#[derive(Debug, Serialize)]
struct Listed<'a> {
    conflicts: &'a [Loser],
}

/// One was marked as seen.
#[derive(Debug, Serialize)]
struct Acknowledged {
    id: i64,
}

pub(super) fn run(cli: &Cli, env: &Environment, action: Option<Conflicts>) -> Result<Exit> {
    let config = cli.config(env)?;
    match action.unwrap_or(Conflicts::List { all: false }) {
        Conflicts::List { all } => {
            let listed = state::read(&config)?.read(|state| match all {
                true => store::losers::all(state),
                false => store::losers::open(state, now() - OPEN_MS),
            })?;
            if cli.global.json {
                report::print_answer("conflicts", Exit::Done, &Listed { conflicts: &listed });
            } else if listed.is_empty() {
                report::print(if all { "no conflicts\n" } else { "no open conflicts\n" });
            } else {
                report::print(&table(&listed));
            }
        }
        Conflicts::Show { id } => {
            let loser = state::read(&config)?
                .read(|state| store::losers::get(state, id))?
                .ok_or_else(|| unknown(id))?;
            if cli.global.json {
                report::print_answer("conflicts", Exit::Done, &loser);
            } else {
                report::print_styled(&shown::render(&loser, cli.global.color.is_wanted()));
            }
        }
        // A pass: see `sync`.
        Conflicts::Restore { .. } => {}
        Conflicts::Ack { id, .. } => {
            state::need(&config)?;
            let lock = queue::lock(&config.state, cli.command.wait())?;
            let store = Store::open(lock.state())?;
            if !store.write(|state| store::losers::acknowledge(state, id, now()))? {
                return Err(unknown(id));
            }
            if cli.global.json {
                report::print_answer("conflicts", Exit::Done, &Acknowledged { id });
            }
        }
    }
    Ok(Exit::Done)
}

pub(super) fn unknown(id: i64) -> anyhow::Error {
    Expected::new(Exit::Usage, format!("there is no conflict {id}: `conflicts list` shows them"))
        .into()
}

fn table(listed: &[Loser]) -> String {
    let mut text = String::new();
    for loser in listed {
        let _ = writeln!(
            text,
            "{:>6}  {}  {:<12} {:<11} {:<11} {} won: {} <- {}{}",
            loser.id,
            report::time(loser.at),
            report::one_line(&loser.identifier),
            loser.field,
            loser.kind.name(),
            loser.winner,
            report::brief(&loser.won),
            report::brief(&loser.lost),
            if loser.acked.is_some() { " (acknowledged)" } else { "" }
        );
    }
    text
}
