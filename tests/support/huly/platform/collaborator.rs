//! The collaborator, which holds descriptions: `POST /rpc/{workspace|class|issue|field}`.

use serde_json::{Value, json};

use super::fields::ISSUE;
use super::live::{self, Live};
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
        let text = text.filter(Value::is_object);
        match (call["method"].as_str().unwrap_or(""), text) {
            ("getContent", _) => {
                let found = inside.content(document, call["payload"]["source"].as_str());
                let found = found.map_or(json!({}), |text| json!({"description": text}));
                express(200, &json!({"content": found}))
            }
            ("createContent", Some(_)) => {
                // As it was sent, to the letter.
                let sent = content.as_str().unwrap_or_default().to_owned();
                let blob = inside.create_content(document, sent);
                express(200, &json!({"content": {"description": blob}}))
            }
            ("updateContent", Some(text)) => {
                inside.update_content(document, &text);
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

    /// What the live document shows. Where there is none yet it is made, of the blob that was named or
    /// empty.
    fn content(&mut self, document: &str, source: Option<&str>) -> Option<String> {
        if let Some(live) = self.tracker.blobs.live(document) {
            return Some(live);
        }
        let Some(source) = source else {
            self.tracker.blobs.live.insert(document.to_owned(), Live::Text(BLANK.to_owned()));
            return Some(BLANK.to_owned());
        };
        let saved: Value = serde_json::from_str(&self.blob_read(source)?).ok()?;
        let fragment = live::as_fragment(&saved);
        let shown = markup::written(&fragment);
        self.tracker.blobs.live.insert(document.to_owned(), Live::Text(shown.clone()));
        Some(shown)
    }

    /// A new document. Where there is a live one its text stays, and the new one is lost.
    fn create_content(&mut self, document: &str, text: String) -> String {
        let now = self.tracker.clock.now_ms();
        let text = self.tracker.blobs.live(document).unwrap_or(text);
        self.tracker.blobs.store(document, now, text)
    }

    /// An edit: the issue has its new blob before anybody is answered. The whole text of the live
    /// document is replaced, and with it what somebody has typed and not saved.
    fn update_content(&mut self, document: &str, text: &Value) {
        let fragment = live::as_fragment(text);
        if !self.tracker.blobs.live.contains_key(document) && live::is_empty(&fragment) {
            // "Markup not changed": the new live document is empty, and the blob is what it was.
            self.tracker.blobs.live.insert(document.to_owned(), Live::Text(BLANK.to_owned()));
            return;
        }
        self.tracker.hand = OURSELVES;
        self.save(document, markup::written(&fragment));
        self.tracker.hand = SOMEBODY;
    }

    /// Saves the text of a live document: a blob of its own, and the issue names it.
    pub fn save(&mut self, document: &str, text: String) {
        let now = self.tracker.clock.now_ms();
        let blob = self.tracker.blobs.store(document, now, text);
        self.tracker.blobs.edited(document, &blob);
        if let Some(id) = self.tracker.document(document) {
            self.tracker.change(id, |issue| issue.document.description = Some(blob));
        }
    }
}
