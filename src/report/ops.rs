//! All lines of a dry run's plan. There may be one an item of both boards: beyond a little they are laid
//! aside in a file without a name, and come back one at a time.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use serde::ser::{Error as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::Op;
use crate::spool::Spool;

/// Bytes that are gathered before they are laid aside.
const GATHERED: usize = 64 << 10;

/// Where lines are laid aside, by all projects of a pass.
pub type OpsSpool = Arc<Mutex<Spool>>;

/// Lines in their order, each as its JSON.
#[derive(Debug, Clone, Default)]
pub struct Ops {
    spool: Option<OpsSpool>,
    /// Where those that were laid aside are: place and length, whole lines.
    blocks: Vec<(u64, usize)>,
    /// Those after them.
    gathered: Vec<u8>,
    count: usize,
}

impl Ops {
    /// None yet; what becomes too much is laid aside there. Without one all stays in memory.
    #[must_use]
    pub fn new(spool: Option<OpsSpool>) -> Self {
        Self { spool, ..Self::default() }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds one.
    ///
    /// # Errors
    /// The disk is full.
    pub fn push(&mut self, op: &Op) -> Result<()> {
        serde_json::to_writer(&mut self.gathered, op)?;
        self.gathered.push(b'\n');
        self.count += 1;
        if self.gathered.len() >= GATHERED { self.lay_aside() } else { Ok(()) }
    }

    /// Adds those of a part of the same pass.
    ///
    /// # Errors
    /// The disk is full.
    pub fn append(&mut self, mut other: Self) -> Result<()> {
        if !other.blocks.is_empty() {
            self.spool = self.spool.take().or_else(|| other.spool.take());
            self.lay_aside()?;
            self.blocks.append(&mut other.blocks);
        }
        self.gathered.append(&mut other.gathered);
        self.count += other.count;
        if self.gathered.len() >= GATHERED { self.lay_aside() } else { Ok(()) }
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.blocks.clear();
        self.gathered.clear();
        self.count = 0;
    }

    fn lay_aside(&mut self) -> Result<()> {
        let Some(spool) = self.spool.as_ref().filter(|_| !self.gathered.is_empty()) else {
            return Ok(());
        };
        let at = lock(spool).push(&self.gathered).context("failed to lay a plan aside")?;
        self.blocks.push((at, self.gathered.len()));
        self.gathered.clear();
        Ok(())
    }

    /// Hands the JSON of each over, in their order.
    ///
    /// # Errors
    /// The file cannot be read, or `take` fails.
    fn each_line(&self, mut take: impl FnMut(&str) -> Result<()>) -> Result<()> {
        let mut block = Vec::new();
        for &(at, length) in &self.blocks {
            let spool = self.spool.as_ref().context("a plan without its file")?;
            block.resize(length, 0);
            lock(spool).read(at, &mut block).context("failed to read a plan")?;
            lines(&block, &mut take)?;
        }
        lines(&self.gathered, &mut take)
    }

    /// Hands each over, in their order.
    ///
    /// # Errors
    /// The file cannot be read, or `take` fails.
    pub fn each(&self, mut take: impl FnMut(Op) -> Result<()>) -> Result<()> {
        self.each_line(|line| take(serde_json::from_str(line)?))
    }
}

fn lock(spool: &OpsSpool) -> MutexGuard<'_, Spool> {
    spool.lock().unwrap_or_else(PoisonError::into_inner)
}

fn lines(block: &[u8], take: &mut impl FnMut(&str) -> Result<()>) -> Result<()> {
    let text = std::str::from_utf8(block)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
        .context("a spool came back damaged: check the disk")?;
    text.lines().try_for_each(take)
}

impl TryFrom<Vec<Op>> for Ops {
    type Error = anyhow::Error;

    fn try_from(ops: Vec<Op>) -> Result<Self> {
        let mut all = Self::default();
        ops.iter().try_for_each(|op| all.push(op))?;
        Ok(all)
    }
}

impl Serialize for Ops {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(Some(self.count))?;
        let mut refused = None;
        let read = self.each_line(|line| {
            let line: &RawValue = serde_json::from_str(line)?;
            if refused.is_none() {
                refused = list.serialize_element(line).err();
            }
            Ok(())
        });
        match (refused, read) {
            (Some(error), _) => Err(error),
            (None, Err(error)) => Err(S::Error::custom(format!("{error:#}"))),
            (None, Ok(())) => list.end(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Host;
    use crate::model::Field;
    use crate::report::OpName;

    fn op(number: usize) -> Op {
        Op {
            project: "WEB".to_owned(),
            op: OpName::Update,
            side: Host::Vibe,
            item: format!("WEB-{number}"),
            field: Some(Field::Title),
            from: None,
            to: Some("x\ny ".repeat(20)),
        }
    }

    fn items(ops: &Ops) -> Vec<String> {
        let mut items = Vec::new();
        ops.each(|op| {
            items.push(op.item);
            Ok(())
        })
        .unwrap();
        items
    }

    #[test]
    fn a_long_plan_is_laid_aside_and_comes_back_in_its_order() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Arc::new(Mutex::new(Spool::open(&folder.path().join("state.db")).unwrap()));
        let mut all = Ops::new(Some(spool.clone()));
        let (mut one, mut other) = (Ops::new(Some(spool.clone())), Ops::new(Some(spool)));
        // Two projects at once, and a short one.
        for number in 0..3_000 {
            one.push(&op(number)).unwrap();
            other.push(&op(number + 3_000)).unwrap();
        }
        let mut given_up = one.clone();
        given_up.clear();
        for part in [one, given_up, other, Ops::try_from(vec![op(6_000)]).unwrap()] {
            assert!(part.gathered.len() < GATHERED, "memory stays flat");
            all.append(part).unwrap();
        }
        let wanted: Vec<String> = (0..=6_000).map(|number| format!("WEB-{number}")).collect();
        assert!(items(&all) == wanted);
        let json: Vec<Op> = serde_json::from_str(&serde_json::to_string(&all).unwrap()).unwrap();
        assert_eq!((json.len(), all.len()), (6_001, 6_001));
        assert_eq!(json[17].to, op(17).to);
    }
}
