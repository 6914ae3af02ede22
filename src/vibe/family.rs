//! Which Vibe Kanban answers, where it is one without local tasks: told by reads alone.

use serde_json::Value;

use super::Vibe;
use crate::http::{Content, Request};

/// What is synced instead.
const SYNCED: &str = "only a local server with tasks of its own is synced: Vibe Kanban 0.0.71 to 0.1.14, or a \
                      fork that kept them";

/// An organization that nobody has: some routes want one.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// Kinds of servers that share a board and not an API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Family {
    /// What signed-in servers share their issues through; its version, where told.
    Remote(Option<String>),
    /// Issues of its own, in place of tasks.
    Indie,
    /// Hands on the issues of a remote server, since 0.1.15.
    Proxied,
    /// Issues in place of tasks, under paths of its own.
    Local,
    /// Surely a Vibe Kanban.
    Unknown,
}

impl Family {
    /// Which one it is, and what is synced.
    pub(super) fn sentence(&self) -> String {
        let it = match self {
            Self::Remote(version) => {
                let version = version.as_deref().map(|version| format!(" {version}"));
                format!(
                    "this is a remote Vibe Kanban server{} (issues under /v1, behind a login)",
                    version.unwrap_or_default()
                )
            }
            Self::Indie => {
                "this is a Vibe Kanban of the indie family (issues under /v1 and /api/issues in \
                            place of tasks)"
                    .to_owned()
            }
            Self::Proxied => {
                "this Vibe Kanban hands on the issues of a remote server (/api/remote), as 0.1.15 \
                              and later do"
                    .to_owned()
            }
            Self::Local => {
                "this is a fork of Vibe Kanban with issues under /api/local in place of tasks"
                    .to_owned()
            }
            Self::Unknown => "this Vibe Kanban has no local projects and tasks".to_owned(),
        };
        format!("{it}: {SYNCED}")
    }
}

impl Vibe {
    /// The family of a server that lists no projects with tasks; `None`: no Vibe Kanban at all.
    pub(super) fn family(&self) -> Option<Family> {
        let has_projects = |answer: &Value| answer.get("projects").is_some_and(Value::is_array);
        let data = |answer: Value| answer.get("data").cloned();
        if let Some((200, health)) = self.glance(&Request::get("/v1/health"))
            && health.get("status").is_some_and(Value::is_string)
        {
            let version = health.get("version").and_then(Value::as_str).map(str::to_owned);
            return Some(Family::Remote(version));
        }
        let listed =
            self.glance(&Request::get("/api/projects")).and_then(|(_, answer)| data(answer));
        let fallback =
            self.glance(&Request::get("/v1/fallback/projects")).map(|(_, answer)| answer);
        if [listed, fallback].iter().flatten().any(has_projects) {
            return Some(Family::Indie);
        }
        if self
            .glance(&Request::get("/api/local/projects"))
            .is_some_and(|(status, _)| status == 200)
        {
            return Some(Family::Local);
        }
        // Signed out it refuses, in JSON; others answer with a page.
        let remote = Request::get("/api/remote/projects").query("organization_id", NOBODY);
        if self.glance(&remote).is_some_and(|(status, _)| status != 404) {
            return Some(Family::Proxied);
        }
        let health = self.glance(&Request::get("/api/health")).and_then(|(_, answer)| data(answer));
        (health?.as_str() == Some("OK")).then_some(Family::Unknown)
    }

    /// An answer in JSON, asked for once: status and body.
    fn glance(&self, request: &Request) -> Option<(u16, Value)> {
        let answer = self.server.ask(&request.clone().once()).ok()?;
        let is_json = answer.content == Content::Json;
        is_json.then(|| Some((answer.status, serde_json::from_slice(&answer.body).ok()?)))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::scripted::{Act, Scripted, empty, html, http, json};
    use crate::http::{Error, Kind};
    use crate::stop::Stop;

    const UNSIGNED: &str =
        r#"{"success":false,"data":null,"message":"Unauthorized. Please sign in again."}"#;
    const OK: &str = r#"{"success":true,"data":"OK"}"#;

    /// What `projects` says of a server that answers these paths so, and all others with `rest`.
    fn refused(known: &[(&'static str, Act)], rest: &Act) -> (Error, Vec<String>) {
        let (known, rest) = (known.to_vec(), rest.clone());
        let scripted = Scripted::serve(move |seen| {
            let path = seen.line.split(['?', ' ']).nth(1).unwrap_or_default().to_owned();
            known.iter().find(|(of, _)| *of == path).map_or(rest.clone(), |(_, act)| act.clone())
        });
        let vibe = Vibe::new(&scripted.url, &http(&Stop::new(None)));
        (vibe.projects().unwrap_err(), scripted.lines())
    }

    #[test]
    fn each_family_is_named_by_reads_alone() {
        let health = ("/api/health", json(200, OK));
        let page = html(200);
        let v1_health = ("/v1/health", json(200, r#"{"status":"ok","version":"0.1.27"}"#));
        let in_data = json(200, r#"{"success":true,"data":{"projects":[]}}"#);
        let bare = json(200, r#"{"projects":[]}"#);
        let fallback = ("/v1/fallback/projects", bare.clone());
        for (known, rest, expected) in [
            (vec![v1_health.clone()], &page, "remote Vibe Kanban server 0.1.27"),
            (vec![v1_health], &empty(404), "remote Vibe Kanban server 0.1.27"),
            (vec![health.clone(), fallback], &page, "indie"),
            (vec![health.clone(), ("/api/projects", in_data)], &page, "indie"),
            (vec![health.clone(), ("/api/remote/projects", json(401, UNSIGNED))], &page, "0.1.15"),
            (vec![health.clone(), ("/api/remote/projects", json(400, UNSIGNED))], &page, "0.1.15"),
            (vec![("/api/local/projects", bare)], &page, "/api/local"),
            (vec![health], &page, "no local projects and tasks"),
        ] {
            let (error, lines) = refused(&known, rest);
            assert_eq!(error.kind, Kind::Unsupported, "{error}");
            assert!(error.message.contains(expected), "{expected}: {error}");
            assert!(error.message.contains("0.0.71 to 0.1.14"), "{error}");
            assert!(lines.iter().all(|line| line.starts_with("GET ")), "{lines:?}");
        }
    }

    #[test]
    fn what_is_no_vibe_kanban_is_not_called_one() {
        for (rest, kind) in [(html(200), Kind::Protocol), (empty(404), Kind::Gone)] {
            assert_eq!(refused(&[], &rest).0.kind, kind);
        }
        let health = ("/api/health", json(200, OK));
        assert_eq!(refused(&[health], &empty(404)).0.kind, Kind::Gone);
        let (error, lines) = refused(&[("/api/projects", json(401, "{}"))], &json(401, "{}"));
        assert_eq!((error.kind, lines.len()), (Kind::Auth, 1), "{error}");
    }
}
