//! The command `huly-vibe-sync`: arguments in, exit code out.

use std::process::ExitCode;

use clap::Parser;
use huly_vibe_sync::cli::Cli;
use huly_vibe_sync::commands;

fn main() -> ExitCode {
    commands::run(&Cli::parse()).into()
}
