//! Descriptions: read without side effects, written through the collaborator.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, mpsc};
use std::thread;

use serde_json::{Value, json};

use super::markup::{self, Options};
use super::wire::{Content, IssueDoc};
use super::{Platform, error, lock};
use crate::http::{Class, Error, Kind, Result};

/// Texts larger than this, in bytes, are converted one at a time: a document of many small nodes
/// takes a hundred times its text.
const LARGE: usize = 256 << 10;

/// A document without any text: what clears a description.
const NOTHING: &str = r#"{"type":"doc","content":[{"type":"paragraph"}]}"#;

/// A text to write, and where in it the marker's part begins.
pub(super) type Described<'a> = (&'a str, Option<usize>);

impl Platform {
    /// Where mentions and images lead.
    pub(super) fn links(&self) -> Options {
        let (front, slug) = self.0.credentials.address();
        Options {
            ref_url: format!("{front}/browse?workspace={slug}"),
            image_url: format!("{front}/files?workspace={slug}&file="),
        }
    }

    /// The descriptions of these issues as Markdown, several at a time, each handed over as soon as
    /// it is there.
    pub(super) fn texts(
        &self,
        docs: Vec<IssueDoc>,
        each: &mut dyn FnMut(IssueDoc, Result<String>) -> Result<()>,
    ) -> Result<()> {
        let threads = docs.iter().filter(|doc| doc.reference().is_some()).count();
        if threads < 2 {
            return docs.into_iter().try_for_each(|doc| {
                let text = self.stored(&doc).and_then(|markup| self.shown(&doc, markup));
                each(doc, text)
            });
        }
        // The other workers fetch too: half as many as there are of them keep all of them busy.
        let threads = threads.min(self.0.at_once.div_ceil(2).max(2));
        let queue = Mutex::new(VecDeque::from(docs));
        // No more than a few texts are held at a time.
        let (sender, receiver) = mpsc::sync_channel(threads);
        thread::scope(|scope| {
            for _ in 0..threads {
                let (queue, sender) = (&queue, sender.clone());
                scope.spawn(move || {
                    while let Some(doc) = { lock(queue).pop_front() } {
                        let markup = self.stored(&doc);
                        if sender.send((doc, markup)).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            // Markdown is made here: what that takes in between stays in the memory of one thread.
            let taken = receiver.iter().try_for_each(|(doc, markup)| {
                let text = markup.and_then(|markup| self.shown(&doc, markup));
                each(doc, text)
            });
            // Whoever waits to hand one over is let go.
            drop(receiver);
            taken
        })
    }

    /// Keeps other large texts waiting while it is held.
    fn alone(&self, size: usize) -> Option<MutexGuard<'_, ()>> {
        (size > LARGE).then(|| lock(&self.0.converting))
    }

    /// The description of one issue as it is stored; `None` where it has none.
    fn stored(&self, doc: &IssueDoc) -> Result<Option<String>> {
        doc.reference().map(|blob| self.markup(&doc.id, blob)).transpose()
    }

    /// The same as Markdown.
    fn shown(&self, doc: &IssueDoc, markup: Option<String>) -> Result<String> {
        let Some(markup) = markup else { return Ok(String::new()) };
        let _alone = self.alone(markup.len());
        markup::to_markdown(&markup, &self.links()).map_err(|cause| {
            let message = format!("the description of {}: {cause}", doc.identifier);
            error(Kind::Invalid, "GET /files", message)
        })
    }

    /// A description by its reference.
    pub(super) fn markup(&self, issue: &str, blob: &str) -> Result<String> {
        let session = self.session()?;
        let request = session.file("description", blob);
        let read = session.files.ask(&request).and_then(|answer| {
            let answer = answer.ok()?;
            String::from_utf8(answer.body)
                .map_err(|_| error(Kind::Protocol, &request.call(), "the text is no UTF-8"))
        });
        match read {
            Ok(markup) if markup.trim() != "{}" => Ok(markup),
            Err(error) if error.kind.ends_all() => Err(error),
            Ok(_) => self.content(issue, blob),
            Err(error) => {
                log::debug!("asking the collaborator: {error}");
                self.content(issue, blob)
            }
        }
    }

    /// The same from the collaborator, who also knows what is being typed.
    fn content(&self, issue: &str, blob: &str) -> Result<String> {
        let body = json!({"method": "getContent", "payload": {"source": blob}});
        let answer = self.session()?.collaborate(issue, Class::Read, &body)?;
        let content: Content = answer.parse()?;
        content.content.into_values().next().ok_or_else(|| {
            error(Kind::Server, "getContent", format!("the text {blob} is not there"))
        })
    }

    /// Stores the description of an issue that is about to be made; the reference to put into it.
    pub(super) fn create_text(&self, issue: &str, text: Described<'_>) -> Result<Option<String>> {
        if text.0.trim().is_empty() {
            return Ok(None);
        }
        let markup = self.written(text)?;
        let body = json!({
            "method": "createContent",
            "payload": {"content": {"description": markup}},
        });
        // A second one stands beside the first, and nobody refers to that.
        let answer = self.session()?.collaborate(issue, Class::IdempotentWrite, &body)?;
        let content: Content = answer.parse()?;
        content.content.into_values().next().map(Some).ok_or_else(|| {
            error(Kind::Protocol, "createContent", "no reference was given for the text")
        })
    }

    /// Changes the description of an issue that is there: what a person did not touch keeps its
    /// markup to the letter. Nothing is sent where nothing changes.
    pub(super) fn update_text(&self, doc: &IssueDoc, described: Described<'_>) -> Result<()> {
        let (text, marker_at) = described;
        let markup = match doc.reference() {
            None if text.trim().is_empty() => return Ok(()),
            None => self.written(described)?,
            Some(_) if text.trim().is_empty() => NOTHING.to_owned(),
            Some(blob) => {
                let original = self.markup(&doc.id, blob)?;
                let links = self.links();
                let _alone = self.alone(original.len().max(text.len()));
                let edited = markup::to_markdown(&original, &links)
                    .and_then(|before| {
                        markup::edit_marked(&original, &before, text, marker_at, &links)
                    })
                    .map_err(|cause| invalid(&doc.identifier, &cause))?;
                if is_equal(&original, &edited) {
                    return Ok(());
                }
                edited
            }
        };
        let body = json!({
            "method": "updateContent",
            "payload": {"content": {"description": markup}},
        });
        self.session()?.collaborate(&doc.id, Class::IdempotentWrite, &body).map(drop)
    }

    fn written(&self, (text, marker_at): Described<'_>) -> Result<String> {
        let _alone = self.alone(text.len());
        markup::to_markup_marked(text, marker_at, &self.links())
            .map_err(|cause| invalid("the new issue", &cause))
    }
}

fn invalid(issue: &str, cause: &markup::Error) -> Error {
    error(Kind::Invalid, "POST /rpc", format!("the description of {issue}: {cause}"))
}

fn is_equal(one: &str, other: &str) -> bool {
    let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
    match (parse(one), parse(other)) {
        (Some(one), Some(other)) => markup::equal(&one, &other),
        _ => false,
    }
}
