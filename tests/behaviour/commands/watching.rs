//! `--textfile` and `--ping`: who is told how a run went, and what they are told.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use huly_vibe_sync::lock::Lock;

use super::{plainly, text};
use crate::rig::{Rig, ran};
use crate::support::{Fault, When};

/// What a watcher was told: method, path with query, body.
type Told = (String, String, String);

/// A watcher that answers everything with this status line.
struct Watcher {
    url: String,
    told: Arc<Mutex<Vec<Told>>>,
}

impl Watcher {
    fn new(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let told = Arc::new(Mutex::new(Vec::new()));
        let heard = told.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                if let Some(one) = hear(&stream) {
                    heard.lock().unwrap().push(one);
                }
                let _ = write!(stream, "HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n");
            }
        });
        Self { url, told }
    }

    fn take(&self) -> Vec<Told> {
        std::mem::take(&mut self.told.lock().unwrap())
    }

    fn paths(&self) -> Vec<String> {
        self.take().into_iter().map(|(_, path, _)| path).collect()
    }
}

fn hear(stream: &TcpStream) -> Option<Told> {
    let mut from = BufReader::new(stream);
    let mut line = String::new();
    from.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        from.read_line(&mut line).ok()?;
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).ok()?;
    Some((method, path, String::from_utf8(body).ok()?))
}

/// One that takes connections, and never says a word.
fn mute() -> (String, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    (format!("http://{}", listener.local_addr().unwrap()), listener)
}

/// A sample's value.
#[track_caller]
fn value(file: &Path, metric: &str) -> f64 {
    let text = fs::read_to_string(file).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{metric} ")));
    line.unwrap_or_else(|| panic!("no {metric} in {text}")).parse().unwrap()
}

#[test]
fn a_watcher_is_told_of_the_start_and_of_the_end_with_what_people_are_told() {
    let rig = Rig::new();
    rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    let watcher = Watcher::new("200 OK");
    let url = format!("{}/ping/secret", watcher.url);

    assert_eq!(rig.run(&["sync", "--ping", &url]).exit, 0);

    let told = watcher.take();
    let shown: Vec<_> = told.iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    assert_eq!(shown, ["POST /ping/secret/start", "POST /ping/secret/0"]);
    assert_eq!(told[0].2, "");
    assert!(told[1].2.starts_with("sync: exit code 0: done"), "{told:?}");
    assert!(told[1].2.contains("1 issues and 0 tasks seen"), "{told:?}");

    // What failed is in the body, and the code in the path.
    rig.world.huly.add_issue("PROJ", "Two", "text", "Todo");
    rig.world.vibe.fault(When::on("POST", "/api/tasks"), Fault::status(422));
    assert_eq!(rig.run(&["sync", "--ping", &format!("{url}/?create=1")]).exit, 3);
    let told = watcher.take();
    assert_eq!(told[0].1, "/ping/secret/start?create=1");
    assert_eq!(told[1].1, "/ping/secret/3?create=1");
    assert!(told[1].2.contains("PROJ: PROJ-2: vibe POST /api/tasks"), "{told:?}");
}

#[test]
fn a_run_that_cannot_begin_its_work_tells_its_end() {
    let mut rig = Rig::new();
    rig.project();
    let watcher = Watcher::new("200 OK");
    rig.set("HULY_VIBE_SYNC_WATCH_PING", &watcher.url);
    rig.world.vibe.go_offline();
    assert_eq!(rig.sync().exit, 75);
    assert_eq!(watcher.paths(), ["/start", "/75"]);
    rig.set("VIBE_API_URL", "");
    assert_eq!(rig.sync().exit, 2);
    assert_eq!(watcher.paths(), ["/2"]);
    fs::remove_file(rig.state()).unwrap();
    fs::create_dir(rig.state()).unwrap();
    rig.set("VIBE_API_URL", &rig.world.vibe.url());
    assert_eq!(rig.sync().exit, 1);
    assert_eq!(watcher.paths(), ["/1"]);
}

#[test]
fn a_watcher_that_is_away_or_silent_or_refuses_changes_nothing_but_a_warning() {
    let mut rig = Rig::new();
    rig.project();
    let refusing = Watcher::new("404 Not Found");
    let (silent, held) = mute();
    let (away, gone) = mute();
    drop(gone);
    for (url, limit, said) in [
        (&refusing.url, "10s", "it answered 404"),
        (&silent, "50ms", "no answer within 50ms"),
        (&away, "10s", ""),
    ] {
        rig.set("HULY_VIBE_SYNC_WATCH_PING_TIMEOUT", limit);
        let output = plainly(&rig, &["sync", "--ping", &format!("{url}/ping/secret?key=secret")]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let stderr = text(&output.stderr);
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.starts_with("warning: failed to tell http://127.0.0.1:"), "{stderr}");
        assert!(stderr.contains("/… of the end: ") && stderr.contains(said), "{stderr}");
        assert!(!stderr.contains("secret"), "{stderr}");
    }
    drop(held);
    // Nor is a wrong one repeated.
    let output = plainly(&rig, &["sync", "--ping", "hc.example.org/secret"]);
    assert_eq!(output.status.code(), Some(2));
    let stderr = text(&output.stderr);
    assert!(stderr.contains("watch.ping") && !stderr.contains("secret"), "{stderr}");
}

#[test]
fn the_setting_is_for_passes_over_all_projects_and_the_flag_for_its_run() {
    let mut rig = Rig::new();
    rig.project();
    let watcher = Watcher::new("200 OK");
    rig.set("HULY_VIBE_SYNC_WATCH_PING", &watcher.url);
    assert_eq!(rig.run(&["sync-project", "PROJ"]).exit, 0);
    assert_eq!(watcher.paths(), [""; 0]);
    assert_eq!(rig.run(&["sync-project", "PROJ", "--ping", &watcher.url]).exit, 0);
    assert_eq!(watcher.paths(), ["/start", "/0"]);
}

