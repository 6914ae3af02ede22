//! Man pages and shell completions, as the command line has them: `cargo run --example generate --
//! target/generated`. What makes the Debian package takes them from there.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use clap::CommandFactory;
use clap_complete::Shell;
use huly_vibe_sync::cli::Cli;

const SHELLS: [Shell; 3] = [Shell::Bash, Shell::Zsh, Shell::Fish];

fn main() -> io::Result<()> {
    let mut args = env::args_os().skip(1);
    let (folder, more) = (args.next().map(PathBuf::from), args.next());
    let Some(folder) = folder.filter(|_| more.is_none()) else {
        return Err(io::Error::other("name one folder: generate FOLDER"));
    };
    generate(&folder)
}

/// `man/*.1` and `completions/*`, in a folder that is made when missing.
pub(crate) fn generate(folder: &Path) -> io::Result<()> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let man = folder.join("man");
    fs::create_dir_all(&man)?;
    pages(&command, &man)?;
    let completions = folder.join("completions");
    fs::create_dir_all(&completions)?;
    for shell in SHELLS {
        let name = command.get_name();
        clap_complete::generate_to(shell, &mut Cli::command(), name, &completions)?;
    }
    Ok(())
}

/// A page for the command and, as `huly-vibe-sync-sync.1`, one for each below it.
fn pages(command: &clap::Command, folder: &Path) -> io::Result<()> {
    clap_mangen::Man::new(command.clone()).generate_to(folder)?;
    for sub in command.get_subcommands() {
        pages(sub, folder)?;
    }
    Ok(())
}
