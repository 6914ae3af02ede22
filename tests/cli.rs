//! The command line: what is taken, what is refused, and what `--help` says.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::time::Duration;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use huly_vibe_sync::cli::{Cli, Color, Command, Conflicts, Format, Queue};
use huly_vibe_sync::config::{Config, Environment, KEYS, Origin, Shard};
use huly_vibe_sync::exit::Exit;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(["huly-vibe-sync"].into_iter().chain(line.split_whitespace()))
}

fn config(line: &str, env: &[(&str, &str)]) -> Config {
    let env: Environment = env.iter().copied().chain([("HOME", "/nonexistent")]).collect();
    parse(line).unwrap().config(&env).unwrap()
}

#[test]
fn the_declaration_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn global_flags_stand_before_or_after_the_command() {
    let flags = "--config c.toml --state s.db -vv --json --color never";
    for line in
        [format!("{flags} sync"), format!("sync {flags}"), format!("conflicts list {flags}")]
    {
        let global = parse(&line).unwrap().global;
        assert_eq!(global.config.as_deref(), Some("c.toml".as_ref()), "{line}");
        assert_eq!(global.state.as_deref(), Some("s.db".as_ref()));
        assert_eq!((global.verbose, global.quiet, global.json), (2, false, true));
        assert_eq!(global.color, Color::Never);
    }
    assert!(parse("stats -q").unwrap().global.quiet);
}

#[test]
fn flags_of_a_pass_become_settings() {
    let config = config(
        "sync --jobs 9 --deadline 0 --dry-run --allow-mass-delete --allow-mass-create",
        &[("MAX_WORKERS", "3"), ("HULY_VIBE_SYNC_SYNC_DEADLINE", "1h")],
    );
    assert_eq!((config.sync.jobs, config.sync.deadline), (9, None));
    assert!(config.sync.dry_run);
    let guard = &config.guard;
    assert!(guard.allow_delete && guard.allow_create && !guard.allow_overwrite);
    assert_eq!(*config.origin("sync.deadline"), Origin::Flag("--deadline"));
    assert_eq!(*config.origin("guard.allow_delete"), Origin::Flag("--allow-mass-delete"));
}

#[test]
fn an_absent_flag_leaves_the_environment_alone() {
    let config = config("sync-project A", &[("DRY_RUN", "true"), ("MAX_WORKERS", "3")]);
    assert!(config.sync.dry_run);
    assert_eq!(config.sync.jobs, 3);
}

#[test]
fn a_push_to_letta_has_flags_of_its_own() {
    let cli =
        parse("letta-push --project W* --shard 1/2 --force --verify --dry-run --jobs 7").unwrap();
    assert!(cli.command.is_dry_run() && cli.command.pass().is_none());
    let selection = cli.command.selection();
    assert!(!selection.takes("X"));
    assert_eq!(selection.shard, Some(Shard { index: 1, count: 2 }));
    let config = config("letta-push --dry-run --jobs 7", &[("LETTA_BASE_URL", "http://l:1/v1")]);
    assert_eq!((config.sync.jobs, config.sync.dry_run), (7, true));
    assert_eq!(config.letta.address(), Ok("http://l:1"));
    assert!(parse("sync --no-letta").unwrap().command.pass().unwrap().no_letta);
}

#[test]
fn a_command_that_is_no_pass_takes_the_settings_as_they_are() {
    assert_eq!(config("vacuum", &[("MAX_WORKERS", "3")]).sync.jobs, 3);
}

#[test]
fn projects_are_selected_by_name_glob_and_shard() {
    let cli = parse("sync-project WEB API --exclude A* --shard 0/1 --full").unwrap();
    let selection = cli.command.selection();
    assert!(selection.takes("WEB") && !selection.takes("API") && !selection.takes("OTHER"));
    assert!(cli.command.pass().unwrap().full);

    let selection = parse("sync --project W* --project X").unwrap().command.selection();
    assert!(selection.takes("WEB") && selection.takes("X") && !selection.takes("XY"));
    let shard = parse("sync --shard 2/3").unwrap().command.selection().shard;
    assert_eq!(shard, Some(Shard { index: 2, count: 3 }));
}

