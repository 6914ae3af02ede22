//! `config`: each setting as it holds, and where it came from. Asks neither the state nor a server.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::cli::Cli;
use crate::config::{Config, Effective, Environment, Origin, SECTIONS, key};
use crate::exit::Exit;
use crate::report;

/// All of it.
#[derive(Debug, Serialize)]
struct Told<'a> {
    settings: Vec<Setting<'a>>,
}

/// One setting.
#[derive(Debug, Serialize)]
struct Setting<'a> {
    /// `sync.jobs`; `state` is the state file.
    key: String,
    /// As the environment would hold it, secrets as `***`; `null` where there is none.
    value: Option<String>,
    #[serde(flatten)]
    from: From<'a>,
}

/// Where it came from.
#[derive(Debug, Serialize)]
#[serde(tag = "from", rename_all = "lowercase")]
enum From<'a> {
    Default,
    File { file: &'a Path, line: usize },
    Environment { name: &'a str },
    Flag { name: &'a str },
}

impl<'a> From<'a> {
    fn of(origin: &'a Origin) -> Self {
        match origin {
            Origin::Default => Self::Default,
            Origin::File(file, line) => Self::File { file, line: *line },
            Origin::Env(name) => Self::Environment { name },
            Origin::Flag(name) => Self::Flag { name },
        }
    }
}

pub(super) fn run(cli: &Cli, env: &Environment, changed: bool) -> Result<Exit> {
    let config = cli.config(env)?;
    let state = Effective {
        key: "state".to_owned(),
        value: config.state.display().to_string(),
        origin: config.origin("state"),
    };
    let mut shown = vec![state];
    shown.extend(in_order(&config));
    if changed {
        let defaults = Config::default();
        shown.retain(|setting| match key(&setting.key) {
            Some(key) => setting.value != key.show(&defaults),
            None => *setting.origin != Origin::Default,
        });
    }
    if cli.global.json {
        let setting = |Effective { key, value, origin }| {
            let value = Some(value).filter(|value: &String| !value.is_empty());
            Setting { key, value, from: From::of(origin) }
        };
        let settings = shown.into_iter().map(setting).collect();
        report::print_answer("config", Exit::Done, &Told { settings });
    } else {
        report::print(&table(&shown));
    }
    Ok(Exit::Done)
}

/// As in the example file. Consents of a single run are no settings of this one.
fn in_order(config: &Config) -> impl Iterator<Item = Effective<'_>> {
    SECTIONS.iter().flat_map(|(section, _)| {
        config.effective().filter(move |setting| {
            let is_kept = key(&setting.key).is_none_or(|key| key.stored || key.old.is_some());
            is_kept && setting.key.split_once('.').is_some_and(|(first, _)| first == *section)
        })
    })
}

fn table(shown: &[Effective<'_>]) -> String {
    let width = shown.iter().map(|setting| setting.key.chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for Effective { key, value, origin } in shown {
        // A value of many lines is a list of headers.
        let value = if value.is_empty() { "not set".to_owned() } else { value.replace('\n', ", ") };
        let _ = writeln!(text, "{key:<width$}  {value}  ({origin})");
    }
    text
}
