//! `stats`: how things stand, from the state file alone.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

use super::{now, state};
use crate::cli::{Cli, Format};
use crate::config::Environment;
use crate::exit::Exit;
use crate::replace;
use crate::report;
use crate::store::losers;
use crate::store::overview::Overview;

mod html;
pub(super) mod prometheus;
mod table;

/// The path that is standard output.
pub(super) const STDOUT: &str = "-";

/// As many as a screen shows.
const RUNS: u32 = 10;

/// As many as a month of passes every five minutes has.
const RUNS_OF_A_PAGE: u32 = 10_000;

/// The page was written.
#[derive(Debug, Serialize)]
struct Written<'a> {
    file: &'a Path,
    bytes: usize,
}

pub(super) fn run(
    cli: &Cli,
    env: &Environment,
    format: Option<Format>,
    runs: Option<u32>,
    page: Option<&Path>,
) -> Result<Exit> {
    let config = cli.config(env)?;
    let store = state::read(&config)?;
    let now = now();
    let since = now - super::conflicts::OPEN_MS;
    if let Some(file) = page {
        let overview = Overview::read(&store, runs.unwrap_or(RUNS_OF_A_PAGE), since)?;
        let conflicts = store.read(|state| losers::open_in_brief(state, since, html::CONFLICTS))?;
        let text = html::render(&overview, &conflicts, now);
        if file == Path::new(STDOUT) {
            report::print_styled(&text);
            return Ok(Exit::Done);
        }
        let context = || format!("failed to write {}", file.display());
        replace::file(file, &text, None).with_context(context)?;
        if cli.global.json {
            report::print_answer("stats", Exit::Done, &Written { file, bytes: text.len() });
        }
        return Ok(Exit::Done);
    }
    let overview = Overview::read(&store, runs.unwrap_or(RUNS), since)?;
    let default = if cli.global.json { Format::Json } else { Format::Table };
    match format.unwrap_or(default) {
        Format::Table => report::print(&table::render(&overview, now)),
        Format::Json => report::print_answer("stats", Exit::Done, &overview),
        Format::Prometheus => report::print(&prometheus::render(&overview)),
    }
    Ok(Exit::Done)
}
