//! What Vibe Kanban holds: projects with their tasks, and how each version spells them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::Value;

use super::version::VibeVersion;
use crate::support::chance::Chance;
use crate::support::clock::{Clock, iso, iso_seconds};
use crate::support::json::Object;

/// The statuses, all of them.
pub const STATUSES: [&str; 5] = ["todo", "inprogress", "inreview", "done", "cancelled"];

/// A time that the server may have written without its decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub ms: i64,
    pub whole_seconds: bool,
}

impl Moment {
    /// As the server spells it.
    pub fn text(self) -> String {
        if self.whole_seconds { iso_seconds(self.ms) } else { iso(self.ms) }
    }
}

/// A task.
#[derive(Clone, Debug)]
pub struct Task {
    pub id: String,
    pub project_id: String,
    pub title: String,
    pub description: Option<String>,
    pub status: String,
    pub created: Moment,
    pub updated: Moment,
    pub agent_runs: bool,
    pub shared_task_id: Option<String>,
}

impl Task {
    /// As a single call gives it, or with `listed` as the list does.
    pub fn write(&self, version: VibeVersion, listed: bool, out: &mut Vec<u8>) {
        let mut object = Object::open(out)
            .field("id", &self.id)
            .field("project_id", &self.project_id)
            .field("title", &self.title)
            .field("description", &self.description)
            .field("status", &self.status);
        let parent = match version {
            VibeVersion::V0_0_71 | VibeVersion::V0_0_117 => "parent_task_attempt",
            _ => "parent_workspace_id",
        };
        object = object.field(parent, &Value::Null);
        if version.has_shared_tasks() {
            object = object.field("shared_task_id", &self.shared_task_id);
        }
        object = object
            .field("created_at", &self.created.text())
            .field("updated_at", &self.updated.text());
        if listed {
            object = object.field("has_in_progress_attempt", &self.agent_runs);
            if version <= VibeVersion::V0_0_117 {
                object = object.field("has_merged_attempt", &false);
            }
            object = object.field("last_attempt_failed", &false);
            let agent = if version == VibeVersion::V0_0_71 { "profile" } else { "executor" };
            object = object.field(agent, "");
        }
        object.close();
    }
}

/// A project. Its tasks stand in the order of their making.
pub struct Project {
    pub id: String,
    pub name: String,
    pub repo_path: String,
    pub scripts: BTreeMap<&'static str, Option<String>>,
    pub created: Moment,
    pub tasks: BTreeMap<u64, Task>,
    /// The list of its tasks as last sent; dropped by any change.
    pub rendered: Option<Arc<Vec<u8>>>,
}

/// The script fields of a project, which a PUT sets to null unless it gives them.
pub const SCRIPTS: [&str; 4] = ["setup_script", "dev_script", "cleanup_script", "copy_files"];

impl Project {
    /// As every call gives it.
    pub fn write(&self, version: VibeVersion, out: &mut Vec<u8>) {
        let mut object = Object::open(out).field("id", &self.id).field("name", &self.name);
        if version.has_repo_path() {
            object = object.field("git_repo_path", &self.repo_path);
            for script in SCRIPTS {
                object = object.field(script, &self.scripts[script]);
            }
        } else {
            if version == VibeVersion::V0_0_144 {
                object = object.field("dev_script", &self.scripts["dev_script"]);
            }
            object = object.field("default_agent_working_dir", &Value::Null);
        }
        if version > VibeVersion::V0_0_71 {
            object = object.field("remote_project_id", &Value::Null);
        }
        object
            .field("created_at", &self.created.text())
            .field("updated_at", &self.created.text())
            .close();
    }
}

/// Everything, behind one lock.
pub struct Board {
    pub version: VibeVersion,
    /// In the order of their making.
    pub projects: BTreeMap<u64, Project>,
    by_project_id: HashMap<String, u64>,
    by_task_id: HashMap<String, (u64, u64)>,
    next: u64,
    pub clock: Arc<Clock>,
    chance: Chance,
    /// Which folder relative paths start from.
    pub home: std::path::PathBuf,
    /// Whether a list is written once, and then again only when it has changed.
    pub keeps_lists: bool,
}

