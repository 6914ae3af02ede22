//! Killed, or out of disk, in the middle of a write.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use super::{bearing, issue_titled, linked, sync_killed, task_titled};
use crate::board::has_table;
use crate::calls;
use crate::rig::Backend::{First, Second};
use crate::rig::{Ran, Rig, backends, on_platform, ran};
use crate::support::VibeVersion::{V0_0_71, V0_0_117};
use crate::support::{Fault, Side, When};

const TABLE: &str = "Numbers:\n\n| name | count |\n| --- | --- |\n| apples | 3 |\n| pears | 14 |";

/// 64
#[test]
fn an_issue_killed_before_its_status_is_set_is_completed_whatever_the_policy() {
    for bridge in backends() {
        for policy in ["huly", "vibe", "newest"] {
            for later in [false, true] {
                let mut rig = Rig::with(bridge, V0_0_71);
                rig.set("HULY_VIBE_SYNC_CONFLICT_STATUS", policy);
                let vibe = rig.project();
                if later {
                    rig.world.huly.add_issue("PROJ", "Old", "", "Todo");
                    rig.sync_well();
                }
                let task = rig.world.vibe.add_task(&vibe, "New", "", "inprogress");

                sync_killed(&rig, |world, kill| {
                    world.huly.after(calls::create_titled("New"), move || kill());
                });
                // The platform's create sets the status too: what is unfinished there is the pair.
                let given = if on_platform() { "In Progress" } else { "Backlog" };
                assert_eq!(issue_titled(&rig, "PROJ", "New").status, given, "unfinished");
                let ran = rig.sync_well();

                assert_eq!(issue_titled(&rig, "PROJ", "New").status, "In Progress");
                assert_eq!(rig.world.vibe.task(&task).unwrap().status, "inprogress");
                assert_eq!(ran.total("conflicts"), 0, "{bridge:?} {policy} {ran:#?}");
                rig.assert_quiet();
            }
        }
    }
}

/// 64: the same, where the answer came and the kill comes with the status on its way.
#[test]
fn an_issue_killed_while_its_status_is_sent_is_completed() {
    for bridge in backends() {
        for arrives in [false, true] {
            let rig = Rig::with(bridge, V0_0_71);
            let vibe = rig.project();
            let task = rig.world.vibe.add_task(&vibe, "New", "text", "done");

            sync_killed(&rig, |world, kill| {
                let status = calls::first_status("Done");
                if arrives {
                    world.huly.after(status, move || kill());
                    return;
                }
                let lost = world.huly.fault(status, Fault::Close);
                let huly = world.huly.clone();
                world.on_served(move |_, _| {
                    if huly.struck(lost) > 0 {
                        kill();
                    }
                });
            });
            rig.world.forget_callbacks();
            rig.world.huly.clear_faults();
            let ran = rig.sync_well();

            assert_eq!(issue_titled(&rig, "PROJ", "New").status, "Done");
            assert_eq!(rig.world.vibe.task(&task).unwrap().status, "done");
            assert_eq!(ran.total("conflicts"), 0);
            rig.assert_quiet();
        }
    }
}

/// 64, the mirror: a Vibe Kanban that ignores the status on create, and one that takes it.
#[test]
fn a_task_killed_before_its_status_is_set_is_completed_whatever_the_policy() {
    for (bridge, version) in [(First, V0_0_71), (Second, V0_0_71), (Second, V0_0_117)] {
        for policy in ["huly", "vibe", "newest"] {
            let mut rig = Rig::with(bridge, version);
            rig.set("HULY_VIBE_SYNC_CONFLICT_STATUS", policy);
            let vibe = rig.project();
            let issue = rig.world.huly.add_issue("PROJ", "New", "text", "In Progress");

            sync_killed(&rig, |world, kill| {
                world.vibe.after(When::on("POST", "/api/tasks"), move || kill());
            });
            let ran = rig.sync_well();

            assert_eq!(task_titled(&rig, &vibe, "New").status, "inprogress");
            assert_eq!(rig.world.huly.issue(&issue).unwrap().status, "In Progress");
            assert_eq!(ran.total("conflicts"), 0, "{version:?} {policy} {ran:#?}");
            rig.assert_quiet();
        }
    }
}

