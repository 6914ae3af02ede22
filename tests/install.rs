//! What is laid down with the program: units, package, pods, workflows. Each says only what there is.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Parser;
use huly_vibe_sync::cli::Cli;
use huly_vibe_sync::config::{KEYS, Shard};
use huly_vibe_sync::exit::Exit;
use serde::Deserialize;
use serde_yaml_ng::Value;

#[path = "../examples/generate.rs"]
#[expect(dead_code, reason = "the example's main is not ours")]
mod generate;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

#[track_caller]
fn parse(line: &str) -> Cli {
    Cli::try_parse_from(line.split_whitespace()).unwrap_or_else(|error| panic!("{line}: {error}"))
}

/// Whether a variable is one that the program knows.
fn is_known(variable: &str) -> bool {
    let own = ["HULY_VIBE_SYNC_STATE", "HULY_VIBE_SYNC_CONFIG", "SHARD_INDEX", "SHARD_COUNT"];
    let name = variable.strip_suffix("_FILE").unwrap_or(variable);
    own.contains(&variable) || KEYS.iter().any(|key| key.old == Some(name))
}

/// What the units hand over of `/etc/credstore`, and the key that takes it from a file.
const SECRETS: [(&str, &str); 8] = [
    ("huly-password", "huly.password"),
    ("huly-token", "huly.token"),
    ("huly-headers", "huly.headers"),
    ("vibe-headers", "vibe.headers"),
    ("letta-password", "letta.password"),
    ("letta-headers", "letta.headers"),
    ("http-proxy", "http.proxy"),
    ("watch-ping", "watch.ping"),
];

#[test]
fn the_page_on_installing_names_each_secret_that_the_units_hand_over() {
    let page = read("docs/installing.md");
    for (credential, _) in SECRETS {
        assert!(page.contains(credential), "{credential}");
    }
}

fn units() -> Vec<PathBuf> {
    let folder = root().join("examples/systemd").read_dir().unwrap();
    let mut units: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    units.sort();
    assert_eq!(units.len(), 8);
    units
}

/// The values of a directive, in order.
fn values<'a>(unit: &'a str, directive: &str) -> Vec<&'a str> {
    let lines = unit.lines().filter_map(|line| line.split_once('='));
    lines.filter(|(name, _)| *name == directive).map(|(_, value)| value).collect()
}

#[test]
fn units_run_commands_that_there_are() {
    for path in units() {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.ends_with(".timer") {
            assert_eq!(values(&text, "Persistent"), ["true"], "{name}");
            assert_eq!(values(&text, "RandomizedDelaySec").len(), 1, "{name}");
            // Started by the timer, and by nothing else.
            assert_eq!(values(&text, "WantedBy"), ["timers.target"], "{name}");
            assert!(path.with_extension("service").exists(), "{name}");
            continue;
        }
        let start = values(&text, "ExecStart")[0].strip_prefix("/usr/bin/").unwrap();
        let cli = parse(&start.replace("%I", "0/3"));
        let is_pass = cli.command.pass().is_some();
        // The vacuum of a part is told by its state alone.
        let is_part = name.contains('@') && is_pass;
        let shard = is_part.then_some(Shard { index: 0, count: 3 });
        assert_eq!(cli.command.selection().shard, shard, "{name}");
        for (directive, value) in [
            ("Type", "oneshot"),
            ("DynamicUser", "yes"),
            ("ProtectSystem", "strict"),
            ("StateDirectory", "huly-vibe-sync"),
        ] {
            assert_eq!(values(&text, directive), [value], "{name}");
        }
        assert_eq!(values(&text, "SuccessExitStatus") == ["75"], is_pass, "{name}");
        let credentials = values(&text, "LoadCredential");
        assert_eq!(credentials.len(), if is_pass { SECRETS.len() } else { 0 }, "{name}");
        for (credential, key) in SECRETS.iter().filter(|_| is_pass) {
            assert!(credentials.contains(credential), "{name}: {credential}");
            assert!(KEYS.iter().any(|known| known.name == *key && known.from_file), "{key}");
        }
        assert_eq!(!cli.command.wait().is_zero(), !is_pass, "{name}");
        let said = text.lines().filter_map(|line| line.split_once("Environment="));
        for (_, variable) in said {
            assert!(is_known(variable.split('=').next().unwrap()), "{name}: {variable}");
        }
        // Beside each other they must not write one state.
        let state = values(&text, "Environment")[0].rsplit('/').next();
        assert_eq!(state, Some(if name.contains('@') { "%i.db" } else { "state.db" }), "{name}");
    }
}

