//! Carries a plan out, a hundred operations at a time: written down, sent, settled.

mod elsewhere;
mod ended;
mod found;
mod gone;
mod moved;
mod new_issues;
mod new_tasks;
pub(super) mod numbers;
mod pairs;
mod target;
mod told;

use std::time::{Duration, Instant};

use crate::http::{Error, Kind};
use crate::model::{Field, Hash, Side};
use crate::store;
use crate::store::changes::Change;
use crate::store::issues::Row;
use crate::store::losers::Loser;
use crate::store::outbox::Entry;
use crate::store::pending::Reason;
use crate::store::tombstones::Tombstone;

use super::desk::Desk;
use super::guard::Verdict;
use super::item::Item;
use super::order;
use super::plan::Plan;
use super::staged::Staged;
use super::trouble::{Result, Trouble};

/// Operations that are written down together.
const BATCH: usize = 100;

/// Bytes of text that a batch may hold: it ends after the item that passes it.
const TEXT: u64 = 1 << 20;

/// For how long the time of an outbox entry holds: what is sent later has it renewed, for a kill in the
/// middle. How long a hanging write may still be carried out counts from there.
const STAMP_HOLDS: Duration = Duration::from_secs(1);

/// Requests in a row that found nobody, until the project is left for another pass.
const PATIENCE: u32 = 3;

/// Does what the guard lets through. An early end leaves everything as the last batch left it.
pub(super) fn carry_out(desk: &mut Desk<'_>, plan: &Plan, verdict: Verdict) -> Result<()> {
    numbers::check(desk, plan)?;
    // A number that was given out again is free only when its old pair has ended.
    let order: [Step; 6] =
        [gone::end, pairs::write, gone::end, elsewhere::end, new_tasks::make, new_issues::make];
    for (turn, step) in order.into_iter().enumerate() {
        let mut batch = Vec::new();
        let mut text = 0;
        let mut with_revived = Vec::new();
        let items = if desk.revived.is_empty() {
            &plan.items
        } else {
            with_revived.extend(plan.items.iter().chain(&desk.revived).copied());
            order::creates_oldest_first(desk, &mut with_revived)?;
            &with_revived
        };
        for item in items.iter().filter(|item| turn_of(item) == Some(turn)) {
            if is_withheld(verdict, item) {
                withhold(desk, item)?;
                continue;
            }
            text += text_of(desk, item)?;
            batch.push(*item);
            if batch.len() == BATCH || text > TEXT {
                step(desk, &batch)?;
                batch.clear();
                text = 0;
            }
        }
        if !batch.is_empty() {
            step(desk, &batch)?;
        }
    }
    Ok(())
}