#[test]
fn nobody_is_told_of_a_dry_run_or_of_a_run_that_finds_another_at_work() {
    let rig = Rig::new();
    rig.project();
    let watcher = Watcher::new("200 OK");
    let file = rig.folder.path().join("sync.prom");
    let args = ["--ping", &watcher.url, "--textfile", file.to_str().unwrap()];
    assert_eq!(rig.run(&[&["sync", "--dry-run"][..], &args].concat()).exit, 0);
    let lock = Lock::take(&rig.state()).unwrap().unwrap();
    assert_eq!(rig.run(&[&["sync"][..], &args].concat()).exit, 75);
    drop(lock);
    assert_eq!(watcher.paths(), [""; 0]);
    assert!(!file.exists());
}

#[test]
fn the_text_file_says_what_stats_says_and_anybody_may_read_it() {
    let mut rig = Rig::new();
    rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    let file = rig.folder.path().join("sync.prom");
    rig.set("HULY_VIBE_SYNC_WATCH_TEXTFILE", file.to_str().unwrap());
    for args in [&["sync"][..], &["sync-project", "PROJ"]] {
        assert_eq!(rig.run(args).exit, 0);
        let output = plainly(&rig, &["stats", "--format", "prometheus"]);
        assert_eq!(fs::read_to_string(&file).unwrap(), text(&output.stdout));
        assert_eq!(value(&file, "huly_vibe_sync_last_run_exit_code"), 0.0);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o644);
    }
    let beside = fs::read_dir(rig.folder.path()).unwrap();
    let names = beside.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.starts_with("sync.prom")).count(), 1);
}

#[test]
fn the_text_file_of_a_run_that_fails_early_says_so() {
    let mut rig = Rig::new();
    rig.project();
    let file = rig.folder.path().join("sync.prom");
    rig.set("HULY_VIBE_SYNC_WATCH_TEXTFILE", file.to_str().unwrap());
    rig.sync_well();
    let success = value(&file, "huly_vibe_sync_last_success_timestamp_seconds");
    let exit = |file: &Path| value(file, "huly_vibe_sync_last_run_exit_code");

    rig.world.vibe.go_offline();
    assert_eq!(rig.sync().exit, 75);
    assert_eq!(exit(&file), 75.0);
    rig.world.vibe.come_back();

    // It never came to the state: the rest is told from what that knows.
    rig.set("VIBE_API_URL", "");
    assert_eq!(rig.sync().exit, 2);
    assert_eq!(exit(&file), 2.0);
    assert_eq!(value(&file, "huly_vibe_sync_last_success_timestamp_seconds"), success);

    // And without any.
    fs::remove_file(rig.state()).unwrap();
    fs::create_dir(rig.state()).unwrap();
    rig.set("VIBE_API_URL", &rig.world.vibe.url());
    assert_eq!(rig.sync().exit, 1);
    assert_eq!(exit(&file), 1.0);
    assert!(value(&file, "huly_vibe_sync_last_run_start_timestamp_seconds") >= success);
    value(&file, "huly_vibe_sync_last_run_duration_seconds");
}

#[test]
fn a_text_file_that_cannot_be_written_is_a_warning() {
    let rig = Rig::new();
    rig.project();
    let file = rig.folder.path().join("none/sync.prom");
    let output = plainly(&rig, &["sync", "--textfile", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let stderr = text(&output.stderr);
    assert!(stderr.starts_with("warning: failed to write ") && stderr.lines().count() == 1);
}

#[test]
fn a_watcher_that_is_silent_keeps_no_process_that_is_to_end() {
    let mut rig = Rig::new();
    rig.project();
    let (silent, _held) = mute();
    rig.set("HULY_VIBE_SYNC_WATCH_PING_TIMEOUT", "1h");
    let mut command = rig.command(&["sync", "--ping", &silent, "--json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while !rig.world.vibe.log().iter().any(|entry| entry.path.contains("/api/tasks?")) {
        thread::sleep(Duration::from_millis(1));
    }
    // In the middle of the pass, or of the wait at its end.
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let ran = ran(child.wait_with_output().unwrap());
    assert!([0, 75].contains(&ran.exit), "{ran:#?}");
    assert!(ran.stderr.contains("no answer before a signal"), "{ran:#?}");
}

#[test]
fn watchers_that_cannot_be_told_are_said_once_and_again_when_they_could_be() {
    let mut rig = Rig::new();
    rig.project();
    let refusing = Watcher::new("404 Not Found");
    let folder = rig.folder.path().join("later");
    let file = folder.join("sync.prom");
    let lines = |rig: &Rig, args: &[&str]| text(&plainly(rig, args).stderr).lines().count();
    rig.set("HULY_VIBE_SYNC_WATCH_TEXTFILE", file.to_str().unwrap());
    rig.set("HULY_VIBE_SYNC_WATCH_PING", &refusing.url);
    assert_eq!(lines(&rig, &["sync"]), 2);
    assert_eq!(lines(&rig, &["sync"]), 0);
    // The passes' own watcher is not asked here, and nothing is over for it; what goes wrong with
    // the file is said to whoever asked for this project.
    assert_eq!(lines(&rig, &["sync-project", "PROJ"]), 1);

    fs::create_dir(&folder).unwrap();
    let output = plainly(&rig, &["sync", "-v"]);
    assert!(text(&output.stderr).contains("warning: over: failed to write "), "{output:?}");
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(lines(&rig, &["sync"]), 1);
}
