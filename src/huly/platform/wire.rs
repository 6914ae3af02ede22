//! The shapes that the platform speaks; fields that are not needed are not named.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Number, Value};

use super::error;
use crate::http::{Kind, Result, object, text};
use crate::huly::{Category, Glance, Issue, Status, Text};
use crate::model::Millis;

/// What is asked of each issue.
pub(super) const FIELDS: [&str; 10] = [
    "_id",
    "identifier",
    "title",
    "status",
    "priority",
    "description",
    "space",
    "kind",
    "createdOn",
    "modifiedOn",
];

/// An answer of find-all, taken in whole.
#[derive(Debug, Deserialize)]
pub(super) struct Found<T> {
    pub(super) value: Vec<T>,
}

/// An answer of find-all, its documents handed over.
#[derive(Debug, Deserialize)]
pub(super) struct Tail {
    pub(super) value: Option<Vec<()>>,
}

/// `GET /api/v1/account/<workspace>`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Account {
    pub(super) primary_social_id: String,
}

/// `tracker:class:Project`
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProjectDoc {
    #[serde(rename = "_id")]
    pub(super) id: String,
    #[serde(default)]
    pub(super) identifier: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: Option<String>,
    #[serde(default, rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) archived: bool,
    #[serde(default)]
    pub(super) members: Vec<String>,
    #[serde(default)]
    pub(super) default_issue_status: Option<String>,
}

/// `task:class:ProjectType`
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ProjectType {
    #[serde(rename = "_id")]
    pub(super) id: String,
    #[serde(default)]
    pub(super) tasks: Vec<String>,
    #[serde(default)]
    pub(super) statuses: Vec<TypeStatus>,
}

/// A status of a project type, for one of its task types.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TypeStatus {
    #[serde(rename = "_id")]
    pub(super) id: String,
    #[serde(default)]
    pub(super) task_type: String,
}

/// `tracker:class:IssueStatus`
#[derive(Debug, Clone, Deserialize)]
pub(super) struct StatusDoc {
    #[serde(rename = "_id")]
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) category: Option<String>,
}

impl From<StatusDoc> for Status {
    fn from(doc: StatusDoc) -> Self {
        let category = doc.category.as_deref().and_then(|id| id.rsplit(':').next());
        Self { name: doc.name, category: category.and_then(Category::of_name) }
    }
}

/// `tracker:class:Issue`
#[derive(Debug, Clone, Default)]
pub(super) struct IssueDoc {
    pub(super) id: String,
    pub(super) identifier: String,
    title: String,
    pub(super) status: String,
    priority: Option<Number>,
    /// Null, or a blob's id.
    description: Option<String>,
    pub(super) space: String,
    pub(super) kind: String,
    created_on: Option<Number>,
    modified_on: Option<Number>,
}

impl IssueDoc {
    /// Walked over, since half a surrogate pair in one title must not make a list unreadable.
    pub(super) fn parse(element: &[u8]) -> Result<Self> {
        Self::walk(element).map_err(|cause| {
            let message = format!("an issue of another shape: {cause}");
            error(Kind::Protocol, "POST /api/v1/find-all", message)
        })
    }

    fn walk(element: &[u8]) -> std::result::Result<Self, String> {
        let json = simdutf8::basic::from_utf8(element).map_err(|cause| cause.to_string())?;
        let mut doc = Self::default();
        for member in object::members(json) {
            let (name, value) = member.map_err(|cause| cause.to_string())?;
            let string = || {
                let read = text::read(value).map_err(|cause| format!("{name}: {cause}"));
                read.map(Option::unwrap_or_default)
            };
            let number = || serde_json::from_str(value).map_err(|cause| format!("{name}: {cause}"));
            match name {
                "_id" => doc.id = string()?,
                "identifier" => doc.identifier = string()?,
                "title" => doc.title = string()?,
                "status" => doc.status = string()?,
                "description" => doc.description = Some(string()?),
                "space" => doc.space = string()?,
                "kind" => doc.kind = string()?,
                "priority" => doc.priority = number()?,
                "createdOn" => doc.created_on = number()?,
                "modifiedOn" => doc.modified_on = number()?,
                _ => {}
            }
        }
        if doc.id.is_empty() || doc.identifier.is_empty() {
            return Err("it has no _id or no identifier".to_owned());
        }
        Ok(doc)
    }

    pub(super) fn modified(&self) -> Option<Millis> {
        self.modified_on.as_ref().and_then(millis)
    }

