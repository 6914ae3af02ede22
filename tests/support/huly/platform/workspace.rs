//! What the platform has beside the tracker: the account, its tokens, its limits, its moods.

use std::collections::HashMap;
use std::sync::Arc;

use super::limit::Limiter;

/// Who logs in; tests read it from `Huly::credentials`.
pub const EMAIL: &str = "alice@example.com";
/// Her password, until a test changes it.
pub const PASSWORD: &str = "pa55-phrase of alice";
/// The workspace's slug.
pub const SLUG: &str = "synclab";
/// The workspace.
pub const WORKSPACE: &str = "c285a701-2db2-4f5c-a153-a3123a9a972f";
/// The account.
pub const ACCOUNT: &str = "040b42b2-e221-42f4-b066-8e1548840f90";
/// The social id of the account's e-mail address; the other is the primary one.
pub const BY_EMAIL: &str = "9209246621738485493";
/// Failed logins after which an account is locked.
const TRIES: u32 = 5;

/// Everything of the platform that is neither project nor issue.
pub struct Workspace {
    pub password: String,
    pub failed_logins: u32,
    pub needs_second_factor: bool,
    /// Tokens of another generation have a wrong signature.
    pub generation: u32,
    /// `active`, `upgrading`, …
    pub mode: String,
    pub progress: u8,
    pub version: (u32, u32, u32),
    pub limiter: Limiter,
    /// The configuration and the login name hosts that do not resolve here.
    pub names_internal_hosts: bool,
    /// Answers to questions for issues, with what they were made from.
    pub answers: HashMap<Vec<u8>, (u64, Arc<Vec<u8>>)>,
}

impl Default for Workspace {
    fn default() -> Workspace {
        Workspace {
            password: PASSWORD.to_owned(),
            failed_logins: 0,
            needs_second_factor: false,
            generation: 1,
            mode: "active".to_owned(),
            progress: 100,
            version: (0, 7, 422),
            limiter: Limiter::default(),
            names_internal_hosts: false,
            answers: HashMap::new(),
        }
    }
}

impl Workspace {
    /// Whether too many logins have failed.
    pub fn is_locked(&self) -> bool {
        self.failed_logins >= TRIES
    }

    /// Whether an empty rank is filled in by the server.
    pub fn fills_ranks(&self) -> bool {
        self.version >= (0, 7, 411)
    }
}
