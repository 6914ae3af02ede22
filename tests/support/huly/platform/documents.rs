//! What the account may see, and projects as documents.

use serde_json::{Value, json};

use super::fields::Shown;
use super::workspace::ACCOUNT;
use crate::support::huly::bridge::Inside;
use crate::support::huly::issue::IssueId;
use crate::support::huly::project::Project;
use crate::support::huly::tracker::{OURSELVES, Tracker};

/// The class of projects.
pub const PROJECT: &str = "tracker:class:Project";
/// The space that spaces are in.
pub const SPACES: &str = "core:space:Space";

impl Inside {
    /// Whether the project itself is in a list: a private one only for its members.
    pub fn lists(&self, project: &Project, shows_archived: bool) -> bool {
        let is_hidden = project.private && !project.is_joined;
        !is_hidden && (!project.archived || shows_archived || self.conditions.lists_archived)
    }

    /// Whether what is in the project can be read: by members alone, though nobody is told so.
    pub fn opens(&self, project: &Project, shows_archived: bool) -> bool {
        project.is_joined && self.lists(project, shows_archived)
    }
}

impl Tracker {
    /// The issue as its fields are made from it.
    pub fn shown(&self, id: IssueId) -> Shown<'_> {
        self.shown_in(id, &self.projects[&self.issues[&id].project])
    }

    /// The same for whoever has its project already: on a large board that counts.
    pub fn shown_in<'a>(&'a self, id: IssueId, project: &'a Project) -> Shown<'a> {
        let issue = &self.issues[&id];
        let parent = issue.document.parent.and_then(|parent| self.issues.get(&parent));
        let parent = parent.map(|parent| parent.document.id.as_str());
        Shown { issue, project, states: &self.states, parent }
    }
}

/// A project as the platform shows it.
pub fn project(project: &Project) -> Value {
    let members: &[&str] = if project.is_joined { &[ACCOUNT] } else { &[] };
    let mut shown = json!({"name": project.name, "type": project.kind.id, "autoJoin": true,
        "sequence": project.sequence, "identifier": project.identifier,
        "description": project.description, "docUpdateMessages": 1,
        "defaultTimeReportDay": "PreviousWorkDay", "_id": project.space, "_class": PROJECT,
        "space": SPACES, "modifiedBy": OURSELVES, "createdBy": "core:account:System",
        "modifiedOn": project.modified, "createdOn": project.created,
        "private": project.private, "members": members, "archived": project.archived});
    for (name, value) in &project.attributes {
        shown[name] = value.clone();
    }
    shown
}
