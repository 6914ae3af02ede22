//! The repository's README, given to its agent in a folder of its own.

use super::desk::Desk;
use super::repository::{self, README_LIMIT, Readme, Search};
use crate::http::Kind;
use crate::report;
use crate::store;
use crate::sync::trouble::Result;
use sha2::{Digest, Sha256};

/// The README, where it is wanted and Letta has not got it yet.
pub(super) fn look(desk: &Desk<'_>) -> Result<Option<Readme>> {
    let input = desk.run.input;
    if !input.config.letta.readme {
        return Ok(None);
    }
    let Some(folder) = repository::folder(desk.project.repo_path.as_deref()) else {
        return Ok(None);
    };
    match repository::readme(folder) {
        Search::Found(readme) if desk.agent.readme == Some(hash(&readme)) && !input.force => {
            Ok(None)
        }
        Search::Found(readme) => Ok(Some(readme)),
        Search::None => Ok(None),
        Search::TooLarge(file) => {
            say_too_large(desk, file)?;
            Ok(None)
        }
    }
}

fn hash(readme: &Readme) -> [u8; 32] {
    Sha256::digest(&readme.text).into()
}

/// Once: every pass sees it again.
fn say_too_large(desk: &Desk<'_>, file: &str) -> Result<()> {
    let (id, input) = (desk.project.id, desk.run.input);
    let known = input.store.read(|state| store::said::count(state, id, "readme"))?;
    if known == 0 && !input.dry_run {
        input.store.write(|state| store::said::first_time(state, id, "readme", file, input.now))?;
        log::warn!(
            "{}: {file} is larger than {}, and is not given to its agent",
            desk.project.identifier,
            report::bytes(README_LIMIT)
        );
    }
    Ok(())
}

/// Makes the folder, or finds it.
pub(super) fn make_folder(desk: &Desk<'_>) -> Result<String> {
    let input = desk.run.input;
    let made = input.client.create_folder(&desk.folder_name(), &input.config.letta.embedding);
    desk.noted(made)
}

/// Uploads it; into a new folder where the known one is gone. What went wrong does not keep the
/// blocks from being settled.
pub(super) fn upload(desk: &mut Desk<'_>, readme: &Readme) -> Result<()> {
    let agent = desk.agent_id()?;
    let client = desk.run.input.client;
    desk.run.goes_on()?;
    for last in [false, true] {
        let known = desk.agent.folder.clone();
        let folder = match known {
            Some(folder) => folder,
            None => {
                let folder = make_folder(desk)?;
                desk.noted(client.attach_folder(&agent, &folder))?;
                desk.agent.folder = Some(folder.clone());
                desk.store()?;
                folder
            }
        };
        match client.upload(&folder, readme.file, readme.content_type, &readme.text) {
            Err(error) if error.kind == Kind::Gone && !last => desk.agent.folder = None,
            uploaded => {
                desk.noted(uploaded)?;
                break;
            }
        }
    }
    desk.agent.readme = Some(hash(readme));
    desk.store()
}
