//! The way that connections go: straight, or through a proxy.

use std::fmt;

use ureq::{Proxy, ProxyProtocol};

use super::spared::{Spared, entries};
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

/// What `http.proxy` comes to, with the environment: the proxy, who names it, and who is reached
/// without it. By default there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Way(Option<Detour>);

/// A proxy, and whom it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detour {
    /// As the client takes it.
    pub proxy: Proxy,
    /// The key or the variable that names it.
    pub named_by: &'static str,
    spared: Spared,
}

impl Way {
    /// The proxy that requests to this address go through.
    #[must_use]
    pub fn detour(&self, url: &str) -> Option<&Detour> {
        let detour = self.0.as_ref()?;
        let is_spared = url.parse().is_ok_and(|uri| detour.spared.covers(&uri));
        (!is_spared).then_some(detour)
    }

    /// The proxy, whoever is reached without.
    #[must_use]
    pub fn proxy(&self) -> Option<&Proxy> {
        self.0.as_ref().map(|detour| &detour.proxy)
    }
}

/// As messages name it: its address without a login, and who says so.
impl fmt::Display for Detour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.proxy.protocol() == ProxyProtocol::Https { "https" } else { "http" };
        let (host, port) = (self.proxy.host(), self.proxy.port());
        write!(f, "the proxy {scheme}://{host}:{port} of {}", self.named_by)
    }
}

/// The environment's proxy; an error, with the variable at fault, where it cannot be used.
fn of_environment(env: &Environment) -> Result<Option<Detour>, (&'static str, String)> {
    let Some((name, value)) = VARIABLES.iter().find_map(|name| Some((*name, env.get(name)?)))
    else {
        return Ok(None);
    };
    let unusable = |why: &str| {
        let way_out =
            "name an http:// proxy, or set http.proxy to none to reach the servers without";
        Err((name, format!("{why}: {way_out}")))
    };
    let proxy = match Proxy::new(value.to_str().unwrap_or_default().trim()) {
        Ok(proxy) if is_built_in(&proxy) => proxy,
        Ok(_) => return unusable("a SOCKS proxy, and that kind is not built in"),
        Err(_) => return unusable("no address of a proxy"),
    };
    let mut spared = Spared::default();
    if let Some((variable, list)) =
        ["NO_PROXY", "no_proxy"].iter().find_map(|name| Some((*name, env.get(name)?)))
    {
        let list = list.to_str().ok_or((variable, "not UTF-8".to_owned()))?;
        spared = Spared::read(list).map_err(|why| {
            (variable, format!("{why}; or set http.proxy to none to use no proxy at all"))
        })?;
    }
    Ok(Some(Detour { proxy, named_by: name, spared }))
}

fn is_built_in(proxy: &Proxy) -> bool {
    matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https)
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
        Spared::read(text)?;
        Ok(entries(text).map(str::to_ascii_lowercase).collect())
    },
    show: |hosts| hosts.join(","),
};

/// Works out the way that requests take. A proxy or an exception of the environment that is not
/// understood would be passed by in silence.
pub(super) fn settle(config: &mut Config, env: &Environment) -> Option<Problem> {
    let problem = |config: &Config, key: &str, what: String| Problem {
        key: key.to_owned(),
        origin: config.origin(key).clone(),
        what,
    };
    if !matches!(config.http.proxy, Route::Through(_)) && !config.http.no_proxy.is_empty() {
        let what = "only for the proxy of http.proxy: beside those of the environment is NO_PROXY";
        return Some(problem(config, "http.no_proxy", what.to_owned()));
    }
    let detour = match &config.http.proxy {
        Route::Straight => None,
        Route::Environment => match of_environment(env) {
            Ok(detour) => detour,
            Err((name, what)) => {
                let origin = Origin::Env(name.to_owned());
                return Some(Problem { key: name.to_owned(), origin, what });
            }
        },
        Route::Through(proxy) => match Spared::read(&config.http.no_proxy.join(",")) {
            Ok(spared) => Some(Detour { proxy: proxy.clone(), named_by: "http.proxy", spared }),
            Err(what) => return Some(problem(config, "http.no_proxy", what)),
        },
    };
    config.http.way = Way(detour);
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
        let of = |pairs: &[(&str, &str)]| of_environment(&pairs.iter().copied().collect());
        assert_eq!(of(&[("ALL_PROXY", ""), ("NO_PROXY", "*")]), Ok(None));
        let both = [("HTTP_PROXY", "proxy:1"), ("https_proxy", "http://me:hunter2@proxy:2")];
        let named = of(&both).unwrap().unwrap().to_string();
        assert_eq!(named, "the proxy http://proxy:2 of https_proxy");
        for scheme in ["socks", "socks4", "SOCKS5", "socks5h"] {
            let (name, why) = of(&[("all_proxy", &format!("{scheme}://hunter2:1"))]).unwrap_err();
            assert!(name == "all_proxy" && why.contains("SOCKS"), "{scheme}: {why}");
        }
        let (_, why) = of(&[("HTTP_PROXY", "ftp://hunter2")]).unwrap_err();
        assert!(why.starts_with("no address of a proxy") && !why.contains("hunter2"), "{why}");
    }

    #[test]
    fn exceptions_of_the_environment_are_honoured_or_refused() {
        let way = |list: &str| {
            let env = [("HTTP_PROXY", "http://proxy:1"), ("NO_PROXY", ""), ("no_proxy", list)];
            of_environment(&env.into_iter().collect()).map(Way)
        };
        let spares = |list, url| way(list).unwrap().detour(url).is_none();
        assert!(spares("10.0.0.0/8, 127.0.0.0/8", "http://127.0.0.1:3458"));
        assert!(!spares("10.0.0.0/8, 127.0.0.0/8", "http://huly:3458"));
        assert!(spares("*", "http://huly:3458"));
        assert!(!spares("", "http://huly:3458"));
        let (name, why) = way("localhost,10.0.0.0/x").unwrap_err();
        assert!(name == "no_proxy" && why.starts_with("entry 2 "), "{name}: {why}");
    }
}
