//! The documents are held to the program: commands, flags, exit codes, keys, metrics, links.

use std::collections::BTreeSet;
use std::path::Path;

use clap::CommandFactory;
use huly_vibe_sync::cli::Cli;
use huly_vibe_sync::config::{KEYS, SECTIONS};
use huly_vibe_sync::exit::Exit;

const README: &str = include_str!("../README.md");

/// The pages for those who run it; the others speak of other tools' flags, too.
const GUIDES: [(&str, &str); 9] = [
    ("README.md", README),
    ("how-it-syncs.md", include_str!("../docs/how-it-syncs.md")),
    ("recovery.md", include_str!("../docs/recovery.md")),
    ("letta.md", include_str!("../docs/letta.md")),
    ("exit-codes.md", include_str!("../docs/exit-codes.md")),
    ("monitoring.md", include_str!("../docs/monitoring.md")),
    ("migrating.md", include_str!("../docs/migrating.md")),
    ("network.md", include_str!("../docs/network.md")),
    ("many-machines.md", include_str!("../docs/many-machines.md")),
];

/// All commands below `command`, each with its words (`conflicts show`).
fn commands(command: &clap::Command, before: &str, found: &mut Vec<String>) {
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let words = format!("{before} {}", sub.get_name()).trim().to_owned();
        found.push(words.clone());
        commands(sub, &words, found);
    }
}

/// The long flags of all commands, with their dashes.
fn flags() -> BTreeSet<String> {
    fn add(command: &clap::Command, found: &mut BTreeSet<String>) {
        found.extend(command.get_arguments().filter_map(|arg| arg.get_long()).map(String::from));
        command.get_subcommands().for_each(|sub| add(sub, found));
    }
    let mut found = BTreeSet::from(["help".to_owned(), "version".to_owned()]);
    add(&Cli::command(), &mut found);
    found.into_iter().map(|flag| format!("--{flag}")).collect()
}

/// What looks like a long flag in lines that are not about other programs.
fn flags_in(text: &str) -> BTreeSet<String> {
    let ours = text.lines().filter(|line| !line.contains("cargo ") && !line.contains("sqlite3"));
    ours.flat_map(|line| line.split(|letter: char| !(letter.is_ascii_lowercase() || letter == '-')))
        .filter(|word| word.len() > 3 && word.starts_with("--") && !word.starts_with("---"))
        .map(str::to_owned)
        .collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

#[test]
fn every_command_of_the_help_is_in_the_readme() {
    let mut all = Vec::new();
    commands(&Cli::command(), "", &mut all);
    for command in all {
        let last = command.rsplit(' ').next().unwrap();
        let is_named = |words: &str| {
            words.split(' ').next() == Some(last) || words.starts_with(command.as_str())
        };
        assert!(quoted(README).any(is_named), "{command}");
    }
}

#[test]
fn every_flag_of_the_help_is_in_the_readme() {
    let said = flags_in(README);
    for flag in flags() {
        assert!(said.contains(&flag), "{flag}");
    }
}

#[test]
fn no_guide_names_a_flag_that_is_not_there() {
    let known = flags();
    for (name, text) in GUIDES {
        for flag in flags_in(text) {
            assert!(known.contains(&flag), "{name}: {flag}");
        }
    }
}

#[test]
fn exit_codes_are_told_as_the_program_tells_them() {
    for name in ["README.md", "exit-codes.md"] {
        let (_, text) = GUIDES.iter().find(|(known, _)| *known == name).unwrap();
        let mut rows = text.lines().skip_while(|line| *line != "| code | means |").skip(2);
        for exit in Exit::ALL {
            let row = format!("| {} | {} |", exit.code(), exit.sentence());
            assert_eq!(rows.next(), Some(row.as_str()), "{name}");
        }
        assert_eq!(rows.next(), Some(""), "{name}: the table ends there");
    }
}

#[test]
fn every_name_of_the_environment_is_in_the_readme() {
    for key in KEYS {
        if let Some(old) = key.old {
            assert!(quoted(README).any(|words| words == old), "{old}");
        }
    }
}

#[test]
fn every_key_that_is_named_is_there() {
    for (name, text) in GUIDES {
        for words in quoted(text) {
            let Some((section, field)) = words.split_once('.') else { continue };
            let is_key = SECTIONS.iter().any(|(known, _)| *known == section)
                && field.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            let known = KEYS.iter().any(|key| key.stored && key.name == words);
            assert!(!is_key || known, "{name}: {words}");
        }
    }
}

#[test]
fn metrics_are_those_that_stats_tells() {
    let names = |text: &'static str| -> BTreeSet<&str> {
        text.split(|letter: char| !(letter.is_ascii_lowercase() || letter == '_'))
            .filter(|word| word.starts_with("huly_vibe_sync_"))
            .collect()
    };
    let told = names(include_str!("../src/commands/stats/prometheus.rs"));
    assert_eq!(names(include_str!("../docs/monitoring.md")), told);
}

#[test]
fn links_lead_somewhere() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let mut files = vec![docs.join("../README.md")];
    files.extend(docs.read_dir().unwrap().map(|entry| entry.unwrap().path()));
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("http") {
                continue;
            }
            assert!(file.parent().unwrap().join(link).exists(), "{}: {link}", file.display());
        }
    }
}

#[test]
fn the_first_two_blocks_are_the_demo_and_the_tests() {
    let mut blocks =
        README.split("\n```sh\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    assert_eq!(blocks.next(), Some("cargo run --release --example demo"));
    assert_eq!(blocks.next(), Some("cargo test"));
}
