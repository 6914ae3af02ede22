//! What the platform's refusals mean: its statuses alone mislead.

use crate::http::{Error, Kind};

/// Words of the transactor that mean the token, not the server.
const NOT_ADMITTED: [&str; 6] = [
    "Signature verification failed",
    "Not enough or too many segments",
    // No `Authorization` at all.
    "reading 'split'",
    "platform:status:Unauthorized",
    "platform:status:Forbidden",
    "Invalid token",
];

/// A workspace that is being upgraded, moved or restored.
const NOT_NOW: [&str; 4] =
    ["Failed to create session", "WorkspaceMigration", "Maintenance", "WorkspaceNotReady"];

/// A 500 of the transactor or the collaborator, by its words.
pub(super) fn meaning(status: u16, words: &str) -> Option<Kind> {
    let says = |those: &[&str]| those.iter().any(|part| words.contains(part));
    match status {
        _ if says(&NOT_NOW) => Some(Kind::Offline),
        500 if says(&NOT_ADMITTED) => Some(Kind::Auth),
        500 if says(&["duplicate key value"]) => Some(Kind::Exists),
        500 if says(&["platform:status:BadRequest", "platform:status:AccountMismatch"]) => {
            Some(Kind::Invalid)
        }
        _ => None,
    }
}

/// What to do where a write alone is refused, and the platform itself says so: a proxy does not speak its
/// codes.
pub(super) fn of_rights(refused: &Error) -> Option<&'static str> {
    let is_its_own = refused.kind == Kind::Invalid
        && ["platform:status:Forbidden", "platform:status:Unauthorized"]
            .iter()
            .any(|code| refused.message.contains(code));
    is_its_own.then_some("Huly says that the account may not: is it a member of the project?")
}

/// A domain error of the account service, which comes under a status of 200: what it means, and what
/// to do.
pub(super) fn of_account(code: &str) -> (Kind, &'static str) {
    let code = code.rsplit(':').next().unwrap_or(code);
    match code {
        "AccountNotFound" | "InvalidPassword" | "SocialIdNotFound" => (
            Kind::Auth,
            "wrong e-mail or password; it is not tried again, since five wrong ones lock the account",
        ),
        "Unauthorized" | "Forbidden" | "TokenExpired" => {
            (Kind::Auth, "the token is not (any longer) one of this workspace")
        }
        _ if code.contains("Locked") => {
            (Kind::Auth, "the account is locked after wrong passwords: log in with a browser first")
        }
        "WorkspaceNotFound" => (Kind::Auth, "there is no such workspace for this account"),
        _ if NOT_NOW.iter().any(|part| code.contains(part)) => {
            (Kind::Offline, "the workspace is being worked on; try later")
        }
        "InternalServerError" | "UnknownError" => (Kind::Server, "the account service failed"),
        _ => (Kind::Protocol, "the account service refused for a reason that is not known here"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_500_means_what_its_words_say() {
        for (status, words, expected) in [
            (500, "Signature verification failed", Some(Kind::Auth)),
            (500, "Not enough or too many segments", Some(Kind::Auth)),
            (500, "Cannot read properties of undefined (reading 'split')", Some(Kind::Auth)),
            (
                500,
                "duplicate key value violates unique constraint \"task_pkey\"",
                Some(Kind::Exists),
            ),
            (500, "ERROR: platform:status:BadRequest {}", Some(Kind::Invalid)),
            (401, "Failed to create session", Some(Kind::Offline)),
            (500, "domain not found: undefined", None),
            (403, "Invalid workspace", None),
            (502, "duplicate key value", None),
        ] {
            assert_eq!(meaning(status, words), expected, "{status} {words}");
        }
    }

    #[test]
    fn a_write_that_the_account_may_not_do_is_told_from_one_that_a_proxy_refuses() {
        let told = |kind, words: &str| {
            of_rights(&Error::new(kind, crate::http::Host::Huly, "POST /api/v1/tx", words))
        };
        assert!(told(Kind::Invalid, "ERROR: platform:status:Forbidden {}; and so on").is_some());
        assert!(told(Kind::Invalid, "Blocked by rule 941100").is_none());
        assert!(told(Kind::Auth, "platform:status:Unauthorized").is_none());
    }

    #[test]
    fn a_refused_login_is_no_fault_of_the_service() {
        for (code, expected) in [
            ("platform:status:AccountNotFound", Kind::Auth),
            ("platform:status:PasswordLoginLocked", Kind::Auth),
            ("platform:status:Unauthorized", Kind::Auth),
            ("platform:status:WorkspaceMigration", Kind::Offline),
            ("platform:status:InternalServerError", Kind::Server),
            ("platform:status:UnknownMethod", Kind::Protocol),
        ] {
            assert_eq!(of_account(code).0, expected, "{code}");
        }
    }
}
