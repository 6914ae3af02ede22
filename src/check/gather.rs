//! Looks at this machine, and asks the three systems at once. Sends nothing that writes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use super::facts::{Asked, Facts, Huly, LONGEST, Letta, Vibe};
use super::look;
use crate::config::{self, Config, Environment, Invalid};
use crate::http::{Host, Http, Proxy, Result};
use crate::letta::client::Client;
use crate::stop::Stop;
use crate::sync::choose;
use crate::sync::pairing::Partner;
use crate::sync::status::Vocabulary;
use crate::{huly, vibe};

/// One call.
const CALL: Duration = Duration::from_secs(8);

/// Tries of a request: one broken connection is no absence.
const ATTEMPTS: u32 = 2;

/// Everything that there is to know. `file` is where the settings come from.
#[must_use]
pub fn gather(config: &Config, file: Option<PathBuf>, env: &Environment) -> Facts {
    let files = look::at_files(config, file, env);
    let (state, seen) = look::at_state(&config.state);
    let http = Http::new(&limits(&config.http), 1, Stop::new(Some(LONGEST)), Proxy::Environment);
    let huly = huly::connect(config, &http);
    let vibe = config.vibe.address().map(|url| vibe::Vibe::new(url, &http));
    let letta = config.letta.url.as_deref().map(|url| {
        let short =
            config::Letta { timeout: config.letta.timeout.min(CALL), ..config.letta.clone() };
        Client::new(&short, url, &http)
    });
    thread::scope(|scope| {
        let asked_letta = letta.as_ref().map(|letta| scope.spawn(|| ask(Ok(letta), ask_letta)));
        let asked_huly = scope.spawn(|| ask(huly.as_ref(), |huly| ask_huly(&**huly)));
        let mut facts = Facts {
            files,
            proxies: proxies(config),
            state,
            vibe: ask(vibe.as_ref(), ask_vibe),
            huly: joined(asked_huly),
            letta: None,
            clocks: Vec::new(),
            pairs: None,
            repositories: BTreeMap::new(),
            vocabularies: BTreeMap::new(),
            no_statuses: None,
            config: config.clone(),
        };
        if let (Ok(huly), Ok(vibe)) = (&huly, &vibe) {
            pair_up(&mut facts, vibe);
            learn_statuses(&mut facts, &**huly, seen);
        }
        // Last: nothing else has to wait for a Letta that is silent.
        facts.letta = asked_letta.map(joined);
        let ahead = |host| Some((host, http.counters(host).ahead()?));
        facts.clocks = Host::ALL.into_iter().filter_map(ahead).collect();
        facts
    })
}

fn proxies(config: &Config) -> BTreeMap<&'static str, &'static str> {
    let addresses = [
        ("huly.api_url", &config.huly.api_url),
        ("huly.url", &config.huly.url),
        ("vibe.url", &config.vibe.url),
        ("letta.url", &config.letta.url),
    ];
    let named = |(key, url): (_, &Option<String>)| {
        Some((key, config.http.way.detour(url.as_deref()?)?.named_by))
    };
    addresses.into_iter().filter_map(named).collect()
}

/// As set, but no longer than somebody likes to wait who asks whether all is well.
fn limits(set: &config::Http) -> config::Http {
    config::Http {
        call_timeout: set.call_timeout.min(CALL),
        list_timeout: set.list_timeout.min(CALL),
        attempts: set.attempts.min(ATTEMPTS),
        ..set.clone()
    }
}

fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn ask<C, T>(
    client: std::result::Result<&C, &Invalid>,
    question: impl Fn(&C) -> Result<T>,
) -> Asked<T> {
    match client.map(question) {
        Err(settings) => Asked::Unset(settings.clone()),
        Ok(Err(error)) => Asked::Failed(error),
        Ok(Ok(told)) => Asked::Told(told),
    }
}

fn ask_huly(huly: &dyn huly::Huly) -> Result<Huly> {
    huly.probe()?;
    let projects = huly.projects()?;
    let version = match projects.first() {
        Some(first) => Some(huly.detect(None, true, &first.identifier)?),
        None => None,
    };
    Ok(Huly { version, edits_text: huly.abilities().edits_text, projects })
}

fn ask_vibe(vibe: &vibe::Vibe) -> Result<Vibe> {
    // First, since it tells a version without local tasks from a wrong address.
    let projects = vibe.projects()?;
    Ok(Vibe { version: vibe.version(), projects })
}

fn ask_letta(letta: &Client) -> Result<Letta> {
    let (version, renews_prompts) = letta.health()?;
    letta.enter()?;
    Ok(Letta { version, renews_prompts })
}

/// As a pass would.
fn pair_up(facts: &mut Facts, client: &vibe::Vibe) {
    let (Some(huly), Some(vibe)) = (facts.huly.told(), facts.vibe.told()) else { return };
    let stored = &facts.state.projects;
    let listed = match choose::with_paths(client, &huly.projects, &vibe.projects, stored) {
        Ok(listed) => listed,
        Err(error) => {
            facts.pairs = Some(Err(error));
            return;
        }
    };
    let pairs = choose::decide(&facts.config, &huly.projects, &listed, stored);
    facts.repositories = look::at_repositories(&facts.config, &pairs, &listed, stored);
    facts.pairs = Some(Ok(pairs));
}

/// Those that Huly tells, else those that passes have seen.
fn learn_statuses(facts: &mut Facts, huly: &dyn huly::Huly, seen: BTreeMap<String, Vocabulary>) {
    let Some(Ok(pairs)) = &facts.pairs else { return };
    let mut seen = seen;
    for (identifier, partner) in pairs {
        if matches!(partner, Partner::None(_) | Partner::Never) {
            continue;
        }
        let vocabulary = match huly.statuses(identifier) {
            Ok(Some(statuses)) => Some(Vocabulary { statuses, complete: true, asks_again: false }),
            Ok(None) => seen.remove(identifier),
            Err(error) => {
                facts.no_statuses = Some((identifier.clone(), error));
                return;
            }
        };
        facts.vocabularies.extend(vocabulary.map(|known| (identifier.clone(), known)));
    }
}
