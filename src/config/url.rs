//! Base addresses of servers.
//!
//! An address is never repeated in an error: people put passwords and tokens into them.

use std::net::Ipv6Addr;

use super::values::Codec;

pub(super) const URL: Codec<Option<String>> = Codec {
    read: |text| read(text, "/api").map(Some).map_err(str::to_owned),
    show: |url| url.clone().unwrap_or_default(),
};

/// Letta's API has another name.
pub(super) const LETTA: Codec<Option<String>> = Codec {
    read: |text| read(text, "/v1").map(Some).map_err(str::to_owned),
    show: |url| url.clone().unwrap_or_default(),
};

/// The address without slashes at its end, whatever its path.
pub(super) fn whole(text: &str) -> Result<String, &'static str> {
    let (scheme, authority, path) = parts(text)?;
    Ok(format!("{scheme}://{authority}{}", path.trim_end_matches('/')))
}

/// The address without the API's name and slashes at its end; port and path above stay.
fn read(text: &str, api: &str) -> Result<String, &'static str> {
    let (scheme, authority, path) = parts(text)?;
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix(api).unwrap_or(path).trim_end_matches('/');
    Ok(format!("{scheme}://{authority}{path}"))
}

/// Scheme, authority and path of an address that can be asked.
fn parts(text: &str) -> Result<(String, String, &str), &'static str> {
    let text = text.trim();
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err("no scheme: the address must begin with http:// or https://");
    };
    let scheme = scheme.to_ascii_lowercase();
    if scheme != "http" && scheme != "https" {
        return Err("another scheme than http:// or https://");
    }
    if rest.contains(['?', '#']) {
        return Err("a query or fragment (? or #): write the address without");
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if authority.contains('@') {
        return Err(
            "a user name or password (before @): write the address without, and an Authorization \
             into the section's headers",
        );
    }
    if !path.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b)) {
        return Err("a character in the path that must be percent-encoded");
    }
    Ok((scheme, check_authority(authority)?, path))
}

pub(super) fn check_authority(authority: &str) -> Result<String, &'static str> {
    let (host, port) = match authority.rfind([':', ']']) {
        Some(at) if authority[at..].starts_with(':') => {
            (&authority[..at], Some(&authority[at + 1..]))
        }
        _ => (authority, None),
    };
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let known = match bracketed {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
            !host.is_empty() && host.bytes().all(allowed)
        }
    };
    if !known {
        return Err(
            "no host that can be asked: write a name, an IPv4 address, or [an IPv6 address]",
        );
    }
    match port {
        None => Ok(host.to_ascii_lowercase()),
        // `http://host:/` is allowed by the standard, and means no port.
        Some("") => Ok(host.to_ascii_lowercase()),
        Some(port) => match port.parse::<u16>() {
            Ok(number) if number > 0 && port.bytes().all(|b| b.is_ascii_digit()) => {
                Ok(format!("{}:{number}", host.to_ascii_lowercase()))
            }
            _ => Err("a port that is not a number from 1 to 65535"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn addresses_lose_api_and_slashes_alone() {
        for (given, kept) in [
            ("http://localhost:3457", "http://localhost:3457"),
            ("http://localhost:3457/", "http://localhost:3457"),
            ("http://localhost:3457/api", "http://localhost:3457"),
            ("http://localhost:3457/api/", "http://localhost:3457"),
            (" http://localhost:3457//api// ", "http://localhost:3457"),
            ("HTTP://LocalHost:80/api", "http://localhost:80"),
            ("https://x.org/huly/api", "https://x.org/huly"),
            ("https://x.org/Huly/v1", "https://x.org/Huly/v1"),
            ("https://x.org/myapi", "https://x.org/myapi"),
            ("http://api", "http://api"),
            ("http://[::1]:3105/api", "http://[::1]:3105"),
            ("http://[::1]", "http://[::1]"),
            ("http://10.0.0.7:", "http://10.0.0.7"),
            ("http://vibe_kanban:3000", "http://vibe_kanban:3000"),
        ] {
            assert_eq!(read(given, "/api").as_deref(), Ok(kept), "{given}");
        }
    }

    #[test]
    fn each_api_has_its_own_name() {
        assert_eq!(read("http://letta:8283/v1/", "/v1").as_deref(), Ok("http://letta:8283"));
        assert_eq!(read("http://letta:8283/api", "/v1").as_deref(), Ok("http://letta:8283/api"));
    }

    #[test]
    fn other_addresses_are_refused() {
        for (given, said) in [
            ("localhost:3457", "no scheme"),
            ("", "no scheme"),
            ("ftp://x", "another scheme"),
            ("http://", "no host"),
            ("http:///api", "no host"),
            ("http://a b/", "no host"),
            ("http://[::1", "no host"),
            ("http://[x]:1", "no host"),
            ("http://x:0", "a port"),
            ("http://x:65536", "a port"),
            ("http://x:+80", "a port"),
            ("http://x:http", "a port"),
            ("http://me:secret@x", "a user name"),
            ("http://x/api?token=secret", "a query"),
            ("http://x/#secret", "a query"),
            ("http://x/a b", "a character"),
        ] {
            let error = read(given, "/api").unwrap_err();
            assert!(error.starts_with(said), "{given}: {error}");
        }
    }
}
