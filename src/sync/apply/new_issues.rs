//! Makes issues from tasks: one after another, since the bridge gives concurrent creates one
//! number.

use std::time::Instant;

use crate::huly::{Created, NewIssue, Place};
use crate::model::Side;
use crate::store;
use crate::store::issues::Row;
use crate::store::outbox::{Entry, Kind as OutboxKind};
use crate::store::pending::Reason;

use super::super::desk::Desk;
use super::super::item::Item;
use super::super::made::{bases, link_of};
use super::super::marker::{self, Marked, Marker, Own};
use super::super::normal;
use super::super::outgoing::{self, Sent};
use super::super::plan;
use super::super::rendering;
use super::super::stage::{SETTLED, key};
use super::super::staged::Staged;
use super::super::status;
use super::super::trouble::Result;
use super::super::unfit;
use super::super::unkept;
use super::super::unlinked::{row_of, seed_of};
use super::new_tasks::half_of;
use super::target;
use super::{Fate, Results, fail, found, goes_on, may_send, numbers, write_down};

mod statuses;

use self::statuses::write_statuses;

/// A task on its way to become an issue.
struct Work {
    slot: usize,
    stone: i64,
    /// What makes the new issue this very one, however often it is sent.
    seed: String,
    task: Staged,
    /// Title and text as they are sent, without the marker.
    title: String,
    text: String,
    entry: Entry,
    /// Once it is made.
    identifier: Option<String>,
    /// To be written after the create.
    status: Option<String>,
    /// When the create was answered, or the issue looked at since.
    looked: Option<Instant>,
    /// The status that the create gave, where that was told.
    given: Option<String>,
    /// The issue was there before the create.
    was_there: bool,
}

/// Makes the issues of a batch.
pub(super) fn make(desk: &mut Desk<'_>, batch: &[Item]) -> Result<()> {
    let mut works = Vec::with_capacity(batch.len());
    for item in batch {
        let Item::NewIssue { task, stone } = *item else { continue };
        works.extend(load(desk, task as usize, stone)?);
    }
    if works.is_empty() {
        return Ok(());
    }
    let entries: Vec<Entry> = works.iter().map(|work| work.entry.clone()).collect();
    let (ids, _) = write_down(desk, &entries, &[])?;
    for (work, id) in works.iter_mut().zip(ids) {
        work.entry.id = id;
    }
    let mut results = Results::default();
    create(desk, &mut works, &mut results)?;
    works.retain(|work| work.identifier.is_some());
    write_statuses(desk, &mut works, &mut results)?;
    read_back(desk, works, &mut results)?;
    results.commit(desk)
}

fn load(desk: &mut Desk<'_>, slot: usize, stone: i64) -> Result<Option<Work>> {
    let mut task = desk.stage.get(Side::Vibe, slot)?;
    let text = marker::without(&desk.stage.text(&task)?).into_owned();
    // As its pair will see it: what names another issue without a rule above is text of it.
    task.text = Some(normal::digest(&text));
    let half = half_of(&task);
    let mut sent = Sent {
        title: Some(task.title.clone()),
        status: outgoing::status_for(desk, &half, Side::Huly),
        text: Some(text),
    };
    let unfit = unfit::fit(&mut sent, Side::Huly, |text| {
        let marked = marker::with(text, &Marker::Task(task.name.clone()));
        outgoing::is_too_large(desk, &marked, &task.title)
    });
    let (Some(title), Some(text)) = (sent.title.clone(), sent.text.clone()) else {
        let print = plan::print(&task.title, task.status.as_deref(), task.text);
        let message = unfit.message(Side::Huly, desk.abilities().body_limit);
        desk.hold(&task.name, print, message);
        return Ok(None);
    };
    if unfit.nul {
        desk.say_nul(&task.name);
    }
    let mut entry = outgoing::entry(desk, OutboxKind::Create, Side::Huly, &sent, &half);
    entry.task = Some(task.name.clone());
    if task.status.as_deref() == Some(status::NEW_TASK) {
        // What the create gives will do.
        entry.sent_status = None;
    }
    let seed = seed_of(desk, &task.name, stone)?;
    Ok(Some(Work {
        slot,
        stone,
        seed,
        task,
        title,
        text,
        entry,
        identifier: None,
        status: None,
        looked: None,
        given: None,
        was_there: false,
    }))
}

