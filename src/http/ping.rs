//! A word to a watcher: one POST of plain text, apart from all that a pass counts and waits for.

use std::time::Duration;

use ureq::Agent;

use super::agent::routed;
use crate::config;

/// Sends it, once, on the way of all requests; within the limit altogether, whatever the other side
/// does.
///
/// # Errors
/// Says what went wrong, without the address: it may be a secret.
pub fn post(url: &str, body: &str, way: &config::Http, limit: Duration) -> Result<(), String> {
    let settings = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(limit))
        .user_agent(concat!("huly-vibe-sync/", env!("CARGO_PKG_VERSION")));
    let detour = way.way.detour(url);
    let agent: Agent = routed(settings, way, detour.map(|detour| &detour.proxy)).build().into();
    let request = agent.post(url).content_type("text/plain; charset=utf-8");
    match request.send(body) {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(format!("it answered {}", answer.status().as_u16())),
        Err(ureq::Error::Timeout(_)) => {
            Err(format!("no answer within {}", humantime::format_duration(limit)))
        }
        // Their words repeat the address.
        Err(ureq::Error::BadUri(_) | ureq::Error::Http(_)) => Err("no usable address".to_owned()),
        Err(error) => Err(match detour {
            Some(detour) => format!("{error} (through {detour})"),
            None => error.to_string(),
        }),
    }
}
