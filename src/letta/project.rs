//! One project's push, as a story.

use anyhow::Context;
use rusqlite::Connection;

use super::agents;
use super::blocks;
use super::client::Way;
use super::describe::{describe, source};
use super::directory::{SeenBlock, sha256};
use super::memory::{self, Place, Slot};
use super::name::{self, TAG};
use super::push::Run;
use super::wire::NewBlock;
use super::{readme, repository, settings};
use crate::http::{Error, Host, Kind};
use crate::model::Millis;
use crate::report::{Blocks, Complaint, Op, OpName};
use crate::store;
use crate::store::agents::Agent;
use crate::store::blocks::Block;
use crate::store::projects::Project;
use crate::sync::trouble::{Result, Trouble};

/// What became of a project.
#[derive(Debug, Default)]
pub(super) struct Pushed {
    pub(super) blocks: Blocks,
    pub(super) errors: Vec<Complaint>,
    pub(super) ops: Vec<Op>,
    /// It was not asked for, since nobody is asked any more.
    pub(super) waits: bool,
    /// The state failed: no project can go on.
    pub(super) fatal: Option<anyhow::Error>,
}

/// What a project's push works on.
pub(super) struct Desk<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) project: &'a Project,
    pub(super) tag: String,
    pub(super) name: String,
    pub(super) agent: Agent,
    pub(super) slots: Vec<Slot>,
    /// What the slots are made from, and until when they say the same of it.
    source: ([u8; 32], Millis),
    /// All is as it was when Letta had all of it: there are no slots to look at.
    is_unchanged: bool,
    /// The agent was there a moment ago.
    pub(super) is_met: bool,
    /// As the state has it.
    stored: (Agent, Vec<Block>),
    pub(super) errors: Vec<Complaint>,
    pub(super) ops: Vec<Op>,
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
        Ok(()) => {}
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

fn story(desk: &mut Desk<'_>) -> Result<()> {
    let input = desk.run.input;
    // 1. What Letta really has, where that was asked for.
    if input.verify {
        agents::verify(desk)?;
    }
    // 2. Nothing to tell: nothing is sent.
    let readme = readme::look(desk)?;
    if desk.agent.id.is_some() && desk.is_settled() && readme.is_none() {
        desk.store()?;
        return desk.write_settings();
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
        return desk.tell(readme.as_ref());
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
    desk.write_settings()
}

/// Whether what was written to was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    There,
    Gone,
}

/// Writes what is not settled, and stores what was acknowledged, whatever came in between.
fn write(desk: &mut Desk<'_>) -> Result<Seen> {
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

impl<'a> Desk<'a> {
    /// What the state says of the board and of its agent.
    fn open(run: &'a Run<'a>, project: &'a Project) -> anyhow::Result<Self> {
        let input = run.input;
        let context = || format!("failed to describe the board of {}", project.identifier);
        let look = |state: &Connection| {
            Ok((
                source(state, project, input.config)?,
                store::agents::get(state, project.id)?,
                store::blocks::of(state, project.id)?,
            ))
        };
        let (source, agent, known) = input.store.read(look).with_context(context)?;
        let is_unchanged = agent.id.is_some()
            && agent.source == Some(source)
            && agent.until.is_some_and(|until| input.now < until)
            && !input.force
            && !input.verify;
        let (slots, until) = if is_unchanged {
            (Vec::new(), agent.until.unwrap_or_default())
        } else {
            let described = input
                .store
                .read(|state| describe(state, project, input.config, input.now))
                .with_context(context)?;
            (memory::slots(described.values, &known), described.until)
        };
        Ok(Self {
            run,
            project,
            tag: name::tag(&project.identifier),
            name: name::agent(&project.name, &project.identifier),
            slots,
            source: (source, until),
            is_unchanged,
            is_met: false,
            stored: (agent.clone(), known),
            agent,
            errors: Vec::new(),
            ops: Vec::new(),
        })
    }

    fn is_settled(&self) -> bool {
        !self.run.input.force && self.slots.iter().all(Slot::is_settled)
    }

    /// Whether a block needs no more writing in this run.
    fn is_done(&self, at: usize) -> bool {
        let slot = &self.slots[at];
        slot.is_settled() && (slot.fresh || !self.run.input.force)
    }

    /// Stores the agent and what it is known to know, where that is news.
    pub(super) fn store(&mut self) -> Result<()> {
        let mut rows: Vec<Block> = self.slots.iter().filter_map(Slot::row).collect();
        rows.sort_by(|one, other| one.label.cmp(&other.label));
        if self.is_unchanged {
            rows.clone_from(&self.stored.1);
        } else {
            let is_settled = self.slots.iter().all(Slot::is_settled);
            self.agent.source = is_settled.then_some(self.source.0);
            self.agent.until = is_settled.then_some(self.source.1);
        }
        let now = (self.agent.clone(), rows);
        if self.run.input.dry_run || now == self.stored {
            return Ok(());
        }
        let id = self.project.id;
        self.run.input.store.write(|state| {
            store::agents::put(state, id, &now.0)?;
            store::blocks::replace(state, id, &now.1)
        })?;
        self.stored = now;
        Ok(())
    }

    pub(super) fn agent_id(&self) -> Result<String> {
        let lost = || Trouble::Odd("its agent is not known".to_owned());
        self.agent.id.clone().ok_or_else(lost)
    }

    /// Takes in what the agent's memory was seen to be.
    pub(super) fn see(&mut self, seen: &[SeenBlock]) -> Result<()> {
        let run = self.run;
        let mut elsewhere = Vec::new();
        run.input.store.read(|state| {
            for block in seen {
                if store::blocks::serves_another(state, &block.id, self.project.id)? {
                    elsewhere.push(block.id.clone());
                }
            }
            Ok(())
        })?;
        let is_shared = |block: &str| {
            elsewhere.iter().any(|id| id == block)
                || run.known_directory().is_some_and(|directory| directory.is_shared(block))
        };
        memory::see(&mut self.slots, seen, &self.tag, &is_shared);
        Ok(())
    }

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

    pub(super) fn tell_op(&mut self, op: OpName, item: &str) {
        self.ops.push(Op {
            project: self.project.identifier.clone(),
            op,
            side: Host::Letta,
            item: item.to_owned(),
            field: None,
            from: None,
            to: None,
        });
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
