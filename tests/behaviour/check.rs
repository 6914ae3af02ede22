//! `check`: what a pass would stumble over, and not a trace of having looked.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::rig::{Backend, Ran, Rig, backends, on_platform};
use crate::support::VibeVersion::{V0_0_71, V0_0_144, V0_1_14, V0_1_15};
use crate::support::letta::controls::PASSWORD;
use crate::support::{Category, Fault, LettaVersion, When};

/// All files below a folder with what is in them.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
            found.insert(path, Vec::new());
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.insert(path, bytes);
        }
    }
    found
}

/// Checks, and leaves nothing: no request that writes, no file made or changed.
#[track_caller]
fn check(rig: &Rig) -> Ran {
    let (mark, before) = (rig.world.mark(), files(rig.folder.path()));
    let ran = rig.run(&["check"]);
    let writes = rig.world.writes_since(mark);
    assert!(writes.is_empty(), "{writes:#?}");
    assert!(before == files(rig.folder.path()), "a file was made or changed");
    assert_eq!(ran.json["exit"], ran.exit, "{ran:#?}");
    ran
}

/// What was found at this level about this subject.
fn said(ran: &Ran, level: &str, subject: &str) -> Vec<String> {
    let findings = ran.json["findings"].as_array().unwrap_or_else(|| panic!("{ran:#?}"));
    let fits = |one: &&Value| one["level"] == level && one["subject"] == subject;
    let text = |one: &Value| {
        format!("{}; {}", one["what"].as_str().unwrap(), one["todo"].as_str().unwrap_or_default())
    };
    findings.iter().filter(fits).map(text).collect()
}

#[track_caller]
fn assert_said(ran: &Ran, level: &str, subject: &str, words: &[&str]) {
    let said = said(ran, level, subject);
    let has_all = |text: &String| words.iter().all(|word| text.contains(word));
    assert!(said.iter().any(has_all), "no {level} on {subject} has {words:?}: {ran:#?}");
}

/// Whether a finding is worse than a note.
fn is_trouble(finding: &Value) -> bool {
    !matches!(finding["level"].as_str(), Some("ok" | "note"))
}

#[test]
fn two_systems_that_are_well_pass_before_and_after_the_first_sync() {
    for backend in backends() {
        let mut rig = Rig::with(backend, V0_1_14);
        let letta = rig.world.start_letta(LettaVersion::V0_16_8);
        rig.set("LETTA_BASE_URL", &letta.url());
        rig.set("LETTA_PASSWORD", PASSWORD);
        rig.project();

        let ran = check(&rig);

        assert_eq!(ran.exit, 0, "{ran:#?}");
        assert_said(&ran, "note", "state", &["the first pass makes it"]);
        assert_said(&ran, "ok", "vibe", &["with local tasks", &rig.world.vibe.url()]);
        assert_said(&ran, "ok", "letta", &["0.16.8"]);
        assert_said(&ran, "ok", "project PROJ", &["would be the pair"]);
        let version = match backend {
            Backend::First => "first generation",
            Backend::Second => "second generation",
            Backend::Platform => "platform 0.7.",
        };
        assert_said(&ran, "ok", "huly", &[version, "1 projects"]);
        assert!(letta.agents().is_empty());

        rig.sync_well();
        let ran = check(&rig);
        assert_eq!(ran.exit, 0, "{ran:#?}");
        assert_said(&ran, "ok", "state", &["knows 1 pairs"]);
        assert_said(&ran, "ok", "project PROJ", &["is the pair"]);
        let troubles =
            ran.json["findings"].as_array().unwrap().iter().filter(|one| is_trouble(one));
        // The first bridge cannot change texts: that is all.
        assert_eq!(troubles.count(), usize::from(backend == Backend::First), "{ran:#?}");
    }
}

