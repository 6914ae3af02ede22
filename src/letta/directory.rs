//! Which agents there are: one listing, for all projects of a run.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use sha2::{Digest, Sha256};

use super::client::{Client, PAGE};
use super::name::{PROJECT, TAG};
use super::wire;
use crate::http::Result;

/// No page of any version is shorter than that while there are more.
const SMALLEST_PAGE: usize = 50;

/// An agent as listed; of its blocks' values only their hashes are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) tags: Vec<String>,
    pub(super) created: String,
    pub(super) blocks: Vec<SeenBlock>,
}

/// A block in an agent's memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SeenBlock {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) limit: Option<usize>,
    /// The sha-256 of its value.
    pub(super) value: [u8; 32],
    /// Where they are shown; no tags may mean that they were not.
    pub(super) tags: Vec<String>,
}

/// All agents that may be ours.
#[derive(Debug, Clone, Default)]
pub(super) struct Directory {
    agents: Vec<Seen>,
    /// Whether what is not in it is not there.
    whole: bool,
    /// Whether tags were heard, and shown.
    filtered: bool,
    /// Blocks that more than one agent has.
    shared: HashSet<String>,
}

/// The agent of a project.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// This one; and how many others say that they are.
    One(&'a Seen, usize),
    /// None says so, but these bear its name and show no tags: their blocks may tell.
    Perhaps(Vec<&'a Seen>),
    /// There is none.
    Absent,
    /// None was seen, and not all were.
    Unsure,
}

impl Seen {
    pub(super) fn of(agent: wire::Agent) -> Self {
        Self {
            id: agent.id,
            name: agent.name,
            tags: agent.tags,
            created: agent.created_at.unwrap_or_default(),
            blocks: agent.blocks.into_iter().filter_map(SeenBlock::of).collect(),
        }
    }

    pub(super) fn has(&self, wanted: &str) -> bool {
        self.tags.iter().any(|tag| tag == wanted)
    }

    /// Whether it is made by this tool for this project, and for no other.
    fn is_of(&self, project_tag: &str) -> bool {
        let projects: BTreeSet<&String> =
            self.tags.iter().filter(|tag| tag.starts_with(PROJECT)).collect();
        self.has(TAG) && self.has(project_tag) && projects.len() == 1
    }
}

impl SeenBlock {
    /// A block without a label is none that could be ours.
    pub(super) fn of(block: wire::Block) -> Option<Self> {
        Some(Self {
            id: block.id,
            label: block.label?,
            limit: block.limit,
            value: sha256(&block.value),
            tags: block.tags,
        })
    }
}

/// What a value is remembered by.
pub(super) fn sha256(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

impl Directory {
    /// Reads it to its end, or until a page repeats: an `after` that is not known any more begins
    /// anew, and so does each page where something on the way takes the query away.
    ///
    /// # Errors
    /// As any list.
    pub(super) fn read(client: &Client) -> Result<Self> {
        Self::of_pages(|after| client.agents(after, Seen::of))
    }

    fn of_pages(mut page: impl FnMut(Option<&str>) -> Result<Vec<Seen>>) -> Result<Self> {
        let (mut known, mut agents) = (HashSet::new(), Vec::new());
        let (mut after, mut filtered): (Option<String>, bool) = (None, true);
        let whole = loop {
            let listed = page(after.as_deref())?;
            filtered &= listed.iter().all(|agent| agent.has(TAG));
            let (count, before) = (listed.len(), known.len());
            after = listed.last().map(|agent| agent.id.clone());
            for agent in listed {
                if known.insert(agent.id.clone()) && (agent.has(TAG) || agent.tags.is_empty()) {
                    agents.push(agent);
                }
            }
            // Where the filter was not heard, neither was how long a page may be.
            if count < SMALLEST_PAGE || filtered && count < PAGE {
                break true;
            }
            if known.len() == before {
                break false;
            }
        };
        Ok(Self { shared: shared(&agents), agents, whole, filtered })
    }

    /// The agent of this id.
    pub(super) fn get(&self, id: &str) -> Option<&Seen> {
        self.agents.iter().find(|agent| agent.id == id)
    }

    /// Whether what is not in it is not there.
    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }

    /// Whether it lists those that have the tag, and no others.
    pub(super) fn is_filtered(&self) -> bool {
        self.filtered
    }

    /// Whether more than one agent has this block.
    pub(super) fn is_shared(&self, block: &str) -> bool {
        self.shared.contains(block)
    }

    /// The agent that is tagged as this project's; of several the one with its name, then the
    /// oldest. `gone` is known to be there no more.
    pub(super) fn find(&self, project_tag: &str, name: &str, gone: Option<&str>) -> Found<'_> {
        let mut fitting: Vec<&Seen> = self
            .agents
            .iter()
            .filter(|agent| agent.is_of(project_tag) && gone != Some(&agent.id))
            .collect();
        fitting.sort_by_key(|agent| (agent.name != name, &agent.created, &agent.id));
        if let Some(first) = fitting.first() {
            return Found::One(first, fitting.len() - 1);
        }
        let mute = |agent: &&Seen| agent.tags.is_empty() && agent.name == name;
        let named: Vec<&Seen> =
            self.agents.iter().filter(mute).filter(|agent| gone != Some(&agent.id)).collect();
        match (named.is_empty(), self.whole) {
            (false, _) => Found::Perhaps(named),
            (true, true) => Found::Absent,
            (true, false) => Found::Unsure,
        }
    }
}

