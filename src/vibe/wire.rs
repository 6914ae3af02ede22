//! The shapes that Vibe Kanban speaks; fields that are not needed are not named.

use std::time::UNIX_EPOCH;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{Project, Task};
use crate::http::{Error, Host, Kind, Result, object, text};
use crate::model::Millis;

/// What every answer has beside `data`. Business errors are `success:false` with status 200.
#[derive(Debug, Deserialize)]
pub(super) struct Verdict {
    success: bool,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    data: Option<serde_json::Value>,
}

impl Verdict {
    /// Whether `data` is a list (hollowed out where it was streamed).
    pub(super) fn has_list(&self) -> bool {
        self.data.as_ref().is_some_and(serde_json::Value::is_array)
    }

    pub(super) fn check(&self, call: &str) -> Result<()> {
        if self.success {
            return Ok(());
        }
        let message = self.message.as_deref().unwrap_or("refused without a word");
        Err(Error { status: Some(200), ..Error::new(Kind::Invalid, Host::Vibe, call, message) })
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Envelope<T> {
    pub(super) data: T,
}

#[derive(Debug, Deserialize)]
pub(super) struct ListedProject {
    pub(super) id: String,
    name: String,
    #[serde(default)]
    git_repo_path: Option<String>,
}

impl From<ListedProject> for Project {
    fn from(listed: ListedProject) -> Self {
        Self { id: listed.id, name: listed.name, repo_path: listed.git_repo_path }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Repository {
    #[serde(default)]
    pub(super) path: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Info {
    #[serde(default)]
    version: Option<String>,
    #[serde(default)]
    config: Option<InfoConfig>,
}

#[derive(Debug, Deserialize)]
struct InfoConfig {
    #[serde(default)]
    last_app_version: Option<String>,
}

impl Info {
    pub(super) fn version(self) -> Option<String> {
        self.version.or_else(|| self.config?.last_app_version)
    }
}

/// A task as it is in answers. Later versions add and drop fields: only three are required.
pub(super) struct ListedTask(pub(super) Task);

impl ListedTask {
    /// Reads the object that `json` is.
    pub(super) fn read(json: &str) -> std::result::Result<Self, String> {
        let (mut id, mut title, mut status, mut description) = (None, None, None, None);
        let (mut created, mut updated, mut shared) = (None, None, None);
        for member in object::members(json) {
            let (name, value) = member.map_err(|error| error.to_string())?;
            let text = || text::read(value).map_err(|error| format!("{name}: {error}"));
            match name {
                "id" => id = text()?,
                "title" => title = text()?,
                "status" => status = text()?,
                "description" => description = text()?,
                "created_at" => created = text()?,
                "updated_at" => updated = text()?,
                "shared_task_id" => shared = text()?,
                _ => {}
            }
        }
        let needed = |value: Option<String>, name: &str| value.ok_or(format!("it has no {name}"));
        Ok(Self(Task {
            id: needed(id, "id")?,
            title: needed(title, "title")?,
            status: needed(status, "status")?,
            text: description.unwrap_or_default(),
            created: created.as_deref().and_then(millis),
            updated: updated.as_deref().and_then(millis),
            read_only: shared.is_some(),
        }))
    }
}

impl<'de> Deserialize<'de> for ListedTask {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Self::read(<&RawValue>::deserialize(deserializer)?.get()).map_err(D::Error::custom)
    }
}

/// RFC 3339, with 3 decimals, more or none.
fn millis(time: &str) -> Option<Millis> {
    // `+00:00` says the same as `Z`, which is all that humantime reads.
    let utc = time.strip_suffix("+00:00").map(|time| format!("{time}Z"));
    let at = humantime::parse_rfc3339_weak(utc.as_deref().unwrap_or(time)).ok()?;
    Millis::try_from(at.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_with_decimals_or_without() {
        assert_eq!(millis("2026-11-23T07:55:04.178Z"), Some(1_795_420_504_178));
        assert_eq!(millis("2026-11-23T07:55:04Z"), Some(1_795_420_504_000));
        assert_eq!(millis("2026-11-23 07:55:04"), Some(1_795_420_504_000));
        assert_eq!(millis("2026-11-23T07:55:04.178+00:00"), Some(1_795_420_504_178));
        assert_eq!(millis("yesterday"), None);
    }

    #[test]
    fn a_task_needs_no_more_than_three_fields() {
        let read = |json| ListedTask::read(json).map(|listed| listed.0);
        let bare = read(r#"{"id":"1","title":"T","status":"odd","new":[]}"#).unwrap();
        assert_eq!((bare.status.as_str(), bare.text.as_str()), ("odd", ""));
        assert!(!bare.read_only && bare.created.is_none());
        let shared = r#"{"id":"1","title":"T","status":"todo","shared_task_id":"s"}"#;
        assert!(read(shared).unwrap().read_only);
        assert_eq!(read(r#"{"id":"1","title":"T"}"#).unwrap_err(), "it has no status");
    }
}
