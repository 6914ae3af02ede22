//! What a project's push works on: what the state says of the board and of its agent, and what was
//! acknowledged since.

use anyhow::Context;
use rusqlite::Connection;

use super::describe::{describe, source};
use super::directory::SeenBlock;
use super::memory::{self, Slot};
use super::name;
use super::run::Run;
use crate::http::{self, Host};
use crate::model::Millis;
use crate::report::{Complaint, Op, OpName};
use crate::store;
use crate::store::agents::Agent;
use crate::store::blocks::Block;
use crate::store::projects::Project;
use crate::sync::trouble::{Result, Trouble};

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
    pub(super) is_unchanged: bool,
    /// The agent was there a moment ago.
    pub(super) is_met: bool,
    /// As the state has it.
    stored: (Agent, Vec<Block>),
    pub(super) errors: Vec<Complaint>,
    pub(super) ops: Vec<Op>,
}

impl<'a> Desk<'a> {
    /// What the state says of the board and of its agent.
    pub(super) fn open(run: &'a Run<'a>, project: &'a Project) -> anyhow::Result<Self> {
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

    pub(super) fn is_settled(&self) -> bool {
        !self.run.input.force && self.slots.iter().all(Slot::is_settled)
    }

    /// Whether a block needs no more writing in this run.
    pub(super) fn is_done(&self, at: usize) -> bool {
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

    /// The same, once the run has taken note of how the call went.
    pub(super) fn noted<T>(&self, called: http::Result<T>) -> Result<T> {
        self.run.note(called.as_ref().err());
        Ok(called?)
    }

    /// What the folder is called.
    pub(super) fn folder_name(&self) -> String {
        name::folder(&self.project.identifier)
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
