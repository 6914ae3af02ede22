//! Which project it is.

use serde_json::{Value, json};

use crate::store::projects::Project;

pub(super) fn value(project: &Project) -> Value {
    json!({
        "huly": {"identifier": project.identifier, "name": project.name},
        "vibe_kanban": {"id": project.vibe_id, "name": project.vibe_name},
        "repository": {"path": project.repo_path, "remote": project.git_remote},
    })
}
