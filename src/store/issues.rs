//! The table `issues`: a row a seen issue; from the task on, its link.

use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, Row as Sql, Statement, params};

use crate::model::{Hash, Millis, Side};

mod texts;

pub use self::texts::{believed_blank, unproven, with_text};

/// Values that both sides last agreed on, as one side gives them back. `None`: never agreed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Base {
    /// In normal form.
    pub title: Option<String>,
    /// In that side's own words.
    pub status: Option<String>,
    /// Of the normal form, without markers.
    pub text: Option<Hash>,
}

/// The other half of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The task's id.
    pub task: String,
    /// Whose text bears the marker.
    pub marked: Side,
    /// Vibe's clock.
    pub task_created: Option<Millis>,
    /// Vibe's clock; moves only when the server itself acts.
    pub task_updated: Option<Millis>,
    /// As last seen.
    pub task_title: String,
    /// As last seen.
    pub task_status: String,
    /// As last seen.
    pub task_text: Hash,
    /// What Huly last agreed to.
    pub huly: Base,
    /// What Vibe last agreed to.
    pub vibe: Base,
}

/// A seen issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Row id; 0 before it is stored.
    pub id: i64,
    /// `PROJ-12`.
    pub identifier: String,
    /// The backend's own id, where it has one.
    pub remote_id: Option<String>,
    /// Huly's clock.
    pub created: Option<Millis>,
    /// Huly's clock.
    pub modified: Option<Millis>,
    /// As last seen.
    pub title: String,
    /// As last seen; `None` where it was never resolved.
    pub status: Option<String>,
    /// When it entered that status, by Huly's clock.
    pub status_since: Option<Millis>,
    /// As last seen.
    pub priority: String,
    /// As last seen; `None` where it was never read.
    pub text: Option<Hash>,
    /// The reference whose text that is (platform).
    pub text_ref: Option<String>,
    /// The other half, where there is one.
    pub link: Option<Link>,
}

const COLUMNS: &str = "id, identifier, remote_id, created_ms, modified_ms, title, status, \
     status_since, priority, text, text_ref, task, marked, task_created, task_updated, task_title, \
     task_status, task_text, base_h_title, base_h_status, base_h_text, base_v_title, \
     base_v_status, base_v_text";

fn from_sql(row: &Sql<'_>) -> rusqlite::Result<Row> {
    let link = match row.get::<_, Option<String>>(11)? {
        None => None,
        Some(task) => Some(Link {
            task,
            marked: row.get(12)?,
            task_created: row.get(13)?,
            task_updated: row.get(14)?,
            task_title: row.get(15)?,
            task_status: row.get(16)?,
            task_text: row.get(17)?,
            huly: Base { title: row.get(18)?, status: row.get(19)?, text: row.get(20)? },
            vibe: Base { title: row.get(21)?, status: row.get(22)?, text: row.get(23)? },
        }),
    };
    Ok(Row {
        id: row.get(0)?,
        identifier: row.get(1)?,
        remote_id: row.get(2)?,
        created: row.get(3)?,
        modified: row.get(4)?,
        title: row.get(5)?,
        status: row.get(6)?,
        status_since: row.get(7)?,
        priority: row.get(8)?,
        text: row.get(9)?,
        text_ref: row.get(10)?,
        link,
    })
}

/// How many issues of a project are linked.
///
/// # Errors
/// The file cannot be read.
pub fn count_links(connection: &Connection, project: i64) -> Result<u64> {
    Ok(connection
        .prepare_cached("SELECT count(*) FROM issues WHERE project = ?1 AND task IS NOT NULL")?
        .query_row([project], |row| row.get(0))?)
}