#[test]
fn people_read_a_line_for_each_finding() {
    let mut rig = Rig::new();
    rig.project();
    rig.world.huly.add_project("ESC", "A\u{1b}[2Jb");
    rig.set("HULY_VIBE_SYNC_LETTA_PASSWORD", "never-to-be-seen");

    let plain = rig.command(&["check"]).output().unwrap();
    let text = String::from_utf8(plain.stdout).unwrap();

    assert!(plain.status.success() && plain.stderr.is_empty(), "{text}");
    for start in ["note     config: ", "note     state: ", "ok       huly: ", "ok       vibe: "] {
        assert!(text.lines().any(|line| line.starts_with(start)), "no {start:?} in {text}");
    }
    assert!(!text.contains('\u{1b}') && !text.contains("never-to-be-seen"), "{text}");
    let colored = rig.command(&["check", "--color", "always"]).output().unwrap();
    assert!(String::from_utf8(colored.stdout).unwrap().contains("\u{1b}[32mok"));
    let quiet = rig.command(&["check", "--quiet"]).output().unwrap();
    assert!(quiet.stdout.is_empty() && quiet.status.success());
}

#[test]
fn settings_that_cannot_be_used_are_told_each() {
    let mut rig = Rig::new();
    rig.set("HULY_VIBE_SYNC_SYNC_JOBS", "many");
    rig.set("HULY_VIBE_SYNC_SYNC_JOSB", "1");
    let ran = check(&rig);
    assert_eq!(ran.exit, 2, "{ran:#?}");
    assert_eq!(said(&ran, "error", "config").len(), 2, "{ran:#?}");
}

#[test]
fn a_system_without_an_address_leaves_the_other_checked() {
    let mut rig = Rig::new();
    rig.project();
    rig.set("VIBE_API_URL", "");
    let ran = check(&rig);
    assert_eq!(ran.exit, 2, "{ran:#?}");
    assert_said(&ran, "error", "vibe", &["VIBE_API_URL"]);
    assert_eq!(said(&ran, "ok", "huly").len(), 1, "{ran:#?}");
}

#[test]
fn a_wrong_password_is_an_error_with_the_way_out() {
    if !on_platform() {
        return;
    }
    let mut rig = Rig::new();
    rig.project();
    rig.set("HULY_PASSWORD", "swordfish");
    let ran = check(&rig);
    assert_eq!(ran.exit, 2, "{ran:#?}");
    assert_said(&ran, "error", "huly", &["wrong e-mail or password", "huly.password"]);
    assert!(!ran.json.to_string().contains("swordfish"));
    assert_eq!(rig.world.huly.failed_logins(), 1, "five of them lock the account");
}

#[test]
fn a_huly_that_is_not_connected_is_away() {
    for backend in backends() {
        let rig = Rig::with(backend, V0_0_71);
        rig.project();
        rig.world.huly.connected(false);
        let ran = check(&rig);
        assert_eq!(ran.exit, 75, "{ran:#?}");
        assert_eq!(said(&ran, "away", "huly").len(), 1, "{ran:#?}");
    }
}

#[test]
fn a_vibe_kanban_without_local_tasks_is_an_error() {
    for backend in backends() {
        let rig = Rig::with(backend, V0_1_15);
        rig.world.huly.add_project("PROJ", "Project");
        let ran = check(&rig);
        assert_eq!(ran.exit, 2, "{ran:#?}");
        assert_said(&ran, "error", "vibe", &["no local projects", "0.1.14"]);
    }
}

#[test]
fn a_project_without_membership_is_named() {
    if !on_platform() {
        return;
    }
    let rig = Rig::new();
    rig.project();
    rig.world.huly.add_project("SHUT", "Shut");
    rig.world.huly.leave_project("SHUT");
    let ran = check(&rig);
    assert_eq!(ran.exit, 0, "{ran:#?}");
    assert_said(&ran, "warning", "project SHUT", &["no member", "make it a member"]);
}

