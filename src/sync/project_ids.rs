//! Projects that got another identifier: the backend's own id tells that it is still the same project, with
//! the same other half.

use std::collections::{HashMap, HashSet};

use anyhow::Result;

use crate::huly;
use crate::store::Store;
use crate::store::project_ids::{self, Stored};

/// What the listed projects say of the stored ones.
#[derive(Debug, Default, PartialEq, Eq)]
struct News {
    /// Row, and the id to remember.
    learned: Vec<(i64, String)>,
    /// Row, and the identifier that it has now.
    renamed: Vec<(i64, String)>,
}

/// Gives stored projects the identifiers under which they are listed.
pub(super) fn follow(store: &Store, listed: &[huly::Project]) -> Result<()> {
    let stored = store.read(project_ids::all)?;
    let news = compare(&stored, listed);
    if news == News::default() {
        return Ok(());
    }
    store.write(|state| {
        for (row, id) in &news.learned {
            project_ids::learn(state, *row, id)?;
        }
        project_ids::rename(state, &news.renamed)
    })?;
    for (row, now) in &news.renamed {
        if let Some(before) = stored.iter().find(|stored| stored.row == *row) {
            log::info!("{}: the project is {now} now", before.identifier);
        }
    }
    Ok(())
}

fn compare(stored: &[Stored], listed: &[huly::Project]) -> News {
    let mut news = News::default();
    let by_id = |id: &str| listed.iter().find(|project| project.id.as_deref() == Some(id));
    for row in stored {
        let same = row.remote_id.as_deref().and_then(by_id);
        let namesake = listed.iter().find(|project| project.identifier == row.identifier);
        match (same, namesake) {
            (Some(same), _) if same.identifier != row.identifier => {
                news.renamed.push((row.row, same.identifier.clone()));
            }
            (Some(_), _) | (None, None) => {}
            (None, Some(namesake)) => {
                news.learned.extend(namesake.id.clone().map(|id| (row.row, id)));
            }
        }
    }
    // Of two that would get one identifier neither moves: nobody could tell them apart.
    let mut wanted: HashMap<String, u32> = HashMap::new();
    for (_, name) in &news.renamed {
        *wanted.entry(name.clone()).or_default() += 1;
    }
    news.renamed.retain(|(_, name)| wanted.get(name) == Some(&1));
    // What is stored under the new identifier already stays what it is.
    loop {
        let moving: HashSet<i64> = news.renamed.iter().map(|(row, _)| *row).collect();
        let is_held = |name: &str| {
            stored.iter().any(|row| row.identifier == name && !moving.contains(&row.row))
        };
        let before = news.renamed.len();
        news.renamed.retain(|(_, name)| !is_held(name));
        if news.renamed.len() == before {
            return news;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(row: i64, identifier: &str, id: Option<&str>) -> Stored {
        Stored { row, identifier: identifier.to_owned(), remote_id: id.map(str::to_owned) }
    }

    fn listed(id: &str, identifier: &str) -> huly::Project {
        let (id, identifier) = (Some(id.to_owned()), identifier.to_owned());
        huly::Project { id, identifier, ..huly::Project::default() }
    }

    fn renamed(stored: &[Stored], listed: &[huly::Project]) -> Vec<(i64, String)> {
        compare(stored, listed).renamed
    }

    #[test]
    fn a_project_is_followed_by_its_id() {
        let web = [stored(1, "WEB", Some("w"))];
        assert_eq!(renamed(&web, &[listed("w", "EZ")]), [(1, "EZ".to_owned())]);
        assert_eq!(compare(&web, &[listed("w", "WEB")]), News::default());
        assert_eq!(compare(&web, &[]), News::default(), "not listed");
        let other = [stored(1, "WEB", None)];
        assert_eq!(compare(&other, &[listed("w", "WEB")]).learned, [(1, "w".to_owned())]);
        assert_eq!(compare(&other, &[listed("w", "EZ")]), News::default(), "nobody knows");
    }

    #[test]
    fn identifiers_change_places_and_take_nobodys() {
        let both = [stored(1, "A", Some("a")), stored(2, "B", Some("b"))];
        let swapped = [listed("a", "B"), listed("b", "A")];
        assert_eq!(renamed(&both, &swapped), [(1, "B".to_owned()), (2, "A".to_owned())]);
        // B is stored, and not listed: it may be archived.
        assert_eq!(renamed(&both, &[listed("a", "B")]), []);
        // A newcomer has the old name.
        let news = compare(&both[..1], &[listed("a", "EZ"), listed("n", "A")]);
        assert_eq!(news.renamed, [(1, "EZ".to_owned())]);
        assert_eq!(news.learned, []);
    }

    #[test]
    fn of_two_projects_that_would_get_one_identifier_neither_moves() {
        let before = [stored(1, "A", Some("a")), stored(2, "B", Some("b"))];
        assert_eq!(compare(&before, &[listed("a", "EZ"), listed("b", "EZ")]), News::default());
    }
}
