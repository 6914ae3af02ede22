//! The database of the earlier service, a Node program: which items belonged together, and which
//! agent to which project.
//!
//! Nothing else in it is believed. It holds the status that it wished for, not the one that there
//! was, and titles and texts of some moment: what is agreed on is found by the first pass. A link
//! counts there only while both its items are there.

use std::collections::HashMap;

use anyhow::Result;
use rusqlite::Connection;

use super::{Known, Outcome, Taken, owner};
use crate::model::{Hash, Side};
use crate::store::issues::{self, Base, Link, Row};
use crate::store::{agents, projects};

/// Whether these tables are its own.
pub(super) fn is_one(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(has(connection, "projects", "vibe_id")?
        && has(connection, "issues", "project_identifier")?
        && has(connection, "issues", "vibe_task_id")?)
}

fn has(connection: &Connection, table: &str, column: &str) -> rusqlite::Result<bool> {
    connection
        .prepare("SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2")?
        .exists([table, column])
}

pub(super) fn projects(source: &Connection) -> Result<Vec<Known>> {
    let mut statement = source.prepare(
        "SELECT DISTINCT CAST(identifier AS TEXT) FROM projects WHERE identifier IS NOT NULL
         ORDER BY 1",
    )?;
    let rows =
        statement.query_map([], |row| Ok(Known { identifier: row.get(0)?, last: (None, None) }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One row of its `projects`.
struct Found {
    name: String,
    vibe_id: Option<String>,
    folder: Option<String>,
    agent: Option<String>,
}

pub(super) fn take(source: &Connection, state: &Connection, identifier: &str) -> Result<Outcome> {
    let mut outcome = Outcome { taken: Taken::default(), left: Vec::new() };
    let found = find(source, identifier)?;
    let known = projects::get(state, identifier)?;
    // A pass of this program over the project is the better witness.
    let is_synced = known.as_ref().is_some_and(|project| project.success.is_some());
    let project = match known {
        Some(project) => project,
        None => projects::keep(state, identifier, &found.name)?,
    };
    if is_synced {
        outcome.left.push(format!("{identifier}: a pass has been over it, so its links are known"));
    } else {
        let fits = match (&found.vibe_id, &project.vibe_id) {
            (Some(theirs), None) => pair(state, &project, theirs, &found, &mut outcome)?,
            (theirs, ours) => theirs == ours && theirs.is_some(),
        };
        if fits {
            links(source, state, &project, &mut outcome)?;
        }
    }
    if let Some(agent) = &found.agent {
        take_agent(source, state, &project, agent, &mut outcome)?;
    }
    Ok(outcome)
}

/// What it knew of a project; columns that its older versions lack are empty.
fn find(source: &Connection, identifier: &str) -> Result<Found> {
    let column = |name: &'static str| -> Result<String> {
        let is_there = has(source, "projects", name)?;
        Ok(if is_there { format!("nullif(trim(CAST({name} AS TEXT)), '')") } else { "NULL".into() })
    };
    let sql = format!(
        "SELECT {}, {}, {}, {} FROM projects WHERE CAST(identifier AS TEXT) = ?1",
        column("name")?,
        column("vibe_id")?,
        column("filesystem_path")?,
        column("letta_agent_id")?
    );
    Ok(source.query_row(&sql, [identifier], |row| {
        Ok(Found {
            name: row.get::<_, Option<String>>(0)?.unwrap_or_else(|| identifier.to_owned()),
            vibe_id: row.get(1)?,
            folder: row.get(2)?,
            agent: row.get(3)?,
        })
    })?)
}

/// Stores the pair of projects, unless the Vibe project is another one's.
fn pair(
    state: &Connection,
    project: &projects::Project,
    vibe_id: &str,
    found: &Found,
    outcome: &mut Outcome,
) -> Result<bool> {
    if let Some(other) = owner(state, vibe_id, &project.identifier)? {
        outcome.left.push(format!(
            "{}: its Vibe project {vibe_id} belongs to {other}: the first pass pairs it by name",
            project.identifier
        ));
        return Ok(false);
    }
    let path = found.folder.as_deref().filter(|path| path.starts_with('/'));
    projects::pair(state, project.id, vibe_id, &found.name, path)?;
    Ok(true)
}

/// Stores its links. A task that it gave to several issues, and an issue that is not of this
/// project by its name, are left to the markers.
fn links(
    source: &Connection,
    state: &Connection,
    project: &projects::Project,
    outcome: &mut Outcome,
) -> Result<()> {
    let column = |name: &'static str| -> Result<&'static str> {
        Ok(if has(source, "issues", name)? { name } else { "NULL" })
    };
    let mut statement = source.prepare(&format!(
        "SELECT CAST(identifier AS TEXT), trim(CAST(vibe_task_id AS TEXT)),
             coalesce(CAST({} AS TEXT), ''), coalesce(CAST({} AS TEXT), '')
         FROM issues WHERE CAST(project_identifier AS TEXT) = ?1 AND identifier IS NOT NULL
             AND trim(coalesce(vibe_task_id, '')) <> ''
         ORDER BY identifier",
        column("title")?,
        column("priority")?
    ))?;
    let mut rows = statement.query([&project.identifier])?;
    let mut found: Vec<(String, String, String, String)> = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    }
    let (mut tasks, mut issues_of) = (HashMap::<&str, u32>::new(), HashMap::<&str, u32>::new());
    for (identifier, task, ..) in &found {
        *tasks.entry(task).or_default() += 1;
        *issues_of.entry(identifier).or_default() += 1;
    }
    let mut unsure = 0u64;
    for (identifier, task, title, priority) in &found {
        let is_once = tasks[task.as_str()] == 1 && issues_of[identifier.as_str()] == 1;
        if !is_once || !is_of(identifier, &project.identifier) {
            unsure += 1;
            continue;
        }
        if issues::by_identifier(state, project.id, identifier)?.is_some()
            || issues::by_task(state, project.id, task)?.is_some()
        {
            continue;
        }
        issues::put(state, project.id, &unseen(identifier, task, title, priority))?;
        outcome.taken.links += 1;
        outcome.taken.issues += 1;
    }
    if unsure > 0 {
        outcome.left.push(format!(
            "{}: {unsure} links are no one-to-one ones: they are left to the markers",
            project.identifier
        ));
    }
    Ok(())
}

/// `PROJ-12` is of `PROJ`.
fn is_of(identifier: &str, project: &str) -> bool {
    identifier.strip_prefix(project).and_then(|rest| rest.strip_prefix('-')).is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|letter| letter.is_ascii_digit())
    })
}