/// On the platform they are told; over a bridge they are known when an issue had them.
#[test]
fn a_status_without_counterpart_is_named() {
    for backend in backends() {
        let mut rig = Rig::with(backend, V0_0_71);
        rig.project();
        if on_platform() {
            // A category is a counterpart there, whatever the name.
            rig.world.huly.set_states("PROJ", &[("Baking", Category::Active)]);
            let ran = check(&rig);
            assert_eq!(said(&ran, "warning", "statuses"), [""; 0], "{ran:#?}");
            assert_said(&ran, "note", "statuses", &["\"done\"", "PROJ", "[status.fallback]"]);
        } else {
            rig.world.huly.set_statuses("PROJ", &["Backlog", "Baking"]);
            rig.world.huly.add_issue("PROJ", "Bread", "", "Baking");
            rig.sync();
            let ran = check(&rig);
            assert_said(&ran, "warning", "statuses", &["\"Baking\"", "PROJ", "[status.to_vibe]"]);
            rig.set("HULY_VIBE_SYNC_STATUS_TO_VIBE", "Baking=inprogress");
            let ran = check(&rig);
            assert_eq!(said(&ran, "warning", "statuses"), [""; 0], "{ran:#?}");
        }
    }
}

#[test]
fn a_repository_that_is_missing_is_named() {
    for backend in backends() {
        let rig = Rig::with(backend, V0_0_144);
        rig.world.huly.add_project("WEB", "Web");
        let nowhere = rig.folder.path().join("nowhere");
        rig.world.huly.describe_project("WEB", &format!("Path: {}", nowhere.display()));
        let ran = check(&rig);
        assert_eq!(ran.exit, 0, "{ran:#?}");
        assert_said(&ran, "ok", "project WEB", &["would be made at"]);
        assert_said(&ran, "warning", "project WEB", &["there is no", "nowhere", "Git repository"]);

        std::fs::create_dir_all(nowhere.join(".git")).unwrap();
        let ran = check(&rig);
        assert_eq!(said(&ran, "warning", "project WEB"), [""; 0], "{ran:#?}");
    }
}

#[test]
fn projects_of_one_name_are_named() {
    for backend in backends() {
        let rig = Rig::with(backend, V0_0_71);
        rig.project();
        rig.world.vibe.add_project_at("project", &rig.folder.path().join("repos/other"));
        let ran = check(&rig);
        assert_eq!(ran.exit, 0, "{ran:#?}");
        assert_said(&ran, "warning", "project PROJ", &["2 Vibe projects", "PROJ = "]);
    }
}

#[test]
fn lettas_wrong_password_is_an_error() {
    let mut rig = Rig::new();
    rig.project();
    let letta = rig.world.start_letta(LettaVersion::V0_16_8);
    rig.set("LETTA_BASE_URL", &letta.url());
    rig.set("LETTA_PASSWORD", "swordfish");
    let ran = check(&rig);
    assert_eq!(ran.exit, 2, "{ran:#?}");
    assert_said(&ran, "error", "letta", &["wrong password", "LETTA_PASSWORD"]);
    assert!(!ran.json.to_string().contains("swordfish"));
}

/// Addresses at which nobody listens, one for each system.
fn at_three_addresses(rig: &mut Rig, addresses: [&str; 3]) {
    for name in ["HULY_API_URL", "HULY_URL"] {
        if rig.environment().any(|(known, _)| known == name) {
            rig.set(name, addresses[0]);
            break;
        }
    }
    rig.set("VIBE_API_URL", addresses[1]);
    rig.set("LETTA_BASE_URL", addresses[2]);
}

#[test]
fn with_all_systems_away_each_has_its_line() {
    for backend in backends() {
        let mut rig = Rig::with(backend, V0_0_71);
        at_three_addresses(&mut rig, ["http://127.0.0.1:1"; 3]);
        let ran = check(&rig);
        assert_eq!(ran.exit, 75, "{ran:#?}");
        for subject in ["huly", "vibe", "letta"] {
            assert_said(&ran, "away", subject, &["http://127.0.0.1:1", "see that it runs", "_URL"]);
        }
    }
}

