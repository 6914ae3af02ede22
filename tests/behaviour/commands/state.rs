//! Where the state is, and what happens where it cannot be.

use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;

use serde_json::Value;

use super::text;
use crate::rig::Rig;

/// Whom nobody owes a right to write.
const NOBODY: u32 = 65_534;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// A pass with a state of one's own choosing.
fn command(rig: &Rig, program: &Path, state: &Path) -> Command {
    command_of(rig, program, "sync", state)
}

/// The tool with a state of one's own choosing.
fn command_of(rig: &Rig, program: &Path, verb: &str, state: &Path) -> Command {
    let mut command = Command::new(program);
    command.args([verb, "--json", "--state"]).arg(state).env_clear().stdin(Stdio::null());
    command.envs(rig.environment()).env("HOME", rig.folder.path());
    command
}

fn tool() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_huly-vibe-sync"))
}

/// A world with something to write on both sides.
fn eager() -> Rig {
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    rig.world.vibe.add_task(&vibe, "Two", "text", "todo");
    rig
}

#[track_caller]
fn assert_failed_before_any_write(rig: &Rig, output: &Output, named: &Path) {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = text(&output.stderr);
    assert!(said.contains(named.to_str().unwrap()), "{said}");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["exit"], 1);
    let writes = rig.world.writes_since(0);
    assert!(writes.is_empty(), "{writes:#?}");
}

#[test]
fn a_missing_folder_is_made_for_its_owner_alone() {
    let rig = eager();
    let state = rig.folder.path().join("some/where/state.db");
    let output = command(&rig, tool(), &state).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(mode(&rig.folder.path().join("some")), 0o700);
    assert_eq!(mode(&rig.folder.path().join("some/where")), 0o700);
    assert_eq!(mode(&state), 0o600);
}

#[test]
fn nothing_but_the_state_and_its_lock_is_left_beside_it() {
    let rig = eager();
    let folder = rig.folder.path().join("own");
    let output = command(&rig, tool(), &folder.join("state.db")).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["state.db", "state.db.lock"]);
}

#[test]
fn a_folder_that_cannot_be_there_ends_the_pass_before_any_write() {
    let rig = eager();
    let file = rig.folder.path().join("file");
    fs::write(&file, "").unwrap();
    let output = command(&rig, tool(), &file.join("state.db")).output().unwrap();
    assert_failed_before_any_write(&rig, &output, &file);
}

#[test]
fn a_state_of_another_program_ends_the_pass_before_any_write() {
    let rig = eager();
    let state = rig.folder.path().join("diary.db");
    fs::write(&state, "Dear diary, ".repeat(100)).unwrap();
    let output = command(&rig, tool(), &state).output().unwrap();
    assert_failed_before_any_write(&rig, &output, &state);
    assert_eq!(fs::read_to_string(&state).unwrap(), "Dear diary, ".repeat(100));
}

/// Runs it as somebody who may read the folder, and no more; root may write everywhere.
fn as_nobody(rig: &Rig, state: &Path, args: &[&str]) -> Output {
    run_as_nobody(rig, "sync", state, args)
}

fn run_as_nobody(rig: &Rig, verb: &str, state: &Path, args: &[&str]) -> Output {
    fs::set_permissions(rig.folder.path(), Permissions::from_mode(0o755)).unwrap();
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return command_of(rig, tool(), verb, state).args(args).output().unwrap();
    }
    // Where everybody may go, whoever the source folder belongs to.
    let copy = rig.folder.path().join("huly-vibe-sync");
    if !copy.exists() {
        fs::copy(tool(), &copy).unwrap();
    }
    loop {
        match command_of(rig, &copy, verb, state).args(args).uid(NOBODY).output() {
            // A child that another test began meanwhile has the copy open, until it runs itself.
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => thread::yield_now(),
            ran => return ran.unwrap(),
        }
    }
}

