//! Hosts that are reached without a proxy. `http.no_proxy` and `NO_PROXY` are read by the same rules:
//! an entry is honoured or refused, never passed by in silence.

use std::net::IpAddr;

use ureq::http::Uri;

/// The hosts of one list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Spared(Vec<Rule>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    hosts: Hosts,
    /// Only at this port.
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Hosts {
    All,
    /// This name and all below it.
    Domain(String),
    Beginning(String),
    Ending(String),
    /// Addresses whose first so many bits are those of this one.
    Range(IpAddr, u8),
}

impl Spared {
    /// Reads a list, its entries parted by commas or white space.
    ///
    /// # Errors
    /// An entry is not understood. It is named by its place, since people put passwords into
    /// addresses.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let rules = entries(text).enumerate().map(|(at, entry)| {
            Rule::read(&entry.to_ascii_lowercase()).ok_or_else(|| {
                format!(
                    "entry {} is not understood: write hosts as localhost, .example.org, 10.0.*, \
                     127.0.0.1, [::1], 10.0.0.0/8, or any of them but a range with :port",
                    at + 1
                )
            })
        });
        rules.collect::<Result<_, _>>().map(Self)
    }

    /// Whether requests to this address go without a proxy.
    pub(super) fn covers(&self, uri: &Uri) -> bool {
        let Some(host) = uri.host() else { return false };
        let host = host.trim_start_matches('[').trim_end_matches([']', '.']).to_ascii_lowercase();
        let default = if uri.scheme_str() == Some("https") { 443 } else { 80 };
        let port = uri.port_u16().unwrap_or(default);
        self.0.iter().any(|rule| rule.port.is_none_or(|own| own == port) && rule.hosts.has(&host))
    }
}

/// The entries of a list as they are written.
pub(super) fn entries(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty())
}

impl Rule {
    fn read(entry: &str) -> Option<Self> {
        if let Some(hosts) = range(entry) {
            return Some(Self { hosts, port: None });
        }
        let (host, port) = match entry.rsplit_once(':') {
            Some((host, port)) => (host, Some(number(port).filter(|port: &u16| *port > 0)?)),
            None => (entry, None),
        };
        Some(Self { hosts: Hosts::read(host)?, port })
    }
}

impl Hosts {
    fn read(host: &str) -> Option<Self> {
        if host == "*" {
            return Some(Self::All);
        }
        if let Some(address) = range(host).filter(|_| !host.contains('/')) {
            return Some(address);
        }
        // `*.example.org`, `.example.org` and `example.org` are written for the same thing.
        let name = host.strip_prefix("*.").or_else(|| host.strip_prefix('.')).unwrap_or(host);
        if let Some(end) = name.strip_prefix('*') {
            return is_name(end).then(|| Self::Ending(end.to_owned()));
        }
        if let Some(begin) = name.strip_suffix('*') {
            return is_name(begin).then(|| Self::Beginning(begin.to_owned()));
        }
        let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if name.ends_with('.') && is_number(name) {
            return is_name(name).then(|| Self::Beginning(name.to_owned()));
        }
        let name = name.strip_suffix('.').unwrap_or(name);
        // A part of an address would match nothing, and so be passed by in silence.
        let is_part = name.rsplit('.').next().is_some_and(is_number);
        (is_name(name) && !is_part).then(|| Self::Domain(name.to_owned()))
    }

    fn has(&self, host: &str) -> bool {
        match self {
            Self::All => true,
            Self::Domain(name) => host
                .strip_suffix(name.as_str())
                .is_some_and(|before| before.is_empty() || before.ends_with('.')),
            Self::Beginning(begin) => host.starts_with(begin.as_str()),
            Self::Ending(end) => host.ends_with(end.as_str()),
            Self::Range(first, bits) => {
                host.parse::<IpAddr>().is_ok_and(|address| is_within(address, *first, *bits))
            }
        }
    }
}

fn is_name(text: &str) -> bool {
    let is_known = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    text.bytes().any(|b| b != b'.') && text.bytes().all(is_known) && !text.contains("..")
}

fn number<N: std::str::FromStr>(text: &str) -> Option<N> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

/// An address, in brackets or not, or a range of them: `10.0.0.0/8`.
fn range(text: &str) -> Option<Hosts> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(number::<u8>(bits)?)),
        None => (text, None),
    };
    let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address: IpAddr = bare.unwrap_or(address).parse().ok()?;
    if bare.is_some() && address.is_ipv4() {
        return None;
    }
    let width = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(width);
    if bits > width {
        return None;
    }
    // `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
    let short = address.to_canonical();
    if short.is_ipv4() && width == 128 {
        return Some(match bits.checked_sub(96) {
            Some(bits) => Hosts::Range(short, bits),
            None => Hosts::Range(address, bits),
        });
    }
    Some(Hosts::Range(address, bits))
}

