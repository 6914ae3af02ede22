//! One file a command: arguments in, report and exit code out.

mod by_hand;
mod check;
mod config;
mod conflicts;
mod explain;
mod import;
mod input;
mod letta;
mod queue;
mod repeats;
mod run;
mod skipped;
mod state;
mod stats;
mod sync;
mod vacuum;
mod watch;

use std::ffi::OsString;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::cli::{Cli, Command, Conflicts};
use crate::config::Environment;
use crate::exit::Exit;
use crate::file_limit;
use crate::logging;
use crate::model::Millis;
use crate::progress::Screen;
use crate::report;

/// Runs the command that was asked for, and says what went wrong.
#[must_use]
pub fn run(cli: &Cli) -> Exit {
    let env = Environment::of_process();
    let screen = Screen::new(!cli.global.quiet && !cli.global.json);
    if let Err(error) = logging::start(&cli.global, &env, &screen) {
        report::complain(&format!("error: {error:#}"));
        return failed(cli, &error);
    }
    if let Err(error) = file_limit::outlive() {
        log::debug!("SIGXFSZ stays deadly: {error}");
    }
    let result = match &cli.command {
        Command::Sync(_) | Command::SyncProject { .. } => return sync::run(cli, &env, &screen),
        Command::LettaPush(flags) => return letta::run(cli, flags, &env, &screen),
        Command::Check => return check::run(cli, &env),
        Command::Vacuum { keep, .. } => vacuum::run(cli, &env, *keep),
        Command::Stats { format, runs, html } => {
            stats::run(cli, &env, *format, *runs, html.as_deref())
        }
        Command::Import { files, .. } => import::run(cli, &env, files),
        Command::Conflicts { action: Some(Conflicts::Restore { id, .. }) } => {
            return sync::restore(cli, &env, &screen, *id);
        }
        Command::Config { changed } => config::run(cli, &env, *changed),
        Command::Forget { item, yes, .. } => by_hand::forget(cli, &env, item, *yes),
        Command::Link { issue, task, .. } => by_hand::link(cli, &env, issue, task),
        Command::Explain { item, ask } => explain::run(cli, &env, &screen, item, *ask),
        Command::Conflicts { action } => conflicts::run(cli, &env, *action),
    };
    result.unwrap_or_else(|error| {
        log::error!("{error:#}");
        if let Some(why) = file_limit::reached() {
            log::error!("{why}");
        }
        failed(cli, &error)
    })
}

/// Whoever reads JSON gets it from a command that came to nothing, too.
fn failed(cli: &Cli, error: &anyhow::Error) -> Exit {
    let exit = Exit::of(error);
    if cli.global.json {
        let dry_run = cli.command.is_dry_run();
        let error = format!("{error:#}");
        report::print_failure(cli.command.name(), dry_run, exit, now(), &error);
    }
    exit
}

/// Says what is wrong with a command line that was not understood, or what it asked to be told.
#[must_use]
pub fn refuse(error: &clap::Error, args: impl Iterator<Item = OsString>) -> Exit {
    let _ = error.print();
    if error.exit_code() == 0 {
        return Exit::Done;
    }
    let args: Vec<OsString> = args.collect();
    let is_there = |wanted: &str| args.iter().any(|arg| arg == wanted);
    if is_there("--json") {
        // As far as it can be told what was meant; without a command it is the main one.
        let known = [
            "sync-project",
            "letta-push",
            "check",
            "vacuum",
            "stats",
            "import",
            "conflicts",
            "config",
            "explain",
            "forget",
            "link",
        ];
        let command = known.into_iter().find(|name| is_there(name)).unwrap_or("sync");
        let text = error.to_string();
        let line = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        report::print_failure(command, is_there("--dry-run"), Exit::Usage, now(), line);
    }
    Exit::Usage
}

/// This machine's clock. History goes by it; what is read and written does not.
fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}
