//! Carries changes across linked pairs.

use crate::huly::{IssueWrite, Written};
use crate::model::{Field, Hash, Side};
use crate::store;
use crate::store::losers::{self, Loser};
use crate::store::outbox::{Entry, Kind as OutboxKind};
use crate::store::pending::Reason;
use crate::vibe::TaskWrite;

use super::super::desk::Desk;
use super::super::merge::{Merged, Step};
use super::super::normal::{self, BLANK};
use super::super::outgoing::{self, Sent};
use super::super::plan::{self, Item, Plan};
use super::super::stage::{SETTLED, key};
use super::super::trouble::Result;
use super::super::unlinked::adoption;
use super::super::view::{self, Pair};
use super::target::{self, Now, moved};
use super::{Fate, Results, fail, goes_on, write_down};

/// How often in a row a write gives way to a target that moved; then what was read last counts.
const DEFERRALS: u32 = 3;

/// What a body needs beside a text: field names, and what JSON escapes.
const ENVELOPE: usize = 512;

/// A pair on its way.
struct Work {
    pair: Pair,
    issue: Option<usize>,
    task: Option<usize>,
    adopted: bool,
    /// The halves as they are right now, where they were read.
    huly_now: Option<Now>,
    vibe_now: Option<Now>,
    to_huly: Sent,
    to_vibe: Sent,
    /// Row ids in the outbox.
    entries: Vec<(Side, i64)>,
    losers: Vec<i64>,
    /// It is out of this batch: marked, or with nothing left to write.
    dropped: bool,
}

impl Work {
    fn now(&self, side: Side) -> Option<&Now> {
        match side {
            Side::Huly => self.huly_now.as_ref(),
            Side::Vibe => self.vibe_now.as_ref(),
        }
    }

    fn sent(&self, side: Side) -> &Sent {
        match side {
            Side::Huly => &self.to_huly,
            Side::Vibe => &self.to_vibe,
        }
    }

    fn print(&self) -> Hash {
        print_of(&self.pair)
    }
}

/// The values of both halves: a refusal holds as long as they stay.
pub(super) fn print_of(pair: &Pair) -> Hash {
    let halves = [&pair.huly, &pair.vibe]
        .map(|half| plan::print(&half.title, half.status.as_deref(), half.text).0);
    Hash::of(&halves.concat())
}

/// Writes the pairs of a batch.
pub(super) fn write(desk: &mut Desk<'_>, _: &Plan, batch: &[Item]) -> Result<()> {
    let mut works = Vec::with_capacity(batch.len());
    for item in batch {
        if let Some(work) = load(desk, item)? {
            works.push(work);
        }
    }
    look_again(desk, &mut works)?;
    let mut results = Results::default();
    for work in works.iter_mut().filter(|work| !work.dropped) {
        compose(desk, work)?;
    }
    put_down(desk, &mut works)?;
    to_huly(desk, &mut works, &mut results)?;
    to_vibe(desk, &mut works, &mut results);
    for work in works {
        conclude(desk, work, &mut results);
    }
    results.commit(desk)
}

/// The pair as the plan saw it; `None` where a refusal of the same values still holds.
fn load(desk: &mut Desk<'_>, item: &Item) -> Result<Option<Work>> {
    let (row, link, issue, task, adopted) = match *item {
        Item::Pair { row, issue, task, .. } => {
            let stored = desk.pass.store.read(|state| store::issues::get(state, row))?;
            let Some(row) = stored else { return Ok(None) };
            let Some(link) = row.link.clone() else { return Ok(None) };
            (row, link, issue, task, false)
        }
        Item::Adopt { row, issue, task, marked, .. } => {
            let issue_slot = issue.map(|slot| slot as usize);
            let (row, link) = adoption(desk, row, issue_slot, task as usize, marked)?;
            (row, link, issue, Some(task), true)
        }
        _ => return Ok(None),
    };
    let (issue, task) = (issue.map(|slot| slot as usize), task.map(|slot| slot as usize));
    let pair = plan::merged(desk, row, link, issue, task)?;
    if desk.was_refused(&pair.row.identifier, print_of(&pair)) {
        desk.repeat_refusal(&pair.row.identifier);
        return Ok(None);
    }
    if desk.is_unanswered(&pair.row.identifier) {
        // A hanging write may still be carried out: one that follows now could be undone by it.
        let message = "an earlier write has not been answered yet".to_owned();
        desk.mark(&pair.row.identifier, Reason::Unanswered, None, message);
        return Ok(None);
    }
    Ok(Some(Work {
        pair,
        issue,
        task,
        adopted,
        huly_now: None,
        vibe_now: None,
        to_huly: Sent::default(),
        to_vibe: Sent::default(),
        entries: Vec::new(),
        losers: Vec::new(),
        dropped: false,
    }))
}

