//! Descriptions: what the two generations really do with them.

use serde_json::json;

use super::write::Progress;
use super::{BODY_LIMIT, Bridge, error, issue_path, wire};
use crate::http::{Kind, Request, Result};
use crate::huly::IssueWrite;

impl Bridge {
    pub(super) fn write_text(&self, write: &IssueWrite<'_>, text: &str, end: &mut Progress) {
        if let Err(error) = self.put_text(write, text) {
            end.fail(error);
        }
    }

    /// Over a text, PATCH works. Over a blank one, PATCH alone shows the text for 150 ms and
    /// loses it, and PUT alone may bring back what was there before it was cleared: first PUT,
    /// then PATCH.
    fn put_text(&self, write: &IssueWrite<'_>, text: &str) -> Result<()> {
        let path = issue_path(write.identifier);
        if self.generation().lists_texts() {
            let message = "not sent: this bridge would answer 200 and keep the old description";
            return Err(error(Kind::Invalid, &format!("PUT {path}"), message));
        }
        let patch = Request::patch(path).json(&json!({ "description": text }));
        // Before the PUT, which has the larger body: half of the two would be worse than none.
        let around = json!({"field": "description", "value": ""}).to_string().len();
        if patch.size() + around > BODY_LIMIT {
            let message =
                format!("description not sent: {} bytes, taken are {BODY_LIMIT}", patch.size());
            return Err(error(Kind::TooLarge, &patch.call(), message));
        }
        if write.text_is_blank {
            if text.trim().is_empty() {
                return Ok(());
            }
            self.put(write.identifier, "description", text)?;
        }
        let answer = self.send(&patch)?.ok()?;
        let updated: wire::Updated = answer.parse()?;
        match updated.refusal("description") {
            Some(why) => Err(error(Kind::Server, &patch.call(), format!("description: {why}"))),
            None => Ok(()),
        }
    }
}