/// What a create came to.
struct Made {
    identifier: String,
    /// To be written after the create.
    status: Option<String>,
    /// The status that was asked for, by the create or by what follows.
    wished: Option<String>,
    /// The status that the create gave, where that was told.
    given: Option<String>,
    was_there: bool,
    at: Instant,
}

/// Makes them; those that were not begun with are as if never planned.
fn create(desk: &mut Desk<'_>, works: &mut [Work], results: &mut Results) -> Result<()> {
    let project = desk.project.identifier.clone();
    let texts =
        works.iter().map(|work| marker::append(&work.text, &Marker::Task(work.task.name.clone())));
    let texts: Vec<Marked> = texts.collect();
    let new: Vec<NewIssue<'_>> = works
        .iter()
        .zip(&texts)
        .map(|(work, text)| NewIssue {
            project: &project,
            title: &work.title,
            text: &text.text,
            marker_at: text.marker_at,
            status: work.entry.sent_status.as_deref(),
            seed: &work.seed,
        })
        .collect();
    let mut ends: Vec<Option<Result<Option<Made>>>> = works.iter().map(|_| None).collect();
    if goes_on(desk, results) {
        let huly = desk.pass.huly.clone();
        huly.create(&new, &mut |index, created| {
            let end = judge(desk, &works[index], created, results);
            let well = end.is_ok();
            ends[index] = Some(end);
            well && goes_on(desk, results) && may_send(desk, results)
        });
    }
    drop(new);
    for (work, end) in works.iter_mut().zip(ends) {
        match end.transpose()? {
            Some(Some(made)) => {
                work.identifier = Some(made.identifier);
                work.status = made.status;
                (work.looked, work.given) = (Some(made.at), made.given);
                work.was_there = made.was_there;
                work.entry.sent_status = made.wished;
            }
            Some(None) => {}
            None => results.settled.push(work.entry.id),
        }
    }
    Ok(())
}

/// Takes in what became of one create; `None`: it was not made, or may not have been.
fn judge(
    desk: &mut Desk<'_>,
    work: &Work,
    created: crate::http::Result<Created>,
    results: &mut Results,
) -> Result<Option<Made>> {
    let task = &work.task;
    let created = match created {
        Ok(created) => created,
        Err(error) => {
            let print = plan::print(&task.title, task.status.as_deref(), task.text);
            desk.touch(Side::Vibe, key(&task.name));
            if let Fate::Undone = fail(desk, results, &task.name, print, &error) {
                results.settled.push(work.entry.id);
            }
            return Ok(None);
        }
    };
    desk.offline = 0;
    let (identifier, at) = (created.identifier, Instant::now());
    let was_there = match created.place {
        Place::New => false,
        Place::There => true,
        Place::Elsewhere => {
            let message = format!("its issue is {identifier} now, in another project");
            desk.mark(&task.name, Reason::Moved, None, message);
            desk.touch(Side::Vibe, key(&task.name));
            results.settled.push(work.entry.id);
            return Ok(None);
        }
    };
    desk.report.counts.created.huly += 1;
    let Some(given) = created.status.as_ref().filter(|_| !was_there) else {
        // What one has that was there already is its own, or looked at when the two are merged.
        let wished = work.entry.sent_status.clone();
        let status = wished.clone().filter(|_| !was_there);
        return Ok(Some(Made { identifier, status, wished, given: None, was_there, at }));
    };
    learn_first(desk, work, given)?;
    let status = if desk.words().to_vibe(Some(given), None) == task.status {
        None
    } else {
        outgoing::status_for(desk, &half_of(task), Side::Huly)
    };
    // One that the create took was asked for by it; another one of that meaning will do.
    let taken = work.entry.sent_status.clone().filter(|sent| sent.eq_ignore_ascii_case(given));
    let wished = status.clone().or(taken);
    Ok(Some(Made { identifier, status, wished, given: created.status, was_there, at }))
}

