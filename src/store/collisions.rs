//! Two rows of one identifier, or of one task: the pass that stores them goes on, whatever led to it.

use anyhow::Result;
use rusqlite::{Connection, params};

use super::issues::{self, Row};

/// What of `row` can be stored beside the rows that have its identifier or its task; `None`: nothing of it.
///
/// One issue is one row. A link that is there stays, since the newcomer's items are met again: all of the
/// project is read again by the next pass, which decides with both in view.
pub(super) fn give_way(connection: &Connection, project: i64, row: &Row) -> Result<Option<Row>> {
    log::warn!(
        "{}: the state has another row of it or of its task; the next pass looks at both",
        row.identifier
    );
    super::projects::set_dirty(connection, project, true)?;
    let mut row = row.clone();
    if let Some(link) = &row.link {
        let other = issues::by_task(connection, project, &link.task)?;
        if other.is_some_and(|other| other.id != row.id && other.identifier != row.identifier) {
            row.link = None;
        }
    }
    let Some(other) = issues::by_identifier(connection, project, &row.identifier)?
        .filter(|other| other.id != row.id)
    else {
        return Ok(Some(row));
    };
    let same_task = match (&other.link, &row.link) {
        (Some(there), Some(new)) => there.task == new.task,
        (None, _) => true,
        (Some(_), None) => false,
    };
    if !same_task {
        // What is known of the newcomer is forgotten: its own row has a name that is not its own any more.
        if row.id != 0 && row.link.is_none() {
            issues::remove(connection, row.id)?;
        }
        return Ok(None);
    }
    if row.id == 0 {
        row.id = other.id;
    } else {
        connection
            .prepare_cached("DELETE FROM issues WHERE id = ?1")?
            .execute(params![other.id])?;
    }
    Ok(Some(row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Hash, Side};
    use crate::store::issues::{Base, Link};
    use crate::store::{Store, projects};

    fn row(id: i64, identifier: &str, task: Option<&str>) -> Row {
        Row {
            id,
            identifier: identifier.to_owned(),
            remote_id: Some(format!("id of {identifier}")),
            created: Some(1),
            modified: Some(1),
            title: "T".to_owned(),
            status: None,
            status_since: None,
            priority: String::new(),
            text: None,
            text_ref: None,
            link: task.map(|task| Link {
                task: task.to_owned(),
                marked: Side::Vibe,
                task_created: None,
                task_updated: None,
                task_title: String::new(),
                task_status: String::new(),
                task_text: Hash([0; 16]),
                huly: Base::default(),
                vibe: Base::default(),
            }),
        }
    }

    /// What the state has after these rows were stored one after another: identifiers with their tasks.
    fn stored(rows: &[Row]) -> Vec<(String, Option<String>)> {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("state.db")).unwrap();
        let mut found = Vec::new();
        store
            .write(|state| {
                let project = projects::keep(state, "P", "Project")?.id;
                for row in rows {
                    issues::put(state, project, row)?;
                }
                issues::scan(state, project, |row| {
                    found.push((row.identifier, row.link.map(|link| link.task)));
                    Ok(())
                })
            })
            .unwrap();
        found.sort();
        found
    }

    fn pair(identifier: &str, task: &str) -> (String, Option<String>) {
        (identifier.to_owned(), Some(task.to_owned()))
    }

    #[test]
    fn a_row_that_is_there_never_ends_a_pass() {
        let alone = |identifier: &str| (identifier.to_owned(), None);
        // A second row of one issue.
        assert_eq!(stored(&[row(0, "P-1", None), row(0, "P-1", Some("t"))]), [pair("P-1", "t")]);
        assert_eq!(
            stored(&[row(0, "P-1", Some("t")), row(0, "P-1", Some("t"))]),
            [pair("P-1", "t")]
        );
        // The link that is there stays.
        assert_eq!(
            stored(&[row(0, "P-1", Some("t")), row(0, "P-1", Some("u"))]),
            [pair("P-1", "t")]
        );
        assert_eq!(stored(&[row(0, "P-1", Some("t")), row(0, "P-1", None)]), [pair("P-1", "t")]);
        // A second issue of one task has none.
        assert_eq!(
            stored(&[row(0, "P-1", Some("t")), row(0, "P-2", Some("t"))]),
            [pair("P-1", "t"), alone("P-2")]
        );
        // A number that another row has.
        assert_eq!(
            stored(&[row(0, "P-1", Some("t")), row(0, "P-2", None), row(1, "P-2", Some("t"))]),
            [pair("P-2", "t")]
        );
        assert_eq!(
            stored(&[row(0, "P-1", Some("t")), row(0, "P-2", Some("u")), row(1, "P-2", Some("t"))]),
            [pair("P-1", "t"), pair("P-2", "u")]
        );
    }
}
