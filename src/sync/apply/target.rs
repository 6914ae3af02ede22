//! Re-reads what is about to be written: a person may have been quicker.

use std::collections::HashMap;
use std::time::Instant;

use crate::http::{Error, Kind};
use crate::huly::platform::markup::Rendering;
use crate::huly::{Found, Issue, LOOK_HOLDS};
use crate::model::Side;
use crate::vibe::Task;

use super::super::desk::Desk;
use super::super::halves::{Half, Pair};
use super::super::marker;
use super::super::normal;
use super::super::outgoing::Sent;
use super::super::rendering;
use super::super::staged::Staged;
use super::super::trouble::Result;
use super::super::view;

/// An item as it is right now, with its text.
#[derive(Debug, Clone)]
pub(super) struct Now {
    pub(super) staged: Staged,
    /// As the server gave it, marker included.
    pub(super) text: String,
    /// When it came in.
    pub(super) at: Instant,
}

impl Now {
    pub(super) fn of_issue(issue: Issue) -> Self {
        let (staged, text) = Staged::issue(issue, None);
        Self { staged, text, at: Instant::now() }
    }

    pub(super) fn of_task(task: Task) -> Self {
        let (staged, text) = Staged::task(task, None);
        Self { staged, text, at: Instant::now() }
    }

    /// Its text without the markers of its pair.
    pub(super) fn plain(&self, pair: &Pair) -> String {
        marker::without_own(&self.text, view::own(&pair.row, &pair.link)).into_owned()
    }

    /// As a half of its pair.
    pub(super) fn half(&self, pair: &Pair) -> Half {
        Half {
            title: self.staged.title.clone(),
            status: self.staged.status.clone(),
            category: self.staged.category,
            text: Some(normal::digest(&self.plain(pair))),
            changed: None,
            modified: self.staged.modified,
        }
    }
}

/// Whether it is not what the plan was made from. Comments move Huly's time, and its time can go
/// back by some milliseconds: then the values tell.
pub(super) fn moved(side: Side, planned: &Half, now: &Half) -> bool {
    let same_time =
        side == Side::Huly && now.modified.is_some() && now.modified == planned.modified;
    let same_values = now.title == planned.title
        && (now.status == planned.status || planned.status.is_none() || now.status.is_none())
        && (now.text == planned.text || planned.text.is_none());
    !same_time && !same_values
}

/// The same of a second look. What is sent and shows already is our own write, or nothing to be lost
/// by it.
pub(super) fn moved_since(
    side: Side,
    pair: &Pair,
    sent: &Sent,
    now: &Now,
    rendering: Rendering,
) -> bool {
    let plain = now.plain(pair);
    let text_arrived = sent
        .text
        .as_deref()
        .is_some_and(|sent| rendering::is_whole(rendering::shown(sent, &plain, rendering)));
    is_edited(side, pair.half(side), sent, &now.half(pair), text_arrived)
}

fn is_edited(side: Side, planned: &Half, sent: &Sent, now: &Half, text_arrived: bool) -> bool {
    let mut expected = planned.clone();
    if sent.title.as_deref().is_some_and(|sent| normal::title(sent) == now.title) {
        expected.title.clone_from(&now.title);
    }
    if let (Some(sent), Some(shown)) = (&sent.status, &now.status)
        && sent.eq_ignore_ascii_case(shown)
    {
        expected.status.clone_from(&now.status);
    }
    if text_arrived {
        expected.text = now.text;
    }
    moved(side, &expected, now)
}

/// Whether a look at that time is too old to write by.
pub(super) fn is_old(look: Instant) -> bool {
    look.elapsed() >= LOOK_HOLDS
}

/// What was found of some issues, by identifier; `None`: gone.
pub(super) type Issues = HashMap<String, std::result::Result<Option<Now>, Error>>;

/// Reads these issues now.
pub(super) fn issues(desk: &Desk<'_>, identifiers: &[&str]) -> Result<Issues> {
    let mut found = Issues::new();
    if identifiers.is_empty() {
        return Ok(found);
    }
    let read = desk.pass.huly.read(identifiers, &mut |one| {
        match one {
            Found::Issue(issue) => {
                let name = issue.identifier.clone();
                if found.insert(name.clone(), Ok(Some(Now::of_issue(issue)))).is_some() {
                    // Which of the two is meant, nobody knows.
                    let message = "two issues bear this identifier";
                    let error = Error::new(Kind::Protocol, Side::Huly, &name, message);
                    found.insert(name, Err(error));
                }
            }
            Found::Gone(identifier) => {
                found.insert(identifier, Ok(None));
            }
            Found::Failed(identifier, error) => {
                found.insert(identifier, Err(error));
            }
        }
        Ok(())
    });
    if let Err(error) = read {
        if error.kind.is_setup() || matches!(error.kind, Kind::Stopped | Kind::Local) {
            return Err(error.into());
        }
        for identifier in identifiers {
            let own = || Err(for_issue(&error, identifier, identifiers));
            found.entry((*identifier).to_owned()).or_insert_with(own);
        }
    }
    Ok(found)
}

/// What ended the read of several issues, as it is reported of one of them: without the address of
/// another one, which was just the first to meet with it.
fn for_issue(error: &Error, identifier: &str, all: &[&str]) -> Error {
    let call = match error.call.rsplit_once('/') {
        Some((call, asked)) if asked != identifier && all.contains(&asked) => call.to_owned(),
        _ => error.call.clone(),
    };
    Error { call, ..error.clone() }
}

/// Reads a task now; `None`: gone.
pub(super) fn task(desk: &Desk<'_>, id: &str) -> std::result::Result<Option<Now>, Error> {
    Ok(desk.pass.vibe.read(id)?.map(Now::of_task))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(title: &str, status: &str) -> Half {
        Half {
            title: title.to_owned(),
            status: Some(status.to_owned()),
            text: Some(normal::digest("text")),
            modified: Some(1),
            ..Half::default()
        }
    }

    #[test]
    fn an_outage_names_no_other_issue() {
        let error = Error::new(Kind::Offline, Side::Huly, "GET /api/issues/A-1", "away");
        let call = |identifier| for_issue(&error, identifier, &["A-1", "A-2"]).call;
        assert_eq!(call("A-1"), "GET /api/issues/A-1");
        assert_eq!(call("A-2"), "GET /api/issues");
        let bulk = Error { call: "GET /api/issues/bulk".to_owned(), ..error };
        assert_eq!(for_issue(&bulk, "A-2", &["A-1", "A-2"]).call, "GET /api/issues/bulk");
    }

    #[test]
    fn what_we_sent_ourselves_is_no_edit_and_all_else_is() {
        let planned = shown("as planned", "Todo");
        let sent = Sent {
            title: Some("as sent".to_owned()),
            status: Some("Done".to_owned()),
            text: Some("new text".to_owned()),
        };
        let is_edited = |title: &str, status: &str, text: &str| {
            let text = normal::digest(text);
            let now = Half { modified: Some(2), text: Some(text), ..shown(title, status) };
            is_edited(Side::Huly, &planned, &sent, &now, text == normal::digest("new text"))
        };
        assert!(!is_edited("as planned", "Todo", "text"));
        assert!(!is_edited("as sent", "Todo", "text"), "the title is written before the text");
        assert!(!is_edited("as sent", "done", "new text"));
        assert!(is_edited("by a person", "Todo", "text"));
        assert!(is_edited("as sent", "Backlog", "text"));
        assert!(is_edited("as sent", "Done", "by a person"));
    }
}
