//! One file a command: arguments in, report and exit code out.

mod conflicts;
mod stats;
mod sync;
mod vacuum;

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;

use crate::cli::{Cli, Command};
use crate::config::Environment;
use crate::exit::Exit;
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
        return Exit::of(&error);
    }
    let result = match &cli.command {
        Command::Sync(_) | Command::SyncProject { .. } => return sync::run(cli, &env, &screen),
        Command::Vacuum { keep } => vacuum::run(cli, &env, *keep),
        Command::Stats { format, runs } => stats::run(cli, &env, *format, *runs),
        Command::Conflicts { action } => conflicts::run(cli, &env, *action),
    };
    finish(result)
}

fn finish(result: Result<Exit>) -> Exit {
    result.unwrap_or_else(|error| {
        log::error!("{error:#}");
        Exit::of(&error)
    })
}

/// This machine's clock. History goes by it; what is read and written does not.
fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}
