//! Descriptions as the platform keeps them: one blob an edit, which never changes.

use std::collections::{HashMap, HashSet};

use super::markup;

/// A description as it was written.
enum Blob {
    /// By a person; it becomes markup when somebody reads it, for thousands of them cost time.
    Markdown(String),
    /// JSON text of ProseMirror nodes.
    Markup(String),
}

/// All blobs, and what the collaborator has in its memory.
#[derive(Default)]
pub struct Blobs {
    all: HashMap<String, Blob>,
    /// Documents that somebody has opened, by `_id` of the issue.
    opened: HashSet<String>,
    /// Text that is being typed and not stored, by `_id` of the issue.
    pub typed: HashMap<String, String>,
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

    /// Notes that somebody has opened a document.
    pub fn open(&mut self, document: &str) {
        self.opened.insert(document.to_owned());
    }

    /// Whether anybody ever has.
    pub fn was_opened(&self, document: &str) -> bool {
        self.opened.contains(document)
    }
}
