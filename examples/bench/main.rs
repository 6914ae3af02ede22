//! Measures passes against the simulators, each beside its floor: the same requests sent by the same
//! agent on as many threads, the bodies dropped. What is left between the two is the tool's own.
//!
//! Simulators, passes and floors each run in a process of their own: a process's peak of memory
//! stays, and the client's CPU time is not to hold the servers'.

mod child;
mod measure;
mod options;
mod servers;
#[path = "../../tests/support/mod.rs"]
mod support;
mod table;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use options::{Options, Role};

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    match &options.role {
        Some(Role::Serve) => servers::serve(&options),
        Some(Role::Pass) => child::pass(&options),
        Some(Role::Floor) => child::floor(&options),
        None => measured(&options),
    }
}

fn measured(options: &Options) -> Result<ExitCode> {
    let result = measure::all(options)?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&result)?);
    } else {
        print!("{}", table::render(&result));
    }
    Ok(if result.is_quiet() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
