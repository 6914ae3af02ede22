//! What is said on standard error while a command runs: how much, and in what form.

use std::io::Write as _;

use anyhow::{Context, Result};
use env_logger::{Builder, Logger, WriteStyle};
use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::cli::{Color, Global};
use crate::config::{Environment, Invalid, Origin};
use crate::progress::Screen;
use crate::report::printable;

/// Sets up the log of this process.
///
/// # Errors
/// `LOG_LEVEL` is no level, or there is a log already.
pub fn start(global: &Global, env: &Environment, screen: &Screen) -> Result<()> {
    let filter = filter(global, env)?;
    let style = match global.color {
        Color::Auto => WriteStyle::Auto,
        Color::Always => WriteStyle::Always,
        Color::Never => WriteStyle::Never,
    };
    let logger = Builder::new()
        .parse_filters(&filter)
        .write_style(style)
        .format(|to, record| {
            let (level, message) = (record.level(), record.args().to_string());
            // Titles and servers' messages come from others.
            let text = printable(&message);
            let style = to.default_level_style(level);
            // Whoever digs that deep wants to know when and where.
            if log::max_level() >= LevelFilter::Debug {
                let time = to.timestamp_millis();
                return writeln!(
                    to,
                    "{time} {style}{}{style:#} {}: {text}",
                    word(level),
                    record.target()
                );
            }
            writeln!(to, "{style}{}{style:#}: {text}", word(level))
        })
        .build();
    log::set_max_level(logger.filter());
    log::set_boxed_logger(Box::new(BesideBar { logger, screen: screen.clone() }))
        .context("cannot start the log")
}

/// What is shown: `RUST_LOG` as it is; else by `-q` and `-v`; else by `LOG_LEVEL`; else warnings.
fn filter(global: &Global, env: &Environment) -> Result<String, Invalid> {
    if let Some(directives) = env.get("RUST_LOG") {
        return Ok(directives.to_string_lossy().into_owned());
    }
    let level = match (global.quiet, global.verbose) {
        (true, _) => LevelFilter::Error,
        (false, 0) => of_old_name(env)?.unwrap_or(LevelFilter::Warn),
        (false, 1) => LevelFilter::Info,
        (false, 2) => LevelFilter::Debug,
        (false, _) => LevelFilter::Trace,
    };
    // The libraries' details drown ours, and show headers: only RUST_LOG asks for them.
    let others = level.min(LevelFilter::Warn);
    Ok(format!("{others},{}={level}", env!("CARGO_CRATE_NAME")))
}

/// The level names of the earlier service's world, and of others that cron's environment may have
/// been made for.
fn of_old_name(env: &Environment) -> Result<Option<LevelFilter>, Invalid> {
    const NAME: &str = "LOG_LEVEL";
    let Some(value) = env.get(NAME) else { return Ok(None) };
    let level = match value.to_string_lossy().trim().to_lowercase().as_str() {
        "off" | "none" | "silent" => LevelFilter::Off,
        "error" | "fatal" | "critical" => LevelFilter::Error,
        "warn" | "warning" => LevelFilter::Warn,
        "info" | "notice" => LevelFilter::Info,
        "debug" | "verbose" => LevelFilter::Debug,
        "trace" | "silly" => LevelFilter::Trace,
        _ => {
            let what = "none of off, error, warn, info, debug, trace";
            return Err(Invalid::one(NAME, Origin::Env(NAME.to_owned()), what));
        }
    };
    Ok(Some(level))
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warn => "warning",
        Level::Info => "info",
        Level::Debug => "debug",
        Level::Trace => "trace",
    }
}

struct BesideBar {
    logger: Logger,
    screen: Screen,
}

impl Log for BesideBar {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.logger.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if self.logger.matches(record) {
            self.screen.suspend(|| self.logger.log(record));
        }
    }

    fn flush(&self) {
        self.logger.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(quiet: bool, verbose: u8, env: &[(&str, &str)]) -> Result<String, Invalid> {
        let global = Global { quiet, verbose, ..Global::default() };
        filter(&global, &env.iter().copied().collect())
    }

    #[test]
    fn levels_follow_rust_log_then_flags_then_log_level() {
        for (quiet, verbose, env, wanted) in [
            (false, 0, &[][..], "WARN,huly_vibe_sync=WARN"),
            (true, 0, &[], "ERROR,huly_vibe_sync=ERROR"),
            (false, 1, &[], "WARN,huly_vibe_sync=INFO"),
            (false, 2, &[], "WARN,huly_vibe_sync=DEBUG"),
            (false, 9, &[], "WARN,huly_vibe_sync=TRACE"),
            (false, 0, &[("LOG_LEVEL", "Info")], "WARN,huly_vibe_sync=INFO"),
            (false, 0, &[("LOG_LEVEL", "silent")], "OFF,huly_vibe_sync=OFF"),
            (false, 0, &[("LOG_LEVEL", "")], "WARN,huly_vibe_sync=WARN"),
            (true, 0, &[("LOG_LEVEL", "debug")], "ERROR,huly_vibe_sync=ERROR"),
            (true, 0, &[("LOG_LEVEL", "debug"), ("RUST_LOG", "ureq=trace")], "ureq=trace"),
        ] {
            assert_eq!(shown(quiet, verbose, env).unwrap(), wanted);
        }
        let error = shown(false, 0, &[("LOG_LEVEL", "loud")]).unwrap_err();
        assert_eq!(error.to_string(), "LOG_LEVEL: none of off, error, warn, info, debug, trace");
    }
}
