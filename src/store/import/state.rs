//! Rows of another state of this program. Both files have the same tables: an older one is read from
//! a copy that was lifted.
//!
//! What a list showed last time (`elements`) is not taken: the next pass reads everything anyway, and
//! so finds what happened since.

use anyhow::{Context, Result};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::{Outcome, Taken, owner};
use crate::store::{age, agents, blocks, meta};

/// What is known of a project's items and is true of the newest pass alone.
pub(super) const REPLACED: [&str; 6] =
    ["statuses", "issues", "pending", "tombstones", "outbox", "said"];

/// What happened, whichever state was there: it is added up.
pub(super) const ADDED: [&str; 2] = ["losers", "changes"];

/// Letta's, which may serve another project by now.
pub(super) const OF_LETTA: [&str; 2] = ["agents", "blocks"];

/// Read anew, or said anew.
pub(super) const LEFT: [&str; 2] = ["elements", "troubles"];

pub(super) fn give_meaning(source: &Connection, state: &Connection) -> Result<()> {
    if meta::get(state, meta::FINGERPRINT)?.is_none() {
        for key in [meta::HULY_VERSION, meta::FINGERPRINT, meta::DIRECTION] {
            if let Some(value) = meta::get(source, key)? {
                meta::set(state, key, &value)?;
            }
        }
    }
    if meta::get(state, meta::LETTA_SERVER)?.is_none()
        && let Some(server) = meta::get(source, meta::LETTA_SERVER)?
    {
        meta::set(state, meta::LETTA_SERVER, &server)?;
    }
    Ok(())
}