    /// As the sync looks at it; the text is left unread where there is one.
    pub(super) fn issue(&self, statuses: &HashMap<String, Status>) -> Issue {
        let status = statuses.get(&self.status);
        Issue {
            id: Some(self.id.clone()),
            identifier: self.identifier.clone(),
            title: self.title.clone(),
            status: status.map(|status| status.name.clone()),
            category: status.and_then(|status| status.category),
            priority: priority(self.priority.as_ref()).to_owned(),
            created: self.created_on.as_ref().and_then(millis),
            modified: self.modified(),
            text: match self.reference() {
                Some(_) => Text::Unread,
                None => Text::Read(String::new()),
            },
            text_ref: self.reference().map(str::to_owned),
        }
    }

    /// Of the description, where there is one.
    pub(super) fn reference(&self) -> Option<&str> {
        self.description.as_deref().filter(|blob| !blob.is_empty())
    }
}

fn priority(number: Option<&Number>) -> &'static str {
    match number.and_then(Number::as_u64) {
        Some(1) => "Urgent",
        Some(2) => "High",
        Some(3) => "Medium",
        Some(4) => "Low",
        _ => "NoPriority",
    }
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds are whole")]
fn millis(number: &Number) -> Option<Millis> {
    number.as_i64().or_else(|| Some(number.as_f64()? as Millis))
}

/// A deletion: `core:class:TxRemoveDoc`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Removal {
    pub(super) object_id: String,
    #[serde(default)]
    pub(super) object_space: String,
}

/// The answer of a transaction with `retrieve`.
#[derive(Debug, Deserialize)]
pub(super) struct Retrieved {
    pub(super) object: Option<Value>,
}

/// The answer of a `TxApplyIf`.
#[derive(Debug, Deserialize)]
pub(super) struct Applied {
    pub(super) success: bool,
}

/// The answer of the collaborator: fields by name, each a document in a string.
#[derive(Debug, Deserialize)]
pub(super) struct Content {
    #[serde(default)]
    pub(super) content: HashMap<String, String>,
}

pub(super) fn glance(element: &[u8]) -> Glance {
    let mut glance = Glance::default();
    each_member(element, |name, value| match name {
        "modifiedOn" => {
            glance.modified = serde_json::from_str::<Number>(value).ok().as_ref().and_then(millis);
        }
        "_id" => glance.id = text::read(value).ok().flatten(),
        _ => {}
    });
    glance
}

/// Which space an element is in.
pub(super) fn space(element: &[u8]) -> Option<String> {
    let mut space = None;
    each_member(element, |name, value| {
        if name == "space" {
            space = text::read(value).ok().flatten();
        }
    });
    space
}

fn each_member(element: &[u8], mut each: impl FnMut(&str, &str)) {
    let Ok(json) = simdutf8::basic::from_utf8(element) else { return };
    for (name, value) in object::members(json).filter_map(std::result::Result::ok) {
        each(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUE: &str = r#"{"_id":"6b03","identifier":"TSK-2","title":"half \ud83d","priority":2,
        "status":"s:1","description":"6b03-description-1","space":"p:1","kind":"k","parents":[{}],
        "createdOn":1795422776820,"modifiedOn":1795422776821.0}"#;

    #[test]
    fn an_issue_is_read_by_its_members() {
        let doc = IssueDoc::parse(ISSUE.as_bytes()).unwrap();
        let known = Status { name: "Coding".into(), category: Some(Category::Active) };
        let issue = doc.issue(&HashMap::from([("s:1".to_owned(), known)]));
        assert_eq!((issue.identifier.as_str(), issue.title.as_str()), ("TSK-2", "half \u{fffd}"));
        assert_eq!(
            (issue.status.as_deref(), issue.category),
            (Some("Coding"), Some(Category::Active))
        );
        assert_eq!((issue.priority.as_str(), issue.modified), ("High", Some(1_795_422_776_821)));
        assert_eq!(
            (issue.text, issue.text_ref.as_deref()),
            (Text::Unread, Some("6b03-description-1"))
        );
        assert_eq!(glance(ISSUE.as_bytes()).id.as_deref(), Some("6b03"));
        assert_eq!(space(ISSUE.as_bytes()).as_deref(), Some("p:1"));
    }

    #[test]
    fn a_status_that_nobody_knows_is_no_data() {
        let doc = IssueDoc::parse(ISSUE.as_bytes()).unwrap();
        assert_eq!(doc.issue(&HashMap::new()).status, None);
    }

    #[test]
    fn an_issue_without_a_name_is_none() {
        for broken in [&br#"{"_id":"6b03"}"#[..], br#"{"identifier":"TSK-2"}"#, b"[]", b"\xff"] {
            assert_eq!(IssueDoc::parse(broken).unwrap_err().kind, Kind::Protocol);
        }
    }
}