/// Whether this side must be read: it is written, or its text is sent and was not staged.
fn must_read(work: &Work, side: Side) -> bool {
    let pair = &work.pair;
    let slot = match side {
        Side::Huly => work.issue,
        Side::Vibe => work.task,
    };
    pair.merged.writes_to(side) || pair.merged.text.target() == Some(side.other()) && slot.is_none()
}

/// Re-reads the targets, and leaves those that moved for the next pass.
fn look_again(desk: &mut Desk<'_>, works: &mut [Work]) -> Result<()> {
    let wanted: Vec<&str> = works
        .iter()
        .filter(|work| must_read(work, Side::Huly) && !desk.abilities().conditional_writes)
        .map(|work| work.pair.row.identifier.as_str())
        .collect();
    let mut issues = target::issues(desk, &wanted)?;
    for work in works {
        let identifier = work.pair.row.identifier.clone();
        let mut read = Vec::new();
        if let Some(found) = issues.remove(&identifier) {
            read.push((Side::Huly, found));
        }
        if must_read(work, Side::Vibe) && desk.pass.stop.reached().is_none() {
            read.push((Side::Vibe, target::task(desk, &work.pair.link.task)));
        }
        for (side, found) in read {
            match found {
                Ok(Some(now)) => take(desk, work, side, now)?,
                // Gone meanwhile: the next lists will tell.
                Ok(None) => drop_moved(desk, work, "it is gone meanwhile"),
                Err(error) => {
                    let print = work.print();
                    let mut results = Results::default();
                    fail(desk, &mut results, &identifier, print, &error);
                    work.dropped = true;
                    if let Some(halt) = results.halt {
                        return Err(halt);
                    }
                }
            }
        }
    }
    Ok(())
}

/// Compares what was read now with what was planned from.
fn take(desk: &mut Desk<'_>, work: &mut Work, side: Side, now: Now) -> Result<()> {
    let half = now.half(&work.pair);
    // A status that is not resolved right now may be any: nothing is written over it.
    let unresolved = side == Side::Huly
        && half.status.is_none()
        && work.pair.merged.status.target() == Some(side);
    if !unresolved && !moved(side, work.pair.half(side), &half) {
        match side {
            Side::Huly => work.huly_now = Some(now),
            Side::Vibe => work.vibe_now = Some(now),
        }
        return Ok(());
    }
    let identifier = work.pair.row.identifier.clone();
    if desk.tries(&identifier, Reason::Moved) < DEFERRALS {
        drop_moved(desk, work, "it was changed while this pass was under way");
        return Ok(());
    }
    // The list and the single read do not agree, time and again: the single read counts.
    let pair = &mut work.pair;
    let merged = |pair: &Pair| -> Merged {
        super::super::merge::pair(
            desk.rules(),
            &pair.link.huly,
            &pair.link.vibe,
            &pair.huly.shown(),
            &pair.vibe.shown(),
        )
    };
    match side {
        Side::Huly => {
            pair.huly = half;
            work.huly_now = Some(now);
        }
        Side::Vibe => {
            pair.vibe = half;
            work.vibe_now = Some(now);
        }
    }
    pair.merged = merged(pair);
    Ok(())
}

fn drop_moved(desk: &mut Desk<'_>, work: &mut Work, why: &str) {
    if !work.dropped {
        desk.mark(&work.pair.row.identifier, Reason::Moved, None, why.to_owned());
    }
    work.dropped = true;
}

