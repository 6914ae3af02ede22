//! What the commands print, and how they end.

mod bounded;
mod clock;
mod config;
mod conflicts;
mod ending;
mod files;
mod history;
mod import;
mod prometheus;
mod repeats;
mod report;
mod selection;
mod shards;
mod state;
mod verbose;
mod waiting;
mod watching;

use std::process::Output;

use serde_json::Value;

use crate::rig::Rig;

/// Runs a command as a person or cron does: without `--json`.
fn plainly(rig: &Rig, args: &[&str]) -> Output {
    rig.command(args).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The names in an object, in order.
#[track_caller]
fn keys(value: &Value) -> Vec<&str> {
    let object = value.as_object().unwrap_or_else(|| panic!("no object: {value}"));
    let mut keys: Vec<&str> = object.keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}
