//! Transactions: how the platform is written to.

use std::hash::{BuildHasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Platform;
use super::board::PROJECT;
use super::find::ISSUE;
use crate::http::{Class, Result};
use crate::model::Millis;

impl Platform {
    /// `POST /api/v1/tx/<workspace>`
    pub(super) fn send<T: DeserializeOwned>(&self, class: Class, tx: &Value) -> Result<T> {
        let session = self.session()?;
        session.ask(&session.call("tx", class, tx))?.parse()
    }

    /// A transaction without its particulars. The server puts its own time in place of ours.
    fn tx(&self, class: &str) -> Result<Value> {
        let me = self.session()?.me()?;
        Ok(json!({
            "_id": fresh_id(),
            "_class": class,
            "space": "core:space:Tx",
            "modifiedBy": me,
            "modifiedOn": now(),
        }))
    }

    /// A change of one issue.
    pub(super) fn update(&self, issue: &str, space: &str, operations: &Value) -> Result<Value> {
        let mut tx = self.tx("core:class:TxUpdateDoc")?;
        tx["objectId"] = Value::from(issue);
        tx["objectClass"] = Value::from(ISSUE);
        tx["objectSpace"] = Value::from(space);
        tx["operations"] = operations.clone();
        Ok(tx)
    }

    /// So many numbers of a project, taken at once; the answer tells the last one.
    pub(super) fn take_numbers(&self, project: &str, count: usize) -> Result<Value> {
        let mut tx = self.tx("core:class:TxUpdateDoc")?;
        tx["objectId"] = Value::from(project);
        tx["objectClass"] = Value::from(PROJECT);
        tx["objectSpace"] = Value::from("core:space:Space");
        tx["operations"] = json!({"$inc": {"sequence": count}});
        tx["retrieve"] = Value::from(true);
        Ok(tx)
    }

    /// A new issue that stands alone.
    pub(super) fn creation(&self, issue: &str, space: &str, attributes: &Value) -> Result<Value> {
        let mut tx = self.tx("core:class:TxCreateDoc")?;
        tx["createdBy"] = tx["modifiedBy"].clone();
        tx["objectId"] = Value::from(issue);
        tx["objectClass"] = Value::from(ISSUE);
        tx["objectSpace"] = Value::from(space);
        tx["attachedTo"] = Value::from("tracker:ids:NoParent");
        tx["attachedToClass"] = Value::from(ISSUE);
        tx["collection"] = Value::from("subIssues");
        tx["attributes"] = attributes.clone();
        Ok(tx)
    }

    /// All of these, if `matching` finds an issue and `unmatched` finds none. Without a scope the
    /// server would not look at the conditions.
    pub(super) fn conditional(
        &self,
        scope: &str,
        matching: Option<Value>,
        unmatched: Option<Value>,
        txes: Vec<Value>,
    ) -> Result<Value> {
        let condition = |query: Option<Value>| match query {
            Some(query) => json!([{"_class": ISSUE, "query": query}]),
            None => json!([]),
        };
        let mut tx = self.tx("core:class:TxApplyIf")?;
        tx["objectSpace"] = Value::from("core:space:Tx");
        tx["scope"] = Value::from(scope);
        tx["match"] = condition(matching);
        tx["notMatch"] = condition(unmatched);
        tx["txes"] = Value::from(txes);
        Ok(tx)
    }
}

/// The id of the issue that is made from a seed in a workspace: 24 hexadecimal digits, always the
/// same.
pub(super) fn derived_id(workspace: &str, seed: &str) -> String {
    let digest = Sha256::new().chain_update(workspace).chain_update([0]).chain_update(seed);
    hex(&digest.finalize()[..12])
}

/// An id that nobody has: eight digits of seconds, sixteen of chance.
pub(super) fn fresh_id() -> String {
    let seconds = u32::try_from(now() / 1000).unwrap_or(u32::MAX);
    let chance = RandomState::new().hash_one(seconds);
    hex(&[&seconds.to_be_bytes()[..], &chance.to_be_bytes()].concat())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_that_of_its_seed_alone() {
        let id = derived_id("w", "task");
        assert_eq!(id.len(), 24);
        assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(id, derived_id("w", "task"));
        assert_ne!(id, derived_id("w2", "task"));
        assert_ne!(id, derived_id("w", "task after P-1"));
        assert_ne!(fresh_id(), fresh_id());
    }
}