#[test]
fn systems_that_never_answer_are_given_up() {
    for backend in backends() {
        let mut rig = Rig::with(backend, V0_0_71);
        // The kernel takes the connections; nobody reads them.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", silent.local_addr().unwrap());
        at_three_addresses(&mut rig, [&address; 3]);
        rig.set("HULY_VIBE_SYNC_HTTP_CALL_TIMEOUT", "200ms");
        rig.set("HULY_VIBE_SYNC_LETTA_TIMEOUT", "200ms");
        let ran = check(&rig);
        assert_eq!(ran.exit, 75, "{ran:#?}");
        for subject in ["huly", "vibe", "letta"] {
            assert_said(&ran, "away", subject, &[&address]);
        }
    }
}

#[test]
fn a_letta_that_is_silent_keeps_nothing_else_untold() {
    for backend in backends() {
        let mut rig = Rig::with(backend, V0_0_144);
        rig.project();
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        rig.set("LETTA_BASE_URL", &format!("http://{}", silent.local_addr().unwrap()));
        rig.set("HULY_VIBE_SYNC_LETTA_TIMEOUT", "200ms");
        let ran = check(&rig);
        assert_eq!(ran.exit, 75, "{ran:#?}");
        assert_eq!(said(&ran, "away", "letta").len(), 1, "{ran:#?}");
        assert_said(&ran, "ok", "project PROJ", &["would be the pair"]);
    }
}

#[test]
fn an_account_that_is_a_member_of_nothing_is_an_error() {
    for backend in backends() {
        let rig = Rig::with(backend, V0_0_71);
        let ran = check(&rig);
        assert_eq!(ran.exit, 2, "{ran:#?}");
        assert_said(&ran, "error", "huly", &["no projects at all", "a member"]);
    }
}

#[test]
fn what_must_be_changed_comes_before_what_is_away() {
    let rig = Rig::with(Backend::Second, V0_1_15);
    rig.project();
    rig.world.huly.go_offline();
    let ran = check(&rig);
    assert_eq!(ran.exit, 2, "{ran:#?}");
    assert_eq!(said(&ran, "away", "huly").len(), 1, "{ran:#?}");
}

#[test]
fn a_web_page_in_vibes_place_is_a_wrong_address() {
    let rig = Rig::new();
    rig.project();
    rig.world.vibe.fault(When::always(), Fault::Html);
    let ran = check(&rig);
    assert_eq!(ran.exit, 2, "{ran:#?}");
    assert_said(&ran, "error", "vibe", &["web page", "vibe.url"]);
}

#[test]
fn a_vibe_kanban_that_does_not_tell_its_version_is_well_all_the_same() {
    let rig = Rig::new();
    rig.project();
    rig.world.vibe.fault(When::on("GET", "/api/info"), Fault::status(500));
    let ran = check(&rig);
    assert_eq!(ran.exit, 0, "{ran:#?}");
    assert_said(&ran, "ok", "vibe", &["of an unknown version", "with local tasks"]);
    assert_said(&ran, "note", "vibe", &["/api/info", "500"]);
}

#[test]
fn a_secret_that_everybody_may_read_is_a_warning() {
    let mut rig = Rig::new();
    rig.project();
    let word = rig.folder.path().join("word");
    std::fs::write(&word, "x").unwrap();
    std::fs::set_permissions(&word, PermissionsExt::from_mode(0o644)).unwrap();
    rig.set("LETTA_PASSWORD_FILE", word.to_str().unwrap());
    let ran = check(&rig);
    assert_eq!(ran.exit, 0, "{ran:#?}");
    assert_said(&ran, "warning", "config", &["word", "chmod o="]);
    std::fs::set_permissions(&word, PermissionsExt::from_mode(0o640)).unwrap();
    assert_eq!(said(&check(&rig), "warning", "config"), [""; 0]);
}

