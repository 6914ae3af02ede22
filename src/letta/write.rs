//! Block after block of one agent: written, put back, or replaced by one of its own.

use super::blocks;
use super::client::Way;
use super::desk::Desk;
use super::directory::{SeenBlock, sha256};
use super::memory::{self, Place};
use super::name::TAG;
use super::wire::NewBlock;
use crate::http::{Error, Host, Kind};
use crate::report::Complaint;
use crate::store;
use crate::sync::trouble::{Result, Trouble};

/// Whether what was written to was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    There,
    Gone,
}

/// Writes what is not settled, and stores what was acknowledged, whatever came in between.
pub(super) fn write(desk: &mut Desk<'_>) -> Result<Seen> {
    let mut ended = Ok(Seen::There);
    for at in 0..desk.slots.len() {
        if desk.is_done(at) {
            continue;
        }
        match desk.write_slot(at) {
            Ok(()) => desk.run.note(None),
            Err(Trouble::Remote(error)) if error.kind == Kind::Gone => {
                ended = Ok(Seen::Gone);
                break;
            }
            Err(Trouble::Remote(error)) => {
                desk.run.note(Some(&error));
                if desk.run.goes_on().is_err() {
                    ended = Err(error.into());
                    break;
                }
                desk.errors.push(Complaint::from(&error).about(desk.slots[at].kind.label));
            }
            Err(trouble) => {
                ended = Err(trouble);
                break;
            }
        }
    }
    desk.store()?;
    ended
}

impl Desk<'_> {
    fn write_slot(&mut self, at: usize) -> Result<()> {
        self.run.goes_on()?;
        match self.slots[at].place.clone() {
            Place::Missing => self.put_back(at)?,
            Place::Shared { id } => self.replace(at, &id)?,
            Place::Own { .. } => {}
        }
        if self.is_done(at) {
            return Ok(());
        }
        let text = self.slots[at].text();
        let (client, agent) = (self.run.input.client, self.agent_id()?);
        // A block outlives its agent, and takes what is written by its id without a word: the first
        // one goes by its label, which says so.
        let by_id = self.run.writes_by_id()? && self.is_met;
        let slot = &mut self.slots[at];
        let Place::Own { id, known, .. } = &mut slot.place else { return Ok(()) };
        let way = if by_id { Way::Id(id) } else { Way::Label(&agent, slot.kind.label) };
        let written = client.write_block(way, &text)?;
        if written.id != *id {
            return Err(self.wrote_elsewhere(&written.id));
        }
        *known = Some(sha256(&text));
        (slot.fresh, self.is_met) = (true, true);
        Ok(())
    }

    /// Somebody has put another block in the place of the known one. Whose it is, is to be told anew.
    fn wrote_elsewhere(&self, block: &str) -> Trouble {
        let forgotten = self.run.input.store.write(|state| store::blocks::doubt(state, block));
        if let Err(error) = forgotten {
            return error.into();
        }
        let call = format!("PATCH {}", self.agent.id.as_deref().unwrap_or_default());
        Error::new(Kind::Gone, Host::Letta, &call, "its block is another one now").into()
    }

    /// A block that somebody took out of the agent's memory: it may still be somewhere.
    fn put_back(&mut self, at: usize) -> Result<()> {
        let agent = self.agent_id()?;
        let (place, fresh) = self.find_or_make(at, None)?;
        if let Place::Own { id, .. } = &place {
            self.run.input.client.attach_block(&agent, id)?;
        }
        (self.slots[at].place, self.slots[at].fresh) = (place, fresh);
        Ok(())
    }

    /// A block of several agents: this one gets its own.
    fn replace(&mut self, at: usize, shared: &str) -> Result<()> {
        let agent = self.agent_id()?;
        let (place, fresh) = self.find_or_make(at, Some(shared))?;
        if let Place::Own { id, .. } = &place {
            let client = self.run.input.client;
            // As it is now: what somebody added a moment ago stays.
            let Some(present) = client.memory(&agent)? else { return Ok(()) };
            let mut ids: Vec<&str> = present.iter().map(|block| block.id.as_str()).collect();
            ids.retain(|other| *other != shared && other != id);
            ids.push(id);
            client.set_memory(&agent, &ids)?;
        }
        (self.slots[at].place, self.slots[at].fresh) = (place, fresh);
        Ok(())
    }

    /// A block of this project that no other agent has; and whether it was made just now.
    fn find_or_make(&self, at: usize, not: Option<&str>) -> Result<(Place, bool)> {
        let (client, slot) = (self.run.input.client, &self.slots[at]);
        let is_free = |block: &SeenBlock| {
            let directory = self.run.known_directory();
            not != Some(&block.id) && !directory.is_some_and(|all| all.is_shared(&block.id))
        };
        let found = client.find_blocks(slot.kind.label, &self.project.identifier)?;
        let mut found: Vec<SeenBlock> =
            found.into_iter().filter_map(SeenBlock::of).filter(is_free).collect();
        found.sort_by(|one, other| one.id.cmp(&other.id));
        for block in &found {
            let id = self.project.id;
            let taken = self
                .run
                .input
                .store
                .read(|state| store::blocks::serves_another(state, &block.id, id))?;
            if !taken {
                return Ok((memory::own(block), false));
            }
        }
        let text = slot.text();
        let new = new_block(slot.kind, &text, true, [TAG, &self.tag]);
        let made = client.create_block(&new)?;
        let limit = made.limit.unwrap_or(blocks::LIMIT);
        Ok((Place::Own { id: made.id, limit, known: Some(sha256(&text)) }, true))
    }
}

/// A block as it is made.
pub(super) fn new_block<'a>(
    kind: &blocks::Kind,
    value: &'a str,
    read_only: bool,
    tags: [&'a str; 2],
) -> NewBlock<'a>
where
    'static: 'a,
{
    NewBlock {
        label: kind.label,
        value,
        limit: blocks::LIMIT,
        description: kind.description,
        read_only,
        tags,
    }
}
