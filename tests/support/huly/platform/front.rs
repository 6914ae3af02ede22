//! The front: where the other services are, and the blobs.

use serde_json::{Value, json};

use super::system::{Platform, express};
use super::token::{Grant, granted};
use super::workspace::WORKSPACE;
use crate::support::web::message::{Answer, Request};
use crate::support::web::service::{ACCOUNT, COLLABORATOR, FILES, TRANSACTOR};

/// The configuration of a 0.7.422, with the addresses of another place.
const RECORDED: &str = include_str!("../../recordings/huly/front-config.json");

/// Where the services of a platform are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Urls {
    pub front: String,
    pub accounts: String,
    /// The endpoint of a workspace, as a WebSocket address.
    pub transactor: String,
    /// As a WebSocket address, too.
    pub collaborator: String,
    pub files: String,
}

impl Urls {
    /// The services behind one address.
    pub fn at(front: &str) -> Urls {
        let socket = front.replacen("http", "ws", 1);
        Urls {
            front: front.to_owned(),
            accounts: format!("{front}{ACCOUNT}"),
            transactor: format!("{socket}{TRANSACTOR}"),
            collaborator: format!("{socket}{COLLABORATOR}"),
            files: format!("{front}{FILES}"),
        }
    }

    /// Names that only the services themselves can resolve.
    pub fn internal(front: &str) -> Urls {
        Urls {
            front: front.to_owned(),
            accounts: "http://account.huly.invalid:3000".to_owned(),
            transactor: "ws://transactor.huly.invalid:3333".to_owned(),
            collaborator: "ws://collaborator.huly.invalid:3078".to_owned(),
            files: "http://front.huly.invalid:8080/files".to_owned(),
        }
    }
}

impl Platform {
    /// The addresses that the services give to whoever asks at this one.
    pub fn urls(&self, request: &Request) -> Urls {
        let front = format!("http://{}", request.header("host").unwrap_or("127.0.0.1"));
        match self.inside.lock().workspace.names_internal_hosts {
            true => Urls::internal(&front),
            false => Urls::at(&front),
        }
    }

    /// GET `/config.json`. The addresses of files are relative, unless internal hosts are named.
    pub fn configuration(&self, request: &Request) -> Answer {
        let urls = self.urls(request);
        let (a, b, c) = self.inside.lock().workspace.version;
        let mut config: Value = serde_json::from_str(RECORDED).expect("a recording is JSON");
        config["ACCOUNTS_URL"] = json!(urls.accounts);
        config["COLLABORATOR_URL"] = json!(urls.collaborator);
        config["VERSION"] = json!(format!("{a}.{b}.{c}"));
        config["MODEL_VERSION"] = config["VERSION"].clone();
        if urls.files.contains("invalid") {
            let below = "/:workspace/:filename?file=:blobId&workspace=:workspace";
            config["UPLOAD_URL"] = json!(urls.files);
            config["FILES_URL"] = json!(urls.files + below);
        }
        express(200, &config)
    }

    /// GET `/files/{ws}/{name}?file={blob}&workspace={ws}`, or without the name.
    pub fn file(&self, request: &Request) -> Answer {
        let segments = request.segments();
        let mut inside = self.inside.lock();
        let is_ours = segments.get(1).is_some_and(|workspace| workspace == WORKSPACE);
        if granted(request, &inside.workspace) != Ok(Grant::Workspace) || !is_ours {
            return Answer::new(401, "", "");
        }
        let id = request.query("file").or_else(|| segments.get(2).cloned()).unwrap_or_default();
        let Some(text) = inside.blob_read(&id) else { return Answer::new(404, "", "") };
        let mut answer = Answer::new(200, "application/json", text);
        for (name, value) in [
            ("X-Powered-By", "Express"),
            ("Access-Control-Allow-Origin", "*"),
            ("Content-Security-Policy", "default-src 'none';"),
            ("Cache-Control", "public, no-cache, must-revalidate, max-age=365d"),
        ] {
            answer.headers.push((name, value.to_owned()));
        }
        answer
    }
}
