//! The threads of a pass: each takes the next project, with a spool of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::ensure;
use log::Level;

use crate::contain::contain;
use crate::memory;
use crate::report::{self, Complaint, Ops, Outcome};
use crate::stop::Reason;

use super::context::Context;
use super::done::Done;
use super::pairing::Pair;
use super::project;
use super::stage::Stage;

/// How often the memory bound and the end are looked at.
const WATCH: Duration = Duration::from_millis(100);

/// What a worker tells.
enum News {
    Begun(usize),
    Ended(usize, Box<Done>),
}

/// Watches a pass.
pub trait Watcher {
    /// So many projects are to be done.
    fn started(&mut self, projects: usize);
    /// A worker has taken this project.
    fn begun(&mut self, identifier: &str);
    /// A project is done.
    fn ended(&mut self, identifier: &str, items: u64);
}

/// What a worker does with a project.
type Work = fn(&Context, &Pair, &mut Stage) -> Done;

/// Syncs all pairs, in their order, on up to `jobs` threads; what was not begun, or was given up
/// when the pass was over, stays `None`.
pub(super) fn run(
    pass: &Arc<Context>,
    pairs: &Arc<Vec<Pair>>,
    jobs: usize,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Vec<Option<Done>>> {
    run_each(pass, pairs, jobs, watcher, project::sync)
}

fn run_each(
    pass: &Arc<Context>,
    pairs: &Arc<Vec<Pair>>,
    jobs: usize,
    watcher: &mut dyn Watcher,
    work: Work,
) -> anyhow::Result<Vec<Option<Done>>> {
    watcher.started(pairs.len());
    let next = Arc::new(AtomicUsize::new(0));
    let (sender, receiver) = mpsc::channel();
    let mut threads = Vec::new();
    let jobs = jobs.clamp(1, pairs.len().max(1));
    // Made here: a folder that cannot be written stops the pass before any request.
    let stages = (0..jobs).map(|_| Stage::open(pass.store.scratch()));
    for stage in stages.collect::<anyhow::Result<Vec<_>>>()? {
        let (pass, pairs, next, sender) =
            (pass.clone(), pairs.clone(), next.clone(), sender.clone());
        let run = move || worker(&pass, &pairs, &next, stage, &sender, work);
        threads.push(thread::Builder::new().name("worker".to_owned()).spawn(run)?);
    }
    drop(sender);
    let mut results: Vec<Option<Done>> = (0..pairs.len()).map(|_| None).collect();
    if watch(pass, pairs, &receiver, &mut results, watcher) {
        let is_well = threads.into_iter().all(|thread| thread.join().is_ok());
        ensure!(is_well, "a worker ended before its work did: please report it");
    }
    Ok(results)
}

fn worker(
    pass: &Context,
    pairs: &[Pair],
    next: &AtomicUsize,
    mut stage: Stage,
    sender: &mpsc::Sender<News>,
    work: Work,
) {
    while pass.stop.reached().is_none() {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(pair) = pairs.get(index) else { break };
        let _ = sender.send(News::Begun(index));
        let done = contain(|| work(pass, pair, &mut stage)).unwrap_or_else(|fault| {
            // What the spool holds may be half of something.
            let fresh = Stage::open(pass.store.scratch()).map(|fresh| stage = fresh);
            failed(pair, fault, fresh.err())
        });
        let fatal = done.fatal.is_some();
        let _ = sender.send(News::Ended(index, Box::new(done)));
        if fatal {
            // No project can go on: the other workers find nothing to begin.
            next.store(pairs.len(), Ordering::Relaxed);
            break;
        }
    }
}

/// A project at which this program itself failed. What was sent is in the outbox, and is settled by
/// the next pass; the other projects go on, unless this machine fails as well.
fn failed(pair: &Pair, fault: String, fatal: Option<anyhow::Error>) -> Done {
    let mut report = report::Project::new(&pair.identifier);
    report.outcome = Outcome::Failed;
    report.mode = pair.mode;
    report.errors.push(Complaint::new("fault", fault).at(Level::Error));
    Done {
        report,
        ops: Ops::default(),
        ended_by: None,
        quiet: None,
        fatal,
        is_fault: true,
        adopted: 0,
    }
}

/// Takes in what the workers tell; false when some of them had to be given up.
fn watch(
    pass: &Context,
    pairs: &[Pair],
    receiver: &Receiver<News>,
    results: &mut [Option<Done>],
    watcher: &mut dyn Watcher,
) -> bool {
    let mut looked: Option<Instant> = None;
    loop {
        match receiver.recv_timeout(WATCH) {
            Ok(News::Begun(index)) => watcher.begun(&pairs[index].identifier),
            Ok(News::Ended(index, done)) => {
                watcher.ended(&pairs[index].identifier, done.report.counts.seen.sum());
                results[index] = Some(*done);
            }
            Err(RecvTimeoutError::Disconnected) => return true,
            Err(RecvTimeoutError::Timeout) => {}
        }
        // Not at each message: the kernel takes its time to count.
        if looked.is_none_or(|at| at.elapsed() >= WATCH) {
            looked = Some(Instant::now());
            if memory::resident().is_some_and(|now| now > pass.config.sync.max_memory) {
                pass.stop.raise(Reason::Memory);
            }
            if let Err(error) = pass.store.carry_over() {
                // Nothing is lost by that, and what is wrong keeps the next commit from going well.
                log::warn!("{error:#}");
            }
        }
        // Their requests have been cut off by now; a thread that is still busy is left behind:
        // whatever it sent is in the outbox.
        if pass.stop.hopeless() {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::conclude;
    use super::super::done::Quiet;
    use super::super::feed::Feed;
    use super::super::output::Output;
    use super::super::pairing::Partner;
    use super::*;
    use crate::config::Config;
    use crate::exit::Exit;
    use crate::http::{Http, Proxy};
    use crate::huly::bridge::Bridge;
    use crate::report::Mode;
    use crate::stop::Stop;
    use crate::store::{self, Store};
    use crate::vibe::Vibe;

    struct Nobody;

    impl Watcher for Nobody {
        fn started(&mut self, _: usize) {}
        fn begun(&mut self, _: &str) {}
        fn ended(&mut self, _: &str, _: u64) {}
    }

    /// A pass that asks nobody: what its workers do is up to the test.
    fn pass(folder: &std::path::Path) -> Arc<Context> {
        let (config, stop) = (Config::default(), Stop::new(None));
        let http = Http::new(&config.http, 1, stop.clone(), Proxy::Off);
        Arc::new(Context {
            huly: Arc::new(Bridge::new("http://huly.invalid", 20, &http)),
            vibe: Vibe::new("http://vibe.invalid", &http),
            store: Arc::new(Store::open(&folder.join("state.db")).unwrap()),
            config,
            stop,
            now: 1_000_000,
            dry_run: false,
            ops_spool: None,
            wish: None,
            feed: Feed::default(),
            asked_after: HashMap::new(),
        })
    }

    fn pairs(pass: &Context, names: &[&str]) -> Arc<Vec<Pair>> {
        let pair = |name: &&str| {
            pass.store.write(|state| store::projects::keep(state, name, name)).unwrap();
            Pair {
                identifier: (*name).to_owned(),
                name: (*name).to_owned(),
                partner: Partner::Never,
                issues: None,
                mode: Mode::Full,
                is_new: false,
                success: None,
            }
        };
        Arc::new(names.iter().map(pair).collect())
    }

    /// Syncs each project well, but for BAD: there it runs into a fault of its own.
    fn well_but_for_bad(pass: &Context, pair: &Pair, _: &mut Stage) -> Done {
        assert_ne!(pair.identifier, "BAD", "a fault of this program");
        let row = pass.store.read(|state| store::projects::get(state, &pair.identifier)).unwrap();
        let project = row.unwrap().id;
        Done {
            report: report::Project::new(&pair.identifier),
            ops: Ops::default(),
            ended_by: None,
            quiet: Some(Quiet { project, cursor: Some(7), full: true, is_set_back: false }),
            fatal: None,
            is_fault: false,
            adopted: 0,
        }
    }

    #[test]
    fn a_worker_that_panics_fails_its_project_and_no_other_and_never_ends_well() {
        for jobs in [1, 2] {
            let folder = tempfile::tempdir().unwrap();
            let pass = pass(folder.path());
            let pairs = pairs(&pass, &["AAA", "BAD", "CCC", "DDD"]);

            let done = run_each(&pass, &pairs, jobs, &mut Nobody, well_but_for_bad).unwrap();
            let output = conclude::all(&pass, &pairs, done, Output::default()).unwrap();

            assert_eq!(output.exit, Some(Exit::Failed));
            let outcomes = output.projects.iter().map(|project| project.outcome.name());
            assert_eq!(outcomes.collect::<Vec<_>>(), ["ok", "failed", "ok", "ok"]);
            let said = output.projects[1].errors[0].to_string();
            assert!(said.starts_with("internal error") && said.contains("a fault of"), "{said}");
            let rows = pass.store.read(store::projects::all).unwrap();
            for row in rows {
                let is_bad = row.identifier == "BAD";
                assert_eq!(row.success.is_none(), is_bad, "{}", row.identifier);
                assert_eq!(row.cursor.is_none(), is_bad, "{}", row.identifier);
            }
        }
    }
}
