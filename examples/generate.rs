//! Man pages and shell completions, as the command line has them: `cargo run --example generate --
//! target/generated`. What makes the Debian package takes them from there.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use clap::CommandFactory;
use clap_complete::Shell;
use huly_vibe_sync::cli::Cli;

/// Their texts do not mind the hyphens of the program's name; bash's does.
const SHELLS: [Shell; 2] = [Shell::Zsh, Shell::Fish];

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
    let name = command.get_name();
    for shell in SHELLS {
        clap_complete::generate_to(shell, &mut Cli::command(), name, &completions)?;
    }
    fs::write(completions.join(format!("{name}.bash")), bash(name)?)
}

/// `clap_complete` spells a hyphen of the program's name in two ways, so that no subcommand is found.
/// A name without any is generated for, and the real one named at the end, where bash asks for it.
fn bash(name: &str) -> io::Result<String> {
    let plain = name.replace('-', "_");
    let mut text = Vec::new();
    clap_complete::generate(Shell::Bash, &mut Cli::command(), &plain, &mut text);
    let text = String::from_utf8(text).map_err(io::Error::other)?;
    let lines = text.lines().map(|line| match line.trim_start().starts_with("complete -F ") {
        true => line.strip_suffix(&plain).map_or(line.to_owned(), |rest| format!("{rest}{name}")),
        false => line.to_owned(),
    });
    Ok(lines.map(|line| line + "\n").collect())
}

/// A page for the command and, as `huly-vibe-sync-sync.1`, one for each below it.
fn pages(command: &clap::Command, folder: &Path) -> io::Result<()> {
    clap_mangen::Man::new(command.clone()).generate_to(folder)?;
    for sub in command.get_subcommands() {
        pages(sub, folder)?;
    }
    Ok(())
}
