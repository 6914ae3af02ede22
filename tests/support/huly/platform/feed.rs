//! The transactions of the past, as `core:class:Tx…` shows them.

use serde_json::{Value, json};

/// All of them, oldest first.
#[derive(Default)]
pub struct Feed {
    pub all: Vec<Value>,
}

/// What becomes of a document that a person removes.
pub struct Removal<'a> {
    pub tx: String,
    pub by: &'a str,
    pub at: i64,
    pub document: &'a str,
    pub class: &'a str,
    pub space: &'a str,
}

impl Feed {
    /// Keeps a transaction that a client sent, with the server's times.
    pub fn keep(&mut self, sent: &Value, at: i64) {
        let mut tx = sent.clone();
        tx["modifiedOn"] = json!(at);
        tx["createdOn"] = json!(at);
        if tx.get("createdBy").is_none() {
            tx["createdBy"] = Value::Null;
        }
        self.all.push(tx);
    }

    /// Notes that a document was removed.
    pub fn removed(&mut self, removal: &Removal<'_>) {
        let Removal { tx, by, at, document, class, space } = removal;
        self.all.push(json!({"_id": tx, "_class": "core:class:TxRemoveDoc",
            "space": "core:space:Tx", "modifiedBy": by, "createdBy": null, "modifiedOn": at,
            "createdOn": at, "objectId": document, "objectClass": class, "objectSpace": space}));
    }
}