/// Hands over every row of a project, one at a time.
///
/// # Errors
/// The file cannot be read, or `each` fails.
pub fn scan(
    connection: &Connection,
    project: i64,
    mut each: impl FnMut(Row) -> Result<()>,
) -> Result<()> {
    let sql = format!("SELECT {COLUMNS} FROM issues WHERE project = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([project])?;
    while let Some(row) = rows.next()? {
        each(from_sql(row)?)?;
    }
    Ok(())
}

/// What a board shows of an issue, borrowed from the row that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Card<'a> {
    /// `PROJ-12`.
    pub identifier: &'a str,
    /// One line.
    pub title: &'a str,
    /// As the project spells it.
    pub status: Option<&'a str>,
    /// When it entered that status, by Huly's clock.
    pub since: Option<Millis>,
    /// As Huly calls it.
    pub priority: &'a str,
    /// Huly's clock.
    pub created: Option<Millis>,
    /// Whether it has a task.
    pub linked: bool,
}

/// Hands over every card of a project, one at a time and in no order.
///
/// # Errors
/// The file cannot be read.
pub fn cards(connection: &Connection, project: i64, mut each: impl FnMut(&Card<'_>)) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT identifier, title, status, status_since, priority, created_ms, task IS NOT NULL
         FROM issues WHERE project = ?1",
    )?;
    let mut rows = statement.query([project])?;
    while let Some(row) = rows.next()? {
        each(&Card {
            identifier: row.get_ref(0)?.as_str()?,
            title: row.get_ref(1)?.as_str()?,
            status: row.get_ref(2)?.as_str_or_null()?,
            since: row.get(3)?,
            priority: row.get_ref(4)?.as_str()?,
            created: row.get(5)?,
            linked: row.get(6)?,
        });
    }
    Ok(())
}

/// The names of the statuses that a project's issues were last seen with.
///
/// # Errors
/// The file cannot be read.
pub fn status_names(connection: &Connection, project: i64) -> Result<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT status FROM issues WHERE project = ?1 AND status IS NOT NULL ORDER BY status",
    )?;
    let names = statement.query_map([project], |row| row.get(0))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}

