//! `stats --html` in a real browser: what is hostile stays text, and nobody is asked for anything.
//! Without a Chromium on this machine the browser's part is skipped, and says so; it fails where
//! `CHROMIUM_REQUIRED=1`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Instant, SystemTime};

use huly_vibe_sync::model::{Millis, Side};
use huly_vibe_sync::store::losers::{self, Kind, Loser};
use huly_vibe_sync::store::pending::{self, Pending, Reason};
use huly_vibe_sync::store::runs::{self, Run};
use huly_vibe_sync::store::{Store, projects};
use serde_json::Value;

const HOSTILE: &str = "</title></bdi></p><script>console.error('reached')</script>\
                       <img src=\"http://images.example.org/x.png\" onerror=\"console.error('r')\">\
                       <style>@import url(https://styles.example.org/x.css)</style>\u{202e}";

fn now() -> Millis {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Millis::try_from(since.as_millis()).unwrap()
}

/// A state of so many projects and passes, whose texts mean harm.
fn state(folder: &Path, project_count: usize, run_count: Millis) -> PathBuf {
    let path = folder.join("state.db");
    let (store, now) = (Store::open(&path).unwrap(), now());
    let run = |at: Millis| Run {
        id: at + 1,
        ended: Some(now - (run_count - at) * 300_000 + 1_000 + at % 700),
        exit: Some([0, 0, 0, 75, 0, 0, 3][usize::try_from(at % 7).unwrap()]),
        created: 2,
        failed: u64::from(at % 7 == 6),
        peak_rss: 9_000_000,
        message: Some(HOSTILE.to_owned()),
        ..Run::default()
    };
    store
        .write(|state| {
            for at in 0..project_count {
                let identifier = format!("P{at}{}", if at == 0 { HOSTILE } else { "" });
                let row = projects::keep(state, &identifier, HOSTILE)?;
                let outcome = ["ok", "failed", "partial"][at % 3];
                projects::tried(state, row.id, now, outcome, (at % 3 > 0).then_some(HOSTILE))?;
                let waiting = Pending {
                    reason: Reason::Refused,
                    tries: 1,
                    since: now - 7_000_000,
                    at: now,
                    print: None,
                    message: HOSTILE.to_owned(),
                };
                pending::put(state, row.id, HOSTILE, &waiting)?;
                let loser = Loser {
                    id: 0,
                    project: String::new(),
                    identifier: HOSTILE.to_owned(),
                    task: None,
                    field: "title".to_owned(),
                    kind: Kind::Conflict,
                    winner: Side::Huly,
                    lost: HOSTILE.to_owned(),
                    won: HOSTILE.to_owned(),
                    at: now - 90_000,
                    acked: None,
                };
                losers::add(state, row.id, &loser)?;
            }
            for at in 0..run_count {
                runs::begin(state, "sync", now - (run_count - at) * 300_000)?;
                runs::end(state, &run(at))?;
            }
            Ok(())
        })
        .unwrap();
    path
}

fn page(folder: &Path, state: &Path) -> PathBuf {
    let page = folder.join("page.html");
    let mut command = Command::new(env!("CARGO_BIN_EXE_huly-vibe-sync"));
    command.args(["stats", "--html"]).arg(&page).arg("--state").arg(state).env_clear();
    let output = command.env("HOME", folder).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    page
}

#[test]
fn the_page_of_a_year_of_passes_is_small_and_soon_there() {
    let folder = tempfile::tempdir().unwrap();
    let state = state(folder.path(), 400, 10_000);
    let begun = Instant::now();
    let page = page(folder.path(), &state);
    let took = begun.elapsed();
    let bytes = fs::metadata(&page).unwrap().len();
    println!("{bytes} bytes in {took:?}");
    assert!(bytes < 300_000, "{bytes} bytes");
}

