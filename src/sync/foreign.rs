//! Whether a Vibe project that was found by its name belongs to somebody else.

use crate::model::Side;

use super::desk::Desk;
use super::marker::{self, Marker};
use super::trouble::{Result, Trouble};

/// Refuses a new pair whose tasks mostly bear another project's marks.
pub(super) fn refuse(desk: &Desk<'_>) -> Result<()> {
    let (mut own, mut foreign, mut example) = (0u64, 0u64, None);
    for slot in 0..desk.stage.slots(Side::Vibe).len() {
        let Some(Marker::Issue(identifier)) = desk.stage.get(Side::Vibe, slot)?.marker else {
            continue;
        };
        // An issue may have kept, or been given, a prefix that is not its project's.
        let is_own = marker::project_of(&identifier) == Some(desk.project.identifier.as_str())
            || desk.stage.find(Side::Huly, &identifier).is_some();
        if is_own {
            own += 1;
        } else {
            foreign += 1;
            example = Some(identifier);
        }
    }
    if foreign <= own {
        return Ok(());
    }
    let id = desk.project.id;
    desk.pass.store.write(|state| crate::store::projects::unpair(state, id))?;
    Err(Trouble::Odd(format!(
        "the Vibe project of that name bears the marks of another one ({}): name the right one \
         under [projects], or \"new\"",
        example.unwrap_or_default()
    )))
}
