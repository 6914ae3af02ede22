//! The whole thing on one page: both systems and Letta simulated on free ports of the loopback, three
//! passes, edits on both sides between them. Needs no network and leaves nothing behind.

mod agents;
mod boards;
mod edits;
mod sample;
#[path = "../../tests/support/mod.rs"]
mod support;
mod tool;

use std::fs;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use huly_vibe_sync::exit::Exit;

use agents::Agents;
use boards::Boards;
use support::{BridgeGeneration, HulyKind, LettaVersion, Setup, World};
use tool::{Ran, Reads, Tool};

/// Three passes over two simulated systems.
#[derive(Debug, Parser)]
#[command(name = "demo")]
struct Options {
    /// Through what Huly is spoken to
    #[arg(long, value_enum, default_value_t = Through::Bridge)]
    huly: Through,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Through {
    /// The REST bridge
    Bridge,
    /// Its own API
    Platform,
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let huly = match options.huly {
        Through::Bridge => HulyKind::Bridge(BridgeGeneration::Second),
        Through::Platform => HulyKind::Platform,
    };
    let folder = tempfile::tempdir()?;
    let repos = folder.path().join("repos");
    fs::create_dir(&repos)?;
    let mut world = World::start(Setup::new(&repos).huly(huly));
    let agents = Agents::new(world.start_letta(LettaVersion::V0_16_8));
    let tool = Tool::new(&world, agents, folder.path());
    let mut surprises = Vec::new();

    println!("Huly and Vibe Kanban, simulated: {} and {}", world.huly.url(), world.vibe.url());
    println!("Letta, which is told about the result, too\n");
    sample::fill(&world)?;
    println!("BEFORE\n");
    println!("{}", Boards::look(&world));

    let first = tool.pass(&world, Reads::Everything)?;
    println!("FIRST PASS\n{first}\n");
    surprises.extend(first.surprises());
    surprises.extend(Boards::look(&world).differences());

    println!("PEOPLE WORK");
    for done in edits::make(&world)? {
        println!("  {done}");
    }

    let second = tool.pass(&world, Reads::Everything)?;
    println!("\nSECOND PASS, a full one as there is one a day\n{second}\n");
    surprises.extend(second.surprises());
    let after = Boards::look(&world);
    println!("{after}");
    surprises.extend(after.differences());
    for lost in tool.losers()? {
        println!("The loser is kept: {lost}");
    }
    println!("\nWhat Letta's agent of WEB knows of the last changes:");
    for line in tool.agents().change_log("WEB")? {
        println!("  {line}");
    }

    let third = tool.pass(&world, Reads::Changes)?;
    println!("\nTHIRD PASS, which reads what changed in Huly, as most passes do\n{third}");
    surprises.extend(third.surprises());
    surprises.extend(edits::expected(&second));
    surprises.extend(quiet(&third));
    Ok(conclude(&surprises))
}

/// Nothing changed since the second pass: nothing may be written.
fn quiet(ran: &Ran) -> Option<String> {
    let writes = ran.writes;
    let told = ran.told.requests;
    (writes + told > 0).then(|| {
        format!(
            "the third pass should be quiet, and sent {writes} writes and {told} requests to Letta"
        )
    })
}

impl Ran {
    /// What went wrong in a pass that should have gone well.
    fn surprises(&self) -> Vec<String> {
        let exit = (self.exit != Exit::Done)
            .then(|| format!("a pass ended with {}: {}", self.exit.code(), self.exit.sentence()));
        exit.into_iter().chain(self.errors.iter().chain(&self.told.errors).cloned()).collect()
    }
}

fn conclude(surprises: &[String]) -> ExitCode {
    if surprises.is_empty() {
        println!(
            "\nBoth sides are equal, and the third pass wrote nothing, nor asked Letta anything."
        );
        return ExitCode::SUCCESS;
    }
    for surprise in surprises {
        eprintln!("NOT AS EXPECTED: {surprise}");
    }
    ExitCode::FAILURE
}
