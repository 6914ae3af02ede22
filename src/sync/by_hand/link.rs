//! Makes a pair of an issue and a task.

use std::time::Duration;

use anyhow::Result;

use super::target::read_issue;
use crate::exit::{Exit, Expected};
use crate::http::Listed;
use crate::huly::{self, IssueWrite, Seen, Written};
use crate::model::{Millis, Side};
use crate::store::changes::Change;
use crate::store::issues::{Link, Row};
use crate::store::pending::Pending;
use crate::store::projects::Project;
use crate::store::{self};
use crate::sync::apply::renew;
use crate::sync::detect::detect;
use crate::sync::input::Input;
use crate::sync::made::link_of;
use crate::sync::marker::{self, Marker};
use crate::sync::normal;
use crate::sync::plan;
use crate::sync::staged::Staged;
use crate::sync::unlinked::row_of;
use crate::sync::view;

use crate::vibe::{Task, TaskWrite};

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linked {
    /// They are a pair now, or would be after a dry run.
    Now,
    /// They were one before.
    Before,
}

/// Both halves as they are now.
struct Halves {
    issue: (Staged, String),
    task: (Staged, String),
}

/// Links an issue of `project` with a task of its Vibe project. Both are read; the task gets the
/// issue's marker, and a marker of another task goes from the issue, so that the pair outlives the
/// state. The next pass looks at the two as at first sight.
///
/// # Errors
/// One of them is not there, is linked elsewhere, or is of another project; a request failed.
pub fn link(input: &Input, project: &Project, identifier: &str, task: &str) -> Result<Linked> {
    let stored =
        input.store.read(|state| store::issues::by_identifier(state, project.id, identifier))?;
    if let Some(other) = stored.as_ref().and_then(|row| row.link.as_ref()) {
        if other.task.eq_ignore_ascii_case(task) {
            return Ok(Linked::Before);
        }
        return refuse(format!(
            "{identifier} has the task {}: `forget {identifier}` ends that pair first",
            other.task
        ));
    }
    refuse_taken(input, task)?;
    refuse_unsettled(input, project, identifier, task)?;
    open(input, project)?;
    let mut halves = read(input, project, identifier, task)?;
    if let Some(row) = &stored
        && !plan::is_same_issue(row, &halves.issue.0)
    {
        let message = format!(
            "{identifier} is another issue now: run `sync-project {}` first",
            project.identifier
        );
        return Err(Expected::new(Exit::Later, message).into());
    }
    if input.dry_run {
        return Ok(Linked::Now);
    }
    mark(input, &mut halves)?;
    let (row, link) = pair(stored, &halves);
    input.store.write(|state| keep(state, project.id, row, link, input.now))?;
    Ok(Linked::Now)
}

fn refuse<T>(message: String) -> Result<T> {
    Err(Expected::new(Exit::Usage, message).into())
}

/// A task has one issue, in whichever project.
fn refuse_taken(input: &Input, task: &str) -> Result<()> {
    let other = input.store.read(|state| {
        for project in store::projects::all(state)? {
            if let Some(row) = store::issues::by_task(state, project.id, task)? {
                return Ok(Some(row.identifier));
            }
        }
        Ok(None)
    })?;
    match other {
        None => Ok(()),
        Some(other) => {
            refuse(format!("task {task} belongs to {other}: `forget {other}` ends that pair first"))
        }
    }
}

/// What was sent for one of them may still make another pair of it.
fn refuse_unsettled(input: &Input, project: &Project, identifier: &str, task: &str) -> Result<()> {
    let open = input.store.read(|state| store::outbox::of(state, project.id))?;
    let is_open = open.iter().any(|entry| {
        entry.identifier.as_deref() == Some(identifier) || entry.task.as_deref() == Some(task)
    });
    if !is_open {
        return Ok(());
    }
    let message = format!(
        "what was sent for it is not settled yet: run `sync-project {}` first",
        project.identifier
    );
    Err(Expected::new(Exit::Later, message).into())
}

/// Opens Huly, and finds out which one it is.
fn open(input: &Input, project: &Project) -> Result<()> {
    input.huly.probe()?;
    let listed = input.huly.projects()?;
    if !listed.iter().any(|listed| listed.identifier == project.identifier) {
        return refuse(format!("Huly lists no project {} any more", project.identifier));
    }
    detect(input, &listed)
}

