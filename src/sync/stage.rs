//! What a project's lists showed that the last pass did not know: laid aside on disk, with a small
//! index in memory.

use std::path::Path;

use anyhow::{Context, Result, bail};
use twox_hash::XxHash3_64;

use crate::model::{Hash, Side};
use crate::spool::{self, Spool};
use crate::store::elements::Element;

use super::staged::{self, Span, Staged};

/// The key of an item in indexes.
#[must_use]
pub fn key(name: &str) -> u64 {
    XxHash3_64::oneshot(name.as_bytes())
}

/// One staged item in memory.
#[derive(Debug, Clone, Copy)]
pub struct Slot {
    /// Of its name.
    pub key: u64,
    /// Where its head lies.
    at: u32,
    /// See the constants.
    flags: u32,
}

/// The heads of most projects fit into this: they are read a dozen times.
const HEADS: usize = 256 * 1024;

/// What was listed is in the first bytes of a head.
const LISTED: usize = 25;

/// Nothing is left to be done with the item: the bytes that were listed need no second look.
pub const SETTLED: u32 = 1;
/// Another item of the same side has its name.
pub const DOUBLE: u32 = 2;
/// It has its place in the plan.
pub const TAKEN: u32 = 4;
/// Its text was not read.
pub const UNREAD: u32 = 8;
/// It bears a marker.
pub const MARKED: u32 = 16;

/// What can be told of an item without looking at its head again.
fn flags_of(item: &Staged) -> u32 {
    let unread = if item.text.is_none() { UNREAD } else { 0 };
    let marked = if item.marker.is_some() { MARKED } else { 0 };
    unread | marked
}

/// The staged items of one project, both sides. Used again for the next project.
#[derive(Debug)]
pub struct Stage {
    heads: Spool,
    texts: Spool,
    huly: Vec<Slot>,
    vibe: Vec<Slot>,
    scratch: Vec<u8>,
}

