//! One pass over the projects, as a story.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context as _, Result};

use crate::config::{Config, Selection};
use crate::exit::{Exit, Expected};
use crate::http::{Kind, ListedOf};
use crate::huly::{self, Huly};
use crate::model::Millis;
use crate::report::{self, Mode, Op, Outcome};
use crate::stop::{Reason, Stop};
use crate::store::{self, Store, meta};
use crate::vibe::{self, Vibe};

use super::context::Context;
use super::feed::Feed;
use super::guard;
use super::pairing::{self, Pair, Partner};
use super::project::{Done, Quiet};
use super::read::Newest;
use super::spool::{self, Spool};
use super::workers::{self, Watcher};

/// Projects that one shared read asks for.
const SHARED: usize = 100;

/// A cursor this far behind the others would make the shared read long: such a project is read
/// alone.
const BEHIND_MS: Millis = 60 * 60 * 1000;

/// What a pass is given.
pub struct Input {
    /// All settings.
    pub config: Config,
    /// Which projects.
    pub selection: Selection,
    /// Everything is read.
    pub full: bool,
    /// Nothing is written to either side.
    pub dry_run: bool,
    /// Issues.
    pub huly: Arc<dyn Huly>,
    /// Tasks.
    pub vibe: Vibe,
    /// The state, or a dry run's copy of it.
    pub store: Arc<Store>,
    /// Ends the pass early.
    pub stop: Stop,
    /// When it began; our clock.
    pub now: Millis,
}

/// What a pass came to.
#[derive(Debug, Default)]
pub struct Output {
    /// By identifier.
    pub projects: Vec<report::Project>,
    /// Of a dry run.
    pub ops: Vec<Op>,
    /// How it ends.
    pub exit: Option<Exit>,
    /// What concerns no single project.
    pub errors: Vec<String>,
}

impl Output {
    /// Something that concerns no single project.
    fn warn(&mut self, message: String) {
        log::warn!("{message}");
        self.errors.push(message);
    }
}

/// Runs one pass.
///
/// # Errors
/// What keeps the whole pass from going on: a project list, the state, an unknown project.
pub fn run(input: Input, watcher: &mut dyn Watcher) -> Result<Output> {
    let mut output = Output::default();
    spool::remove_leftovers(input.store.path());
    // 1. Who is there, and what can they do?
    input.huly.probe()?;
    let huly = input.huly.projects()?;
    let vibe = input.vibe.projects()?;
    if huly.is_empty() {
        let message = "Huly lists no projects at all: the account may have lost its membership";
        return Err(Expected::new(Exit::Failed, message).into());
    }
    check_selection(&input, &huly)?;
    detect(&input, &huly)?;
    // 2. Which projects belong together?
    let mut pairs = pair_up(&input, &huly, &vibe, &mut output)?;
    refuse_flood(&input, &mut pairs, &mut output)?;
    choose_modes(&input, &mut pairs)?;
    // 3. What changed in Huly, for many projects at once.
    let Input { config, huly, vibe, store, stop, now, dry_run, .. } = input;
    let mut pass = Context {
        config,
        huly,
        vibe,
        store,
        stop,
        now,
        dry_run,
        feed: Feed::default(),
        asked_after: HashMap::new(),
    };
    read_changes(&mut pass, &pairs)?;
    // 4. Each pair, the one that waited longest first.
    pairs.sort_by(|one, other| {
        (one.success, &one.identifier).cmp(&(other.success, &other.identifier))
    });
    let (pass, pairs) = (Arc::new(pass), Arc::new(pairs));
    let jobs = pass.config.sync.jobs;
    let done = workers::run(&pass, &pairs, jobs, watcher)?;
    // 5. What is left to commit, and how it ends.
    conclude(&pass, &pairs, done, &mut output)
}

