//! Upgrades, backups, refusals and private copies.

use std::os::unix::fs::PermissionsExt;

use super::super::elements::Known;
use super::super::{agents, blocks, issues, projects};
use super::*;
use crate::model::Side;

const OWN: &str = "CREATE TABLE meta (key TEXT, value TEXT); CREATE TABLE projects (id);
     CREATE TABLE runs (id); INSERT INTO meta VALUES ('made by', '1')";
const SECOND: &str = "ALTER TABLE meta ADD note TEXT; UPDATE meta SET note = 'second'";
const THIRD: &str = "UPDATE meta SET note = note || ' third'";
const FOURTH: &str = "UPDATE meta SET note = note || ' fourth'";
const ALL: [&str; 4] = [OWN, SECOND, THIRD, FOURTH];

fn note(store: &Store) -> Result<String> {
    store.read(|state| Ok(state.query_row("SELECT note FROM meta", [], |row| row.get(0))?))
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn found(path: &Path) -> u32 {
    version(&Connection::open(path).unwrap()).unwrap()
}

#[test]
fn an_older_file_is_lifted_step_by_step_from_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    drop(Store::open_as(&path, &ALL[..2]).unwrap());
    let store = Store::open_as(&path, &ALL).unwrap();
    assert_eq!(note(&store).unwrap(), "second third fourth");
    drop(store);
    assert_eq!(found(&path), 4);
    assert_eq!(files(folder.path()), ["state.db", "state.db.v2.bak"]);
    // A second start finds nothing to do, and backs nothing up.
    assert_eq!(note(&Store::open_as(&path, &ALL).unwrap()).unwrap(), "second third fourth");
    assert_eq!(files(folder.path()), ["state.db", "state.db.v2.bak"]);
}

#[test]
fn the_copy_from_before_an_upgrade_is_whole_and_private_and_two_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    for count in 1..=4 {
        drop(Store::open_as(&path, &ALL[..count]).unwrap());
    }
    let names = ["state.db", "state.db.v2.bak", "state.db.v3.bak"];
    assert_eq!(files(folder.path()), names, "of a new file there is nothing to keep");
    for name in names {
        let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let backup = sibling(&path, ".v3.bak");
    assert_eq!(found(&backup), 3);
    assert_eq!(note(&Store::open_as(&backup, &ALL[..3]).unwrap()).unwrap(), "second third");
}

#[test]
fn what_the_first_version_knew_of_elements_is_forgotten_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let first = Store::open_as(&path, &UPGRADES[..1]).unwrap();
    let id = first
        .write(|state| {
            let project = "INSERT INTO projects (identifier, name) VALUES ('P', 'Project')";
            state.execute(project, [])?;
            let id = state.last_insert_rowid();
            let known = rusqlite::params![id, vec![7_u8; 24]];
            state.execute("INSERT INTO elements VALUES (?1, 'vibe', ?2)", known)?;
            Ok(id)
        })
        .unwrap();
    drop(first);
    let store = Store::open(&path).unwrap();
    let known = store.read(|state| Known::load(state, id, Side::Vibe)).unwrap();
    assert!(known.is_empty());
    assert!(store.read(|state| projects::get(state, "P")).unwrap().is_some());
}

#[test]
fn an_upgrade_that_fails_leaves_the_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    drop(Store::open_as(&path, &ALL[..2]).unwrap());
    let broken = [OWN, SECOND, "UPDATE meta SET note = 'half'; UPDATE nowhere SET x = 1"];
    let error = Store::open_as(&path, &broken).unwrap_err();
    assert!(error.to_string().contains("failed to upgrade the state file"), "{error}");
    assert_eq!(note(&Store::open_as(&path, &ALL[..2]).unwrap()).unwrap(), "second");
}

#[test]
fn a_newer_file_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    drop(Store::open_as(&path, &ALL).unwrap());
    let bytes = fs::read(&path).unwrap();
    let error = Store::open_as(&path, &ALL[..3]).unwrap_err().to_string();
    assert!(error.contains("has version 4 and this program knows 3"), "{error}");
    assert!(error.contains("install the newer huly-vibe-sync"), "{error}");
    assert!(fs::read(&path).unwrap() == bytes, "it was changed");
    assert_eq!(files(folder.path()), ["state.db"]);
}

#[test]
fn a_file_from_before_letta_is_lifted_with_all_that_it_knows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let before = Store::open_as(&path, &UPGRADES[..3]).unwrap();
    before
        .write(|state| {
            state.execute_batch(
                "INSERT INTO projects (identifier, name, vibe_id, repo_path, success_ms)
                     VALUES ('P', 'Project', 'v1', '/srv/p', 7);
                 INSERT INTO issues (project, identifier, title, priority)
                     VALUES (1, 'P-1', 'One', 'High');",
            )?;
            Ok(())
        })
        .unwrap();
    drop(before);
    let store = Store::open(&path).unwrap();
    assert_eq!(
        files(folder.path()),
        ["state.db", "state.db-shm", "state.db-wal", "state.db.v3.bak"]
    );
    let project = store.read(|state| projects::get(state, "P")).unwrap().unwrap();
    assert_eq!((project.success, project.repo_path.as_deref()), (Some(7), Some("/srv/p")));
    assert_eq!(project.git_remote, None);
    let mut titles = Vec::new();
    let read = |state: &Connection| {
        issues::cards(state, project.id, |card| titles.push(card.title.to_owned()))?;
        Ok((agents::get(state, project.id)?, blocks::of(state, project.id)?))
    };
    assert_eq!(store.read(read).unwrap(), (agents::Agent::default(), Vec::new()));
    assert_eq!(titles, ["One"]);
}
