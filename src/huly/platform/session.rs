//! A session in a workspace: its servers, and the token for them.

use std::sync::OnceLock;

use serde_json::{Value, json};

use super::{BODY_LIMIT, error, refusal};
use crate::config::Secret;
use crate::http::{Answer, Class, Error, Kind, Request, Result, Server, percent_encode};

/// As `config.json` spells where files are, and where it does not say.
pub(super) const FILES: &str = "/files/:workspace/:filename?file=:blobId&workspace=:workspace";

/// The platform's version; `0.7.422`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub(super) [u32; 3]);

impl Version {
    pub(super) fn of(text: &str) -> Self {
        let mut parts = text.split('.').map(|part| part.trim().parse().unwrap_or(0));
        Self([(); 3].map(|()| parts.next().unwrap_or(0)))
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// The answer, if it is a success. A session that could not be opened is no refused token: the
/// workspace may be in the middle of an upgrade, and says so under 401.
fn admitted(asked: Result<Answer>) -> Result<Answer> {
    asked.and_then(Answer::ok).map_err(|refused| {
        let told = refused.status.and_then(|status| refusal::meaning(status, &refused.message));
        // That a write alone is refused is known better by now.
        let told = told.filter(|kind| refused.kind != Kind::Invalid || *kind == Kind::Offline);
        let message = match refusal::of_rights(&refused) {
            Some(advice) => format!("{}; {advice}", refused.message),
            None => refused.message,
        };
        Error { kind: told.unwrap_or(refused.kind), message, ..refused }
    })
}

/// `POST /api/v1/<call>/<workspace>` of the transactor.
fn call(workspace: &str, token: &Secret, call: &str, class: Class, body: &Value) -> Request {
    Request::post(format!("/api/v1/{call}/{}", percent_encode(workspace)))
        .class(class)
        .json(body)
        .bearer(token.reveal())
}

/// The smallest read that asks for the token.
pub(super) fn find_one(workspace: &str, token: &Secret) -> Request {
    let body = json!({
        "_class": "tracker:class:Project",
        "query": {},
        "options": {"limit": 1, "projection": {"_id": 1}},
    });
    call(workspace, token, "find-all", Class::Read, &body)
}

/// Being in a workspace.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) transactor: Server,
    pub(super) collaborator: Server,
    pub(super) files: Server,
    /// Path and query below the files' server, with placeholders.
    pub(super) files_path: String,
    pub(super) token: Secret,
    /// The workspace's id.
    pub(super) workspace: String,
    /// The account's id, as projects list it among their members.
    pub(super) account: String,
    pub(super) version: Version,
    /// What our changes are signed with; asked for before the first one.
    pub(super) me: OnceLock<String>,
}

impl Session {
    /// `POST /api/v1/<call>/<workspace>` of the transactor.
    pub(super) fn call(&self, call: &str, class: Class, body: &Value) -> Request {
        self::call(&self.workspace, &self.token, call, class, body)
    }

    /// Asks the transactor; its refusals mean what its words say.
    pub(super) fn ask(&self, request: &Request) -> Result<Answer> {
        admitted(self.transactor.ask(request))
    }

    /// `POST /rpc/<document>` of the collaborator, about an issue's description. Its errors name the
    /// method in place of the document: an outage is handed on to other issues too.
    pub(super) fn collaborate(&self, issue: &str, class: Class, body: &Value) -> Result<Answer> {
        let call = format!("POST /rpc {}", body["method"].as_str().unwrap_or_default());
        let document =
            percent_encode(&format!("{}|tracker:class:Issue|{issue}|description", self.workspace));
        let request = Request::post(format!("/rpc/{document}"))
            .class(class)
            .json(body)
            .bearer(self.token.reveal());
        if request.size() > BODY_LIMIT {
            let message = format!("too large: {} bytes (limit {BODY_LIMIT})", request.size());
            return Err(error(Kind::TooLarge, &call, message));
        }
        let answer = admitted(self.collaborator.ask(&request));
        answer.map_err(|refused| Error { call, ..refused })
    }

    /// `GET` of a blob, as `FILES_URL` says it.
    pub(super) fn file(&self, name: &str, blob: &str) -> Request {
        let fill = |part: &str| {
            part.replace(":workspace", &self.workspace)
                .replace(":filename", name)
                .replace(":blobId", blob)
        };
        let (path, query) = self.files_path.split_once('?').unwrap_or((&self.files_path, ""));
        let path: Vec<String> = path.split('/').map(|part| percent_encode(&fill(part))).collect();
        let mut request = Request::get(path.join("/")).bearer(self.token.reveal());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            request = request.query(name, &fill(value));
        }
        request
    }

    /// The social id that signs changes.
    pub(super) fn me(&self) -> Result<&str> {
        if let Some(me) = self.me.get() {
            return Ok(me);
        }
        let request = Request::get(format!("/api/v1/account/{}", percent_encode(&self.workspace)))
            .bearer(self.token.reveal());
        let account: super::wire::Account = self.ask(&request)?.parse()?;
        Ok(self.me.get_or_init(|| account.primary_social_id))
    }
}