type Step = fn(&mut Desk<'_>, &[Item]) -> Result<()>;

fn turn_of(item: &Item) -> Option<usize> {
    match item {
        Item::IssueGone { proven: true, .. } => Some(0),
        Item::Pair { writes: true, .. } | Item::Adopt { writes: true, .. } => Some(1),
        Item::IssueGone { proven: false, .. } | Item::TaskGone { .. } => Some(2),
        Item::IssueElsewhere { .. } => Some(3),
        Item::NewTask { .. } => Some(4),
        Item::NewIssue { .. } => Some(5),
        Item::Pair { .. } | Item::Adopt { .. } | Item::Known { .. } | Item::Forget { .. } => None,
    }
}

/// Bytes of text that an item brings into memory.
fn text_of(desk: &Desk<'_>, item: &Item) -> Result<u64> {
    let (issue, task) = match *item {
        Item::Pair { issue, task, .. } => (issue, task),
        Item::Adopt { issue, task, .. } => (issue, Some(task)),
        Item::NewTask { issue, .. } => (Some(issue), None),
        Item::NewIssue { task, .. } => (None, Some(task)),
        _ => (None, None),
    };
    let mut bytes = 0;
    for (side, slot) in [(Side::Huly, issue), (Side::Vibe, task)] {
        if let Some(slot) = slot {
            let span = desk.stage.get(side, slot as usize)?.span;
            bytes += span.map_or(0, |span| u64::from(span.len));
        }
    }
    Ok(bytes)
}

pub(super) fn is_withheld(verdict: Verdict, item: &Item) -> bool {
    match item {
        Item::Pair { overwrites, .. } | Item::Adopt { overwrites, .. } => {
            *overwrites && verdict.overwrites
        }
        Item::NewTask { .. } => verdict.creates_vibe,
        Item::NewIssue { .. } => verdict.creates_huly,
        Item::IssueGone { .. } | Item::TaskGone { .. } | Item::IssueElsewhere { .. } => {
            verdict.deletions
        }
        Item::Known { .. } | Item::Forget { .. } => false,
    }
}

/// What a guard withholds is looked at again in every pass.
fn withhold(desk: &mut Desk<'_>, item: &Item) -> Result<()> {
    let name = match item {
        Item::Pair { row, .. } | Item::IssueGone { row, .. } | Item::TaskGone { row, .. } => {
            match desk.pass.store.read(|state| store::issues::get(state, *row))? {
                Some(row) => row.identifier,
                None => return Ok(()),
            }
        }
        Item::Adopt { task, .. }
        | Item::NewIssue { task, .. }
        | Item::IssueElsewhere { task, .. } => desk.stage.get(Side::Vibe, *task as usize)?.name,
        Item::NewTask { issue, .. } => desk.stage.get(Side::Huly, *issue as usize)?.name,
        Item::Known { .. } | Item::Forget { .. } => return Ok(()),
    };
    desk.mark(&name, Reason::Guarded, None, "withheld by a guard".to_owned());
    Ok(())
}

/// What a batch came to: committed at once, so that facts outlive a crash.
#[derive(Default)]
struct Results {
    rows: Vec<Row>,
    removed_rows: Vec<i64>,
    settled: Vec<i64>,
    stones: Vec<Tombstone>,
    /// Tombstones that an edit has passed already, and what is to be made anew.
    revived: Vec<(Tombstone, Item)>,
    removed_stones: Vec<i64>,
    removed_losers: Vec<i64>,
    changes: Vec<Change>,
    /// What ended the batch before its end.
    halt: Option<Trouble>,
}

impl Results {
    fn commit(self, desk: &mut Desk<'_>) -> Result<()> {
        let id = desk.project.id;
        // What is left open was given up just now at the latest, and may still be carried out.
        let mut open = std::mem::take(&mut desk.outgoing).entries;
        open.retain(|entry| !self.settled.contains(entry));
        let now = desk.pass.time();
        desk.has_rows |= !self.rows.is_empty();
        let revived = desk.pass.store.write(|state| {
            store::outbox::restamp(state, &open, now)?;
            for row in self.removed_rows {
                store::issues::remove(state, row)?;
            }
            store::issues::put_all(state, id, &self.rows)?;
            for entry in self.settled {
                store::outbox::remove(state, entry)?;
            }
            for stone in &self.stones {
                store::tombstones::add(state, id, stone)?;
            }
            let revived = self.revived.iter().map(|(buried, item)| {
                let stone = store::tombstones::add(state, id, buried)?;
                Ok(item.with_stone(stone))
            });
            let revived = revived.collect::<anyhow::Result<Vec<Item>>>()?;
            for stone in self.removed_stones {
                store::tombstones::remove(state, stone)?;
            }
            for loser in self.removed_losers {
                store::losers::remove(state, loser)?;
            }
            for change in &self.changes {
                store::changes::add(state, id, change)?;
            }
            Ok(revived)
        })?;
        desk.revived.extend(revived);
        if log::log_enabled!(log::Level::Info) {
            told::lines(&self.changes).iter().for_each(|line| log::info!("{line}"));
        }
        self.halt.map_or(Ok(()), Err)
    }

    fn change(&mut self, desk: &Desk<'_>, identifier: &str, kind: &'static str, side: Side) {
        self.changes.push(Change {
            identifier: identifier.to_owned(),
            kind,
            side,
            old: None,
            new: None,
            at: desk.pass.now,
        });
    }

    fn field_change(
        &mut self,
        desk: &Desk<'_>,
        identifier: &str,
        field: Field,
        from: Side,
        values: (Option<String>, Option<String>),
    ) {
        let kind = match field {
            Field::Title => "title",
            Field::Description => "description",
            Field::Status => "status",
        };
        self.changes.push(Change {
            identifier: identifier.to_owned(),
            kind,
            side: from,
            old: values.0,
            new: values.1,
            at: desk.pass.now,
        });
    }
}

/// Writes a batch down before anything of it is sent: row ids of the entries and of the losers.
fn write_down(
    desk: &mut Desk<'_>,
    entries: &[Entry],
    losers: &[Loser],
) -> Result<(Vec<i64>, Vec<Option<i64>>)> {
    let id = desk.project.id;
    let ids = desk.pass.store.write(|state| {
        store::projects::set_dirty(state, id, true)?;
        let entries = entries.iter().map(|entry| store::outbox::add(state, id, entry));
        let entries = entries.collect::<anyhow::Result<_>>()?;
        let losers = losers.iter().map(|loser| store::losers::add(state, id, loser));
        Ok((entries, losers.collect::<anyhow::Result<_>>()?))
    })?;
    desk.project.dirty = true;
    desk.outgoing.entries.extend(&ids.0);
    desk.outgoing.stamped = Some(Instant::now());
    Ok(ids)
}

/// Before each request that writes: renews the time of what was written down a while ago. Of all of the
/// batch, since it is one small write, and what was answered meanwhile goes when the batch ends.
fn renew_times(desk: &mut Desk<'_>) -> Result<()> {
    let outgoing = &mut desk.outgoing;
    if outgoing.stamped.is_none_or(|at| at.elapsed() < STAMP_HOLDS) {
        return Ok(());
    }
    let now = desk.pass.time();
    desk.pass.store.write(|state| store::outbox::restamp(state, &outgoing.entries, now))?;
    outgoing.stamped = Some(Instant::now());
    Ok(())
}

/// The same before one more item is begun with; whether to go on.
fn may_send(desk: &mut Desk<'_>, results: &mut Results) -> bool {
    if let Err(trouble) = renew_times(desk) {
        results.halt.get_or_insert(trouble);
    }
    results.halt.is_none()
}

/// What becomes of an item whose request failed.
enum Fate {
    /// It is settled that nothing was done: its entry goes.
    Undone,
    /// It may have been done: its entry stays.
    Open,
}

/// Marks an item whose request failed. Some failures end the batch.
fn fail(
    desk: &mut Desk<'_>,
    results: &mut Results,
    item: &str,
    print: Hash,
    error: &Error,
) -> Fate {
    match error.kind {
        Kind::Offline | Kind::Throttled => {
            desk.offline += 1;
            if desk.offline >= PATIENCE {
                results.halt = Some(Trouble::Remote(error.clone()));
            }
        }
        kind if kind.ends_all() => results.halt = Some(Trouble::Remote(error.clone())),
        _ => desk.offline = 0,
    }
    if error.ambiguous {
        desk.mark(item, Reason::Unanswered, None, error.to_string());
        return Fate::Open;
    }
    match error.kind {
        // By a limit that is known here. A 413 may as well be a firewall's, for another reason.
        Kind::TooLarge if error.status.is_none() => desk.hold(item, print, error.to_string()),
        kind if kind.is_transient() => {
            desk.mark(item, Reason::Failed, Some(print), error.to_string());
        }
        _ => desk.mark(item, Reason::Refused, Some(print), error.to_string()),
    }
    Fate::Undone
}

/// Whether to begin another item.
fn goes_on(desk: &Desk<'_>, results: &mut Results) -> bool {
    if results.halt.is_none() && desk.pass.stop.reached().is_some() {
        results.halt = Some(Trouble::Ended);
    }
    results.halt.is_none()
}

/// Takes what was seen of an issue into its row.
pub(super) fn renew(row: &mut Row, issue: &Staged) {
    if issue.status.is_some() && row.status != issue.status {
        row.status.clone_from(&issue.status);
        row.status_since = issue.modified;
    }
    row.title.clone_from(&issue.title);
    row.priority.clone_from(&issue.priority);
    row.modified = issue.modified.or(row.modified);
    row.created = issue.created.or(row.created);
    row.remote_id = issue.remote_id.clone().or(row.remote_id.take());
    if issue.text.is_some() {
        row.text = issue.text;
        row.text_ref.clone_from(&issue.text_ref);
    }
}
