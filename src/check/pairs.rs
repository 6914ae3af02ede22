//! Findings on projects: rights, pairs, repositories.

use std::collections::BTreeMap;

use super::facts::{Facts, Place, Repository};
use super::finding::{Finding, Level};
use crate::config::{Config, Pairing};
use crate::http::Error;
use crate::report::quoted;
use crate::sync::guard;
use crate::sync::pairing::Partner;
use crate::{huly, store, vibe};

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let (Some(huly), Some(vibe)) = (facts.huly.told(), facts.vibe.told()) else {
        return vec![unknown()];
    };
    let pairs = match &facts.pairs {
        Some(Ok(pairs)) => pairs,
        Some(Err(error)) => return vec![untold(error)],
        None => return vec![unknown()],
    };
    let mut found = Vec::new();
    for project in &huly.projects {
        let Some(partner) = pairs.get(&project.identifier) else { continue };
        let subject = format!("project {}", project.identifier);
        let say = |level, what: String| Finding::new(level, &subject, what);
        found.push(of_project(project, partner, &vibe.projects, &say));
        found.extend(contradicted(project, partner, &facts.config, &vibe.projects, &say));
        found.extend(doubled(project, partner, &huly.projects, &vibe.projects, &say));
        found.extend(
            facts.repositories.get(&project.identifier).and_then(|at| missing(partner, at, &say)),
        );
    }
    found.extend(
        facts.state.projects.iter().filter(|row| unlisted(row, &huly.projects, pairs)).map(|row| {
            let what = "Huly does not list it any more, or it is archived: nothing is changed";
            Finding::new(Level::Warning, format!("project {}", row.identifier), what)
                .todo("make the account a member again, or leave it")
        }),
    );
    found.extend(too_many(facts, pairs));
    found
}

type Say<'a> = dyn Fn(Level, String) -> Finding + 'a;

fn unknown() -> Finding {
    let what = "pairs are told when both Huly and Vibe Kanban list their projects";
    Finding::new(Level::Note, "projects", what)
}

fn untold(error: &Error) -> Finding {
    let what = format!("Vibe Kanban does not tell where its repositories are: {error}");
    Finding::new(Level::of(error.kind), "projects", what)
        .todo("try later; if it lasts, look at its log")
}

fn of_project(
    project: &huly::Project,
    partner: &Partner,
    vibe: &[vibe::Project],
    say: &Say<'_>,
) -> Finding {
    let name = quoted(&project.name);
    match partner {
        Partner::Known { id } => {
            let other = vibe.iter().find(|other| other.id == *id);
            let other = other.map_or(id, |other| &other.name);
            say(Level::Ok, format!("{name} is the pair of Vibe's {}", quoted(other)))
        }
        Partner::Found { id, name: other, .. } => {
            say(Level::Ok, format!("{name} would be the pair of Vibe's {} ({id})", quoted(other)))
        }
        Partner::New { path, .. } => {
            say(Level::Ok, format!("a Vibe project {name} would be made at {path}"))
        }
        Partner::Never => say(Level::Note, "not synced, as [projects] says".to_owned()),
        Partner::None(why) => say(Level::Warning, why.clone()),
    }
}

/// A stored pair goes before `[projects]`; a line that says otherwise does nothing.
fn contradicted(
    project: &huly::Project,
    partner: &Partner,
    config: &Config,
    vibe: &[vibe::Project],
    say: &Say<'_>,
) -> Option<Finding> {
    let Partner::Known { id } = partner else { return None };
    let Some(Pairing::With(wanted)) = config.projects.get(&project.identifier) else { return None };
    let is_meant = |other: &vibe::Project| other.id == *id && other.name == *wanted;
    if wanted == id || vibe.iter().any(is_meant) {
        return None;
    }
    let identifier = &project.identifier;
    let what =
        format!("[projects] names {} for it, but the pair that is stored stands", quoted(wanted));
    let todo = format!("run `forget {identifier} --yes` to end that one, or take the line away");
    Some(say(Level::Warning, what).todo(todo))
}

/// A name that more than one project has pairs none of them, and is often a slip.
fn doubled(
    project: &huly::Project,
    partner: &Partner,
    huly: &[huly::Project],
    vibe: &[vibe::Project],
    say: &Say<'_>,
) -> Option<Finding> {
    if project.closed || !matches!(partner, Partner::New { .. } | Partner::None(_)) {
        return None;
    }
    let name = project.name.trim().to_lowercase();
    let same = |other: &str| !name.is_empty() && other.trim().to_lowercase() == name;
    let in_huly = huly.iter().filter(|other| !other.archived && same(&other.name)).count();
    let in_vibe = vibe.iter().filter(|other| same(&other.name)).count();
    let what = match (in_huly, in_vibe) {
        (2.., 1..) => format!(
            "{in_huly} Huly projects are named {}: none is the pair of Vibe's by that name",
            quoted(&project.name)
        ),
        (_, 2..) => {
            format!(
                "{in_vibe} Vibe projects are named {}: none is taken by name",
                quoted(&project.name)
            )
        }
        _ => return None,
    };
    let id = &project.identifier;
    let todo = format!("write `{id} = \"<id of the Vibe project>\"` under [projects]");
    Some(say(Level::Warning, what).todo(todo))
}

fn missing(partner: &Partner, at: &Repository, say: &Say<'_>) -> Option<Finding> {
    let path = &at.path;
    let (what, is_new) = match (at.found, partner) {
        (Place::Git, _) | (Place::Missing, Partner::New { may_make: true, .. }) => return None,
        (Place::Missing, Partner::New { .. }) => (format!("there is no {path}"), true),
        (Place::Folder, Partner::New { .. }) => (format!("{path} is no Git repository"), true),
        (Place::Missing, _) => (format!("its repository {path} is missing"), false),
        (Place::Folder, _) => (format!("its repository {path} has no .git"), false),
    };
    let todo = if is_new {
        "make a Git repository there, or correct the path in the Huly project's description"
    } else {
        "put it back, for Vibe Kanban's agents work there; issues and tasks are synced all the same"
    };
    Some(say(Level::Warning, what).todo(todo))
}

fn unlisted(
    row: &store::projects::Project,
    huly: &[huly::Project],
    pairs: &BTreeMap<String, Partner>,
) -> bool {
    // Without any, there is one finding that says so.
    !huly.is_empty() && row.vibe_id.is_some() && !pairs.contains_key(&row.identifier)
}

fn too_many(facts: &Facts, pairs: &BTreeMap<String, Partner>) -> Option<Finding> {
    let is_new = |partner: &&Partner| matches!(partner, Partner::New { .. });
    let new = pairs.values().filter(is_new).count() as u64;
    let known = facts.state.projects.iter().filter(|row| row.vibe_id.is_some()).count() as u64;
    guard::too_many_projects(&facts.config.guard, new, known).then(|| {
        let what = format!("{new} new Vibe projects beside {known} pairs would be withheld");
        let todo = "if that is meant, run `sync --allow-mass-create`";
        Finding::new(Level::Warning, "projects", what).todo(todo)
    })
}
