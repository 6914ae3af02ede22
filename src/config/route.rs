//! The way that connections go: straight, or through a proxy.

use ureq::{Proxy, ProxyProtocol};

use super::url::check_authority;
use super::values::{Codec, HIDDEN};
use super::{Config, Problem};

/// How servers are reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Route {
    /// As `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say.
    #[default]
    Environment,
    /// Straight, whatever the environment says.
    Straight,
    /// Through this proxy, but for the hosts of `http.no_proxy`.
    Through(Proxy),
}

/// `environment`, `none`, or the proxy's address. Like all addresses it is not repeated in an error.
pub(super) const ROUTE: Codec<Route> = Codec { read: |text| read(text.trim()), show };

fn read(text: &str) -> Result<Route, String> {
    match text {
        "environment" => return Ok(Route::Environment),
        "none" => return Ok(Route::Straight),
        _ => {}
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err("write http://proxy.example.org:3128, none, or environment".to_owned());
    };
    if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return Err("another scheme than http:// or https://: that kind is not built in".to_owned());
    }
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (login, authority) = rest.rsplit_once('@').unwrap_or(("", rest));
    if !login.bytes().all(|b| b.is_ascii_graphic() && !b"/?#@[]\"<>\\^`{|}".contains(&b)) {
        return Err("a character in user or password that must be percent-encoded".to_owned());
    }
    check_authority(authority)?;
    let proxy = Proxy::new(&format!("{scheme}://{rest}"));
    proxy.map(Route::Through).map_err(|_| "no address of a proxy".to_owned())
}

fn show(route: &Route) -> String {
    match route {
        Route::Environment => "environment".to_owned(),
        Route::Straight => "none".to_owned(),
        Route::Through(proxy) => {
            let scheme = if proxy.protocol() == ProxyProtocol::Https { "https" } else { "http" };
            let has_login = proxy.username().is_some() || proxy.password().is_some();
            let login = if has_login { format!("{HIDDEN}@") } else { String::new() };
            format!("{scheme}://{login}{}:{}", proxy.host(), proxy.port())
        }
    }
}

/// Hosts, parted by commas.
pub(super) const HOSTS: Codec<Vec<String>> = Codec {
    read: |text| {
        let hosts: Vec<String> = text
            .split(',')
            .map(|host| host.trim().to_ascii_lowercase())
            .filter(|host| !host.is_empty())
            .collect();
        let known = |host: &String| {
            let bare = host.strip_prefix('*').unwrap_or(host);
            let bare = bare.strip_suffix('*').unwrap_or(bare);
            bare.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b))
        };
        match hosts.iter().find(|host| !known(host)) {
            Some(_) => Err("write hosts: localhost,.example.org,10.0.0.*".to_owned()),
            None => Ok(hosts),
        }
    },
    show: |hosts| hosts.join(","),
};

/// Gives the proxy its exceptions.
pub(super) fn settle(config: &mut Config) -> Option<Problem> {
    let problem = |config: &Config, key: &str, what: &str| Problem {
        key: key.to_owned(),
        origin: config.origin(key).clone(),
        what: what.to_owned(),
    };
    if config.http.no_proxy.is_empty() {
        return None;
    }
    let Route::Through(proxy) = &config.http.proxy else {
        let what = "only for the proxy of http.proxy: beside those of the environment is NO_PROXY";
        return Some(problem(config, "http.no_proxy", what));
    };
    let mut builder = Proxy::builder(proxy.protocol()).host(proxy.host()).port(proxy.port());
    if let Some(user) = proxy.username() {
        builder = builder.username(user);
    }
    if let Some(password) = proxy.password() {
        builder = builder.password(password);
    }
    match config.http.no_proxy.iter().fold(builder, |builder, host| builder.no_proxy(host)).build()
    {
        Ok(proxy) => config.http.proxy = Route::Through(proxy),
        Err(_) => return Some(problem(config, "http.proxy", "no address of a proxy")),
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_read_and_shown_without_their_login() {
        for (text, shown) in [
            ("environment", "environment"),
            ("none", "none"),
            ("http://proxy:3128", "http://proxy:3128"),
            ("http://proxy/", "http://proxy:80"),
            ("https://proxy", "https://proxy:443"),
            ("http://me:hunter2@proxy:3128", "http://***@proxy:3128"),
            ("http://me:h%40nter2@[::1]:3128", "http://***@[::1]:3128"),
        ] {
            let route = read(text).unwrap();
            assert_eq!(show(&route), shown, "{text}");
            assert!(!format!("{route:?}").contains("nter2"), "{route:?}");
        }
        let Route::Through(proxy) = read("http://me:h%40nter2@proxy:1").unwrap() else { panic!() };
        assert_eq!((proxy.username(), proxy.password()), (Some("me"), Some("h@nter2")));
    }

    #[test]
    fn other_addresses_are_refused_and_not_repeated() {
        for text in [
            "",
            "hunter2",
            "proxy:3128",
            "socks5://hunter2:1",
            "http://",
            "http://hunter2:0",
            "http://hunter2/path",
            "http://me:hunter2#@proxy",
            "http://me:hunter2@pro xy",
            "http://me:hunter2%ff@proxy",
        ] {
            let error = read(text).unwrap_err();
            assert!(!error.contains("hunter2"), "{text}: {error}");
        }
    }

    #[test]
    fn hosts_are_a_list() {
        let hosts = (HOSTS.read)(" localhost, .Example.org ,10.0.*,*").unwrap();
        assert_eq!(hosts, ["localhost", ".example.org", "10.0.*", "*"]);
        (HOSTS.read)("http://x").unwrap_err();
    }
}
