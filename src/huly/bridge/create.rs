//! Making an issue.

use serde_json::{Value, json};

use super::{Bridge, wire};
use crate::http::{Request, Result};
use crate::huly::{Created, NewIssue, Place};

impl Bridge {
    /// The status sent along would be ignored: the new issue stands where the project's new
    /// issues do, and an update follows.
    pub(super) fn create_issue(&self, new: &NewIssue<'_>) -> Result<Created> {
        let mut body = json!({"project_identifier": new.project, "title": new.title});
        if !new.text.trim().is_empty() {
            body["description"] = Value::from(new.text);
        }
        let answer = self.send(&Request::post("/api/issues").json(&body))?.ok()?;
        // It is there, only under a name that was not understood.
        let made: wire::Made = answer.parse()?;
        Ok(Created { identifier: made.identifier, status: made.status, place: Place::New })
    }
}
