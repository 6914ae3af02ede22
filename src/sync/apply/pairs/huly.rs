//! Sends what goes to Huly, and reads back what became of it.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::huly::{IssueWrite, Seen, Status, Written};
use crate::model::{Field, Hash, Millis, Side};
use crate::store::pending::{Pending, Reason};
use crate::sync::apply::target::{self, Now};
use crate::sync::apply::{Fate, Results, fail, goes_on};
use crate::sync::desk::Desk;
use crate::sync::marker::Marked;
use crate::sync::merge::Step;
use crate::sync::normal::{self, BLANK};
use crate::sync::outgoing;
use crate::sync::read_back::{self, Habits, Outcome};
use crate::sync::rendering;
use crate::sync::trouble::Result;
use crate::sync::unkept;

use super::look::{MOVED, drop_moved, may_lie, may_write_issues};
use super::work::{Work, only, spare, unsent};
use super::{DEFERRALS, take_in};

/// After this an editor has saved what was typed, twice over: it does so within a minute.
const UNSAVED_MS: Millis = 120_000;

/// Sends what goes to Huly, and reads back what became of it. Of several pairs that ask for a status
/// that the project may lack, one asks for all.
pub(super) fn send(desk: &mut Desk<'_>, works: &mut [Work], results: &mut Results) -> Result<()> {
    let chosen =
        (0..works.len()).filter(|&index| !works[index].dropped && !works[index].to_huly.is_empty());
    let mut asked = HashSet::new();
    let (first, others): (Vec<usize>, Vec<usize>) = chosen.partition(|&index| {
        let status = works[index].to_huly.status.as_deref();
        status.is_none_or(|name| !desk.is_uncertain(name) || asked.insert(name.to_lowercase()))
    });
    send_these(desk, works, first, results)?;
    for &index in &others {
        let work = &mut works[index];
        if work.to_huly.status.as_deref().is_some_and(|name| desk.is_uncertain(name)) {
            match outgoing::status_for(desk, &work.pair.vibe, Side::Huly) {
                Some(next) => work.to_huly.status = Some(next),
                None => keep_status(work, results),
            }
        }
    }
    let others = others.into_iter().filter(|&index| !works[index].to_huly.is_empty()).collect();
    send_these(desk, works, others, results)
}

/// The task keeps a status that the project lacks.
fn keep_status(work: &mut Work, results: &mut Results) {
    work.to_huly.status = None;
    work.pair.merged.status = Step::Drift;
    work.pair.unmapped = true;
    spare(work, results, |side, field| side == Side::Huly && field == Field::Status);
}

