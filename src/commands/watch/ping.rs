//! The watcher that is asked at the start and at the end of a run.

use std::fmt::Write as _;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::config::{self, Ping};
use crate::exit::Exit;
use crate::http;
use crate::report::{self, Complaint};
use crate::stop::Stop;

/// Bytes of a body, at most: watchers keep no more.
const LIMIT: usize = 10_000;

/// How long somebody is waited for who is silent after a signal: then the process is to end.
const AFTER_SIGNAL: Duration = Duration::from_secs(1);

/// What the end has at least, however long the start took.
const LEAST: Duration = Duration::from_secs(1);

/// How often a wait looks for a signal.
const SLICE: Duration = Duration::from_millis(100);

/// A word on its way; what came of it.
pub(super) type Sent = Receiver<Result<(), String>>;

fn send(url: String, body: String, way: config::Http, limit: Duration) -> Option<Sent> {
    let (sender, receiver) = mpsc::channel();
    let say = move || {
        let _ = sender.send(http::ping::post(&url, &body, &way, limit));
    };
    // Left behind where it takes too long: it holds nothing that has to be closed.
    thread::Builder::new().name("ping".to_owned()).spawn(say).ok()?;
    Some(receiver)
}

/// Says that the run has begun, beside it.
pub(super) fn begin(ping: &Ping, way: &config::Http, limit: Duration) -> Option<Sent> {
    send(ping.at("start"), String::new(), way.clone(), limit)
}

/// Says how it ended, once the start is heard; what went wrong with that. Both together take no longer
/// than the limit and a second from now on, and after a signal no longer than two.
pub(super) fn end(
    ping: &Ping,
    start: Option<Sent>,
    said: (&report::Pass, Exit),
    way: &config::Http,
    limit: Duration,
    stop: &Stop,
) -> Option<Complaint> {
    let begun = Instant::now();
    if let Some(start) = start
        && let Some(Err(error)) = answer(&start, limit, stop)
    {
        // One warning a run is enough: the end will meet with the same.
        log::debug!("failed to tell {ping} of the start: {error}");
    }
    let left = limit.saturating_sub(begun.elapsed()).max(LEAST.min(limit));
    let (report, exit) = said;
    let sent = send(ping.at(&exit.code().to_string()), body(report, exit), way.clone(), left)?;
    let error = match answer(&sent, left.saturating_add(SLICE), stop) {
        Some(Ok(())) => return None,
        Some(Err(error)) => error,
        None => "no answer before a signal ended the run".to_owned(),
    };
    Some(Complaint::new("ping", format!("failed to tell {ping} of the end: {error}")))
}

/// What comes of it within the limit.
fn answer(sent: &Sent, limit: Duration, stop: &Stop) -> Option<Result<(), String>> {
    let begun = Instant::now();
    loop {
        match sent.recv_timeout(SLICE) {
            Ok(answer) => return Some(answer),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => {}
        }
        let patience = if stop.is_signalled() { AFTER_SIGNAL.min(limit) } else { limit };
        if begun.elapsed() >= patience {
            return None;
        }
    }
}

/// What people are told, and what went wrong; its end is cut where it is too long.
fn body(report: &report::Pass, exit: Exit) -> String {
    let mut text = format!("{}: exit code {}: {}\n", report.command, exit.code(), exit.sentence());
    for error in &report.errors {
        let _ = writeln!(text, "{error}");
    }
    let _ = write!(text, "{report}");
    for project in &report.projects {
        for error in &project.errors {
            let _ = writeln!(text, "{}: {error}", project.identifier);
        }
    }
    cut(text)
}

fn cut(mut text: String) -> String {
    const MORE: &str = "…\n";
    if text.len() > LIMIT {
        let mut end = LIMIT - MORE.len();
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push_str(MORE);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_cut_between_letters() {
        assert_eq!(cut("ü".repeat(LIMIT / 2)), "ü".repeat(LIMIT / 2));
        for before in ["", "a"] {
            let text = cut(before.to_owned() + &"ü".repeat(LIMIT));
            assert!(text.len() <= LIMIT && text.len() > LIMIT - 6, "{} bytes", text.len());
            assert!(text.ends_with("ü…\n"));
        }
    }
}
