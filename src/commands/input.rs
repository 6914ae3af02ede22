//! What a command gives the sync when it asks both systems and is no pass of its own.

use std::sync::Arc;

use anyhow::Result;

use crate::config::{Config, Selection};
use crate::http::{Http, Proxy};
use crate::huly;
use crate::stop::Stop;
use crate::store::Store;
use crate::sync::pass;
use crate::vibe::Vibe;

/// Clients for both systems. No request is sent.
///
/// # Errors
/// A setting is missing.
pub(super) fn of(config: Config, store: Arc<Store>, stop: Stop) -> Result<pass::Input> {
    let vibe_url = config.vibe.address()?.to_owned();
    let http = Http::new(&config.http, config.sync.jobs, stop.clone(), Proxy::Environment);
    Ok(pass::Input {
        huly: huly::connect(&config, &http)?,
        vibe: Vibe::new(&vibe_url, &http),
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
