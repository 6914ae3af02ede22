//! Which pairs a pass is for, and how much of each it reads.

use std::collections::BTreeMap;

use anyhow::Result;
use log::Level;

use crate::config::Config;
use crate::exit::Exit;
use crate::model::{Millis, Side};
use crate::report::{self, Complaint, Mode, Outcome};
use crate::vibe::Vibe;
use crate::{http, huly, store, vibe};

use super::guard;
use super::input::Input;
use super::output::Output;
use super::pairing::{self, Pair, Partner};

/// The chosen projects with their other halves.
pub(super) fn pair_up(
    input: &Input,
    huly: &[huly::Project],
    vibe: &[vibe::Project],
    output: &mut Output,
) -> Result<Vec<Pair>> {
    let stored = input.store.read(store::projects::all)?;
    let vibe = with_paths(&input.vibe, huly, vibe, &stored)?;
    let decided = decide(&input.config, huly, &vibe, &stored);
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

/// The other half of every Huly project, as the settings have it.
pub(crate) fn decide(
    config: &Config,
    huly: &[huly::Project],
    vibe: &[vibe::Project],
    stored: &[store::projects::Project],
) -> BTreeMap<String, Partner> {
    pairing::decide(&pairing::Input {
        huly,
        vibe,
        stored,
        configured: &config.projects,
        repos_dir: config.sync.repos_dir.as_deref(),
        archived: config.sync.archived,
        may_create: config.creation.projects && config.sync.direction.writes_to(Side::Vibe),
    })
}

/// A pair whose Huly project is not listed any more: archived, deleted, or membership was lost.
fn skip(input: &Input, row: &store::projects::Project, output: &mut Output) -> Result<()> {
    let message = "Huly does not list it any more (archived, deleted, or no membership): nothing \
                   is changed";
    let (id, now) = (row.id, input.now);
    let first = !input.store.read(|state| store::said::is_said(state, id, "unlisted", ""))?
        && input.store.write(|state| store::said::first_time(state, id, "unlisted", "", now))?;
    let level = if first { Level::Warn } else { Level::Info };
    let mut report = report::Project::new(&row.identifier);
    report.outcome = Outcome::Skipped;
    report.errors.push(Complaint::new("unlisted", message).at(level));
    output.projects.push(report);
    Ok(())
}

/// Later versions of Vibe Kanban tell a project's repository apart: asked only where a pair could
/// hang on it.
pub(crate) fn with_paths(
    client: &Vibe,
    huly: &[huly::Project],
    vibe: &[vibe::Project],
    stored: &[store::projects::Project],
) -> http::Result<Vec<vibe::Project>> {
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
            project.repo_path = client.repositories(&project.id)?.into_iter().next();
        }
    }
    Ok(projects)
}

/// Many new Vibe projects beside existing pairs are more likely a slip than a wish.
pub(super) fn refuse_flood(
    input: &Input,
    pairs: &mut Vec<Pair>,
    output: &mut Output,
) -> Result<()> {
    let is_new = |pair: &Pair| matches!(pair.partner, Partner::New { .. });
    let new = pairs.iter().filter(|pair| is_new(pair)).count() as u64;
    let known = input.store.read(store::projects::all)?;
    let known = known.iter().filter(|row| row.vibe_id.is_some()).count() as u64;
    if !guard::too_many_projects(&input.config.guard, new, known) {
        return Ok(());
    }
    output.exit = Some(Exit::Refused);
    output.warn(
        "new projects",
        format!(
            "{new} new Vibe projects at once beside {known} pairs: withheld; if that is meant, run \
             `sync --allow-mass-create`"
        ),
    );
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
pub(super) fn modes(input: &Input, pairs: &mut [Pair]) -> Result<()> {
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

/// Stores the pairs that were found, all at once: a first pass has hundreds of them.
pub(super) fn keep_found(input: &Input, pairs: &[Pair]) -> Result<()> {
    let is_found = |pair: &&Pair| matches!(pair.partner, Partner::Found { .. });
    if !pairs.iter().any(|pair| is_found(&pair)) {
        return Ok(());
    }
    input.store.write(|state| {
        for pair in pairs.iter().filter(is_found) {
            if let Partner::Found { id, name, path } = &pair.partner {
                let row = store::projects::keep(state, &pair.identifier, &pair.name)?;
                store::projects::pair(state, row.id, id, name, path.as_deref())?;
            }
        }
        Ok(())
    })
}
