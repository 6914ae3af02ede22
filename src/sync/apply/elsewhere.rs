//! Tasks whose issue a person moved to another project before this state knew the two as a pair: its id
//! tells. As with any pair whose issue was moved, the task ends here by policy, what it says otherwise than
//! the issue is kept, and the issue gets its task where it is.

use std::collections::HashMap;

use crate::model::{Hash, Side};
use crate::store::issues::Base;
use crate::store::pending::Reason;
use crate::sync::desk::Desk;
use crate::sync::item::Item;
use crate::sync::made::link_of;
use crate::sync::marker::{self, Own};
use crate::sync::normal;
use crate::sync::staged::Staged;
use crate::sync::status::CANCELLED;
use crate::sync::trouble::Result;
use crate::sync::unlinked::{row_of, seed_of};
use crate::sync::view;

use super::gone::{self, Work};
use super::target::{self, Now};
use super::{Results, fail, goes_on};

/// Ends the tasks of a batch, each where its issue is found in another project right now.
pub(super) fn end(desk: &mut Desk<'_>, batch: &[Item]) -> Result<()> {
    let mut tasks: HashMap<String, (usize, i64)> = HashMap::new();
    for item in batch {
        let Item::IssueElsewhere { task, stone } = *item else { continue };
        let seed = seed_of(desk, &desk.stage.get(Side::Vibe, task as usize)?.name, stone)?;
        if let Some(id) = desk.pass.huly.id_made_from(&seed)? {
            tasks.insert(id, (task as usize, stone));
        }
    }
    let ids: Vec<&str> = tasks.keys().map(String::as_str).collect();
    let names = desk.pass.huly.elsewhere(&desk.project.identifier, &ids)?;
    let wanted: Vec<&str> = names.values().map(String::as_str).collect();
    let mut found = target::issues(desk, &wanted)?;
    let mut results = Results::default();
    for (id, &(slot, stone)) in &tasks {
        if !goes_on(desk, &mut results) {
            break;
        }
        let task = desk.stage.get(Side::Vibe, slot)?;
        match names.get(id).and_then(|name| found.remove(name)) {
            Some(Ok(Some(now))) => {
                let work = work(desk, &task, slot, now)?;
                let buried = results.stones.len();
                gone::one(desk, &work, &mut results)?;
                if stone != 0 && results.stones.len() > buried {
                    results.removed_stones.push(stone);
                }
            }
            Some(Err(error)) => {
                fail(desk, &mut results, &task.name, Hash([0; 16]), &error);
            }
            Some(Ok(None)) | None => {
                let message = "its issue was moved while this pass was under way".to_owned();
                desk.mark(&task.name, Reason::Moved, None, message);
            }
        }
    }
    results.commit(desk)
}

/// The two as a pair whose issue has left: what the issue says is what they agreed on.
fn work(desk: &Desk<'_>, task: &Staged, slot: usize, now: Now) -> Result<Work> {
    let row = row_of(&now.staged);
    let mut link = link_of(task, Side::Huly);
    let own = Own { issue: Some(&row.identifier), task: Some(&task.name) };
    let issue = marker::without_own(&now.text, own).into_owned();
    let text = desk.stage.text(task)?;
    let has_same_words = normal::words(&marker::without_own(&text, own)) == normal::words(&issue);
    link.vibe = Base {
        title: Some(now.staged.title.clone()),
        status: desk.words().to_vibe(now.staged.status.as_deref(), now.staged.category),
        text: None,
    };
    let mut pair = view::pair(desk, row, link, None, Some(task))?;
    pair.link.vibe.text =
        if has_same_words { pair.vibe.text } else { Some(normal::digest(&issue)) };
    if pair.vibe.status.as_deref() == Some(CANCELLED) {
        pair.link.vibe.status = None;
    }
    Ok(Work { pair, gone: Side::Huly, survivor: Some(slot), proven: true, moved: Some(now) })
}
