//! `sync`, `sync-project` and `conflicts restore`: one pass.

use anyhow::Result;

use super::run::{self, Bar, Run};
use super::{input, letta, skipped, state};
use crate::cli::Cli;
use crate::config::Environment;
use crate::exit::Exit;
use crate::progress::Screen;
use crate::report;
use crate::store;
use crate::sync::input::Input;
use crate::sync::output::Output;
use crate::sync::pass;

/// Runs a pass, prints its report, keeps it in the history.
pub(super) fn run(cli: &Cli, env: &Environment, screen: &Screen) -> Exit {
    run::conduct(cli, screen, false, |run, report| pass(run, cli, env, screen, report, None))
}

/// Puts back what lost a conflict, in a pass over its project alone.
pub(super) fn restore(cli: &Cli, env: &Environment, screen: &Screen, conflict: i64) -> Exit {
    run::conduct(cli, screen, true, |run, report| {
        report.command = "conflicts restore".to_owned();
        pass(run, cli, env, screen, report, Some(conflict))
    })
}

fn pass(
    run: &mut Run,
    cli: &Cli,
    env: &Environment,
    screen: &Screen,
    report: &mut report::Pass,
    conflict: Option<i64>,
) -> Result<Exit> {
    let config = cli.config(env)?;
    report.dry_run = config.sync.dry_run;
    run.watch(&config, env, &report.command);
    let mut selection = cli.command.selection();
    config.huly.chosen()?;
    config.vibe.address()?;
    if conflict.is_some() {
        state::need(&config)?;
    }
    // Which passes count as passes over all projects, watchers want to know.
    let kept_as = if selection.is_partial() { "sync-project" } else { report.command.as_str() };
    let store = run.open(&config, kept_as)?;
    let wish = match conflict {
        None => None,
        Some(id) => Some(
            store
                .read(|state| store::losers::get(state, id))?
                .ok_or_else(|| super::conflicts::unknown(id))?,
        ),
    };
    let stop = run.stop(&config)?;
    let http = input::http(&config, &stop);
    run.http = Some(http.clone());
    if let Some(loser) = &wish {
        selection.identifiers = vec![loser.project.clone()];
    }
    let (keep, dry_run) = (config.keep.clone(), config.sync.dry_run);
    let input = Input {
        selection,
        full: cli.command.pass().is_some_and(|pass| pass.full),
        wish,
        now: run.started,
        ..input::of(config, &http, store.clone(), stop.clone())?
    };
    let told =
        letta::After::new(&input.config, cli, &http, &input.vibe, &store, &stop, run.started);
    run.has_letta = told.is_some();
    let (named, configured) = (input.selection.clone(), input.config.projects.clone());
    let mut output = pass::run(input, &mut Bar::new(screen))?;
    if conflict.is_none() {
        skipped::add_left_out(&named, &configured, &mut output.projects);
        if !named.identifiers.is_empty() && skipped::is_any(&output.projects) {
            // Somebody asked for this very project.
            output.exit = output.exit.map(|exit| exit.worst(Exit::Partial));
        }
    }
    if !dry_run && output.exit != Some(Exit::Failed) {
        letta::remember_remotes(&store, &output);
        if let Some(told) = told {
            told.push(&mut output, &mut Bar::new(screen));
        }
        store.write(|state| store::prune::old(state, &keep, false))?;
    }
    Ok(take(report, output))
}

fn take(report: &mut report::Pass, output: Output) -> Exit {
    for project in &output.projects {
        report.totals += project.counts;
    }
    report.restored = output.restored;
    report.projects = output.projects;
    if report.dry_run {
        report.plan = Some(output.ops);
    }
    report.errors.extend(output.errors);
    output.exit.unwrap_or(Exit::Done)
}
