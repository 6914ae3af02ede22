//! The rules that are really in force: what the sync itself would answer is asked of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::config::{Config, Direction, OnDeletion, Policy};
use crate::sync::status::{self, Translator, Vocabulary, Wish};

/// What a Huly project has if nobody says otherwise.
const USUAL: [&str; 6] = ["Backlog", "Todo", "In Progress", "In Review", "Done", "Canceled"];

pub(super) fn value(config: &Config, words: &Vocabulary) -> Value {
    // A status that is seen for the first time changes no rule: what is only partly known is left
    // out, and told are the names that are asked for then.
    let unknown = Vocabulary::default();
    let project = if words.complete { words } else { &unknown };
    let translator = Translator { map: &config.status, project };
    let to_vibe: Vec<Value> = names(config, project)
        .into_iter()
        .map(|name| json!({"huly": name, "vibe_kanban": translator.to_vibe(Some(&name), None)}))
        .collect();
    let to_huly: Vec<Value> = status::VIBE
        .into_iter()
        .map(|status| {
            let wish = match translator.to_huly(status) {
                Wish::Name(name) => Some(name),
                Wish::Nothing => None,
            };
            json!({"vibe_kanban": status, "huly": wish})
        })
        .collect();
    json!({
        "direction": direction(config.sync.direction),
        "statuses_to_vibe_kanban": to_vibe,
        "statuses_to_huly": to_huly,
        "statuses_fallback": config.status.fallback,
        "conflicts_won_by": {
            "title": policy(config.conflict.title),
            "description": policy(config.conflict.description),
            "status": policy(config.conflict.status),
        },
        "when_deleted": {
            "issue": on_deletion(config.deletion.issue, "task"),
            "task": on_deletion(config.deletion.task, "issue"),
        },
        "creates": {
            "issues": config.creation.huly && config.sync.direction != Direction::HulyToVibe,
            "tasks": config.creation.vibe && config.sync.direction != Direction::VibeToHuly,
        },
        "adopts_by_title": config.sync.adopt_by_title,
    })
}

/// The project's own, in its own order; else the usual ones, and those that a person named.
fn names(config: &Config, project: &Vocabulary) -> Vec<String> {
    if project.complete {
        return project.statuses.iter().map(|own| own.name.clone()).collect();
    }
    let usual: BTreeSet<String> = USUAL.iter().map(|name| name.to_lowercase()).collect();
    let named = config.status.to_vibe.keys().filter(|name| !usual.contains(*name)).cloned();
    USUAL.iter().map(|name| (*name).to_owned()).chain(named).collect()
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Both => "both",
        Direction::HulyToVibe => "huly-to-vibe",
        Direction::VibeToHuly => "vibe-to-huly",
    }
}

fn policy(policy: Policy) -> &'static str {
    match policy {
        Policy::Huly => "huly",
        Policy::Vibe => "vibe",
        Policy::Newest => "newest",
    }
}

fn on_deletion(fate: OnDeletion, other: &str) -> String {
    match fate {
        OnDeletion::Cancel => format!("its {other} is cancelled"),
        OnDeletion::Delete => format!("its {other} is deleted"),
        OnDeletion::Keep => format!("its {other} is left as it is"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::huly::{Category, Status};

    #[test]
    fn a_status_that_is_merely_seen_changes_no_rule() {
        let config = Config::default();
        let seen = Status { name: "Coding".to_owned(), category: None };
        let words = Vocabulary { statuses: vec![seen], complete: false, asks_again: false };
        assert_eq!(value(&config, &words), value(&config, &Vocabulary::default()));
    }

    #[test]
    fn the_mapping_is_the_one_that_the_sync_goes_by() {
        let mut config = Config::default();
        config.status.to_vibe.insert("qa".to_owned(), "inreview".to_owned());
        let told = value(&config, &Vocabulary::default());
        let last = told["statuses_to_vibe_kanban"].as_array().and_then(|all| all.last()).cloned();
        assert_eq!(last, Some(json!({"huly": "qa", "vibe_kanban": "inreview"})));

        let own = |name: &str, category| Status { name: name.to_owned(), category: Some(category) };
        let statuses = vec![own("Idea", Category::UnStarted), own("Shipped", Category::Won)];
        let told = value(&config, &Vocabulary { statuses, complete: true, asks_again: false });
        assert_eq!(
            told["statuses_to_vibe_kanban"],
            json!([{"huly": "Idea", "vibe_kanban": "todo"},
                   {"huly": "Shipped", "vibe_kanban": "done"}])
        );
        assert_eq!(told["statuses_to_huly"][3], json!({"vibe_kanban": "done", "huly": "Shipped"}));
        assert_eq!(told["statuses_to_huly"][2], json!({"vibe_kanban": "inreview", "huly": null}));
    }
}
