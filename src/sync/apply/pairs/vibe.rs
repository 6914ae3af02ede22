//! Sends what goes to Vibe, whose answers show what it stored.

use crate::model::Side;
use crate::sync::apply::target::Now;
use crate::sync::apply::{Fate, Results, fail, goes_on};
use crate::sync::desk::Desk;
use crate::sync::read_back::{self, Habits};
use crate::vibe::TaskWrite;

use super::compose::{marked, restored};
use super::look::may_write_task;
use super::take_in;
use super::work::{Work, spare, unsent_to};

/// Sends what goes to Vibe, whose answers show what it stored.
pub(super) fn send(desk: &mut Desk<'_>, works: &mut [Work], results: &mut Results) {
    for work in works.iter_mut().filter(|work| !work.to_vibe.is_empty()) {
        if work.dropped || !goes_on(desk, results) {
            work.dropped = true;
            unsent_to(work, Side::Vibe, results);
            continue;
        }
        if !may_write_task(desk, work, results) {
            work.dropped = true;
            unsent_to(work, Side::Vibe, results);
            spare(work, results, |side, _| side == Side::Vibe);
            continue;
        }
        let pair = &work.pair;
        let text = match &work.to_vibe.text {
            Some(text) => Some(marked(work, text)),
            None => restored(work),
        };
        let write = TaskWrite {
            title: work.to_vibe.title.as_deref(),
            status: work.to_vibe.status.as_deref(),
            text: text.as_ref().map(|marked| marked.text.as_str()),
        };
        match desk.pass.vibe.update(&pair.link.task, &write) {
            Ok(task) => {
                desk.offline = 0;
                let now = Now::of_task(task);
                let (after, plain) = (now.half(&work.pair), now.plain(&work.pair));
                let habits = Habits { blanks: false, rendering: None };
                let (before, sent) = (&work.pair.vibe, &work.to_vibe);
                let read = read_back::compare(before, sent, &after, &plain, habits);
                take_in(desk, work, Side::Vibe, read);
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
