//! The repository: where it was cloned from, its README, the settings of the command line.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Told, lines};
use crate::rig::{Backend, Rig};
use crate::support::letta::controls::PASSWORD;
use crate::support::{Fault, LettaVersion, VibeVersion, When};

fn repository(told: &Told, project: &str) -> PathBuf {
    told.rig.folder.path().join("repos").join(project)
}

fn with_readme(text: &str) -> Told {
    let mut told = Told::new();
    told.rig.set("HULY_VIBE_SYNC_LETTA_README", "true");
    told.projects(1);
    fs::write(repository(&told, "Project 0").join("README.md"), text).unwrap();
    told
}

#[test]
fn the_project_block_names_the_repository_and_its_origin_without_secrets() {
    let told = Told::new();
    told.projects(1);
    let folder = repository(&told, "Project 0");
    let config = "[remote \"origin\"]\n\turl = https://ada:token@example.org/team/web.git\n";
    fs::write(folder.join(".git/config"), config).unwrap();
    told.sync_well();
    let project = told.letta.agent_of("P0").told("project");
    assert_eq!(project["repository"]["remote"], "https://example.org/team/web.git");
    assert_eq!(project["repository"]["path"], folder.to_str().unwrap());
    assert_eq!(project["huly"], json!({"identifier": "P0", "name": "Project 0"}));
    assert!(project["vibe_kanban"]["id"].is_string());
    // It is known from the state, also when the repository is out of reach.
    fs::rename(&folder, folder.with_extension("away")).unwrap();
    told.sync_well();
    told.assert_quiet();
}

#[test]
fn later_versions_of_vibe_kanban_are_asked_for_the_path_once() {
    let mut rig = Rig::with(Backend::Second, VibeVersion::V0_1_14);
    let letta = rig.world.start_letta(LettaVersion::V0_16_8);
    rig.set("LETTA_BASE_URL", &letta.url());
    rig.set("LETTA_PASSWORD", PASSWORD);
    let told = Told { rig, letta };
    told.projects(1);
    told.sync_well();
    let path = repository(&told, "Project 0");
    let project = told.letta.agent_of("P0").told("project");
    assert_eq!(project["repository"]["path"], path.to_str().unwrap());
    let mark = told.rig.world.mark();
    told.sync_well();
    let asked = told.rig.world.log_since(mark);
    assert!(!asked.iter().any(|entry| entry.path.ends_with("/repositories")), "{asked:#?}");
}

#[test]
fn a_readme_takes_three_requests_and_no_more_until_it_changes() {
    let told = with_readme("# Hello");
    let asked = told.sync_well();
    let wanted =
        ["GET /v1/agents/", "POST /v1/folders/", "POST /v1/agents/", "POST /v1/folders/ID/upload"];
    assert_eq!(lines(&asked), wanted);
    let folders = told.letta.folders();
    assert_eq!((folders.len(), folders[0].name.as_str()), (1, "Huly-P0"));
    assert_eq!(folders[0].files, [("README.md".to_owned(), "# Hello".to_owned())]);
    assert_eq!(told.letta.agent_of("P0").folders, [folders[0].id.clone()]);
    told.assert_quiet();
    fs::write(repository(&told, "Project 0").join("README.md"), "# Hello again").unwrap();
    assert_eq!(lines(&told.sync_well()), ["POST /v1/folders/ID/upload"]);
    let files = &told.letta.folders()[0].files;
    assert_eq!(*files, [("README.md".to_owned(), "# Hello again".to_owned())]);
    told.assert_quiet();
}

/// 62
#[test]
fn a_folder_that_is_there_is_found_by_its_exact_name() {
    let told = with_readme("# Hello");
    for number in 0..60 {
        told.letta.add_folder(&format!("Huly-P0{number}"));
    }
    told.letta.add_folder("my huly-p0 notes");
    let known = told.letta.add_folder("Huly-P0");
    told.sync_well();
    assert_eq!(told.letta.folders().len(), 62);
    assert_eq!(told.letta.agent_of("P0").folders, [known]);
    told.assert_quiet();
}

#[test]
fn an_agent_that_was_there_before_gets_the_readme_when_it_is_wanted() {
    let mut told = Told::new();
    told.projects(1);
    told.sync_well();
    fs::write(repository(&told, "Project 0").join("README.md"), "# Hello").unwrap();
    told.assert_quiet();
    told.rig.set("HULY_VIBE_SYNC_LETTA_README", "true");
    told.sync_well();
    let folders = told.letta.folders();
    assert_eq!(told.letta.agent_of("P0").folders, [folders[0].id.clone()]);
    assert_eq!(folders[0].files.len(), 1);
    told.assert_quiet();
}

#[test]
fn a_folder_that_was_deleted_is_made_anew() {
    let told = with_readme("# Hello");
    told.sync_well();
    told.letta.delete_folder(&told.letta.folders()[0].id);
    told.assert_quiet();
    fs::write(repository(&told, "Project 0").join("README.md"), "# New").unwrap();
    told.sync_well();
    assert_eq!(told.letta.folders()[0].files, [("README.md".to_owned(), "# New".to_owned())]);
    told.assert_quiet();
}

#[test]
fn an_upload_that_fails_is_tried_again_and_keeps_no_block() {
    let told = with_readme("# Hello");
    told.letta.fault(When::on("POST", "/upload"), Fault::status(500));
    let ran = told.rig.sync();
    assert_eq!((ran.exit, &ran.project("P0")["blocks"]["written"]), (3, &json!(6)), "{ran:#?}");
    told.letta.clear_faults();
    assert_eq!(lines(&told.push_well(&[])), ["POST /v1/folders/ID/upload"]);
    told.assert_quiet();
}

#[test]
fn a_readme_of_more_than_a_megabyte_is_said_once_and_not_uploaded() {
    let told = with_readme(&"x".repeat(1_000_001));
    let first = told.rig.sync_well();
    assert!(first.stderr.contains("README.md is larger than 1.0 MB"), "{}", first.stderr);
    assert!(told.letta.folders().is_empty());
    let second = told.rig.sync_well();
    assert_eq!(second.stderr, "");
}

#[test]
fn settings_name_the_agent_and_keep_what_else_is_there() {
    let mut told = Told::new();
    told.rig.set("HULY_VIBE_SYNC_LETTA_WRITE_SETTINGS", "true");
    told.projects(2);
    let path = repository(&told, "Project 0").join(".letta/settings.local.json");
    fs::create_dir(path.parent().unwrap()).unwrap();
    fs::write(&path, r#"{"lastAgent":"old","theme":"dark"}"#).unwrap();
    told.sync_well();
    let read = |path: &PathBuf| -> Value {
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    };
    let agent = told.letta.agent_of("P0").id;
    assert_eq!(read(&path), json!({"lastAgent": agent, "theme": "dark"}));
    let other = repository(&told, "Project 1").join(".letta/settings.local.json");
    assert_eq!(read(&other), json!({"lastAgent": told.letta.agent_of("P1").id}));
    // What is no settings file is left alone, and said.
    fs::write(&path, "not settings").unwrap();
    let ran = told.push(&[]);
    assert_eq!(ran.exit, 3, "{ran:#?}");
    assert!(ran.stderr.contains("settings.local.json"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), "not settings");
}