pub(super) fn take(source: &Connection, state: &Connection, identifier: &str) -> Result<Outcome> {
    let mut outcome = Outcome { taken: Taken::default(), left: Vec::new() };
    let (from, vibe_id): (i64, Option<String>) = source
        .query_row("SELECT id, vibe_id FROM projects WHERE identifier = ?1", [identifier], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .with_context(|| format!("failed to read the project {identifier}"))?;
    if let Some(vibe_id) = vibe_id
        && let Some(other) = owner(state, &vibe_id, identifier)?
    {
        outcome.left.push(format!(
            "{identifier}: its Vibe project {vibe_id} belongs to {other} in this state, so nothing \
             of it is taken"
        ));
        return Ok(outcome);
    }
    let to = put_project(source, state, from)?;
    for table in REPLACED {
        clear(state, table, to)?;
        let rows = copy(source, state, table, (from, to))?;
        match table {
            "issues" => outcome.taken.issues = rows,
            "pending" => outcome.taken.pending = rows,
            "tombstones" => outcome.taken.tombstones = rows,
            "outbox" => outcome.taken.outbox = rows,
            _ => {}
        }
    }
    for table in LEFT {
        clear(state, table, to)?;
    }
    for key in [meta::WORDS, meta::ASKED_STATUS] {
        if let Some(value) = meta::get(source, &meta::of_project(key, from))? {
            meta::set(state, &meta::of_project(key, to), &value)?;
        }
    }
    outcome.taken.links = super::super::issues::count_links(state, to)?;
    take_agent(source, state, identifier, (from, to), &mut outcome)?;
    Ok(outcome)
}

/// The project's row. The next pass reads all of it; where this state goes another way than the one
/// that the row is from, what drifted there crosses under the guard.
fn put_project(source: &Connection, state: &Connection, from: i64) -> Result<i64> {
    let columns = columns(state, "projects")?;
    let sql = format!(
        "INSERT INTO projects ({names}) VALUES ({places})
         ON CONFLICT (identifier) DO UPDATE SET {renewed} RETURNING id",
        names = columns.join(", "),
        places = places(1, columns.len()),
        renewed = columns
            .iter()
            .map(|name| format!("{name} = excluded.{name}"))
            .collect::<Vec<_>>()
            .join(", "),
    );
    let way = |file| meta::get(file, meta::DIRECTION);
    let released = match (way(source)?, way(state)?) {
        (Some(there), Some(here)) => there != here,
        _ => false,
    };
    let select = format!("SELECT {} FROM projects WHERE id = ?1", columns.join(", "));
    let values = source.query_row(&select, [from], |row| {
        columns
            .iter()
            .enumerate()
            .map(|(at, name)| match name.as_str() {
                "full_ms" => Ok(Value::Null),
                "released" if released => Ok(Value::Integer(1)),
                _ => row.get::<_, Value>(at),
            })
            .collect::<rusqlite::Result<Vec<_>>>()
    })?;
    Ok(state.query_row(&sql, params_from_iter(values), |row| row.get(0))?)
}

/// Its agent, unless another server's, or one that serves another project here.
fn take_agent(
    source: &Connection,
    state: &Connection,
    identifier: &str,
    (from, to): (i64, i64),
    outcome: &mut Outcome,
) -> Result<()> {
    let agent = agents::get(source, from)?;
    let server = |file| meta::get(file, meta::LETTA_SERVER);
    if agent == agents::Agent::default() || server(source)? != server(state)? {
        return Ok(());
    }
    let mut is_taken = match &agent.id {
        Some(id) => agents::serves_another(state, id, to)?,
        None => false,
    };
    for block in blocks::of(source, from)? {
        is_taken |= blocks::serves_another(state, &block.id, to)?;
    }
    if is_taken {
        outcome
            .left
            .push(format!("{identifier}: its agent serves another project in this state already"));
        return Ok(());
    }
    for table in OF_LETTA {
        clear(state, table, to)?;
        copy(source, state, table, (from, to))?;
    }
    outcome.taken.agents = u64::from(agent.id.is_some());
    Ok(())
}

pub(super) fn add_history(
    source: &Connection,
    state: &Connection,
    identifier: &str,
) -> Result<Taken> {
    let row = |file: &Connection| -> Result<Option<i64>> {
        let sql = "SELECT id FROM projects WHERE identifier = ?1";
        Ok(file.prepare_cached(sql)?.query_row([identifier], |row| row.get(0)).optional()?)
    };
    let mut taken = Taken::default();
    let (Some(from), Some(to)) = (row(source)?, row(state)?) else { return Ok(taken) };
    for table in ADDED {
        let rows = copy(source, state, table, (from, to))?;
        if table == "losers" {
            taken.losers = rows;
        }
    }
    Ok(taken)
}

fn clear(state: &Connection, table: &str, project: i64) -> Result<()> {
    state.prepare_cached(&format!("DELETE FROM {table} WHERE project = ?1"))?.execute([project])?;
    Ok(())
}

/// Copies a project's rows, in their order and under numbers of their own; how many were not there.
/// Whether a person has seen to a value that lost makes no other value of it. What is as old as the other
/// state makes it is so in this one.
fn copy(
    source: &Connection,
    state: &Connection,
    table: &str,
    (from, to): (i64, i64),
) -> Result<u64> {
    let mut columns = columns(state, table)?;
    columns.retain(|name| name != "project");
    let names = columns.join(", ");
    let same = columns
        .iter()
        .enumerate()
        .filter(|(_, name)| !["acked_ms", "age_ms"].contains(&name.as_str()))
        .map(|(at, name)| format!(" AND {name} IS ?{}", at + 2))
        .collect::<String>();
    let unless = match ADDED.contains(&table) {
        true => format!("WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE project = ?1{same})"),
        false => String::new(),
    };
    let order = if has_number(state, table)? { "ORDER BY id" } else { "" };
    let mut read = source
        .prepare_cached(&format!("SELECT {names} FROM {table} WHERE project = ?1 {order}"))?;
    let mut write = state.prepare_cached(&format!(
        "INSERT INTO {table} (project, {names}) SELECT {} {unless}",
        places(1, columns.len() + 1)
    ))?;
    let older = age::current(state)?.saturating_sub(age::current(source)?);
    let mut rows = read.query([from])?;
    let mut copied = 0;
    while let Some(row) = rows.next()? {
        let mut values = vec![Value::Integer(to)];
        for (at, name) in columns.iter().enumerate() {
            values.push(match row.get(at)? {
                Value::Integer(age) if name.ends_with("age_ms") => {
                    Value::Integer(age.saturating_add(older))
                }
                value => value,
            });
        }
        copied += write.execute(params_from_iter(values))? as u64;
    }
    Ok(copied)
}

/// The columns of a table but its row id: whatever this version has.
fn columns(file: &Connection, table: &str) -> Result<Vec<String>> {
    let mut statement =
        file.prepare_cached("SELECT name FROM pragma_table_info(?1) WHERE name <> 'id'")?;
    let rows = statement.query_map([table], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn has_number(file: &Connection, table: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM pragma_table_info(?1) WHERE name = 'id'";
    Ok(file.prepare_cached(sql)?.exists([table])?)
}

fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|at| format!("?{at}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::store::Store;

    #[test]
    fn every_table_with_rows_of_a_project_has_its_place_here() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("state.db")).unwrap();
        let tables = store
            .read(|state| {
                let mut statement = state.prepare(
                    "SELECT sqlite_schema.name FROM sqlite_schema, pragma_table_info(sqlite_schema.name) AS part
                     WHERE sqlite_schema.type = 'table' AND part.name = 'project'",
                )?;
                let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
                Ok(rows.collect::<rusqlite::Result<BTreeSet<_>>>()?)
            })
            .unwrap();
        let known = REPLACED.iter().chain(&ADDED).chain(&OF_LETTA).chain(&LEFT);
        assert_eq!(tables, known.map(|name| (*name).to_owned()).collect());
    }
}
