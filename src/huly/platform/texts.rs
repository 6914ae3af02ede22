//! Descriptions: read without side effects, written through the collaborator.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, mpsc};
use std::thread;

use serde_json::{Value, json};

use super::live::{Target, Typed};
use super::markup::{self, Options};
use super::wire::{Content, IssueDoc};
use super::{Platform, error, lock};
use crate::http::{Class, Error, Kind, Result};
use crate::model::Hash;

/// Texts larger than this, in bytes, are converted one at a time: a document of many small nodes
/// takes a hundred times its text.
const LARGE: usize = 256 << 10;

/// A document without any text: what clears a description.
const NOTHING: &str = r#"{"type":"doc","content":[{"type":"paragraph"}]}"#;

/// A text to write, and where in it the marker's part begins.
pub(super) type Described<'a> = (&'a str, Option<usize>);

/// How the write of a text ended.
pub(super) enum TextEnd {
    /// It is as asked.
    Written,
    /// Another text than the one that was decided on is saved by now.
    Moved,
    /// Editors show another text that is not saved yet.
    Typed(Hash),
}

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
    pub(super) fn alone(&self, size: usize) -> Option<MutexGuard<'_, ()>> {
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
            error(kind_of(&cause), "GET /files", message)
        })
    }

    /// A description by its reference.
    fn markup(&self, issue: &str, blob: &str) -> Result<String> {
        match self.saved(blob) {
            Ok(markup) if markup.trim() != "{}" => Ok(markup),
            Err(error) if error.kind.ends_all() => Err(error),
            Ok(_) => self.read_live(issue, blob),
            Err(error) => {
                log::debug!("asking the collaborator: {error}");
                self.read_live(issue, blob)
            }
        }
    }

    /// The same as it was saved, without a look at what is being typed.
    pub(super) fn saved(&self, blob: &str) -> Result<String> {
        let session = self.session()?;
        let request = session.file("description", blob);
        let answer = session.files.ask(&request)?.ok()?;
        String::from_utf8(answer.body)
            .map_err(|_| error(Kind::Protocol, &request.call(), "the text is no UTF-8"))
    }

    /// Stores the description of an issue that is about to be made; the reference to put into it.
    pub(super) fn create_text(&self, issue: &str, text: Described<'_>) -> Result<Option<String>> {
        if text.0.trim().is_empty() {
            return Ok(None);
        }
        let markup = self.written(text)?;
        let body = body("createContent", markup);
        // A second one stands beside the first, and nobody refers to that.
        let answer = self.session()?.collaborate(issue, Class::IdempotentWrite, &body)?;
        let content: Content = answer.parse()?;
        content.content.into_values().next().map(Some).ok_or_else(|| {
            error(Kind::Protocol, "createContent", "no reference was given for the text")
        })
    }

    /// Changes the description of an issue that is there: what a person did not touch keeps its
    /// markup to the letter. Nothing is sent where nothing changes, or where somebody is typing.
    /// `decided` is the text that the change was decided on; `unsaved` stands for one that has been
    /// in editors for longer than they keep any: it is saved as it is, and seen by the next pass.
    pub(super) fn update_text(
        &self,
        doc: &IssueDoc,
        described: Described<'_>,
        (decided, unsaved): (Option<&str>, Option<Hash>),
    ) -> Result<TextEnd> {
        let (text, marker_at) = described;
        let original = match self.read_target(doc, decided)? {
            Target::Unchanged(original) => original,
            Target::Typed(Typed { markup, print }) if Some(print) == unsaved => {
                self.replace_text(&doc.id, markup)?;
                return Ok(TextEnd::Moved);
            }
            Target::Typed(Typed { print, .. }) => return Ok(TextEnd::Typed(print)),
        };
        let markup = match original {
            None if text.trim().is_empty() => return Ok(TextEnd::Written),
            None => self.written(described)?,
            Some(_) if text.trim().is_empty() => NOTHING.to_owned(),
            Some(original) => {
                let links = self.links();
                let _alone = self.alone(original.len().max(text.len()));
                let edited = markup::to_markdown(&original, &links)
                    .and_then(|before| {
                        markup::edit_marked(&original, &before, text, marker_at, &links)
                    })
                    .map_err(|cause| invalid(&doc.identifier, &cause))?;
                if is_equal(&original, &edited) {
                    return Ok(TextEnd::Written);
                }
                edited
            }
        };
        self.replace_text(&doc.id, markup).map(|()| TextEnd::Written)
    }

    /// Replaces the whole description, also what editors show of it.
    fn replace_text(&self, issue: &str, markup: String) -> Result<()> {
        let body = body("updateContent", markup);
        self.session()?.collaborate(issue, Class::IdempotentWrite, &body).map(drop)
    }

    fn written(&self, (text, marker_at): Described<'_>) -> Result<String> {
        let _alone = self.alone(text.len());
        markup::to_markup_marked(text, marker_at, &self.links())
            .map_err(|cause| invalid("the new issue", &cause))
    }
}

/// A call with a text, which may be large and is not copied.
fn body(method: &str, markup: String) -> Value {
    let mut body = json!({"method": method, "payload": {"content": {}}});
    body["payload"]["content"]["description"] = Value::String(markup);
    body
}

/// What a text that cannot be converted means.
fn kind_of(cause: &markup::Error) -> Kind {
    match cause {
        markup::Error::TooLarge(_) | markup::Error::TooManyNodes(_) => Kind::TooLarge,
        markup::Error::TooDeep | markup::Error::NoDocument(_) => Kind::Invalid,
    }
}

fn invalid(issue: &str, cause: &markup::Error) -> Error {
    error(kind_of(cause), "POST /rpc", format!("the description of {issue}: {cause}"))
}

fn is_equal(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
    match (parse(one), parse(other)) {
        (Some(one), Some(other)) => markup::equal(&one, &other),
        _ => false,
    }
}