/// The row of that id.
///
/// # Errors
/// The file cannot be read.
pub fn get(connection: &Connection, id: i64) -> Result<Option<Row>> {
    let sql = format!("SELECT {COLUMNS} FROM issues WHERE id = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([id], from_sql).optional()?)
}

/// The row of an identifier.
///
/// # Errors
/// The file cannot be read.
pub fn by_identifier(
    connection: &Connection,
    project: i64,
    identifier: &str,
) -> Result<Option<Row>> {
    let sql = format!("SELECT {COLUMNS} FROM issues WHERE project = ?1 AND identifier = ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row(params![project, identifier], from_sql).optional()?)
}

/// The row whose link has this task.
///
/// # Errors
/// The file cannot be read.
pub fn by_task(connection: &Connection, project: i64, task: &str) -> Result<Option<Row>> {
    let sql = format!("SELECT {COLUMNS} FROM issues WHERE project = ?1 AND task = ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row(params![project, task], from_sql).optional()?)
}

/// The row of the issue with the backend's own id; of several the linked one.
///
/// # Errors
/// The file cannot be read.
pub fn by_remote_id(connection: &Connection, project: i64, remote_id: &str) -> Result<Option<Row>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM issues WHERE remote_id = ?2 AND project = ?1
         ORDER BY task IS NULL, id LIMIT 1"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row(params![project, remote_id], from_sql).optional()?)
}

/// Whether a linked row of the project has the backend's own id.
///
/// # Errors
/// The file cannot be read.
pub fn is_linked_by_id(connection: &Connection, project: i64, remote_id: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM issues WHERE remote_id = ?2 AND project = ?1 AND task IS NOT NULL";
    Ok(connection.prepare_cached(sql)?.exists(params![project, remote_id])?)
}

/// Identifiers of the projects, other than this one, that have a row with the backend's own id.
///
/// # Errors
/// The file cannot be read.
pub fn elsewhere(connection: &Connection, project: &str, remote_id: &str) -> Result<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT projects.identifier FROM issues JOIN projects ON projects.id = issues.project
         WHERE issues.remote_id = ?2 AND projects.identifier <> ?1",
    )?;
    let rows = statement.query_map(params![project, remote_id], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The identifier with the highest number.
///
/// # Errors
/// The file cannot be read.
pub fn last(connection: &Connection, project: i64) -> Result<Option<String>> {
    // Of one prefix, the longer one is the higher one.
    let mut statement = connection.prepare_cached(
        "SELECT identifier FROM issues WHERE project = ?1
         ORDER BY length(identifier) DESC, identifier DESC LIMIT 1",
    )?;
    Ok(statement.query_row([project], |row| row.get(0)).optional()?)
}

/// Stores a row, new (id 0) or known.
///
/// # Errors
/// The file cannot be written.
pub fn put(connection: &Connection, project: i64, row: &Row) -> Result<()> {
    put_all(connection, project, std::slice::from_ref(row))
}

/// Stores rows, new (id 0) or known; fastest in the order of their identifiers. Where another row has the
/// identifier or the task, see `store/collisions.rs`.
///
/// # Errors
/// As [`put`].
pub fn put_all(connection: &Connection, project: i64, rows: &[Row]) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO issues (id, project, identifier, remote_id, created_ms, modified_ms, title,
             status, status_since, priority, text, text_ref, task, marked, task_created,
             task_updated, task_title, task_status, task_text, base_h_title, base_h_status,
             base_h_text, base_v_title, base_v_status, base_v_text)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
             ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25)
         ON CONFLICT (id) DO UPDATE SET identifier = ?3, remote_id = ?4, created_ms = ?5,
             modified_ms = ?6, title = ?7, status = ?8, status_since = ?9, priority = ?10,
             text = ?11, text_ref = ?12, task = ?13, marked = ?14, task_created = ?15,
             task_updated = ?16, task_title = ?17, task_status = ?18, task_text = ?19,
             base_h_title = ?20, base_h_status = ?21, base_h_text = ?22, base_v_title = ?23,
             base_v_status = ?24, base_v_text = ?25",
    )?;
    for row in rows {
        let Err(error) = put_one(&mut statement, project, row) else { continue };
        let is_collision = error
            .sqlite_error()
            .is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE);
        if !is_collision {
            return Err(error.into());
        }
        if let Some(row) = super::collisions::give_way(connection, project, row)? {
            put_one(&mut statement, project, &row)?;
        }
    }
    if rows.is_empty() { Ok(()) } else { super::projects::revise(connection, project) }
}

fn put_one(statement: &mut Statement<'_>, project: i64, row: &Row) -> rusqlite::Result<()> {
    let link = row.link.as_ref();
    let values = params![
        (row.id != 0).then_some(row.id),
        project,
        row.identifier,
        row.remote_id,
        row.created,
        row.modified,
        row.title,
        row.status,
        row.status_since,
        row.priority,
        row.text,
        row.text_ref,
        link.map(|link| &link.task),
        link.map(|link| link.marked),
        link.and_then(|link| link.task_created),
        link.and_then(|link| link.task_updated),
        link.map(|link| &link.task_title),
        link.map(|link| &link.task_status),
        link.map(|link| link.task_text),
        link.and_then(|link| link.huly.title.as_ref()),
        link.and_then(|link| link.huly.status.as_ref()),
        link.and_then(|link| link.huly.text),
        link.and_then(|link| link.vibe.title.as_ref()),
        link.and_then(|link| link.vibe.status.as_ref()),
        link.and_then(|link| link.vibe.text),
    ];
    statement.execute(values)?;
    Ok(())
}

/// The issue is gone, and what there was to know of it is in its tombstone.
///
/// # Errors
/// The file cannot be written.
pub fn remove(connection: &Connection, id: i64) -> Result<()> {
    let mut statement =
        connection.prepare_cached("DELETE FROM issues WHERE id = ?1 RETURNING project")?;
    let gone: Option<i64> = statement.query_row([id], |row| row.get(0)).optional()?;
    gone.map_or(Ok(()), |project| super::projects::revise(connection, project))
}
