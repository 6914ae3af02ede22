//! One project's pass, as a story.

use log::Level;

use crate::http::Kind;
use crate::report::{self, Complaint, Mode, Ops, Outcome};
use crate::store;

use super::blank;
use super::commit;
use super::context::Context;
use super::cut;
use super::desk::Desk;
use super::done::{Done, Quiet};
use super::guard::{self, Verdict};
use super::outbox;
use super::pairing::Pair;
use super::plan::{self, Plan};
use super::read;
use super::stage::Stage;
use super::trouble::{Result, Trouble};
use super::{apply, foreign, partner, renamed, survivors, tell, unseen};

/// Syncs one project. Never fails as a function: what went wrong
/// is in the report.
pub fn sync(pass: &Context, pair: &Pair, stage: &mut Stage) -> Done {
    let mut done = Done {
        report: report::Project::new(&pair.identifier),
        ops: Ops::new(pass.ops_spool.clone()),
        ended_by: None,
        quiet: None,
        fatal: None,
        is_fault: false,
        adopted: 0,
    };
    if let Err(trouble) = attempt(pass, pair, stage, &mut done) {
        explain(&mut done, trouble);
    }
    done
}

fn attempt(pass: &Context, pair: &Pair, stage: &mut Stage, done: &mut Done) -> Result<()> {
    let project = row_of(pass, pair)?;
    let vibe_id = partner::settle(pass, pair, &project, done)?;
    let mut ended = run(pass, pair, project, vibe_id.clone(), pair.mode, stage, done);
    // An identifier that was given out again, or an issue that is gone: all of it is read. Once more
    // where that shows what was made in the place of another.
    for _ in 0..2 {
        if !matches!(ended, Err(Trouble::NeedsFull)) {
            break;
        }
        done.ops.clear();
        ended = run(pass, pair, row_of(pass, pair)?, vibe_id.clone(), Mode::Full, stage, done);
    }
    ended
}

/// The project's row, made when it is new. A quiet pass writes nothing here.
fn row_of(pass: &Context, pair: &Pair) -> Result<store::projects::Project> {
    let known = pass.store.read(|state| store::projects::get(state, &pair.identifier))?;
    if let Some(project) = known.filter(|project| project.name == pair.name) {
        return Ok(project);
    }
    Ok(pass.store.write(|state| store::projects::keep(state, &pair.identifier, &pair.name))?)
}

fn run(
    pass: &Context,
    pair: &Pair,
    project: store::projects::Project,
    vibe_id: Option<String>,
    mode: Mode,
    stage: &mut Stage,
    done: &mut Done,
) -> Result<()> {
    // 1. What the last pass left.
    let mut desk = Desk::open(pass, project, vibe_id, mode, stage)?;
    let mode = desk.mode;
    let ended = story(&mut desk, pair);
    // Whatever was done was done: it is counted, also when the end came early.
    done.adopted = desk.adopted;
    done.ops.append(std::mem::take(&mut desk.ops))?;
    let quiet = Quiet {
        project: desk.project.id,
        cursor: commit::cursor(&desk),
        full: mode == Mode::Full,
        is_set_back: desk.is_clock_set_back,
    };
    done.report = desk.report;
    ended?;
    done.report.is_whole = true;
    done.quiet = Some(quiet);
    Ok(())
}

fn story(desk: &mut Desk<'_>, pair: &Pair) -> Result<()> {
    // 2. Both lists: what is known is not parsed, the rest is laid aside.
    read::huly(desk)?;
    cut::refuse_cut_list(desk, pair.issues)?;
    read::vibe(desk)?;
    read::sort(desk)?;
    renamed::follow(desk)?;
    // 3. What lists do not tell: texts, and items that are pending.
    read::apart(desk)?;
    desk.learn_words()?;
    desk.others = blank::others(desk)?;
    unseen::drop_loose(desk)?;
    if pair.is_new {
        foreign::refuse(desk)?;
    }
    // 4. What an earlier pass sent and did not see answered.
    outbox::settle(desk)?;
    // 5. What is to be done.
    let plan = plan::make(desk)?;
    // 6. What a person has to allow first.
    let verdict = guard::judge(&desk.pass.config.guard, plan.counts);
    withheld(desk, &plan, verdict);
    if desk.pass.dry_run {
        tell::plan(desk, &plan, verdict)?;
        desk.report_waiting();
        desk.report.outcome = commit::outcome(desk, verdict.refuses());
        return Ok(());
    }
    // 7. Written down, sent, settled: a hundred at a time.
    let carried_out = apply::carry_out(desk, &plan, verdict);
    desk.report_waiting();
    carried_out?;
    // 8. All that was learned, at once.
    survivors::note(desk)?;
    commit::finish(desk, &plan)?;
    desk.report.counts.pending = desk.marks.len() as u64 + desk.kept.len() as u64;
    if !desk.notices.is_empty() {
        desk.report.counts.surplus =
            desk.pass.store.read(|state| store::said::count(state, desk.project.id, "surplus"))?;
    }
    desk.report.outcome = commit::outcome(desk, verdict.refuses());
    Ok(())
}

/// Says what the guard withheld, and how it is let through.
fn withheld(desk: &mut Desk<'_>, plan: &Plan, verdict: Verdict) {
    desk.report.withheld = verdict.refuses();
    let counts = plan.counts;
    let lines = [
        (verdict.deletions, counts.deletions, "deletions", "--allow-mass-delete"),
        (verdict.overwrites, counts.overwrites, "overwritten values", "--allow-mass-overwrite"),
        (verdict.creates_huly, counts.creates_huly, "new issues", "--allow-mass-create"),
        (verdict.creates_vibe, counts.creates_vibe, "new tasks", "--allow-mass-create"),
    ];
    for (refused, count, what, flag) in lines {
        if refused {
            let text = format!(
                "{count} {what} at once in a project of {} pairs: withheld; if that is meant, run \
                 `sync-project {} {flag}`",
                counts.links, desk.project.identifier
            );
            desk.report.errors.push(Complaint::new(what, text).by_kind());
        }
    }
}

fn explain(done: &mut Done, trouble: Trouble) {
    let wrote = done.report.counts.created.sum()
        + done.report.counts.updated.sum()
        + done.report.counts.deleted.sum()
        > 0;
    done.report.outcome = if wrote { Outcome::Partial } else { Outcome::Failed };
    match trouble {
        Trouble::Remote(error) => {
            done.ended_by = Some(error.kind);
            if error.kind == Kind::Local {
                done.fatal = Some(anyhow::anyhow!("{error}"));
            }
            done.report.errors.push(Complaint::from(&error));
        }
        Trouble::Local(error) => {
            done.report.errors.push(Complaint::of(&error).at(Level::Warn));
            done.fatal = Some(error);
        }
        Trouble::Ended => {
            done.ended_by = Some(Kind::Stopped);
            done.report.outcome = Outcome::Partial;
        }
        Trouble::Odd(message) => {
            done.report.outcome = Outcome::Skipped;
            done.report.errors.push(Complaint::new("odd", message));
        }
        Trouble::Refused(message) => {
            done.report.errors.push(Complaint::new("refused", message));
        }
        Trouble::NeedsFull => {
            done.report.errors.push(Complaint::new(
                "restless",
                "its issues kept changing while they were read; the next pass reads them again",
            ));
        }
    }
}