#[test]
fn a_dry_run_needs_no_folder_for_the_state_and_makes_none() {
    let rig = eager();
    let state = rig.folder.path().join("not/yet/there/state.db");
    let output = command(&rig, tool(), &state).arg("--dry-run").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("PROJ-1"), "{output:?}");
    assert!(!rig.folder.path().join("not").exists());
    // Nor one that it may write to.
    let folder = rig.folder.path().join("read-only");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o555)).unwrap();
    let output = as_nobody(&rig, &folder.join("state.db"), &["--dry-run"]);
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn a_state_in_a_folder_that_cannot_be_written_is_read_and_not_while_a_pass_is_at_work() {
    let rig = eager();
    rig.sync_well();
    let folder = rig.folder.path().join("read-only");
    fs::create_dir(&folder).unwrap();
    let state = folder.join("state.db");
    fs::copy(rig.state(), &state).unwrap();
    fs::write(folder.join("state.db.lock"), "").unwrap();
    for file in ["state.db", "state.db.lock"] {
        fs::set_permissions(folder.join(file), Permissions::from_mode(0o644)).unwrap();
    }
    fs::set_permissions(&folder, Permissions::from_mode(0o555)).unwrap();
    let before = fs::read_dir(&folder).unwrap().count();

    let read = run_as_nobody(&rig, "stats", &state, &[]);
    let lock = huly_vibe_sync::lock::Lock::take(&state).unwrap().unwrap();
    let beside = run_as_nobody(&rig, "stats", &state, &[]);
    drop(lock);
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();

    assert_eq!(read.status.code(), Some(0), "{read:?}");
    let json: Value = serde_json::from_slice(&read.stdout).unwrap();
    assert_eq!(json["links"], 2, "{json:#}");
    assert_eq!(beside.status.code(), Some(1), "{beside:?}");
    let said = text(&beside.stderr);
    assert!(said.contains("a pass is writing it"), "{said}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), before);
}

#[test]
fn what_a_killed_dry_run_left_is_taken_away_and_what_another_works_on_is_not() {
    let rig = eager();
    rig.sync_well();
    let folder = rig.state().parent().unwrap().to_owned();
    let copy = |process: u32, end: &str| {
        let path = folder.join(format!(".huly-vibe-sync-dry-run-{process}.db{end}"));
        fs::write(&path, "").unwrap();
        path
    };
    let alive = copy(std::process::id(), "");
    for args in [&["sync"][..], &["sync", "--dry-run"], &["vacuum"]] {
        // No Linux has a process of that number.
        let dead = [copy(u32::MAX, ""), copy(u32::MAX, "-wal"), copy(u32::MAX, "-shm")];
        assert_eq!(rig.run(args).exit, 0);
        assert!(dead.iter().all(|path| !path.exists()), "{args:?}");
        assert!(alive.exists());
    }
}

#[test]
fn a_folder_that_may_not_be_written_ends_the_pass_before_any_write() {
    let rig = eager();
    let folder = rig.folder.path().join("read-only");
    fs::create_dir(&folder).unwrap();
    let state = folder.join("state.db");
    let made = command(&rig, tool(), &state).arg("--dry-run").output().unwrap();
    assert_eq!(made.status.code(), Some(0), "{made:?}");

    for step in ["empty", "with a state"] {
        if step == "with a state" {
            drop(huly_vibe_sync::store::Store::open(&state).unwrap());
            fs::set_permissions(&state, Permissions::from_mode(0o644)).unwrap();
        }
        fs::set_permissions(&folder, Permissions::from_mode(0o555)).unwrap();
        let output = as_nobody(&rig, &state, &[]);
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        assert_failed_before_any_write(&rig, &output, &folder);
    }
    // A state that may not be written, in a folder that may.
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(&state, Permissions::from_mode(0o444)).unwrap();
    let output = as_nobody(&rig, &state, &[]);
    assert_failed_before_any_write(&rig, &output, &state);
}