/// Puts together what is sent to each side.
fn compose(desk: &mut Desk<'_>, work: &mut Work) -> Result<()> {
    let mut text = None;
    if let Some(target) = work.pair.merged.text.target() {
        let plain = source_text(desk, work, target.other())?;
        if Some(normal::digest(&plain)) != work.pair.half(target.other()).text {
            drop_moved(desk, work, "its text was changed while this pass was under way");
            return Ok(());
        }
        if target == Side::Huly && is_too_large(desk, work, &plain) {
            let size = plain.len();
            let limit = desk.abilities().body_limit;
            let print = work.print();
            desk.mark(
                &work.pair.row.identifier.clone(),
                Reason::Refused,
                Some(print),
                format!("the description is too large for Huly: {size} bytes of {limit}"),
            );
            work.pair.merged.text = Step::Drift;
        } else {
            text = Some(plain);
        }
    }
    for side in [Side::Huly, Side::Vibe] {
        let sent = outgoing::to(desk, &work.pair, side, text.clone());
        match side {
            Side::Huly => work.to_huly = sent,
            Side::Vibe => work.to_vibe = sent,
        }
    }
    if work.to_huly.is_empty() && work.to_vibe.is_empty() {
        work.dropped = true;
    }
    Ok(())
}

fn is_too_large(desk: &Desk<'_>, work: &Work, plain: &str) -> bool {
    let marked = outgoing::marked(plain, &work.pair.row, &work.pair.link, Side::Huly);
    let escaped = serde_json::to_string(&marked).map_or(usize::MAX, |json| json.len());
    escaped + ENVELOPE > desk.abilities().body_limit
}

/// The text of the side that gives it, without markers.
fn source_text(desk: &Desk<'_>, work: &Work, side: Side) -> Result<String> {
    if let Some(now) = work.now(side) {
        return Ok(now.plain(&work.pair));
    }
    let slot = match side {
        Side::Huly => work.issue,
        Side::Vibe => work.task,
    };
    let Some(slot) = slot else { return Ok(String::new()) };
    let text = desk.stage.text(&desk.stage.get(side, slot)?)?;
    let own = view::own(&work.pair.row, &work.pair.link);
    Ok(super::super::marker::without_own(&text, own).into_owned())
}

/// Writes down what is to be sent, and what it will overwrite.
fn put_down(desk: &mut Desk<'_>, works: &mut [Work]) -> Result<()> {
    let mut entries: Vec<(usize, Entry)> = Vec::new();
    let mut lost: Vec<(usize, Loser)> = Vec::new();
    for (index, work) in works.iter().enumerate().filter(|(_, work)| !work.dropped) {
        for side in [Side::Huly, Side::Vibe] {
            let sent = work.sent(side);
            if sent.is_empty() {
                continue;
            }
            let from = work.pair.half(side.other());
            let mut entry = outgoing::entry(desk, OutboxKind::Update, side, sent, from);
            entry.identifier = Some(work.pair.row.identifier.clone());
            entry.task = Some(work.pair.link.task.clone());
            entries.push((index, entry));
        }
        lost.extend(losers(desk, work)?.into_iter().map(|loser| (index, loser)));
    }
    if entries.is_empty() {
        return Ok(());
    }
    let rows: Vec<Entry> = entries.iter().map(|(_, entry)| entry.clone()).collect();
    let losers: Vec<Loser> = lost.iter().map(|(_, loser)| loser.clone()).collect();
    let (entry_ids, loser_ids) = write_down(desk, &rows, &losers)?;
    for ((index, entry), id) in entries.iter().zip(entry_ids) {
        works[*index].entries.push((entry.side, id));
    }
    for ((index, _), id) in lost.iter().zip(loser_ids) {
        works[*index].losers.extend(id);
    }
    Ok(())
}

