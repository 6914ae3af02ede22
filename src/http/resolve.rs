//! Names to addresses, asked once a minute: the agent would start a thread for each request.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// How long an address is believed.
const FRESH: Duration = Duration::from_secs(60);

/// A resolver that remembers.
#[derive(Debug, Default)]
pub(crate) struct Remembering {
    inner: DefaultResolver,
    known: Mutex<Vec<Known>>,
}

#[derive(Debug)]
struct Known {
    authority: String,
    addresses: ResolvedSocketAddrs,
    at: Instant,
}

impl Resolver for Remembering {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        if let Some(address) = literal(uri) {
            let mut addresses = self.empty();
            addresses.push(address);
            return Ok(addresses);
        }
        let authority = format!("{:?} {:?}", uri.scheme(), uri.authority());
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|known| known.at.elapsed() < FRESH);
        if let Some(known) = known.iter().find(|known| known.authority == authority) {
            return Ok(known.addresses.clone());
        }
        drop(known);
        // As `Io` it could not be told from a connection that broke after the request was sent.
        let host = uri.host().unwrap_or_default();
        let unknown = |why: &dyn fmt::Display| ureq::Error::Other(format!("{host}: {why}").into());
        let addresses = self.inner.resolve(uri, config, timeout).map_err(|error| match error {
            ureq::Error::Io(error) => unknown(&error),
            ureq::Error::HostNotFound => unknown(&"no address of a usable kind"),
            error => error,
        })?;
        let at = Instant::now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.push(Known { authority, addresses: addresses.clone(), at });
        Ok(addresses)
    }
}

/// The address that the URL itself spells out.
fn literal(uri: &Uri) -> Option<SocketAddr> {
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
    let default = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    Some(SocketAddr::new(host.parse::<IpAddr>().ok()?, uri.port_u16().unwrap_or(default)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_the_url_needs_no_lookup() {
        let of = |url: &'static str| literal(&Uri::from_static(url));
        assert_eq!(of("http://127.0.0.1:3458/x"), "127.0.0.1:3458".parse().ok());
        assert_eq!(of("https://[::1]/"), "[::1]:443".parse().ok());
        assert_eq!(of("http://localhost:1/"), None);
    }
}