impl Board {
    /// An empty board.
    pub fn new(
        version: VibeVersion,
        clock: Arc<Clock>,
        home: std::path::PathBuf,
        seed: u64,
    ) -> Board {
        Board {
            version,
            projects: BTreeMap::new(),
            by_project_id: HashMap::new(),
            by_task_id: HashMap::new(),
            next: 1,
            clock,
            // Other ids than Huly's chance would give.
            chance: Chance::new(seed ^ 0x0056_4942_4500),
            home,
            keeps_lists: true,
        }
    }

    fn now(&self) -> Moment {
        Moment { ms: self.clock.now_ms(), whole_seconds: false }
    }

    /// The project of an id.
    pub fn project(&mut self, id: &str) -> Option<&mut Project> {
        self.projects.get_mut(self.by_project_id.get(id)?)
    }

    /// The task of an id.
    pub fn task(&self, id: &str) -> Option<&Task> {
        let (project, task) = self.by_task_id.get(id)?;
        self.projects.get(project)?.tasks.get(task)
    }

    /// The task of an id, to be changed.
    pub fn task_mut(&mut self, id: &str) -> Option<&mut Task> {
        let (project, task) = self.by_task_id.get(id)?;
        let project = self.projects.get_mut(project)?;
        project.rendered = None;
        project.tasks.get_mut(task)
    }

    /// Adds a project; gives its id.
    pub fn add_project(&mut self, name: &str, repo_path: &str) -> String {
        let (id, key) = (self.chance.uuid(), self.next);
        self.next += 1;
        let project = Project {
            id: id.clone(),
            name: name.to_owned(),
            repo_path: repo_path.to_owned(),
            scripts: SCRIPTS.map(|name| (name, None)).into(),
            created: self.now(),
            tasks: BTreeMap::new(),
            rendered: None,
        };
        self.projects.insert(key, project);
        self.by_project_id.insert(id.clone(), key);
        id
    }

    /// Deletes a project with its tasks; the repository stays. False if there is none.
    pub fn remove_project(&mut self, id: &str) -> bool {
        let Some(key) = self.by_project_id.remove(id) else { return false };
        self.by_task_id.retain(|_, (project, _)| *project != key);
        self.projects.remove(&key);
        true
    }

    /// Adds a task; `None` for an unknown project.
    pub fn add_task(
        &mut self,
        project_id: &str,
        title: &str,
        description: Option<String>,
        status: &str,
    ) -> Option<&mut Task> {
        let home = *self.by_project_id.get(project_id)?;
        let (id, key, now) = (self.chance.uuid(), self.next, self.now());
        self.next += 1;
        let task = Task {
            id: id.clone(),
            project_id: project_id.to_owned(),
            title: title.to_owned(),
            description,
            status: status.to_owned(),
            created: now,
            updated: now,
            agent_runs: false,
            shared_task_id: None,
        };
        self.by_task_id.insert(id, (home, key));
        let project = self.projects.get_mut(&home)?;
        project.rendered = None;
        Some(project.tasks.entry(key).or_insert(task))
    }

    /// Deletes a task; false if there is none.
    pub fn remove_task(&mut self, id: &str) -> bool {
        let Some((project, task)) = self.by_task_id.remove(id) else { return false };
        let project = self.projects.get_mut(&project).expect("a task's project is there");
        project.rendered = None;
        project.tasks.remove(&task).is_some()
    }

    /// The list of a project's tasks, newest first; empty for an unknown project.
    pub fn task_list(&mut self, project_id: &str) -> Arc<Vec<u8>> {
        let (version, keeps) = (self.version, self.keeps_lists);
        let Some(project) = self.project(project_id) else { return Arc::new(b"[]".to_vec()) };
        let Project { tasks, rendered, .. } = project;
        if !keeps {
            *rendered = None;
        }
        let list = rendered.get_or_insert_with(|| {
            let mut out = vec![b'['];
            for (n, task) in tasks.values().rev().enumerate() {
                if n > 0 {
                    out.push(b',');
                }
                task.write(version, true, &mut out);
            }
            out.push(b']');
            Arc::new(out)
        });
        list.clone()
    }
}
