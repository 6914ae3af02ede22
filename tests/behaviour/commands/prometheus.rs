//! `stats --format prometheus`, held to the rules of `promtool check metrics`.

use std::collections::{HashMap, HashSet};

use huly_vibe_sync::store::{self, Store};

use super::{plainly, text};
use crate::rig::Rig;
use crate::support::{Fault, When};

/// One line with a value.
#[derive(Debug)]
struct Sample {
    name: String,
    labels: Vec<(String, String)>,
    value: f64,
}

/// Types by metric, and the samples; a panic where a rule is broken.
#[track_caller]
fn checked(page: &str) -> (HashMap<String, String>, Vec<Sample>) {
    assert!(page.ends_with('\n'), "the last line ends");
    let (mut helps, mut types) = (HashSet::new(), HashMap::new());
    let (mut samples, mut series) = (Vec::new(), HashSet::new());
    let mut current = String::new();
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap_or_else(|| panic!("no help: {line}"));
            assert!(helps.insert(name.to_owned()), "a second help: {line}");
            assert!(help.ends_with('.') && help.len() > 10, "{line}");
            name.clone_into(&mut current);
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert_eq!(name, current, "help, type and samples stand together");
            assert!(["counter", "gauge"].contains(&kind), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            assert!(types.insert(name.to_owned(), kind.to_owned()).is_none(), "{line}");
            check_name(name);
        } else {
            assert!(series.insert(line.rsplit_once(' ').unwrap().0.to_owned()), "twice: {line}");
            let sample = sample(line);
            assert_eq!(sample.name, current, "{line}");
            assert!(types.contains_key(&sample.name), "no type before {line}");
            assert!(types[&sample.name] != "counter" || sample.value >= 0.0, "{line}");
            samples.push(sample);
        }
    }
    assert_eq!(helps.len(), types.len());
    for name in types.keys() {
        assert!(samples.iter().any(|sample| sample.name == *name), "no samples of {name}");
    }
    (types, samples)
}

/// Letters, base units, and the unit last.
fn check_name(name: &str) {
    assert!(name.starts_with("huly_vibe_sync_"), "{name}");
    assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{name}");
    let words: Vec<&str> = name.trim_end_matches("_total").split('_').collect();
    let other_units = ["ms", "milliseconds", "minutes", "hours", "days", "kb", "mb", "kilobytes"];
    assert!(!words.iter().any(|word| other_units.contains(word)), "{name}");
    let last = words.last().unwrap();
    for (quantity, unit) in [
        ("timestamp", "seconds"),
        ("duration", "seconds"),
        ("memory", "bytes"),
        ("received", "bytes"),
        ("free", "bytes"),
    ] {
        assert!(!words.contains(&quantity) || *last == unit, "{name} is in {unit}");
    }
    for unit in ["seconds", "bytes"] {
        assert!(!words.contains(&unit) || *last == unit, "the unit of {name} is its last word");
    }
}

fn sample(line: &str) -> Sample {
    let end = line.find(['{', ' ']).unwrap();
    let (name, mut rest) = line.split_at(end);
    let mut labels = Vec::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        while !rest.starts_with('}') {
            let (label, value) = rest.split_once("=\"").unwrap();
            let mut letters = value.char_indices();
            let mut unescaped = String::new();
            let end = loop {
                match letters.next().unwrap_or_else(|| panic!("open label: {line}")) {
                    (at, '"') => break at,
                    (_, '\\') => match letters.next().unwrap().1 {
                        'n' => unescaped.push('\n'),
                        other => {
                            assert!(['\\', '"'].contains(&other), "{line}");
                            unescaped.push(other);
                        }
                    },
                    (_, other) => unescaped.push(other),
                }
            };
            labels.push((label.trim_start_matches(',').to_owned(), unescaped));
            rest = &value[end + 1..];
        }
        rest = &rest[1..];
    }
    let number = rest.trim_start();
    assert!(number.chars().all(|c| c.is_ascii_digit() || "+-.e".contains(c)), "{line}");
    let value = number.parse().unwrap_or_else(|_| panic!("no number: {line}"));
    Sample { name: name.to_owned(), labels, value }
}

