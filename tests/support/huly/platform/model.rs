//! The model of a workspace: types of projects and tasks, statuses and what they mean.

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::support::huly::project::{ProjectType, State};
use crate::support::huly::tracker::Tracker;

/// What a fresh 0.7.422 has, by class.
const RECORDED: [(&str, &str); 4] = [
    ("task:class:ProjectType", include_str!("../../recordings/huly/find-projecttypes.json")),
    ("task:class:TaskType", include_str!("../../recordings/huly/find-tasktypes.json")),
    ("core:class:Status", include_str!("../../recordings/huly/find-statuses.json")),
    ("core:class:StatusCategory", include_str!("../../recordings/huly/find-statuscategories.json")),
];
/// When the recorded model was made.
const MADE_AT: i64 = 1_795_420_867_584;
/// The class of the statuses that issues have.
const ISSUE_STATUS: &str = "tracker:class:IssueStatus";

fn recorded(class: &str) -> &'static [Value] {
    static MODEL: OnceLock<Vec<(&str, Vec<Value>)>> = OnceLock::new();
    let model = MODEL.get_or_init(|| {
        let read = |(class, text): (&'static str, &str)| {
            let recording: Value = serde_json::from_str(text).expect("a recording is JSON");
            (class, recording["body"]["value"].as_array().cloned().unwrap_or_default())
        };
        RECORDED.into_iter().map(read).collect()
    });
    model.iter().find(|(name, _)| *name == class).map_or(&[], |(_, documents)| documents)
}

fn of_model(mut document: Value, id: &str, class: &str) -> Value {
    document["_id"] = json!(id);
    document["_class"] = json!(class);
    document["space"] = json!("core:space:Model");
    for (by, on) in [("modifiedBy", "modifiedOn"), ("createdBy", "createdOn")] {
        document[by] = json!("core:account:System");
        document[on] = json!(MADE_AT);
    }
    document
}

/// The documents of a class of the model; none if it is no such class.
pub fn documents(class: &str, tracker: &Tracker) -> Option<Vec<Value>> {
    let mut all = match class {
        ISSUE_STATUS => {
            let mut statuses = documents("core:class:Status", tracker)?;
            statuses.retain(|status| status["_class"] == ISSUE_STATUS);
            return Some(statuses);
        }
        class if RECORDED.iter().any(|(name, _)| *name == class) => recorded(class).to_vec(),
        _ => return None,
    };
    let own: Vec<Value> = match class {
        "core:class:Status" => tracker.states.iter().map(status).collect(),
        "task:class:ProjectType" => types(tracker, project_type),
        "task:class:TaskType" => types(tracker, task_type),
        _ => Vec::new(),
    };
    for document in own {
        if all.iter().all(|known| known["_id"] != document["_id"]) {
            all.push(document);
        }
    }
    Some(all)
}

fn types(tracker: &Tracker, shown: fn(&ProjectType) -> Value) -> Vec<Value> {
    tracker.projects.values().map(|project| shown(&project.kind)).collect()
}

fn status(state: &State) -> Value {
    let shown = json!({"ofAttribute": "tracker:attribute:IssueStatus", "name": state.name,
        "color": 21, "category": state.category.reference()});
    of_model(shown, &state.id, ISSUE_STATUS)
}

fn project_type(kind: &ProjectType) -> Value {
    let statuses: Vec<Value> = kind
        .states
        .iter()
        .map(|state| json!({"_id": state.id, "taskType": kind.task_type}))
        .collect();
    let shown = json!({"name": "Configured project", "descriptor": "tracker:descriptors:ProjectType",
        "description": "", "tasks": [kind.task_type], "roles": 0, "classic": true,
        "statuses": statuses, "targetClass": format!("{}:type:mixin", kind.id)});
    of_model(shown, &kind.id, "task:class:ProjectType")
}

fn task_type(kind: &ProjectType) -> Value {
    let ids: Vec<&String> = kind.states.iter().map(|state| &state.id).collect();
    let mut categories: Vec<String> =
        kind.states.iter().map(|state| state.category.reference()).collect();
    categories.dedup();
    let shown = json!({"parent": kind.id, "statuses": ids, "name": "Issue", "kind": "both",
        "descriptor": "tracker:descriptors:Issue", "ofClass": "tracker:class:Issue",
        "targetClass": format!("{}:type:mixin", kind.task_type), "statusClass": ISSUE_STATUS,
        "statusCategories": categories, "allowedAsChildOf": [kind.task_type],
        "icon": "tracker:icon:Issue"});
    of_model(shown, &kind.task_type, "task:class:TaskType")
}
