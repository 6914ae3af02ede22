//! The push: all projects of a run, a few at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use log::Level;

use super::project::{self, Pushed};
use super::run::{Input, Run};
use crate::exit::Exit;
use crate::http::{Host, Kind};
use crate::memory;
use crate::report::{Blocks, Complaint, Op};
use crate::stop::Reason;
use crate::store::projects::Project;
use crate::store::{self, meta};
use crate::sync::Watcher;

/// How often the memory bound is looked at.
const WATCH: Duration = Duration::from_millis(100);

/// What became of one project.
#[derive(Debug, Clone)]
pub struct Told {
    /// Huly's identifier.
    pub identifier: String,
    /// Its blocks.
    pub blocks: Blocks,
    /// It waits for a push in which Letta is asked again.
    pub waits: bool,
    /// What went wrong, one line each.
    pub errors: Vec<Complaint>,
}

/// What a push came to.
#[derive(Debug, Default)]
pub struct Output {
    /// In the order of the projects.
    pub projects: Vec<Told>,
    /// Of a dry run.
    pub ops: Vec<Op>,
    /// How it ends, as a command of its own.
    pub exit: Option<Exit>,
    /// What concerns no single project.
    pub errors: Vec<Complaint>,
}

/// Pushes these projects, on up to `jobs` threads.
///
/// # Errors
/// The state failed: no project can go on.
pub fn push(input: &Input<'_>, projects: &[Project], watcher: &mut dyn Watcher) -> Result<Output> {
    forget_another_server(input)?;
    let run = Run::new(input);
    watcher.started(projects.len());
    let mut pushed: Vec<Option<Pushed>> = projects.iter().map(|_| None).collect();
    work(&run, projects, &mut pushed, watcher)?;
    conclude(&run, projects, pushed)
}

/// Ids and hashes are one server's.
fn forget_another_server(input: &Input<'_>) -> Result<()> {
    let known = input.store.read(|state| meta::get(state, meta::LETTA_SERVER))?;
    if known.as_deref() == Some(input.url) {
        return Ok(());
    }
    input.store.write(|state| {
        if known.is_some() {
            store::agents::forget_all(state)?;
            meta::set(state, meta::LETTA_VERSION, "")?;
        }
        meta::set(state, meta::LETTA_SERVER, input.url)
    })
}

enum News {
    Begun(usize),
    Ended(usize, Box<Pushed>),
}

fn work(
    run: &Run<'_>,
    projects: &[Project],
    pushed: &mut [Option<Pushed>],
    watcher: &mut dyn Watcher,
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let jobs = run.input.config.sync.jobs.clamp(1, projects.len().max(1));
    thread::scope(|threads| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..jobs {
            let (sender, next) = (sender.clone(), &next);
            thread::Builder::new().name("letta".to_owned()).spawn_scoped(threads, move || {
                while run.input.stop.reached().is_none() {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(project) = projects.get(index) else { break };
                    let _ = sender.send(News::Begun(index));
                    let done = project::push(run, project);
                    if done.fatal.is_some() {
                        // No project can go on: the other threads find nothing to begin.
                        next.store(projects.len(), Ordering::Relaxed);
                    }
                    let _ = sender.send(News::Ended(index, Box::new(done)));
                }
            })?;
        }
        drop(sender);
        loop {
            match receiver.recv_timeout(WATCH) {
                Ok(News::Begun(index)) => watcher.begun(&projects[index].identifier),
                Ok(News::Ended(index, done)) => {
                    watcher.ended(&projects[index].identifier, done.blocks.written);
                    pushed[index] = Some(*done);
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
                Err(RecvTimeoutError::Timeout) => {
                    let bound = run.input.config.sync.max_memory;
                    if memory::resident().is_some_and(|now| now > bound) {
                        run.input.stop.raise(Reason::Memory);
                    }
                }
            }
        }
    })
}

/// Sums up what went wrong: what befell many projects is said in one line.
fn conclude(run: &Run<'_>, projects: &[Project], pushed: Vec<Option<Pushed>>) -> Result<Output> {
    let mut output = Output::default();
    let mut exit = Exit::Done;
    let (mut failed, mut well, mut waiting, mut left) = (0_u64, 0_u64, 0_u64, 0_u64);
    for (project, pushed) in projects.iter().zip(pushed) {
        let Some(mut pushed) = pushed else {
            left += 1;
            continue;
        };
        if let Some(error) = pushed.fatal {
            return Err(error);
        }
        waiting += u64::from(pushed.waits);
        // Who had nothing to tell says nothing about whether Letta is there.
        match pushed.errors.is_empty() {
            true => well += u64::from(pushed.asked),
            false => failed += 1,
        }
        output.ops.append(&mut pushed.ops);
        output.projects.push(Told {
            identifier: project.identifier.clone(),
            blocks: pushed.blocks,
            waits: pushed.waits,
            errors: pushed.errors.into_iter().map(|error| told(error, pushed.waits)).collect(),
        });
    }
    if failed > 0 {
        exit = exit.worst(Exit::Partial);
    }
    if let Some(error) = run.halted() {
        let mut told = Complaint::from(&error);
        told.text.push_str(&format!(": {waiting} projects wait for the next push"));
        output.errors.push(told.of_letta());
        exit = exit.worst(match error.kind {
            kind if kind.is_setup() => Exit::Usage,
            Kind::Stopped => Exit::Later,
            Kind::Offline | Kind::Throttled if well == 0 => Exit::Later,
            _ => Exit::Partial,
        });
    } else if failed > 0 && well == 0 && run.is_away() {
        exit = exit.worst(Exit::Later);
    }
    if left > 0 {
        let text = format!("{} ended early: {left} projects wait for the next push", Host::Letta);
        output.errors.push(Complaint::new("ended early", text).of_letta());
        exit = exit.worst(Exit::Later);
    }
    output.exit = Some(exit);
    Ok(output)
}

/// What keeps all projects waiting is said once, for all of them.
fn told(complaint: Complaint, waits: bool) -> Complaint {
    let complaint = complaint.of_letta();
    if waits { complaint.at(Level::Debug) } else { complaint }
}
