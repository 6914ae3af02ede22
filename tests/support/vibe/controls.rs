//! Vibe Kanban in the hands of a test: what people and agents do in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::board::{Board, Moment, STATUSES, Task};
use super::routes::{Kanban, kanban};
use super::version::VibeVersion;
use crate::support::clock::Clock;
use crate::support::endpoint::Endpoint;
use crate::support::web::journal::{Journal, Side};
use crate::support::web::server::Server;

/// The simulated Vibe Kanban.
pub struct Vibe {
    pub(in crate::support) endpoint: Endpoint,
    kanban: Arc<Kanban>,
    repos_dir: PathBuf,
}

/// A project as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectSnapshot {
    pub id: String,
    pub name: String,
    pub repo_path: String,
}

/// A task as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskSnapshot {
    pub id: String,
    pub project_id: String,
    pub title: String,
    pub description: Option<String>,
    pub status: String,
    pub created_at: String,
    pub updated_at: String,
    pub shared_task_id: Option<String>,
}

impl TaskSnapshot {
    /// The description, null as empty.
    pub fn text(&self) -> &str {
        self.description.as_deref().unwrap_or("")
    }
}

impl From<&Task> for TaskSnapshot {
    fn from(task: &Task) -> TaskSnapshot {
        TaskSnapshot {
            id: task.id.clone(),
            project_id: task.project_id.clone(),
            title: task.title.clone(),
            description: task.description.clone(),
            status: task.status.clone(),
            created_at: task.created.text(),
            updated_at: task.updated.text(),
            shared_task_id: task.shared_task_id.clone(),
        }
    }
}

impl Vibe {
    pub(in crate::support) fn start(
        version: VibeVersion,
        repos_dir: &Path,
        journal: Arc<Journal>,
        seed: u64,
    ) -> Vibe {
        let clock = Arc::new(Clock::default());
        let board = Board::new(version, clock.clone(), repos_dir.to_owned(), seed);
        let kanban = kanban(version, board);
        let server =
            Server::start(Side::Vibe, kanban.clone(), journal.clone(), clock.clone(), seed)
                .expect("a free port");
        let endpoint = Endpoint::new(Side::Vibe, server, journal, clock);
        Vibe { endpoint, kanban, repos_dir: repos_dir.to_owned() }
    }

    /// Whether a list that did not change is answered from memory, as from the start.
    pub fn keep_lists(&self, keep: bool) {
        self.kanban.board.lock().keeps_lists = keep;
    }

    fn with_task<R>(&self, id: &str, act: impl FnOnce(&mut Task) -> R) -> R {
        let mut board = self.kanban.board.lock();
        act(board.task_mut(id).unwrap_or_else(|| panic!("no task {id}")))
    }

    // Projects.

    /// Adds a project with a repository of its own under the world's folder; gives its id.
    pub fn add_project(&self, name: &str) -> String {
        let path = self.repos_dir.join(name.replace('/', "_"));
        self.add_project_at(name, &path)
    }

    /// Adds a project at a path, and makes a repository there.
    pub fn add_project_at(&self, name: &str, path: &Path) -> String {
        std::fs::create_dir_all(path.join(".git")).expect("a folder for the repository");
        self.kanban.board.lock().add_project(name, &path.to_string_lossy())
    }

    /// Renames a project.
    pub fn rename_project(&self, id: &str, name: &str) {
        let mut board = self.kanban.board.lock();
        name.clone_into(&mut board.project(id).expect("the project").name);
    }

    /// Deletes a project with its tasks.
    pub fn delete_project(&self, id: &str) {
        assert!(self.kanban.board.lock().remove_project(id), "no project {id}");
    }

    /// All projects in the order of their making.
    pub fn projects(&self) -> Vec<ProjectSnapshot> {
        let board = self.kanban.board.lock();
        let snapshot = |p: &super::board::Project| ProjectSnapshot {
            id: p.id.clone(),
            name: p.name.clone(),
            repo_path: p.repo_path.clone(),
        };
        board.projects.values().map(snapshot).collect()
    }

    /// The only project of this name.
    pub fn project_named(&self, name: &str) -> Option<ProjectSnapshot> {
        let mut found = self.projects().into_iter().filter(|p| p.name == name);
        let first = found.next();
        assert!(found.next().is_none(), "two projects named {name}");
        first
    }

