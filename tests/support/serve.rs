//! Both systems in a process of their own, led by lines on its standard input.

use std::io::{self, BufRead, Write};

use serde_json::{Value, json};

use super::fill::Fill;
use super::web::journal::Entry;
use super::world::{Setup, World};

/// Starts and fills a world, prints one JSON line `{"huly":URL,"vibe":URL,"issues":N,…}` with what
/// a client of the platform needs to get in (`email`, `password`, `workspace`, `token`), then obeys
/// until `quit` or the end of the input, with one JSON line for each command:
/// `edit N` and `edit-tasks N` (titles, spread over all projects), `counters`, `reset`, `record`
/// (keep what is asked from here on), `requests` (what was asked since then; no more is kept), `quit`.
pub fn serve(setup: Setup, fill: &Fill) -> io::Result<()> {
    let world = World::start(setup);
    world.keep_log(false);
    world.huly.verbatim(true);
    let filled = world.fill(fill);
    let tasks: Vec<&String> = filled.iter().filter_map(|p| p.vibe_id.as_ref()).collect();
    let projects: Vec<&String> = filled.iter().map(|p| &p.identifier).collect();
    let issues = fill.projects * fill.issues_per_project;
    let secret = world.huly.credentials();
    say(&json!({"huly": world.huly.url(), "vibe": world.vibe.url(), "issues": issues,
        "email": secret.email, "password": secret.password, "workspace": secret.workspace,
        "token": secret.token}))?;
    let (mut round, mut mark) = (0, 0);
    for line in io::stdin().lock().lines() {
        let line = line?;
        let mut words = line.split_whitespace();
        let command = words.next().unwrap_or("");
        let number: usize = words.next().and_then(|n| n.parse().ok()).unwrap_or(1);
        round += 1;
        let answer = match command {
            "edit" => json!({"edited": world.huly.edit_titles(&projects, number, round)}),
            "edit-tasks" => json!({"edited": world.vibe.edit_titles(&tasks, number, round)}),
            "counters" => json!({"huly": world.huly.counters(), "vibe": world.vibe.counters(),
                "services": world.huly.services()}),
            "reset" => {
                world.huly.reset_counters();
                world.vibe.reset_counters();
                json!({"reset": true})
            }
            "record" => {
                mark = world.mark();
                world.keep_log(true);
                json!({"record": true})
            }
            "requests" => {
                world.keep_log(false);
                let asked: Vec<Value> = world.log_since(mark).iter().map(request).collect();
                json!({"requests": asked})
            }
            "quit" => return say(&json!({"quit": true})),
            other => json!({"error": format!("unknown command {other:?}")}),
        };
        say(&answer)?;
    }
    Ok(())
}

fn request(entry: &Entry) -> Value {
    let body = String::from_utf8_lossy(&entry.body);
    let Entry { side, method, path, .. } = entry;
    json!({"side": side.to_string(), "method": method, "path": path, "body": body})
}

fn say(line: &Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
