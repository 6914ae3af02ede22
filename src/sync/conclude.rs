//! The end of a pass: what is left to commit, what is told, and how it ends.

use anyhow::Result;
use log::Level;

use crate::exit::Exit;
use crate::http::Kind;
use crate::report::{self, Complaint, Outcome};
use crate::stop::Reason;
use crate::store;

use super::context::Context;
use super::done::{Done, Quiet};
use super::output::Output;
use super::pairing::Pair;

/// Commits for all projects that went well at once, and sums up.
pub(super) fn all(
    pass: &Context,
    pairs: &[Pair],
    done: Vec<Option<Done>>,
    mut output: Output,
) -> Result<Output> {
    let mut exit = output.exit.unwrap_or(Exit::Done);
    let mut quiet: Vec<Quiet> = Vec::new();
    let mut tried: Vec<Tried<'_>> = Vec::new();
    let (mut offline, mut well, mut adopted, mut left) = (0u64, 0u64, 0u64, 0u64);
    let mut fatal = None;
    for (pair, done) in pairs.iter().zip(done) {
        let Some(mut done) = done else {
            left += 1;
            let mut report = report::Project::new(&pair.identifier);
            report.outcome = Outcome::Skipped;
            report.mode = pair.mode;
            // That the pass ended is said, with how many wait.
            let waits = Complaint::new("waits", "the pass ended before its turn");
            report.errors.push(waits.at(Level::Debug));
            output.projects.push(report);
            continue;
        };
        adopted += done.adopted;
        let is_quiet = done.quiet.is_some() && done.report.outcome == Outcome::Ok;
        quiet.extend(done.quiet.take());
        exit = exit.worst(match done.report.outcome {
            Outcome::Ok | Outcome::Skipped => Exit::Done,
            Outcome::Partial | Outcome::Failed => Exit::Partial,
            Outcome::Refused => Exit::Refused,
        });
        match done.ended_by {
            Some(Kind::Offline | Kind::Throttled) => offline += 1,
            Some(kind) if kind.is_setup() => exit = exit.worst(Exit::Usage),
            Some(Kind::Stopped) => exit = exit.worst(Exit::Later),
            _ => well += u64::from(matches!(done.report.outcome, Outcome::Ok | Outcome::Partial)),
        }
        if done.report.withheld {
            exit = exit.worst(Exit::Refused);
        }
        if done.is_fault {
            exit = exit.worst(Exit::Failed);
        }
        let news = hush(pass, pair, &mut done.report)?;
        if !is_quiet {
            tried.push(Tried::new(pair, &done.report, news));
        }
        output.ops.append(done.ops)?;
        output.projects.push(done.report);
        fatal = fatal.or(done.fatal);
    }
    if offline > 1 || offline > 0 && well == 0 {
        exit = exit.worst(Exit::Later);
    }
    if let Some(reason) = pass.stop.reached().filter(|_| left > 0 || exit == Exit::Later) {
        let why = why(reason);
        output.warn(why, format!("ended early ({why}): {left} projects wait for the next pass"));
        exit = exit.worst(Exit::Later);
    }
    if adopted > 0 && !pass.dry_run {
        log::info!(
            "{adopted} pairs were linked by marks that another state or an earlier tool left"
        );
    }
    output.projects.sort_by(|one, other| one.identifier.cmp(&other.identifier));
    output.exit = Some(exit);
    if !pass.dry_run && fatal.is_none() {
        fatal = commit(pass, &quiet, &tried).err();
    }
    if let Some(error) = fatal {
        // What was done was done, and is told all the same.
        output.errors.push(Complaint::of(&error));
        output.exit = Some(exit.worst(Exit::of(&error)));
    }
    Ok(output)
}

fn why(reason: Reason) -> &'static str {
    match reason {
        Reason::Deadline => "the deadline is reached",
        Reason::Signal => "a signal came",
        Reason::Memory => "sync.max_memory is passed",
    }
}

/// What is kept of a project whose try did not simply go well.
struct Tried<'a> {
    pair: &'a Pair,
    outcome: &'static str,
    message: Option<String>,
    /// Why it was skipped, where that was not said before.
    news: Vec<String>,
}

impl<'a> Tried<'a> {
    fn new(pair: &'a Pair, report: &report::Project, news: Vec<String>) -> Self {
        let message = report.errors.first().map(|first| first.text.clone());
        Self { pair, outcome: report.outcome.name(), message, news }
    }
}

/// What merely is as it was is said once, whoever runs the pass; what was not said before.
fn hush(pass: &Context, pair: &Pair, report: &mut report::Project) -> Result<Vec<String>> {
    let mut news = Vec::new();
    if report.outcome != Outcome::Skipped {
        return Ok(news);
    }
    pass.store.read(|state| {
        let project = store::projects::get(state, &pair.identifier)?;
        for error in &mut report.errors {
            let is_said = match &project {
                Some(project) => store::said::is_said(state, project.id, "skipped", &error.text)?,
                None => false,
            };
            if is_said {
                error.level = Level::Info;
            } else {
                news.push(error.text.clone());
            }
        }
        Ok(news)
    })
}

/// The pass's own commit, one transaction however many projects there are: what those that went well did
/// not have to say alone, and how it ended for the others.
fn commit(pass: &Context, quiet: &[Quiet], tried: &[Tried<'_>]) -> Result<()> {
    pass.store.write(|state| {
        for quiet in quiet {
            match quiet.cursor {
                Some(cursor) if quiet.is_set_back => {
                    store::projects::set_back(state, quiet.project, cursor)?;
                }
                Some(cursor) => store::projects::advance(state, quiet.project, cursor)?,
                None => {}
            }
            if quiet.full {
                store::projects::set_full(state, quiet.project, pass.now)?;
            }
            store::projects::succeeded(state, quiet.project, pass.now)?;
        }
        for tried in tried {
            let project = store::projects::keep(state, &tried.pair.identifier, &tried.pair.name)?;
            for why in &tried.news {
                store::said::first_time(state, project.id, "skipped", why, pass.now)?;
            }
            let message = tried.message.as_deref();
            store::projects::tried(state, project.id, pass.now, tried.outcome, message)?;
        }
        Ok(())
    })
}
