//! The lists of the page: what needs somebody, and how each project stands.

use std::fmt::Write as _;

use crate::model::Millis;
use crate::store::losers::Loser;
use crate::store::overview::{Overview, Project};

use super::chart::grouped;
use super::text::{Brief, Text, clock, span};

/// Waiting items that are shown; the others are counted.
const WAITING: usize = 60;

/// Bytes of a message.
const MESSAGE: usize = 240;

/// The same where more are shown than anybody reads.
const SHORT_MESSAGE: usize = 80;

/// So many are.
const READ: usize = 40;

/// Bytes of a value.
const VALUE: usize = 120;

/// Bytes of a name.
const NAME: usize = 60;

pub(super) fn conflicts(out: &mut String, overview: &Overview, shown: &[Loser], now: Millis) {
    if shown.is_empty() {
        return;
    }
    heading(out, "Open conflicts", overview.open_conflicts);
    for loser in shown {
        let _ = write!(
            out,
            "<li><p class=\"what\"><b><bdi>{}</bdi></b> <span>{} · {} · number {}</span></p>\
             <p><del><bdi>{}</bdi></del> → <ins><bdi>{}</bdi></ins></p></li>",
            Brief(&loser.identifier, NAME),
            Text(&loser.field),
            ago(loser.at, now),
            loser.id,
            Brief(&loser.lost, VALUE),
            Brief(&loser.won, VALUE)
        );
    }
    let hint = "Crossed out is what lost, and is kept: <code>huly-vibe-sync conflicts</code> shows \
                all of it, and takes away what was seen to.";
    ending(out, overview.open_conflicts, shown.len(), hint);
}

pub(super) fn pending(out: &mut String, overview: &Overview, now: Millis) {
    if overview.pending.is_empty() {
        return;
    }
    heading(out, "Failures and waiting items", overview.pending_total);
    let shown = &overview.pending[..overview.pending.len().min(WAITING)];
    for item in shown {
        let _ = write!(
            out,
            "<li><p class=\"what\"><b><bdi>{}</bdi></b> <span><bdi>{}</bdi> · {} · for {}</span></p>\
             <p><bdi>{}</bdi></p></li>",
            Brief(&item.item, NAME),
            Brief(&item.project, NAME),
            Text(&item.reason),
            span(now.saturating_sub(item.since)),
            Brief(&item.message, MESSAGE)
        );
    }
    ending(out, overview.pending_total, shown.len(), "Each pass looks at them again.");
}

fn heading(out: &mut String, title: &str, count: u64) {
    let _ = write!(
        out,
        "<section><h2>{title} <small>{}</small></h2><ul class=\"items\">",
        grouped(count)
    );
}

fn ending(out: &mut String, all: u64, shown: usize, hint: &str) {
    out.push_str("</ul><p class=\"hint\">");
    let more = all.saturating_sub(shown as u64);
    if more > 0 {
        let _ = write!(out, "{} more. ", grouped(more));
    }
    let _ = writeln!(out, "{hint}</p></section>");
}

/// Those that did not go well come first.
pub(super) fn projects(out: &mut String, overview: &Overview, now: Millis) {
    if overview.projects.is_empty() {
        return;
    }
    let mut projects: Vec<&Project> = overview.projects.iter().collect();
    projects.sort_by_key(|project| (is_well(project), &project.identifier));
    let _ = write!(
        out,
        "<section><h2>Projects <small>{}</small></h2><table><thead><tr><th>Project</th>\
         <th>Last success</th><th class=\"n\">Lag</th><th class=\"n wide\">Pairs</th>\
         <th class=\"n\">Waiting</th><th class=\"n wide\">Drift</th></tr></thead><tbody>",
        grouped(projects.len() as u64)
    );
    for (at, project) in projects.into_iter().enumerate() {
        let message = if at < READ { MESSAGE } else { SHORT_MESSAGE };
        row(out, project, message, now);
    }
    out.push_str("</tbody></table></section>\n");
}

fn row(out: &mut String, project: &Project, message_bytes: usize, now: Millis) {
    let class = match project.outcome.as_deref() {
        Some("ok") => "well",
        Some("failed") => "badly",
        Some("partial" | "refused") => "partly",
        Some(_) | None => "later",
    };
    let _ = write!(
        out,
        "<tr><td><i class={class} title=\"{}\"></i><bdi>{}</bdi>",
        Brief(project.outcome.as_deref().unwrap_or("not yet"), NAME),
        Brief(&project.identifier, NAME)
    );
    let success = project.success.map_or("never".to_owned(), clock);
    let lag = project.success.map_or("–".to_owned(), |at| span(now.saturating_sub(at)));
    let _ = write!(
        out,
        "<td>{success}<td class=n>{lag}<td class=\"n wide\">{}<td class=n>{}<td class=\"n wide\">{}",
        grouped(project.links),
        some(project.pending),
        some(project.drift)
    );
    if let Some(message) = &project.message {
        let message = Brief(message, message_bytes);
        let _ = write!(out, "<tr class=more><td colspan=6><p class=why><bdi>{message}</bdi></p>");
    }
}

/// Whether nothing of it needs a look.
pub(super) fn is_well(project: &Project) -> bool {
    project.outcome.as_deref() == Some("ok") && project.message.is_none() && project.pending == 0
}

/// A nought is no news.
fn some(count: u64) -> String {
    if count == 0 { "·".to_owned() } else { grouped(count) }
}

fn ago(at: Millis, now: Millis) -> String {
    format!("{} ago", span(now.saturating_sub(at)))
}
