//! The page as text: whole, escaped, bounded.

use std::time::Instant;

use super::*;
use crate::model::Side;
use crate::store::losers::Kind;
use crate::store::overview::{File, Pending, Project};
use crate::store::runs::Run;
use crate::store::sums::Sums;

const NOW: Millis = 1_790_000_000_000;
const HOSTILE: &str = "</td></title><script>alert(1)</script><img src=//x onerror='y'>\u{202e}\"&";

fn overview(runs: usize, projects: usize, text: &str) -> Overview {
    let run = |at: usize| {
        let started = NOW - 300_000 * (at as Millis + 1);
        Run {
            id: at as i64 + 1,
            command: "sync".to_owned(),
            started,
            ended: Some(started + 1_500 + (at as Millis * 37) % 900),
            exit: Some([0, 0, 0, 75, 0, 3][at % 6]),
            created: (at % 7) as u64,
            updated: (at % 11) as u64,
            failed: u64::from(at.is_multiple_of(50)),
            peak_rss: 9_000_000 + (at as u64 % 13) * 40_000,
            message: Some(text.to_owned()),
            ..Run::default()
        }
    };
    let runs: Vec<Run> = (0..runs).map(run).collect();
    let project = |at: usize| Project {
        identifier: format!("P{at}{text}"),
        vibe_id: None,
        success: (!at.is_multiple_of(3)).then_some(NOW - 400_000),
        outcome: Some(["ok", "failed", "skipped", text][at % 4].to_owned()),
        message: (!at.is_multiple_of(4)).then(|| text.repeat(20)),
        issues: 12_345,
        links: 12_300,
        pending: at as u64 % 3,
        drift: 0,
    };
    let pending = |at: usize| Pending {
        project: "P".to_owned(),
        item: format!("P-{at}{text}"),
        reason: "refused".to_owned(),
        since: NOW - 5_000_000,
        message: text.repeat(20),
    };
    Overview {
        last_pass: runs.first().cloned(),
        last_push: None,
        runs,
        last_success: Some(NOW - 300_000),
        sums: Sums::default(),
        projects: (0..projects).map(project).collect(),
        issues: 1,
        links: 4_200_000,
        tombstones: 1,
        open_conflicts: 60,
        pending: (0..200).map(pending).collect(),
        pending_total: 500,
        file: File { bytes: 1 << 24, free_bytes: 1 << 12 },
    }
}

fn conflicts(text: &str) -> Vec<Loser> {
    let one = |id| Loser {
        id,
        project: "P".to_owned(),
        identifier: format!("P-{id}{text}"),
        task: None,
        field: "description".to_owned(),
        kind: Kind::Conflict,
        winner: Side::Huly,
        lost: text.repeat(4),
        won: text.repeat(4),
        at: NOW - 90_000_000,
        acked: None,
    };
    (0..i64::from(CONFLICTS)).map(one).collect()
}

#[test]
fn no_title_becomes_markup() {
    let page = render(&overview(30, 8, HOSTILE), &conflicts(HOSTILE), NOW);
    for sign in ["<script", "<img", "onerror='", "alert(1)<"] {
        assert!(!page.contains(sign), "{sign}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert_eq!(page.matches("</title>").count(), page.matches("<title>").count());
    // Every piece of text that comes from outside may turn the direction, inside of its own bounds.
    assert_eq!(page.matches("<bdi>").count(), page.matches("</bdi>").count());
    let outside = page.split("<bdi>").map(|part| part.rsplit("</bdi>").next().unwrap());
    // Attributes know no such bounds, and need none.
    assert!(outside.filter(|part| part.contains('\u{202e}')).all(|part| part.contains("title=\"")));
}

#[test]
fn nothing_is_loaded_from_anywhere() {
    let page = render(&overview(3, 3, "plain"), &conflicts("plain"), NOW);
    for sign in ["http:", "https:", "src=", "url(", "@import", "<script", "<iframe", "href=\"/"] {
        assert!(!page.contains(sign), "{sign}");
    }
    assert!(page.contains("prefers-color-scheme:dark") && page.contains("width=device-width"));
}

#[test]
fn it_stays_small_however_much_there_is() {
    let wide = "Ünïcode <b> & ".repeat(3);
    for text in ["server error (502) on GET tasks", &wide] {
        let overview = overview(10_000, 400, text);
        let begun = Instant::now();
        let page = render(&overview, &conflicts(text), NOW);
        let took = begun.elapsed();
        assert!(page.len() < 300_000, "{} bytes", page.len());
        // Of a debug build on a machine with other work.
        assert!(took.as_secs() < 2, "{took:?}");
    }
}

#[test]
fn it_says_how_things_stand() {
    let mut overview = overview(3, 2, "why");
    overview.projects.truncate(1);
    let said = |overview: &Overview| {
        let verdict = verdict(overview, NOW);
        (verdict.class, verdict.words)
    };
    assert_eq!(said(&overview), ("well", "All is well".to_owned()));
    overview.projects[0].pending = 1;
    assert_eq!(said(&overview), ("well", "The last pass went well".to_owned()));
    overview.last_success = Some(NOW - 7_300_000);
    assert_eq!(said(&overview), ("badly", "No success for 2 h".to_owned()));
    for (exit, class, words) in [
        (Some(4), "partly", "A guard waits for a person"),
        (Some(3), "partly", "Some of it failed"),
        (Some(2), "badly", "The last pass failed"),
        (None, "later", "A pass is under way"),
        (Some(75), "later", "The last pass was cut short"),
    ] {
        overview.last_success = Some(NOW - 300_000);
        overview.last_pass.as_mut().unwrap().exit = exit;
        assert_eq!(said(&overview), (class, words.to_owned()));
    }
    let page = render(&overview, &[], NOW);
    assert!(page.contains("440 more. Each pass looks at them again."), "{page}");
    overview.last_pass = None;
    overview.runs.clear();
    overview.last_success = None;
    overview.projects.clear();
    overview.pending.clear();
    let page = render(&overview, &[], NOW);
    assert!(page.contains("No pass yet") && !page.contains("<svg") && !page.contains("<table"));
}