fn is_within(address: IpAddr, first: IpAddr, bits: u8) -> bool {
    // What is left of both when the rest of the bits is shifted out.
    let same = |one: u128, other: u128, width: u32| {
        let rest = width.saturating_sub(u32::from(bits));
        (one ^ other).checked_shr(rest).unwrap_or(0) == 0
    };
    // `::ffff:10.0.0.1` is of both kinds.
    let is_same = |address| match (address, first) {
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            same(u32::from(one).into(), u32::from(other).into(), 32)
        }
        (IpAddr::V6(one), IpAddr::V6(other)) => same(one.into(), other.into(), 128),
        _ => false,
    };
    is_same(address) || is_same(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spares(list: &str, url: &str) -> bool {
        Spared::read(list).unwrap().covers(&url.parse().unwrap())
    }

    #[test]
    fn each_form_spares_what_it_names_and_nothing_else() {
        for (list, spared, others) in [
            ("*", &["http://huly", "https://[::1]:1"][..], &[][..]),
            ("localhost", &["http://LOCALHOST:1", "http://a.localhost"], &["http://alocalhost"]),
            ("a,  example.org", &["https://example.org", "http://x.example.org"], &["http://b"]),
            (".example.org", &["http://x.y.example.org", "http://example.org"], &["http://org"]),
            ("*.example.org", &["http://x.example.org."], &["http://xexample.org"]),
            ("example.org.", &["http://example.org"], &["http://example.com"]),
            ("*ample.org", &["http://example.org"], &["http://example.com"]),
            ("10.0.*\t127.0.0.", &["http://10.0.9.9", "http://127.0.0.1"], &["http://10.1.0.0"]),
            ("127.0.0.1:8080", &["http://127.0.0.1:8080"], &["http://127.0.0.1"]),
            ("huly:443,*:99", &["https://huly", "http://x:99"], &["http://huly", "http://x"]),
            (
                "10.0.0.0/8,127.0.0.7/8",
                &["http://127.9.9.9", "http://10.1.2.3"],
                &["http://11.0.0.0"],
            ),
            ("192.168.0.128/25", &["http://192.168.0.200"], &["http://192.168.0.127"]),
            ("::1", &["http://[::1]:5", "http://[0:0::1]"], &["http://[::2]", "http://127.0.0.1"]),
            ("[::1]:5", &["http://[::1]:5"], &["http://[::1]:6"]),
            (
                "fd00::/8,[fe80::]/10",
                &["http://[fdff::1]", "http://[fe80::9]"],
                &["http://[fc00::]"],
            ),
            ("127.0.0.1", &["http://[::ffff:127.0.0.1]"], &["http://127.0.0.11"]),
            ("::ffff:10.0.0.0/104", &["http://10.9.9.9"], &["http://11.0.0.0"]),
            ("0.0.0.0/0", &["http://8.8.8.8"], &["http://[::1]", "http://huly"]),
            ("", &[], &["http://huly"]),
            (" , ,", &[], &["http://huly"]),
        ] {
            for url in spared {
                assert!(spares(list, url), "{list} spares {url}");
            }
            for url in others {
                assert!(!spares(list, url), "{list} does not spare {url}");
            }
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_by_its_place_and_not_repeated() {
        for entry in [
            "http://hunter2",
            "me:hunter2@proxy",
            "10.0.0.0/33",
            "10.0.0.0/255.0.0.0",
            "10.0.0.0/8:80",
            "fd00::/129",
            "10.0",
            "127.0.0.01",
            "127",
            "<local>",
            "a*b",
            "*a*",
            "a:0",
            "a:65536",
            "a:http",
            "a:",
            "[::1",
            "[10.0.0.1]",
            "fe80::1%eth0",
            "fd00:*",
            ".",
            "a..b",
            "b\u{fc}cher.de",
        ] {
            let error = Spared::read(&format!("localhost, {entry}")).unwrap_err();
            assert!(error.starts_with("entry 2 is not understood"), "{entry}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    proptest! {
        /// An entry that is an address spares that address, whatever stands beside it.
        #[test]
        fn an_address_in_a_list_is_always_spared(address: IpAddr, port in 1..=u16::MAX, bits in 0u8..=32) {
            let host = if address.is_ipv4() { address.to_string() } else { format!("[{address}]") };
            let url = format!("http://{host}:{port}/x");
            for list in [
                format!("{address}"),
                format!(".example.org , {host}:{port}"),
                format!("a {address}/{bits}"),
            ] {
                prop_assert!(spares(&list, &url), "{list} {url}");
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[ ,a.:/*0-9\\[\\]]{0,30}") {
            if let Ok(spared) = Spared::read(&text) {
                spared.covers(&"http://huly:1/".parse().unwrap());
            }
        }
    }
}
