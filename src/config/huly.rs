//! Which Huly it is, and how to get in.

use std::fmt;

use super::{Config, Invalid, Origin, Problem};
use crate::model::Hash;

/// Through which API Huly is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// The REST bridge.
    Bridge,
    /// The platform's own API.
    Platform,
}

/// What goes into a request and nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The thing itself; not for logs.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// `[huly]`
#[derive(Debug, Clone)]
pub struct Huly {
    /// Which of the two, where both are set.
    pub backend: Option<Backend>,
    /// Of the bridge; base URL without `/api` or a slash at its end; the port is kept.
    /// `HULY_API_URL`
    pub api_url: Option<String>,
    /// Of the platform's front. `HULY_URL`
    pub url: Option<String>,
    /// The slug of the workspace, as in the front's addresses. `HULY_WORKSPACE`
    pub workspace: Option<String>,
    /// A workspace token, in place of e-mail and password. `HULY_TOKEN`
    pub token: Option<Secret>,
    /// `HULY_EMAIL`
    pub email: Option<String>,
    /// `HULY_PASSWORD`
    pub password: Option<Secret>,
    /// Where the front's `config.json` names one that cannot be reached from here.
    pub accounts_url: Option<String>,
    /// The same, of the endpoint that the account service names.
    pub transactor_url: Option<String>,
    /// The same.
    pub collaborator_url: Option<String>,
    /// The same: what stands before `/<workspace>/<name>`.
    pub files_url: Option<String>,
    /// Calls a second, on average over half a minute (20).
    pub rate: u32,
}

/// The Huly that was chosen.
#[derive(Debug, Clone, Copy)]
pub enum Chosen<'a> {
    /// The bridge at this address.
    Bridge(&'a str),
    /// The platform.
    Platform(Account<'a>),
}

/// What it takes to get into a workspace.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    /// Of the front.
    pub url: &'a str,
    /// The slug.
    pub workspace: &'a str,
    /// Who.
    pub login: Login<'a>,
}

/// Who logs in.
#[derive(Debug, Clone, Copy)]
pub enum Login<'a> {
    /// A workspace token.
    Token(&'a Secret),
    /// A person's, or a robot's.
    Password {
        /// Her address.
        email: &'a str,
        /// Her word.
        password: &'a Secret,
    },
}

impl Huly {
    /// The one to speak to, for a command that needs it.
    ///
    /// # Errors
    /// Says what is missing, and how to set it.
    pub fn chosen(&self) -> Result<Chosen<'_>, Invalid> {
        match (self.backend, &self.api_url, &self.url) {
            (Some(Backend::Bridge) | None, Some(api_url), _) => Ok(Chosen::Bridge(api_url)),
            (Some(Backend::Bridge), None, _) => Err(missing("huly.api_url", "HULY_API_URL")),
            (Some(Backend::Platform) | None, _, Some(url)) => self.account(url),
            (Some(Backend::Platform), _, None) => Err(missing("huly.url", "HULY_URL")),
            (None, None, None) => Err(missing(
                "huly.url",
                "HULY_URL (the address of Huly itself), or HULY_API_URL (that of its REST bridge)",
            )),
        }
    }

    /// What tells one e-mail address with its password, at this Huly, from another. `None` where nobody
    /// logs in with them.
    #[must_use]
    pub fn login(&self) -> Option<Hash> {
        match self.chosen() {
            Ok(Chosen::Platform(Account {
                url,
                login: Login::Password { email, password },
                ..
            })) => Some(Hash::of(format!("{url:?} {email:?} {:?}", password.reveal()).as_bytes())),
            _ => None,
        }
    }

    fn account<'a>(&'a self, url: &'a str) -> Result<Chosen<'a>, Invalid> {
        let workspace =
            self.workspace.as_deref().ok_or_else(|| missing("huly.workspace", "HULY_WORKSPACE"))?;
        let login = match (&self.token, &self.email, &self.password) {
            (Some(token), _, _) => Login::Token(token),
            (None, Some(email), Some(password)) => Login::Password { email, password },
            (None, Some(_), None) => return Err(missing("huly.password", "HULY_PASSWORD")),
            (None, None, Some(_)) => return Err(missing("huly.email", "HULY_EMAIL")),
            (None, None, None) => {
                return Err(missing("huly.token", "HULY_TOKEN, or HULY_EMAIL with HULY_PASSWORD"));
            }
        };
        Ok(Chosen::Platform(Account { url, workspace, login }))
    }
}

/// Whether it would be spoken to by its own API.
pub(super) fn is_platform(huly: &Huly) -> bool {
    match huly.backend {
        Some(backend) => backend == Backend::Platform,
        None => huly.api_url.is_none() && huly.url.is_some(),
    }
}

/// Two Hulys are one too many.
pub(super) fn check(config: &Config) -> Option<Problem> {
    let huly = &config.huly;
    let both = huly.api_url.is_some() && huly.url.is_some();
    (both && huly.backend.is_none()).then(|| Problem {
        key: "huly.backend".to_owned(),
        origin: config.origin("huly.backend").clone(),
        what: "huly.api_url (a bridge) and huly.url (the platform) are both set: write backend = \
               \"bridge\" or \"platform\" under [huly], or take one of them away"
            .to_owned(),
    })
}

pub(super) fn missing(key: &str, variable: &str) -> Invalid {
    let what = format!("not set: write it into the configuration file, or set {variable}");
    Invalid::one(key, Origin::Default, what)
}
