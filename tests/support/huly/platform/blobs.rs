//! Descriptions as the platform keeps them: one blob an edit, which never changes.

use std::collections::HashMap;

use super::live::Live;
use super::markup;

/// A description as it was written.
enum Blob {
    /// By a person; it becomes markup when somebody reads it, for thousands of them cost time.
    Markdown(String),
    /// JSON text of ProseMirror nodes.
    Markup(String),
}

/// All blobs, and the live documents.
#[derive(Default)]
pub struct Blobs {
    all: HashMap<String, Blob>,
    /// Live documents, by `_id` of the issue; most issues have none.
    pub live: HashMap<String, Live>,
}

impl Blobs {
    fn new_id(&self, document: &str, mut ms: i64) -> String {
        loop {
            let id = format!("{document}-description-{ms}");
            if !self.all.contains_key(&id) {
                return id;
            }
            ms += 1;
        }
    }

    /// Stores a person's text; gives the blob's id.
    pub fn write(&mut self, document: &str, ms: i64, markdown: &str) -> String {
        let id = self.new_id(document, ms);
        self.all.insert(id.clone(), Blob::Markdown(markdown.to_owned()));
        id
    }

    /// Stores markup, which is in its normal form already; gives the blob's id.
    pub fn store(&mut self, document: &str, ms: i64, markup: String) -> String {
        let id = self.new_id(document, ms);
        self.all.insert(id.clone(), Blob::Markup(markup));
        id
    }

    /// The markup in a blob, as JSON text.
    pub fn read(&self, id: &str) -> Option<String> {
        Some(match self.all.get(id)? {
            Blob::Markup(markup) => markup.clone(),
            Blob::Markdown(markdown) => markup::written(&markup::from_markdown(markdown)),
        })
    }

    /// Loses a blob.
    pub fn lose(&mut self, id: &str) {
        self.all.remove(id);
    }

    /// The markup that a live document shows; `None`: there is no such document.
    pub fn live(&self, document: &str) -> Option<String> {
        match self.live.get(document)? {
            Live::Saved(blob) => self.read(blob),
            Live::Text(markup) => Some(markup.clone()),
        }
    }

    /// A person's text, typed into an editor that has it open and saved by now.
    pub fn edited(&mut self, document: &str, blob: &str) {
        self.live.insert(document.to_owned(), Live::Saved(blob.to_owned()));
    }
}
