//! `stats` for a node exporter's text files.

use std::fmt::{Display, Write as _};

use crate::model::Millis;
use crate::report::printable;
use crate::store::overview::Overview;
use crate::store::runs::Run;

/// The command whose runs are told apart from passes.
const PUSH: &str = "letta-push";

/// One metric: name, type, help, samples of (labels, value).
struct Metric {
    name: &'static str,
    kind: &'static str,
    help: &'static str,
    samples: Vec<(String, String)>,
}

/// All that the state tells.
pub(in crate::commands) fn render(overview: &Overview) -> String {
    text(metrics(overview))
}

/// What a run tells of itself, where there is no state to read.
pub(in crate::commands) fn render_run(run: &Run) -> String {
    if run.command == PUSH { text(last_push(run)) } else { text(last_run(run)) }
}

fn text(metrics: Vec<Metric>) -> String {
    let mut text = String::new();
    for metric in metrics {
        if metric.samples.is_empty() {
            continue;
        }
        let _ = writeln!(text, "# HELP {} {}", metric.name, metric.help);
        let _ = writeln!(text, "# TYPE {} {}", metric.name, metric.kind);
        for (labels, value) in metric.samples {
            let _ = writeln!(text, "{}{labels} {value}", metric.name);
        }
    }
    text
}

fn metrics(overview: &Overview) -> Vec<Metric> {
    let mut all = overview.last_pass.as_ref().map(last_run).unwrap_or_default();
    if let Some(at) = overview.last_success {
        all.push(gauge(
            "huly_vibe_sync_last_success_timestamp_seconds",
            "When a pass last ended with exit code 0.",
            single(seconds(at)),
        ));
    }
    all.extend(overview.last_push.as_ref().map(last_push).unwrap_or_default());
    all.extend(totals(overview));
    all.extend(projects(overview));
    all
}

fn gauge(name: &'static str, help: &'static str, samples: Vec<(String, String)>) -> Metric {
    Metric { name, kind: "gauge", help, samples }
}

fn single(value: impl Display) -> Vec<(String, String)> {
    vec![(String::new(), value.to_string())]
}

fn seconds(at: Millis) -> String {
    // A clock that was set back in the middle of a pass gives less than zero.
    format!("{:.3}", at as f64 / 1000.0)
}

fn label(name: &str, value: &str) -> String {
    let value = printable(value).replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("{{{name}=\"{value}\"}}")
}

fn last_run(run: &Run) -> Vec<Metric> {
    let mut all = vec![
        gauge(
            "huly_vibe_sync_last_run_start_timestamp_seconds",
            "When the last pass began.",
            single(seconds(run.started)),
        ),
        gauge(
            "huly_vibe_sync_last_run_peak_memory_bytes",
            "Largest resident memory of the last pass.",
            single(run.peak_rss),
        ),
    ];
    if let (Some(ended), Some(exit)) = (run.ended, run.exit) {
        all.push(gauge(
            "huly_vibe_sync_last_run_exit_code",
            "Exit code of the last pass.",
            single(exit),
        ));
        all.push(gauge(
            "huly_vibe_sync_last_run_duration_seconds",
            "How long the last pass took.",
            single(seconds(ended - run.started)),
        ));
    }
    let items = [
        ("created", run.created),
        ("updated", run.updated),
        ("deleted", run.deleted),
        ("failed", run.failed),
        ("pending", run.pending),
    ];
    all.push(gauge(
        "huly_vibe_sync_last_run_items",
        "Items of the last pass, by what was done.",
        items.map(|(what, count)| (label("action", what), count.to_string())).into(),
    ));
    all
}

/// Pushes of their own: those of a pass are part of it.
fn last_push(run: &Run) -> Vec<Metric> {
    let mut all = vec![gauge(
        "huly_vibe_sync_last_letta_push_start_timestamp_seconds",
        "When `letta-push` last began.",
        single(seconds(run.started)),
    )];
    if let Some(exit) = run.exit {
        all.push(gauge(
            "huly_vibe_sync_last_letta_push_exit_code",
            "Exit code of the last `letta-push`.",
            single(exit),
        ));
    }
    all
}

/// Over all passes: none of them falls when old runs are pruned.
fn totals(overview: &Overview) -> Vec<Metric> {
    let sums = &overview.sums;
    let counter =
        |name, help, value: u64| Metric { name, kind: "counter", help, samples: single(value) };
    vec![
        counter("huly_vibe_sync_runs_total", "Passes since the state was made.", sums.runs),
        counter("huly_vibe_sync_changes_total", "Items made, changed or ended.", sums.changes),
        counter("huly_vibe_sync_conflicts_total", "Values that lost.", sums.conflicts),
        counter("huly_vibe_sync_failures_total", "Items that failed.", sums.failed),
        counter("huly_vibe_sync_http_requests_total", "Requests sent.", sums.requests),
        counter("huly_vibe_sync_http_retries_total", "Requests repeated.", sums.retries),
        counter("huly_vibe_sync_http_received_bytes_total", "Body bytes received.", sums.bytes),
    ]
}

fn projects(overview: &Overview) -> Vec<Metric> {
    let each = |value: &dyn Fn(&crate::store::overview::Project) -> Option<String>| {
        overview
            .projects
            .iter()
            .filter_map(|project| Some((label("project", &project.identifier), value(project)?)))
            .collect::<Vec<_>>()
    };
    vec![
        gauge(
            "huly_vibe_sync_project_last_success_timestamp_seconds",
            "When a project's pass last came to its end.",
            each(&|project| project.success.map(seconds)),
        ),
        gauge(
            "huly_vibe_sync_project_pairs",
            "Linked pairs of a project.",
            each(&|project| Some(project.links.to_string())),
        ),
        gauge(
            "huly_vibe_sync_project_pending",
            "Items of a project that wait for a later pass.",
            each(&|project| Some(project.pending.to_string())),
        ),
        gauge(
            "huly_vibe_sync_project_drift",
            "Pairs of a project whose change may not cross.",
            each(&|project| Some(project.drift.to_string())),
        ),
        gauge(
            "huly_vibe_sync_open_conflicts",
            "Conflicts that nobody has acknowledged.",
            single(overview.open_conflicts),
        ),
        gauge("huly_vibe_sync_state_bytes", "Size of the state file.", single(overview.file.bytes)),
        gauge(
            "huly_vibe_sync_state_free_bytes",
            "Free pages inside of the state file.",
            single(overview.file.free_bytes),
        ),
    ]
}
