//! Transactions: what the server looks at, which is little, and what it does.

use std::time::Instant;

use serde_json::{Value, json};

use super::documents::PROJECT;
use super::fields::{Field, ISSUE, rank};
use super::find::Question;
use super::query::{Options, Query};
use super::workspace::{ACCOUNT, BY_EMAIL};
use crate::support::huly::bridge::Inside;
use crate::support::huly::tracker::{OURSELVES, SOMEBODY};

/// The class of comments.
const COMMENT: &str = "chunter:class:ChatMessage";
/// What a transaction that cannot be read is told.
const BAD_REQUEST: &str = "ERROR: platform:status:BadRequest {}";
/// Tables by class, as a second document with the same id names them.
const TABLES: [(&str, &str); 3] = [(ISSUE, "task"), (PROJECT, "space"), (COMMENT, "activity")];

/// A transaction on one document, as far as it was checked.
pub struct Change<'a> {
    pub tx: &'a Value,
    pub id: &'a str,
    pub class: &'a str,
    pub space: &'a str,
}

impl<'a> Change<'a> {
    fn new(tx: &'a Value) -> Result<Change<'a>, String> {
        let text = |name: &str| tx[name].as_str().filter(|text| !text.is_empty());
        let all = [text("_id"), text("space"), text("modifiedBy")];
        let (Some(id), Some(class), Some(space), [Some(_), Some(_), Some(by)]) =
            (text("objectId"), text("objectClass"), text("objectSpace"), all)
        else {
            return Err(BAD_REQUEST.to_owned());
        };
        let has_body = match tx["_class"].as_str() {
            Some("core:class:TxCreateDoc") => tx["attributes"].is_object(),
            Some("core:class:TxUpdateDoc") => tx["operations"].is_object(),
            Some("core:class:TxRemoveDoc") => true,
            _ => false,
        };
        if !has_body {
            return Err(BAD_REQUEST.to_owned());
        }
        if ![OURSELVES, BY_EMAIL].contains(&by) {
            let account = json!({"account": ACCOUNT});
            return Err(format!("ERROR: platform:status:AccountMismatch {account}"));
        }
        if !TABLES.iter().any(|(known, _)| *known == class) {
            return Err(format!("domain not found: {class} "));
        }
        Ok(Change { tx, id, class, space })
    }
}

impl Inside {
    /// Carries a transaction out; the error is the words of the server.
    pub fn transact(&mut self, tx: &Value) -> Result<Value, String> {
        self.tracker.hand = OURSELVES;
        let done = match tx["_class"].as_str() {
            Some("core:class:TxApplyIf") => self.apply_if(tx),
            _ => Change::new(tx).and_then(|change| self.change(&change)),
        };
        self.tracker.hand = SOMEBODY;
        done
    }

    /// All of several transactions, if what is there is as it should be.
    fn apply_if(&mut self, tx: &Value) -> Result<Value, String> {
        let (Some(txes), Some(_)) = (tx["txes"].as_array(), tx["_id"].as_str()) else {
            return Err(BAD_REQUEST.to_owned());
        };
        if tx.get("measureName").is_some_and(Value::is_null) {
            return Err(BAD_REQUEST.to_owned());
        }
        let txes = self.ranked(txes);
        let changes = txes.iter().map(Change::new).collect::<Result<Vec<_>, _>>()?;
        // Without a scope nothing is waited for and nothing compared.
        if tx["scope"].as_str().is_some_and(|scope| !scope.is_empty()) {
            for (name, wanted) in [("match", true), ("notMatch", false)] {
                for condition in tx[name].as_array().into_iter().flatten() {
                    if self.is_there(condition)? != wanted {
                        return Ok(json!({"success": false}));
                    }
                }
            }
        }
        // One statement of the database: all or nothing.
        for change in changes.iter().filter(|c| c.tx["_class"] == "core:class:TxCreateDoc") {
            self.check_new(change)?;
        }
        for change in &changes {
            self.change(change)?;
        }
        Ok(json!({"success": true, "serverTime": 3}))
    }

    /// The creates of one batch with the rank that the server fills in: it looks once, before any of
    /// them is there, so all get the same.
    fn ranked(&self, txes: &[Value]) -> Vec<Value> {
        let mut txes = txes.to_vec();
        let next = self.tracker.issues.keys().max().map_or(0, |last| last + 1);
        for tx in &mut txes {
            if self.workspace.fills_ranks() && tx["attributes"]["rank"] == "" {
                tx["attributes"]["rank"] = json!(rank(next));
            }
        }
        txes
    }

