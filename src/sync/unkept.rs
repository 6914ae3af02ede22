//! Descriptions that Huly takes and does not keep as they are: it leaves out what its rich text has no
//! words for.

use crate::huly::platform::markup::{self, Rendering, Shown};
use crate::model::Hash;
use crate::store;
use crate::store::pending::Reason;

use super::desk::{Desk, Mark};
use super::normal::BLANK;
use super::rendering;
use super::trouble::Result;

/// What a text of which Huly keeps a part is said as.
pub(super) const CUT: &str = "cut";

/// What a text is kept in mind as that Huly shows in other blocks.
const RESHAPED: &str = "reshaped";

/// Huly took the text, time and again, and shows the one before: it is not sent again as it is. That
/// is no failure, and said once. The edit stays one, so what Huly writes over it is a conflict.
pub(super) fn hold(desk: &mut Desk<'_>, identifier: &str, print: Hash) {
    let message = "Huly takes the new description and shows the old one: the task keeps its own \
                   until either is edited"
        .to_owned();
    desk.say_once("not-kept", identifier, format!("{identifier}: {message}"));
    let mark = Mark { reason: Reason::NotArrived, print: Some(print), message };
    desk.marks.insert(identifier.to_owned(), mark);
}

/// Keeps in mind how Huly shows a text that it was given: in blocks of its own, or in part, which is
/// said once. Each side keeps what it shows.
pub(super) fn note_rendering(
    desk: &mut Desk<'_>,
    identifier: &str,
    shown: Shown,
    now: Option<Hash>,
) -> Result<()> {
    let id = desk.project.id;
    match shown {
        Shown::InPart if now != Some(BLANK) => {
            let message =
                format!("{identifier}: Huly keeps a part of the description; the task has it all");
            desk.say_once(CUT, identifier, message);
        }
        Shown::Reshaped => {
            let now = desk.pass.time();
            desk.pass.store.write(|state| {
                store::said::first_time(state, id, RESHAPED, identifier, now).map(drop)
            })?;
        }
        Shown::AsGiven if is_loose(desk, identifier)? => {
            desk.pass.store.write(|state| {
                store::said::forget(state, id, CUT, identifier)?;
                store::said::forget(state, id, RESHAPED, identifier)
            })?;
        }
        _ => {}
    }
    Ok(())
}

/// Says, once, what Huly has no words for in a text that it was given: it shows the text without that,
/// and the task keeps it.
pub(super) fn say_dropped(desk: &mut Desk<'_>, identifier: &str, sent: &str) {
    let dropped: Vec<String> = match rendering::rendering(desk) {
        Rendering::Own => markup::dropped(sent).into_iter().collect(),
        // A bridge has a way of its own, and is read back.
        Rendering::Bridge { .. } => Vec::new(),
    };
    if !dropped.is_empty() {
        let message = format!(
            "{identifier}: Huly's rich text has no {}: it shows the description without, and the task \
             keeps it",
            dropped.join(", ")
        );
        desk.say_once("dropped", identifier, message);
    }
}

/// Whether Huly shows its text in blocks that are not those of the task, or without some of them.
pub(super) fn is_loose(desk: &Desk<'_>, identifier: &str) -> Result<bool> {
    let id = desk.project.id;
    Ok(desk.pass.store.read(|state| {
        Ok(store::said::is_said(state, id, CUT, identifier)?
            || store::said::is_said(state, id, RESHAPED, identifier)?)
    })?)
}
