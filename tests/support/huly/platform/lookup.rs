//! Lookups: documents that the documents of a list refer to, sent along once.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::documents;
use super::fields::Shown;
use super::model;
use super::query::Options;
use crate::support::huly::bridge::Inside;

/// Documents that others refer to, each once.
#[derive(Default)]
pub struct Lookups {
    numbers: BTreeMap<String, usize>,
    documents: Vec<Value>,
}

impl Lookups {
    fn number(&mut self, document: Value) -> usize {
        let id = document["_id"].as_str().unwrap_or("").to_owned();
        *self.numbers.entry(id).or_insert_with(|| {
            self.documents.push(document);
            self.documents.len()
        })
    }

    /// The documents by number; null if there are none.
    pub fn map(self) -> Value {
        let numbered = (1..).map(|n: usize| n.to_string()).zip(self.documents);
        match numbered.collect::<Map<String, Value>>() {
            map if map.is_empty() => Value::Null,
            map => Value::Object(map),
        }
    }
}

impl Inside {
    /// Adds what a lookup gives, with the columns of the join that the platform forgets in it.
    pub fn look_up(
        &self,
        shown: &Shown<'_>,
        options: &Options,
        document: &mut Value,
        lookups: &mut Lookups,
    ) {
        let mut found = json!({});
        let project = documents::project(shown.project);
        for name in options.lookup.keys() {
            let target = match name.as_str() {
                "space" => project.clone(),
                "status" => {
                    let known = model::documents("core:class:Status", &self.tracker);
                    let id = shown.field("status").json();
                    let is_it = |status: &Value| Some(&status["_id"]) == id.as_ref();
                    match known.unwrap_or_default().into_iter().find(is_it) {
                        Some(status) => status,
                        None => continue,
                    }
                }
                _ => continue,
            };
            found[name] = json!(lookups.number(target));
        }
        if options.lookup.contains_key("space") {
            let columns = ["_id", "_class", "space", "modifiedBy", "createdBy"];
            let flags = ["private", "members", "archived"];
            for name in columns.into_iter().chain(flags) {
                document[format!("lookup_space_space_{name}")] = project[name].clone();
            }
            for name in ["modifiedOn", "createdOn"] {
                let text = project[name].to_string();
                document[format!("lookup_space_space_{name}")] = json!(text);
            }
            document["lookup_space_space_%hash%"] = json!(hash(shown.project.modified));
            let columns = [&columns[..], &flags, &["modifiedOn", "createdOn"]].concat();
            let data = project.as_object().into_iter().flatten();
            let data = data.filter(|(name, _)| !columns.contains(&name.as_str()));
            let data: Map<String, Value> =
                data.map(|(name, value)| (name.clone(), value.clone())).collect();
            document["lookup_space_space_data"] = Value::Object(data);
        }
        document["%hash%"] = json!(hash(shown.issue.modified.ms().unwrap_or(0)));
        document["$associations"] = json!({});
        document["$lookup"] = found;
    }
}

/// What stands in `%hash%`, which most answers leave out.
pub fn hash(ms: i64) -> String {
    format!("{ms:x}")
}
