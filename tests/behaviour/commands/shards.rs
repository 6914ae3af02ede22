//! Passes that are spread over machines: each project is one shard's, and a new number of shards
//! takes over what the old ones know.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::rig::{Ran, Rig, ran};

/// Names as they come: no hash spreads them evenly.
const PROJECTS: usize = 20;

fn identifier(number: usize) -> String {
    format!("P{number}X")
}

/// Projects on both sides, each with issues and tasks that are new; the Vibe projects' ids.
fn fill(rig: &Rig) -> Vec<String> {
    let one = |number| {
        let (name, title) = (identifier(number), format!("The {number}"));
        rig.world.huly.add_project(&name, &title);
        let vibe = rig.world.vibe.add_project(&title);
        for at in 0..3 {
            rig.world.huly.add_issue(&name, &format!("Issue {at}"), "text", "In Progress");
        }
        rig.world.vibe.add_task(&vibe, "Task", "words", "inreview");
        vibe
    };
    (0..PROJECTS).map(one).collect()
}

/// The tool with a state and an environment of its own, as on a machine of its own.
fn command(rig: &Rig, state: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_huly-vibe-sync"));
    command.args(args).arg("--json").arg("--state").arg(state).env_clear();
    command.envs(rig.environment()).env("HOME", rig.folder.path());
    command
}

fn run(rig: &Rig, state: &Path, args: &[&str]) -> Ran {
    ran(command(rig, state, args).output().unwrap())
}

/// Where the state of a shard is.
fn state(rig: &Rig, index: usize, count: usize) -> PathBuf {
    rig.folder.path().join(format!("{index}-{count}.db"))
}

/// One pass of every shard; the projects of each, which must have gone well.
fn pass(rig: &Rig, count: usize, args: &[&str]) -> Vec<Vec<String>> {
    let one = |index: usize| {
        let mut command = command(rig, &state(rig, index, count), &["sync", "--shard", "env"]);
        command.args(args).env("SHARD_COUNT", count.to_string());
        // Half of them as Kubernetes says it.
        let name = if index.is_multiple_of(2) { "SHARD_INDEX" } else { "JOB_COMPLETION_INDEX" };
        let ran = ran(command.env(name, index.to_string()).output().unwrap());
        assert_eq!(ran.exit, 0, "{index}/{count}: {ran:#?}");
        let projects = ran.json["projects"].as_array().unwrap();
        projects.iter().map(|told| told["identifier"].as_str().unwrap().to_owned()).collect()
    };
    (0..count).map(one).collect()
}

#[track_caller]
fn assert_each_in_one(shards: &[Vec<String>]) {
    let mut all: Vec<&String> = shards.iter().flatten().collect();
    all.sort();
    let mut names: Vec<String> = (0..PROJECTS).map(identifier).collect();
    names.sort();
    assert_eq!(all, names.iter().collect::<Vec<_>>());
}

/// What people see on both boards, without the ids that every run deals out anew.
fn boards(rig: &Rig, vibe: &[String]) -> BTreeMap<String, Vec<[String; 4]>> {
    let shown = |side: &str, title: String, status: String, text: &str| {
        let text = text.split("Vibe Task:").next().unwrap_or_default().to_owned();
        [side.to_owned(), title, status, text]
    };
    let one = |number: usize| {
        let issues = rig.world.huly.issues(&identifier(number)).into_iter();
        let issues = issues.map(|item| shown("issue", item.title, item.status, &item.description));
        let tasks = rig.world.vibe.tasks(&vibe[number]).into_iter();
        let tasks = tasks.map(|item| {
            let text = item.text().to_owned();
            shown("task", item.title, item.status, &text)
        });
        let mut all: Vec<_> = issues.chain(tasks).collect();
        all.sort();
        (identifier(number), all)
    };
    (0..PROJECTS).map(one).collect()
}

