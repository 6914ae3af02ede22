//! Huly's rich text ("markup": a ProseMirror document as JSON) and Markdown, in both directions.
//!
//! Both sides are read into the same plain blocks (`block`, `inline`), which have one normal form:
//! what the writer gives, the parser reads as the very same blocks, since the writer asks it. So
//! Markdown → markup → Markdown is stable after one round, and blocks can be compared.
//!
//! Markdown says less than markup. [`edit`] therefore writes only the blocks whose Markdown changed
//! and leaves the JSON of all others as it was.

mod address;
mod block;
mod build;
mod document;
mod dropped;
mod edit;
mod equal;
mod error;
mod inline;
mod parse;
mod patch;
mod read;
mod schema;
mod tidy;
mod todo;
mod write;

pub use dropped::dropped;
pub use edit::{edit, edit_marked};
pub use equal::equal;
pub use error::Error;
pub use patch::{Patched, Rendering, Shown, compare, patch, same};

/// The largest text taken, in bytes: the collaborator's own limit of a request.
pub const LARGEST: usize = 10 << 20;

/// The most nodes of a document. While a text is edited a node takes up to two kilobytes, whatever
/// its size: this many stay well within the default of `sync.max_memory`.
pub const MOST_NODES: usize = 80_000;

/// How deep lists and quotes nest; below that their text is kept, without its nesting. A list is
/// four levels of JSON and `serde_json` reads 128.
const DEEPEST: usize = 24;

/// Where links into Huly lead; what the platform's renderer calls `refUrl` and `imageUrl`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What the links of mentions begin with: `https://huly.example/browse?workspace=WS`.
    pub ref_url: String,
    /// What goes before a file's id: `https://huly.example/files?workspace=WS&file=`. Empty: links
    /// to images are never taken for Huly's files.
    pub image_url: String,
}

impl Default for Options {
    fn default() -> Self {
        Self { ref_url: "ref://".to_owned(), image_url: String::new() }
    }
}

/// A markup document as Markdown. No letter or digit that the document shows is lost; what Markdown
/// cannot express is shown as its text, or as `[its type]`.
///
/// # Errors
/// Too large, too deep, or no document.
pub fn to_markdown(markup: &str, options: &Options) -> Result<String, Error> {
    let document = document::read(markup)?;
    let blocks = read::blocks(document::children(&document), options);
    write::blocks(&blocks, options)
}

/// Markdown as a markup document, in JSON. Any text is Markdown.
///
/// # Errors
/// Too large, in itself or as markup.
pub fn to_markup(markdown: &str, options: &Options) -> Result<String, Error> {
    to_markup_marked(markdown, None, options)
}

/// The same of a text whose last part, from that place on, is a marker's: it becomes nodes of its own,
/// whatever stands before it.
///
/// # Errors
/// Too large, in itself or as markup.
pub fn to_markup_marked(
    markdown: &str,
    marker_at: Option<usize>,
    options: &Options,
) -> Result<String, Error> {
    document::fits(markdown)?;
    build::document(&parse::marked(markdown, marker_at, options)?, options)
}
