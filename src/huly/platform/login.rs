//! The way into a workspace: where its services are, who we are, and the token.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::session::{self, FILES, Session, Version};
use super::{error, refusal};
use crate::config::{self, Account, Login, Secret};
use crate::http::{Class, Error, Host, Http, Kind, Limits, Request, Result, Server};

/// How to get in, and the addresses that a person gave.
#[derive(Debug, Clone)]
pub(super) struct Credentials {
    front: String,
    slug: String,
    token: Option<Secret>,
    email: String,
    password: Option<Secret>,
    accounts: Option<String>,
    transactor: Option<String>,
    collaborator: Option<String>,
    files: Option<String>,
}

impl Credentials {
    pub(super) fn new(account: Account<'_>, huly: &config::Huly) -> Self {
        let (token, email, password) = match account.login {
            Login::Token(token) => (Some(token.clone()), String::new(), None),
            Login::Password { email, password } => (None, email.to_owned(), Some(password.clone())),
        };
        Self {
            front: account.url.to_owned(),
            slug: account.workspace.to_owned(),
            token,
            email,
            password,
            accounts: huly.accounts_url.clone(),
            transactor: huly.transactor_url.clone(),
            collaborator: huly.collaborator_url.clone(),
            files: huly.files_url.clone(),
        }
    }

    /// The front's address and the workspace's slug, as they stand in links.
    pub(super) fn address(&self) -> (&str, &str) {
        (&self.front, &self.slug)
    }
}

/// `GET <front>/config.json`; addresses may be relative, or internal to the deployment.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
struct Front {
    #[serde(default)]
    accounts_url: Option<String>,
    #[serde(default)]
    collaborator_url: Option<String>,
    #[serde(default)]
    files_url: Option<String>,
    #[serde(default)]
    model_version: Option<String>,
    #[serde(default)]
    version: Option<String>,
}

/// Any answer of the account service.
#[derive(Debug, Deserialize)]
struct Reply {
    #[serde(default)]
    result: Option<Value>,
    #[serde(default)]
    error: Option<Refused>,
}