impl Stage {
    /// An empty one, beside the state.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn open(state: &Path) -> Result<Self> {
        let context = || spool::place(state);
        Ok(Self {
            heads: Spool::with_capacity(state, HEADS).with_context(context)?,
            texts: Spool::open(state).with_context(context)?,
            huly: Vec::new(),
            vibe: Vec::new(),
            scratch: Vec::new(),
        })
    }

    /// Empties it for the next project.
    ///
    /// # Errors
    /// The spools cannot be cut.
    pub fn clear(&mut self) -> Result<()> {
        self.heads.clear()?;
        self.texts.clear()?;
        self.huly = Vec::new();
        self.vibe = Vec::new();
        Ok(())
    }

    /// The index of a side.
    #[must_use]
    pub fn slots(&self, side: Side) -> &[Slot] {
        match side {
            Side::Huly => &self.huly,
            Side::Vibe => &self.vibe,
        }
    }

    fn slots_mut(&mut self, side: Side) -> &mut Vec<Slot> {
        match side {
            Side::Huly => &mut self.huly,
            Side::Vibe => &mut self.vibe,
        }
    }

    /// Forgets what a list gave that is now read again from its start.
    pub fn forget(&mut self, side: Side) {
        self.slots_mut(side).clear();
    }

    /// Lays an item aside, with its text where there is one.
    ///
    /// # Errors
    /// The disk is full.
    pub fn push(&mut self, mut item: Staged, text: Option<&str>) -> Result<()> {
        let key = key(&item.name);
        let at = self.lay(&mut item, text)?;
        let flags = flags_of(&item);
        self.slots_mut(item.side).push(Slot { key, at, flags });
        Ok(())
    }

    /// Replaces an item by what was read later.
    ///
    /// # Errors
    /// The disk is full.
    pub fn replace(
        &mut self,
        side: Side,
        slot: usize,
        mut item: Staged,
        text: Option<&str>,
    ) -> Result<()> {
        let at = self.lay(&mut item, text)?;
        let kept = &mut self.slots_mut(side)[slot];
        kept.at = at;
        kept.flags = kept.flags & !(UNREAD | MARKED) | flags_of(&item);
        Ok(())
    }

    /// The item's text is that of the last pass: its reference says so.
    ///
    /// # Errors
    /// The disk is full.
    pub fn recall(&mut self, side: Side, slot: usize, text: Hash) -> Result<()> {
        let mut item = self.get(side, slot)?;
        item.text = Some(text);
        item.by_ref = true;
        self.replace(side, slot, item, None)
    }

    fn lay(&mut self, item: &mut Staged, text: Option<&str>) -> Result<u32> {
        const FULL: &str = "failed to lay items aside beside the state file";
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            let len = u32::try_from(text.len()).context("a text of more than 4 GB")?;
            item.span = Some(Span { at: self.texts.push(text.as_bytes()).context(FULL)?, len });
        }
        self.scratch.clear();
        self.scratch.extend_from_slice(&[0; 4]);
        item.encode(&mut self.scratch);
        let length = u32::try_from(self.scratch.len() - 4).context("a head of more than 4 GB")?;
        self.scratch[..4].copy_from_slice(&length.to_le_bytes());
        let at = self.heads.push(&self.scratch).context(FULL)?;
        u32::try_from(at).context("one project has more than 4 GB of heads")
    }

    /// Puts a side into the order that look-ups need, and marks those that share a name. An item
    /// listed twice with the same bytes is one (a list that grew while it was read).
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn sort(&mut self, side: Side) -> Result<()> {
        let mut slots = std::mem::take(self.slots_mut(side));
        slots.sort_unstable_by_key(|slot| (slot.key, slot.at));
        let mut kept: Vec<Slot> = Vec::new();
        let doubled = slots.windows(2).any(|pair| pair[0].key == pair[1].key);
        if doubled {
            for mut slot in slots {
                if let Some(last) = kept.last_mut().filter(|last| last.key == slot.key) {
                    let bytes = |slot| anyhow::Ok(self.listed(slot)?.map(|listed| listed.hash));
                    if bytes(*last)? == bytes(slot)? {
                        continue;
                    }
                    last.flags |= DOUBLE;
                    slot.flags |= DOUBLE;
                }
                kept.push(slot);
            }
            slots = kept;
        }
        // A list that grows takes up to twice its room.
        slots.shrink_to_fit();
        *self.slots_mut(side) = slots;
        Ok(())
    }

    /// The slot of a name; of a doubled one the first. Only after `sort`.
    #[must_use]
    pub fn find(&self, side: Side, name: &str) -> Option<usize> {
        self.find_key(side, key(name))
    }

    /// The slot of a key. Only after `sort`.
    #[must_use]
    pub fn find_key(&self, side: Side, key: u64) -> Option<usize> {
        let slots = self.slots(side);
        let first = slots.partition_point(|slot| slot.key < key);
        slots.get(first).filter(|slot| slot.key == key).map(|_| first)
    }

    /// Whether the slot has this flag.
    #[must_use]
    pub fn has(&self, side: Side, slot: usize, flag: u32) -> bool {
        self.slots(side)[slot].flags & flag != 0
    }

    /// Sets a flag.
    pub fn set(&mut self, side: Side, slot: usize, flag: u32) {
        self.slots_mut(side)[slot].flags |= flag;
    }

    /// Takes a flag away.
    pub fn unset(&mut self, side: Side, slot: usize, flag: u32) {
        self.slots_mut(side)[slot].flags &= !flag;
    }

    /// The item in a slot.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn get(&self, side: Side, slot: usize) -> Result<Staged> {
        self.head(self.slots(side)[slot])
    }

    /// What was listed of the item in a slot; `None` for one that was read alone.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn element(&self, side: Side, slot: usize) -> Result<Option<Element>> {
        self.listed(self.slots(side)[slot])
    }

    fn listed(&self, slot: Slot) -> Result<Option<Element>> {
        let mut first = [0; 4 + LISTED];
        self.begin(slot, &mut first)?;
        staged::decode_element(&first[4..])
    }

    /// Reads the first bytes of a head, its length before them; how many there are.
    fn begin(&self, slot: Slot, into: &mut [u8]) -> Result<usize> {
        let at = u64::from(slot.at);
        let there = usize::try_from(self.heads.end() - at).unwrap_or(usize::MAX).min(into.len());
        self.heads.read(at, &mut into[..there]).context("failed to read a spool")?;
        Ok(there)
    }

    fn head(&self, slot: Slot) -> Result<Staged> {
        let at = u64::from(slot.at);
        // Most heads fit: one read instead of two.
        let mut guess = [0; 512];
        let there = self.begin(slot, &mut guess)?;
        let mut length = [0; 4];
        length.copy_from_slice(&guess[..4]);
        let length = u32::from_le_bytes(length) as usize;
        if let Some(bytes) = guess[..there].get(4..4 + length) {
            return Staged::decode(bytes);
        }
        let mut bytes = vec![0; length];
        self.heads.read(at + 4, &mut bytes).context("failed to read a spool")?;
        Staged::decode(&bytes)
    }

    /// The text of an item; empty where it has none.
    ///
    /// # Errors
    /// The spool cannot be read; the text was not read in this pass.
    pub fn text(&self, item: &Staged) -> Result<String> {
        let Some(span) = item.span else {
            if item.text.is_none() || item.by_ref {
                bail!("the text of {} was not read", item.name);
            }
            return Ok(String::new());
        };
        let mut bytes = vec![0; span.len as usize];
        self.texts.read(span.at, &mut bytes).context("failed to read a spool")?;
        String::from_utf8(bytes).context("a spool came back damaged: check the disk")
    }
}