/// 65
#[test]
fn a_table_killed_before_the_commit_stays_markdown_in_vibe() {
    for before in ["Old text.", ""] {
        for full in [false, true] {
            let rig = Rig::new();
            let (_, issue, task) = linked(&rig, "One", before);
            let mine = format!("{TABLE}\n\n---\nHuly Issue: {issue}");
            rig.world.vibe.edit_description(&task, &mine);

            sync_killed(&rig, |world, kill| {
                world.huly.after(calls::text_with("apples"), move || kill());
            });
            let ran = if full { rig.sync_all() } else { rig.sync_well() };

            assert_eq!(ran.total("conflicts"), 0, "{ran:#?}");
            assert_eq!(rig.world.vibe.task(&task).unwrap().text(), mine);
            assert!(has_table(&rig.world.huly.issue(&issue).unwrap().description));
            rig.assert_quiet();
            // Both bases have advanced: a later edit of one side is no conflict.
            rig.world.huly.edit_description(&issue, "Later text.");
            assert_eq!(rig.sync_well().total("conflicts"), 0);
            assert!(rig.world.vibe.task(&task).unwrap().text().starts_with("Later text.\n"));
            rig.assert_quiet();
        }
    }
}

/// 65: of the two writes that a blank text takes, the first came through.
#[test]
fn a_text_killed_between_its_two_writes_arrives() {
    if on_platform() {
        return; // one write is all it takes there: see the case before
    }
    let rig = Rig::new();
    let (_, issue, task) = linked(&rig, "One", "");
    let mine = format!("{TABLE}\n\n---\nHuly Issue: {issue}");
    rig.world.vibe.edit_description(&task, &mine);

    sync_killed(&rig, |world, kill| {
        world.huly.after(When::on("PUT", "/api/issues/").body("apples"), move || kill());
    });
    let ran = rig.sync_well();

    assert_eq!(ran.total("conflicts"), 0, "{ran:#?}");
    assert_eq!(rig.world.vibe.task(&task).unwrap().text(), mine);
    assert!(has_table(&rig.world.huly.issue(&issue).unwrap().description));
    rig.assert_quiet();
}

/// 65, 29: the text of a new issue is stored and nobody refers to it yet.
#[test]
fn an_issue_killed_after_its_text_was_stored_is_made_with_that_text() {
    if !on_platform() {
        return; // a bridge makes issue and text in one call
    }
    let rig = Rig::new();
    let vibe = rig.project();
    let task = rig.world.vibe.add_task(&vibe, "One", TABLE, "inprogress");

    sync_killed(&rig, |world, kill| {
        world.huly.after(calls::create_of_text("apples"), move || kill());
    });
    assert_eq!(rig.world.huly.issues("PROJ").len(), 0);
    // Meanwhile it is edited: the text that counts is the one of the create.
    let edited = format!("{TABLE}\n\nedited meanwhile");
    rig.world.vibe.edit_description(&task, &edited);
    let ran = rig.sync_well();

    assert_eq!(ran.total("conflicts"), 0, "{ran:#?}");
    let issue = issue_titled(&rig, "PROJ", "One");
    assert!(has_table(&issue.description) && issue.description.contains("edited meanwhile"));
    assert_eq!(issue.status, "In Progress");
    assert_eq!(rig.world.vibe.task(&task).unwrap().text(), edited);
    rig.assert_quiet();
}

/// 65: a new issue from a task with a table.
#[test]
fn a_new_issue_with_a_table_killed_before_the_commit_leaves_vibe_alone() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let task = rig.world.vibe.add_task(&vibe, "One", TABLE, "todo");

        sync_killed(&rig, |world, kill| {
            world.huly.after(calls::create_titled("One"), move || kill());
        });
        let ran = rig.sync_well();

        assert_eq!(ran.total("conflicts"), 0, "{ran:#?}");
        assert_eq!(rig.world.vibe.task(&task).unwrap().text(), TABLE);
        assert_eq!(rig.world.huly.issues("PROJ").len(), 1);
        rig.assert_quiet();
    }
}

