//! What a command gives the sync when it asks both systems.

use std::sync::Arc;

use anyhow::Result;

use crate::config::{Config, Selection};
use crate::http::{Http, Proxy};
use crate::huly;
use crate::stop::Stop;
use crate::store::Store;
use crate::sync::input::Input;
use crate::vibe::Vibe;

/// The connections of a run.
pub(super) fn http(config: &Config, stop: &Stop) -> Http {
    Http::new(&config.http, config.sync.jobs, stop.clone(), Proxy::Environment)
}

/// Clients for both systems, for all projects as they are set. No request is sent.
///
/// # Errors
/// A setting is missing.
pub(super) fn of(config: Config, http: &Http, store: Arc<Store>, stop: Stop) -> Result<Input> {
    Ok(Input {
        huly: huly::connect(&config, http)?,
        vibe: Vibe::new(config.vibe.address()?, http),
        selection: Selection::default(),
        full: false,
        dry_run: config.sync.dry_run,
        wish: None,
        store,
        stop,
        now: super::now(),
        config,
    })
}
