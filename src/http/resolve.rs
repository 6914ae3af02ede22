//! Names to addresses, asked once a minute, and again when they lead nowhere: the agent would start a
//! thread for each request.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// How long an address is believed.
const FRESH: Duration = Duration::from_secs(60);

/// A resolver that remembers.
#[derive(Debug)]
pub(crate) struct Remembering {
    inner: Box<dyn Resolver>,
    known: Addresses,
}

impl Remembering {
    pub(crate) fn new(known: Addresses) -> Self {
        Self { inner: Box::new(DefaultResolver::default()), known }
    }
}

/// The addresses that are known, shared with whoever finds that they lead nowhere.
#[derive(Debug, Default, Clone)]
pub(crate) struct Addresses(Arc<Mutex<Vec<Known>>>);

impl Addresses {
    /// No connection came about: the servers may have moved, so their names are asked for again.
    pub(crate) fn forget(&self) {
        self.lock().clear();
    }

    fn get(&self, authority: &str) -> Option<ResolvedSocketAddrs> {
        let mut known = self.lock();
        known.retain(|known| known.at.elapsed() < FRESH);
        known.iter().find(|known| known.authority == authority).map(|known| known.addresses.clone())
    }

    fn keep(&self, authority: String, addresses: ResolvedSocketAddrs) {
        self.lock().push(Known { authority, addresses, at: Instant::now() });
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
        if let Some(known) = self.known.get(&authority) {
            return Ok(known);
        }
        // As `Io` it could not be told from a connection that broke after the request was sent.
        let host = uri.host().unwrap_or_default();
        let unknown = |why: &dyn fmt::Display| ureq::Error::Other(format!("{host}: {why}").into());
        let addresses = self.inner.resolve(uri, config, timeout).map_err(|error| match error {
            ureq::Error::Io(error) => unknown(&error),
            ureq::Error::HostNotFound => unknown(&"no address of a usable kind"),
            error => error,
        })?;
        self.known.keep(authority, addresses.clone());
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
    use std::sync::atomic::{AtomicU8, Ordering};

    use ureq::Timeout;
    use ureq::unversioned::transport::time;

    use super::*;

    /// Names that lead to another address each time they are asked for.
    #[derive(Debug, Default)]
    struct Moving(AtomicU8);

    impl Resolver for Moving {
        fn resolve(
            &self,
            _: &Uri,
            _: &Config,
            _: NextTimeout,
        ) -> Result<ResolvedSocketAddrs, ureq::Error> {
            let mut addresses = self.empty();
            let host = self.0.fetch_add(1, Ordering::Relaxed);
            addresses.push(SocketAddr::from(([127, 0, 0, host], 1)));
            Ok(addresses)
        }
    }

    #[test]
    fn addresses_are_kept_until_no_connection_comes_about() {
        let known = Addresses::default();
        let resolver = Remembering { inner: Box::<Moving>::default(), known: known.clone() };
        let config = ureq::Agent::config_builder().build();
        let host = |url: &str| {
            let wait = NextTimeout {
                after: time::Duration::NotHappening,
                reason: Timeout::Resolve,
                ..NextTimeout::default()
            };
            let addresses = resolver.resolve(&url.parse().unwrap(), &config, wait).unwrap();
            let IpAddr::V4(address) = addresses[0].ip() else { panic!() };
            address.octets()[3]
        };
        assert_eq!([(); 2].map(|()| host("http://huly:1/")), [0, 0]);
        assert_eq!(host("http://vibe:1/"), 1);
        known.forget();
        assert_eq!(host("http://huly:1/"), 2);
        assert_eq!(host("http://vibe:1/"), 3);
    }

    #[test]
    fn an_address_in_the_url_needs_no_lookup() {
        let of = |url: &'static str| literal(&Uri::from_static(url));
        assert_eq!(of("http://127.0.0.1:3458/x"), "127.0.0.1:3458".parse().ok());
        assert_eq!(of("https://[::1]/"), "[::1]:443".parse().ok());
        assert_eq!(of("http://localhost:1/"), None);
    }
}