/// The values that this pair's writes overwrite against a change of their own, or erase.
fn losers(desk: &Desk<'_>, work: &Work) -> Result<Vec<Loser>> {
    let mut losers = Vec::new();
    for (field, step) in work.pair.merged.steps() {
        let kind = match step {
            Step::Conflict { first_sight: true, .. } => losers::Kind::FirstSight,
            Step::Conflict { .. } => losers::Kind::Conflict,
            Step::Write(_) if field == Field::Description && plan::erases(&work.pair) => {
                losers::Kind::Erased
            }
            _ => continue,
        };
        let Some(side) = step.target() else { continue };
        let sent = work.sent(side);
        let (lost, won) = match field {
            Field::Title if sent.title.is_some() => {
                (work.pair.half(side).title.clone(), work.pair.half(side.other()).title.clone())
            }
            Field::Status if sent.status.is_some() => (
                work.pair.half(side).status.clone().unwrap_or_default(),
                work.pair.half(side.other()).status.clone().unwrap_or_default(),
            ),
            Field::Description if sent.text.is_some() => {
                (source_text(desk, work, side)?, sent.text.clone().unwrap_or_default())
            }
            _ => continue,
        };
        losers.push(Loser {
            id: 0,
            project: String::new(),
            identifier: work.pair.row.identifier.clone(),
            task: Some(work.pair.link.task.clone()),
            field: field.to_string(),
            kind,
            winner: side.other(),
            lost,
            won,
            at: desk.pass.now,
            acked: None,
        });
    }
    Ok(losers)
}

/// Sends what goes to Huly, and reads back what became of it.
fn to_huly(desk: &mut Desk<'_>, works: &mut [Work], results: &mut Results) -> Result<()> {
    let chosen: Vec<usize> = (0..works.len())
        .filter(|&index| !works[index].dropped && !works[index].to_huly.is_empty())
        .collect();
    if chosen.is_empty() || !goes_on(desk, results) {
        for index in chosen {
            works[index].dropped = true;
            unsent(&mut works[index], results);
        }
        return Ok(());
    }
    let texts: Vec<Option<String>> = chosen
        .iter()
        .map(|&index| {
            let pair = &works[index].pair;
            let text = works[index].to_huly.text.as_deref()?;
            Some(outgoing::marked(text, &pair.row, &pair.link, Side::Huly))
        })
        .collect();
    let writes: Vec<IssueWrite<'_>> = chosen
        .iter()
        .zip(&texts)
        .map(|(&index, text)| {
            let work = &works[index];
            IssueWrite {
                identifier: &work.pair.row.identifier,
                id: work.pair.row.remote_id.as_deref(),
                expected: work.pair.huly.modified,
                title: work.to_huly.title.as_deref(),
                status: work.to_huly.status.as_deref(),
                text: text.as_deref(),
                text_is_blank: is_blank(work),
            }
        })
        .collect();
    let written = desk.pass.huly.write(&writes);
    drop(writes);
    let mut wrote_text = false;
    for (&index, written) in chosen.iter().zip(written) {
        let work = &mut works[index];
        wrote_text |= work.to_huly.text.is_some();
        match written {
            Ok(Written::Done) => desk.offline = 0,
            Ok(Written::Moved) => {
                drop_moved(desk, work, "it was changed while this pass was under way");
                unsent(work, results);
            }
            Ok(Written::NoSuchStatus(names)) => another_status(desk, work, &names, results)?,
            Err(error) => {
                let (identifier, print) = (work.pair.row.identifier.clone(), work.print());
                work.dropped = true;
                if let Fate::Undone = fail(desk, results, &identifier, print, &error) {
                    unsent(work, results);
                }
            }
        }
    }
    read_back(desk, works, &chosen, wrote_text, results)
}

/// Whether the issue's whole text, marker included, reads blank now.
fn is_blank(work: &Work) -> bool {
    match &work.huly_now {
        Some(now) => normal::digest(&now.text) == BLANK,
        None => work.pair.huly.text == Some(BLANK) && work.pair.link.marked == Side::Vibe,
    }
}

