//! `forget` and `link`: pairs that a person ends or makes.

use std::sync::Arc;

use anyhow::{Context, Result};
use serde::Serialize;

use super::{input, now, queue, state};
use crate::cli::Cli;
use crate::config::{Config, Environment};
use crate::exit::{Exit, Expected};
use crate::lock::Lock;
use crate::report;
use crate::stop::Stop;
use crate::store::issues::Row;
use crate::store::known::Known;
use crate::store::projects::Project;
use crate::store::{self, Store};
use crate::sync::by_hand::{self, Linked};
use crate::sync::marker;

/// What was done.
#[derive(Debug, Serialize)]
struct Done {
    #[serde(skip)]
    command: &'static str,
    #[serde(skip)]
    exit: Exit,
    dry_run: bool,
    project: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    issue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<String>,
    /// How many.
    pairs: u64,
    #[serde(skip)]
    said: String,
}

fn tell(cli: &Cli, done: &Done) -> Exit {
    if cli.global.json {
        report::print_answer(done.command, done.exit, done);
    } else {
        report::print(&format!("{}\n", done.said));
    }
    done.exit
}

fn refuse<T>(message: String) -> Result<T> {
    Err(Expected::new(Exit::Usage, message).into())
}

/// The state for writing, under its lock; or a dry run's copy, without.
fn open(cli: &Cli, config: &Config) -> Result<(Store, Option<Lock>)> {
    if config.sync.dry_run {
        return Ok((Store::open_copy(&config.state)?, None));
    }
    let lock = queue::lock(&config.state, cli.command.wait())?;
    Ok((Store::open(lock.state())?, Some(lock)))
}

/// Ends a pair, or a pair of projects.
pub(super) fn forget(cli: &Cli, env: &Environment, name: &str, yes: bool) -> Result<Exit> {
    let config = cli.config(env)?;
    state::need(&config)?;
    let (store, lock) = open(cli, &config)?;
    let dry_run = config.sync.dry_run;
    let project = store.read(|state| store::projects::find(state, name))?;
    let done = match project {
        Some(project) => forget_project(&store, &project, yes, dry_run)?,
        None => forget_pair(&store, name, dry_run)?,
    };
    drop(lock);
    Ok(tell(cli, &done))
}

fn forget_pair(store: &Store, name: &str, dry_run: bool) -> Result<Done> {
    let Known { project, row, .. } = one(store, name)?;
    let Some(row) = row else {
        return refuse(format!("{name} is no pair: `explain {name}` says what is known of it"));
    };
    let Some(link) = row.link.clone() else {
        return refuse(format!("{} has no task: there is no pair to end", row.identifier));
    };
    if row.text.is_none() && link.huly.text.is_none() {
        return refuse(format!(
            "no pass has seen {} yet: run `sync-project {}` first",
            row.identifier, project.identifier
        ));
    }
    if !dry_run {
        store.write(|state| by_hand::forget(state, project.id, &row, &link, now()))?;
    }
    let said = format!(
        "{} and {} {}: neither is linked or made anew until it is edited, or \
         until `link` makes a pair of it",
        row.identifier,
        link.task,
        if dry_run { "would be no pair any more" } else { "are no pair any more" }
    );
    Ok(Done {
        command: "forget",
        exit: Exit::Done,
        dry_run,
        project: project.identifier,
        issue: Some(row.identifier),
        task: Some(link.task),
        pairs: 1,
        said,
    })
}

