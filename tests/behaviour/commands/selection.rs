//! Which projects a pass is for, and how many at once.

use std::sync::Barrier;

use super::{plainly, text};
use crate::rig::{Ran, Rig};
use crate::support::When;

const PROJECTS: [&str; 8] = ["API", "APP", "CORE", "DOCS", "INFRA", "OPS", "WEB", "WIKI"];

/// Projects on both sides, each with an issue that is new.
fn projects(rig: &Rig) -> Vec<String> {
    let make = |name: &&str| {
        rig.world.huly.add_project(name, &format!("The {name}"));
        rig.world.huly.add_issue(name, &format!("Issue of {name}"), "text", "Todo");
        rig.world.vibe.add_project(&format!("The {name}"))
    };
    PROJECTS.iter().map(make).collect()
}

fn reported(ran: &Ran) -> Vec<&str> {
    let projects = ran.json["projects"].as_array().unwrap();
    projects.iter().map(|project| project["identifier"].as_str().unwrap()).collect()
}

#[test]
fn sync_project_touches_that_project_alone() {
    let rig = Rig::new();
    let vibe = projects(&rig);
    let ran = rig.run(&["sync-project", "CORE", "WEB"]);
    assert_eq!((ran.exit, reported(&ran)), (0, vec!["CORE", "WEB"]), "{ran:#?}");
    for (name, id) in PROJECTS.iter().zip(&vibe) {
        let expected = usize::from(["CORE", "WEB"].contains(name));
        assert_eq!(rig.world.vibe.tasks(id).len(), expected, "{name}");
        // Nothing of the others was so much as read.
        let of_it = |path: &str, body: &str| {
            path.contains(&format!("/{name}/"))
                || path.contains(id.as_str())
                || body.contains(&format!("\"{name}\""))
        };
        let asked = rig.world.log().into_iter().filter(|entry| {
            of_it(&entry.path, std::str::from_utf8(&entry.body).unwrap_or_default())
        });
        assert_eq!(asked.count() > 0, expected == 1, "{name}");
    }
}

#[test]
fn an_unknown_project_or_a_glob_that_matches_none_is_a_slip() {
    let rig = Rig::new();
    projects(&rig);
    for (args, named) in [
        (&["sync-project", "WEB", "NONE"][..], "NONE"),
        (&["sync-project", "web"], "web"),
        (&["sync", "--project", "W*", "--project", "X?"], "X?"),
    ] {
        let output = plainly(&rig, args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert_eq!(text(&output.stdout), "");
        let message = text(&output.stderr);
        assert!(message.contains(named) && message.contains("there are API, APP"), "{message}");
    }
    assert!(rig.world.writes_since(0).is_empty());
}

#[test]
fn globs_choose_and_exclude() {
    let rig = Rig::new();
    projects(&rig);
    let ran = rig.run(&["sync", "--project", "W*", "--project", "AP?", "--exclude", "*I"]);
    assert_eq!((ran.exit, reported(&ran)), (0, vec!["APP", "WEB"]), "{ran:#?}");
    let ran = rig.run(&["sync", "--exclude", "W*", "--exclude", "[A-D]*"]);
    assert_eq!((ran.exit, reported(&ran)), (0, vec!["INFRA", "OPS"]), "{ran:#?}");
    // To exclude what is not there, or all that is there, is no slip.
    assert_eq!(rig.run(&["sync", "--exclude", "Q*"]).exit, 0);
    let ran = rig.run(&["sync", "--exclude", "*"]);
    assert_eq!((ran.exit, reported(&ran)), (0, vec![]));
}

#[test]
fn each_project_is_in_exactly_one_shard() {
    let rig = Rig::new();
    let vibe = projects(&rig);
    let mut all = Vec::new();
    for index in 0..3 {
        let ran = rig.run(&["sync", "--shard", &format!("{index}/3")]);
        assert_eq!(ran.exit, 0, "{ran:#?}");
        // The next one has a state of its own, as on a machine of its own.
        std::fs::remove_file(rig.state()).unwrap();
        all.extend(reported(&ran).into_iter().map(str::to_owned));
    }
    all.sort_unstable();
    assert_eq!(all, PROJECTS);
    for id in &vibe {
        assert_eq!(rig.world.vibe.tasks(id).len(), 1);
    }
}

#[test]
fn as_many_projects_are_worked_on_at_once_as_there_are_jobs() {
    let rig = Rig::new();
    projects(&rig);
    let ran = rig.run(&["sync", "--jobs", "1"]);
    assert_eq!(ran.exit, 0, "{ran:#?}");
    let (huly, vibe) = (rig.world.huly.counters(), rig.world.vibe.counters());
    assert_eq!((huly.max_concurrent, vibe.max_concurrent), (1, 1));

    // Four lists that are answered only when all four are asked for.
    rig.world.vibe.reset_counters();
    let barrier = Barrier::new(4);
    rig.world.vibe.before(When::on("GET", "/api/tasks?"), move || {
        barrier.wait();
    });
    let ran = rig.run(&["sync", "--full", "--jobs", "4"]);
    assert_eq!(ran.exit, 0, "{ran:#?}");
    let vibe = rig.world.vibe.counters();
    assert_eq!(vibe.max_concurrent, 4);
    // At least one each; more where the machine is so slow that idle ones were closed meanwhile.
    assert!(vibe.connections >= 4, "{vibe:?}");
    assert_eq!(ran.json["http"]["vibe"]["connections"], vibe.connections);
}
