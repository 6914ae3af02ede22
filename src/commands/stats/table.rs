//! `stats` for people.

use std::fmt::Write as _;

use crate::exit::Exit;
use crate::model::Millis;
use crate::report::{bytes, one_line, time};
use crate::store::overview::Overview;

pub(super) fn render(overview: &Overview, now: Millis) -> String {
    let mut text = String::new();
    runs(&mut text, overview);
    projects(&mut text, overview, now);
    open(&mut text, overview);
    let file = &overview.file;
    let _ = writeln!(
        text,
        "state: {} ({} free inside), {} issues, {} pairs, {} tombstones",
        bytes(file.bytes),
        bytes(file.free_bytes),
        overview.issues,
        overview.links,
        overview.tombstones
    );
    text
}

fn runs(text: &mut String, overview: &Overview) {
    let _ = writeln!(
        text,
        "{:<24} {:<12} {:>4} {:>8} {:>8} {:>8} {:>8} {:>9} {:>7} {:>8} {:>9}",
        "run",
        "command",
        "exit",
        "seconds",
        "created",
        "updated",
        "deleted",
        "conflicts",
        "failed",
        "requests",
        "memory"
    );
    for run in &overview.runs {
        let seconds = run.ended.map(|ended| (ended - run.started) as f64 / 1000.0);
        let _ = writeln!(
            text,
            "{:<24} {:<12} {:>4} {:>8} {:>8} {:>8} {:>8} {:>9} {:>7} {:>8} {:>9}",
            time(run.started),
            run.command,
            run.exit.map_or("?".to_owned(), |exit| exit.to_string()),
            seconds.map_or("?".to_owned(), |seconds| format!("{seconds:.1}")),
            run.created,
            run.updated,
            run.deleted,
            run.conflicts,
            run.failed,
            run.requests,
            bytes(run.peak_rss)
        );
        let failed = run.exit.is_some_and(|exit| exit != Exit::Done.code());
        if let Some(message) = run.message.as_ref().filter(|_| failed) {
            let _ = writeln!(text, "    {}", first_line(message));
        }
    }
    text.push('\n');
}

/// As much of a message as goes under a run.
fn first_line(message: &str) -> String {
    const SHOWN: usize = 120;
    let line = message.lines().next().unwrap_or_default();
    let is_cut = line.len() < message.trim_end().len() || line.chars().nth(SHOWN).is_some();
    let shown: String = line.chars().take(SHOWN).collect();
    format!("{shown}{}", if is_cut { " …" } else { "" })
}

fn projects(text: &mut String, overview: &Overview, now: Millis) {
    let _ = writeln!(
        text,
        "{:<14} {:<8} {:<24} {:>7} {:>7} {:>7} {:>6}",
        "project", "outcome", "last success", "issues", "pairs", "pending", "drift"
    );
    for project in &overview.projects {
        let _ = writeln!(
            text,
            "{:<14} {:<8} {:<24} {:>7} {:>7} {:>7} {:>6}",
            one_line(&project.identifier),
            project.outcome.as_deref().unwrap_or("-"),
            project.success.map_or("never".to_owned(), time),
            project.issues,
            project.links,
            project.pending,
            project.drift
        );
        if let Some(message) = &project.message {
            let _ = writeln!(text, "    {}", one_line(message));
        }
    }
    if let Some(longest) = overview.longest_waiting() {
        let waited = longest.success.map_or("for ever".to_owned(), |at| {
            let seconds = u64::try_from((now - at).max(0) / 1000).unwrap_or_default();
            format!("for {}", humantime::format_duration(std::time::Duration::from_secs(seconds)))
        });
        let _ = writeln!(text, "waited longest: {} {waited}", one_line(&longest.identifier));
    }
    text.push('\n');
}

fn open(text: &mut String, overview: &Overview) {
    if overview.open_conflicts > 0 {
        let _ = writeln!(text, "{} open conflicts: see `conflicts`", overview.open_conflicts);
    }
    for pending in &overview.pending {
        let _ = writeln!(
            text,
            "pending {} {} ({}, since {}): {}",
            one_line(&pending.project),
            one_line(&pending.item),
            pending.reason,
            time(pending.since),
            one_line(&pending.message)
        );
    }
    if overview.pending_total > overview.pending.len() as u64 {
        let more = overview.pending_total - overview.pending.len() as u64;
        let _ = writeln!(text, "pending: {more} more");
    }
}
