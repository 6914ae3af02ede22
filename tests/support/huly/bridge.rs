//! The bridge's routes, its manners (Express), and its small reads.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::gate::Gate;
use super::issue_json::{View, render};
use super::platform::workspace::Workspace;
use super::tracker::{Project, Tracker};
use crate::support::clock::Clock;
use crate::support::json::Object;
use crate::support::sync::Guarded;
use crate::support::web::message::{Answer, Request};
use crate::support::web::server::System;

/// Body limit of Express' JSON parser as the bridge sets it.
pub const BODY_LIMIT: usize = 102_400;

/// The two generations of the bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BridgeGeneration {
    /// October 2025: no PATCH, no DELETE, no bulk routes.
    First,
    /// January to March 2026.
    Second,
}

/// What a test has switched on.
pub struct Conditions {
    pub collaborator_away: bool,
    pub connected: bool,
    /// 503 on everything but the health.
    pub starting: bool,
    /// Archived projects are listed with their flag and can be read, as on older platforms.
    pub lists_archived: bool,
    /// A project with an assigned issue fails alone in the bulk read, instead of failing all of it.
    pub assigned_fails_alone: bool,
    pub projects_cached_for: Duration,
    pub cached_projects: Option<(Instant, Vec<u8>)>,
    /// Between taking the number of a new issue and storing it.
    pub create_takes: Duration,
    /// Whether a list is written once, and then again only when it has changed.
    pub keeps_lists: bool,
}

/// Everything behind the lock.
pub struct Inside {
    pub tracker: Tracker,
    pub conditions: Conditions,
    /// What only the platform itself has.
    pub workspace: Workspace,
}

impl Inside {
    /// An empty workspace.
    pub fn new(clock: Arc<Clock>, seed: u64, has_markup: bool) -> Inside {
        let conditions = Conditions {
            collaborator_away: false,
            connected: true,
            starting: false,
            lists_archived: false,
            assigned_fails_alone: false,
            projects_cached_for: Duration::ZERO,
            cached_projects: None,
            create_takes: Duration::from_millis(1),
            keeps_lists: true,
        };
        let tracker = Tracker::new(clock, seed, has_markup);
        Inside { tracker, conditions, workspace: Workspace::default() }
    }

    /// Whether calls reach this project.
    pub fn is_readable(&self, project: &Project) -> bool {
        !project.private && (!project.archived || self.conditions.lists_archived)
    }

    /// The project, if calls reach it.
    pub fn readable(&self, identifier: &str) -> Option<&Project> {
        self.tracker.projects.get(identifier).filter(|p| self.is_readable(p))
    }

    /// The issue that calls by this identifier reach.
    pub fn reachable(&self, identifier: &str) -> Option<super::tracker::IssueId> {
        let id = *self.tracker.bearing(identifier).first()?;
        self.readable(&self.tracker.issues[&id].project).map(|_| id)
    }

    /// How a whole issue is shown.
    pub fn view(&self, generation: BridgeGeneration) -> View {
        View {
            generation,
            descriptions: true,
            fields: None,
            texts_away: self.conditions.collaborator_away,
            single: false,
        }
    }
}

/// The bridge.
pub struct Bridge {
    generation: Guarded<BridgeGeneration>,
    pub inside: Arc<Guarded<Inside>>,
    pub gate: Arc<Gate>,
}

impl Bridge {
    /// A bridge in front of a workspace.
    pub fn new(
        generation: BridgeGeneration,
        inside: Arc<Guarded<Inside>>,
        gate: Arc<Gate>,
    ) -> Bridge {
        Bridge { generation: Guarded::new(generation), inside, gate }
    }

    /// Which generation answers now.
    pub fn generation(&self) -> BridgeGeneration {
        *self.generation.lock()
    }

    /// Replaces the bridge by another, in front of the same platform.
    pub fn become_generation(&self, generation: BridgeGeneration) {
        *self.generation.lock() = generation;
    }

    fn health(&self) -> Answer {
        let connected = self.inside.lock().conditions.connected;
        let status = if connected { "ok" } else { "degraded" };
        let now = self.inside.lock().tracker.clock.now_ms();
        let body = json!({"status": status, "connected": connected, "service": "huly-rest-api",
            "timestamp": crate::support::clock::iso(now)});
        answer_json(200, &body)
    }

    fn projects(&self) -> Answer {
        let mut inside = self.inside.lock();
        let now = Instant::now();
        if let Some((until, body)) = &inside.conditions.cached_projects
            && *until > now
        {
            return Answer::new(200, JSON, body.clone());
        }
        let mut body = br#"{"projects":["#.to_vec();
        let mut count = 0;
        for project in inside.tracker.projects.values().filter(|p| inside.is_readable(p)) {
            if count > 0 {
                body.push(b',');
            }
            count += 1;
            Object::open(&mut body)
                .field("identifier", &project.identifier)
                .field("name", &project.name)
                .field("description", &project.description)
                .field("issueCount", &project.members.len())
                .field("private", &project.private)
                .field("archived", &project.archived)
                .close();
        }
        body.extend(format!("],\"count\":{count}}}").bytes());
        let cached_for = inside.conditions.projects_cached_for;
        if self.generation() == BridgeGeneration::Second && !cached_for.is_zero() {
            inside.conditions.cached_projects = Some((now + cached_for, body.clone()));
        }
        Answer::new(200, JSON, body)
    }

