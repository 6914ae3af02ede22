//! Projects, their types, and their statuses.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use serde_json::json;

use super::wire::{IssueDoc, ProjectDoc, ProjectType, StatusDoc};
use super::{Platform, error, lock};
use crate::http::{Kind, Result};
use crate::huly::{Project, Status};

pub(super) const PROJECT: &str = "tracker:class:Project";

/// The task type of issues in projects that have not been given types of their own.
const CLASSIC: &str = "tracker:taskTypes:Issue";

/// What a pass knows of the workspace's projects.
#[derive(Debug, Default)]
pub(super) struct Board {
    projects: Vec<ProjectDoc>,
    statuses: OnceLock<HashMap<String, Status>>,
    types: OnceLock<HashMap<String, ProjectType>>,
}

impl Board {
    /// The project of that identifier.
    pub(super) fn project(&self, identifier: &str) -> Result<&ProjectDoc> {
        let is_it = |project: &&ProjectDoc| project.identifier == identifier;
        self.projects.iter().find(is_it).ok_or_else(|| {
            let message = format!("project {identifier} is not listed");
            error(Kind::Gone, "POST /api/v1/find-all", message)
        })
    }

    /// The project that an issue is in.
    pub(super) fn project_of(&self, issue: &IssueDoc) -> Result<&ProjectDoc> {
        self.projects.iter().find(|project| project.id == issue.space).ok_or_else(|| {
            let message = format!("the project of {} is not listed", issue.identifier);
            error(Kind::Gone, "POST /api/v1/find-all", message)
        })
    }

    /// Whether an issue is where its identifier says. One that was moved elsewhere and kept its
    /// identifier is not the one that is meant by it.
    pub(super) fn is_at_home(&self, issue: &IssueDoc) -> bool {
        match self.home_of(&issue.identifier) {
            Some(home) => home == issue.space,
            None => self.project_of(issue).is_ok(),
        }
    }

    /// The project that an identifier names, by its id.
    pub(super) fn home_of(&self, identifier: &str) -> Option<&str> {
        let (named, _) = identifier.rsplit_once('-')?;
        let project = self.projects.iter().find(|project| project.identifier == named)?;
        Some(&project.id)
    }
}

impl Platform {
    /// Archived ones too: that one is archived is something else than that it is gone.
    pub(super) fn all_projects(&self) -> Result<Vec<Project>> {
        let mut docs: Vec<ProjectDoc> =
            self.find(PROJECT, &json!({}), &json!({"showArchived": true}))?;
        docs.retain(|doc| !doc.identifier.is_empty());
        let account = &self.session()?.account;
        let projects = docs
            .iter()
            .map(|doc| Project {
                id: Some(doc.id.clone()),
                identifier: doc.identifier.clone(),
                name: doc.name.clone(),
                description: doc.description.clone().unwrap_or_default(),
                archived: doc.archived,
                issues: None,
                closed: !doc.members.contains(account),
            })
            .collect();
        *lock(&self.0.board) = Arc::new(Board { projects: docs, ..Board::default() });
        Ok(projects)
    }

    /// To one who is no member, all issues of a project are none, under a status of 200.
    pub(super) fn confirm_project(&self, identifier: &str) -> Result<()> {
        let board = self.board();
        let known = board.project(identifier)?;
        let query = json!({"_id": {"$in": [known.id]}});
        let found: Vec<ProjectDoc> = self.find(PROJECT, &query, &json!({"showArchived": true}))?;
        let fail = |kind, what| {
            let message = format!("project {identifier} {what}");
            Err(error(kind, "POST /api/v1/find-all", message))
        };
        let account = &self.session()?.account;
        match found.first() {
            None => fail(Kind::Gone, "is gone"),
            Some(now) if !now.members.contains(account) => {
                fail(Kind::Invalid, "is not open to this account any more")
            }
            Some(now) if now.archived != known.archived => {
                fail(Kind::Invalid, "was archived a moment ago")
            }
            Some(_) => Ok(()),
        }
    }

    /// All statuses of the workspace's issues, by id.
    pub(super) fn status_names<'a>(&self, board: &'a Board) -> Result<&'a HashMap<String, Status>> {
        if let Some(known) = board.statuses.get() {
            return Ok(known);
        }
        let docs: Vec<StatusDoc> =
            self.find("tracker:class:IssueStatus", &json!({}), &json!({}))?;
        let statuses = docs.into_iter().map(|doc| (doc.id.clone(), Status::from(doc))).collect();
        Ok(board.statuses.get_or_init(|| statuses))
    }

    fn type_of<'a>(&self, board: &'a Board, project: &ProjectDoc) -> Result<&'a ProjectType> {
        let types = match board.types.get() {
            Some(known) => known,
            None => {
                let mut ids: Vec<&str> =
                    board.projects.iter().map(|project| project.kind.as_str()).collect();
                ids.sort_unstable();
                ids.dedup();
                let query = json!({"_id": {"$in": ids}});
                let found: Vec<ProjectType> =
                    self.find("task:class:ProjectType", &query, &json!({}))?;
                let types = found.into_iter().map(|one| (one.id.clone(), one)).collect();
                board.types.get_or_init(|| types)
            }
        };
        types.get(&project.kind).ok_or_else(|| {
            let message = format!("the type of project {} is not listed", project.identifier);
            error(Kind::Protocol, "POST /api/v1/find-all", message)
        })
    }

    /// The statuses of a project with their ids, in its own order: of one task type, or of all.
    pub(super) fn statuses_for(
        &self,
        board: &Board,
        project: &ProjectDoc,
        kind: Option<&str>,
    ) -> Result<Vec<(String, Status)>> {
        let names = self.status_names(board)?;
        let of = self.type_of(board, project)?;
        let mut statuses: Vec<(String, Status)> = Vec::new();
        for status in &of.statuses {
            let fits =
                kind.is_none_or(|kind| status.task_type.is_empty() || status.task_type == kind);
            let is_known = statuses.iter().any(|(id, _)| *id == status.id);
            if let Some(named) = names.get(&status.id).filter(|_| fits && !is_known) {
                statuses.push((status.id.clone(), named.clone()));
            }
        }
        Ok(statuses)
    }

    /// What a new issue of a project is: its task type.
    pub(super) fn kind_for(&self, board: &Board, project: &ProjectDoc) -> Result<String> {
        let of = self.type_of(board, project)?;
        let is_classic = of.tasks.iter().any(|task| task == CLASSIC);
        let kind = if is_classic { Some(CLASSIC) } else { of.tasks.first().map(String::as_str) };
        kind.map(str::to_owned).ok_or_else(|| {
            let message = format!("project {} has no kind of issues", project.identifier);
            error(Kind::Invalid, "POST /api/v1/find-all", message)
        })
    }

    pub(super) fn statuses_of(&self, identifier: &str) -> Result<Vec<Status>> {
        let board = self.board();
        let project = board.project(identifier)?;
        let statuses = self.statuses_for(&board, project, None)?;
        Ok(statuses.into_iter().map(|(_, status)| status).collect())
    }
}
