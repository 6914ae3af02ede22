//! Files of other versions, clashes, and what is added up.

use std::path::{Path, PathBuf};

use super::*;
use crate::model::{Hash, Side};
use crate::store::losers::{self, Kind, Loser};
use crate::store::schema::UPGRADES;
use crate::store::{agents, issues, meta, projects, tombstones};

/// A state with one project that has a pair, a tombstone and an agent.
fn state(folder: &Path, name: &str, project: &str, vibe: &str, at: Millis) -> PathBuf {
    let path = folder.join(name);
    let store = Store::open(&path).unwrap();
    store
        .write(|state| {
            let row = projects::keep(state, project, "Name")?;
            projects::pair(state, row.id, vibe, "Name", Some("/r"))?;
            projects::succeeded(state, row.id, at)?;
            projects::set_full(state, row.id, at)?;
            projects::advance(state, row.id, at)?;
            let title = format!("{name} of {at}");
            issues::put(
                state,
                row.id,
                &earlier::unseen(&format!("{project}-1"), "t-1", &title, ""),
            )?;
            let stone = tombstones::Tombstone {
                id: 0,
                identifier: format!("{project}-2"),
                created: Some(1),
                task: "t-2".to_owned(),
                gone: Side::Vibe,
                print: Hash([7; 16]),
                at,
            };
            tombstones::add(state, row.id, &stone)?;
            losers::add(state, row.id, &loser(project, name, at))?;
            meta::set(state, meta::DIRECTION, "Both")?;
            meta::set(state, meta::LETTA_SERVER, "http://letta")?;
            let agent = agents::Agent { id: Some(format!("agent-{vibe}")), ..Default::default() };
            agents::put(state, row.id, &agent)
        })
        .unwrap();
    path
}

fn loser(project: &str, lost: &str, at: Millis) -> Loser {
    Loser {
        id: 0,
        project: project.to_owned(),
        identifier: format!("{project}-1"),
        task: Some("t-1".to_owned()),
        field: "title".to_owned(),
        kind: Kind::Conflict,
        winner: Side::Huly,
        lost: lost.to_owned(),
        won: "won".to_owned(),
        at,
        acked: None,
    }
}

/// Takes one project of a file, as the command does.
fn take(into: &Store, path: &Path, project: &str) -> Outcome {
    let source = Source::open(path).unwrap();
    into.write(|state| {
        source.give_meaning(state)?;
        let mut outcome = source.take(state, project)?;
        outcome.taken += source.add_history(state, project)?;
        Ok(outcome)
    })
    .unwrap()
}

#[test]
fn all_rows_of_a_project_come_over_and_the_next_read_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let old = state(folder.path(), "old.db", "A", "v-1", 100);
    let into = Store::open(&folder.path().join("new.db")).unwrap();
    let outcome = take(&into, &old, "A");
    let expected =
        Taken { issues: 1, links: 1, tombstones: 1, losers: 1, agents: 1, ..Taken::default() };
    assert_eq!((outcome.taken, outcome.left), (expected, Vec::new()));
    into.read(|state| {
        let project = projects::get(state, "A")?.unwrap();
        assert_eq!(
            (project.vibe_id.as_deref(), project.repo_path.as_deref()),
            (Some("v-1"), Some("/r"))
        );
        assert_eq!((project.success, project.cursor, project.full), (Some(100), Some(100), None));
        assert!(!project.released);
        assert_eq!(tombstones::of(state, project.id)?.len(), 1);
        assert_eq!(agents::get(state, project.id)?.id.as_deref(), Some("agent-v-1"));
        assert_eq!(issues::by_task(state, project.id, "t-1")?.unwrap().title, "old.db of 100");
        Ok(())
    })
    .unwrap();
}

