//! Health and projects.

use super::{Bridge, error, wire};
use crate::http::{Kind, Request, Result};
use crate::huly::Project;

impl Bridge {
    /// Health proves nothing but `connected:false`: it stays true while the platform is away.
    pub(super) fn health(&self) -> Result<()> {
        let request = Request::get("/health");
        let health: wire::Health = self.server.ask(&request)?.ok()?.parse()?;
        if health.connected == Some(false) {
            let message = "the bridge is not connected to Huly";
            return Err(error(Kind::Offline, &request.call(), message));
        }
        Ok(())
    }

    pub(super) fn all_projects(&self) -> Result<Vec<Project>> {
        let request = Request::get("/api/projects");
        let listed: wire::Projects = self.server.ask(&request)?.ok()?.parse()?;
        let came = listed.projects.len() as u64;
        if listed.count.is_some_and(|count| count != came) {
            let message = format!("{came} projects came, {:?} were announced", listed.count);
            return Err(error(Kind::Protocol, &request.call(), message));
        }
        Ok(listed.projects.into_iter().map(Project::from).collect())
    }
}