fn check_selection(input: &Input, huly: &[huly::Project]) -> Result<()> {
    let names: Vec<&str> = huly.iter().map(|project| project.identifier.as_str()).collect();
    let unmatched: Vec<&str> = input.selection.unmatched(&names).collect();
    if unmatched.is_empty() {
        return Ok(());
    }
    let message =
        format!("no Huly project is called {}; there are {}", unmatched.join(", "), list(&names));
    Err(Expected::new(Exit::Usage, message).into())
}

fn list(names: &[&str]) -> String {
    const SHOWN: usize = 12;
    let mut text = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}

/// Finds out which Huly this is. When it, or a setting that gives stored values their meaning, is
/// another than last time, everything is looked at again.
fn detect(input: &Input, huly: &[huly::Project]) -> Result<()> {
    let Some(first) = huly.first() else { return Ok(()) };
    let get = |key| input.store.read(|state| meta::get(state, key));
    let (version, print) = (get(meta::HULY_VERSION)?, get(meta::FINGERPRINT)?);
    let direction = get(meta::DIRECTION)?;
    let verify = input.full || version.as_deref() == Some("first");
    let found = input.huly.detect(version.as_deref(), verify, &first.identifier)?;
    let hash = input.config.fingerprint();
    let mut now = found.clone();
    for byte in hash.0 {
        now.push_str(&format!("{byte:02x}"));
    }
    if print.as_deref() == Some(&now) {
        return Ok(());
    }
    let way = format!("{:?}", input.config.sync.direction);
    input.store.write(|state| {
        meta::set(state, meta::HULY_VERSION, &found)?;
        meta::set(state, meta::FINGERPRINT, &now)?;
        meta::set(state, meta::DIRECTION, &way)?;
        if print.is_some() {
            store::projects::read_all_again(state)?;
        }
        if direction.as_ref().is_some_and(|before| *before != way) {
            store::projects::release(state)?;
        }
        Ok(())
    })
}

/// The chosen projects with their other halves.
fn pair_up(
    input: &Input,
    huly: &[huly::Project],
    vibe: &[vibe::Project],
    output: &mut Output,
) -> Result<Vec<Pair>> {
    let stored = input.store.read(store::projects::all)?;
    let vibe = with_paths(input, huly, vibe, &stored)?;
    let decided = pairing::decide(&pairing::Input {
        huly,
        vibe: &vibe,
        stored: &stored,
        configured: &input.config.projects,
        repos_dir: input.config.sync.repos_dir.as_deref(),
        archived: input.config.sync.archived,
        may_create: input.config.creation.projects
            && input.config.sync.direction.writes_to(crate::model::Side::Vibe),
    });
    let mut pairs = Vec::new();
    for project in huly {
        if !input.selection.takes(&project.identifier) {
            continue;
        }
        let Some(partner) = decided.get(&project.identifier).cloned() else { continue };
        if partner == Partner::Never {
            continue;
        }
        let row = stored.iter().find(|row| row.identifier == project.identifier);
        pairs.push(Pair {
            identifier: project.identifier.clone(),
            name: project.name.clone(),
            is_new: !matches!(partner, Partner::Known { .. }),
            partner,
            issues: project.issues,
            mode: Mode::Full,
            success: row.and_then(|row| row.success),
        });
    }
    for row in &stored {
        let is_listed = decided.contains_key(&row.identifier);
        if !is_listed && row.vibe_id.is_some() && input.selection.takes(&row.identifier) {
            skip(input, row, output)?;
        }
    }
    Ok(pairs)
}

/// A pair whose Huly project is not listed any more: archived, deleted, or membership was lost.
fn skip(input: &Input, row: &store::projects::Project, output: &mut Output) -> Result<()> {
    let message = "Huly does not list it any more (archived, deleted, or no membership): nothing \
                   is changed";
    let (id, now) = (row.id, input.now);
    if input.store.write(|state| store::said::first_time(state, id, "unlisted", "", now))? {
        log::warn!("{}: {message}", row.identifier);
    }
    let mut report = report::Project::new(&row.identifier);
    report.outcome = Outcome::Skipped;
    report.errors.push(message.to_owned());
    output.projects.push(report);
    Ok(())
}

