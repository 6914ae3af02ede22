//! What an agent is to know beside what it was last seen to know: which block is written, kept, put
//! back or replaced.

use serde_json::Value;

use super::blocks::{self, KINDS, Kind};
use super::directory::{SeenBlock, sha256};
use super::name::PROJECT;
use crate::store::blocks::Block;

/// One of the six blocks of an agent.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub(super) kind: &'static Kind,
    /// At any length.
    value: Value,
    pub(super) place: Place,
    /// Acknowledged in this run.
    pub(super) fresh: bool,
}

/// What is known of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The agent's memory has none of that label.
    Missing,
    /// It has one that another project's agent has, too.
    Shared {
        /// Its id.
        id: String,
    },
    /// It has one of its own.
    Own {
        /// Its id.
        id: String,
        /// The characters that it takes.
        limit: usize,
        /// The sha-256 of its value, as last acknowledged.
        known: Option<[u8; 32]>,
    },
}

impl Slot {
    /// What the block is to say, within the limit of the one that is there.
    pub(super) fn text(&self) -> String {
        let limit = match self.place {
            Place::Own { limit, .. } => limit,
            Place::Missing | Place::Shared { .. } => blocks::LIMIT,
        };
        blocks::fit(self.value.clone(), limit)
    }

    /// Whether Letta has acknowledged just this.
    pub(super) fn is_settled(&self) -> bool {
        matches!(self.place, Place::Own { known: Some(known), .. } if known == sha256(&self.text()))
    }

    /// The row to store.
    pub(super) fn row(&self) -> Option<Block> {
        match &self.place {
            Place::Own { id, limit, known } => Some(Block {
                label: self.kind.label.to_owned(),
                id: id.clone(),
                limit: *limit,
                known: *known,
            }),
            Place::Missing | Place::Shared { .. } => None,
        }
    }
}

/// The six, as the state knows them.
pub(super) fn slots(values: [Value; KINDS.len()], known: &[Block]) -> Vec<Slot> {
    let place = |kind: &Kind| {
        let row = known.iter().find(|row| row.label == kind.label);
        row.map_or(Place::Missing, |row| Place::Own {
            id: row.id.clone(),
            limit: row.limit,
            known: row.known,
        })
    };
    KINDS
        .iter()
        .zip(values)
        .map(|(kind, value)| Slot { kind, value, place: place(kind), fresh: false })
        .collect()
}

/// The same, as an agent's memory was seen. `is_shared` knows blocks that other agents have.
pub(super) fn see(
    slots: &mut [Slot],
    seen: &[SeenBlock],
    project_tag: &str,
    is_shared: &dyn Fn(&str) -> bool,
) {
    for slot in slots {
        let block = seen.iter().find(|block| block.label == slot.kind.label);
        slot.place = match block {
            None => Place::Missing,
            Some(block) if is_foreign(block, project_tag) || is_shared(&block.id) => {
                Place::Shared { id: block.id.clone() }
            }
            Some(block) => own(block),
        };
    }
}

/// A block that is the agent's alone.
pub(super) fn own(block: &SeenBlock) -> Place {
    let limit = block.limit.unwrap_or(blocks::LIMIT);
    Place::Own { id: block.id.clone(), limit, known: Some(block.value) }
}

/// Whether its tags say that it is another project's.
fn is_foreign(block: &SeenBlock, project_tag: &str) -> bool {
    let mut projects = block.tags.iter().filter(|tag| tag.starts_with(PROJECT));
    projects.any(|tag| tag != project_tag)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn seen(label: &str, value: &str, tags: &[&str]) -> SeenBlock {
        SeenBlock {
            id: format!("block-{label}"),
            label: label.to_owned(),
            limit: Some(30),
            value: sha256(value),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        }
    }

    fn values() -> [Value; 6] {
        std::array::from_fn(|number| json!({"text": "x".repeat(number * 20)}))
    }

    #[test]
    fn a_block_is_held_against_what_fits_into_the_one_that_is_there() {
        let mut slots = slots(values(), &[]);
        assert!(slots.iter().all(|slot| slot.place == Place::Missing && !slot.is_settled()));
        let cut = blocks::fit(json!({"text": "x".repeat(60)}), 30);
        let memory = [
            seen("project", "{\"text\":\"\"}", &[]),
            seen("hotspots", &cut, &["project:P"]),
            seen("board_metrics", "?", &["project:Q"]),
            seen("change_log", "?", &[]),
        ];
        see(&mut slots, &memory, "project:P", &|id| id == "block-change_log");
        let settled: Vec<&str> =
            slots.iter().filter(|slot| slot.is_settled()).map(|slot| slot.kind.label).collect();
        assert_eq!(settled, ["project", "hotspots"]);
        let shared = |slot: &&Slot| matches!(slot.place, Place::Shared { .. });
        let shared: Vec<&str> = slots.iter().filter(shared).map(|slot| slot.kind.label).collect();
        assert_eq!(shared, ["board_metrics", "change_log"]);
        assert_eq!(slots.iter().filter_map(Slot::row).count(), 2);
    }
}
