//! `letta-push`, and the same push at the end of a pass.

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::Result;

use super::run::{self, Bar, Run};
use super::state;
use crate::cli::{Cli, LettaPush};
use crate::config::{Config, Environment, Pairing, Selection};
use crate::exit::{Exit, Expected};
use crate::http::{Http, Proxy};
use crate::letta::client::Client;
use crate::letta::{self, repository};
use crate::model::Millis;
use crate::progress::Screen;
use crate::report::{self, Complaint, Outcome};
use crate::stop::Stop;
use crate::store::projects::Project;
use crate::store::{self, Store};
use crate::sync::Watcher;
use crate::sync::output::Output;
use crate::vibe::Vibe;

/// Tells Letta alone, from the state file.
pub(super) fn run(cli: &Cli, flags: &LettaPush, env: &Environment, screen: &Screen) -> Exit {
    run::conduct(cli, screen, false, |run, report| push(run, cli, flags, env, screen, report))
}

fn push(
    run: &mut Run,
    cli: &Cli,
    flags: &LettaPush,
    env: &Environment,
    screen: &Screen,
    report: &mut report::Pass,
) -> Result<Exit> {
    let config = cli.config(env)?;
    report.dry_run = config.sync.dry_run;
    run.watch(&config, env, &report.command);
    let url = config.letta.address()?.to_owned();
    state::need(&config)?;
    let store = run.open(&config, &report.command)?;
    let stop = run.stop(&config)?;
    let http = Http::new(&config.http, config.sync.jobs, stop.clone(), Proxy::Environment);
    (run.http, run.has_letta) = (Some(http.clone()), true);
    let projects = chosen(&store, &config, &cli.command.selection())?;
    let client = Client::new(&config.letta, &url, &http);
    let input = letta::Input {
        config: &config,
        client: &client,
        url: &url,
        store: &store,
        stop: &stop,
        now: run.started,
        force: flags.force,
        verify: flags.verify,
        dry_run: config.sync.dry_run,
    };
    let pushed = letta::push(&input, &projects, &mut Bar::new(screen))?;
    for told in pushed.projects {
        let mut project = report::Project::new(&told.identifier);
        project.outcome = match (told.errors.is_empty(), told.blocks.failed, told.blocks.written) {
            (true, ..) => Outcome::Ok,
            (false, 1.., 0) => Outcome::Failed,
            (false, ..) => Outcome::Partial,
        };
        project.blocks = Some(told.blocks);
        project.is_told = !told.waits;
        project.errors = told.errors;
        report.projects.push(project);
    }
    if report.dry_run {
        report.plan = Some(pushed.ops.try_into()?);
    }
    report.errors.extend(pushed.errors);
    Ok(pushed.exit.unwrap_or(Exit::Done))
}

/// The projects that this state has synced, as far as they were asked for.
fn chosen(store: &Store, config: &Config, selection: &Selection) -> Result<Vec<Project>> {
    let all = store.read(store::projects::all)?;
    let names: Vec<&str> = all.iter().map(|project| project.identifier.as_str()).collect();
    let unmatched: Vec<&str> = selection.unmatched(&names).collect();
    if !unmatched.is_empty() {
        let message = format!("this state knows no project {}", unmatched.join(", "));
        return Err(Expected::new(Exit::Usage, message).into());
    }
    let is_wanted = |project: &Project| {
        is_synced(project)
            && selection.takes(&project.identifier)
            && config.projects.get(&project.identifier) != Some(&Pairing::Never)
    };
    Ok(all.into_iter().filter(is_wanted).collect())
}

/// Whether a pass of this state has come to its end over the project, and it is still a pair.
fn is_synced(project: &Project) -> bool {
    project.vibe_id.is_some() && project.success.is_some()
}

/// Those that went well, or partly, in the pass that has just ended.
fn synced(store: &Store, output: &Output) -> Result<Vec<Project>> {
    let well = |outcome| matches!(outcome, Outcome::Ok | Outcome::Partial | Outcome::Refused);
    let went: HashSet<&str> = output
        .projects
        .iter()
        .filter(|project| well(project.outcome))
        .map(|project| project.identifier.as_str())
        .collect();
    let all = store.read(store::projects::all)?;
    let is_wanted =
        |project: &Project| is_synced(project) && went.contains(project.identifier.as_str());
    Ok(all.into_iter().filter(is_wanted).collect())
}