#[test]
fn a_pass_at_work_is_told_and_not_disturbed() {
    let rig = Rig::new();
    rig.project();
    rig.sync_well();
    let path = rig.folder.path().join("state.db.lock");
    let lock = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    lock.lock().unwrap();
    let ran = check(&rig);
    assert_eq!(ran.exit, 0, "{ran:#?}");
    assert_said(&ran, "note", "state", &["holds the lock"]);
    drop(lock);
    assert_eq!(said(&check(&rig), "note", "state"), [""; 0]);
}

#[test]
fn a_file_that_is_no_state_is_an_error() {
    let rig = Rig::new();
    rig.project();
    std::fs::write(rig.state(), "a letter to somebody").unwrap();
    let ran = check(&rig);
    assert_eq!(ran.exit, 2, "{ran:#?}");
    assert_said(&ran, "error", "state", &["not a state file of this program", "--state"]);
}

#[test]
fn a_state_that_is_empty_or_open_to_others_is_told() {
    let rig = Rig::new();
    rig.project();
    std::fs::write(rig.state(), "").unwrap();
    std::fs::set_permissions(rig.state(), PermissionsExt::from_mode(0o600)).unwrap();
    let ran = check(&rig);
    assert_eq!(ran.exit, 0, "{ran:#?}");
    assert_said(&ran, "note", "state", &["is empty", "makes it anew"]);

    rig.sync_well();
    std::fs::set_permissions(rig.state(), PermissionsExt::from_mode(0o640)).unwrap();
    let ran = check(&rig);
    assert_eq!(ran.exit, 0, "{ran:#?}");
    assert_said(&ran, "warning", "state", &["others on this machine", "chmod 600"]);
}

#[test]
fn headers_that_everybody_may_read_are_a_warning() {
    let mut rig = Rig::new();
    rig.project();
    let words = rig.folder.path().join("words");
    std::fs::write(&words, "X-Word: hunter2").unwrap();
    std::fs::set_permissions(&words, PermissionsExt::from_mode(0o644)).unwrap();
    rig.set("HULY_VIBE_SYNC_VIBE_HEADERS_FILE", words.to_str().unwrap());
    let ran = check(&rig);
    assert_eq!(ran.exit, 0, "{ran:#?}");
    assert_said(&ran, "warning", "config", &["words", "chmod o="]);
}

#[test]
fn a_host_that_nobody_knows_and_a_proxy_that_is_away_are_named() {
    let mut rig = Rig::new();
    rig.project();
    // Too long a name for any resolver to ask about: no network is needed to know that.
    let host = format!("{}.internal", "v".repeat(64));
    rig.set("VIBE_API_URL", &format!("http://{host}:3105"));
    let ran = check(&rig);
    assert_eq!(ran.exit, 75, "{ran:#?}");
    assert_said(&ran, "away", "vibe", &[&format!(": {host}: "), "vibe.url"]);

    rig.set("HTTPS_PROXY", "http://127.0.0.1:1");
    let ran = check(&rig);
    assert_said(&ran, "away", "vibe", &["the proxy of HTTPS_PROXY"]);
    assert_eq!(said(&ran, "ok", "huly").len(), 1, "NO_PROXY spares it: {ran:#?}");
}

#[test]
fn a_pair_that_the_settings_contradict_is_told() {
    let mut rig = Rig::new();
    rig.project();
    rig.sync_well();
    rig.world.vibe.add_project_at("Another", &rig.folder.path().join("repos/other"));
    rig.set("HULY_VIBE_SYNC_PROJECTS_PROJ", "Another");
    let ran = check(&rig);
    assert_eq!(ran.exit, 0, "{ran:#?}");
    assert_said(&ran, "warning", "project PROJ", &["Another", "forget PROJ --yes"]);
}
