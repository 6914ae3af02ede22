//! Live documents: what editors show of a description, which may be more than what was saved.
//!
//! An editor saves ten seconds after the last key, a minute at most. An update replaces the whole
//! live document, with what somebody has just typed. So it is read right before each update, and
//! compared with the text that the update was decided on. Reading also loads the saved text where no
//! live document exists yet; without that a description could not be cleared.

use serde_json::{Value, json};

use super::markup;
use super::wire::{Content, IssueDoc};
use super::{Platform, error};
use crate::http::{Class, Kind, Result};
use crate::model::Hash;

/// What an update would replace.
pub(super) enum Target {
    /// The markup that the update was decided on; `None` where the issue has no description.
    Unchanged(Option<String>),
    /// Something else, which was not saved yet.
    Typed(Typed),
}

/// A text in editors that differs from the saved one.
pub(super) struct Typed {
    /// Its markup.
    pub(super) markup: String,
    /// Stands for this text over this saved one.
    pub(super) print: Hash,
}

impl Platform {
    /// Reads what an update of a description would replace. `decided` is the Markdown that the update
    /// was decided on; without it the saved text counts.
    pub(super) fn read_target(&self, doc: &IssueDoc, decided: Option<&str>) -> Result<Target> {
        let links = self.links();
        let shown = |markup: &str| {
            let _alone = self.alone(markup.len());
            markup::to_markdown(markup, &links).ok()
        };
        let typed = |blob: &str, markup: String| {
            let print = Hash::of(format!("{blob}\n{markup}").as_bytes());
            Ok(Target::Typed(Typed { markup, print }))
        };
        let Some(blob) = doc.reference() else {
            return match self.read_unsaved(&doc.id)? {
                // One that cannot be shown is not empty, either.
                Some(live) if shown(&live).is_none_or(|text| !text.trim().is_empty()) => {
                    typed("", live)
                }
                _ => Ok(Target::Unchanged(None)),
            };
        };
        let live = self.read_live(&doc.id, blob)?;
        if decided.is_some() && shown(&live).as_deref() == decided {
            return Ok(Target::Unchanged(Some(live)));
        }
        let saved = self.saved(blob)?;
        let _alone = self.alone(live.len().max(saved.len()));
        match is_same_in_editors(&live, &saved) {
            true => Ok(Target::Unchanged(Some(saved))),
            false => typed(blob, live),
        }
    }

    /// The live document of an issue; where there is none it is loaded from this blob.
    pub(super) fn read_live(&self, issue: &str, blob: &str) -> Result<String> {
        self.get_content(issue, &json!({"source": blob}))?.ok_or_else(|| {
            error(Kind::Server, "getContent", format!("the text {blob} is not there"))
        })
    }

    /// The live document of an issue without a description, if there is one: somebody may be typing the
    /// first words. Where the collaborator cannot tell right now nothing is written.
    fn read_unsaved(&self, issue: &str) -> Result<Option<String>> {
        match self.get_content(issue, &json!({})) {
            Err(error) if matches!(error.kind, Kind::Invalid | Kind::Gone) => {
                log::debug!("it has no answer to what is in editors without a source: {error}");
                Ok(None)
            }
            read => read,
        }
    }

    fn get_content(&self, issue: &str, payload: &Value) -> Result<Option<String>> {
        let body = json!({"method": "getContent", "payload": payload});
        let answer = self.session()?.collaborate(issue, Class::Read, &body)?;
        let content: Content = answer.parse()?;
        Ok(content.content.into_values().next())
    }
}

/// Whether an editor shows the same for both: beside what is void, marks on nodes that are no text and
/// the borders between texts with the same marks are lost when a text is loaded.
fn is_same_in_editors(one: &str, other: &str) -> bool {
    let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
    match (parse(one), parse(other)) {
        (Some(one), Some(other)) => markup::equal(&as_loaded(one), &as_loaded(other)),
        _ => false,
    }
}

/// A document as it is when it was loaded. Documents read from JSON nest at most 128 deep.
fn as_loaded(mut node: Value) -> Value {
    if node["type"] != "text"
        && let Some(members) = node.as_object_mut()
    {
        members.remove("marks");
    }
    if let Some(children) = node.get_mut("content").and_then(Value::as_array_mut) {
        let mut loaded: Vec<Value> = Vec::with_capacity(children.len());
        for child in std::mem::take(children).into_iter().map(as_loaded) {
            if !joined(loaded.last_mut(), &child) {
                loaded.push(child);
            }
        }
        *children = loaded;
    }
    node
}

/// Adds a text to the one before it, where both have the same marks.
fn joined(last: Option<&mut Value>, next: &Value) -> bool {
    let is_text = |node: &Value| node["type"] == "text";
    let Some(last) = last.filter(|last| is_text(last) && is_text(next)) else { return false };
    let marks = |node: &Value| json!({"marks": node["marks"]});
    let (Some(before), Some(after)) = (last["text"].as_str(), next["text"].as_str()) else {
        return false;
    };
    if !markup::equal(&marks(last), &marks(next)) {
        return false;
    }
    last["text"] = Value::from(format!("{before}{after}"));
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraph(nodes: &Value) -> String {
        json!({"type": "doc", "content": [{"type": "paragraph", "content": nodes}]}).to_string()
    }

    #[test]
    fn what_is_lost_by_loading_is_no_typing() {
        let link = json!([{"type": "link", "attrs": {"href": "https://example.org"}}]);
        let saved = paragraph(&json!([
            {"type": "image", "attrs": {"src": "a.png", "title": null}, "marks": link},
            {"type": "text", "text": "on", "marks": []},
            {"type": "text", "text": "e"},
            {"type": "text", "text": " linked", "marks": link},
        ]));
        let live = paragraph(&json!([
            {"type": "image", "attrs": {"src": "a.png"}},
            {"type": "text", "text": "one"},
            {"type": "text", "text": " linked", "marks": link},
        ]));
        assert!(is_same_in_editors(&live, &saved));
    }

    #[test]
    fn a_letter_a_mark_or_a_node_more_is_typing() {
        let saved = paragraph(&json!([{"type": "text", "text": "one"}]));
        for typed in [
            json!([{"type": "text", "text": "one."}]),
            json!([{"type": "text", "text": "one", "marks": [{"type": "bold"}]}]),
            json!([{"type": "text", "text": "one"}, {"type": "hardBreak"}]),
            json!([]),
        ] {
            assert!(!is_same_in_editors(&paragraph(&typed), &saved), "{typed}");
        }
        assert!(!is_same_in_editors("", &saved), "what cannot be read is not taken for the same");
    }
}