fn page(rig: &Rig) -> String {
    let output = plainly(rig, &["stats", "--format", "prometheus"]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    text(&output.stdout).to_owned()
}

fn value(samples: &[Sample], name: &str, label: Option<&str>) -> f64 {
    let name = format!("huly_vibe_sync_{name}");
    let is_it = |sample: &&Sample| {
        sample.name == name && sample.labels.first().map(|(_, value)| value.as_str()) == label
    };
    let found = samples.iter().find(is_it);
    found.unwrap_or_else(|| panic!("no {name} of {label:?} in {samples:#?}")).value
}

#[test]
fn the_page_keeps_promtools_rules_and_tells_what_happened() {
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_project("BAD", "Bad");
    rig.world.vibe.add_project("Bad");
    rig.world.huly.fail_project("BAD", Some("no"));
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    rig.world.huly.add_issue("PROJ", "Refused", "text", "Todo");
    rig.world.vibe.add_task(&vibe, "Two", "text", "todo");
    rig.world.vibe.fault(When::on("POST", "/api/tasks").body("Refused"), Fault::status(422));
    assert_eq!(rig.sync().exit, 3);

    let page = page(&rig);
    let (types, samples) = checked(&page);

    let counters = types.values().filter(|kind| *kind == "counter").count();
    assert!(counters >= 5 && types.len() > counters, "{types:#?}");
    assert_eq!(value(&samples, "last_run_exit_code", None), 3.0);
    assert_eq!(value(&samples, "last_run_items", Some("created")), 2.0);
    assert_eq!(value(&samples, "runs_total", None), 1.0);
    assert_eq!(value(&samples, "project_pairs", Some("PROJ")), 2.0);
    assert_eq!(value(&samples, "project_pending", Some("PROJ")), 1.0);
    assert_eq!(value(&samples, "project_pairs", Some("BAD")), 0.0);
    assert!(value(&samples, "last_run_peak_memory_bytes", None) > 1e6);
    assert!(value(&samples, "last_run_duration_seconds", None) < 60.0);
    assert!(value(&samples, "last_run_start_timestamp_seconds", None) > 1.7e9);
    assert!(!page.contains("last_success_timestamp_seconds{project=\"BAD\""), "it never had one");
}

#[test]
fn a_pass_over_some_projects_tells_nothing_of_the_passes_over_all() {
    let rig = Rig::new();
    rig.project();
    let told = || {
        let (_, samples) = checked(&page(&rig));
        let success = format!("{}last_success_timestamp_seconds", "huly_vibe_sync_");
        let has_success = samples.iter().any(|sample| sample.name == success);
        (value(&samples, "last_run_exit_code", None), has_success)
    };
    // Where there are no others, they are the passes.
    assert_eq!(rig.run(&["sync-project", "PROJ"]).exit, 0);
    assert_eq!(told(), (0.0, true));
    rig.world.vibe.go_offline();
    assert_eq!(rig.sync().exit, 75);
    rig.world.vibe.come_back();
    for args in [&["sync-project", "PROJ"][..], &["sync", "--project", "P*"]] {
        assert_eq!(rig.run(args).exit, 0);
        assert_eq!(told(), (75.0, false), "{args:?}");
    }
    rig.sync_well();
    assert_eq!(told(), (0.0, true));
}

#[test]
fn the_page_of_a_state_without_a_pass_keeps_the_rules_too() {
    let rig = Rig::new();
    drop(Store::open(&rig.state()).unwrap());
    let (_, samples) = checked(&page(&rig));
    assert_eq!(value(&samples, "runs_total", None), 0.0);
}

#[test]
fn odd_names_are_escaped_and_odd_clocks_are_numbers() {
    let rig = Rig::new();
    let odd = "A\"B\\C\nD{,}";
    let store = Store::open(&rig.state()).unwrap();
    store
        .write(|state| {
            store::projects::keep(state, odd, odd)?;
            store::projects::keep(state, "PLAIN", odd)?;
            // The clock was set back in the middle of the pass.
            let id = store::runs::begin(state, "sync", 1_790_000_000_005)?;
            let run = store::runs::Run {
                id,
                ended: Some(1_790_000_000_000),
                exit: Some(0),
                ..store::runs::Run::default()
            };
            store::runs::end(state, &run)
        })
        .unwrap();
    drop(store);
    let (_, samples) = checked(&page(&rig));
    assert_eq!(value(&samples, "project_pairs", Some(odd)), 0.0);
    let duration = value(&samples, "last_run_duration_seconds", None);
    assert!(duration <= 0.0 && duration > -0.01, "{duration}");
}

#[test]
fn counters_do_not_fall_when_old_runs_are_pruned() {
    let rig = Rig::new();
    rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    rig.sync_well();
    rig.sync_well();
    let counters = || {
        let (types, samples) = checked(&page(&rig));
        let is_counter = |sample: &Sample| types[&sample.name] == "counter";
        let values = samples.into_iter().filter(is_counter);
        let mut values: Vec<_> = values.map(|sample| (sample.name, sample.value)).collect();
        values.sort_by(|one, other| one.0.cmp(&other.0));
        values
    };
    let before = counters();
    assert!(before.contains(&("huly_vibe_sync_runs_total".to_owned(), 2.0)), "{before:?}");
    assert_eq!(rig.run(&["vacuum", "--keep", "0s"]).exit, 0);
    assert_eq!(counters(), before);
}
