//! What is to be done with a project: every pair merged, every new item placed. Nothing is
//! written here.

use std::collections::HashSet;

use crate::model::{Field, Hash, Side};
use crate::report::Mode;
use crate::store;
use crate::store::issues::Row;
use crate::store::pending::Reason;

use super::desk::Desk;
use super::guard::Counts;
use super::halves::Pair;
use super::item::Item;
use super::merge::Step;
use super::normal::BLANK;
use super::order;
use super::stage::{self, DOUBLE, TAKEN};
use super::staged::Staged;
use super::trouble::{Result, Trouble};
use super::view;

/// All that is to be done with a project.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) items: Vec<Item>,
    pub(super) counts: Counts,
    /// Issues that the state knows and that have no link: key and row.
    pub(super) unlinked: Vec<(u64, i64)>,
    /// There are proven deletions of earlier passes.
    pub(super) has_stones: bool,
    /// The backend's own ids of issues that share their identifier with another, as keys.
    doubled: HashSet<u64>,
}

impl Plan {
    /// The row of an issue that is known and not linked; 0 for none.
    pub(super) fn row_of(&self, key: u64) -> i64 {
        let first = self.unlinked.partition_point(|&(known, _)| known < key);
        self.unlinked.get(first).filter(|(known, _)| *known == key).map_or(0, |&(_, row)| row)
    }
}

/// Makes the plan.
pub(super) fn make(desk: &mut Desk<'_>) -> Result<Plan> {
    let mut plan = Plan::default();
    if is_quiet(desk) {
        return Ok(plan);
    }
    plan.doubled = doubled(desk)?;
    rows(desk, &mut plan)?;
    super::unlinked::place(desk, &mut plan)?;
    order::creates_oldest_first(desk, &mut plan.items)?;
    count(&mut plan);
    plan.counts.first_pass = desk.project.success.is_none();
    Ok(plan)
}

/// Issues that are there, under an identifier that is not theirs alone.
fn doubled(desk: &Desk<'_>) -> Result<HashSet<u64>> {
    let mut doubled = HashSet::new();
    for slot in 0..desk.stage.slots(Side::Huly).len() {
        if desk.stage.has(Side::Huly, slot, DOUBLE) {
            let id = desk.stage.get(Side::Huly, slot)?.remote_id;
            doubled.extend(id.map(|id| stage::key(&id)));
        }
    }
    Ok(doubled)
}

/// Both lists are those of the last pass, and it left nothing undone.
fn is_quiet(desk: &Desk<'_>) -> bool {
    let no_news = |side| desk.stage.slots(side).is_empty();
    no_news(Side::Huly)
        && no_news(Side::Vibe)
        && (desk.mode == Mode::Incremental || desk.known_huly.all_seen())
        && desk.known_vibe.all_seen()
        && !desk.has_unfinished()
        && desk.new_words.is_none()
        && !desk.project.dirty
        && !desk.project.released
}

/// Keys of the items that a side showed, in order: those staged are found apart.
fn present(desk: &Desk<'_>, side: Side) -> Vec<u64> {
    let known = match side {
        Side::Huly => &desk.known_huly,
        Side::Vibe => &desk.known_vibe,
    };
    let mut keys: Vec<u64> = known.seen().collect();
    keys.sort_unstable();
    keys
}

/// Looks at every row that the state has of the project.
fn rows(desk: &mut Desk<'_>, plan: &mut Plan) -> Result<()> {
    let vibe = present(desk, Side::Vibe);
    let huly = match desk.mode {
        Mode::Full => present(desk, Side::Huly),
        Mode::Incremental => Vec::new(),
    };
    let store = desk.pass.store.clone();
    let id = desk.project.id;
    let mut trouble = None;
    let (mut links, mut any) = (0, false);
    let mut waiting: HashSet<String> = desk
        .pending
        .iter()
        .filter(|(_, was)| was.reason == Reason::Unmapped)
        .map(|(item, _)| item.clone())
        .collect();
    store.read(|state| {
        plan.has_stones = store::tombstones::any(state, id)?;
        store::issues::scan(state, id, |row| {
            any = true;
            links += u64::from(row.link.is_some());
            if row.link.is_some() {
                waiting.remove(&row.identifier);
            }
            if trouble.is_none() {
                trouble = one(desk, plan, row, &huly, &vibe).err();
            }
            Ok(())
        })
    })?;
    // Pairs that waited for a status, and are none any more.
    desk.looked_at.extend(waiting);
    plan.counts.links = links;
    desk.has_rows = any;
    plan.unlinked.sort_unstable();
    trouble.map_or(Ok(()), Err)
}

