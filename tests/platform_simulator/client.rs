//! A world with a platform, and the plainest client of it.

use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{HulyKind, Reply, Setup, World, ask_with};

/// The workspace that the simulator has.
pub const WORKSPACE: &str = "c285a701-2db2-4f5c-a153-a3123a9a972f";
/// Our account.
pub const ACCOUNT: &str = "040b42b2-e221-42f4-b066-8e1548840f90";
/// Our primary social id.
pub const ME: &str = "7868007810303782618";

/// A platform and a token for it.
pub struct Client {
    pub world: World,
    pub token: String,
    _folder: TempDir,
}

impl Client {
    /// An empty platform.
    pub fn new() -> Client {
        let folder = tempfile::tempdir().unwrap();
        let world = World::start(Setup::new(folder.path()).huly(HulyKind::Platform));
        Client::of(world, folder)
    }

    /// The platform of a world that lives in a folder.
    pub fn of(world: World, folder: TempDir) -> Client {
        let token = world.huly.credentials().token;
        Client { world, token, _folder: folder }
    }

    /// One with a project `PROJ`; and the project's `_id`.
    pub fn with_project() -> (Client, String) {
        let client = Client::new();
        client.world.huly.add_project("PROJ", "Project");
        let space = client.world.huly.project_id("PROJ");
        (client, space)
    }

    /// Asks with any headers.
    pub fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Reply {
        let text = match body {
            None => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(json) => json.to_string(),
        };
        let mut headers = headers.to_vec();
        headers.extend(body.map(|_| ("content-type", "application/json")));
        let url = self.world.huly.url();
        ask_with(&url, method, path, &headers, text.as_bytes(), Duration::from_secs(5)).unwrap()
    }

    /// Asks with the token of the workspace.
    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let bearer = format!("Bearer {}", self.token);
        self.ask(method, path, &[("authorization", &bearer)], body)
    }

    /// Calls the account service.
    pub fn account(&self, token: Option<&str>, method: &str, params: &Value) -> Reply {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let headers: Vec<(&str, &str)> =
            bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
        let call = json!({"method": method, "params": params});
        self.ask("POST", "/_accounts", &headers, Some(&call))
    }

    /// A find-all by POST, as it is answered.
    pub fn find_all(&self, class: &str, query: &Value, options: &Value) -> Reply {
        let body = json!({"_class": class, "query": query, "options": options});
        let path = format!("/_transactor/api/v1/find-all/{WORKSPACE}");
        self.call("POST", &path, Some(&body))
    }

    /// The documents that a query means.
    pub fn find(&self, class: &str, query: &Value, options: &Value) -> Vec<Value> {
        let reply = self.find_all(class, query, options);
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["value"].as_array().unwrap().clone()
    }

    /// Sends a transaction.
    pub fn tx(&self, tx: &Value) -> Reply {
        self.call("POST", &format!("/_transactor/api/v1/tx/{WORKSPACE}"), Some(tx))
    }

    /// A transaction on an issue, with what every one has.
    pub fn of_issue(&self, kind: &str, id: &str, space: &str, body: &Value) -> Value {
        let mut tx = json!({"_id": self.id(), "_class": format!("core:class:{kind}"),
            "space": "core:space:Tx", "modifiedBy": ME, "modifiedOn": 1, "objectId": id,
            "objectClass": "tracker:class:Issue", "objectSpace": space});
        for (name, value) in body.as_object().unwrap() {
            tx[name] = value.clone();
        }
        tx
    }

    /// A transaction that makes an issue with these attributes.
    pub fn creation(&self, id: &str, space: &str, attributes: &Value) -> Value {
        let body = json!({"attachedTo": "tracker:ids:NoParent", "collection": "subIssues",
            "attachedToClass": "tracker:class:Issue", "attributes": attributes});
        self.of_issue("TxCreateDoc", id, space, &body)
    }

    /// Several transactions on a condition.
    pub fn apply_if(&self, conditions: &Value, txes: &[Value]) -> Value {
        let mut tx = json!({"_id": self.id(), "_class": "core:class:TxApplyIf",
            "space": "core:space:Tx", "objectSpace": "core:space:Tx", "modifiedBy": ME,
            "modifiedOn": 1, "match": [], "notMatch": [], "txes": txes});
        for (name, value) in conditions.as_object().unwrap() {
            tx[name] = value.clone();
        }
        tx
    }

    /// A new id.
    pub fn id(&self) -> String {
        let path = format!("/_transactor/api/v1/generate-id/{WORKSPACE}");
        self.call("GET", &path, None).json()["id"].as_str().unwrap().to_owned()
    }

    /// A call to the collaborator about the description of an issue.
    pub fn collaborator(&self, document: &str, method: &str, payload: &Value) -> Reply {
        let name = format!("{WORKSPACE}%7Ctracker%3Aclass%3AIssue%7C{document}%7Cdescription");
        let call = json!({"method": method, "payload": payload});
        self.call("POST", &format!("/_collaborator/rpc/{name}"), Some(&call))
    }

    /// The text of a blob, as the front gives it.
    pub fn file(&self, blob: &str) -> Reply {
        let path = format!("/files/{WORKSPACE}/description?file={blob}&workspace={WORKSPACE}");
        self.call("GET", &path, None)
    }
}
