//! The threads of a pass: each takes the next project, with a spool of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::memory;
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

/// Runs all pairs, in their order, on up to `jobs` threads; what was not begun, or was given up
/// when the pass was over, stays `None`.
pub(super) fn run(
    pass: &Arc<Context>,
    pairs: &Arc<Vec<Pair>>,
    jobs: usize,
    watcher: &mut dyn Watcher,
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
        let work = move || worker(&pass, &pairs, &next, stage, &sender);
        threads.push(thread::Builder::new().name("worker".to_owned()).spawn(work)?);
    }
    drop(sender);
    let mut results: Vec<Option<Done>> = (0..pairs.len()).map(|_| None).collect();
    if watch(pass, pairs, &receiver, &mut results, watcher) {
        join(threads);
    }
    Ok(results)
}

fn worker(
    pass: &Context,
    pairs: &[Pair],
    next: &AtomicUsize,
    mut stage: Stage,
    sender: &mpsc::Sender<News>,
) {
    while pass.stop.reached().is_none() {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(pair) = pairs.get(index) else { break };
        let _ = sender.send(News::Begun(index));
        let done = project::sync(pass, pair, &mut stage);
        let fatal = done.fatal.is_some();
        let _ = sender.send(News::Ended(index, Box::new(done)));
        if fatal {
            // No project can go on: the other workers find nothing to begin.
            next.store(pairs.len(), Ordering::Relaxed);
            break;
        }
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

fn join(threads: Vec<JoinHandle<()>>) {
    for thread in threads {
        if thread.join().is_err() {
            log::error!("a worker failed: please report this");
        }
    }
}