fn one(desk: &mut Desk<'_>, plan: &mut Plan, row: Row, huly: &[u64], vibe: &[u64]) -> Result<()> {
    let issue_key = stage::key(&row.identifier);
    let mut issue = desk.stage.find(Side::Huly, &row.identifier);
    let got_anothers_number = !plan.doubled.is_empty()
        && row.remote_id.as_ref().is_some_and(|id| plan.doubled.contains(&stage::key(id)));
    if issue.is_some_and(|slot| desk.stage.has(Side::Huly, slot, DOUBLE)) || got_anothers_number {
        // Which of the two it is, nobody knows: nothing is done with this row, nor with its task.
        let task = row.link.and_then(|link| desk.stage.find(Side::Vibe, &link.task));
        if let Some(slot) = task {
            desk.stage.set(Side::Vibe, slot, TAKEN);
        }
        return Ok(());
    }
    let issue_absent =
        desk.mode == Mode::Full && issue.is_none() && huly.binary_search(&issue_key).is_err();
    let mut another = false;
    if let Some(slot) = issue {
        another = !is_same_issue(&row, &desk.stage.get(Side::Huly, slot)?);
        if another {
            if desk.mode == Mode::Incremental {
                return Err(Trouble::NeedsFull);
            }
            // The number was given out again: what is staged is a new issue.
            issue = None;
        }
    }
    let Some(link) = row.link.clone() else {
        if issue_absent || another {
            plan.items.push(Item::Forget { row: row.id });
        } else {
            plan.unlinked.push((issue_key, row.id));
        }
        return Ok(());
    };
    let task = desk.stage.find(Side::Vibe, &link.task);
    let task_absent = desk.vibe_id.is_some()
        && task.is_none()
        && vibe.binary_search(&stage::key(&link.task)).is_err();
    for (side, slot) in [(Side::Huly, issue), (Side::Vibe, task)] {
        if let Some(slot) = slot {
            desk.stage.set(side, slot, TAKEN);
        }
    }
    let (issue_slot, task_slot) = (issue.map(small), task.map(small));
    if issue_absent || another {
        let proven = another;
        plan.items.push(Item::IssueGone { row: row.id, task: task_slot, proven });
        return Ok(());
    }
    if task_absent {
        plan.items.push(Item::TaskGone { row: row.id, issue: issue_slot });
        return Ok(());
    }
    let is_pending = [&row.identifier, &link.task].iter().any(|item| {
        desk.pending
            .get(*item)
            .is_some_and(|was| was.reason != Reason::Unmapped || desk.is_due(was))
    });
    let is_seen = issue.is_some() || task.is_some() || is_pending;
    if !is_seen && desk.new_words.is_none() {
        return Ok(());
    }
    let id = row.id;
    let pair = merged(desk, row, link, issue, task)?;
    if !is_seen && pair.merged.status == Step::Nothing {
        return Ok(());
    }
    let (writes, overwrites) = weigh(desk, &pair);
    plan.items.push(Item::Pair { row: id, issue: issue_slot, task: task_slot, writes, overwrites });
    Ok(())
}

/// The pair of a stored row, merged with what is staged of it; `None` where the row is no link any
/// more.
pub(super) fn stored_pair(
    desk: &Desk<'_>,
    row: i64,
    issue: Option<u32>,
    task: Option<u32>,
) -> Result<Option<Pair>> {
    let stored = desk.pass.store.read(|state| store::issues::get(state, row))?;
    let Some(row) = stored else { return Ok(None) };
    let Some(link) = row.link.clone() else { return Ok(None) };
    let (issue, task) = (issue.map(|slot| slot as usize), task.map(|slot| slot as usize));
    merged(desk, row, link, issue, task).map(Some)
}

