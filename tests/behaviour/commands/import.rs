//! `import`: what other files know is taken over, and the next pass finds nothing to do.

use std::fs;
use std::path::{Path, PathBuf};

use huly_vibe_sync::lock::Lock;
use huly_vibe_sync::store::{self, Store};
use rusqlite::{Connection, params};

use super::{plainly, text};
use crate::rig::{Rig, ran};
use crate::support::LettaVersion;
use crate::support::letta::controls::PASSWORD;

/// The tables of the earlier service.
const EARLIER: &str = "
CREATE TABLE projects (
    identifier TEXT PRIMARY KEY, name TEXT NOT NULL, huly_id TEXT, vibe_id TEXT,
    last_sync_at INTEGER, last_checked_at INTEGER, issue_count INTEGER DEFAULT 0,
    filesystem_path TEXT, git_url TEXT, status TEXT DEFAULT 'active', letta_agent_id TEXT,
    letta_folder_id TEXT, letta_source_id TEXT, description_hash TEXT,
    created_at INTEGER, updated_at INTEGER
);
CREATE TABLE issues (
    identifier TEXT PRIMARY KEY, project_identifier TEXT NOT NULL, huly_id TEXT,
    vibe_task_id TEXT, title TEXT NOT NULL, description TEXT, status TEXT, priority TEXT,
    vibe_status TEXT, huly_modified_at INTEGER, vibe_modified_at INTEGER, last_sync_at INTEGER,
    created_at INTEGER, updated_at INTEGER,
    FOREIGN KEY (project_identifier) REFERENCES projects(identifier)
);";

/// The database of the earlier service.
struct Earlier {
    path: PathBuf,
    file: Connection,
}

impl Earlier {
    fn new(rig: &Rig) -> Self {
        let path = rig.folder.path().join("sync-state.db");
        let file = Connection::open(&path).unwrap();
        // As `sqlite3` in a shell has it: rows of no project are possible.
        file.pragma_update(None, "foreign_keys", false).unwrap();
        file.execute_batch(EARLIER).unwrap();
        Self { path, file }
    }

    fn project(&self, identifier: &str, vibe: &str, agent: Option<&str>) {
        let sql =
            "INSERT INTO projects (identifier, name, vibe_id, letta_agent_id, filesystem_path)
                   VALUES (?1, ?1, ?2, ?3, '/srv/repos/x')";
        self.file.execute(sql, params![identifier, vibe, agent]).unwrap();
    }

    /// With the statuses that it wished for: nobody has seen them.
    fn issue(&self, identifier: &str, task: Option<&str>) {
        let (project, _) = identifier.rsplit_once('-').unwrap();
        let sql = "INSERT INTO issues (identifier, project_identifier, vibe_task_id, title, status,
                       priority, vibe_status, description)
                   VALUES (?1, ?2, ?3, 'A title of before', 'Done', 'High', 'done', 'Of before')";
        self.file.execute(sql, params![identifier, project, task]).unwrap();
    }

    fn import(self, rig: &Rig) -> crate::rig::Ran {
        drop(self.file);
        let before = fs::read(&self.path).unwrap();
        let ran = rig.run(&["import", self.path.to_str().unwrap()]);
        assert!(fs::read(&self.path).unwrap() == before, "the old database was changed");
        ran
    }
}

/// What a first pass over imported links did to the boards.
#[track_caller]
fn assert_quiet_from_the_first_pass_on(rig: &Rig) {
    for args in [&["sync"][..], &["sync"], &["sync", "--full"]] {
        let mark = rig.world.mark();
        let ran = rig.run(args);
        assert_eq!(ran.exit, 0, "{ran:#?}");
        let writes = rig.world.writes_since(mark);
        assert!(writes.is_empty(), "{writes:#?}");
    }
}

fn stats(rig: &Rig, key: &str) -> u64 {
    rig.run(&["stats"]).json[key].as_u64().unwrap()
}