    /// Whether any document fits a condition.
    fn is_there(&mut self, condition: &Value) -> Result<bool, String> {
        let class = condition["_class"].as_str().unwrap_or("").to_owned();
        let query = Query::new(&condition["query"])?;
        if class == ISSUE
            && let Some([id]) = query.ids().as_deref()
        {
            // The usual condition, on one document of a board that may be large.
            let Some(id) = self.tracker.document(id) else { return Ok(false) };
            let issue = self.tracker.issues.get_mut(&id).expect("it has a document");
            issue.settle(Instant::now());
            let shown = self.tracker.shown(id);
            return Ok(query.matches(|name| shown.field(name)));
        }
        let (query, options) = (condition["query"].clone(), json!({"limit": 1}));
        let text = query.to_string();
        let question = Question { class, query, options, text };
        let found = self.find_all(&question).map_err(|refusal| refusal.message)?;
        let found: Value = serde_json::from_slice(&found).expect("written as JSON");
        Ok(found["value"].as_array().is_some_and(|all| !all.is_empty()))
    }

    fn check_new(&self, change: &Change<'_>) -> Result<(), String> {
        let tracker = &self.tracker;
        let is_there = tracker.document(change.id).is_some()
            || tracker.astray.contains(change.id)
            || tracker.in_space(change.id).is_some();
        match TABLES.iter().find(|(class, _)| *class == change.class) {
            Some((_, table)) if is_there => {
                Err(format!("duplicate key value violates unique constraint \"{table}_pkey\""))
            }
            _ => Ok(()),
        }
    }

    fn change(&mut self, change: &Change<'_>) -> Result<Value, String> {
        let kind = change.tx["_class"].as_str().unwrap_or("");
        if kind == "core:class:TxCreateDoc" {
            self.check_new(change)?;
        }
        match (kind, change.class) {
            ("core:class:TxCreateDoc", ISSUE) => self.create_issue(change),
            ("core:class:TxCreateDoc", PROJECT) => self.create_project(change),
            ("core:class:TxCreateDoc", _) => self.create_comment(change),
            ("core:class:TxUpdateDoc", ISSUE) => self.update_issue(change),
            ("core:class:TxUpdateDoc", PROJECT) => self.update_project(change),
            ("core:class:TxRemoveDoc", ISSUE) => self.remove_issue(change.id),
            _ => {}
        }
        self.tracker.feed.keep(change.tx, self.tracker.clock.now_ms());
        if change.tx["retrieve"] != true {
            return Ok(json!([]));
        }
        Ok(json!({"object": self.retrieved(change)}))
    }

    /// The document as it is now; null if there is none.
    fn retrieved(&self, change: &Change<'_>) -> Value {
        let mut document = match (change.class, self.tracker.document(change.id)) {
            (ISSUE, Some(id)) => self.tracker.shown(id).json(),
            (PROJECT, _) => match self.tracker.in_space(change.id) {
                Some(project) => super::documents::project(&self.tracker.projects[project]),
                None => return Value::Null,
            },
            _ => return Value::Null,
        };
        let modified = document["modifiedOn"].as_i64().unwrap_or(0);
        document["%hash%"] = json!(super::lookup::hash(modified));
        document
    }

    fn create_comment(&mut self, change: &Change<'_>) {
        let attached = change.tx["attachedTo"].as_str().unwrap_or("");
        if let Some(id) = self.tracker.document(attached) {
            self.tracker.change(id, |issue| issue.document.comments += 1);
        }
    }
}

/// What operations make of a value: `$inc`, `$push`, `$pull`, or the value itself.
pub fn operated(operator: Option<&str>, value: &Value, before: &Field<'_>) -> Value {
    let list = || match before.json() {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    };
    match operator {
        Some("$inc") => {
            let sum = before.number().unwrap_or(0.0) + value.as_f64().unwrap_or(0.0);
            json!(sum as i64)
        }
        Some("$push") => {
            let several = value["$each"].as_array().cloned();
            let several = several.unwrap_or_else(|| vec![value.clone()]);
            list().into_iter().chain(several).collect()
        }
        Some("$pull") => list().into_iter().filter(|element| element != value).collect(),
        _ => value.clone(),
    }
}

/// The operations of an update one by one: operator, field, value.
pub fn operations(tx: &Value) -> Vec<(Option<&str>, &str, &Value)> {
    let mut all = Vec::new();
    for (name, value) in tx["operations"].as_object().into_iter().flatten() {
        if let (true, Some(of_fields)) = (name.starts_with('$'), value.as_object()) {
            let each = of_fields.iter().map(|(field, value)| (Some(name.as_str()), field, value));
            all.extend(each.map(|(operator, field, value)| (operator, field.as_str(), value)));
        } else {
            all.push((None, name.as_str(), value));
        }
    }
    all
}
