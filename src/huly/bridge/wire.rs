//! The shapes that the bridge speaks; fields that are not needed are not named.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::{Duration, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::{Number, Value};

use super::error;
use crate::http::{Kind, Result, object, text};
use crate::huly::{Issue, Project, Text};
use crate::model::Millis;

#[derive(Debug, Deserialize)]
pub(super) struct Health {
    #[serde(default)]
    pub(super) connected: Option<bool>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Projects {
    pub(super) projects: Vec<ListedProject>,
    #[serde(default)]
    pub(super) count: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListedProject {
    identifier: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    archived: Option<bool>,
    #[serde(default)]
    issue_count: Option<u64>,
}

impl From<ListedProject> for Project {
    fn from(listed: ListedProject) -> Self {
        Self {
            id: None,
            identifier: listed.identifier,
            name: listed.name.unwrap_or_default(),
            description: listed.description.unwrap_or_default(),
            archived: listed.archived.unwrap_or_default(),
            issues: listed.issue_count,
            closed: false,
        }
    }
}

/// What surrounds the issues of one project, in its list as in a shared read.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListTail {
    pub(super) issues: Option<Vec<()>>,
    #[serde(default)]
    pub(super) count: Option<u64>,
    #[serde(default)]
    sync_meta: Option<SyncMeta>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SyncMeta {
    #[serde(default)]
    server_time: Option<String>,
}

impl ListTail {
    pub(super) fn server_time(&self) -> Option<Millis> {
        millis(self.sync_meta.as_ref()?.server_time.as_deref()?)
    }

    pub(super) fn error(&self) -> Option<String> {
        let error = self.error.as_ref()?;
        Some(error.as_str().map_or_else(|| error.to_string(), str::to_owned))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SharedTail {
    pub(super) projects: BTreeMap<String, ListTail>,
    #[serde(default)]
    pub(super) not_found: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BulkTail {
    #[serde(default)]
    pub(super) not_found: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Made {
    pub(super) identifier: String,
    #[serde(default)]
    pub(super) status: Option<String>,
}

/// What a refused status is answered with by PUT.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Refused {
    pub(super) available_statuses: Vec<String>,
}

/// What PUT (one field) and PATCH (several) answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Updated {
    #[serde(default)]
    pub(super) updated: bool,
    #[serde(default)]
    applied_updates: Value,
    #[serde(default)]
    errors: Vec<FieldError>,
}

#[derive(Debug, Deserialize)]
struct FieldError {
    field: String,
    #[serde(default)]
    error: Value,
}

impl Updated {
    /// Why this field was not taken, though the answer is 200.
    pub(super) fn refusal(&self, field: &str) -> Option<String> {
        if let Some(refused) = self.errors.iter().find(|error| error.field == field) {
            return Some(refused.error.as_str().unwrap_or("refused").to_owned());
        }
        let taken = self.updated && names(&self.applied_updates, field);
        (!taken).then(|| format!("{field} was not taken"))
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct BulkUpdated {
    pub(super) results: Vec<BulkResult>,
}

#[derive(Debug, Deserialize)]
pub(super) struct BulkResult {
    pub(super) identifier: String,
    #[serde(default)]
    pub(super) updated: bool,
    #[serde(default)]
    changes: Value,
}

impl BulkResult {
    /// Whether this field was taken.
    pub(super) fn took(&self, field: &str) -> bool {
        self.updated && names(&self.changes, field)
    }
}

/// Whether a list of fields, as an object or an array, has this one. What is neither says nothing.
fn names(fields: &Value, field: &str) -> bool {
    match fields {
        Value::Object(fields) => fields.contains_key(field),
        Value::Array(fields) => fields.iter().any(|name| name == field),
        _ => true,
    }
}

/// An issue as listed or read; without texts, an empty description says nothing.
pub(super) fn issue(element: &[u8], with_text: bool) -> Result<Issue> {
    let garbled = |how: &dyn Display| error(Kind::Protocol, "an issue", how);
    let json = simdutf8::basic::from_utf8(element).map_err(|error| garbled(&error))?;
    let (mut identifier, mut title, mut status, mut priority) = (None, None, None, None);
    let (mut created, mut modified, mut description) = (None, None, None);
    for member in object::members(json) {
        let (name, value) = member.map_err(|error| garbled(&error))?;
        let text = || text::read(value).map_err(|error| garbled(&error));
        let time = || time(value).map_err(|error| garbled(&error));
        match name {
            "identifier" => identifier = text()?,
            "title" => title = text()?,
            "status" => status = text()?,
            "priority" => priority = text()?,
            "createdOn" => created = time()?,
            "modifiedOn" => modified = time()?,
            "description" if with_text => description = text()?,
            _ => {}
        }
    }
    let identifier = identifier.ok_or_else(|| garbled(&"it has no identifier"))?;
    let title = title.ok_or_else(|| garbled(&format!("{identifier} has no title")))?;
    let text = if with_text { Text::Read(description.unwrap_or_default()) } else { Text::Unread };
    Ok(Issue {
        id: None,
        identifier,
        title,
        status: status.filter(|name| name != "Unknown"),
        category: None,
        priority: priority.unwrap_or_else(|| "NoPriority".to_owned()),
        created,
        modified,
        text,
        text_ref: None,
    })
}

/// The time of change alone, of an issue that nothing else is wanted of.
pub(super) fn modified(element: &[u8]) -> Option<Millis> {
    let json = simdutf8::basic::from_utf8(element).ok()?;
    let mut members = object::members(json).filter_map(std::result::Result::ok);
    let (_, value) = members.find(|(name, _)| *name == "modifiedOn")?;
    time(value).ok()?
}

/// Milliseconds, which are whole, but not always written so; or null.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds are whole")]
fn time(raw: &str) -> serde_json::Result<Option<Millis>> {
    if let Ok(whole) = raw.parse() {
        return Ok(Some(whole));
    }
    let number: Option<Number> = serde_json::from_str(raw)?;
    Ok(number.and_then(|number| number.as_f64()).map(|float| float as Millis))
}

/// An ISO time stamp with milliseconds.
pub(super) fn iso(at: Millis) -> String {
    let since = Duration::from_millis(u64::try_from(at).unwrap_or_default());
    humantime::format_rfc3339_millis(UNIX_EPOCH + since).to_string()
}

fn millis(iso: &str) -> Option<Millis> {
    let at = humantime::parse_rfc3339_weak(iso).ok()?;
    Millis::try_from(at.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_unknown_and_never_now() {
        let bare = issue(br#"{"identifier":"P-1","title":"T","status":"Unknown"}"#, true).unwrap();
        assert_eq!((bare.status, bare.modified, bare.created), (None, None, None));
        assert_eq!(bare.text, Text::Read(String::new()));
        let nulls = br#"{"identifier":"P-1","title":"T","modifiedOn":null,"description":null}"#;
        assert_eq!(issue(nulls, false).unwrap().text, Text::Unread);
        assert_eq!(issue(nulls, false).unwrap().modified, None);
    }

    #[test]
    fn an_issue_without_identifier_or_title_is_none() {
        for broken in
            [&br#"{"title":"T"}"#[..], br#"{"identifier":"P-1"}"#, b"{\"title\":\"\xff\"}"]
        {
            assert_eq!(issue(broken, false).unwrap_err().kind, Kind::Protocol);
        }
    }

    #[test]
    fn times_are_milliseconds_in_elements_and_iso_elsewhere() {
        let full = br#"{"identifier":"P-1","title":"T","createdOn":1698765432000,"modifiedOn":1698852432000.0}"#;
        let full = issue(full, false).unwrap();
        assert_eq!(full.created, Some(1_698_765_432_000));
        assert_eq!(full.modified, Some(1_698_852_432_000));
        assert_eq!(iso(1_698_765_432_007), "2023-10-31T15:17:12.007Z");
        assert_eq!(millis("2023-10-31T15:17:12.007Z"), Some(1_698_765_432_007));
    }
}