fn shared(agents: &[Seen]) -> HashSet<String> {
    let mut users: BTreeMap<&str, u32> = BTreeMap::new();
    for block in agents.iter().flat_map(|agent| &agent.blocks) {
        *users.entry(&block.id).or_default() += 1;
    }
    users.into_iter().filter(|(_, users)| *users > 1).map(|(id, _)| id.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(number: usize, tags: &[&str]) -> Seen {
        Seen {
            id: format!("agent-{number:03}"),
            name: format!("Huly - {number}"),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            ..Seen::default()
        }
    }

    fn ours(number: usize) -> Seen {
        agent(number, &[TAG, &format!("project:P{number}")])
    }

    /// Pages of a server that takes this many at the most, and how many were asked for.
    fn pages(all: &[Seen], size: usize, hears: bool) -> (Directory, usize) {
        let mut asked = 0;
        let directory = Directory::of_pages(|after| {
            asked += 1;
            assert!(asked < 20, "it does not end");
            let known = after.filter(|_| hears);
            let place = known.and_then(|id| all.iter().position(|agent| agent.id == id));
            Ok(all.iter().skip(place.map_or(0, |at| at + 1)).take(size).cloned().collect())
        });
        (directory.unwrap(), asked)
    }

    fn find<'a>(directory: &'a Directory, number: usize) -> Found<'a> {
        directory.find(&format!("project:P{number}"), &format!("Huly - {number}"), None)
    }

    #[test]
    fn a_list_is_read_to_its_end() {
        let all: Vec<Seen> = (0..250).map(ours).collect();
        let (directory, asked) = pages(&all, PAGE, true);
        assert_eq!((directory.is_whole(), asked), (true, 3));
        assert_eq!(find(&directory, 249), Found::One(&all[249], 0));
        assert_eq!(find(&directory, 300), Found::Absent);
        assert_eq!(pages(&[], PAGE, true).1, 1);
        assert_eq!(pages(&all[..60], PAGE, true).1, 1);
    }

    #[test]
    fn a_page_that_repeats_ends_it_and_proves_no_absence() {
        let all: Vec<Seen> = (0..250).map(ours).collect();
        let (directory, asked) = pages(&all, PAGE, false);
        assert_eq!((directory.is_whole(), asked), (false, 2));
        assert_eq!(find(&directory, 7), Found::One(&all[7], 0));
        assert_eq!(find(&directory, 249), Found::Unsure);
    }

    #[test]
    fn where_the_query_is_taken_away_names_are_not_enough() {
        // Neither filter nor limit nor tags: the first fifty of all agents.
        let all: Vec<Seen> = (0..80).map(|number| agent(number, &[])).collect();
        let (directory, _) = pages(&all, 50, false);
        assert_eq!(find(&directory, 7), Found::Perhaps(vec![&all[7]]));
        assert_eq!(find(&directory, 70), Found::Unsure);
        // A short list is whole all the same.
        let (directory, asked) = pages(&all[..30], 50, false);
        assert_eq!((find(&directory, 70), asked), (Found::Absent, 1));
    }

    #[test]
    fn the_tag_decides_and_not_the_name() {
        let namesake = Seen { name: "Huly - 2".to_owned(), ..ours(1) };
        let other = agent(2, &["project:P2"]);
        let both = agent(3, &[TAG, "project:P3", "project:P4"]);
        let (directory, _) = pages(&[namesake.clone(), other, both], PAGE, true);
        assert_eq!(find(&directory, 1), Found::One(&namesake, 0));
        assert_eq!(find(&directory, 2), Found::Absent, "it was made by somebody else");
        assert_eq!(find(&directory, 3), Found::Absent, "it serves two projects");
    }

    #[test]
    fn of_several_the_one_with_the_name_then_the_oldest() {
        let made = |id: &str, name: &str, created: &str| Seen {
            id: id.to_owned(),
            name: name.to_owned(),
            created: created.to_owned(),
            ..ours(1)
        };
        let all = [
            made("a", "Huly - 1", "2026-02"),
            made("b", "Huly - 1", "2026-01"),
            made("c", "renamed", "2025-01"),
        ];
        let (directory, _) = pages(&all, PAGE, true);
        assert_eq!(find(&directory, 1), Found::One(&all[1], 2));
        let found = directory.find("project:P1", "Huly - 1", Some("b"));
        assert_eq!(found, Found::One(&all[0], 1));
    }

    #[test]
    fn a_block_of_two_agents_is_shared() {
        let block = |id: &str| SeenBlock { id: id.to_owned(), ..SeenBlock::default() };
        let one = Seen { blocks: vec![block("x"), block("y")], ..ours(1) };
        let two = Seen { blocks: vec![block("y"), block("z")], ..ours(2) };
        let (directory, _) = pages(&[one, two], PAGE, true);
        assert!(directory.is_shared("y") && !directory.is_shared("x"));
    }
}
