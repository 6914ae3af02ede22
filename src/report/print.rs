//! Standard output, and what is said before there is a log.

use serde::Serialize;

use super::{Complaint, Pass};
use crate::exit::Exit;
use crate::model::Millis;

/// The object of a command that is no pass.
#[derive(Debug, Serialize)]
struct Answer<'a, T> {
    command: &'a str,
    exit: Exit,
    #[serde(flatten)]
    said: &'a T,
}

/// Why a command came to nothing.
#[derive(Debug, Serialize)]
struct Failure<'a> {
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
        print_answer(command, exit, &Failure { errors: [error] });
    }
}

/// Prints to standard output. A reader that went away is no error of ours; that a disk is full does not
/// change how the command ended, but is said.
pub fn print(text: &str) {
    use std::io::{ErrorKind, Write as _};
    let mut out = std::io::stdout().lock();
    let printed = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    if let Some(error) = printed.err().filter(|error| error.kind() != ErrorKind::BrokenPipe) {
        log::error!("failed to write to standard output: {error}");
    }
}

/// Prints what a command that is no pass has to say, as one JSON object that begins with `command` and
/// `exit`.
pub fn print_answer<T: Serialize>(command: &str, exit: Exit, said: &T) {
    print_json(&Answer { command, exit, said });
}

/// Prints one JSON object.
pub(super) fn print_json<T: Serialize>(value: &T) {
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