/// Remembers the status that a create gives in this project, unless it took the one wished for.
fn learn_first(desk: &mut Desk<'_>, work: &Work, given: &str) -> Result<()> {
    if work.entry.sent_status.as_deref() == Some(given)
        || desk.project.first_status.as_deref() == Some(given)
    {
        return Ok(());
    }
    desk.project.first_status = Some(given.to_owned());
    let id = desk.project.id;
    desk.pass.store.write(|state| store::projects::set_first_status(state, id, given))?;
    Ok(())
}

/// Links each issue with its task, on the values that Huly gives back.
fn read_back(desk: &mut Desk<'_>, works: Vec<Work>, results: &mut Results) -> Result<()> {
    let names: Vec<&str> = works.iter().filter_map(|work| work.identifier.as_deref()).collect();
    let mut found = match target::issues(desk, &names) {
        Ok(found) => found,
        Err(halt) => {
            results.halt = Some(halt);
            return Ok(());
        }
    };
    for work in works {
        let Some(identifier) = work.identifier.clone() else { continue };
        let now = match found.remove(&identifier) {
            Some(Ok(Some(now))) => now,
            Some(Ok(None)) | None => {
                let message = "the new issue was not found when it was read back".to_owned();
                desk.mark(&work.task.name, Reason::Unanswered, None, message);
                continue;
            }
            Some(Err(error)) => {
                desk.mark(&work.task.name, Reason::Unanswered, None, error.to_string());
                continue;
            }
        };
        let Some(row_id) = numbers::row_for(desk, &now.staged)? else {
            // Its outbox entry stays: it is linked when the old pair has ended.
            let message =
                format!("it got the number of {identifier}, whose deletion is not settled");
            desk.mark(&work.task.name, Reason::Unanswered, None, message);
            continue;
        };
        let mut row = Row { id: row_id, ..row_of(&now.staged) };
        let mut link = link_of(&work.task, Side::Huly);
        let own = Own { issue: Some(&identifier), task: Some(&work.task.name) };
        let plain = marker::without_own(&now.text, own);
        let shown = rendering::shown(&work.text, &plain, rendering::rendering(desk));
        let (huly, vibe) = bases(desk, &work.entry, &half_of(&now.staged), shown);
        link.huly = huly;
        link.vibe = vibe;
        unkept::note_rendering(desk, &identifier, shown, now.staged.text)?;
        unkept::say_dropped(desk, &identifier, &work.text);
        if work.was_there && !found::keep_what_agrees(desk, &mut link, &half_of(&now.staged)) {
            let message = "it was there already, and differs from its task".to_owned();
            desk.mark(&identifier, Reason::Moved, None, message);
        }
        row.link = Some(link);
        if row.link.as_ref().is_some_and(|link| link.vibe.status.is_none())
            && desk.lacks_status(work.task.status.as_deref())
        {
            desk.wait_for_status(&identifier, work.task.status.as_deref());
        }
        if desk.is_unfinished(&identifier) {
            desk.touch(Side::Vibe, key(&work.task.name));
        } else {
            desk.stage.set(Side::Vibe, work.slot, SETTLED);
        }
        desk.touch(Side::Huly, key(&identifier));
        desk.done.insert(key(&work.task.name));
        results.change(desk, &identifier, "new", Side::Vibe);
        results.settled.push(work.entry.id);
        if work.stone != 0 {
            results.removed_stones.push(work.stone);
        }
        results.rows.push(row);
    }
    Ok(())
}