    fn issue(&self, identifier: &str) -> Answer {
        let inside = &mut *self.inside.lock();
        let Some(id) = inside.reachable(identifier) else { return issue_not_found(identifier) };
        let view = View { single: true, ..inside.view(self.generation()) };
        let issue = inside.tracker.issues.get_mut(&id).expect("reachable");
        let mut body = Vec::new();
        render(issue, &view, Instant::now(), &mut body);
        Answer::new(200, JSON, body)
    }

    /// What a request is for, if this generation has such a route.
    fn route<'a>(
        &'a self,
        segments: &'a [&str],
        request: &'a Request,
        body: &'a Value,
    ) -> Option<Handler<'a>> {
        let second = self.generation() == BridgeGeneration::Second;
        Some(match (request.method.as_str(), segments) {
            ("GET", ["api", "projects"]) => Box::new(|| self.projects()),
            ("GET", ["api", "projects", project, "issues"]) => {
                Box::new(|| self.list(project, request))
            }
            ("GET", ["api", "issues", "bulk"]) if second => Box::new(|| self.bulk(request)),
            ("GET", ["api", "issues", "all"]) if second => Box::new(|| self.all(request)),
            ("POST", ["api", "issues", "bulk-by-projects"]) if second => {
                Box::new(|| self.by_projects(body))
            }
            ("GET", ["api", "issues", identifier]) => Box::new(|| self.issue(identifier)),
            ("POST", ["api", "issues"]) => Box::new(|| self.create(body)),
            ("PATCH", ["api", "issues", "bulk"]) if second => Box::new(|| self.patch_many(body)),
            ("PUT", ["api", "issues", identifier]) => Box::new(|| self.put(identifier, body)),
            ("PATCH", ["api", "issues", identifier]) if second => {
                Box::new(|| self.patch(identifier, body))
            }
            ("DELETE", ["api", "issues", identifier]) if second => {
                let cascade = request.query("cascade").as_deref() == Some("true");
                Box::new(move || self.delete(identifier, cascade))
            }
            _ => return None,
        })
    }
}

type Handler<'a> = Box<dyn FnOnce() -> Answer + 'a>;

impl System for Bridge {
    fn answer(&self, request: &Request) -> Option<Answer> {
        if request.body.len() > BODY_LIMIT {
            return Some(html(413, "PayloadTooLargeError: request entity too large"));
        }
        let is_json = request.header("content-type").is_some_and(|t| t.contains("json"));
        let mut body = Value::Null;
        if is_json && !request.body.is_empty() {
            match serde_json::from_slice::<Value>(&request.body) {
                Ok(value) if value.is_object() || value.is_array() => body = value,
                Ok(_) => return Some(html(400, "SyntaxError: Unexpected token in JSON")),
                Err(error) => return Some(html(400, &format!("SyntaxError: {error}"))),
            }
        }
        if request.method == "GET" && request.path() == "/health" {
            return Some(self.health());
        }
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let Some(handler) = self.route(&segments, request, &body) else {
            let what = format!("Cannot {} {}", request.method, request.path());
            return Some(html(404, &what));
        };
        if self.inside.lock().conditions.starting {
            return Some(error(503, "Huly client not initialized"));
        }
        let _pass = self.gate.pass()?;
        Some(handler())
    }

    fn web_page(&self) -> Answer {
        html(200, "Welcome to nginx!")
    }

    fn stop(&self) {
        self.gate.end();
    }
}

/// Express' type for JSON.
pub const JSON: &str = "application/json; charset=utf-8";

/// A JSON answer.
pub fn answer_json(status: u16, body: &Value) -> Answer {
    Answer::new(status, JSON, body.to_string())
}

/// The bridge's error form.
pub fn error(status: u16, message: &str) -> Answer {
    answer_json(status, &json!({"error": message}))
}

/// 404 for an issue.
pub fn issue_not_found(identifier: &str) -> Answer {
    error(404, &format!("Issue {identifier} not found"))
}

/// 404 for a project.
pub fn project_not_found(identifier: &str) -> Answer {
    error(404, &format!("Project {identifier} not found"))
}

fn html(status: u16, what: &str) -> Answer {
    let what = what.replace('<', "&lt;");
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>Error</title>\n</head>\n<body>\n<pre>{what}</pre>\n</body>\n</html>\n"
    );
    Answer::new(status, "text/html; charset=utf-8", page)
}
