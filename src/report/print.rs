//! Standard output, and what is said before there is a log.

use serde::Serialize;

use super::{Complaint, Pass};
use crate::exit::Exit;
use crate::model::Millis;

/// A command that is no pass, and failed.
#[derive(Debug, Serialize)]
struct Failure<'a> {
    command: &'a str,
    exit: Exit,
    errors: [&'a str; 1],
}

/// Prints, as JSON, what is left to tell of a command that came to nothing.
pub fn print_failure(command: &str, dry_run: bool, exit: Exit, now: Millis, error: &str) {
    if ["sync", "sync-project", "letta-push"].contains(&command) {
        let mut pass = Pass::new(command, dry_run, now);
        pass.exit = exit.code();
        pass.errors.push(Complaint::new("failed", error));
        pass.print_json();
    } else {
        print_json(&Failure { command, exit, errors: [error] });
    }
}

/// Prints to standard output. A reader that went away is no error of ours.
pub fn print(text: &str) {
    use std::io::Write as _;
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Prints one JSON object.
pub fn print_json<T: Serialize>(value: &T) {
    match serde_json::to_string(value) {
        Ok(text) => print(&format!("{text}\n")),
        Err(error) => log::error!("failed to write the report: {error}"),
    }
}

/// Says something on standard error before there is a log.
pub fn complain(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
