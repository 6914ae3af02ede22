//! `check`: what a pass would stumble over, a line each.

use env_logger::fmt::style::{AnsiColor, Style};
use serde::Serialize;

use crate::check::{self, Finding, Level};
use crate::cli::Cli;
use crate::config::Environment;
use crate::exit::Exit;
use crate::report;

/// For programs.
#[derive(Debug, Serialize)]
struct Report<'a> {
    findings: &'a [Finding],
}

pub(super) fn run(cli: &Cli, env: &Environment) -> Exit {
    let findings = match cli.config(env) {
        Ok(config) => check::findings(&check::gather(&config, cli.config_file(env), env)),
        // As long as it is not known what is meant, nobody is asked.
        Err(invalid) => check::invalid("config", &invalid).collect(),
    };
    let exit = check::exit(&findings);
    if cli.global.json {
        report::print_answer("check", exit, &Report { findings: &findings });
    } else {
        let colored = cli.global.color.is_wanted();
        let said = findings.iter().filter(|one| !cli.global.quiet || one.level >= Level::Away);
        report::print_styled(&said.map(|finding| line(finding, colored)).collect::<String>());
    }
    exit
}

fn line(finding: &Finding, colored: bool) -> String {
    let style = if colored { style(finding.level) } else { Style::new() };
    let word = finding.level.word();
    // Names and messages come from others, and each finding is one line.
    let finding = finding.to_string().replace('\n', " ");
    let text = report::printable(&finding);
    format!("{style}{word:<7}{style:#}  {text}\n")
}

fn style(level: Level) -> Style {
    let color = match level {
        Level::Ok => AnsiColor::Green,
        Level::Note => AnsiColor::Blue,
        Level::Warning => AnsiColor::Yellow,
        Level::Away => AnsiColor::Magenta,
        Level::Error => AnsiColor::Red,
    };
    color.on_default()
}
