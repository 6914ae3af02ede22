//! What was measured, for people; each figure that has a bar beside it.

use std::fmt::Write as _;

use crate::measure::{Kind, Measured, Row};

/// The bars are set at this size.
const MEASURE: (usize, usize) = (100, 500);

/// Any pass, at that size.
const PEAK_BYTES: f64 = 20e6;

/// At 50,000 pairs.
const STATE_BYTES: f64 = 60e6;

pub(crate) fn render(result: &Measured) -> String {
    let at_size = (result.projects, result.issues) == MEASURE;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} projects of {} issues with {} bytes of text, {}, {} jobs; lists {}; \
         medians of {} runs\n\n{:<6} {:>8} {:>8} {:>13} {:>15} {:>9} {:>14} {:>8} {:>13} {:>10} {:>9}",
        result.projects,
        result.issues,
        result.text_bytes,
        match result.generation {
            _ if result.platform => "the platform's own API".to_owned(),
            generation => format!("bridge of generation {generation}"),
        },
        result.jobs,
        if result.from_memory { "from memory" } else { "written anew" },
        result.runs,
        "pass",
        "wall s",
        "floor s",
        "ratio",
        "CPU s",
        "floor CPU",
        "peak MB",
        "requests",
        "connections",
        "writes",
        "MB",
    );
    for row in &result.rows {
        line(&mut text, row, result.jobs, at_size);
    }
    let size = result.state_bytes as f64;
    let bar = (result.pairs() == MEASURE.0 * MEASURE.1).then_some(STATE_BYTES / 1e6);
    let _ = writeln!(
        text,
        "\nstate file: {} MB, {:.0} bytes a pair\nconnections: to Huly + to Vibe Kanban; (<= n): \
         the bar; !: over it",
        barred(size / 1e6, 1, bar),
        size / result.pairs() as f64,
    );
    text
}

fn line(text: &mut String, row: &Row, jobs: usize, at_size: bool) {
    let (ratio, cpu) = match row.kind {
        Kind::First => (2.5, None),
        Kind::Full => (1.4, Some(0.35)),
        Kind::Idle => (1.4, None),
    };
    let most = row.connections_huly.max(row.connections_vibe);
    let connections = format!(
        "{}+{}{}",
        row.connections_huly,
        row.connections_vibe,
        if most > jobs as u64 { " !" } else { "" }
    );
    let _ = writeln!(
        text,
        "{:<6} {:>8.3} {:>8.3} {:>13} {:>15} {:>9.3} {:>14} {:>8} {:>13} {:>10} {:>9.1}",
        format!("{:?}", row.kind).to_lowercase(),
        row.wall_ms / 1000.0,
        row.floor_wall_ms / 1000.0,
        barred(row.ratio, 2, at_size.then_some(ratio)),
        barred(row.cpu_ms / 1000.0, 3, cpu.filter(|_| at_size)),
        row.floor_cpu_ms / 1000.0,
        barred(row.peak_bytes as f64 / 1e6, 1, at_size.then_some(PEAK_BYTES / 1e6)),
        row.requests,
        format!("{connections} (<= {jobs})"),
        barred(row.writes as f64, 0, Some(0.0)),
        row.received_bytes as f64 / 1e6,
    );
}

/// A figure with its bar, and a mark where it is over it.
fn barred(value: f64, digits: usize, bar: Option<f64>) -> String {
    let Some(bar) = bar else { return format!("{value:.digits$}") };
    let mark = if value > bar { " !" } else { "" };
    format!("{value:.digits$}{mark} (<= {bar})")
}
