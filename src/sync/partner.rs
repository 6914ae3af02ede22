//! Settles the other half of a project: stores a found one, makes a missing one.

use crate::http::Kind;
use crate::report;
use crate::store;

use super::context::Context;
use super::done::{Done, tell_project};
use super::pairing::{Pair, Partner};
use super::trouble::{Result, Trouble};

/// The Vibe project's id; `None` in a dry run that would make it.
pub(super) fn settle(
    pass: &Context,
    pair: &Pair,
    project: &store::projects::Project,
    done: &mut Done,
) -> Result<Option<String>> {
    match &pair.partner {
        // A found one was stored when the pass chose its pairs.
        Partner::Known { id } | Partner::Found { id, .. } => Ok(Some(id.clone())),
        Partner::New { .. } if pass.dry_run => {
            tell_project(done, pair)?;
            Ok(None)
        }
        Partner::New { path, may_make } => {
            let made = make(pass, pair, path, *may_make)?;
            pass.store.write(|state| {
                store::projects::pair(state, project.id, &made.id, &made.name, Some(path))
            })?;
            let name = report::quoted(&made.name);
            log::info!("{}: made the Vibe project {name} at {path}", pair.identifier);
            Ok(Some(made.id))
        }
        Partner::None(why) => Err(Trouble::Odd(why.clone())),
        Partner::Never => Err(Trouble::Odd("[projects] says so".to_owned())),
    }
}

/// An existing repository first; a missing folder is made only where the path is ours.
fn make(pass: &Context, pair: &Pair, path: &str, may_make: bool) -> Result<crate::vibe::Project> {
    let first = match pass.vibe.create_project(&pair.name, path, true) {
        Ok(made) => return Ok(made),
        Err(error) if error.kind == Kind::Invalid => error,
        Err(error) => return Err(error.into()),
    };
    let error = if may_make {
        match pass.vibe.create_project(&pair.name, path, false) {
            Ok(made) => return Ok(made),
            Err(error) if error.kind == Kind::Invalid => error,
            Err(error) => return Err(error.into()),
        }
    } else {
        first
    };
    Err(Trouble::Refused(format!(
        "Vibe Kanban takes no project at {path}: {}; give it a git repository there, or another \
         path in the Huly project's description",
        error.message
    )))
}