/// Merges the pair of a row with what is staged of it.
pub(super) fn merged(
    desk: &Desk<'_>,
    row: Row,
    link: store::issues::Link,
    issue: Option<usize>,
    task: Option<usize>,
) -> Result<Pair> {
    let issue = issue.map(|slot| desk.stage.get(Side::Huly, slot)).transpose()?;
    let task = task.map(|slot| desk.stage.get(Side::Vibe, slot)).transpose()?;
    view::pair(desk, row, link, issue.as_ref(), task.as_ref())
}

/// Whether a side is written, and whether a value is overwritten against a change of its own, or since
/// statuses translate in another way, or a text is erased.
pub(super) fn weigh(desk: &Desk<'_>, pair: &Pair) -> (bool, bool) {
    let writes = pair.merged.writes_to(Side::Huly) || pair.merged.writes_to(Side::Vibe);
    let conflicts = pair
        .merged
        .steps()
        .iter()
        .any(|(_, step)| matches!(step, Step::Conflict { .. } | Step::Remap));
    (writes, conflicts || erases(pair) || desk.project.released && had_drifted(pair))
}

/// Whether a value is carried across that was no longer as agreed before this pass: a direction
/// that was closed until now held it back.
fn had_drifted(pair: &Pair) -> bool {
    let (row, link) = (&pair.row, &pair.link);
    pair.merged.steps().into_iter().any(|(field, step)| match (field, step.target()) {
        (_, None) => false,
        (Field::Title, Some(Side::Huly)) => Some(&link.task_title) != link.vibe.title.as_ref(),
        (Field::Status, Some(Side::Huly)) => Some(&link.task_status) != link.vibe.status.as_ref(),
        (Field::Description, Some(Side::Huly)) => Some(link.task_text) != link.vibe.text,
        (Field::Title, Some(Side::Vibe)) => Some(&row.title) != link.huly.title.as_ref(),
        (Field::Status, Some(Side::Vibe)) => row.status != link.huly.status,
        (Field::Description, Some(Side::Vibe)) => row.text.is_some() && row.text != link.huly.text,
    })
}

/// Whether a text is replaced by nothing.
pub(super) fn erases(pair: &Pair) -> bool {
    pair.merged.text.target().is_some_and(|target| {
        pair.half(target.other()).text == Some(BLANK) && pair.half(target).text != Some(BLANK)
    })
}

/// Whether what is listed under an identifier is the issue that the row is about.
pub(super) fn is_same_issue(row: &Row, staged: &Staged) -> bool {
    match (&row.remote_id, &staged.remote_id) {
        (Some(before), Some(now)) => before == now,
        _ => match (row.created, staged.created) {
            (Some(before), Some(now)) => before == now,
            _ => true,
        },
    }
}

fn count(plan: &mut Plan) {
    let counts = &mut plan.counts;
    for item in &plan.items {
        match item {
            Item::Pair { overwrites, .. } => counts.overwrites += u64::from(*overwrites),
            Item::Adopt { overwrites, .. } => {
                counts.links += 1;
                counts.overwrites += u64::from(*overwrites);
            }
            Item::NewTask { .. } => counts.creates_vibe += 1,
            Item::NewIssue { .. } => counts.creates_huly += 1,
            Item::IssueGone { .. } | Item::TaskGone { .. } | Item::IssueElsewhere { .. } => {
                counts.deletions += 1;
            }
            Item::Known { .. } | Item::Forget { .. } => {}
        }
    }
}

/// A slot as the plan keeps it. One project has fewer than four billion items.
pub(super) fn small(slot: usize) -> u32 {
    u32::try_from(slot).unwrap_or(u32::MAX)
}

/// The values of an item as one hash: what a refusal or a tombstone is about.
pub(super) fn print(title: &str, status: Option<&str>, text: Option<Hash>) -> Hash {
    let text = text.unwrap_or(BLANK);
    let status = status.unwrap_or_default();
    let mut bytes = Vec::with_capacity(title.len() + status.len() + 18);
    for part in [title.as_bytes(), status.as_bytes(), &text.0] {
        bytes.extend_from_slice(part);
        bytes.push(0);
    }
    Hash::of(&bytes)
}
