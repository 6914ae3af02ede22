//! Vibe Kanban's routes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::board::{Board, SCRIPTS};
use super::extract::{Status, Uuid, body, parse_uuid, refusal};
use super::version::VibeVersion;
use crate::support::sync::Guarded;
use crate::support::web::message::{Answer, Piece, Request};
use crate::support::web::server::System;

/// A token of the user that `/api/info` gives away; nobody may ever print it.
pub const USER_TOKEN: &str = "ghp_TheUsersOwnTokenNeverToBeLogged";

const JSON: &str = "application/json";
/// Length of the recorded web page.
const PAGE_LENGTH: usize = 1204;

/// The server.
pub struct Kanban {
    pub version: VibeVersion,
    pub board: Guarded<Board>,
}

#[derive(Deserialize)]
struct RepositoryBody {
    git_repo_path: String,
}

#[derive(Deserialize)]
struct NewProjectOld {
    name: String,
    git_repo_path: String,
    use_existing_repo: bool,
}

#[derive(Deserialize)]
struct NewProject {
    name: String,
    repositories: Vec<RepositoryBody>,
}

#[derive(Deserialize)]
struct NewTask {
    project_id: Uuid,
    title: String,
    description: Option<String>,
    status: Option<Status>,
}

#[derive(Deserialize)]
struct TaskEdit {
    title: Option<String>,
    description: Option<String>,
    status: Option<Status>,
}

type Answered = Result<Answer, Answer>;

impl Kanban {
    fn routed(&self, request: &Request) -> Answered {
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let method = request.method.as_str();
        if self.version.refuses_origins() && request.header("origin").is_some() {
            return Err(empty(403));
        }
        match segments.as_slice() {
            ["api", "health"] if method == "GET" => Ok(success(&json!("OK"))),
            ["api", "info"] if method == "GET" => Ok(success(&self.info())),
            ["api", "projects" | "tasks", ..] if !self.version.has_tasks() => match method {
                "GET" => Ok(self.web_page()),
                _ => Err(empty(405)),
            },
            ["api", "projects"] => match method {
                "GET" => Ok(self.projects()),
                "POST" => self.create_project(request),
                _ => Err(empty(405)),
            },
            ["api", "projects", id] => {
                known(method, &["GET", "PUT", "DELETE"])?;
                self.project(method, &path_id(id, "id")?, request)
            }
            ["api", "projects", id, "repositories"] if !self.version.has_repo_path() => {
                known(method, &["GET"])?;
                self.repositories(&path_id(id, "id")?)
            }
            ["api", "tasks"] => match method {
                "GET" => self.tasks(request),
                "POST" => self.create_task(request),
                _ => Err(empty(405)),
            },
            ["api", "tasks", id] => {
                known(method, &["GET", "PUT", "DELETE"])?;
                self.task(method, &path_id(id, "task_id")?, request)
            }
            ["api", "health" | "info"] => Err(empty(405)),
            _ if method == "GET" => Ok(self.web_page()),
            _ => Err(empty(405)),
        }
    }

    fn info(&self) -> Value {
        let mut info = json!({"config": {"last_app_version": self.version.number(),
            "github": {"pat": USER_TOKEN, "oauth_token": USER_TOKEN, "username": "ada"}},
            "environment": {"os_type": "Linux"}});
        if self.version.tells_version() {
            info["version"] = json!(self.version.number());
        }
        info
    }

    fn projects(&self) -> Answer {
        let board = self.board.lock();
        let mut list = vec![b'['];
        for (n, project) in board.projects.values().rev().enumerate() {
            if n > 0 {
                list.push(b',');
            }
            project.write(self.version, &mut list);
        }
        list.push(b']');
        enveloped(list)
    }

    fn create_project(&self, request: &Request) -> Answered {
        let (name, path, existing) = if self.version.has_repo_path() {
            let new: NewProjectOld = body(request)?;
            (new.name, new.git_repo_path, new.use_existing_repo)
        } else {
            let new: NewProject = body(request)?;
            let path = new.repositories.first().map(|r| r.git_repo_path.clone());
            (new.name, path.unwrap_or_default(), true)
        };
        let mut board = self.board.lock();
        let full = self.resolved(&board, &path);
        let full_text = full.to_string_lossy().into_owned();
        if self.version.has_repo_path() {
            let taken = board.projects.values().any(|p| p.repo_path == full_text);
            if taken {
                return Ok(failure("A project with this git repository path already exists"));
            }
        }
        if existing {
            if !full.exists() {
                return Ok(failure("The specified path does not exist"));
            }
            if !full.is_dir() {
                return Ok(failure("The specified path is not a directory"));
            }
            if !full.join(".git").exists() {
                return Ok(failure("The specified directory is not a git repository"));
            }
        } else if let Err(error) = std::fs::create_dir_all(full.join(".git")) {
            return Ok(failure(&format!("Failed to create directory: {error}")));
        }
        let id = board.add_project(&name, &full_text);
        let project = board.project(&id).expect("just added");
        let mut data = Vec::new();
        project.write(self.version, &mut data);
        Ok(enveloped(data))
    }

    /// Relative paths start at the server's folder; `~` is understood from 0.0.74 on.
    fn resolved(&self, board: &Board, path: &str) -> PathBuf {
        match path.strip_prefix("~/") {
            Some(rest) if self.version > VibeVersion::V0_0_71 => board.home.join(rest),
            _ if Path::new(path).is_absolute() => PathBuf::from(path),
            _ => board.home.join(path),
        }
    }