#[derive(Debug, Deserialize)]
struct Refused {
    code: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoggedIn {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    tfa_required: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Selected {
    token: String,
    endpoint: String,
    workspace: String,
    workspace_url: String,
    account: String,
}

#[derive(Debug, Deserialize)]
struct Workspace {
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    status: Option<State>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct State {
    #[serde(default)]
    mode: Option<String>,
    #[serde(default)]
    is_disabled: Option<bool>,
}

/// Goes in. `rate` is in calls a second to each of transactor, collaborator and files, which count
/// apart; `at_once` bounds the requests for texts.
pub(super) fn enter(
    http: &Http,
    credentials: &Credentials,
    rate: u32,
    at_once: usize,
    refused: &AtomicBool,
) -> Result<Session> {
    let front = Server::new(http, Host::Huly, &credentials.front, Limits::default());
    let told: Front = front.ask(&Request::get("/config.json"))?.ok()?.parse()?;
    let absent = |(what, key): (&str, &str)| {
        let message = format!("it names no {what}: set huly.{key}");
        error(Kind::Protocol, "GET /config.json", message)
    };
    let service = |by_hand: &Option<String>, told: Option<&str>, key| match (by_hand, told) {
        (Some(url), _) => Ok(whole(&credentials.front, url)),
        (None, Some(url)) => private(&credentials.front, &whole(&credentials.front, url), key),
        (None, None) => Err(absent(key)),
    };
    // All of them before the password is sent to the first.
    let accounts = service(&credentials.accounts, told.accounts_url.as_deref(), ACCOUNTS)?;
    let collaborator =
        service(&credentials.collaborator, told.collaborator_url.as_deref(), COLLABORATOR)?;
    let (files, files_path) = files(credentials, told.files_url.as_deref());
    if credentials.files.is_none() {
        private(&credentials.front, &files, STORAGE)?;
    }
    let accounts = Accounts { server: Server::new(http, Host::Huly, &accounts, Limits::default()) };
    let token = match (&credentials.token, &credentials.password) {
        (Some(token), _) => token.clone(),
        (None, Some(password)) => {
            let logged_in = accounts.login(&credentials.email, password);
            let is_refusal = |error: &Error| error.kind == Kind::Auth;
            refused.store(logged_in.as_ref().is_err_and(is_refusal), Ordering::Relaxed);
            logged_in?
        }
        (None, None) => return Err(error(Kind::Auth, "login", "neither token nor password")),
    };
    accounts.check_state(&token, &credentials.slug)?;
    let selected = accounts.select(&token, &credentials.slug)?;
    let endpoint = service(&credentials.transactor, Some(&selected.endpoint), TRANSACTOR)?;
    let calls = Limits { rate: Some(rate), refusals: Some(refusal::meaning), ..Limits::default() };
    let texts = Limits { at_once: Some(at_once), ..calls };
    let version = told.model_version.or(told.version).unwrap_or_default();
    let server = |url: &str, limits| Server::new(http, Host::Huly, url, limits);
    let token = Secret::new(&selected.token);
    let transactor = server(&endpoint, calls);
    let a_read = session::find_one(&selected.workspace, &token);
    let transactor = transactor.judged_by(a_read);
    Ok(Session {
        collaborator: server(&collaborator, texts).judged_with(&transactor),
        transactor,
        files: server(&files, texts),
        files_path,
        token,
        workspace: selected.workspace,
        account: selected.account,
        version: Version::of(&version),
        me: OnceLock::new(),
    })
}

/// The services that get the password or a token: what each is called, and the key of its address.
const ACCOUNTS: (&str, &str) = ("account service", "accounts_url");
const COLLABORATOR: (&str, &str) = ("collaborator", "collaborator_url");
const TRANSACTOR: (&str, &str) = ("transactor", "transactor_url");
const STORAGE: (&str, &str) = ("file service", "files_url");

/// The address of a service that Huly itself names, unless secrets would leave a front that is
/// spoken to by TLS in clear. A person who wants that writes the address into the settings.
fn private(front: &str, url: &str, (what, key): (&str, &str)) -> Result<String> {
    let is_private = |url: &str| {
        url.split_once("://").is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("https"))
    };
    if is_private(front) && !is_private(url) {
        let message = format!(
            "Huly is reached over https, but names a {what} without ({url}): passwords and tokens \
             would be sent in clear; set huly.{key} to the https:// address, or to this one if that \
             is meant"
        );
        return Err(error(Kind::Barred, "GET /config.json", message));
    }
    Ok(url.to_owned())
}

/// The whole address of what may be relative to the front, or spelled for web sockets.
fn whole(front: &str, url: &str) -> String {
    let url = url.trim();
    if let Some((scheme, rest)) = url.split_once("://") {
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "ws" => "http".to_owned(),
            "wss" => "https".to_owned(),
            other => other.to_owned(),
        };
        return format!("{scheme}://{rest}");
    }
    format!("{front}/{}", url.trim_start_matches('/'))
}

/// Server, and path below it, of the files.
fn files(credentials: &Credentials, told: Option<&str>) -> (String, String) {
    if let Some(base) = &credentials.files {
        let below = FILES.strip_prefix("/files").unwrap_or(FILES);
        return (base.clone(), below.to_owned());
    }
    let told = told.filter(|url| url.contains(":blobId")).unwrap_or(FILES);
    match told.find("://").and_then(|at| told[at + 3..].find('/').map(|end| at + 3 + end)) {
        Some(path) => (told[..path].to_owned(), told[path..].to_owned()),
        None => (credentials.front.clone(), format!("/{}", told.trim_start_matches('/'))),
    }
}

/// The account service.
struct Accounts {
    server: Server,
}

impl Accounts {
    fn login(&self, email: &str, password: &Secret) -> Result<Secret> {
        let params = json!({"email": email, "password": password.reveal()});
        // Never twice: each refusal counts, and an answer that was lost may have been one.
        let logged_in: LoggedIn = self.call("login", &params, None, Class::Create)?;
        if logged_in.tfa_required == Some(true) {
            let message = "the account asks for a second factor: set a workspace token instead \
                           (huly.token)";
            return Err(error(Kind::Auth, "login", message));
        }
        let token = logged_in.token.filter(|token| !token.is_empty()).ok_or_else(|| {
            error(Kind::Auth, "login", "no token was given: is the e-mail address confirmed?")
        })?;
        Ok(Secret::new(&token))
    }