/// The project lacks the status, and said which ones it has: the next best one, if there is one.
fn another_status(
    desk: &mut Desk<'_>,
    work: &mut Work,
    names: &[String],
    results: &mut Results,
) -> Result<()> {
    desk.learn_statuses(names)?;
    let next = outgoing::status_for(desk, &work.pair.vibe, Side::Huly);
    work.to_huly.status.clone_from(&next);
    let Some(next) = next else {
        desk.say_unmapped(&work.pair);
        work.pair.merged.status = Step::Drift;
        return Ok(());
    };
    let write = IssueWrite {
        identifier: &work.pair.row.identifier,
        id: work.pair.row.remote_id.as_deref(),
        status: Some(&next),
        ..IssueWrite::default()
    };
    let ended = desk.pass.huly.write(&[write]).pop();
    if let Some(Err(error)) = ended {
        let (identifier, print) = (work.pair.row.identifier.clone(), work.print());
        work.dropped = true;
        if let Fate::Undone = fail(desk, results, &identifier, print, &error) {
            unsent(work, results);
        }
    }
    Ok(())
}

/// Reads back what was written: the base is each field as Huly gives it back.
fn read_back(
    desk: &mut Desk<'_>,
    works: &mut [Work],
    chosen: &[usize],
    wrote_text: bool,
    results: &mut Results,
) -> Result<()> {
    if wrote_text {
        desk.pass.stop.sleep(std::time::Duration::from_millis(desk.abilities().settle_ms));
    }
    let sent: Vec<usize> = chosen.iter().copied().filter(|&index| !works[index].dropped).collect();
    let names: Vec<&str> =
        sent.iter().map(|&index| works[index].pair.row.identifier.as_str()).collect();
    let mut found = match target::issues(desk, &names) {
        Ok(found) => found,
        Err(halt) => {
            // Sent, and not seen to be there: the outbox keeps it until it is.
            for &index in &sent {
                works[index].dropped = true;
            }
            results.halt = Some(halt);
            return Ok(());
        }
    };
    for &index in &sent {
        let work = &mut works[index];
        let identifier = work.pair.row.identifier.clone();
        match found.remove(&identifier) {
            Some(Ok(Some(now))) => judge(desk, work, &now),
            Some(Ok(None)) => drop_moved(desk, work, "it is gone meanwhile"),
            Some(Err(error)) => {
                desk.mark(&identifier, Reason::Unanswered, None, error.to_string());
                work.dropped = true;
            }
            None => {
                let message = "it was not read back".to_owned();
                desk.mark(&identifier, Reason::Unanswered, None, message);
                work.dropped = true;
            }
        }
    }
    Ok(())
}

/// Takes what was read back as Huly's half, as far as it is what was sent.
fn judge(desk: &mut Desk<'_>, work: &mut Work, now: &Now) {
    let before = work.pair.huly.clone();
    let mut half = now.half(&work.pair);
    let plain = now.plain(&work.pair);
    half.changed = None;
    let mut base = half.clone();
    if let Some(title) = &work.to_huly.title {
        base.title = normal::title(title).to_owned();
    }
    if let Some(status) = &work.to_huly.status
        && !half.status.as_deref().is_some_and(|now| now.eq_ignore_ascii_case(status))
    {
        base.status = Some(status.clone());
    }
    if let Some(text) = &work.to_huly.text {
        let sent = normal::digest(text);
        if !outgoing::arrived(&plain, sent, normal::words(text)) {
            if half.text == Some(BLANK) || half.text == before.text {
                not_arrived(desk, work);
            }
            base.text = Some(sent);
        }
    }
    for (field, step) in work.pair.merged.steps() {
        if step.target() == Some(Side::Huly) {
            let vibe = work.pair.vibe.clone();
            outgoing::agree(&mut work.pair.link, field, &base, &vibe);
        }
    }
    // What a person changed meanwhile is seen by the next pass: its list shows other bytes.
    work.pair.huly = half;
}

/// The text that was written does not show. It is tried again, and not for ever.
fn not_arrived(desk: &mut Desk<'_>, work: &mut Work) {
    let identifier = work.pair.row.identifier.clone();
    let message = "the description that was written does not show when it is read back".to_owned();
    let (reason, print) = if desk.tries(&identifier, Reason::NotArrived) >= DEFERRALS {
        (Reason::Refused, Some(work.print()))
    } else {
        (Reason::NotArrived, None)
    };
    desk.mark(&identifier, reason, print, message);
    work.pair.merged.text = Step::Drift;
    work.to_huly.text = None;
}

