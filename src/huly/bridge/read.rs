//! Issues by identifier, texts included.

use std::collections::BTreeSet;

use super::{BULK, Bridge, error, issue_path, wire};
use crate::http::{Answer, Content, Kind, Listed, Listing, Path, Request, Result};
use crate::huly::{EachFound, Found};

const ISSUES: Path = &[Some("issues")];

impl Bridge {
    pub(super) fn read_issues(&self, identifiers: &[&str], each: EachFound<'_>) -> Result<()> {
        for chunk in identifiers.chunks(BULK) {
            let mut open: BTreeSet<&str> = chunk.iter().copied().collect();
            // A bulk read of one is no cheaper, and its "not found" says less.
            if !self.generation().lists_texts() && open.len() > 1 {
                self.read_bulk(&mut open, each)?;
            }
            for identifier in open {
                hand(self.read_one(identifier)?, identifier, each)?;
            }
        }
        Ok(())
    }

    /// Takes out of `open` what was answered; the rest is to be asked one by one.
    fn read_bulk(&self, open: &mut BTreeSet<&str>, each: EachFound<'_>) -> Result<()> {
        // One with a comma would be taken for two.
        let asked = open.iter().copied().filter(|identifier| !identifier.contains(','));
        let ids = asked.collect::<Vec<_>>().join(",");
        if ids.is_empty() {
            return Ok(());
        }
        let request = Request::get("/api/issues/bulk").query("ids", &ids);
        // An element that came is whole, whatever becomes of the others: a restart voids nothing.
        let read: Result<Listing<wire::BulkTail>> =
            self.server.list(&request, ISSUES, &mut |news: Listed<'_>| {
                if let Listed::Element(_, element) = news {
                    let issue = wire::issue(element, true)?;
                    if open.remove(issue.identifier.as_str()) {
                        each(Found::Issue(issue))?;
                    }
                }
                Ok(())
            });
        match read {
            Ok(listing) => {
                for identifier in listing.envelope.not_found {
                    if open.remove(identifier.as_str()) {
                        hand(Found::Gone(identifier), &request.call(), each)?;
                    }
                }
                Ok(())
            }
            // One assigned issue fails all (platform 0.7), and a first-generation bridge answers
            // `Issue bulk not found`, which proves nothing about any issue.
            Err(error) if error.kind.ends_all() => Err(error),
            Err(error) => {
                log::debug!("reading one by one: {error}");
                Ok(())
            }
        }
    }

    /// # Errors
    /// When nothing can be read any more.
    fn read_one(&self, identifier: &str) -> Result<Found> {
        let request = Request::get(issue_path(identifier));
        let read = self.server.ask(&request).and_then(|answer| {
            if is_gone(&answer, identifier) {
                return Ok(Found::Gone(identifier.to_owned()));
            }
            if answer.status == 404 {
                let message = format!("this 404 does not name the issue: {}", answer.message());
                return Err(error(Kind::Protocol, &request.call(), message));
            }
            let issue = wire::issue(&answer.ok()?.body, true)?;
            if issue.identifier == identifier {
                return Ok(Found::Issue(issue));
            }
            let message = format!("issue {} was answered", issue.identifier);
            Err(error(Kind::Protocol, &request.call(), message))
        });
        match read {
            Err(error) if error.kind.ends_all() => Err(error),
            Err(error) => Ok(Found::Failed(identifier.to_owned(), error)),
            found => found,
        }
    }
}

/// A "not found" is believed where it names this very issue.
pub(super) fn is_gone(answer: &Answer, identifier: &str) -> bool {
    answer.status == 404 && answer.content == Content::Json && names(&answer.message(), identifier)
}

/// Whether a message has the identifier in it, as a word or words of its own.
fn names(message: &str, identifier: &str) -> bool {
    let ends_word = |letter: char| letter.is_whitespace() || "'\"".contains(letter);
    message.match_indices(identifier).any(|(at, _)| {
        let (before, behind) = (&message[..at], &message[at + identifier.len()..]);
        before.chars().next_back().is_none_or(ends_word)
            && behind.chars().next().is_none_or(ends_word)
    })
}

fn hand(found: Found, call: &str, each: EachFound<'_>) -> Result<()> {
    each(found).map_err(|cause| {
        cause.downcast().unwrap_or_else(|cause| error(Kind::Local, call, format!("{cause:#}")))
    })
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_message_names_an_identifier_of_any_letters() {
        for identifier in ["WEB-1", "D'OR-1", "A B-1", "设计-1", "\"Q\"-1"] {
            for message in [
                format!("Issue {identifier} not found"),
                format!("'{identifier}'"),
                format!("no {identifier}"),
            ] {
                assert!(names(&message, identifier), "{message}");
            }
        }
        assert!(!names("Issue WEB-11 not found", "WEB-1"));
        assert!(!names("Issue XWEB-1 not found", "WEB-1"));
    }
}