#[test]
fn the_other_commands_have_their_flags() {
    let command = |line| parse(line).unwrap().command;
    let day = Duration::from_secs(86_400);
    assert!(
        matches!(command("vacuum --keep 30d"), Command::Vacuum { keep: Some(d), .. } if d == 30 * day)
    );
    assert!(matches!(command("stats"), Command::Stats { format: None, runs: None, html: None }));
    let prometheus = command("stats --format prometheus --runs 3");
    assert!(matches!(
        prometheus,
        Command::Stats { format: Some(Format::Prometheus), runs: Some(3), .. }
    ));
    assert!(matches!(command("config --changed"), Command::Config { changed: true }));
    for line in [
        "sync",
        "sync-project A",
        "letta-push",
        "vacuum",
        "import x.db",
        "conflicts ack 7",
        "conflicts restore 7",
    ] {
        assert_eq!(command(line).wait(), Duration::ZERO);
        let waiting = parse(&format!("{line} --wait 90s")).unwrap().command;
        assert_eq!(waiting.wait(), Duration::from_secs(90));
    }
    for (line, wanted) in [
        ("conflicts", None),
        ("conflicts list", Some(Conflicts::List { all: false })),
        ("conflicts list --all", Some(Conflicts::List { all: true })),
        ("conflicts show 7", Some(Conflicts::Show { id: 7 })),
        ("conflicts ack 7", Some(Conflicts::Ack { id: 7, queue: Queue::default() })),
    ] {
        let Command::Conflicts { action } = command(line) else { panic!("{line}") };
        assert_eq!(action, wanted);
    }
}

#[test]
fn usage_errors_exit_2_and_name_the_flag() {
    for (line, named) in [
        ("", "Usage:"),
        ("--color blue sync", "--color"),
        ("sink", "sink"),
        ("sync --jobs 0", "--jobs"),
        ("sync --jobs 65", "a number from 1 to 64"),
        ("sync --deadline 15", "--deadline"),
        ("sync --deadline soon", "write 30s, 15m, 24h or 90d"),
        ("sync --shard 4/4", "parts are counted from 0 to 3"),
        ("sync --shard 1", "--shard"),
        ("sync WEB", "WEB"),
        ("sync -v -q", "--quiet"),
        ("sync-project", "<IDENT>"),
        ("vacuum --keep long", "--keep"),
        ("sync --wait 5", "--wait"),
        ("stats --wait 5s", "--wait"),
        ("stats --format xml", "--format"),
        ("conflicts show", "<ID>"),
        ("conflicts ack x", "<ID>"),
    ] {
        let error = parse(line).expect_err(line);
        assert_eq!(error.exit_code(), i32::from(Exit::Usage.code()), "{line}");
        assert!(error.to_string().contains(named), "{line}: {error}");
    }
}

#[test]
fn help_and_version_exit_0() {
    for (line, kind) in [
        ("--help", ErrorKind::DisplayHelp),
        ("sync --help", ErrorKind::DisplayHelp),
        ("--version", ErrorKind::DisplayVersion),
    ] {
        let error = parse(line).unwrap_err();
        assert_eq!((error.kind(), error.exit_code()), (kind, 0));
    }
}

#[test]
fn help_tells_the_exit_codes_and_the_variables() {
    let help = Cli::command().render_help().to_string();
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let flat = words(&help);
    for exit in Exit::ALL {
        assert!(flat.contains(&format!(" {} {}", exit.code(), words(exit.sentence()))), "{help}");
    }
    let old = KEYS.iter().filter_map(|key| key.old);
    for name in old
        .chain(["HULY_VIBE_SYNC_CONFIG", "HULY_VIBE_SYNC_STATE", "LOG_LEVEL", "RUST_LOG"])
        .chain(["<NAME>_FILE", "NO_PROXY"])
    {
        assert!(help.contains(&format!("\n  {name} ")), "{name} is missing: {help}");
    }
    assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
}

#[test]
fn help_tells_the_defaults_that_hold() {
    let help = Cli::command().find_subcommand_mut("sync").unwrap().render_help().to_string();
    let config = Config::default();
    assert!(help.contains(&format!("[default: {}]", config.sync.jobs)), "{help}");
    assert!(help.contains("[default: 15m]"), "{help}");
    assert_eq!(config.sync.deadline, Some(Duration::from_secs(15 * 60)));
}

#[test]
fn the_crontab_calls_what_there_is() {
    let text = include_str!("../examples/crontab");
    let mut commands = 0;
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once('=').filter(|(name, _)| !name.contains(' ')) {
            let bare = name.strip_suffix("_FILE").unwrap_or(name);
            let known =
                KEYS.iter().any(|key| key.old == Some(bare) && (bare == name || key.from_file));
            assert!(known || name == "PATH", "{line}");
            assert!(!line.contains(['~', '$']), "nobody expands it: {line}");
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let (times, command) = words.split_at(5);
        let is_time = |word: &&str| word.chars().all(|c| c.is_ascii_digit() || "*/,-".contains(c));
        assert!(times.iter().all(is_time), "{line}");
        assert!(!line.contains('%'), "cron takes a percent sign for a line's end: {line}");
        let cli = Cli::try_parse_from(command).unwrap_or_else(|error| panic!("{line}: {error}"));
        // A pass may be at work at that very minute.
        let waits = !cli.command.wait().is_zero();
        assert_eq!(waits, matches!(cli.command, Command::Vacuum { .. }), "{line}");
        commands += 1;
    }
    assert_eq!(commands, 2);
}
