//! Finds the one agent of a project, or makes it. Before anything is made, all are looked at.

use std::time::Duration;

use super::blocks::{self, PERSONA, SCRATCHPAD};
use super::desk::Desk;
use super::directory::{Found, Seen, SeenBlock, sha256};
use super::memory::Place;
use super::name::TAG;
use super::repository::Readme;
use super::write::new_block;
use super::{readme, wire};
use crate::config::Config;
use crate::http::Kind;
use crate::model::Millis;
use crate::report::OpName;
use crate::store;
use crate::sync::trouble::{Result, Trouble};

/// An agent that Letta runs in its present way.
const TYPE: &str = "letta_v1_agent";

/// Gives the project its agent: by its tag, else a new one.
pub(super) fn resolve(desk: &mut Desk<'_>, readme: Option<&Readme>) -> Result<()> {
    resolve_without(desk, readme, None)
}

fn resolve_without(desk: &mut Desk<'_>, readme: Option<&Readme>, gone: Option<&str>) -> Result<()> {
    let run = desk.run;
    let directory = desk.noted(run.directory())?;
    match directory.find(&desk.tag, &desk.name, gone) {
        Found::One(seen, others) => {
            if others > 0 {
                log::warn!(
                    "{}: {others} more agents in Letta bear its tag; {} is used, delete the others",
                    desk.project.identifier,
                    seen.id
                );
            }
            adopt(desk, seen)
        }
        Found::Perhaps(named) => match proven(desk, &named)? {
            Some(seen) => adopt(desk, seen),
            None if directory.is_whole() => create(desk, readme),
            None => Err(unsure()),
        },
        Found::Absent => create(desk, readme),
        Found::Unsure => Err(unsure()),
    }
}

fn unsure() -> Trouble {
    Trouble::Odd(
        "letta lists a part of its agents again and again (does something on the way take queries \
         away?): its agent is not among them, and none is made that may be there already"
            .to_owned(),
    )
}