#[test]
fn what_a_newer_state_knows_replaces_and_what_was_lost_adds_up() {
    let folder = tempfile::tempdir().unwrap();
    let into = Store::open(&state(folder.path(), "new.db", "A", "v-1", 100)).unwrap();
    let other = state(folder.path(), "other.db", "A", "v-9", 200);
    for again in [false, true] {
        let outcome = take(&into, &other, "A");
        assert_eq!((outcome.taken.issues, outcome.taken.tombstones), (1, 1));
        assert_eq!(outcome.taken.losers, u64::from(!again), "the same is kept once");
    }
    into.read(|state| {
        let project = projects::get(state, "A")?.unwrap();
        assert_eq!(project.vibe_id.as_deref(), Some("v-9"));
        assert_eq!(issues::by_task(state, project.id, "t-1")?.unwrap().title, "other.db of 200");
        let mut lost: Vec<String> =
            losers::open(state, 0)?.into_iter().map(|loser| loser.lost).collect();
        lost.sort();
        assert_eq!(lost, ["new.db", "other.db"]);
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_vibe_project_or_an_agent_that_another_project_has_stays_there() {
    let folder = tempfile::tempdir().unwrap();
    let into = Store::open(&state(folder.path(), "new.db", "A", "v-1", 100)).unwrap();
    let same_vibe = state(folder.path(), "vibe.db", "B", "v-1", 200);
    let outcome = take(&into, &same_vibe, "B");
    assert_eq!(outcome.taken, Taken::default());
    assert!(outcome.left[0].contains("belongs to A"), "{:?}", outcome.left);

    let same_agent = state(folder.path(), "agent.db", "C", "v-3", 200);
    let store = Store::open(&same_agent).unwrap();
    store
        .write(|state| {
            let id = projects::get(state, "C")?.unwrap().id;
            agents::put(
                state,
                id,
                &agents::Agent { id: Some("agent-v-1".into()), ..Default::default() },
            )
        })
        .unwrap();
    drop(store);
    let outcome = take(&into, &same_agent, "C");
    assert_eq!((outcome.taken.issues, outcome.taken.agents), (1, 0));
    assert!(outcome.left[0].contains("serves another project"), "{:?}", outcome.left);
}

#[test]
fn agents_of_another_server_are_none_and_another_way_is_released() {
    let folder = tempfile::tempdir().unwrap();
    let into = Store::open(&folder.path().join("new.db")).unwrap();
    into.write(|state| {
        meta::set(state, meta::FINGERPRINT, "x")?;
        meta::set(state, meta::DIRECTION, "HulyToVibe")?;
        meta::set(state, meta::LETTA_SERVER, "http://another")
    })
    .unwrap();
    let outcome = take(&into, &state(folder.path(), "old.db", "A", "v-1", 1), "A");
    assert_eq!((outcome.taken.links, outcome.taken.agents), (1, 0));
    let project = into.read(|state| projects::get(state, "A")).unwrap().unwrap();
    assert!(project.released);
}

#[test]
fn a_file_of_an_earlier_version_is_lifted_as_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    let old = Store::open_as(&path, &UPGRADES[..1]).unwrap();
    old.write(|state| {
        state.execute_batch(
            "INSERT INTO projects (identifier, name, vibe_id, success_ms) VALUES ('A', 'Name', 'v', 5);
             INSERT INTO statuses VALUES (1, 'Todo');
             INSERT INTO issues (project, identifier, title, priority) VALUES (1, 'A-1', 'Title', '');",
        )?;
        Ok(())
    })
    .unwrap();
    drop(old);
    let before = std::fs::read(&path).unwrap();
    let into = Store::open(&folder.path().join("new.db")).unwrap();
    assert_eq!(take(&into, &path, "A").taken.issues, 1);
    assert!(std::fs::read(&path).unwrap() == before, "the old file was changed");
}

#[test]
fn other_files_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let complaint = |name: &str| format!("{:#}", Source::open(&path(name)).unwrap_err());

    assert!(complaint("none.db").contains("failed to open"));
    std::fs::create_dir(path("folder")).unwrap();
    assert!(complaint("folder").contains("is no file"));
    std::fs::write(path("text"), "Dear diary, ".repeat(100)).unwrap();
    assert!(complaint("text").contains("is not a database"));
    std::fs::write(path("empty"), "").unwrap();
    assert!(complaint("empty").contains("is empty"));

    let other = Connection::open(path("other.db")).unwrap();
    other.execute_batch("CREATE TABLE projects (identifier TEXT)").unwrap();
    assert!(complaint("other.db").contains("not a state file"), "{}", complaint("other.db"));

    drop(Store::open(&path("newer.db")).unwrap());
    let newer = Connection::open(path("newer.db")).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    assert!(complaint("newer.db").contains("install the newer"), "{}", complaint("newer.db"));
}
