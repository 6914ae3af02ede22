//! Projects, and what tells a wrong URL from a version without local tasks.

use serde_json::json;

use super::family::Family;
use super::{Project, Vibe, open, wire};
use crate::http::{Error, Kind, Request, Result, percent_encode};

impl Vibe {
    /// All projects, newest first. An error is never an empty list.
    ///
    /// # Errors
    /// As any read. `Unsupported`: this is Vibe Kanban, but one without local tasks; the message names
    /// its family. `Protocol`: this is something else.
    pub fn projects(&self) -> Result<Vec<Project>> {
        let listed: Result<Vec<wire::ListedProject>> = self.call(&Request::get("/api/projects"));
        match listed {
            Ok(listed) => Ok(listed.into_iter().map(Project::from).collect()),
            Err(error) if matches!(error.kind, Kind::Protocol | Kind::Gone) => {
                // "Not found" is what a server without pages says: one that is not known by its own
                // paths may just have lost this one.
                let known =
                    |family: &Family| error.kind != Kind::Gone || *family != Family::Unknown;
                Err(match self.family().filter(known) {
                    Some(family) => {
                        Error { kind: Kind::Unsupported, message: family.sentence(), ..error }
                    }
                    None => error,
                })
            }
            Err(error) => Err(error),
        }
    }

    /// Whether the project is there: an unknown one's list of tasks is empty, not an error.
    ///
    /// # Errors
    /// As any read.
    pub fn project_exists(&self, id: &str) -> Result<bool> {
        let request = Request::get(project_path(id));
        let answer = self.server.ask(&request)?;
        if answer.status == 404 && answer.body.is_empty() {
            return Ok(false);
        }
        open::<wire::ListedProject>(&answer.ok()?, &request).map(|project| project.id == id)
    }

    /// The paths of its repositories: 0.0.137 to 0.1.14. Earlier ones answer this with a web page
    /// (`Protocol`, after all attempts): ask only where a listed project has no `repo_path`.
    ///
    /// # Errors
    /// As any read.
    pub fn repositories(&self, id: &str) -> Result<Vec<String>> {
        let request = Request::get(format!("{}/repositories", project_path(id)));
        let listed: Vec<wire::Repository> = self.call(&request)?;
        Ok(listed.into_iter().filter_map(|repository| repository.path).collect())
    }

    /// Makes a project with a repository at this path of the server's machine: one that is there
    /// already, or a new one (up to 0.0.136; later versions create nothing).
    ///
    /// # Errors
    /// As any create; `Invalid` with the server's words where the path is taken or no repository.
    pub fn create_project(&self, name: &str, path: &str, use_existing: bool) -> Result<Project> {
        let display = path.trim_end_matches('/').rsplit('/').next().unwrap_or(name);
        // Every local version finds its own fields and ignores the others.
        let body = json!({
            "name": name,
            "git_repo_path": path,
            "use_existing_repo": use_existing,
            "repositories": [{"display_name": display, "git_repo_path": path}],
        });
        let made: wire::ListedProject = self.call(&Request::post("/api/projects").json(&body))?;
        Ok(made.into())
    }
}

fn project_path(id: &str) -> String {
    format!("/api/projects/{}", percent_encode(id))
}