/// 65: a status that fell back to another.
#[test]
fn a_status_that_fell_back_killed_before_the_commit_stays_in_vibe() {
    for bridge in backends() {
        // Whether the project has already said which statuses it has.
        for told in [false, true] {
            let mut rig = Rig::with(bridge, V0_0_71);
            rig.set("HULY_VIBE_SYNC_STATUS_FALLBACK", "inreview=In Progress");
            let (vibe, issue, task) = linked(&rig, "One", "text");
            if told {
                let other = rig.world.vibe.add_task(&vibe, "Other", "", "inreview");
                rig.sync_well();
                assert_eq!(rig.world.vibe.task(&other).unwrap().status, "inreview");
            }
            rig.world.vibe.edit_status(&task, "inreview");

            sync_killed(&rig, |world, kill| {
                world.huly.after(calls::status("In Progress"), move || kill());
            });
            let ran = rig.sync_well();

            assert_eq!(ran.total("conflicts"), 0, "{bridge:?} {told} {ran:#?}");
            assert_eq!(rig.world.vibe.task(&task).unwrap().status, "inreview");
            assert_eq!(rig.world.huly.issue(&issue).unwrap().status, "In Progress");
            rig.assert_quiet();
            // Both bases have advanced.
            rig.world.huly.edit_status(&issue, "Done");
            assert_eq!(rig.sync_well().total("conflicts"), 0);
            assert_eq!(rig.world.vibe.task(&task).unwrap().status, "done");
            rig.assert_quiet();
        }
    }
}

/// 65: a new issue whose status fell back.
#[test]
fn a_new_issue_whose_status_fell_back_killed_before_the_commit_leaves_vibe_alone() {
    for bridge in backends() {
        let mut rig = Rig::with(bridge, V0_0_71);
        rig.set("HULY_VIBE_SYNC_STATUS_FALLBACK", "inreview=In Progress");
        let vibe = rig.project();
        let task = rig.world.vibe.add_task(&vibe, "One", "", "inreview");

        sync_killed(&rig, |world, kill| {
            world.huly.after(calls::first_status("In Progress"), move || kill());
        });
        let ran = rig.sync_well();

        assert_eq!(ran.total("conflicts"), 0, "{bridge:?} {ran:#?}");
        assert_eq!(rig.world.vibe.task(&task).unwrap().status, "inreview");
        assert_eq!(issue_titled(&rig, "PROJ", "One").status, "In Progress");
        rig.assert_quiet();
    }
}

/// One side wants something of the other, all kinds of writes.
fn with_work(rig: &Rig) -> String {
    let vibe = rig.project();
    let old = rig.world.huly.add_issue("PROJ", "Old", "text", "Todo");
    rig.sync_well();
    rig.world.huly.edit_title(&old, "Old, edited");
    for n in 0..3 {
        rig.world.huly.add_issue("PROJ", &format!("Issue {n}"), "text", "Todo");
        rig.world.vibe.add_task(&vibe, &format!("Task {n}"), "text", "inprogress");
    }
    vibe
}