/// Later versions of Vibe Kanban tell a project's repository apart: asked only where a pair could
/// hang on it.
fn with_paths(
    input: &Input,
    huly: &[huly::Project],
    vibe: &[vibe::Project],
    stored: &[store::projects::Project],
) -> Result<Vec<vibe::Project>> {
    let unpaired = huly.iter().any(|project| {
        !stored.iter().any(|row| row.identifier == project.identifier && row.vibe_id.is_some())
            && !vibe.iter().any(|other| other.name.eq_ignore_ascii_case(&project.name))
    });
    let mut projects = vibe.to_vec();
    if !unpaired {
        return Ok(projects);
    }
    for project in &mut projects {
        let taken = stored.iter().any(|row| row.vibe_id.as_deref() == Some(&project.id));
        if project.repo_path.is_none() && !taken {
            project.repo_path = input.vibe.repositories(&project.id)?.into_iter().next();
        }
    }
    Ok(projects)
}

/// Many new Vibe projects beside existing pairs are more likely a slip than a wish.
fn refuse_flood(input: &Input, pairs: &mut Vec<Pair>, output: &mut Output) -> Result<()> {
    let is_new = |pair: &Pair| matches!(pair.partner, Partner::New { .. });
    let new = pairs.iter().filter(|pair| is_new(pair)).count() as u64;
    let known = input.store.read(store::projects::all)?;
    let known = known.iter().filter(|row| row.vibe_id.is_some()).count() as u64;
    if !guard::too_many_projects(&input.config.guard, new, known) {
        return Ok(());
    }
    output.exit = Some(Exit::Refused);
    output.warn(format!(
        "{new} new Vibe projects at once beside {known} pairs: withheld; if that is meant, run \
         `sync --allow-mass-create`"
    ));
    pairs.retain(|pair| {
        if is_new(pair) {
            let mut report = report::Project::new(&pair.identifier);
            report.outcome = Outcome::Refused;
            output.projects.push(report);
        }
        !is_new(pair)
    });
    Ok(())
}

/// Everything is read the first time, when asked for, after a crash, and now and then.
fn choose_modes(input: &Input, pairs: &mut [Pair]) -> Result<()> {
    let stored = input.store.read(store::projects::all)?;
    let every = Millis::try_from(input.config.sync.full_every.as_millis()).unwrap_or(Millis::MAX);
    for pair in pairs {
        let Some(row) = stored.iter().find(|row| row.identifier == pair.identifier) else {
            continue;
        };
        let recent = row.full.is_some_and(|at| (input.now - at).abs() < every);
        if !input.full && recent && row.cursor.is_some() && !row.dirty && !pair.is_new {
            pair.mode = Mode::Incremental;
        }
    }
    Ok(())
}

/// Reads what changed in the projects of one clock, a hundred in a request. Projects that are read
/// one by one afterwards share what this read proves: nothing older than it is missed.
fn read_changes(pass: &mut Context, pairs: &[Pair]) -> Result<()> {
    if !pass.huly.abilities().shared_changes {
        return Ok(());
    }
    let stored = pass.store.read(store::projects::all)?;
    let of = |mode: Mode| pairs.iter().filter(move |pair| pair.mode == mode);
    let full: Vec<&str> = of(Mode::Full).map(|pair| pair.identifier.as_str()).collect();
    let cursors: HashMap<&str, Millis> = of(Mode::Incremental)
        .filter_map(|pair| {
            let row = stored.iter().find(|row| row.identifier == pair.identifier)?;
            Some((pair.identifier.as_str(), row.cursor?))
        })
        .collect();
    let mut newest = None;
    if let Some(&latest) = cursors.values().max() {
        let mut together: Vec<&str> = cursors
            .iter()
            .filter(|(_, cursor)| **cursor >= latest - BEHIND_MS)
            .map(|(name, _)| *name)
            .collect();
        together.sort_unstable();
        pass.feed = Feed::new(Spool::open(pass.store.path()).context("failed to open a spool")?);
        for chunk in together.chunks(SHARED) {
            newest = newest.max(read_chunk(pass, chunk, &cursors)?);
            note(pass, chunk, newest);
        }
        pass.feed.close()?;
        let alone: Vec<&str> =
            cursors.keys().copied().filter(|name| together.binary_search(name).is_err()).collect();
        note(pass, &alone, newest);
    }
    if !full.is_empty() {
        let asked = pass.huly.newest(&full)?;
        note(pass, &full, newest.max(asked));
    }
    Ok(())
}

