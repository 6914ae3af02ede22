//! The collaborator, which holds descriptions: `POST /rpc/{workspace|class|issue|field}`.

use serde_json::{Value, json};

use super::fields::ISSUE;
use super::markup;
use super::system::{Platform, express, no_route};
use super::token::{Grant, granted};
use super::workspace::WORKSPACE;
use crate::support::huly::bridge::Inside;
use crate::support::huly::tracker::{OURSELVES, SOMEBODY};
use crate::support::web::message::{Answer, Request};

/// Largest request.
const BODY_LIMIT: usize = 10 << 20;
/// The text of a document that nobody has written in.
const BLANK: &str = r#"{"type":"doc","content":[{"type":"paragraph"}]}"#;

impl Platform {
    /// Any call to the collaborator.
    pub fn collaborator_call(&self, request: &Request) -> Answer {
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().skip(1).map(String::as_str).collect();
        let ("POST", ["rpc", name]) = (request.method.as_str(), segments.as_slice()) else {
            return no_route(request);
        };
        let inside = &mut *self.inside.lock();
        if inside.conditions.collaborator_away {
            return Answer::new(502, "text/html", "<h1>502 Bad Gateway</h1>");
        }
        if request.body.len() > BODY_LIMIT {
            return Answer::new(413, "text/html; charset=utf-8", "PayloadTooLargeError");
        }
        let parts: Vec<&str> = name.split('|').collect();
        let [workspace, class, document, field] = parts.as_slice() else {
            return express(400, &json!({"error": "Missing document id"}));
        };
        let grant = granted(request, &inside.workspace);
        if grant != Ok(Grant::Workspace) || *workspace != WORKSPACE {
            return express(403, &json!({"error": "Unauthorized"}));
        }
        if *class != ISSUE || *field != "description" {
            return express(400, &json!({"error": "Unknown document"}));
        }
        let call: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let content = &call["payload"]["content"]["description"];
        let text = content.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let text = text.filter(Value::is_object).map(|node| markup::written(&node));
        match (call["method"].as_str().unwrap_or(""), text) {
            ("getContent", _) => {
                let source = call["payload"]["source"].as_str().unwrap_or("");
                let found = inside.content(document, source);
                let found = found.map_or(json!({}), |text| json!({"description": text}));
                express(200, &json!({"content": found}))
            }
            ("createContent", Some(text)) => {
                let blob = inside.create_content(document, text);
                express(200, &json!({"content": {"description": blob}}))
            }
            ("updateContent", Some(text)) => {
                inside.update_content(document, text);
                express(200, &json!({}))
            }
            ("createContent" | "updateContent", None) => {
                express(500, &json!({"error": "Unexpected token in JSON at position 0"}))
            }
            _ => express(400, &json!({"error": "Unknown method"})),
        }
    }
}

impl Inside {
    /// The text in a blob, unless a test says that it cannot be read just now.
    pub fn blob_read(&mut self, blob: &str) -> Option<String> {
        let (document, _) = blob.split_once('-').unwrap_or((blob, ""));
        let id = self.tracker.document(document);
        if let Some(issue) = id.and_then(|id| self.tracker.issues.get_mut(&id))
            && issue.blank_reads > 0
        {
            issue.blank_reads = issue.blank_reads.saturating_sub(1);
            return None;
        }
        self.tracker.blobs.read(blob)
    }

    /// What somebody sees who opens the document: what is being typed, else what the collaborator
    /// has in its memory, else the blob that was named.
    fn content(&mut self, document: &str, source: &str) -> Option<String> {
        let was_opened = self.tracker.blobs.was_opened(document);
        self.tracker.blobs.open(document);
        if let Some(typed) = self.tracker.blobs.typed.get(document) {
            return Some(typed.clone());
        }
        let current = self.tracker.document(document).filter(|_| was_opened);
        let current = current.and_then(|id| self.tracker.issues[&id].document.description.clone());
        self.blob_read(current.as_deref().unwrap_or(source))
    }

    /// A new document. Where one was opened before, its text stays and the new one is lost.
    fn create_content(&mut self, document: &str, text: String) -> String {
        let now = self.tracker.clock.now_ms();
        let blobs = &mut self.tracker.blobs;
        if !blobs.was_opened(document) {
            return blobs.store(document, now, text);
        }
        let id = self.tracker.document(document);
        let current = id.and_then(|id| self.tracker.issues[&id].document.description.clone());
        let current = current.and_then(|blob| self.tracker.blobs.read(&blob));
        self.tracker.blobs.store(document, now, current.unwrap_or_else(|| BLANK.to_owned()))
    }

    /// An edit: the issue has its new blob before anybody is answered.
    fn update_content(&mut self, document: &str, text: String) {
        let now = self.tracker.clock.now_ms();
        self.tracker.blobs.open(document);
        self.tracker.blobs.typed.remove(document);
        let blob = self.tracker.blobs.store(document, now, text);
        if let Some(id) = self.tracker.document(document) {
            self.tracker.hand = OURSELVES;
            self.tracker.change(id, |issue| issue.document.description = Some(blob));
            self.tracker.hand = SOMEBODY;
        }
    }
}