fn assert_all_came(rig: &Rig, vibe: &str) {
    assert_eq!(rig.world.vibe.tasks(vibe).len(), 7);
    assert_eq!(rig.world.huly.issues("PROJ").len(), 7);
    task_titled(rig, vibe, "Old, edited");
    for n in 0..3 {
        assert_eq!(issue_titled(rig, "PROJ", &format!("Task {n}")).status, "In Progress");
        let issue = issue_titled(rig, "PROJ", &format!("Issue {n}"));
        assert_eq!(bearing(rig, vibe, &issue.identifier), 1);
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    String::from_utf8_lossy(&id.stdout).trim() == "0"
}

/// The tool with another state, run as somebody for whom file modes count.
fn sync_with_state(rig: &Rig, state: &Path, without_rights: bool) -> Ran {
    let of_rig = rig.command(&["sync", "--json"]);
    let mut command = Command::new(of_rig.get_program());
    command.args(["sync", "--json", "--state"]).arg(state).env_clear().stdin(Stdio::null());
    command.envs(of_rig.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if without_rights {
        command.uid(65534).gid(65534);
    }
    ran(command.output().unwrap())
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// 79
#[test]
fn a_read_only_folder_ends_the_pass_before_anything_is_written() {
    for existing in [false, true] {
        let rig = Rig::new();
        let vibe = with_work(&rig);
        let folder = rig.folder.path().join("locked");
        std::fs::create_dir(&folder).unwrap();
        let state = folder.join("state.db");
        if existing {
            std::fs::copy(rig.state(), &state).unwrap();
            set_mode(&state, 0o444);
        }
        set_mode(rig.folder.path(), 0o755);
        set_mode(&folder, 0o555);
        let mark = rig.world.mark();

        let ran = sync_with_state(&rig, &state, is_root());

        assert_eq!(ran.exit, 1, "{ran:#?}");
        assert!(rig.world.writes_since(mark).is_empty(), "{ran:#?}");
        assert!(ran.stderr.contains("state.db") || ran.stderr.contains("locked"), "{ran:#?}");
        set_mode(&folder, 0o755);
        rig.sync_well();
        assert_all_came(&rig, &vibe);
    }
}

/// A file system that is full, for as long as it is held.
struct Full(PathBuf);

impl Full {
    fn mount(at: PathBuf) -> Option<Self> {
        std::fs::create_dir(&at).unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=16k", "tmpfs"])
            .arg(&at)
            .output()
            .is_ok_and(|output| output.status.success());
        if !mount {
            return None;
        }
        let _ = std::fs::write(at.join("ballast"), vec![1; 1 << 20]);
        Some(Self(at))
    }
}

impl Drop for Full {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// 79
#[test]
fn a_full_disk_ends_the_pass_before_anything_is_written() {
    let rig = Rig::new();
    let vibe = with_work(&rig);
    let Some(full) = Full::mount(rig.folder.path().join("full")) else {
        eprintln!("skipped: only root can mount a file system of its own");
        return;
    };
    let mark = rig.world.mark();

    let ran = sync_with_state(&rig, &full.0.join("state.db"), false);

    assert_eq!(ran.exit, 1, "{ran:#?}");
    assert!(rig.world.writes_since(mark).is_empty(), "{ran:#?}");
    assert!(ran.stderr.contains("full"), "{ran:#?}");
    drop(full);
    rig.sync_well();
    assert_all_came(&rig, &vibe);
    rig.assert_quiet();
}

/// Runs a pass whose files cannot grow any more once `arm` says so; gives its exit.
fn sync_filling(rig: &Rig, arm: impl FnOnce(Arc<dyn Fn() + Send + Sync>)) -> Option<i32> {
    let pid: Arc<Mutex<Option<u32>>> = Arc::default();
    let known = pid.clone();
    arm(Arc::new(move || {
        let pid = known.lock().unwrap().unwrap().to_string();
        let limit = Command::new("prlimit").args(["--fsize=1", "--pid", &pid]).status().unwrap();
        assert!(limit.success());
    }));
    let of_rig = rig.command(&["sync"]);
    // A process whose files may not grow is killed unless it was told not to mind.
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
    command.arg(of_rig.get_program()).args(of_rig.get_args()).env_clear();
    command.envs(of_rig.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let child = {
        let mut pid = pid.lock().unwrap();
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        *pid = Some(child.id());
        child
    };
    let output = child.wait_with_output().unwrap();
    rig.world.huly.forget_acts();
    rig.world.vibe.forget_acts();
    output.status.code()
}

/// 79
#[test]
fn a_disk_that_fills_up_stops_the_writing_and_nothing_is_made_twice() {
    if Command::new("prlimit").arg("--version").output().is_err() {
        eprintln!("skipped: there is no prlimit");
        return;
    }
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = with_work(&rig);
        let mark = rig.world.mark();

        let exit = sync_filling(&rig, |fill| {
            // The first write of the pass: the title of the one linked pair.
            rig.world.vibe.after(When::on("PUT", "/api/tasks/"), move || fill());
        });

        assert_eq!(exit, Some(1));
        assert_eq!(rig.world.writes_since(mark).len(), 1, "no further writes");
        rig.sync_well();
        assert_all_came(&rig, &vibe);
        rig.assert_quiet();
    }
}

/// 79: what was sent while the disk was full is found by its marks.
#[test]
fn what_was_made_while_the_disk_was_full_is_found_again() {
    if Command::new("prlimit").arg("--version").output().is_err() {
        eprintln!("skipped: there is no prlimit");
        return;
    }
    for (bridge, side) in [(First, Side::Vibe), (Second, Side::Vibe), (Second, Side::Huly)] {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = with_work(&rig);

        let exit = sync_filling(&rig, |fill| match side {
            Side::Huly => rig.world.huly.after(calls::create().nth(1), move || fill()),
            Side::Vibe => {
                rig.world.vibe.after(When::on("POST", "/api/tasks").nth(1), move || fill());
            }
        });

        assert_eq!(exit, Some(1));
        rig.sync_well();
        assert_all_came(&rig, &vibe);
        rig.assert_quiet();
    }
}
