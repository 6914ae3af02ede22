//! Descriptions that Huly takes and does not keep as they are: it leaves out what its rich text has no
//! words for.

use crate::model::Hash;
use crate::store;
use crate::store::pending::Reason;

use super::desk::{Desk, Mark};
use super::trouble::Result;

/// What a text of which Huly keeps a part is said as.
pub(super) const CUT: &str = "cut";

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

/// Says, once, that Huly has left out parts of a text. Each side keeps what it shows.
pub(super) fn say_cut(desk: &mut Desk<'_>, identifier: &str) {
    let message =
        format!("{identifier}: Huly keeps a part of the description; the task has it all");
    desk.say_once(CUT, identifier, message);
}

/// Huly shows all of a text again.
pub(super) fn forget_cut(desk: &Desk<'_>, identifier: &str) -> Result<()> {
    if was_cut(desk, identifier)? {
        let id = desk.project.id;
        desk.pass.store.write(|state| store::said::forget(state, id, CUT, identifier))?;
    }
    Ok(())
}

/// Whether Huly has left out parts of the text that it was given last.
pub(super) fn was_cut(desk: &Desk<'_>, identifier: &str) -> Result<bool> {
    let id = desk.project.id;
    Ok(desk.pass.store.read(|state| store::said::is_said(state, id, CUT, identifier))?)
}
