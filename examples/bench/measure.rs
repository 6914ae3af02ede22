//! The runs: each pass followed by its floor, so that a busy minute hits both.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;

use crate::child::{self, Taken};
use crate::options::{Options, Role};
use crate::servers::{Counted, Servers};

/// Which pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// An empty state, both sides full: pairs are adopted by their markers.
    First,
    /// Everything is read, nothing has changed.
    Full,
    /// What changed is read, nothing has changed.
    Idle,
}

/// Medians over the runs of one kind; counts are the largest.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    pub(crate) kind: Kind,
    pub(crate) wall_ms: f64,
    pub(crate) floor_wall_ms: f64,
    /// The median of the ratios, not the ratio of the medians.
    pub(crate) ratio: f64,
    pub(crate) cpu_ms: f64,
    pub(crate) floor_cpu_ms: f64,
    pub(crate) cpu_ratio: f64,
    /// The largest.
    pub(crate) peak_bytes: u64,
    pub(crate) floor_peak_bytes: u64,
    pub(crate) requests: u64,
    pub(crate) writes: u64,
    pub(crate) connections_huly: u64,
    pub(crate) connections_vibe: u64,
    pub(crate) received_bytes: u64,
}

/// All that was measured.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Measured {
    pub(crate) projects: usize,
    pub(crate) issues: usize,
    pub(crate) text_bytes: usize,
    pub(crate) generation: u8,
    pub(crate) platform: bool,
    pub(crate) jobs: usize,
    pub(crate) from_memory: bool,
    pub(crate) runs: u32,
    pub(crate) rows: Vec<Row>,
    pub(crate) state_bytes: u64,
}

struct Run {
    pass: Taken,
    floor: Taken,
    counted: Counted,
}

struct Bench<'a> {
    options: &'a Options,
    servers: Servers,
    folder: PathBuf,
}

/// Measures everything.
pub(crate) fn all(options: &Options) -> Result<Measured> {
    let folder = tempfile::tempdir()?;
    let servers = Servers::start(options, folder.path())?;
    let mut bench = Bench { options, servers, folder: folder.path().to_owned() };
    let state = bench.state("kept");
    // The simulators lay their answers by when they are first asked for; and there is a state to
    // go on from.
    for _ in 0..2 {
        bench.once(&state, true)?;
    }
    bench.once(&state, false)?;
    let rows = [Kind::First, Kind::Full, Kind::Idle]
        .into_iter()
        .map(|kind| bench.kind(kind, &state))
        .collect::<Result<Vec<Row>>>()?;
    let Options { projects, issues, text, generation, platform, jobs, from_memory, runs, .. } =
        *options;
    let state_bytes = fs::metadata(&state)?.len();
    let text_bytes = text;
    Ok(Measured {
        projects,
        issues,
        text_bytes,
        generation,
        platform,
        jobs,
        from_memory,
        runs,
        rows,
        state_bytes,
    })
}

impl Bench<'_> {
    fn state(&self, name: &str) -> PathBuf {
        self.folder.join(name).join("state.db")
    }

    fn kind(&mut self, kind: Kind, state: &Path) -> Result<Row> {
        let mut runs = Vec::new();
        for number in 0..self.options.runs {
            runs.push(match kind {
                Kind::First => {
                    let empty = self.state(&format!("first-{number}"));
                    let run = self.once(&empty, false)?;
                    if let Some(folder) = empty.parent() {
                        fs::remove_dir_all(folder)?;
                    }
                    run
                }
                Kind::Full => self.once(state, true)?,
                Kind::Idle => self.once(state, false)?,
            });
        }
        Ok(row(kind, &runs))
    }

    /// A pass, then its floor.
    fn once(&mut self, state: &Path, full: bool) -> Result<Run> {
        self.servers.watch()?;
        let pass = child::run(self.options, &self.servers, Role::Pass, state, full)?;
        let counted = self.servers.counted()?;
        let asked = self.servers.asked()?;
        fs::write(state.with_extension("requests"), serde_json::to_vec(&asked)?)?;
        let floor = child::run(self.options, &self.servers, Role::Floor, state, full)?;
        Ok(Run { pass, floor, counted })
    }
}

fn row(kind: Kind, runs: &[Run]) -> Row {
    let middle = |value: &dyn Fn(&Run) -> f64| median(runs.iter().map(value).collect());
    let most = |value: &dyn Fn(&Run) -> u64| runs.iter().map(value).max().unwrap_or_default();
    Row {
        kind,
        wall_ms: middle(&|run| run.pass.wall_ms),
        floor_wall_ms: middle(&|run| run.floor.wall_ms),
        ratio: middle(&|run| run.pass.wall_ms / run.floor.wall_ms),
        cpu_ms: middle(&|run| run.pass.cpu_ms),
        floor_cpu_ms: middle(&|run| run.floor.cpu_ms),
        cpu_ratio: middle(&|run| run.pass.cpu_ms / run.floor.cpu_ms),
        peak_bytes: most(&|run| run.pass.peak_bytes),
        floor_peak_bytes: most(&|run| run.floor.peak_bytes),
        requests: most(&|run| run.counted.huly.requests + run.counted.vibe.requests),
        writes: most(&|run| run.counted.huly.writes + run.counted.vibe.writes),
        connections_huly: most(&|run| run.counted.huly.connections),
        connections_vibe: most(&|run| run.counted.vibe.connections),
        received_bytes: most(&|run| run.counted.huly.bytes_out + run.counted.vibe.bytes_out),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() % 2 {
        1 => values[half],
        _ => f64::midpoint(values[half - 1], values[half]),
    }
}

impl Measured {
    /// Nothing was to be done in any of these passes.
    pub(crate) fn is_quiet(&self) -> bool {
        self.rows.iter().all(|row| row.writes == 0)
    }

    pub(crate) fn pairs(&self) -> usize {
        self.projects * self.issues
    }
}
