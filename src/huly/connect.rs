//! The Huly that the settings choose.

use std::sync::Arc;

use super::Huly;
use super::bridge::Bridge;
use super::platform::Platform;
use crate::config::{Chosen, Config, Invalid};
use crate::http::Http;

/// No request is sent.
///
/// # Errors
/// A setting is missing.
pub fn connect(config: &Config, http: &Http) -> Result<Arc<dyn Huly>, Invalid> {
    let huly = &config.huly;
    Ok(match huly.chosen()? {
        Chosen::Bridge(url) => Arc::new(Bridge::new(url, huly.rate, http)),
        Chosen::Platform(account) => Arc::new(Platform::new(account, huly, config.sync.jobs, http)),
    })
}
