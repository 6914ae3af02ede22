//! Findings on statuses without a counterpart: one for each status, whatever the number of projects.

use std::collections::BTreeMap;

use super::facts::Facts;
use super::finding::{Finding, Level};
use crate::model::Side;
use crate::report::quoted;
use crate::sync::status::{self, Translator, Wish};

/// Names that one line holds.
const SHOWN: usize = 6;

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let (map, direction) = (&facts.config.status, facts.config.sync.direction);
    let (mut of_huly, mut of_vibe) = (BTreeMap::new(), BTreeMap::new());
    for (identifier, project) in &facts.vocabularies {
        let translator = Translator { map, project };
        for own in &project.statuses {
            if translator.to_vibe(Some(&own.name), own.category).is_none() {
                note(&mut of_huly, &own.name, identifier);
            }
        }
        for own in status::VIBE {
            if translator.to_huly(own) == Wish::Nothing {
                note(&mut of_vibe, own, identifier);
            }
        }
    }
    let mut found = Vec::new();
    for (name, projects) in of_huly {
        let name = quoted(&name);
        let what = format!("Huly's {name} has no counterpart in Vibe Kanban ({projects})");
        let todo =
            format!("write `{name} = \"inprogress\"`, or what it means, under [status.to_vibe]");
        found.push(Finding::new(Level::Warning, "statuses", what).todo(todo));
    }
    for (name, projects) in of_vibe {
        if !direction.writes_to(Side::Huly) {
            break;
        }
        let what = format!("Vibe Kanban's {name:?} has no counterpart in Huly ({projects})");
        let todo = format!(
            "add such a status to the project, or write `{name} = \"<another>\"` under \
             [status.fallback]"
        );
        found.push(Finding::new(Level::Note, "statuses", what).todo(todo));
    }
    found.extend(facts.no_statuses.as_ref().map(|(identifier, error)| {
        let what = format!("those of {identifier} and what follows are not told: {error}");
        Finding::new(Level::of(error.kind), "statuses", what)
            .todo("try later; if it lasts, look at Huly's log")
    }));
    found
}

/// Projects that lack the same.
#[derive(Default)]
struct Projects(Vec<String>);

fn note(lacking: &mut BTreeMap<String, Projects>, name: &str, identifier: &str) {
    lacking.entry(name.to_owned()).or_default().0.push(identifier.to_owned());
}

impl std::fmt::Display for Projects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = &self.0[..self.0.len().min(SHOWN)];
        f.write_str(&shown.join(", "))?;
        match self.0.len() - shown.len() {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