#[test]
fn what_the_page_is_written_to_is_told_as_json_and_a_place_that_is_none_fails() {
    let folder = tempfile::tempdir().unwrap();
    let state = state(folder.path(), 1, 1);
    let run = |file: &Path, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_huly-vibe-sync"));
        command.args(["stats", "--html"]).arg(file).arg("--state").arg(&state).args(more);
        command.env_clear().env("HOME", folder.path()).output().unwrap()
    };
    let file = folder.path().join("page.html");
    let told: Value = serde_json::from_slice(&run(&file, &["--json"]).stdout).unwrap();
    assert_eq!((&told["exit"], &told["file"]), (&0.into(), &file.to_str().unwrap().into()));
    assert_eq!(told["bytes"], fs::metadata(&file).unwrap().len());
    let failed = run(&folder.path().join("none/page.html"), &[]);
    assert_eq!(failed.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&failed.stderr).contains("failed to write "), "{failed:?}");
    assert_eq!(run(&file, &["--format", "json"]).status.code(), Some(2));
}

/// What is installed under any of its names.
fn chromium() -> Option<&'static str> {
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| {
        let mut command = Command::new(name);
        let run = command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        run.is_ok_and(|status| status.success())
    })
}

/// What a browser did with a page.
struct Visit {
    /// Lines of its console.
    console: Vec<String>,
    /// What the page asked for, itself apart.
    asked: Vec<String>,
    picture: PathBuf,
}

fn visit(program: &str, folder: &Path, page: &Path, name: &str, flags: &[&str]) -> Visit {
    let (log, picture) = (folder.join(format!("{name}.json")), folder.join(format!("{name}.png")));
    let mut command = Command::new(program);
    command.args([
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        // Nothing leaves this machine, whatever is asked for.
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--enable-logging=stderr",
    ]);
    command.arg(format!("--user-data-dir={}", folder.join("profile").display()));
    command.arg(format!("--log-net-log={}", log.display()));
    command.arg(format!("--screenshot={}", picture.display()));
    let output = command.args(flags).arg(format!("file://{}", page.display())).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && picture.exists(), "{said}");
    let console = said.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect();
    let log: Value = serde_json::from_slice(&fs::read(&log).unwrap()).unwrap();
    let start = &log["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"];
    let events = log["events"].as_array().unwrap().iter();
    // The browser's own requests have no page as their origin.
    let of_page = events.filter(|event| {
        event["type"] == *start
            && event["params"]["initiator"].as_str().is_some_and(|it| it != "not an origin")
    });
    let asked = of_page.map(|event| event["params"]["url"].as_str().unwrap().to_owned()).collect();
    Visit { console, asked, picture }
}

#[test]
fn in_a_browser_no_title_becomes_markup_and_nothing_is_asked_for() {
    let Some(program) = chromium() else {
        let reason = "there is no chromium on this machine (Debian has it as a package)";
        let is_required = env::var("CHROMIUM_REQUIRED").is_ok_and(|value| value == "1");
        assert!(!is_required, "{reason}");
        println!("skipped: {reason}");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // That this would be seen: the same texts as markup.
    let bare = folder.join("bare.html");
    fs::write(&bare, format!("<!doctype html><title>x{HOSTILE}")).unwrap();
    let seen = visit(program, folder, &bare, "bare", &[]);
    assert!(seen.console.iter().any(|line| line.contains("reached")), "{:?}", seen.console);
    let hosts = ["images.example.org", "styles.example.org"];
    assert!(hosts.iter().all(|host| seen.asked.iter().any(|url| url.contains(host))));

    let page = page(folder, &state(folder, 12, 500));
    for (name, flags) in [
        ("light", &["--window-size=1100,1600"][..]),
        ("dark", &["--window-size=1100,1600", "--blink-settings=preferredColorScheme=0"]),
        ("narrow", &["--window-size=500,1600"]),
    ] {
        let seen = visit(program, folder, &page, name, flags);
        assert_eq!((seen.console, seen.asked), (Vec::new(), Vec::new()), "{name}");
        // An empty sheet of that size is a few kilobytes.
        let bytes = fs::metadata(&seen.picture).unwrap().len();
        assert!(bytes > 30_000, "{name}: {bytes} bytes");
    }
    let pictures =
        ["light", "dark"].map(|name| fs::read(folder.join(format!("{name}.png"))).unwrap());
    assert!(pictures[0] != pictures[1], "it has a dark face");
}
