//! `config`: what holds, and where it came from.

use std::fs;

use serde_json::{Value, json};

use super::{plainly, text};
use crate::rig::Rig;

/// A world with settings in every place, and secrets in all that can hold one.
fn configured() -> Rig {
    let mut rig = Rig::new();
    let file = rig.folder.path().join("config.toml");
    let lines = "[sync]\njobs = 2\ndeadline = \"15m\"\n[vibe.headers]\nX-Word = \"hunter2\"\n\
                 [projects]\nWEB = \"new\"\n";
    fs::write(&file, lines).unwrap();
    rig.set("HULY_VIBE_SYNC_CONFIG", file.to_str().unwrap());
    rig.set("HULY_TOKEN", "hunter2");
    rig.set("LETTA_PASSWORD", "hunter2");
    rig.set("HULY_VIBE_SYNC_LETTA_HEADERS", "A: hunter2\nB: hunter2");
    rig.set("HULY_VIBE_SYNC_HTTP_PROXY", "http://me:hunter2@proxy:3128");
    rig
}

fn setting<'a>(told: &'a Value, key: &str) -> &'a Value {
    let settings = told["settings"].as_array().unwrap();
    settings.iter().find(|setting| setting["key"] == key).unwrap()
}

#[test]
fn each_setting_is_told_with_its_place_and_without_secrets() {
    let rig = configured();
    let file = rig.folder.path().join("config.toml");

    let ran = rig.run(&["config"]);

    assert_eq!(ran.exit, 0, "{ran:#?}");
    let state = rig.state();
    for wanted in [
        json!({"key": "state", "value": state, "from": "flag", "name": "--state"}),
        json!({"key": "sync.jobs", "value": "2", "from": "file", "file": file, "line": 2}),
        json!({"key": "sync.full_every", "value": "24h", "from": "default"}),
        json!({"key": "huly.token", "value": "***", "from": "environment", "name": "HULY_TOKEN"}),
        json!({"key": "huly.files_url", "value": null, "from": "default"}),
        json!({"key": "vibe.headers", "value": "x-word: ***", "from": "file", "file": file, "line": 4}),
        json!({"key": "projects.WEB", "value": "new", "from": "file", "file": file, "line": 7}),
        json!({"key": "http.proxy", "value": "http://***@proxy:3128", "from": "environment",
               "name": "HULY_VIBE_SYNC_HTTP_PROXY"}),
    ] {
        assert_eq!(*setting(&ran.json, wanted["key"].as_str().unwrap()), wanted);
    }
    let output = plainly(&rig, &["config"]);
    let shown = text(&output.stdout);
    let has = |words: &[&str]| {
        shown.lines().any(|line| line.split_whitespace().collect::<Vec<_>>() == words)
    };
    assert!(has(&["sync.jobs", "2", &format!("({},", file.display()), "line", "2)"]), "{shown}");
    assert!(has(&["letta.url", "not", "set", "(default)"]), "{shown}");
    let both = ["a:", "***,", "b:", "***"];
    let from = ["(environment,", "HULY_VIBE_SYNC_LETTA_HEADERS)"];
    assert!(has(&[&["letta.headers"], &both[..], &from].concat()), "{shown}");
    assert!(!format!("{ran:?}{shown}").contains("hunter2"), "{shown}");
}

#[test]
fn the_order_is_that_of_the_example() {
    let rig = configured();
    let told = rig.run(&["config"]).json;
    let keys: Vec<&str> =
        told["settings"].as_array().unwrap().iter().map(|s| s["key"].as_str().unwrap()).collect();
    let place = |key: &str| keys.iter().position(|known| *known == key).unwrap();
    let mut at = 0;
    let mut section = "";
    for line in include_str!("../../../examples/config.toml").lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        } else if section != "projects"
            && let Some((name, _)) = line.trim_start_matches('#').split_once(" = ")
            && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        {
            let next = place(&format!("{section}.{name}"));
            assert!(next > at, "{section}.{name}");
            at = next;
        }
    }
    assert!(place("status.fallback") < place("projects.WEB"));
    assert!(place("projects.WEB") < place("http.connect_timeout"));
    assert!(!keys.contains(&"guard.allow_delete"), "a consent is of one run");
}

#[test]
fn changed_leaves_out_what_is_as_by_default() {
    let rig = configured();
    let output = plainly(&rig, &["config", "--changed"]);
    let shown = text(&output.stdout);
    let keys: Vec<&str> = shown.lines().filter_map(|line| line.split(' ').next()).collect();
    for key in ["state", "sync.jobs", "huly.token", "vibe.headers", "projects.WEB", "http.proxy"] {
        assert!(keys.contains(&key), "{key}: {shown}");
    }
    // Said in the file, and no different from the default.
    for key in ["sync.deadline", "huly.files_url", "keep.runs"] {
        assert!(!keys.contains(&key), "{key}: {shown}");
    }
}

#[test]
fn wrong_settings_are_all_named_without_secrets() {
    let mut rig = configured();
    rig.set("HULY_VIBE_SYNC_SYNC_JOBS", "0");
    rig.set("HULY_VIBE_SYNC_VIBE_HEADERS", "Host: hunter2");
    rig.set("VIBE_API_URL", "http://me:hunter2@vibe");
    let ran = rig.run(&["config"]);
    assert_eq!((ran.exit, &ran.json["exit"]), (2, &json!(2)), "{ran:#?}");
    for key in ["sync.jobs", "vibe.headers", "vibe.url"] {
        assert!(ran.stderr.contains(key), "{key}: {}", ran.stderr);
    }
    assert!(!format!("{ran:?}").contains("hunter2"), "{ran:#?}");
}

#[test]
fn neither_the_state_nor_a_system_is_asked() {
    let rig = configured();
    fs::write(rig.state(), "no state at all").unwrap();
    assert_eq!(rig.run(&["config"]).exit, 0);
    fs::remove_file(rig.state()).unwrap();
    assert_eq!(rig.run(&["config"]).exit, 0);
    assert!(!rig.state().exists());
    assert!(rig.world.log().is_empty());
}
