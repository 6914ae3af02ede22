//! The services behind one address of the platform, told apart by their paths.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A service of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// `/config.json`.
    Front,
    Account,
    Transactor,
    Collaborator,
    /// Blobs; the front serves them.
    Files,
}

/// Where the account service is.
pub const ACCOUNT: &str = "/_accounts";
/// Where the transactor is.
pub const TRANSACTOR: &str = "/_transactor";
/// Where the collaborator is.
pub const COLLABORATOR: &str = "/_collaborator";
/// Where blobs are.
pub const FILES: &str = "/files";

impl Service {
    /// The service at a path; none for the paths of the bridge and of Vibe Kanban.
    pub fn of(path: &str) -> Option<Service> {
        let below = |root: &str| {
            path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        match () {
            () if path == "/config.json" => Some(Service::Front),
            () if below(ACCOUNT) => Some(Service::Account),
            () if below(TRANSACTOR) => Some(Service::Transactor),
            () if below(COLLABORATOR) => Some(Service::Collaborator),
            () if below(FILES) => Some(Service::Files),
            () => None,
        }
    }

    /// Whether a POST to it can change anything: find-all is a read, and so is every call to the
    /// account service that a client of ours makes.
    pub fn writes(self, path: &str, body: &[u8]) -> bool {
        match self {
            Service::Front | Service::Account | Service::Files => false,
            Service::Transactor => !path.contains("/api/v1/find-all/"),
            Service::Collaborator => {
                let call: Value = serde_json::from_slice(body).unwrap_or_default();
                call["method"] != "getContent"
            }
        }
    }
}

/// Requests and writes by service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceCounters {
    pub front: u64,
    pub account: u64,
    pub transactor: u64,
    pub transactor_writes: u64,
    pub collaborator: u64,
    pub collaborator_writes: u64,
    pub files: u64,
}

impl ServiceCounters {
    /// Counts one request.
    pub fn count(&mut self, service: Service, is_write: bool) {
        match service {
            Service::Front => self.front += 1,
            Service::Account => self.account += 1,
            Service::Files => self.files += 1,
            Service::Transactor => {
                self.transactor += 1;
                self.transactor_writes += u64::from(is_write);
            }
            Service::Collaborator => {
                self.collaborator += 1;
                self.collaborator_writes += u64::from(is_write);
            }
        }
    }
}
