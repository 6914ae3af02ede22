//! Findings on the three systems: whether they answer, who they are, whether they let us in.

use super::facts::{Asked, Facts, Huly, LONGEST, Letta, Vibe};
use super::finding::{Finding, Level, invalid};
use crate::config::{Chosen, Config, Login};
use crate::http::{Error, Kind};

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let config = &facts.config;
    let mut found = judge("huly", &facts.huly, &huly_address(facts), huly_login(config), huly);
    let address = address(facts, "vibe.url", config.vibe.url.as_deref());
    let login = "a proxy before it asks for a login: set vibe.headers (docs/network.md), or give an \
                 address that needs none";
    found.extend(judge("vibe", &facts.vibe, &address, login, vibe));
    match &facts.letta {
        None => {
            let what = "no address is set (letta.url), so no agent is told of the boards";
            found.push(Finding::new(Level::Note, "letta", what));
        }
        Some(asked) => {
            let address = self::address(facts, "letta.url", config.letta.url.as_deref());
            let login = "set LETTA_PASSWORD, or password under [letta]";
            found.extend(judge("letta", asked, &address, login, letta));
        }
    }
    found
}

/// An address, where it was set, and what names the proxy on the way to it.
struct Address {
    url: String,
    key: &'static str,
    origin: String,
    proxy: Option<&'static str>,
}

fn address(facts: &Facts, key: &'static str, url: Option<&str>) -> Address {
    let (url, origin) = (url.unwrap_or_default(), facts.config.origin(key).to_string());
    let proxy = facts.proxies.get(key).copied();
    Address { url: url.to_owned(), key, origin, proxy }
}

fn huly_address(facts: &Facts) -> Address {
    match facts.config.huly.chosen() {
        Ok(Chosen::Bridge(url)) => address(facts, "huly.api_url", Some(url)),
        Ok(Chosen::Platform(account)) => address(facts, "huly.url", Some(account.url)),
        Err(_) => address(facts, "huly.url", None),
    }
}

fn huly_login(config: &Config) -> &'static str {
    match config.huly.chosen() {
        Ok(Chosen::Platform(account)) => match account.login {
            Login::Token(_) => "give huly.token and huly.workspace anew",
            Login::Password { .. } => {
                "set huly.email, huly.password and huly.workspace as they work in a browser"
            }
        },
        _ => {
            "the bridge's own login to Huly is refused, or a proxy before it asks for one: set \
             huly.headers (docs/network.md)"
        }
    }
}

fn judge<T>(
    subject: &str,
    asked: &Asked<T>,
    address: &Address,
    login: &str,
    told: impl Fn(&T, &Address) -> Vec<Finding>,
) -> Vec<Finding> {
    match asked {
        Asked::Unset(settings) => invalid(subject, settings).collect(),
        Asked::Failed(error) => vec![failed(subject, error, address, login)],
        Asked::Told(said) => told(said, address),
    }
}

/// A request that came to nothing: who has to do something about it follows from its kind.
fn failed(subject: &str, error: &Error, address: &Address, login: &str) -> Finding {
    let Address { url, key, origin, .. } = address;
    let todo = match error.kind {
        Kind::Offline | Kind::Stopped => see_that_it_runs(error, address),
        Kind::Throttled => "try later".to_owned(),
        Kind::Server => "look at that server's log".to_owned(),
        Kind::Auth => login.to_owned(),
        Kind::Unsupported => format!(
            "set {key} ({origin}) to a server that has tasks, or run a version that has them"
        ),
        Kind::Barred => format!(
            "see that {key} ({origin}) is right, and http.ca_file and http.proxy: docs/network.md"
        ),
        Kind::Gone | Kind::Invalid | Kind::Exists | Kind::TooLarge | Kind::Protocol => {
            format!("see that {key} ({origin}) is right")
        }
        Kind::Local => "see that this machine has room and memory".to_owned(),
    };
    let what = match error.kind {
        // The deadline is ours, and nobody asked for one.
        Kind::Stopped => {
            format!("{url}: no whole answer to {} within {} s", error.call, LONGEST.as_secs())
        }
        _ => format!("{url}: {error}"),
    };
    Finding::new(Level::of(error.kind), subject, what).todo(todo)
}

