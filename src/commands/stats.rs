//! `stats`: how things stand, from the state file alone.

use anyhow::Result;

use super::now;
use crate::cli::{Cli, Format};
use crate::config::Environment;
use crate::exit::{Exit, Expected};
use crate::report;
use crate::store::Store;
use crate::store::overview::Overview;

mod prometheus;
mod table;

pub(super) fn run(cli: &Cli, env: &Environment, format: Option<Format>, runs: u32) -> Result<Exit> {
    let config = cli.config(env)?;
    let store = Store::open_read_only(&config.state)?.ok_or_else(|| {
        let message =
            format!("there is no state file {} yet: run `sync` first", config.state.display());
        Expected::new(Exit::Usage, message)
    })?;
    let now = now();
    let since = now - super::conflicts::OPEN_MS;
    let overview = Overview::read(&store, runs, since)?;
    let default = if cli.global.json { Format::Json } else { Format::Table };
    match format.unwrap_or(default) {
        Format::Table => report::print(&table::render(&overview, now)),
        Format::Json => report::print_json(&overview),
        Format::Prometheus => report::print(&prometheus::render(&overview)),
    }
    Ok(Exit::Done)
}