    fn project(&self, method: &str, id: &str, request: &Request) -> Answered {
        let mut board = self.board.lock();
        if method == "DELETE" {
            return match board.remove_project(id) {
                true => Ok(success(&Value::Null)),
                false => Err(empty(404)),
            };
        }
        let project = board.project(id).ok_or_else(|| empty(404))?;
        if method == "PUT" {
            let edit: Value = body(request)?;
            if let Some(name) = edit["name"].as_str() {
                name.clone_into(&mut project.name);
            }
            if let Some(path) = edit["git_repo_path"].as_str() {
                path.clone_into(&mut project.repo_path);
            }
            for script in SCRIPTS {
                project.scripts.insert(script, edit[script].as_str().map(String::from));
            }
        }
        let mut data = Vec::new();
        project.write(self.version, &mut data);
        Ok(enveloped(data))
    }

    fn repositories(&self, id: &str) -> Answered {
        let mut board = self.board.lock();
        let project = board.project(id).ok_or_else(|| empty(404))?;
        let name = Path::new(&project.repo_path).file_name().unwrap_or_default();
        let repository = json!({"id": id, "path": project.repo_path,
            "name": name.to_string_lossy(), "display_name": name.to_string_lossy()});
        Ok(success(&json!([repository])))
    }

    fn tasks(&self, request: &Request) -> Answered {
        let bad = |why: &str| refusal(400, &format!("Failed to deserialize query string: {why}"));
        let id = request.query("project_id").ok_or_else(|| bad("missing field `project_id`"))?;
        let id = parse_uuid(&id).map_err(|why| bad(&format!("project_id: {why}")))?;
        let list = self.board.lock().task_list(&id);
        let pieces = vec![
            Piece::Own(ENVELOPE_HEAD.to_vec()),
            Piece::Shared(list),
            Piece::Own(ENVELOPE_TAIL.to_vec()),
        ];
        Ok(Answer { pieces, ..Answer::new(200, JSON, "") })
    }

    fn create_task(&self, request: &Request) -> Answered {
        let NewTask { project_id, title, description, status } = body(request)?;
        let status = match status {
            Some(status) if self.version.takes_status_on_create() => status,
            _ => Status::Todo,
        };
        let mut board = self.board.lock();
        let Some(task) = board.add_task(&project_id.0, &title, description, status.name()) else {
            return Err(problem(500, self.version.unknown_project()));
        };
        let mut data = Vec::new();
        task.write(self.version, false, &mut data);
        Ok(enveloped(data))
    }

    fn task(&self, method: &str, id: &str, request: &Request) -> Answered {
        let mut board = self.board.lock();
        let task = board.task(id).ok_or_else(|| empty(404))?;
        let needs_login = task.shared_task_id.is_some() && method != "GET";
        if needs_login {
            return Err(problem(401, "Unauthorized. Please sign in again."));
        }
        if method == "DELETE" {
            if task.agent_runs {
                return Err(problem(
                    409,
                    "Task has running execution processes. \
                     Please wait for them to complete or stop them first.",
                ));
            }
            board.remove_task(id);
            let status = if self.version.deletes_later() { 202 } else { 200 };
            return Ok(Answer { status, ..success(&Value::Null) });
        }
        if method == "PUT" {
            let TaskEdit { title, description, status } = body(request)?;
            let task = board.task_mut(id).expect("found above");
            // `updated_at` stays: no version moves it here.
            if let Some(title) = title {
                task.title = title;
            }
            if let Some(text) = description {
                let is_null = self.version.blanks_are_null() && text.trim().is_empty();
                task.description = (!is_null).then_some(text);
            }
            if let Some(status) = status {
                status.name().clone_into(&mut task.status);
            }
        }
        let mut data = Vec::new();
        board.task(id).expect("found above").write(self.version, false, &mut data);
        Ok(enveloped(data))
    }
}

impl System for Kanban {
    fn answer(&self, request: &Request) -> Option<Answer> {
        Some(self.routed(request).unwrap_or_else(|refused| refused))
    }

    fn web_page(&self) -> Answer {
        const RECORDED: &str = include_str!("../recordings/vibe/unknown-path.json");
        let recorded: Value = serde_json::from_str(RECORDED).expect("a recording is JSON");
        // The recording was cut; the rest is blank.
        let mut page = recorded["text"].as_str().unwrap_or("").to_owned();
        page.push_str(&" ".repeat(PAGE_LENGTH.saturating_sub(page.len())));
        Answer::new(200, "text/html", page)
    }

    fn stop(&self) {}
}

fn known(method: &str, methods: &[&str]) -> Result<(), Answer> {
    if methods.contains(&method) { Ok(()) } else { Err(empty(405)) }
}

fn path_id(text: &str, name: &str) -> Result<String, Answer> {
    parse_uuid(text).map_err(|why| {
        refusal(400, &format!("Invalid URL: Cannot parse `{name}` with value `{text}`: {why}"))
    })
}

fn empty(status: u16) -> Answer {
    Answer::new(status, "", "")
}

const ENVELOPE_HEAD: &[u8] = br#"{"success":true,"data":"#;
const ENVELOPE_TAIL: &[u8] = br#","error_data":null,"message":null}"#;

fn enveloped(data: Vec<u8>) -> Answer {
    let body = [ENVELOPE_HEAD, &data, ENVELOPE_TAIL].concat();
    Answer::new(200, JSON, body)
}

fn success(data: &Value) -> Answer {
    enveloped(data.to_string().into_bytes())
}

/// A business error: 200 all the same.
fn failure(message: &str) -> Answer {
    problem(200, message)
}

fn problem(status: u16, message: &str) -> Answer {
    let message = json!(message);
    let body =
        format!("{{\"success\":false,\"data\":null,\"error_data\":null,\"message\":{message}}}");
    Answer::new(status, JSON, body)
}

/// A server with an empty board.
pub fn kanban(version: VibeVersion, board: Board) -> Arc<Kanban> {
    Arc::new(Kanban { version, board: Guarded::new(board) })
}
