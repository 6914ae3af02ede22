//! The state file, where a command cannot do without one.

use anyhow::Result;

use crate::config::Config;
use crate::exit::{Exit, Expected};
use crate::store::Store;

/// # Errors
/// There is none.
pub(super) fn need(config: &Config) -> Result<()> {
    if config.state.exists() { Ok(()) } else { Err(missing(config)) }
}

/// The state for reading, without its lock.
///
/// # Errors
/// There is none, or it cannot be read.
pub(super) fn read(config: &Config) -> Result<Store> {
    Store::open_read_only(&config.state)?.ok_or_else(|| missing(config))
}

fn missing(config: &Config) -> anyhow::Error {
    let message =
        format!("there is no state file {} yet: run `sync` first", config.state.display());
    Expected::new(Exit::Usage, message).into()
}