/// Of agents that bear the name and show no tags, the one whose blocks are tagged as this project's.
fn proven<'a>(desk: &Desk<'_>, named: &[&'a Seen]) -> Result<Option<&'a Seen>> {
    for seen in named {
        let memory = desk.noted(desk.run.input.client.memory(&seen.id))?;
        let tags = memory.iter().flatten().flat_map(|block| &block.tags);
        if tags.into_iter().any(|tag| *tag == desk.tag) {
            return Ok(Some(seen));
        }
    }
    Ok(None)
}

/// An agent that is there: made by an earlier push, by the earlier service, or before the state was
/// lost.
fn adopt(desk: &mut Desk<'_>, seen: &Seen) -> Result<()> {
    let input = desk.run.input;
    let id = desk.project.id;
    if input.store.read(|state| store::agents::serves_another(state, &seen.id, id))? {
        return Err(Trouble::Odd(format!("its agent {} serves another project", seen.id)));
    }
    desk.agent.id = Some(seen.id.clone());
    desk.agent.asked = None;
    desk.is_met = true;
    if input.dry_run {
        desk.tell_op(OpName::Link, &seen.id);
    }
    if seen.blocks.is_empty() {
        // Where they were not shown.
        let memory = desk.noted(input.client.memory(&seen.id))?.unwrap_or_default();
        see_memory(desk, memory)?;
    } else {
        desk.see(&seen.blocks)?;
    }
    desk.store()
}

/// Makes the agent in one call. Written down before: if the answer is lost, the agent may come to be
/// later, and nothing more is made until that is settled.
fn create(desk: &mut Desk<'_>, readme: Option<&Readme>) -> Result<()> {
    let input = desk.run.input;
    if let Some(asked) = desk.agent.asked {
        let grace = Millis::try_from(grace(input.config).as_millis()).unwrap_or(Millis::MAX);
        // A clock that was put back must not keep it waiting for ever.
        if (0..grace).contains(&(input.now - asked)) {
            let message = "its agent was asked for a moment ago and is not there yet: the next push \
                           looks again";
            return Err(Trouble::Odd(message.to_owned()));
        }
    }
    if input.dry_run {
        desk.tell_op(OpName::CreateAgent, &desk.name.clone());
        return Ok(());
    }
    desk.agent.id = None;
    desk.slots.iter_mut().for_each(|slot| slot.place = Place::Missing);
    if readme.is_some() && desk.agent.folder.is_none() {
        desk.agent.folder = Some(readme::make_folder(desk)?);
    }
    desk.agent.asked = Some(input.time());
    desk.store()?;
    let made = send(desk);
    desk.run.note(made.as_ref().err());
    match made {
        Ok(made) => took(desk, made),
        Err(error) if error.ambiguous => {
            // It may still be carried out from now on.
            desk.agent.asked = Some(input.time());
            desk.store()?;
            Err(error.into())
        }
        Err(error) => {
            desk.agent.asked = None;
            if error.kind == Kind::Gone {
                // It may be the folder that is meant.
                desk.agent.folder = None;
            }
            desk.store()?;
            Err(error.into())
        }
    }
}

fn send(desk: &Desk<'_>) -> crate::http::Result<Seen> {
    let config = &desk.run.input.config.letta;
    let tags = [TAG, desk.tag.as_str()];
    let texts: Vec<String> = desk.slots.iter().map(super::memory::Slot::text).collect();
    let mut memory: Vec<_> = desk
        .slots
        .iter()
        .zip(&texts)
        .map(|(slot, text)| new_block(slot.kind, text, true, tags))
        .collect();
    let persona = blocks::persona(&desk.project.name, &desk.project.identifier);
    memory.push(new_block(&PERSONA, &persona, false, tags));
    memory.push(new_block(&SCRATCHPAD, "", false, tags));
    let new = wire::NewAgent {
        name: &desk.name,
        agent_type: TYPE,
        model: &config.model,
        embedding: &config.embedding,
        include_base_tools: false,
        tags,
        memory_blocks: &memory,
        folder_ids: desk.agent.folder.as_deref().map(|folder| [folder]),
    };
    let made = desk.run.input.client.create_agent(&new)?;
    Ok(Seen::of(made))
}

/// The agent is there, with all that it was given.
fn took(desk: &mut Desk<'_>, made: Seen) -> Result<()> {
    desk.agent.id = Some(made.id);
    desk.agent.asked = None;
    desk.is_met = true;
    desk.agent.readme = None;
    for slot in &mut desk.slots {
        let text = slot.text();
        let block = made.blocks.iter().find(|block| block.label == slot.kind.label);
        slot.place = block.map_or(Place::Missing, |block| Place::Own {
            id: block.id.clone(),
            limit: block.limit.unwrap_or(blocks::LIMIT),
            known: Some(sha256(&text)),
        });
        slot.fresh = block.is_some();
    }
    let name = crate::report::quoted(&desk.name);
    log::info!("{}: made the agent {name}", desk.project.identifier);
    desk.store()
}

/// For how long a create without an answer may still be carried out: Letta takes as long as a call
/// may. Who says that there is no such time says it of Letta, too.
fn grace(config: &Config) -> Duration {
    match config.sync.create_grace {
        Duration::ZERO => Duration::ZERO,
        some => some.max(config.letta.timeout),
    }
}

/// Something that was written to is not there: the agent's memory is looked at, or where the agent
/// itself is gone, another one is found or made.
pub(super) fn look_again(desk: &mut Desk<'_>, readme: Option<&Readme>) -> Result<()> {
    let agent = desk.agent_id()?;
    match desk.noted(desk.run.input.client.memory(&agent))? {
        Some(memory) => {
            desk.is_met = true;
            see_memory(desk, memory)?;
            desk.store()
        }
        None => {
            log::info!("{}: its agent {agent} is gone", desk.project.identifier);
            desk.agent.id = None;
            desk.agent.readme = None;
            resolve_without(desk, readme, Some(&agent))
        }
    }
}

/// Takes in an agent's memory as Letta gave it.
fn see_memory(desk: &mut Desk<'_>, memory: Vec<wire::Block>) -> Result<()> {
    let memory: Vec<SeenBlock> = memory.into_iter().filter_map(SeenBlock::of).collect();
    desk.see(&memory)
}

/// Holds what is stored against what Letta has.
pub(super) fn verify(desk: &mut Desk<'_>) -> Result<()> {
    let run = desk.run;
    let Some(agent) = desk.agent.id.clone() else { return Ok(()) };
    run.goes_on()?;
    let directory = desk.noted(run.directory())?;
    let is_plain = |seen: &&Seen| !seen.blocks.is_empty() && seen.has(TAG) && seen.has(&desk.tag);
    if let Some(seen) = directory.get(&agent).filter(is_plain) {
        desk.is_met = true;
        return desk.see(&seen.blocks);
    }
    // Deleted, without a block, or without its tags: by those the state is made anew when it is lost.
    let client = run.input.client;
    match desk.noted(client.tags(&agent))? {
        Some(tags) => {
            desk.is_met = true;
            let wanted = [TAG.to_owned(), desk.tag.clone()];
            let missing: Vec<String> =
                wanted.into_iter().filter(|tag| !tags.contains(tag)).collect();
            if !missing.is_empty() && directory.is_filtered() && !run.input.dry_run {
                let all: Vec<String> = tags.into_iter().chain(missing).collect();
                desk.noted(client.set_tags(&agent, &all))?;
            }
            let memory = desk.noted(client.memory(&agent))?.unwrap_or_default();
            see_memory(desk, memory)
        }
        None => {
            log::info!("{}: its agent {agent} is gone", desk.project.identifier);
            desk.agent.id = None;
            desk.agent.readme = None;
            Ok(())
        }
    }
}