fn forget_project(store: &Store, project: &Project, yes: bool, dry_run: bool) -> Result<Done> {
    let name = &project.identifier;
    if project.vibe_id.is_none() {
        return refuse(format!("{name} has no Vibe project: there is no pair to end"));
    }
    let (pairs, open) = store.read(|state| {
        let pairs = store::issues::count_links(state, project.id)?;
        Ok((pairs, store::outbox::of(state, project.id)?.len()))
    })?;
    if open > 0 {
        let message = format!(
            "{open} things that were sent are not settled: run `sync-project {name}` first"
        );
        return Err(Expected::new(Exit::Later, message).into());
    }
    if !yes && !dry_run {
        return refuse(format!(
            "{name} and {} have {pairs} pairs of items, all of which are forgotten: say which \
             projects belong together under [projects], then add --yes",
            project.vibe_name.as_deref().unwrap_or_default()
        ));
    }
    if !dry_run {
        store.write(|state| store::projects::start_anew(state, project.id))?;
    }
    let (has, are) = match dry_run {
        true => ("would have", "would be"),
        false => ("has", "are"),
    };
    let said = format!(
        "{name} {has} no Vibe project any more, and {pairs} pairs of items {are} forgotten: the next \
         pass pairs it as [projects] and the names say"
    );
    Ok(Done {
        command: "forget",
        exit: Exit::Done,
        dry_run,
        project: name.clone(),
        issue: None,
        task: None,
        pairs,
        said,
    })
}

/// The one item that is meant.
fn one(store: &Store, name: &str) -> Result<Known> {
    match super::explain::look_up(store, name)? {
        Some(known) => Ok(known),
        None => refuse(format!("{name} is not known to this state: `stats` lists the projects")),
    }
}

/// Makes a pair.
pub(super) fn link(cli: &Cli, env: &Environment, issue: &str, task: &str) -> Result<Exit> {
    let config = cli.config(env)?;
    state::need(&config)?;
    config.huly.chosen()?;
    config.vibe.address()?;
    let (store, lock) = open(cli, &config)?;
    let store = Arc::new(store);
    let (project, identifier) = place_of(&store, issue)?;
    let task = task.to_ascii_lowercase();
    let stop = Stop::new(config.sync.deadline);
    let signals = stop.on_signals().context("failed to listen for signals")?;
    let dry_run = config.sync.dry_run;
    let http = input::http(&config, &stop);
    let input = input::of(config, &http, store, stop)?;
    let linked = by_hand::link(&input, &project, &identifier, &task)?;
    drop((signals, lock));
    let said = match linked {
        Linked::Before => format!("{identifier} and {task} are a pair already"),
        Linked::Now if dry_run => format!(
            "{identifier} and {task} would be a pair: the next pass would compare the two, and where \
             they differ the policy would decide"
        ),
        Linked::Now => format!(
            "{identifier} and {task} are a pair: the next pass compares the two, and where they \
             differ the policy decides; what loses is kept"
        ),
    };
    let (command, exit) = ("link", Exit::Done);
    let (issue, task) = (Some(identifier), Some(task));
    let project = project.identifier;
    Ok(tell(cli, &Done { command, exit, dry_run, project, issue, task, pairs: 1, said }))
}

/// The project of an issue, and its name as Huly spells it.
fn place_of(store: &Store, name: &str) -> Result<(Project, String)> {
    let known = super::explain::look_up(store, name)?;
    let seen = known.and_then(|known| {
        let Row { identifier, .. } = known.row?;
        identifier.eq_ignore_ascii_case(name).then_some((known.project, identifier))
    });
    let (project, identifier) = match (seen, marker::project_of(name)) {
        (Some(seen), _) => seen,
        (None, Some(prefix)) if !marker::is_task_id(name) => {
            match store.read(|state| store::projects::find(state, prefix))? {
                Some(project) => {
                    let number = &name[prefix.len()..];
                    let identifier = format!("{}{number}", project.identifier);
                    (project, identifier)
                }
                None => return refuse(format!("no project {prefix} is known: run `sync` first")),
            }
        }
        (None, _) => {
            return refuse(format!("{name} is no identifier of an issue, such as PROJ-12"));
        }
    };
    if project.vibe_id.is_none() {
        return refuse(format!("{} has no Vibe project: run `sync` first", project.identifier));
    }
    Ok((project, identifier))
}