#[test]
fn eight_shards_leave_what_one_leaves_and_share_no_project() {
    let mut ended = Vec::new();
    for count in [1, 8] {
        let rig = Rig::new();
        let vibe = fill(&rig);
        assert_each_in_one(&pass(&rig, count, &[]));
        rig.world.huly.edit_title(&format!("{}-1", identifier(3)), "Edited");
        let task = rig.world.vibe.tasks(&vibe[7])[0].id.clone();
        rig.world.vibe.edit_status(&task, "done");
        assert_each_in_one(&pass(&rig, count, &[]));
        let mark = rig.world.mark();
        pass(&rig, count, &["--full"]);
        assert!(rig.world.writes_since(mark).is_empty(), "{:#?}", rig.world.writes_since(mark));
        ended.push(boards(&rig, &vibe));
    }
    assert!(ended[0] == ended[1], "{ended:#?}");
    assert!(ended[0].values().all(|items| items.len() == 8), "{ended:#?}");
}

#[test]
fn three_shards_take_over_what_eight_knew() {
    let rig = Rig::new();
    let vibe = fill(&rig);
    pass(&rig, 8, &[]);
    // A tombstone in every other project, an item that waits, and a value that lost.
    for project in vibe.iter().step_by(2) {
        let tasks = rig.world.vibe.tasks(project);
        rig.world.vibe.delete_task(&tasks[0].id);
    }
    let (issue, task) = (format!("{}-1", identifier(1)), rig.world.vibe.tasks(&vibe[1]));
    let task = task.iter().find(|task| task.text().ends_with(&format!(": {issue}"))).unwrap();
    rig.world.huly.edit_title(&issue, "Of Huly");
    rig.world.vibe.edit_title(&task.id, "Of Vibe");
    pass(&rig, 8, &["--full"]);
    let before = boards(&rig, &vibe);
    let stats = |index, count| run(&rig, &state(&rig, index, count), &["stats"]).json;
    let sum = |count: usize, key: &str| -> u64 {
        (0..count).map(|index| stats(index, count)[key].as_u64().unwrap()).sum()
    };
    let keys = ["issues", "links", "tombstones", "open_conflicts"];
    let known = keys.map(|key| sum(8, key));
    assert_eq!((known[2], known[3]), (PROJECTS as u64 / 2, 1));

    let old: Vec<String> = (0..8).map(|at| state(&rig, at, 8).display().to_string()).collect();
    let take = |index: usize| -> Value {
        let shard = format!("{index}/3");
        let mut args = vec!["import", "--shard", &shard];
        args.extend(old.iter().map(String::as_str));
        let ran = run(&rig, &state(&rig, index, 3), &args);
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{ran:#?}");
        ran.json
    };
    let taken: Vec<Value> = (0..3).map(take).collect();

    assert_eq!(keys.map(|key| sum(3, key)), known);
    let each = |told: &Value, key: &str| -> u64 {
        told["files"].as_array().unwrap().iter().map(|file| file[key].as_u64().unwrap()).sum()
    };
    assert_eq!(taken.iter().map(|told| each(told, "links")).sum::<u64>(), known[1]);
    // Again: it is all known.
    assert!((0..3).map(take).all(|told| each(&told, "issues") == 0 && each(&told, "losers") == 0));
    for args in [&[][..], &[], &["--full"]] {
        let mark = rig.world.mark();
        assert_each_in_one(&pass(&rig, 3, args));
        assert!(rig.world.writes_since(mark).is_empty(), "{:#?}", rig.world.writes_since(mark));
    }
    assert!(boards(&rig, &vibe) == before);
    assert_eq!(keys.map(|key| sum(3, key)), known);
}

#[test]
fn a_shard_that_nobody_named_is_a_slip() {
    let rig = Rig::new();
    rig.project();
    for (set, named) in [
        (&[][..], "JOB_COMPLETION_INDEX"),
        (&[("SHARD_COUNT", "2")], "SHARD_INDEX"),
        (&[("SHARD_INDEX", "1")], "SHARD_COUNT"),
        (&[("JOB_COMPLETION_INDEX", "2"), ("SHARD_COUNT", "2")], "from 0 to 1"),
    ] {
        let mut command = command(&rig, &rig.state(), &["sync", "--shard", "env"]);
        let ran = ran(command.envs(set.iter().copied()).output().unwrap());
        assert_eq!(ran.exit, 2, "{ran:#?}");
        assert!(ran.stderr.contains(named), "{}", ran.stderr);
    }
    assert!(rig.world.log().is_empty());
    assert!(!rig.state().exists());
}
