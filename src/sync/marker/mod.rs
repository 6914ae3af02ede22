//! The line that tells, in an item's own text, which item it was made from.

mod append;
mod line;
mod read;
#[cfg(test)]
mod tests;
mod verbatim;

use std::borrow::Cow;

pub use append::{Marked, append, closing_line};
pub use line::{is_task_id, number_of, project_of};
pub use read::Labelled;

const RULE: &str = "---";

/// What an item was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marker {
    /// A task made from this issue.
    Issue(String),
    /// An issue made from this task.
    Task(String),
}

/// Whose markers are no text of theirs: the two halves of a pair.
#[derive(Debug, Clone, Copy, Default)]
pub struct Own<'a> {
    /// The issue's identifier.
    pub issue: Option<&'a str>,
    /// The task's id.
    pub task: Option<&'a str>,
}

/// The marker of an unlinked item, see [`Labelled::marker`].
#[must_use]
pub fn find(text: &str) -> Option<Marker> {
    Labelled::of(text)?.marker()
}

/// The text of an unlinked item without markers: those directly under a `---`, and one in the place
/// of all text. What stands below them stays.
#[must_use]
pub fn without(text: &str) -> Cow<'_, str> {
    without_own(text, Own::default())
}

/// The text of a linked item: as of an unlinked one, and the pair's own marker is cut wherever it
/// stands alone on a line.
#[must_use]
pub fn without_own<'a>(text: &'a str, own: Own<'_>) -> Cow<'a, str> {
    match Labelled::of(text) {
        None => Cow::Borrowed(text),
        Some(labelled) => labelled.without_own(own),
    }
}

/// Whether the text of a linked item bears a marker of its pair.
#[must_use]
pub fn bears(text: &str, own: Own<'_>) -> bool {
    Labelled::of(text).is_some_and(|labelled| labelled.bears(own))
}

/// The text with a marker at its end, see [`append`].
#[must_use]
pub fn with(text: &str, marker: &Marker) -> String {
    append(text, marker).text
}
