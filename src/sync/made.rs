//! A half that was made: its link, and what both sides agreed on by that.

use crate::huly::platform::markup::Shown;
use crate::model::Side;
use crate::store::issues::{Base, Link};
use crate::store::outbox::Entry;

use super::desk::Desk;
use super::halves::Half;
use super::normal::BLANK;
use super::rendering;
use super::staged::Staged;
use super::status;

/// The link with a task, without a base; `marked` is whose text bears the marker.
pub(super) fn link_of(task: &Staged, marked: Side) -> Link {
    Link {
        task: task.name.clone(),
        marked,
        task_created: task.created,
        task_updated: task.modified,
        task_title: task.title.clone(),
        task_status: task.status.clone().unwrap_or_default(),
        task_text: task.text.unwrap_or(BLANK),
        huly: Base::default(),
        vibe: Base::default(),
    }
}

/// The bases of a pair of which one half was made by `entry` and now shows `made`: Huly's, Vibe's.
/// `shown` is what it shows of the text that was sent.
///
/// The source's values are what was agreed on; what the made half shows is its own way of saying
/// them, or an edit by a person since. Where it still has the status that every create gives, the
/// source's was not carried over yet: with no base on that side it is, whatever the policy.
pub(super) fn bases(desk: &Desk<'_>, entry: &Entry, made: &Half, shown: Shown) -> (Base, Base) {
    let mut source = Base {
        title: entry.from_title.clone(),
        status: entry.from_status.clone(),
        text: entry.from_text,
    };
    let came_as_sent = rendering::is_arrived(shown, made.text);
    let mut target = Base {
        title: entry.sent_title.clone(),
        status: entry.sent_status.clone().or_else(|| first_status(desk, entry.side)),
        text: if came_as_sent { made.text } else { entry.sent_text },
    };
    if !came_as_sent && made.text == Some(BLANK) {
        // It never arrived: what the source says is still to be written.
        target.text = made.text;
        source.text = None;
    }
    if entry.side == Side::Huly && desk.lacks_status(entry.from_status.as_deref()) {
        // The create could not carry it over, and nobody has agreed to another one.
        source.status = None;
    }
    let wished = entry.sent_status.as_deref();
    if wished.is_some()
        && !same_status(made.status.as_deref(), wished)
        && is_first(desk, entry.side, made)
    {
        target.status.clone_from(&made.status);
        source.status = None;
    } else if match wished {
        Some(_) => same_status(made.status.as_deref(), wished),
        None => is_first(desk, entry.side, made),
    } {
        target.status.clone_from(&made.status);
    }
    match entry.side {
        Side::Huly => (target, source),
        Side::Vibe => (source, target),
    }
}

/// Whether both are told, and one status whatever their case.
pub(super) fn same_status(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        _ => false,
    }
}

/// The status that a create gives on a side.
pub(super) fn first_status(desk: &Desk<'_>, side: Side) -> Option<String> {
    Some(match side {
        Side::Huly => {
            desk.project.first_status.clone().unwrap_or_else(|| status::NEW_ISSUE.to_owned())
        }
        Side::Vibe => status::NEW_TASK.to_owned(),
    })
}

fn is_first(desk: &Desk<'_>, side: Side, made: &Half) -> bool {
    if same_status(made.status.as_deref(), first_status(desk, side).as_deref()) {
        return true;
    }
    // A project that never told what a create gives: its first status, whatever its name.
    side == Side::Huly
        && desk.project.first_status.is_none()
        && desk.words().to_vibe(made.status.as_deref(), made.category).as_deref()
            == Some(status::NEW_TASK)
}
