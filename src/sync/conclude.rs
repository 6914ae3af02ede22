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
        hush(pass, pair, &mut done.report)?;
        output.ops.append(&mut done.ops);
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
        fatal = commit(pass, &quiet).err();
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

/// What merely is as it was is said once, whoever runs the pass.
fn hush(pass: &Context, pair: &Pair, report: &mut report::Project) -> Result<()> {
    if report.outcome != Outcome::Skipped {
        return Ok(());
    }
    for error in &mut report.errors {
        let first = pass.store.write(|state| {
            let project = store::projects::keep(state, &pair.identifier, &pair.name)?;
            store::said::first_time(state, project.id, "skipped", &error.text, pass.now)
        })?;
        if !first {
            error.level = Level::Info;
        }
    }
    Ok(())
}

/// The pass's own commit: what the projects that went well did not have to say alone.
fn commit(pass: &Context, quiet: &[Quiet]) -> Result<()> {
    pass.store.write(|state| {
        for quiet in quiet {
            if let Some(cursor) = quiet.cursor {
                store::projects::advance(state, quiet.project, cursor)?;
            }
            if quiet.full {
                store::projects::set_full(state, quiet.project, pass.now)?;
            }
            store::projects::succeeded(state, quiet.project, pass.now)?;
        }
        Ok(())
    })
}