    // Tasks, as a person edits them: `updated_at` does not move.

    /// Adds a task; an empty description is null. Gives its id.
    pub fn add_task(
        &self,
        project_id: &str,
        title: &str,
        description: &str,
        status: &str,
    ) -> String {
        assert!(STATUSES.contains(&status), "no status {status}");
        let description = (!description.is_empty()).then(|| description.to_owned());
        let mut board = self.kanban.board.lock();
        let task = board.add_task(project_id, title, description, status);
        task.expect("the project of a new task").id.clone()
    }

    /// Changes the title.
    pub fn edit_title(&self, id: &str, title: &str) {
        self.with_task(id, |task| title.clone_into(&mut task.title));
    }

    /// Changes the description.
    pub fn edit_description(&self, id: &str, description: &str) {
        self.with_task(id, |task| task.description = Some(description.to_owned()));
    }

    /// Changes the status.
    pub fn edit_status(&self, id: &str, status: &str) {
        assert!(STATUSES.contains(&status), "no status {status}");
        self.with_task(id, |task| status.clone_into(&mut task.status));
    }

    /// The server itself changes the status (an agent began, ended, merged): `updated_at` moves.
    pub fn server_moves(&self, id: &str, status: &str) {
        assert!(STATUSES.contains(&status), "no status {status}");
        let ms = self.endpoint.now_ms();
        self.with_task(id, |task| {
            status.clone_into(&mut task.status);
            task.updated = Moment { ms, whole_seconds: true };
        });
    }

    /// Stores a status that no known version has.
    pub fn set_foreign_status(&self, id: &str, status: &str) {
        self.with_task(id, |task| status.clone_into(&mut task.status));
    }

    /// Sets when the task was created, in milliseconds since the epoch.
    pub fn set_created_at(&self, id: &str, ms: i64) {
        self.with_task(id, |task| task.created = Moment { ms, whole_seconds: false });
    }

    /// An agent works on the task (or no longer): DELETE answers 409.
    pub fn agent_runs(&self, id: &str, runs: bool) {
        self.with_task(id, |task| task.agent_runs = runs);
    }

    /// Shares the task through the cloud: PUT and DELETE want a login. From 0.0.117 to 0.0.155.
    pub fn share_task(&self, id: &str) {
        assert!(self.kanban.version.has_shared_tasks(), "this version has no shared tasks");
        self.with_task(id, |task| task.shared_task_id = Some(format!("{}-shared", &id[..8])));
    }

    /// Deletes a task.
    pub fn delete_task(&self, id: &str) {
        assert!(self.kanban.board.lock().remove_task(id), "no task {id}");
    }

    /// Copies a task with its text; gives the id of the copy.
    pub fn duplicate_task(&self, id: &str) -> String {
        let mut board = self.kanban.board.lock();
        let task = board.task(id).unwrap_or_else(|| panic!("no task {id}")).clone();
        let Task { project_id, title, description, status, .. } = task;
        let copy = board.add_task(&project_id, &title, description, &status);
        copy.expect("the project of the original").id.clone()
    }

    /// Changes this many titles, spread over the projects; gives how many.
    pub fn edit_titles(&self, projects: &[&String], count: usize, round: usize) -> usize {
        if projects.is_empty() {
            return 0;
        }
        let mut board = self.kanban.board.lock();
        for n in 0..count {
            let project = board.project(projects[n % projects.len()]).expect("the project");
            let index = (n / projects.len() + round * 7) % project.tasks.len();
            project.rendered = None;
            let task = project.tasks.values_mut().nth(index).expect("within the length");
            task.title += &format!(" ({round})");
        }
        count
    }

    /// The tasks of a project in the order of their making.
    pub fn tasks(&self, project_id: &str) -> Vec<TaskSnapshot> {
        let mut board = self.kanban.board.lock();
        let project = board.project(project_id).expect("the project");
        project.tasks.values().map(TaskSnapshot::from).collect()
    }

    /// The task of an id.
    pub fn task(&self, id: &str) -> Option<TaskSnapshot> {
        self.kanban.board.lock().task(id).map(TaskSnapshot::from)
    }
}