/// Sends what goes to Vibe, whose answers show what it stored.
fn to_vibe(desk: &mut Desk<'_>, works: &mut [Work], results: &mut Results) {
    for work in works.iter_mut().filter(|work| !work.to_vibe.is_empty()) {
        if work.dropped || !goes_on(desk, results) {
            work.dropped = true;
            unsent_to(work, Side::Vibe, results);
            continue;
        }
        let pair = &work.pair;
        let text = work.to_vibe.text.as_deref();
        let text = text.map(|text| outgoing::marked(text, &pair.row, &pair.link, Side::Vibe));
        let write = TaskWrite {
            title: work.to_vibe.title.as_deref(),
            status: work.to_vibe.status.as_deref(),
            text: text.as_deref(),
        };
        match desk.pass.vibe.update(&pair.link.task, &write) {
            Ok(task) => {
                desk.offline = 0;
                let half = Now::of_task(&task).half(&work.pair);
                for (field, step) in work.pair.merged.steps() {
                    if step.target() == Some(Side::Vibe) {
                        let huly = work.pair.huly.clone();
                        outgoing::agree(&mut work.pair.link, field, &huly, &half);
                    }
                }
                work.pair.vibe = half;
            }
            Err(error) => {
                let (identifier, print) = (work.pair.row.identifier.clone(), work.print());
                work.dropped = true;
                if let Fate::Undone = fail(desk, results, &identifier, print, &error) {
                    unsent_to(work, Side::Vibe, results);
                }
            }
        }
    }
}

/// Nothing of it was carried out.
fn unsent(work: &mut Work, results: &mut Results) {
    unsent_to(work, Side::Huly, results);
    unsent_to(work, Side::Vibe, results);
    results.removed_losers.append(&mut work.losers);
}

fn unsent_to(work: &mut Work, side: Side, results: &mut Results) {
    work.entries.retain(|(on, id)| {
        if *on == side {
            results.settled.push(*id);
        }
        *on != side
    });
}

/// Adds a work to what the batch came to.
fn conclude(desk: &mut Desk<'_>, mut work: Work, results: &mut Results) {
    let identifier = work.pair.row.identifier.clone();
    let marked = desk.marks.contains_key(&identifier) || work.pair.huly.status.is_none();
    for (side, name) in [(Side::Huly, &identifier), (Side::Vibe, &work.pair.link.task)] {
        if work.dropped || marked || !work.sent(side).is_empty() {
            desk.touch(side, key(name));
        }
    }
    if work.dropped {
        return;
    }
    outgoing::settle(desk, &mut work.pair);
    outgoing::remember(&mut work.pair);
    results.settled.extend(work.entries.iter().map(|(_, id)| *id));
    for side in [Side::Huly, Side::Vibe] {
        let sent = work.sent(side);
        if sent.is_empty() {
            continue;
        }
        desk.report.counts.updated.add(side, 1);
        let fields = [
            (Field::Title, sent.title.clone()),
            (Field::Description, None),
            (Field::Status, sent.status.clone()),
        ];
        for (field, step) in work.pair.merged.steps() {
            if step.target() != Some(side) {
                continue;
            }
            if let Step::Conflict { .. } = step {
                desk.report.counts.conflicts += 1;
                log::warn!(
                    "{identifier}: both sides changed the {field}; {}'s value stands, the other is \
                     kept (see `conflicts`)",
                    side.other()
                );
            }
            let new =
                fields.iter().find(|(name, _)| *name == field).and_then(|(_, new)| new.clone());
            results.field_change(desk, &identifier, field, side.other(), (None, new));
        }
    }
    // The source's bytes need no second look; the target's are other ones now.
    for (side, slot) in [(Side::Huly, work.issue), (Side::Vibe, work.task)] {
        if let Some(slot) = slot.filter(|_| work.sent(side).is_empty() && !marked) {
            desk.stage.set(side, slot, SETTLED);
        }
    }
    desk.adopted += u64::from(work.adopted);
    desk.done.insert(key(&identifier));
    results.rows.push(work.pair.row);
}
