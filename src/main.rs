//! The command `huly-vibe-sync`: arguments in, exit code out.

use std::process::ExitCode;

use clap::Parser;
use huly_vibe_sync::cli::Cli;
use huly_vibe_sync::commands;

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => commands::run(&cli).into(),
        Err(error) => commands::refuse(&error, std::env::args_os()).into(),
    }
}
