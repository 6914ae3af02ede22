//! Projects that a run skips: reported where somebody asked for them or looks on.

use std::collections::BTreeMap;

use log::Level;

use crate::config::{Pairing, Selection};
use crate::report::{Complaint, Outcome, Project};

/// Adds those that were named by hand and that the pass left out without a word, with the reason.
pub(super) fn add_left_out(
    selection: &Selection,
    configured: &BTreeMap<String, Pairing>,
    projects: &mut Vec<Project>,
) {
    let named = selection.identifiers.iter().filter(|name| selection.takes(name));
    for name in named {
        if projects.iter().any(|project| project.identifier == *name) {
            continue;
        }
        let why = match configured.get(name) {
            Some(Pairing::Never) => "not synced: projects.* switches it off in the settings",
            _ => "not synced: it is archived in Huly (sync.archived)",
        };
        let mut project = Project::new(name);
        project.outcome = Outcome::Skipped;
        let why = why.replace("projects.*", &format!("projects.{name}"));
        project.errors.push(Complaint::new("skipped", why));
        projects.push(project);
    }
    projects.sort_by(|one, other| one.identifier.cmp(&other.identifier));
}

/// Whether one was skipped for a reason of its own, and not because the pass ended before its turn.
pub(super) fn is_any(projects: &[Project]) -> bool {
    projects.iter().any(is_skipped)
}

/// Reports them again, though they were reported before.
pub(super) fn raise(projects: &mut [Project]) {
    for project in projects.iter_mut().filter(|project| is_skipped(project)) {
        for complaint in &mut project.errors {
            if complaint.level == Level::Info {
                complaint.level = Level::Warn;
            }
        }
    }
}

fn is_skipped(project: &Project) -> bool {
    project.outcome == Outcome::Skipped
        && project.errors.iter().any(|complaint| complaint.level <= Level::Info)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skipped(name: &str, level: Level) -> Project {
        let mut project = Project::new(name);
        project.outcome = Outcome::Skipped;
        project.errors.push(Complaint::new("skipped", "why").at(level));
        project
    }

    #[test]
    fn a_project_that_was_named_and_left_out_is_added_with_the_reason() {
        let selection = Selection {
            identifiers: ["WEB", "OLD", "OFF"].map(str::to_owned).to_vec(),
            ..Selection::default()
        };
        let configured = BTreeMap::from([("OFF".to_owned(), Pairing::Never)]);
        let mut projects = vec![Project::new("WEB")];
        add_left_out(&selection, &configured, &mut projects);
        let told = projects.iter().map(|project| {
            (project.identifier.as_str(), project.errors.first().map(|why| why.text.clone()))
        });
        let [off, old, web] = told.collect::<Vec<_>>().try_into().unwrap();
        assert!(off.0 == "OFF" && off.1.unwrap().contains("projects.OFF"));
        assert!(old.0 == "OLD" && old.1.unwrap().contains("sync.archived"));
        assert_eq!(web, ("WEB", None));
        assert!(is_any(&projects));

        let mut all = vec![Project::new("WEB")];
        add_left_out(&Selection::default(), &configured, &mut all);
        assert_eq!(all.len(), 1, "nobody named one");
        assert!(!is_any(&all));
    }

    #[test]
    fn those_that_wait_for_their_turn_are_none() {
        let mut projects = vec![skipped("A", Level::Info), skipped("B", Level::Debug)];
        assert!(!is_any(&projects[1..]));
        raise(&mut projects);
        let levels: Vec<Level> = projects.iter().map(|project| project.errors[0].level).collect();
        assert_eq!(levels, [Level::Warn, Level::Debug]);
    }
}