/// Somebody is silent: the system, one of Huly's services, or the proxy before them.
fn see_that_it_runs(error: &Error, address: &Address) -> String {
    let Address { key, origin, .. } = address;
    let mut todo = format!("see that it runs, and that {key} ({origin}) is right");
    if let Some(service) = service(error).filter(|_| *key == "huly.url") {
        todo = format!(
            "see that it runs; where Huly names a host for it that cannot be reached from here, set \
             {service}"
        );
    }
    if let Some(proxy) = address.proxy {
        todo += &format!("; requests go through the proxy of {proxy}: see that it runs, too");
    }
    todo
}

/// The key for the address of the service that was asked, where that is not Huly's front.
fn service(error: &Error) -> Option<&'static str> {
    match error.call.split_once(' ')?.1 {
        "/config.json" => None,
        "/" => Some("huly.accounts_url"),
        path if path.starts_with("/api/v1/") => Some("huly.transactor_url"),
        path if path.starts_with("/rpc/") => Some("huly.collaborator_url"),
        _ => Some("huly.files_url"),
    }
}

fn huly(said: &Huly, address: &Address) -> Vec<Finding> {
    let url = &address.url;
    let is_bridge = address.key == "huly.api_url";
    let name = match said.version.as_deref() {
        Some(version) if is_bridge => format!("a bridge of the {version} generation"),
        Some(version) => version.to_owned(),
        None => "of a version that only a project tells".to_owned(),
    };
    let listed = said.projects.len();
    let mut found =
        vec![Finding::new(Level::Ok, "huly", format!("{url}: {name}, {listed} projects"))];
    if is_bridge && said.version.is_some() && !said.edits_text {
        let what = "this bridge cannot change existing descriptions: titles and statuses cross";
        let todo = "update the bridge, or set huly.url for Huly's own API";
        found.push(Finding::new(Level::Warning, "huly", what).todo(todo));
    }
    let is_strange = |version: &str| !version.starts_with("platform 0.7.");
    if !is_bridge && said.version.as_deref().is_some_and(is_strange) {
        let what = format!("{name} is not what this program was checked against (platform 0.7)");
        let todo = "look at `sync --dry-run` before the first pass";
        found.push(Finding::new(Level::Warning, "huly", what).todo(todo));
    }
    if said.projects.is_empty() {
        let what = "no projects at all: a pass would fail";
        let todo = "make the account a member of those that are to be synced";
        found.push(Finding::new(Level::Error, "huly", what).todo(todo));
    }
    found
}

fn vibe(said: &Vibe, address: &Address) -> Vec<Finding> {
    let version = said.version.as_ref().ok().and_then(Option::as_deref);
    let what = format!(
        "{}: Vibe Kanban {}, with local tasks, {} projects",
        address.url,
        version.unwrap_or("of an unknown version"),
        said.projects.len()
    );
    let mut found = vec![Finding::new(Level::Ok, "vibe", what)];
    found.extend(said.version.as_ref().err().map(|error| {
        let what = format!("its version is not told: {error}; a pass does without");
        Finding::new(Level::Note, "vibe", what)
    }));
    found
}

fn letta(said: &Letta, address: &Address) -> Vec<Finding> {
    let what = format!("{}: Letta {}", address.url, said.version);
    let mut found = vec![Finding::new(Level::Ok, "letta", what)];
    if said.renews_prompts != Some(true) {
        let what = "no 0.16.7 or later: each block is written by its label, which takes longer";
        found.push(Finding::new(Level::Note, "letta", what));
    }
    found
}