/// Stores where the repositories were cloned from, whoever may be told later.
pub(super) fn remember_remotes(store: &Store, output: &Output) {
    let remembered =
        synced(store, output).and_then(|projects| repository::remember_remotes(store, &projects));
    if let Err(error) = remembered {
        // A state that cannot be written fails at the next commit, and is told there.
        log::debug!("{error:#}");
    }
}

/// The push after a pass.
pub(super) struct After {
    config: Config,
    url: String,
    client: Client,
    vibe: Vibe,
    store: Arc<Store>,
    stop: Stop,
    now: Millis,
}

impl After {
    /// Where a Letta is known, and wanted.
    pub(super) fn new(
        config: &Config,
        cli: &Cli,
        http: &Http,
        vibe: &Vibe,
        store: &Arc<Store>,
        stop: &Stop,
        now: Millis,
    ) -> Option<Self> {
        let url = config.letta.url.clone()?;
        if cli.command.pass().is_some_and(|pass| pass.no_letta) {
            return None;
        }
        Some(Self {
            config: config.clone(),
            client: Client::new(&config.letta, &url, http),
            url,
            vibe: vibe.clone(),
            store: store.clone(),
            stop: stop.clone(),
            now,
        })
    }

    /// Tells Letta of the projects that went well or partly. What goes wrong here makes the exit a
    /// partial one, and takes nothing back.
    pub(super) fn push(self, output: &mut Output, watcher: &mut dyn Watcher) {
        let exit = output.exit.unwrap_or(Exit::Done);
        match self.tell(output, watcher) {
            Ok(Exit::Done) => {}
            Ok(_) => {
                let is_late = self.stop.reached().is_some();
                let own = if is_late { Exit::Later } else { Exit::Partial };
                output.exit = Some(exit.worst(own));
            }
            Err(error) => {
                output.errors.push(Complaint::of(&error).of_letta());
                output.exit = Some(exit.worst(Exit::of(&error)));
            }
        }
    }

    fn tell(&self, output: &mut Output, watcher: &mut dyn Watcher) -> Result<Exit> {
        let mut projects = synced(&self.store, output)?;
        self.find_repositories(&mut projects)?;
        let input = letta::Input {
            config: &self.config,
            client: &self.client,
            url: &self.url,
            store: &self.store,
            stop: &self.stop,
            now: self.now,
            force: false,
            verify: false,
            dry_run: false,
        };
        let pushed = letta::push(&input, &projects, watcher)?;
        for told in pushed.projects {
            let own =
                output.projects.iter_mut().find(|project| project.identifier == told.identifier);
            if let Some(project) = own {
                project.blocks = Some(told.blocks);
                project.is_told = !told.waits;
                project.errors.extend(told.errors);
            }
        }
        output.errors.extend(pushed.errors);
        Ok(pushed.exit.unwrap_or(Exit::Done))
    }

    /// Later versions of Vibe Kanban tell a repository's path apart: they are asked once, before a
    /// project's agent is made.
    fn find_repositories(&self, projects: &mut [Project]) -> Result<()> {
        for project in projects.iter_mut().filter(|project| project.repo_path.is_none()) {
            let agent = self.store.read(|state| store::agents::get(state, project.id))?;
            let Some(vibe_id) = project.vibe_id.as_deref().filter(|_| agent.id.is_none()) else {
                continue;
            };
            match self.vibe.repositories(vibe_id) {
                Ok(paths) => project.repo_path = paths.into_iter().next(),
                Err(error) => log::debug!("{}: {error}", project.identifier),
            }
            if let Some(path) = project.repo_path.as_deref() {
                self.store.write(|state| {
                    store::projects::set_repository(state, project.id, Some(path), None)
                })?;
                repository::remember_remotes(&self.store, std::slice::from_ref(project))?;
                project.git_remote = self
                    .store
                    .read(|state| store::projects::get(state, &project.identifier))?
                    .and_then(|stored| stored.git_remote);
            }
        }
        Ok(())
    }
}
