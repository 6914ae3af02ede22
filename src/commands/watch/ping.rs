//! The watcher that is asked at the start and at the end of a run.

use std::fmt::Write as _;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::config::{self, Ping};
use crate::exit::Exit;
use crate::http;
use crate::report::{self, Complaint};

/// Bytes of a body, at most: watchers keep no more.
const LIMIT: usize = 10_000;

/// Says that the run has begun, beside it.
pub(super) fn begin(ping: Ping, way: config::Http, limit: Duration) -> Option<JoinHandle<()>> {
    let say = move || {
        if let Err(error) = http::ping::post(&ping.at("start"), "", &way, limit) {
            // One warning a run is enough: the end will meet with the same.
            log::debug!("failed to tell {ping} of the start: {error}");
        }
    };
    thread::Builder::new().name("ping".to_owned()).spawn(say).ok()
}

/// Says how it ended; what went wrong with that.
pub(super) fn end(
    ping: &Ping,
    report: &report::Pass,
    exit: Exit,
    way: &config::Http,
    limit: Duration,
) -> Option<Complaint> {
    let url = ping.at(&exit.code().to_string());
    let error = http::ping::post(&url, &body(report, exit), way, limit).err()?;
    let text = format!("failed to tell {ping} of the end: {error}");
    Some(Complaint::new("ping", text))
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
