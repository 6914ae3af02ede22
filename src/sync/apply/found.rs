//! An issue that was there before its create. Nobody knows what its two halves agreed on: an earlier state
//! may have, and people may have edited both since.

use crate::store::issues::Link;

use super::super::desk::Desk;
use super::super::halves::Half;

/// Leaves of the bases of a link just what the issue shows and the task too; whether that is all of it.
/// What differs has no base: the next pass looks at it as at first sight.
pub(super) fn keep_what_agrees(desk: &Desk<'_>, link: &mut Link, issue: &Half) -> bool {
    let Link { huly, vibe, .. } = link;
    let has_title = huly.title.as_ref() == Some(&issue.title);
    let has_text = huly.text.is_some() && huly.text == issue.text;
    let meaning = desk.words().to_vibe(issue.status.as_deref(), issue.category);
    let has_status = meaning.is_some() && meaning.as_ref() == Some(&link.task_status);
    if !has_title {
        (huly.title, vibe.title) = (None, None);
    }
    if !has_text {
        (huly.text, vibe.text) = (None, None);
    }
    (huly.status, vibe.status) = if has_status {
        (issue.status.clone(), Some(link.task_status.clone()))
    } else {
        (None, None)
    };
    has_title && has_text && has_status
}
