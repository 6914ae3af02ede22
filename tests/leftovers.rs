//! A pass leaves nothing behind in the process that ran it: no connection, file handle or thread.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use huly_vibe_sync::config::{Config, Selection};
use huly_vibe_sync::exit::Exit;
use huly_vibe_sync::http::{Http, Proxy};
use huly_vibe_sync::huly::bridge::Bridge;
use huly_vibe_sync::stop::{Reason, Stop};
use huly_vibe_sync::store::Store;
use huly_vibe_sync::sync::Watcher;
use huly_vibe_sync::sync::input::Input;
use huly_vibe_sync::sync::pass;
use huly_vibe_sync::vibe::Vibe;

mod support;

use support::{BridgeGeneration, Fault, Setup, When, World};

/// What the process holds: open handles by what they lead to, and threads.
#[derive(Debug, PartialEq, Eq)]
struct Held {
    handles: BTreeSet<(String, PathBuf)>,
    threads: BTreeSet<String>,
}

fn held() -> Held {
    let names = |folder: &str| -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let handles = names("/proc/self/fd").into_iter().filter_map(|number| {
        // The handle of this very listing is gone again.
        let target = fs::read_link(format!("/proc/self/fd/{number}")).ok()?;
        Some((number, target))
    });
    Held { handles: handles.collect(), threads: names("/proc/self/task").into_iter().collect() }
}

/// The simulators run in this process: their ends of the connections close a moment after ours.
#[track_caller]
fn assert_as_before(before: &Held, what: &str) {
    let begun = Instant::now();
    loop {
        let now = held();
        if now == *before {
            return;
        }
        let handles: Vec<_> = now.handles.difference(&before.handles).collect();
        let threads: Vec<_> = now.threads.difference(&before.threads).collect();
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{what} left handles {handles:?} and threads {threads:?}"
        );
        thread::sleep(Duration::from_millis(5));
    }
}

struct Silent;

impl Watcher for Silent {
    fn started(&mut self, _: usize) {}
    fn begun(&mut self, _: &str) {}
    fn ended(&mut self, _: &str, _: u64) {}
}

/// A pass as the command runs it; `None` when it failed as a whole.
fn run(world: &World, state: &Path, stop: Stop, full: bool) -> Option<Exit> {
    let mut config = Config::default();
    config.http.backoff = Duration::from_millis(2);
    let http = Http::new(&config.http, config.sync.jobs, stop.clone(), Proxy::Off);
    let input = Input {
        huly: Arc::new(Bridge::new(&world.huly.url(), 1_000, &http)),
        vibe: Vibe::new(&world.vibe.url(), &http),
        selection: Selection::default(),
        full,
        dry_run: false,
        wish: None,
        store: Arc::new(Store::open(state).unwrap()),
        stop,
        now: world.huly.now_ms(),
        config,
    };
    pass::run(input, &mut Silent).ok().map(|output| output.exit.unwrap_or(Exit::Done))
}

// One test: whatever ran beside it would be counted too.
#[test]
fn a_pass_leaves_no_connection_handle_or_thread_behind() {
    for bridge in [BridgeGeneration::First, BridgeGeneration::Second] {
        let folder = tempfile::tempdir().unwrap();
        let repos = folder.path().join("repos");
        fs::create_dir(&repos).unwrap();
        let state = folder.path().join("state/state.db");
        let world = World::start(Setup::new(&repos).bridge(bridge));
        for number in 0..6 {
            let (identifier, name) = (format!("P{number}"), format!("Project {number}"));
            world.huly.add_project(&identifier, &name);
            let vibe = world.vibe.add_project(&name);
            for item in 0..3 {
                world.huly.add_issue(&identifier, &format!("Issue {item}"), "text", "Todo");
                world.vibe.add_task(&vibe, &format!("Task {item}"), "text", "done");
            }
        }
        let none = || Stop::new(None);
        let before = held();

        assert_eq!(run(&world, &state, none(), false), Some(Exit::Done));
        assert!(world.vibe.counters().connections > 1, "there was something to close");
        assert_as_before(&before, "a first pass");

        assert_eq!(run(&world, &state, none(), false), Some(Exit::Done));
        assert_as_before(&before, "a quiet pass");
        assert_eq!(run(&world, &state, none(), true), Some(Exit::Done));
        assert_as_before(&before, "a full pass");

        // Answers that end in the middle, that never come, and those of a web page.
        world
            .vibe
            .fault(When::on("GET", "/api/tasks").first(2), Fault::Truncate { after_bytes: 99 });
        world.vibe.fault(When::on("GET", "/api/tasks").nth(3), Fault::ShortBody);
        world.huly.fault(When::on("GET", "/issues").nth(2), Fault::Close);
        world.huly.fault(When::on("GET", "/issues").nth(3), Fault::Html);
        world.huly.fail_project("P5", Some("no"));
        assert_eq!(run(&world, &state, none(), true), Some(Exit::Partial));
        assert_as_before(&before, "a pass with faults");
        world.vibe.clear_faults();
        world.huly.clear_faults();

        world.vibe.fault(When::on("GET", "/api/projects"), Fault::status(404));
        assert_eq!(run(&world, &state, none(), true), None);
        assert_as_before(&before, "a pass that failed");
        world.vibe.clear_faults();

        // In the middle of a list, with other workers at theirs.
        let stop = none();
        let raised = stop.clone();
        world
            .vibe
            .before(When::on("GET", "/api/tasks").nth(2), move || raised.raise(Reason::Signal));
        assert_eq!(run(&world, &state, stop, true), Some(Exit::Later));
        assert_as_before(&before, "a pass that was ended");
        world.vibe.forget_acts();

        let beside = fs::read_dir(state.parent().unwrap()).unwrap();
        let names: Vec<_> = beside.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["state.db"], "no spool, and no log of the database");
    }
}
