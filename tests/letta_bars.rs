//! What a push may cost, measured: `cargo test --release --test letta_bars -- --ignored --nocapture
//! --test-threads 1`. Requests are counted by the behaviour tests, too; time and memory only here.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use huly_vibe_sync::config::Config;
use huly_vibe_sync::letta::blocks::{self, fit};
use huly_vibe_sync::letta::describe::describe;
use huly_vibe_sync::memory;
use huly_vibe_sync::model::{Hash, Side};
use huly_vibe_sync::store::issues::{Base, Link, Row};
use huly_vibe_sync::store::{self, Store, projects};
use serde_json::Value;

mod support;

use support::letta::controls::PASSWORD;
use support::{LettaVersion, Setup, World};

const NOW: i64 = 1_795_422_776_821;
const MIB: u64 = 1 << 20;

/// A state of this many projects that were synced, each with so many issues.
fn fill(path: &Path, count: usize, issues: usize) {
    let store = Store::open(path).unwrap();
    for project in 0..count {
        let rows: Vec<Row> = (0..issues).map(|issue| row(project, issue)).collect();
        store
            .write(|state| {
                let name = format!("P{project:03}");
                let id = projects::keep(state, &name, &format!("Project {project}"))?.id;
                projects::pair(state, id, &format!("vibe-{project}"), "Project", Some("/srv/p"))?;
                store::issues::put_all(state, id, &rows)?;
                projects::succeeded(state, id, NOW)
            })
            .unwrap();
    }
}

fn row(project: usize, issue: usize) -> Row {
    const STATUSES: [&str; 6] = ["Backlog", "Todo", "In Progress", "In Review", "Done", "Canceled"];
    const PRIORITIES: [&str; 5] = ["NoPriority", "Low", "Medium", "High", "Urgent"];
    let title = format!("Überarbeitung der Anzeige {issue}: it is blocked by \"{project}\"");
    let text = Hash::of(title.as_bytes());
    let base =
        Base { title: Some(title.clone()), status: Some("Done".to_owned()), text: Some(text) };
    let at = NOW - issue as i64 * 3_600_000;
    Row {
        id: 0,
        identifier: format!("P{project:03}-{issue}"),
        remote_id: None,
        created: Some(at),
        modified: Some(at),
        title: title.clone(),
        status: Some(STATUSES[issue % STATUSES.len()].to_owned()),
        status_since: Some(at),
        priority: PRIORITIES[issue % PRIORITIES.len()].to_owned(),
        text: Some(text),
        text_ref: None,
        link: (!issue.is_multiple_of(10)).then(|| Link {
            task: format!("{project:08}-0000-4000-8000-{issue:012}"),
            marked: Side::Vibe,
            task_created: Some(at),
            task_updated: Some(at),
            task_title: title,
            task_status: "done".to_owned(),
            task_text: text,
            huly: base.clone(),
            vibe: base,
        }),
    }
}

/// What this thread has worked so far: a machine that is busy otherwise does not count.
fn worked() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

/// The peak counts anew from here on.
fn reset_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

#[test]
#[ignore = "measures: in a release build, alone"]
fn blocks_of_400_projects_with_2000_issues_each() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    fill(&path, 400, 2000);
    let store = Store::open(&path).unwrap();
    let config = Config::default();
    let all = store.read(projects::all).unwrap();
    reset_peak();
    let (before, begun) = (memory::resident().unwrap(), worked());
    let mut bytes = 0;
    for project in &all {
        let told = store.read(|state| describe(state, project, &config, NOW)).unwrap();
        bytes +=
            told.values.into_iter().map(|value| fit(value, blocks::LIMIT).len()).sum::<usize>();
    }
    let each = (worked() - begun) / u32::try_from(all.len()).unwrap();
    let peak = memory::peak().unwrap();
    println!(
        "blocks of 400 x 2000: {each:?} a project, peak {} MiB ({} MiB before), {} bytes a project",
        peak / MIB,
        before / MIB,
        bytes / all.len()
    );
    assert!(each <= Duration::from_millis(5));
    assert!(peak <= 20 * MIB);
}

/// One `letta-push` of the binary: its report, and how long it took.
fn push(state: &Path, url: &str, args: &[&str]) -> (Value, Duration) {
    let begun = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_huly-vibe-sync"))
        .args([&["letta-push", "--json", "--state", state.to_str().unwrap()], args].concat())
        .env_clear()
        .envs([("HOME", "/nonexistent"), ("LETTA_BASE_URL", url), ("LETTA_PASSWORD", PASSWORD)])
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .unwrap();
    let took = begun.elapsed();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    (serde_json::from_slice(&output.stdout).unwrap(), took)
}

fn tell(what: &str, (report, took): &(Value, Duration)) {
    let (letta, peak) = (&report["http"]["letta"], report["peak_rss_bytes"].as_u64().unwrap());
    println!(
        "{what}: {} requests, {took:?}, peak {:.1} MiB, {} bytes received",
        letta["requests"],
        peak as f64 / MIB as f64,
        letta["bytes"]
    );
}

#[test]
#[ignore = "measures: in a release build, alone"]
fn pushes_of_100_projects() {
    for issues in [50, 2000] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        fill(&path, 100, issues);
        let mut world = World::start(Setup::new(folder.path()));
        let url = world.start_letta(LettaVersion::V0_16_8).url();
        let first = push(&path, &url, &[]);
        tell(&format!("first push, 100 x {issues}"), &first);
        assert_eq!(first.0["http"]["letta"]["requests"], 101);
        let unchanged = push(&path, &url, &[]);
        tell(&format!("unchanged push, 100 x {issues}"), &unchanged);
        assert_eq!(unchanged.0["http"]["letta"]["requests"], 0);
        assert!(unchanged.1 <= Duration::from_millis(200), "{:?}", unchanged.1);
        assert!(unchanged.0["peak_rss_bytes"].as_u64().unwrap() <= 20 * MIB);
        let verified = push(&path, &url, &["--verify"]);
        tell(&format!("verify, 100 x {issues}"), &verified);
        assert!(verified.0["http"]["letta"]["requests"].as_u64().unwrap() <= 2);
    }
}
