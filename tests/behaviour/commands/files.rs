//! Files that are written where somebody said, and read from where somebody said.

use std::fs::{self, Permissions};
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::{plainly, text};
use crate::rig::Rig;

fn synced() -> Rig {
    let rig = Rig::new();
    rig.project();
    rig.sync_well();
    rig
}

fn pipe(folder: &Path) -> PathBuf {
    let path = folder.join("pipe");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

#[test]
fn a_link_stays_a_link_and_the_file_that_it_leads_to_is_replaced_with_its_mode() {
    let rig = synced();
    let at = |name: &str| rig.folder.path().join(name);
    for (args, name) in [(["sync", "--textfile"], "metrics"), (["stats", "--html"], "page")] {
        let link = at(&format!("link-to-{name}"));
        fs::write(at(name), "old").unwrap();
        fs::set_permissions(at(name), Permissions::from_mode(0o640)).unwrap();
        symlink(name, &link).unwrap();
        assert_eq!(rig.run(&[args[0], args[1], link.to_str().unwrap()]).exit, 0);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink(), "{name}");
        assert_ne!(fs::read_to_string(at(name)).unwrap(), "old");
        assert_eq!(fs::metadata(at(name)).unwrap().permissions().mode() & 0o777, 0o640, "{name}");
    }
}

#[test]
fn a_pipe_that_nobody_reads_stays_a_pipe_and_is_not_waited_for() {
    let rig = synced();
    let path = pipe(rig.folder.path());
    let link = rig.folder.path().join("link");
    symlink(&path, &link).unwrap();
    for to in [&path, &link] {
        let to = to.to_str().unwrap();
        // A watcher changes no exit code; a page was what was asked for.
        assert_eq!(rig.run(&["sync", "--textfile", to]).exit, 0);
        let output = plainly(&rig, &["stats", "--html", to]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(text(&output.stderr).contains(to), "{output:?}");
        assert!(fs::metadata(&path).unwrap().file_type().is_fifo());
    }
}

#[test]
fn a_dash_is_standard_output() {
    let rig = synced();
    let page = plainly(&rig, &["stats", "--html", "-"]);
    assert!(text(&page.stdout).starts_with("<!doctype html>"), "{page:?}");
    let metrics = plainly(&rig, &["sync", "--textfile", "-"]);
    assert!(
        text(&metrics.stdout).contains("\nhuly_vibe_sync_last_run_exit_code 0\n"),
        "{metrics:?}"
    );
    assert!(!rig.folder.path().join("-").exists() && !Path::new("-").exists());
}

#[test]
fn settings_and_secrets_are_read_from_regular_files_alone() {
    let mut rig = synced();
    let path = pipe(rig.folder.path());
    let begun = Instant::now();
    let config = plainly(&rig, &["sync", "--config", path.to_str().unwrap()]);
    rig.set("LETTA_PASSWORD_FILE", path.to_str().unwrap());
    let secret = plainly(&rig, &["sync"]);
    for output in [config, secret] {
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(text(&output.stderr).contains("not a regular file"), "{output:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(30), "nobody waits for a pipe");
}

#[test]
fn names_that_steer_a_terminal_are_shown_and_readable_ones_stay_as_they_are() {
    let rig = synced();
    let odd = "\u{1b}]0;x\u{7}\u{202e}R\r";
    let kind = "e\u{301} 👩\u{200d}💻 设计";
    let store = huly_vibe_sync::store::Store::open(&rig.state()).unwrap();
    store
        .write(|state| {
            huly_vibe_sync::store::projects::keep(state, odd, odd)?;
            huly_vibe_sync::store::projects::keep(state, kind, kind)
        })
        .unwrap();
    drop(store);
    for args in [&["stats"][..], &["stats", "--format", "prometheus"], &["stats", "--json"]] {
        let output = plainly(&rig, args);
        let shown = text(&output.stdout);
        assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}', '\r']), "{args:?}: {shown:?}");
        assert!(shown.contains(kind), "{args:?}: {shown}");
    }
    let page = text(&plainly(&rig, &["stats", "--html", "-"]).stdout).to_owned();
    assert!(!page.contains(['\u{1b}', '\u{7}', '\u{202e}', '\r']) && page.contains(kind));
}

#[test]
fn of_a_watcher_s_address_scheme_and_host_are_shown() {
    let rig = synced();
    let output = plainly(&rig, &["sync", "--ping", "http://127.0.0.1:1/KEY-S3CRET/my-slug"]);
    let said = text(&output.stderr);
    assert!(said.contains("http://127.0.0.1:1/…"), "{said}");
    assert!(!said.contains("S3CRET") && !said.contains("my-slug"), "{said}");
}