/// A link without a base, of items that no pass has seen.
pub(super) fn unseen(identifier: &str, task: &str, title: &str, priority: &str) -> Row {
    Row {
        id: 0,
        identifier: identifier.to_owned(),
        remote_id: None,
        created: None,
        modified: None,
        title: title.to_owned(),
        status: None,
        status_since: None,
        priority: priority.to_owned(),
        text: None,
        text_ref: None,
        link: Some(Link {
            task: task.to_owned(),
            marked: Side::Vibe,
            task_created: None,
            task_updated: None,
            task_title: title.to_owned(),
            task_status: String::new(),
            // Of a text that reads blank.
            task_text: Hash([0; 16]),
            huly: Base::default(),
            vibe: Base::default(),
        }),
    }
}

/// Its agent, where no other project has it, there or here.
fn take_agent(
    source: &Connection,
    state: &Connection,
    project: &projects::Project,
    agent: &str,
    outcome: &mut Outcome,
) -> Result<()> {
    let known = agents::get(state, project.id)?;
    if known.id.is_some() || known.asked.is_some() {
        return Ok(());
    }
    let served: u64 = source.query_row(
        "SELECT count(*) FROM projects WHERE trim(CAST(letta_agent_id AS TEXT)) = ?1",
        [agent],
        |row| row.get(0),
    )?;
    if served > 1 || agents::serves_another(state, agent, project.id)? {
        outcome.left.push(format!(
            "{}: its agent {agent} serves another project, too: one of its own is found or made",
            project.identifier
        ));
        return Ok(());
    }
    let agent = agents::Agent { id: Some(agent.to_owned()), ..known };
    agents::put(state, project.id, &agent)?;
    outcome.taken.agents = 1;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issue_is_of_the_project_that_it_is_named_after() {
        for (identifier, is) in [
            ("PROJ-1", true),
            ("PROJ-12", true),
            ("PROJ-", false),
            ("PROJ", false),
            ("PROJECT-1", false),
            ("PROJ-1a", false),
            ("proj-1", false),
        ] {
            assert_eq!(is_of(identifier, "PROJ"), is, "{identifier}");
        }
    }
}
