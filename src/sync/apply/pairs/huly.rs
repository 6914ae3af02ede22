//! Sends what goes to Huly, and reads back what became of it.

use std::collections::HashMap;
use std::time::Duration;

use crate::huly::platform::markup::Shown;
use crate::huly::{IssueWrite, Seen, Status, Written};
use crate::model::{Field, Side};
use crate::store::pending::{Pending, Reason};
use crate::sync::apply::target::{self, Now};
use crate::sync::apply::{Fate, Results, fail, goes_on};
use crate::sync::desk::Desk;
use crate::sync::marker::Marked;
use crate::sync::merge::Step;
use crate::sync::normal::{self, BLANK};
use crate::sync::outgoing;
use crate::sync::rendering;
use crate::sync::trouble::Result;
use crate::sync::unkept;

use super::DEFERRALS;
use super::look::{MOVED, drop_moved, may_lie, may_write_issues};
use super::work::{Work, only, unsent};

/// Sends what goes to Huly, and reads back what became of it.
pub(super) fn send(desk: &mut Desk<'_>, works: &mut [Work], results: &mut Results) -> Result<()> {
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
        Some(Ok(Written::NoSuchStatus(_))) => {
            work.to_huly.status = None;
            desk.say_unmapped(&work.pair);
            work.pair.merged.status = Step::Drift;
        }
        Some(Ok(Written::Moved | Written::Part(_))) => {
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

/// Takes what was read back as Huly's half, as far as it is what was sent.
fn judge(desk: &mut Desk<'_>, work: &mut Work, now: &Now) -> Result<()> {
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
    let mut is_missing = false;
    if let Some(text) = &work.to_huly.text {
        let shown = rendering::shown(text, &plain, rendering::rendering(desk));
        is_missing =
            !rendering::is_whole(shown) && (half.text == Some(BLANK) || half.text == before.text);
        if is_missing {
            work.pair.merged.text = Step::Drift;
        } else if shown == Shown::Otherwise {
            // Somebody has edited it since: against what was sent, that is a change.
            base.text = Some(normal::digest(text));
        } else {
            unkept::note_rendering(desk, &work.pair.row.identifier, shown, half.text)?;
        }
    }
    for (field, step) in work.pair.merged.steps() {
        if step.target() == Some(Side::Huly) {
            let vibe = work.pair.vibe.clone();
            outgoing::agree(&mut work.pair.link, field, &base, &vibe);
        }
    }
    let sent_blank = work.to_huly.text.as_deref().is_some_and(|text| normal::digest(text) == BLANK);
    if may_lie(desk) && half.text == Some(BLANK) && !sent_blank {
        // One look proves no blank.
        half.text = before.text;
    }
    // What a person changed meanwhile is seen by the next pass: its list shows other bytes.
    work.pair.huly = half;
    // As long as the reference stays, so does the text.
    work.pair.row.text_ref.clone_from(&now.staged.text_ref);
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