#[test]
fn links_of_the_earlier_service_hold_without_a_marker() {
    let rig = Rig::new();
    let vibe = rig.project();
    let earlier = Earlier::new(&rig);
    earlier.project("PROJ", &vibe, Some("agent-1"));
    let mut tasks = Vec::new();
    for (number, status) in [(1, "Todo"), (2, "Backlog"), (3, "In Progress")] {
        let title = format!("Issue {number}");
        let issue = rig.world.huly.add_issue("PROJ", &title, "text", status);
        let its = if status == "In Progress" { "inprogress" } else { "todo" };
        // Somebody took the markers away.
        let task = rig.world.vibe.add_task(&vibe, &title, "text", its);
        earlier.issue(&issue, Some(&task));
        tasks.push(task);
    }

    let ran = earlier.import(&rig);

    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{ran:#?}");
    let file = &ran.json["files"][0];
    assert_eq!(file["kind"], "earlier-service");
    assert_eq!((&file["links"], &file["agents"]), (&3.into(), &1.into()));
    assert_quiet_from_the_first_pass_on(&rig);
    assert_eq!((stats(&rig, "links"), stats(&rig, "open_conflicts")), (3, 0));
    let agent = Store::open(&rig.state()).unwrap().read(|state| {
        let project = store::projects::get(state, "PROJ")?.unwrap();
        assert_eq!(project.repo_path.as_deref(), Some("/srv/repos/x"));
        store::agents::get(state, project.id)
    });
    assert_eq!(agent.unwrap().id.as_deref(), Some("agent-1"));
    // They are links like any other.
    rig.world.huly.edit_title("PROJ-1", "Edited");
    rig.world.vibe.edit_status(&tasks[1], "done");
    rig.sync_well();
    assert_eq!(rig.world.vibe.task(&tasks[0]).unwrap().title, "Edited");
    assert_eq!(rig.world.huly.issue("PROJ-2").unwrap().status, "Done");
    rig.assert_quiet();
}

#[test]
fn its_agent_is_looked_at_and_told_and_no_second_one_is_made() {
    let mut rig = Rig::new();
    let letta = rig.world.start_letta(LettaVersion::V0_16_8);
    rig.set("LETTA_BASE_URL", &letta.url());
    rig.set("LETTA_PASSWORD", PASSWORD);
    let vibe = rig.project();
    // Without a tag, and under a name that says nothing: the database alone knows whose it is.
    let known = letta.add_agent("Some name", &[], &[("board_metrics", "{}"), ("persona", "Me")]);
    let earlier = Earlier::new(&rig);
    earlier.project("PROJ", &vibe, Some(&known));
    assert_eq!(earlier.import(&rig).exit, 0);
    rig.sync_well();
    let agents = letta.agents();
    assert_eq!(agents.len(), 1, "{agents:#?}");
    assert_eq!(agents[0].id, known);
    let metrics = agents[0].blocks.iter().filter(|block| block.label == "board_metrics");
    assert_eq!(metrics.count(), 1, "{agents:#?}");
    assert_eq!(agents[0].told("board_metrics")["issues"], 0);
    assert_eq!(agents[0].block("persona").value, "Me");
    rig.assert_quiet();
}

#[test]
fn links_that_lead_nowhere_are_left_to_the_markers_and_prove_no_deletion() {
    let rig = Rig::new();
    let vibe = rig.project();
    let marked = |issue: &str| {
        let text = format!("text\n\n---\nHuly Issue: {issue}");
        rig.world.vibe.add_task(&vibe, "Title", &text, "todo")
    };
    let issue = || rig.world.huly.add_issue("PROJ", "Title", "text", "Todo");
    let earlier = Earlier::new(&rig);
    earlier.project("PROJ", &vibe, None);
    // Its task was made anew once, and the database knows the first; the marker knows the second.
    let stale = issue();
    marked(&stale);
    earlier.issue(&stale, Some("5f0f6f0e-0000-4000-8000-000000000001"));
    // Two tasks bear one marker, and the database knows which: it is not the oldest.
    let doubled = issue();
    marked(&doubled);
    let right = marked(&doubled);
    earlier.issue(&doubled, Some(&right));
    // One task for two issues: the marker says whose.
    let (one, two) = (issue(), issue());
    let (shared, own) = (marked(&one), marked(&two));
    earlier.issue(&one, Some(&shared));
    earlier.issue(&two, Some(&shared));
    // An issue that is not there any more, whose task is.
    let gone = marked("PROJ-900");
    earlier.issue("PROJ-900", Some(&gone));
    earlier.issue("OTHER-1", Some(&gone));
    earlier.file.execute("UPDATE issues SET project_identifier = 'PROJ'", []).unwrap();

    let ran = earlier.import(&rig);

    assert_eq!(ran.exit, 0, "{ran:#?}");
    assert!(ran.stderr.contains("no one-to-one ones"), "{}", ran.stderr);
    assert_quiet_from_the_first_pass_on(&rig);
    assert_eq!((stats(&rig, "links"), stats(&rig, "tombstones")), (4, 0));
    assert_eq!(rig.world.vibe.tasks(&vibe).len(), 6);
    assert_eq!(rig.world.vibe.task(&gone).unwrap().status, "todo");
    // The one that the database named is the linked one.
    for (issue, task) in [(&doubled, &right), (&one, &shared), (&two, &own)] {
        rig.world.huly.edit_title(issue, "Edited");
        rig.sync_well();
        assert_eq!(rig.world.vibe.task(task).unwrap().title, "Edited", "{issue}");
    }
}

#[test]
fn what_differs_at_first_sight_is_a_conflict_whatever_the_database_wished() {
    let rig = Rig::new();
    let vibe = rig.project();
    let issue = rig.world.huly.add_issue("PROJ", "Of Huly", "text", "Todo");
    let task = rig.world.vibe.add_task(&vibe, "Of Vibe", "text", "todo");
    let earlier = Earlier::new(&rig);
    earlier.project("PROJ", &vibe, None);
    earlier.issue(&issue, Some(&task));
    assert_eq!(earlier.import(&rig).exit, 0);
    rig.sync_well();
    assert_eq!(rig.world.vibe.task(&task).unwrap().title, "Of Huly");
    assert_eq!(rig.lost(), ["Of Vibe"]);
    rig.assert_quiet();
}

#[test]
fn a_vibe_project_that_is_gone_and_an_agent_of_two_are_not_believed() {
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_project("OTHER", "Other");
    rig.world.vibe.add_project("Other");
    let issue = rig.world.huly.add_issue("PROJ", "Title", "text", "Todo");
    let marked = format!("text\n\n---\nHuly Issue: {issue}");
    rig.world.vibe.add_task(&vibe, "Title", &marked, "todo");
    let earlier = Earlier::new(&rig);
    earlier.project("PROJ", "5f0f6f0e-0000-4000-8000-000000000002", Some("agent-1"));
    earlier.project("OTHER", "5f0f6f0e-0000-4000-8000-000000000003", Some("agent-1"));
    earlier.issue(&issue, Some("5f0f6f0e-0000-4000-8000-000000000001"));
    let ran = earlier.import(&rig);
    assert_eq!((ran.exit, &ran.json["files"][0]["agents"]), (0, &0.into()), "{ran:#?}");
    assert!(ran.stderr.contains("agent-1 serves another project"), "{}", ran.stderr);
    assert_quiet_from_the_first_pass_on(&rig);
    assert_eq!(stats(&rig, "links"), 1);
    rig.world.huly.edit_title(&issue, "Edited");
    let ran = rig.sync_well();
    assert_eq!(
        (&ran.project("PROJ")["outcome"], &ran.project("OTHER")["outcome"]),
        (&"ok".into(), &"ok".into())
    );
    assert_eq!(rig.world.vibe.tasks(&vibe)[0].title, "Edited");
}

#[test]
fn a_project_that_a_pass_has_been_over_keeps_its_links() {
    let rig = Rig::new();
    let vibe = rig.project();
    let (issue, task) = rig.linked(&vibe, "Title", "text", "Todo");
    let other = rig.world.vibe.add_task(&vibe, "Another", "text", "todo");
    rig.sync_well();
    let earlier = Earlier::new(&rig);
    earlier.project("PROJ", &vibe, Some("agent-1"));
    earlier.issue(&issue, Some(&other));
    let ran = earlier.import(&rig);
    let file = &ran.json["files"][0];
    assert_eq!((&file["links"], &file["agents"]), (&0.into(), &1.into()), "{ran:#?}");
    rig.world.huly.edit_title(&issue, "Edited");
    rig.sync_well();
    assert_eq!(rig.world.vibe.task(&task).unwrap().title, "Edited");
    rig.assert_quiet();
}

/// The state under another name, as if from another machine.
fn kept(rig: &Rig, name: &str) -> String {
    let copy = rig.folder.path().join(name);
    fs::copy(rig.state(), &copy).unwrap();
    copy.display().to_string()
}

#[test]
fn of_several_states_the_one_with_the_newest_pass_is_taken() {
    let rig = Rig::new();
    let vibe = rig.project();
    let (issue, _) = rig.linked(&vibe, "One", "text", "Todo");
    let old = kept(&rig, "old.db");
    rig.world.huly.edit_title(&issue, "Two");
    rig.world.huly.add_issue("PROJ", "New", "text", "Todo");
    rig.sync_well();
    let new = kept(&rig, "new.db");
    for files in [[&old, &new], [&new, &old]] {
        rig.lose_state();
        let ran = rig.run(&["import", files[0], files[1]]);
        assert_eq!(ran.exit, 0, "{ran:#?}");
        let of = |name: &str| {
            let files = ran.json["files"].as_array().unwrap();
            files.iter().find(|file| file["file"] == name).unwrap().clone()
        };
        assert_eq!((&of(&old)["links"], &of(&old)["older"]), (&0.into(), &1.into()));
        assert_eq!((&of(&new)["links"], &of(&new)["older"]), (&2.into(), &0.into()));
        rig.assert_quiet();
    }
    // A state that is newer than the file keeps what it has, and says so.
    let output = plainly(&rig, &["import", &old]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("0 projects, 0 pairs, 1 projects known better already"));
    let output = plainly(&rig, &["import", "-q", &old]);
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    rig.assert_quiet();
}

#[test]
fn what_was_sent_and_not_settled_comes_over_and_is_settled() {
    let rig = Rig::new();
    let vibe = rig.project();
    for number in 0..3 {
        rig.world.huly.add_issue("PROJ", &format!("Issue {number}"), "text", "Todo");
    }
    // Killed while a task's answer was on its way.
    let before = rig.world.mark();
    rig.sync_well();
    let creates = rig.world.writes_since(before);
    let first = creates.first().unwrap().sequence - before;
    let fresh = Rig::new();
    let vibe_of_fresh = fresh.project();
    for number in 0..3 {
        fresh.world.huly.add_issue("PROJ", &format!("Issue {number}"), "text", "Todo");
    }
    assert!(fresh.sync_killed(first, crate::rig::Death::Unanswered).is_none());
    let old = kept_whole(&fresh, "old.db");
    fresh.lose_state();
    let ran = fresh.run(&["import", &old]);
    assert_eq!(ran.exit, 0, "{ran:#?}");
    fresh.sync_well();
    assert_eq!(fresh.world.vibe.tasks(&vibe_of_fresh).len(), rig.world.vibe.tasks(&vibe).len());
    fresh.assert_quiet();
}

/// The same of a state whose pass was killed, with the log beside it.
fn kept_whole(rig: &Rig, name: &str) -> String {
    for suffix in ["", "-wal", "-shm"] {
        let from = rig.folder.path().join(format!("state.db{suffix}"));
        if from.exists() {
            fs::copy(from, rig.folder.path().join(format!("{name}{suffix}"))).unwrap();
        }
    }
    rig.folder.path().join(name).display().to_string()
}

#[test]
fn a_wrong_file_stops_the_command_before_anything_is_made() {
    let rig = Rig::new();
    let vibe = rig.project();
    rig.linked(&vibe, "One", "text", "Todo");
    let good = kept(&rig, "good.db");
    rig.lose_state();
    let at = |name: &str| rig.folder.path().join(name);
    fs::write(at("text"), "Dear diary, ".repeat(100)).unwrap();
    fs::write(at("empty"), "").unwrap();
    let other = Connection::open(at("other.db")).unwrap();
    other.execute_batch("CREATE TABLE projects (identifier TEXT, vibe_id TEXT)").unwrap();
    for (name, said) in [
        ("none.db", "failed to open"),
        ("text", "not a database"),
        ("empty", "is empty"),
        ("other.db", "not a state file"),
        ("", "is no file"),
    ] {
        let wrong = at(name).display().to_string();
        let ran = rig.run(&["import", &good, &wrong]);
        assert_eq!(ran.exit, 2, "{name}: {ran:#?}");
        assert!(ran.stderr.contains(said), "{name}: {}", ran.stderr);
        assert_eq!((&ran.json["command"], &ran.json["exit"]), (&"import".into(), &2.into()));
        assert!(!rig.state().exists(), "{name}");
    }
    fs::copy(&good, rig.state()).unwrap();
    let itself = rig.run(&["import", rig.state().to_str().unwrap()]);
    assert_eq!(itself.exit, 2, "{itself:#?}");
    assert!(itself.stderr.contains("is the state itself"), "{}", itself.stderr);
}

#[test]
fn it_takes_the_lock_and_leaves_the_files_as_they_are() {
    let rig = Rig::new();
    let vibe = rig.project();
    rig.linked(&vibe, "One", "text", "Todo");
    let old = kept(&rig, "old.db");
    let before = fs::read(&old).unwrap();
    let lock = Lock::take(&rig.state()).unwrap().unwrap();
    let ran = rig.run(&["import", &old]);
    assert_eq!(ran.exit, 75, "{ran:#?}");
    drop(lock);
    rig.lose_state();
    let new = Path::new(&old).with_file_name("somewhere").join("state.db");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_huly-vibe-sync"));
    command.args(["import", &old, "--json", "--state"]).arg(&new).env_clear();
    assert_eq!(self::ran(command.output().unwrap()).exit, 0);
    assert!(fs::read(&old).unwrap() == before);
    let names = |folder: &Path| {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names(new.parent().unwrap()), ["state.db", "state.db.lock"]);
    assert_eq!(names(rig.folder.path()), ["old.db", "repos", "somewhere"]);
}