fn send_these(
    desk: &mut Desk<'_>,
    works: &mut [Work],
    chosen: Vec<usize>,
    results: &mut Results,
) -> Result<()> {
    if chosen.is_empty() || !goes_on(desk, results) {
        for index in chosen {
            works[index].dropped = true;
            unsent(&mut works[index], results);
        }
        return Ok(());
    }
    let texts: Vec<Option<Marked>> = chosen
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
                seen: Some(Seen {
                    modified: work.pair.huly.modified,
                    title: &work.pair.huly.title,
                    status: work.pair.huly.status.as_deref(),
                    text_ref: work.pair.row.text_ref.as_deref(),
                }),
                title: work.to_huly.title.as_deref(),
                status: work.to_huly.status.as_deref(),
                text: text.as_ref().map(|marked| marked.text.as_str()),
                marker_at: text.as_ref().and_then(|marked| marked.marker_at),
                text_is_blank: is_blank(work),
                text_before: work.huly_now.as_ref().map(|now| now.text.as_str()),
                unsaved: unsaved_for_long(desk, &work.pair.row.identifier),
            }
        })
        .collect();
    let huly = desk.pass.huly.clone();
    let (shared, mut looks) = (&*works, HashMap::new());
    let written = huly.write(&writes, &mut |places| {
        let asked = places.iter().map(|&place| chosen[place]).collect();
        let go = may_write_issues(desk, shared, asked, &mut looks, results);
        (0..chosen.len()).filter(|&place| go.contains(&chosen[place])).collect()
    });
    drop(writes);
    let mut wrote_text = false;
    for (&index, written) in chosen.iter().zip(written) {
        let work = &mut works[index];
        wrote_text |= work.to_huly.text.is_some();
        match written {
            Ok(Written::Done) => desk.offline = 0,
            Ok(Written::Moved) => {
                note_moved(desk, work, results);
                work.dropped = true;
                unsent(work, results);
            }
            Ok(Written::Part(fields)) => {
                note_moved(desk, work, results);
                only(work, &fields, results);
            }
            Ok(Written::Typed(text, fields)) => {
                note_typed(desk, work, text, results);
                keep(work, &fields, results);
            }
            Ok(Written::TextRefused(fields, error)) => {
                let (identifier, print) = (work.pair.row.identifier.clone(), work.print());
                fail(desk, results, &identifier, print, &error);
                keep(work, &fields, results);
            }
            Ok(Written::NoSuchStatus(names)) => another_status(desk, work, names, results)?,
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

/// Marks a pair whose issue moved, where the second look has not; nothing moved where all was ended.
fn note_moved(desk: &mut Desk<'_>, work: &Work, results: &Results) {
    let identifier = &work.pair.row.identifier;
    if results.halt.is_none() && !desk.marks.contains_key(identifier) {
        desk.mark(identifier, Reason::Moved, None, MOVED.to_owned());
    }
}

/// Of what goes to Huly only these fields were written, or nothing.
fn keep(work: &mut Work, written: &[Field], results: &mut Results) {
    only(work, written, results);
    if work.to_huly.is_empty() {
        work.dropped = true;
        unsent(work, results);
    }
}

/// Marks a pair in whose description somebody is typing: the next pass finds it saved.
fn note_typed(desk: &mut Desk<'_>, work: &Work, text: Hash, results: &Results) {
    if results.halt.is_none() {
        let message = "its description is being edited in Huly and is not saved yet".to_owned();
        desk.mark(&work.pair.row.identifier, Reason::Moved, Some(text), message);
    }
}

/// What an earlier pass found unsaved in Huly's editors, where it was that long ago.
fn unsaved_for_long(desk: &Desk<'_>, identifier: &str) -> Option<Hash> {
    let was = desk.pending.get(identifier).filter(|was| was.reason == Reason::Moved)?;
    was.print.filter(|_| desk.pass.now - was.since >= UNSAVED_MS)
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
    names: Vec<Status>,
    results: &mut Results,
) -> Result<()> {
    desk.learn_refused(names)?;
    let Some(next) = outgoing::status_for(desk, &work.pair.vibe, Side::Huly) else {
        keep_status(work, results);
        return Ok(());
    };
    work.to_huly.status = Some(next.clone());
    let write = IssueWrite {
        identifier: &work.pair.row.identifier,
        id: work.pair.row.remote_id.as_deref(),
        status: Some(&next),
        ..IssueWrite::default()
    };
    let huly = desk.pass.huly.clone();
    let (shared, mut looks) = (&*work, HashMap::new());
    let written = huly.write(&[write], &mut |places| {
        let shared = std::slice::from_ref(shared);
        may_write_issues(desk, shared, places.to_vec(), &mut looks, results)
    });
    match written.into_iter().next() {
        Some(Err(error)) => {
            let (identifier, print) = (work.pair.row.identifier.clone(), work.print());
            work.dropped = true;
            if let Fate::Undone = fail(desk, results, &identifier, print, &error) {
                unsent(work, results);
            }
        }
        // It lists a status and does not take it: the task keeps its own.
        Some(Ok(Written::NoSuchStatus(_))) => keep_status(work, results),
        Some(Ok(
            Written::Moved | Written::Part(_) | Written::Typed(..) | Written::TextRefused(..),
        )) => {
            note_moved(desk, work, results);
            let others = [Field::Title, Field::Description];
            only(work, &others, results);
        }
        Some(Ok(Written::Done)) | None => {}
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
        desk.pass.stop.sleep(Duration::from_millis(desk.abilities().settle_ms));
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
            Some(Ok(Some(now))) => judge(desk, work, &now)?,
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

/// Takes in what was read back, as far as it is what was sent.
fn judge(desk: &mut Desk<'_>, work: &mut Work, now: &Now) -> Result<()> {
    let (after, plain) = (now.half(&work.pair), now.plain(&work.pair));
    let habits = Habits { blanks: may_lie(desk), rendering: Some(rendering::rendering(desk)) };
    let read = read_back::compare(&work.pair.huly, &work.to_huly, &after, &plain, habits);
    if let (Some(shown), Outcome::Arrived | Outcome::Cut) = (read.shown, read.text) {
        unkept::note_rendering(desk, &work.pair.row.identifier, shown, after.text)?;
        let sent = work.to_huly.text.as_deref().unwrap_or_default();
        unkept::say_dropped(desk, &work.pair.row.identifier, sent);
    }
    if work.to_huly.status.is_some() && read.status == Outcome::Arrived {
        desk.see_status(after.status.as_deref(), after.category);
    }
    let is_missing = read.text == Outcome::Back;
    if is_missing {
        work.pair.merged.text = Step::Drift;
    }
    take_in(desk, work, Side::Huly, read);
    if after.text.is_some() {
        // As long as the reference stays, so does the text.
        work.pair.row.text_ref.clone_from(&now.staged.text_ref);
    }
    if is_missing {
        not_arrived(desk, work);
    }
    Ok(())
}

/// The text that was written does not show. It is tried again, and not for ever: what Huly takes and
/// does not show, time and again, is an edit that it has no words for.
fn not_arrived(desk: &mut Desk<'_>, work: &mut Work) {
    let identifier = work.pair.row.identifier.clone();
    // An edit after one that was given up begins anew.
    let begins = desk.pending.get(&identifier).is_some_and(Pending::is_held);
    if begins || desk.tries(&identifier, Reason::NotArrived) < DEFERRALS {
        let message = "the description that was written does not show when it is read back";
        desk.mark(&identifier, Reason::NotArrived, None, message.to_owned());
    } else {
        unkept::hold(desk, &identifier, work.print());
    }
    work.to_huly.text = None;
}
