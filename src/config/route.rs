//! The way that connections go: straight, or through a proxy.

use ureq::{Proxy, ProxyProtocol};

use super::url::check_authority;
use super::values::{Codec, HIDDEN};
use super::{Config, Environment, Origin, Problem};

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

/// In the order in which the agent looks at them: the first that is set is for all requests.
const VARIABLES: [&str; 6] =
    ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

impl Route {
    /// Whether a user or a password is in it.
    pub(super) fn has_login(&self) -> bool {
        match self {
            Self::Through(proxy) => proxy.username().is_some() || proxy.password().is_some(),
            Self::Environment | Self::Straight => false,
        }
    }
}

impl Config {
    /// The proxy that requests to this address go through, by the name of the key or variable that
    /// says so.
    #[must_use]
    pub fn proxy_for(&self, url: &str, env: &Environment) -> Option<&'static str> {
        let (name, proxy) = match &self.http.proxy {
            Route::Straight => return None,
            Route::Through(proxy) => ("http.proxy", proxy.clone()),
            Route::Environment => {
                let (name, proxy) = of_environment(env)?;
                (name, proxy.ok()?)
            }
        };
        let is_spared = url.parse().is_ok_and(|uri| proxy.is_no_proxy(&uri));
        (!is_spared).then_some(name)
    }
}

/// The environment's proxy, with the variable that names it; an error where it cannot be used.
fn of_environment(env: &Environment) -> Option<(&'static str, Result<Proxy, &'static str>)> {
    let (name, value) = VARIABLES.iter().find_map(|name| Some((*name, env.get(name)?)))?;
    let text = value.to_str().unwrap_or_default();
    let proxy = match Proxy::new(text) {
        Ok(proxy) if is_built_in(&proxy) => {
            with_exceptions(&proxy, spared(env).split(',')).map_err(|()| "no address of a proxy")
        }
        Ok(_) => Err("a SOCKS proxy, and that kind is not built in"),
        Err(_) => Err("no address of a proxy"),
    };
    Some((name, proxy))
}

fn is_built_in(proxy: &Proxy) -> bool {
    matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https)
}

fn spared(env: &Environment) -> &str {
    let said = ["NO_PROXY", "no_proxy"].iter().find_map(|name| env.get(name)?.to_str());
    said.unwrap_or_default()
}

fn with_exceptions<'a>(proxy: &Proxy, hosts: impl Iterator<Item = &'a str>) -> Result<Proxy, ()> {
    let mut builder = Proxy::builder(proxy.protocol()).host(proxy.host()).port(proxy.port());
    if let Some(user) = proxy.username() {
        builder = builder.username(user);
    }
    if let Some(password) = proxy.password() {
        builder = builder.password(password);
    }
    hosts.fold(builder, |builder, host| builder.no_proxy(host.trim())).build().map_err(|_| ())
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
            let login = if route.has_login() { format!("{HIDDEN}@") } else { String::new() };
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

/// Gives the proxy its exceptions; one of the environment that is not built in would be passed by in
/// silence.
pub(super) fn settle(config: &mut Config, env: &Environment) -> Option<Problem> {
    if config.http.proxy == Route::Environment
        && let Some((name, Err(why))) = of_environment(env)
    {
        let what = format!(
            "{why}: name an http:// proxy, or set http.proxy to none to reach the servers without"
        );
        return Some(Problem { key: name.to_owned(), origin: Origin::Env(name.to_owned()), what });
    }
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
    match with_exceptions(proxy, config.http.no_proxy.iter().map(String::as_str)) {
        Ok(proxy) => config.http.proxy = Route::Through(proxy),
        Err(()) => return Some(problem(config, "http.proxy", "no address of a proxy")),
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

    #[test]
    fn the_environments_proxy_is_the_first_that_is_set() {
        let of = |pairs: &[(&str, &str)]| {
            let env: Environment = pairs.iter().copied().collect();
            of_environment(&env).map(|(name, proxy)| (name, proxy.map(|proxy| proxy.port())))
        };
        assert_eq!(of(&[("ALL_PROXY", ""), ("NO_PROXY", "*")]), None);
        let both = [("HTTP_PROXY", "proxy:1"), ("https_proxy", "http://me:hunter2@proxy:2")];
        assert_eq!(of(&both), Some(("https_proxy", Ok(2))));
        for scheme in ["socks", "socks4", "SOCKS5", "socks5h"] {
            let (_, proxy) = of(&[("all_proxy", &format!("{scheme}://hunter2:1"))]).unwrap();
            assert!(proxy.unwrap_err().contains("SOCKS"), "{scheme}");
        }
        let (_, proxy) = of(&[("HTTP_PROXY", "ftp://hunter2")]).unwrap();
        assert_eq!(proxy, Err("no address of a proxy"));
    }
}