fn note(pass: &mut Context, projects: &[&str], newest: Option<Millis>) {
    let Some(newest) = newest else { return };
    for project in projects {
        pass.asked_after.insert((*project).to_owned(), newest);
    }
}

/// One shared read; the newest believable change in it.
fn read_chunk(
    pass: &mut Context,
    chunk: &[&str],
    cursors: &HashMap<&str, Millis>,
) -> Result<Option<Millis>> {
    let since = chunk.iter().filter_map(|name| cursors.get(name)).min().copied().unwrap_or(0);
    let mut newest = Newest::default();
    let (huly, feed) = (pass.huly.clone(), &mut pass.feed);
    let ends = huly.changes(chunk, since, &mut |listed| match listed {
        ListedOf::Restart => {
            feed.forget(chunk);
            Ok(())
        }
        ListedOf::Element(project, element) => {
            newest.add(huly.parse(element, false)?.modified);
            feed.push(project, element)
        }
    });
    let ends = match ends {
        Ok(ends) => ends,
        // One project can spoil the answer for all (an assigned issue): each is read alone.
        Err(error) if error.kind == Kind::Server => {
            log::debug!("{error}");
            feed.forget(chunk);
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let mut time = None;
    let mut whole = true;
    for end in ends {
        match end.end {
            Ok(list) => {
                time = time.max(list.server_time);
                feed.end(&end.project, list);
            }
            Err(error) => {
                // Read alone, it says for itself what is wrong.
                log::debug!("{}: {error}", end.project);
                feed.forget(&[&end.project]);
                whole = false;
            }
        }
    }
    Ok(newest.believable(time).filter(|_| whole))
}

/// Commits for all projects that went well at once, and sums up.
fn conclude(
    pass: &Context,
    pairs: &[Pair],
    done: Vec<Option<Done>>,
    output: &mut Output,
) -> Result<Output> {
    let mut output = std::mem::take(output);
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
            report.errors.push("the pass ended before its turn".to_owned());
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
            Some(Kind::Auth) => exit = exit.worst(Exit::Usage),
            Some(Kind::Stopped) => exit = exit.worst(Exit::Later),
            _ => well += u64::from(matches!(done.report.outcome, Outcome::Ok | Outcome::Partial)),
        }
        if done.report.withheld {
            exit = exit.worst(Exit::Refused);
        }
        say(pass, pair, &done.report)?;
        output.ops.append(&mut done.ops);
        output.projects.push(done.report);
        fatal = fatal.or(done.fatal);
    }
    if offline > 1 || offline > 0 && well == 0 {
        exit = exit.worst(Exit::Later);
    }
    if let Some(reason) = pass.stop.reached().filter(|_| left > 0 || exit == Exit::Later) {
        output
            .warn(format!("ended early ({}): {left} projects wait for the next pass", why(reason)));
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
        log::error!("{error:#}");
        output.errors.push(format!("{error:#}"));
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

/// What went wrong goes to the log, line by line; what merely is as it was is said once.
fn say(pass: &Context, pair: &Pair, report: &report::Project) -> Result<()> {
    for error in &report.errors {
        if report.outcome == Outcome::Skipped {
            let now = pass.now;
            let first = pass.store.write(|state| {
                let project = store::projects::keep(state, &pair.identifier, &pair.name)?;
                store::said::first_time(state, project.id, "skipped", error, now)
            })?;
            if !first {
                log::info!("{}: {error}", report.identifier);
                continue;
            }
        }
        log::warn!("{}: {error}", report.identifier);
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