fn read(input: &Input, project: &Project, identifier: &str, task: &str) -> Result<Halves> {
    let Some(issue) = read_issue(input, identifier)? else {
        return refuse(format!("there is no issue {identifier} in Huly"));
    };
    let vibe_id = project.vibe_id.as_deref().unwrap_or_default();
    let mut found: Option<Task> = None;
    // The list alone tells whose task it is.
    input.vibe.tasks(vibe_id, &mut |listed: Listed<'_>| {
        match listed {
            Listed::Restart => found = None,
            Listed::Element(_, element) => {
                let one = input.vibe.parse(element)?;
                if one.id.eq_ignore_ascii_case(task) {
                    found = Some(one);
                }
            }
        }
        Ok(())
    })?;
    match found {
        Some(task) => Ok(Halves { issue, task: Staged::task(task, None) }),
        None if input.vibe.read(task)?.is_some() => refuse(format!(
            "task {task} is of another project than the one that {} is paired with",
            project.identifier
        )),
        None => refuse(format!("there is no task {task} in Vibe Kanban")),
    }
}

impl Halves {
    fn own(&self) -> marker::Own<'_> {
        marker::Own { issue: Some(&self.issue.0.name), task: Some(&self.task.0.name) }
    }

    fn plain(&self, side: Side) -> String {
        let text = match side {
            Side::Huly => &self.issue.1,
            Side::Vibe => &self.task.1,
        };
        marker::without_own(text, self.own()).into_owned()
    }
}

/// Lets their texts tell that they belong together, as far as they may be written.
fn mark(input: &Input, halves: &mut Halves) -> Result<()> {
    let direction = input.config.sync.direction;
    let (issue, task) = (halves.issue.0.name.clone(), halves.task.0.name.clone());
    let names_another =
        matches!(marker::find(&halves.issue.1), Some(Marker::Task(other)) if other != task);
    if names_another && direction.writes_to(Side::Huly) && input.huly.abilities().edits_text {
        let plain = halves.plain(Side::Huly);
        cut_marker(input, &halves.issue.0, &halves.issue.1, &plain)?;
        input.stop.sleep(Duration::from_millis(input.huly.abilities().settle_ms));
        match read_issue(input, &issue)? {
            Some(now) => halves.issue = now,
            None => return refuse(format!("there is no issue {issue} in Huly any more")),
        }
    }
    let wanted = Some(Marker::Issue(issue.clone()));
    if direction.writes_to(Side::Vibe) && marker::find(&halves.task.1) != wanted {
        let text = marker::with(&halves.plain(Side::Vibe), &Marker::Issue(issue));
        let write = TaskWrite { text: Some(&text), ..TaskWrite::default() };
        halves.task = Staged::task(input.vibe.update(&task, &write)?, None);
    }
    Ok(())
}

/// Takes another task's marker from an issue.
fn cut_marker(input: &Input, issue: &Staged, text: &str, plain: &str) -> Result<()> {
    let write = IssueWrite {
        identifier: &issue.name,
        id: issue.remote_id.as_deref(),
        seen: Some(Seen {
            modified: issue.modified,
            title: &issue.title,
            status: issue.status.as_deref(),
            text_ref: issue.text_ref.as_deref(),
        }),
        text: Some(plain),
        text_is_blank: normal::digest(text) == normal::BLANK,
        text_before: Some(text),
        ..IssueWrite::default()
    };
    match input.huly.write(&[write], &mut huly::at_once).pop() {
        Some(Err(error) | Ok(Written::TextRefused(_, error))) => Err(error.into()),
        Some(Ok(Written::Moved | Written::Part(_) | Written::Typed(..))) => {
            let message = format!("{} was changed this very moment: try again", issue.name);
            Err(Expected::new(Exit::Later, message).into())
        }
        Some(Ok(Written::Done | Written::NoSuchStatus(_))) | None => Ok(()),
    }
}

/// The row and its link, without a base: what both show is what was last seen.
fn pair(stored: Option<Row>, halves: &Halves) -> (Row, Link) {
    let (issue, task) = (&halves.issue.0, &halves.task.0);
    let mut row = stored.unwrap_or_else(|| row_of(issue));
    renew(&mut row, issue);
    let mut link = link_of(task, Side::Vibe);
    let digest = |text: &str| normal::digest(&marker::without_own(text, view::own(&row, &link)));
    let (huly, vibe) = (digest(&halves.issue.1), digest(&halves.task.1));
    row.text = Some(huly);
    link.task_text = vibe;
    (row, link)
}

fn keep(
    state: &rusqlite::Connection,
    project: i64,
    mut row: Row,
    link: Link,
    now: Millis,
) -> Result<()> {
    store::tombstones::lift(state, project, (&row.identifier, row.created), &link.task)?;
    store::pending::remove(state, project, &link.task)?;
    for kind in ["surplus", "orphan"] {
        store::said::forget(state, project, kind, &link.task)?;
    }
    let pending = Pending::by_hand(now, "it was linked by hand");
    store::pending::put(state, project, &row.identifier, &pending)?;
    let change = Change {
        identifier: row.identifier.clone(),
        kind: "linked",
        side: Side::Huly,
        old: None,
        new: None,
        at: now,
    };
    row.link = Some(link);
    store::issues::put(state, project, &row)?;
    store::changes::add(state, project, &change)
}
