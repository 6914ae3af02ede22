//! One project's push, as a story.

use super::agents;
use super::blocks;
use super::desk::Desk;
use super::memory::Place;
use super::run::Run;
use super::write::{Seen, write};
use super::{readme, repository, settings};
use crate::report::{Blocks, Complaint, Op, OpName};
use crate::store::projects::Project;
use crate::sync::trouble::{Result, Trouble};

/// What became of a project.
#[derive(Debug, Default)]
pub(super) struct Pushed {
    pub(super) blocks: Blocks,
    pub(super) errors: Vec<Complaint>,
    pub(super) ops: Vec<Op>,
    /// Letta was asked for something: a project that has nothing to tell calls nobody.
    pub(super) asked: bool,
    /// It was not asked for, since nobody is asked any more.
    pub(super) waits: bool,
    /// The state failed: no project can go on.
    pub(super) fatal: Option<anyhow::Error>,
}

/// Pushes one project. Never fails as a function: what went wrong is in the answer.
pub(super) fn push(run: &Run<'_>, project: &Project) -> Pushed {
    let mut desk = match Desk::open(run, project) {
        Ok(desk) => desk,
        Err(error) => return Pushed { fatal: Some(error), ..Pushed::default() },
    };
    let ended = story(&mut desk);
    let mut pushed = Pushed { ops: desk.ops, errors: desk.errors, ..Pushed::default() };
    match ended {
        Ok(asked) => pushed.asked = asked,
        Err(Trouble::Local(error)) => pushed.fatal = Some(error),
        Err(Trouble::Remote(error)) => {
            pushed.waits = run.goes_on().is_err();
            pushed.errors.push(Complaint::from(&error));
        }
        Err(Trouble::Odd(message) | Trouble::Refused(message)) => {
            pushed.errors.push(Complaint::new("odd", message));
        }
        // No step of a push says so.
        Err(Trouble::NeedsFull | Trouble::Ended) => {}
    }
    if desk.is_unchanged {
        pushed.blocks.unchanged = blocks::KINDS.len() as u64;
    }
    for slot in &desk.slots {
        match (slot.is_settled(), slot.fresh) {
            (true, true) => pushed.blocks.written += 1,
            (true, false) => pushed.blocks.unchanged += 1,
            (false, _) if run.input.dry_run => {}
            (false, _) => pushed.blocks.failed += 1,
        }
    }
    pushed
}

/// Whether Letta was asked for something.
fn story(desk: &mut Desk<'_>) -> Result<bool> {
    let input = desk.run.input;
    // 1. What Letta really has, where that was asked for.
    if input.verify {
        agents::verify(desk)?;
    }
    // 2. Nothing to tell: nothing is sent.
    let readme = readme::look(desk)?;
    if desk.agent.id.is_some() && desk.is_settled() && readme.is_none() {
        desk.store()?;
        desk.write_settings()?;
        return Ok(input.verify);
    }
    desk.run.goes_on()?;
    // 3. The one agent of this project: known, found, or made with all that it is to know.
    if desk.agent.id.is_none() {
        agents::resolve(desk, readme.as_ref())?;
    } else if !desk.is_unchanged && desk.slots.iter().all(|slot| slot.place == Place::Missing) {
        // Known by name alone, from the earlier service: what it has is looked at first.
        agents::look_again(desk, readme.as_ref())?;
    }
    if input.dry_run {
        desk.tell(readme.as_ref())?;
        return Ok(true);
    }
    // 4. Block after block; if one is gone, all is looked at once more.
    if write(desk)? == Seen::Gone {
        agents::look_again(desk, readme.as_ref())?;
        if write(desk)? == Seen::Gone {
            let text = "its blocks vanish while they are written";
            desk.errors.push(Complaint::new("vanishing", text));
        }
    }
    // 5. The README.
    if let Some(readme) = &readme {
        readme::upload(desk, readme)?;
    }
    desk.write_settings()?;
    Ok(true)
}

impl Desk<'_> {
    /// The agent's name for the letta command line, where that is wanted.
    fn write_settings(&mut self) -> Result<()> {
        let input = self.run.input;
        if !input.config.letta.write_settings || input.dry_run {
            return Ok(());
        }
        let folder = repository::folder(self.project.repo_path.as_deref());
        if let (Some(folder), Some(agent)) = (folder, &self.agent.id)
            && let Err(error) = settings::write(folder, agent)
        {
            let path = folder.join(".letta/settings.local.json");
            let text = format!("failed to write {}: {error}", path.display());
            self.errors.push(Complaint::new("settings", text));
        }
        Ok(())
    }

    /// A dry run's lines.
    fn tell(&mut self, readme: Option<&repository::Readme>) -> Result<()> {
        if self.agent.id.is_some() {
            for at in 0..self.slots.len() {
                if !self.is_done(at) {
                    let made = !matches!(self.slots[at].place, Place::Own { .. });
                    let op = if made { OpName::Create } else { OpName::Update };
                    self.tell_op(op, self.slots[at].kind.label);
                }
            }
        }
        if let Some(readme) = readme {
            self.tell_op(OpName::Update, readme.file);
        }
        Ok(())
    }
}