    /// A workspace that is being upgraded would answer with all kinds of errors. Not every token may
    /// ask for that: then it is left to them.
    fn check_state(&self, token: &Secret, slug: &str) -> Result<()> {
        let asked: Result<Vec<Workspace>> =
            self.call("getUserWorkspaces", &json!({}), Some(token), Class::Read);
        let workspaces = match asked {
            Ok(workspaces) => workspaces,
            Err(error) if matches!(error.kind, Kind::Offline | Kind::Throttled | Kind::Stopped) => {
                return Err(error);
            }
            Err(error) => {
                log::debug!("{error}");
                return Ok(());
            }
        };
        let is_it = |workspace: &&Workspace| workspace.url.as_deref() == Some(slug);
        let Some(found) = workspaces.iter().find(is_it) else {
            let known: Vec<&str> =
                workspaces.iter().filter_map(|workspace| workspace.url.as_deref()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let message = format!("the account has no workspace {slug:?}; it has {known}");
            return Err(error(Kind::Auth, "getUserWorkspaces", message));
        };
        let mode = found.status.as_ref().and_then(|state| state.mode.as_deref());
        let disabled = found.status.as_ref().and_then(|state| state.is_disabled) == Some(true);
        match mode {
            _ if disabled => {
                Err(error(Kind::Auth, "getUserWorkspaces", "the workspace is disabled"))
            }
            None | Some("active") => Ok(()),
            Some(mode) => {
                let message = format!("the workspace is not at work ({mode}); try later");
                Err(error(Kind::Offline, "getUserWorkspaces", message))
            }
        }
    }

    fn select(&self, token: &Secret, slug: &str) -> Result<Selected> {
        let params = json!({"workspaceUrl": slug, "kind": "external"});
        let selected: Selected = self.call("selectWorkspace", &params, Some(token), Class::Read)?;
        if selected.workspace_url != slug {
            // For a slug that it does not know the service selects another one.
            let message = format!(
                "there is no workspace {slug:?} for this account ({:?} was offered)",
                selected.workspace_url
            );
            return Err(error(Kind::Auth, "selectWorkspace", message));
        }
        Ok(selected)
    }

    fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        params: &Value,
        token: Option<&Secret>,
        class: Class,
    ) -> Result<T> {
        let mut request =
            Request::post("/").class(class).json(&json!({"method": method, "params": params}));
        if let Some(token) = token {
            request = request.bearer(token.reveal());
        }
        let answer = self.server.ask(&request)?.ok()?;
        let reply: Reply = answer.parse()?;
        if let Some(refused) = reply.error {
            let (kind, what) = refusal::of_account(&refused.code);
            return Err(error(kind, method, format!("{what} ({})", refused.code)));
        }
        let result = reply.result.unwrap_or_default();
        serde_json::from_value(result).map_err(|cause| unknown(method, &cause))
    }
}

fn unknown(method: &str, cause: &serde_json::Error) -> Error {
    error(Kind::Protocol, method, format!("unknown shape: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_may_be_relative_or_of_web_sockets() {
        for (told, expected) in [
            ("ws://collab:3078", "http://collab:3078"),
            ("wss://x.org/_collab", "https://x.org/_collab"),
            ("https://x.org/_accounts", "https://x.org/_accounts"),
            ("/_accounts", "http://front:8087/_accounts"),
            ("workspaces", "http://front:8087/workspaces"),
        ] {
            assert_eq!(whole("http://front:8087", told), expected);
        }
    }

    #[test]
    fn no_secret_leaves_a_front_of_https_in_clear() {
        let named = |front, told| private(front, &whole(front, told), ACCOUNTS);
        for told in ["https://x.org/_a", "HTTPS://x.org/_a", "wss://x.org/_a", "/_a", "_a"] {
            named("https://huly.org", told).unwrap();
        }
        for told in ["http://huly.org/_a", "HTTP://huly.org/_a", "ws://x:1", "WS://x:1", "ftp://x"]
        {
            let error = named("https://huly.org", told).unwrap_err();
            assert_eq!(error.kind, Kind::Barred, "{told}");
            assert!(error.message.contains("set huly.accounts_url to"), "{error}");
            if !told.starts_with("ftp") {
                named("http://huly.org", told).unwrap();
            }
        }
    }
}
