//! Puts a marker below a text, so that it is a block of its own whatever the text ends with.

use super::line::written;
use super::verbatim::Verbatim;
use super::{Labelled, Marker, Own, RULE};
use crate::sync::normal::normal;

/// A text with its marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// All of it.
    pub text: String,
    /// Where the marker's part begins, if it is the last: what closes the text, the rule, the marker.
    /// What stands before it is a text by itself.
    pub marker_at: Option<usize>,
}

/// The text with a marker at its end, under a rule. What the text leaves open (a fence, a comment) is
/// closed by a line directly above the rule, which [`without_own`](super::without_own) takes away
/// again. Reading is tried out first: where the marker would not be found below, it goes above.
#[must_use]
pub fn append(text: &str, marker: &Marker) -> Marked {
    let text = text.trim_end();
    let below = below(text, marker);
    if text.is_empty() || is_found(&below.text, text, marker) {
        return below;
    }
    let line = written(marker, false, text);
    let above = Marked { text: format!("{RULE}\n{line}\n\n{text}"), marker_at: None };
    if is_found(&above.text, text, marker) { above } else { below }
}

/// The line that closes what a text leaves open: it is sent with the text, above the marker.
#[must_use]
pub fn closing_line(text: &str) -> Option<String> {
    Verbatim::of(text).open.map(|open| open.end)
}

fn below(text: &str, marker: &Marker) -> Marked {
    let is_issue = matches!(marker, Marker::Issue(_));
    let line = written(marker, text.is_empty() && is_issue, text);
    if text.is_empty() && is_issue {
        return Marked { text: line, marker_at: None };
    }
    let end = closing_line(text).map_or_else(|| "\n\n".to_owned(), |line| format!("\n{line}\n"));
    Marked { text: format!("{text}{end}{RULE}\n{line}"), marker_at: Some(text.len()) }
}

/// Whether the marker is found in a text that has it, and the text without it is as it was.
fn is_found(marked: &str, text: &str, marker: &Marker) -> bool {
    let own = match marker {
        Marker::Issue(issue) => Own { issue: Some(issue), task: None },
        Marker::Task(task) => Own { issue: None, task: Some(task) },
    };
    Labelled::of(marked).is_some_and(|labelled| {
        labelled.marker().as_ref() == Some(marker)
            && normal(&labelled.without_own(own)) == normal(text)
    })
}
