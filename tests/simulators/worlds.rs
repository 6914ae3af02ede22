//! Two systems in one order: log, counters, callbacks, sample data, and a clean end.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Fill, Host, Setup, World, ask, serve};

fn world() -> (World, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (World::start(Setup::new(folder.path())), folder)
}

#[test]
fn requests_of_both_systems_stand_in_one_log() {
    let (world, _folder) = world();
    world.huly.add_project("A", "A");
    ask(&world.huly.url(), "GET", "/api/projects", None).unwrap();
    let mark = world.mark();
    assert_eq!(mark, 1);
    ask(&world.vibe.url(), "GET", "/api/projects", None).unwrap();
    let body = json!({"project_identifier": "A", "title": "T"});
    ask(&world.huly.url(), "POST", "/api/issues", Some(&body)).unwrap();
    let log = world.log();
    let sides: Vec<Host> = log.iter().map(|e| e.side).collect();
    assert_eq!(sides, [Host::Huly, Host::Vibe, Host::Huly]);
    let writes = world.writes_since(mark);
    assert_eq!(writes.len(), 1);
    assert_eq!(writes[0].json(), body);
    assert_eq!((writes[0].sequence, writes[0].status), (3, 201));
    assert!(writes[0].to_string().starts_with("#3 huly POST /api/issues {"));
    assert!(world.writes_since(world.mark()).is_empty());
    world.keep_log(false);
    ask(&world.vibe.url(), "GET", "/api/projects", None).unwrap();
    assert_eq!((world.mark(), world.log().len()), (4, 3));
    let counters = world.huly.counters();
    assert_eq!((counters.requests, counters.writes, counters.connections), (2, 1, 2));
    assert_eq!(counters.bytes_in, body.to_string().len() as u64);
    assert_eq!(world.huly.busiest_second(), 2);
    assert!(counters.bytes_out > 100 && counters.max_concurrent == 1);
}

#[test]
fn callbacks_come_after_the_effect_and_after_the_answer() {
    let (world, _folder) = world();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (effects, serves) = (seen.clone(), seen.clone());
    world.on_effect(move |n, side| effects.lock().unwrap().push(("effect", n, side)));
    world.on_served(move |n, side| {
        // Longer than the client needs to read its answer.
        std::thread::sleep(Duration::from_millis(20));
        serves.lock().unwrap().push(("served", n, side));
    });
    let host = world.huly.url().replace("http://", "");
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(b"GET /api/projects HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let mut answer = [0; 1024];
    assert!(stream.read(&mut answer).unwrap() > 0);
    assert_eq!(*seen.lock().unwrap(), [("effect", 1, Host::Huly)]);
    while seen.lock().unwrap().len() < 2 {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(seen.lock().unwrap()[1], ("served", 1, Host::Huly));
    world.forget_callbacks();
}

#[test]
fn nothing_is_left_of_a_world_that_was_dropped() {
    let (world, _folder) = world();
    world.huly.add_project("A", "A");
    world.huly.platform_goes_away();
    let hosts = [world.huly.url(), world.vibe.url()].map(|url| url.replace("http://", ""));
    let mut hanging = TcpStream::connect(&hosts[0]).unwrap();
    hanging.write_all(b"GET /api/projects HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    world.huly.until_hanging(1);
    drop(world);
    assert_eq!(hanging.read(&mut [0]).unwrap_or(0), 0);
    for host in hosts {
        assert_eq!(TcpStream::connect(host).unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    }
}

#[test]
fn sample_data_is_linked_by_markers_and_always_the_same() {
    let (world, _folder) = world();
    let fill =
        Fill { projects: 2, issues_per_project: 10, description_bytes: 500, both_sides: true };
    let filled = world.fill(&fill);
    let issues = world.huly.issues("PRJ001");
    let tasks = world.vibe.tasks(filled[1].vibe_id.as_ref().unwrap());
    assert_eq!((issues.len(), tasks.len()), (10, 10));
    for (issue, task) in issues.iter().zip(&tasks) {
        assert_eq!(issue.title, task.title);
        let of_task = task.text().ends_with(&format!("\n\n---\nHuly Issue: {}", issue.identifier));
        let of_issue = issue.description.ends_with(&format!("\n\n---\n\nVibe Task: {}", task.id));
        assert!(of_task != of_issue, "one of the two bears the marker");
        assert!(issue.description.len() >= 500);
        let normal = crate::support::huly::markdown::normal(&issue.description);
        assert_eq!(normal, issue.description, "the platform would not change it");
    }
    let (again, _folder) = self::world();
    again.fill(&Fill { both_sides: false, ..fill });
    assert_eq!(again.huly.issues("PRJ001")[0].title, issues[0].title);
    assert!(again.vibe.projects().is_empty());
}

#[test]
fn a_large_list_costs_the_server_little_the_second_time() {
    let (world, _folder) = world();
    let fill =
        Fill { projects: 1, issues_per_project: 2000, description_bytes: 2000, both_sides: true };
    let filled = world.fill(&fill);
    let path = format!("/api/tasks?project_id={}", filled[0].vibe_id.as_ref().unwrap());
    for (url, path) in [
        (world.vibe.url(), path.as_str()),
        (world.huly.url(), "/api/projects/PRJ000/issues?limit=5000"),
    ] {
        let first = ask(&url, "GET", path, None).unwrap();
        let begun = std::time::Instant::now();
        let second = ask(&url, "GET", path, None).unwrap();
        assert!(first.body.len() > 4_000_000 && second.body.len() == first.body.len());
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    }
}

/// The other end of the next test; alone it does nothing.
#[test]
#[ignore = "runs in a process of its own"]
fn serving_process() {
    if let Ok(folder) = std::env::var("SIMULATORS_SERVE_IN") {
        let fill =
            Fill { projects: 2, issues_per_project: 3, description_bytes: 100, both_sides: true };
        serve(Setup::new(folder), &fill).unwrap();
    }
}

#[test]
fn both_systems_run_in_a_process_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "worlds::serving_process", "--nocapture"])
        .env("SIMULATORS_SERVE_IN", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // The test harness may have begun the line.
    let mut next = move || -> Value {
        let line = lines.find(|l| l.as_ref().unwrap().contains('{')).unwrap().unwrap();
        serde_json::from_str(&line[line.find('{').unwrap()..]).unwrap()
    };
    let started = next();
    assert_eq!(started["issues"], 6);
    let url = started["huly"].as_str().unwrap();
    let list = || ask(url, "GET", "/api/projects/PRJ000/issues", None).unwrap().json();
    let before = list();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"edit 2\ncounters\nedit-tasks 1\nquit\n").unwrap();
    assert_eq!(next(), json!({"edited": 2}));
    assert_eq!(next()["huly"]["requests"], 1);
    assert_eq!(next(), json!({"edited": 1}));
    assert_eq!(before["count"], 3);
    assert_eq!(next(), json!({"quit": true}));
    assert!(child.wait().unwrap().success());
}
