//! Something that went wrong, and what it is known by when it goes wrong again in a later run.

use std::fmt;

use log::Level;
use serde::{Serialize, Serializer};

use crate::config::Invalid;
use crate::exit::{Exit, Expected};
use crate::http::{self, Kind};

/// One line for people, with what a line of another run has to share to be the same trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The kind, and the item where it is about one.
    pub key: String,
    /// What makes it another one though the key is the same. Empty: nothing does.
    pub sense: String,
    /// It is about what Letta is told.
    pub of_letta: bool,
    /// How loud it is said.
    pub level: Level,
    /// It is said each time: who gave the flags that caused it has to hear it.
    pub each_time: bool,
    /// What is said.
    pub text: String,
}

impl Complaint {
    /// A warning of this kind, which is another one when its words are; numbers do not count.
    #[must_use]
    pub fn new(kind: &str, text: impl Into<String>) -> Self {
        let text = text.into();
        let (key, sense) = (kind.to_owned(), without_numbers(&text));
        Self { key, sense, of_letta: false, level: Level::Warn, each_time: false, text }
    }

    /// What ended a run, or a part of it.
    #[must_use]
    pub fn of(error: &anyhow::Error) -> Self {
        let request = error.chain().find_map(|cause| cause.downcast_ref::<http::Error>());
        let is = |wanted: fn(&(dyn std::error::Error + 'static)) -> bool| error.chain().any(wanted);
        let text = format!("{error:#}");
        let told = match request {
            Some(request) => Self { text, ..Self::from(request) },
            None if is(|cause| cause.is::<Invalid>()) => Self::new("settings", text),
            None if is(|cause| cause.is::<Expected>()) => {
                let exit = Exit::of(error);
                let each_time = exit == Exit::Usage;
                Self { each_time, ..Self::new(&format!("exit {}", exit.code()), text) }
            }
            None => Self::new("failed", text),
        };
        told.at(Level::Error)
    }

    /// The same kind is the same trouble, whatever the words.
    #[must_use]
    pub fn by_kind(self) -> Self {
        Self { sense: String::new(), ..self }
    }

    /// The same of this item.
    #[must_use]
    pub fn about(self, item: &str) -> Self {
        let (key, text) = (format!("{} {item}", self.key), format!("{item}: {}", self.text));
        Self { key, text, ..self }
    }

    /// The same, about what Letta is told.
    #[must_use]
    pub fn of_letta(self) -> Self {
        Self { of_letta: true, ..self }
    }

    /// The same, said so loud.
    #[must_use]
    pub fn at(self, level: Level) -> Self {
        Self { level, ..self }
    }
}

impl From<&http::Error> for Complaint {
    /// A server that is away says so in many words, which mean one thing; but with another status it
    /// is another trouble, and so is one that fails at another place or leads on to another one.
    fn from(error: &http::Error) -> Self {
        let mut kind = format!("{} {:?}", error.host, error.kind).to_lowercase();
        if let Some(status) = error.status {
            kind += &format!(" {status}");
        }
        let is_away = matches!(error.kind, Kind::Offline | Kind::Throttled | Kind::Stopped);
        if error.kind.is_transient() && !is_away {
            kind += &format!(" {}", place(&error.call));
        }
        let mut told = Self::new(&kind, error.to_string());
        told.of_letta = error.host == http::Host::Letta;
        // What servers say when they fail has numbers and names that are others each time; what does
        // not speak their language is described by this program.
        let is_described = !error.kind.is_transient() || error.kind == Kind::Protocol;
        if is_described { told } else { told.by_kind() }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Complaint {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text)
    }
}

/// Method and path of a call; what may be an id in it is left open.
fn place(call: &str) -> String {
    let is_id = |part: &str| part.bytes().any(|byte| byte.is_ascii_digit());
    let parts = call.split('/').map(|part| if is_id(part) { "*" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// "7 of 20 fail" and "8 of 20 fail" are one trouble.
fn without_numbers(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for letter in text.chars() {
        if !letter.is_ascii_digit() {
            kept.push(letter);
        } else if !kept.ends_with('#') {
            kept.push('#');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;
    use crate::http::Host;

    fn request(kind: Kind, message: &str) -> http::Error {
        http::Error::new(kind, Host::Huly, "GET /api/projects", message)
    }

    #[test]
    fn a_trouble_is_known_again_by_its_kind_and_item_not_by_its_numbers() {
        let told = |count: u32| Complaint::new("deletions", format!("{count} deletions of 40"));
        assert_eq!((told(7).key, told(7).sense), (told(12).key, told(12).sense));
        assert_ne!(told(7).about("PROJ-1").key, told(7).about("PROJ-2").key);
        assert_eq!(told(7).about("PROJ-1").text, "PROJ-1: 7 deletions of 40");
        let refused = |why: &str| Complaint::new("refused", why);
        assert_ne!(refused("too long").sense, refused("no such status").sense);
    }

    #[test]
    fn a_server_that_is_away_is_one_trouble_and_one_that_refuses_another() {
        let told = |kind, message| Complaint::from(&request(kind, message));
        let (reset, late) = (told(Kind::Offline, "reset"), told(Kind::Offline, "timed out"));
        assert_eq!((&reset.key, &reset.sense), (&late.key, &late.sense));
        assert_ne!(reset.key, told(Kind::Auth, "no").key);
        assert_ne!(told(Kind::Invalid, "too long").sense, told(Kind::Invalid, "strange").sense);
    }

    #[test]
    fn another_status_or_place_is_another_trouble() {
        let told = |kind, status, call: &str, message: &str| {
            let mut error = http::Error::new(kind, Host::Huly, call, message);
            error.status = status;
            let told = Complaint::from(&error);
            (told.key, told.sense)
        };
        let (list, page) = ("GET /api/projects", "answered a web page");
        let missing = told(Kind::Protocol, Some(404), list, page);
        let login = |to: &str| told(Kind::Protocol, Some(302), list, &format!("leads on to {to}"));
        assert_ne!(missing, login("https://sso"));
        assert_ne!(login("https://sso"), login("https://other"));
        assert_eq!(login("https://sso"), login("https://sso"));
        assert_ne!(missing, told(Kind::Protocol, Some(404), "GET /health", page));
        let away = |status| told(Kind::Offline, status, list, "");
        assert_ne!(away(Some(503)), away(Some(523)));
        assert_eq!(away(None), told(Kind::Offline, None, "GET /health", "timed out"));
        assert_ne!(told(Kind::Auth, Some(401), list, ""), told(Kind::Auth, Some(403), list, ""));
        let failed = |call| told(Kind::Server, Some(500), call, "error 0a1b at 12:07");
        assert_eq!(failed("GET /api/issues/WEB-1"), failed("GET /api/issues/WEB-22"));
        assert_ne!(failed("GET /api/issues/WEB-1"), failed(list));
    }

    #[test]
    fn what_flags_cause_is_said_each_time() {
        let of = |exit| Complaint::of(&Expected::new(exit, "no such project").into()).each_time;
        assert!(of(Exit::Usage) && !of(Exit::Failed));
    }

    #[test]
    fn an_error_is_known_by_what_is_in_its_chain() {
        let of = |error: anyhow::Error| Complaint::of(&error.context("in the pass"));
        assert_eq!(of(request(Kind::Offline, "reset").into()).key, "huly offline");
        assert_eq!(of(Expected::new(Exit::Usage, "no such project").into()).key, "exit 2");
        let told = of(std::fs::read("/nonexistent").context("read").unwrap_err());
        assert_eq!((told.key.as_str(), told.level), ("failed", Level::Error));
        assert!(told.text.starts_with("in the pass: read: "), "{told}");
    }
}
