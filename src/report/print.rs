//! Standard output, and what is said before there is a log.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write as _};

use serde::Serialize;

use super::{Complaint, Pass, is_steering, printable};
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

/// Prints to standard output, with nothing in it that steers a terminal.
pub fn print(text: &str) {
    print_styled(&printable(text));
}

/// Prints to standard output as it comes: what is told may be longer than memory is large.
pub fn print_display(told: &impl fmt::Display) {
    let mut out = Out::new();
    if fmt::write(&mut out, format_args!("{told}")).is_err() && out.failed.is_none() {
        log::error!("the output is not complete");
    }
    out.finish();
}

/// Standard output, which remembers its first failure. A reader that went away is no error of ours; that a
/// disk is full does not change how the command ended, but is said.
struct Out {
    to: io::BufWriter<io::StdoutLock<'static>>,
    failed: Option<io::Error>,
}

impl Out {
    fn new() -> Self {
        Self { to: io::BufWriter::new(io::stdout().lock()), failed: None }
    }

    fn put(&mut self, text: &str) {
        if self.failed.is_none() {
            self.failed = self.to.write_all(text.as_bytes()).err();
        }
    }

    fn finish(mut self) {
        if self.failed.is_none() {
            self.failed = self.to.flush().err();
        }
        if let Some(error) = self.failed.filter(|error| error.kind() != io::ErrorKind::BrokenPipe) {
            log::error!("failed to write to standard output: {error}");
        }
    }
}

/// For people: nothing in it steers a terminal.
impl fmt::Write for Out {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.put(&printable(text));
        if self.failed.is_none() { Ok(()) } else { Err(fmt::Error) }
    }
}

/// For programs: JSON, which comes in whole strings.
impl io::Write for Out {
    fn write(&mut self, json: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(json) {
            Ok(text) => self.put(&harmless(text)),
            Err(_) if self.failed.is_none() => self.failed = self.to.write_all(json).err(),
            Err(_) => {}
        }
        // What cannot be written is told at the end; there is nothing that the writer could do.
        Ok(json.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Prints to standard output what has colours of its own, and names and texts of others as
/// [`printable`](super::printable) shows them.
pub fn print_styled(text: &str) {
    let mut out = Out::new();
    out.put(text);
    out.finish();
}

/// Prints what a command that is no pass has to say, as one JSON object that begins with `command` and
/// `exit`.
pub fn print_answer<T: Serialize>(command: &str, exit: Exit, said: &T) {
    print_json(&Answer { command, exit, said });
}

/// Prints one JSON object.
pub(super) fn print_json<T: Serialize>(value: &T) {
    let mut out = Out::new();
    match serde_json::to_writer(&mut out, value) {
        Ok(()) => out.put("\n"),
        Err(error) => log::error!("failed to write the report: {error}"),
    }
    out.finish();
}

/// The same JSON, with its strings' letters that steer a terminal written as JSON does it.
fn harmless(json: &str) -> Cow<'_, str> {
    if !json.contains(is_steering) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for letter in json.chars() {
        // All of them are below U+10000, and stand in strings alone.
        if is_steering(letter) {
            out.push_str(&format!("\\u{:04x}", u32::from(letter)));
        } else {
            out.push(letter);
        }
    }
    Cow::Owned(out)
}

/// Says something on standard error before there is a log.
pub fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", printable(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_steers_no_terminal_and_says_the_same() {
        let said = "\u{1b}\u{9b}\u{202e}\n👩\u{200d}💻";
        let json = serde_json::to_string(said).unwrap();
        let shown = harmless(&json);
        assert!(!shown.contains(is_steering), "{shown}");
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), said);
    }
}
