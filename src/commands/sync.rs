//! `sync`, `sync-project` and `conflicts restore`: one pass.

use anyhow::{Context, Result};

use super::letta;
use super::run::{self, Bar, Run};
use crate::cli::Cli;
use crate::config::{Environment, Selection};
use crate::exit::{Exit, Expected};
use crate::http::{Http, Proxy};
use crate::huly;
use crate::progress::Screen;
use crate::report;
use crate::stop::Stop;
use crate::store;
use crate::sync::pass::{self, Output};
use crate::vibe::Vibe;

/// Runs a pass, prints its report, keeps it in the history.
pub(super) fn run(cli: &Cli, env: &Environment, screen: &Screen) -> Exit {
    run::conduct(cli, screen, |run, report| pass(run, cli, env, screen, report, None))
}

/// Puts back what lost a conflict, in a pass over its project alone.
pub(super) fn restore(cli: &Cli, env: &Environment, screen: &Screen, conflict: i64) -> Exit {
    run::conduct(cli, screen, |run, report| {
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
    run.watch(&config, &report.command);
    config.huly.chosen()?;
    let vibe_url = config.vibe.address()?.to_owned();
    if conflict.is_some() && !config.state.exists() {
        let message = format!("there is no state file {} yet", config.state.display());
        return Err(Expected::new(Exit::Usage, message).into());
    }
    let (store, lock) = run.open(&config, &report.command)?;
    let wish = match conflict {
        None => None,
        Some(id) => Some(
            store
                .read(|state| store::losers::get(state, id))?
                .ok_or_else(|| super::conflicts::unknown(id))?,
        ),
    };
    let stop = Stop::new(config.sync.deadline);
    let signals = stop.on_signals().context("failed to listen for signals")?;
    let http = Http::new(&config.http, config.sync.jobs, stop.clone(), Proxy::Environment);
    run.http = Some(http.clone());
    let vibe = Vibe::new(&vibe_url, &http);
    let told = letta::After::new(&config, cli, &http, &vibe, &store, &stop, run.started);
    run.has_letta = told.is_some();
    let input = pass::Input {
        huly: huly::connect(&config, &http)?,
        vibe,
        selection: match &wish {
            None => cli.command.selection(),
            Some(loser) => {
                let identifiers = vec![loser.project.clone()];
                Selection { identifiers, ..Selection::default() }
            }
        },
        full: cli.command.pass().is_some_and(|pass| pass.full),
        dry_run: config.sync.dry_run,
        wish,
        store: store.clone(),
        stop,
        now: run.started,
        config,
    };
    let keep = input.config.keep.clone();
    let dry_run = input.dry_run;
    let mut output = pass::run(input, &mut Bar::new(screen))?;
    if !dry_run && output.exit != Some(Exit::Failed) {
        letta::remember_remotes(&store, &output);
        if let Some(told) = told {
            told.push(&mut output, &mut Bar::new(screen));
        }
        store.write(|state| store::prune::old(state, &keep, run.started, false))?;
    }
    drop((signals, lock));
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
