//! `vacuum`: prunes, compacts and checks the state file.

use std::fs;
use std::io::{self, IsTerminal as _};
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;

use super::{queue, state};
use crate::cli::Cli;
use crate::config::Environment;
use crate::exit::Exit;
use crate::report;
use crate::store::{self, Store};

/// What was freed.
#[derive(Debug, Serialize)]
struct Freed {
    rows: usize,
    bytes_before: u64,
    bytes_after: u64,
    integrity: &'static str,
}

pub(super) fn run(cli: &Cli, env: &Environment, keep: Option<Duration>) -> Result<Exit> {
    let config = cli.config(env)?;
    state::need(&config)?;
    let lock = queue::lock(&config.state, cli.command.wait())?;
    let size = || {
        fs::metadata(lock.state())
            .map(|file| file.len())
            .context("failed to measure the state file")
    };
    let bytes_before = size()?;
    let store = Store::open(lock.state())?;
    let mut rules = config.keep.clone();
    if let Some(keep) = keep {
        // What lost a conflict is kept for a year whatever else is thrown away.
        rules.runs = keep;
        rules.changes = keep;
    }
    let rows = store.write(|state| store::prune::old(state, &rules, true))?;
    store.compact()?;
    let freed = Freed { rows, bytes_before, bytes_after: size()?, integrity: "ok" };
    if cli.global.json {
        report::print_answer("vacuum", Exit::Done, &freed);
    } else if is_wanted(cli) {
        report::print(&format!(
            "{} rows pruned, {} freed, {} left; the file is sound\n",
            freed.rows,
            report::bytes(freed.bytes_before.saturating_sub(freed.bytes_after)),
            report::bytes(freed.bytes_after)
        ));
    }
    Ok(Exit::Done)
}

/// Cron mails whatever is printed: what went well is for people who look, or ask.
fn is_wanted(cli: &Cli) -> bool {
    !cli.global.quiet && (cli.global.verbose > 0 || io::stdout().is_terminal())
}