#[test]
fn systemd_takes_the_units() {
    let is_there =
        Command::new("systemd-analyze").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !is_there {
        let reason = "there is no systemd-analyze on this machine (Debian's systemd has it)";
        let is_required = env::var("SYSTEMD_REQUIRED").is_ok_and(|value| value == "1");
        assert!(!is_required, "{reason}");
        println!("skipped: {reason}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut names = Vec::new();
    for path in units() {
        // The program and its manual are not installed here.
        let text =
            fs::read_to_string(&path).unwrap().replace("/usr/bin/huly-vibe-sync", "/bin/true");
        let name = path.file_name().unwrap().to_str().unwrap().replace('@', "@0-3");
        let file = folder.path().join(&name);
        fs::write(&file, text).unwrap();
        names.push(file);
    }
    let mut command = Command::new("systemd-analyze");
    let output = command.args(["verify", "--man=no"]).args(&names).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(!said.contains("0-3") && !said.contains("huly-vibe-sync"), "{said}");
}

#[test]
fn the_package_has_what_is_there_and_what_is_generated() {
    let generated = tempfile::tempdir().unwrap();
    generate::generate(generated.path()).unwrap();
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).unwrap();
    let deb = &manifest["package"]["metadata"]["deb"];
    let mut laid = BTreeSet::new();
    for asset in deb["assets"].as_array().unwrap() {
        let source = asset[0].as_str().unwrap();
        laid.insert(asset[1].as_str().unwrap().to_owned());
        let place = match source.strip_prefix("target/generated/") {
            Some(rest) => generated.path().join(rest),
            None if source.starts_with("target/release/") => continue,
            None => root().join(source),
        };
        let found = glob::glob(place.to_str().unwrap()).unwrap().count();
        assert!(found > 0, "{source}");
    }
    let config = deb["conf-files"][0].as_str().unwrap();
    assert!(laid.contains(config.trim_start_matches('/')));
    // Where the units look for it.
    assert!(read("examples/systemd/huly-vibe-sync.service").contains(config));
    let pages = fs::read_dir(generated.path().join("man")).unwrap().count();
    assert!(pages > 8, "{pages} pages");
    let main = fs::read_to_string(generated.path().join("man/huly-vibe-sync.1")).unwrap();
    assert!(main.contains("huly\\-vibe\\-sync\\-import(1)") && main.contains("HULY_URL"), "{main}");
    for shell in ["huly-vibe-sync.bash", "_huly-vibe-sync", "huly-vibe-sync.fish"] {
        let text = fs::read_to_string(generated.path().join("completions").join(shell)).unwrap();
        assert!(text.contains("sync-project") && text.contains("shard"), "{shell}");
    }
}

#[test]
fn bash_completes_subcommands_flags_and_values() {
    let generated = tempfile::tempdir().unwrap();
    generate::generate(generated.path()).unwrap();
    let script = generated.path().join("completions/huly-vibe-sync.bash");
    // As readline calls it: the command, the word that is completed, the word before it.
    let ask = r#"
        source "$1"; shift
        function=$(complete -p "$1" | sed 's/.*-F \([^ ]*\).*/\1/')
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        "$function" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    for (words, wanted) in [
        (&["sy"][..], &["sync", "sync-project"][..]),
        (&["sync", "--q"], &["--quiet-repeats", "--quiet"]),
        (&["sync-project", "--shar"], &["--shard"]),
        (&["letta-push", "--ver"], &["--verify", "--verbose"]),
        (&["stats", "--format", ""], &["table", "json", "prometheus"]),
        (&["conflicts", "re"], &["restore"]),
        (&["conflicts", "restore", "--dry"], &["--dry-run"]),
    ] {
        let output = Command::new("bash")
            .args(["--norc", "-c", ask, "bash"])
            .arg(&script)
            .arg("huly-vibe-sync")
            .args(words)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let said: Vec<&str> = said.lines().collect();
        assert_eq!(said, wanted, "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Text at a path of keys and places.
#[track_caller]
fn at<'a>(value: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().fold(value, |value, key| {
        let found = key.parse::<usize>().map_or_else(|_| value.get(*key), |at| value.get(at));
        found.unwrap_or_else(|| panic!("no {key} of {path:?}"))
    })
}

#[test]
fn pods_run_commands_that_there_are_each_in_a_folder_of_its_own() {
    let text = read("examples/kubernetes/cronjob.yaml");
    let all: Vec<Value> = serde_yaml_ng::Deserializer::from_str(&text)
        .map(|document| Value::deserialize(document).unwrap())
        .collect();
    let jobs: Vec<&Value> = all.iter().filter(|one| *at(one, &["kind"]) == "CronJob").collect();
    assert_eq!((all.len(), jobs.len()), (4, 2));
    for job in jobs {
        let job = at(job, &["spec", "jobTemplate", "spec"]);
        assert_eq!(*at(job, &["completionMode"]), "Indexed");
        assert_eq!(at(job, &["completions"]), at(job, &["parallelism"]));
        let pod = at(job, &["template", "spec"]);
        // Only then is there a policy on failures.
        assert_eq!(*at(pod, &["restartPolicy"]), "Never");
        let rule = at(job, &["podFailurePolicy", "rules", "0"]);
        assert_eq!(
            (at(rule, &["action"]), at(rule, &["onExitCodes", "operator"])),
            (&Value::from("Ignore"), &Value::from("In"))
        );
        let later = at(rule, &["onExitCodes", "values"]).as_sequence().unwrap();
        assert_eq!(*later, [Value::from(Exit::Later.code())]);
        let container = at(pod, &["containers", "0"]);
        let args = at(container, &["args"]).as_sequence().unwrap();
        let args: Vec<&str> = args.iter().map(|arg| arg.as_str().unwrap()).collect();
        // Here the environment does not say which part this is.
        let line =
            format!("huly-vibe-sync {}", args.join(" ")).replace("--shard env", "--shard 0/8");
        let cli = parse(&line);
        let env = at(container, &["env"]).as_sequence().unwrap();
        let value = |name: &str| env.iter().find(|one| *at(one, &["name"]) == name);
        for variable in env {
            assert!(is_known(at(variable, &["name"]).as_str().unwrap()), "{variable:?}");
        }
        if cli.command.pass().is_some() {
            assert!(args.contains(&"env"));
            let count = at(value("SHARD_COUNT").unwrap(), &["value"]).as_str().unwrap();
            assert_eq!(Some(count.parse::<u64>().unwrap()), at(job, &["completions"]).as_u64());
        }
        let state = at(value("HULY_VIBE_SYNC_STATE").unwrap(), &["value"]).as_str().unwrap();
        let mount = at(container, &["volumeMounts", "0"]);
        assert!(state.starts_with(at(mount, &["mountPath"]).as_str().unwrap()));
        assert!(at(mount, &["subPathExpr"]).as_str().unwrap().contains("$(SHARD_INDEX)"));
        assert!(value("SHARD_INDEX").is_some());
        assert!(at(container, &["resources", "limits", "memory"]).as_str().is_some());
    }
    let config = all.iter().find(|one| *at(one, &["kind"]) == "ConfigMap").unwrap();
    assert_config(at(config, &["data", "config.toml"]).as_str().unwrap());
}

/// Every key in it is one that there is.
#[track_caller]
fn assert_config(text: &str) {
    let table: toml::Table = toml::from_str(text).unwrap();
    for (section, keys) in &table {
        for key in keys.as_table().unwrap().keys() {
            let name = format!("{section}.{}", key.strip_suffix("_file").unwrap_or(key));
            assert!(KEYS.iter().any(|known| known.name == name), "{name}");
        }
    }
}

#[test]
fn the_workflow_runs_commands_that_there_are_for_each_part() {
    let flow: Value = serde_yaml_ng::from_str(&read("examples/github-actions.yml")).unwrap();
    let job = at(&flow, &["jobs", "sync"]);
    let shards = at(job, &["strategy", "matrix", "shard"]).as_sequence().unwrap();
    let numbers: Vec<u64> = shards.iter().map(|one| one.as_u64().unwrap()).collect();
    assert_eq!(numbers, (0..numbers.len() as u64).collect::<Vec<_>>());
    let env = at(job, &["env"]).as_mapping().unwrap();
    assert_eq!(at(job, &["env", "SHARD_COUNT"]).as_u64(), Some(numbers.len() as u64));
    for name in env.keys() {
        assert!(is_known(name.as_str().unwrap()), "{name:?}");
    }
    let steps = at(job, &["steps"]).as_sequence().unwrap();
    let scripts = steps.iter().filter_map(|step| step.get("run")?.as_str());
    let lines: Vec<&str> = scripts
        .flat_map(str::lines)
        .filter_map(|line| line.split("./huly-vibe-sync ").nth(1))
        .map(|rest| rest.split(['|', ';']).next().unwrap())
        .collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    for line in lines {
        parse(&format!("huly-vibe-sync {}", line.replace("--shard env", "--shard 0/3")));
    }
    // The cache of one number of parts is not taken for that of another.
    let of = format!("of-{}-", numbers.len());
    let keys = steps.iter().filter_map(|step| step.get("with")?.get("key")?.as_str());
    assert_eq!(keys.filter(|key| key.contains(&of)).count(), 2);
}
