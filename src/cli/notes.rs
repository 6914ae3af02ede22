//! What `--help` says below the flags: exit codes and environment variables.

use crate::config::KEYS;
use crate::exit::Exit;

/// Of a terminal that nobody has made wider; clap would break longer lines without an indent.
const WIDTH: usize = 80;

pub(super) fn text() -> String {
    let mut text = String::from("Exit codes (of several, the first of 2, 1, 75, 4, 3, 0):\n");
    for exit in Exit::ALL {
        text += &row(&exit.code().to_string(), 6, exit.sentence());
    }
    text += "\nEnvironment:\n";
    let mut variable = |name: &str, meaning: &str| text += &row(name, 34, meaning);
    variable("HULY_VIBE_SYNC_CONFIG", "as --config");
    variable("HULY_VIBE_SYNC_STATE", "as --state");
    variable("HULY_VIBE_SYNC_<SECTION>_<KEY>", "any key of the configuration file");
    for key in KEYS {
        if let Some(old) = key.old {
            variable(old, &format!("as {}", if key.stored { key.name } else { "--dry-run" }));
        }
    }
    variable("<NAME>_FILE", "a file that holds the value, as HULY_PASSWORD_FILE; of all secrets");
    variable("SHARD_INDEX, SHARD_COUNT", "as --shard env; without the index JOB_COMPLETION_INDEX");
    variable(
        "ALL_PROXY",
        "the proxy of all requests, unless http.proxy is set; else HTTPS_PROXY, HTTP_PROXY",
    );
    variable("NO_PROXY", "hosts that are reached without it");
    variable("LOG_LEVEL", "error, warn, info, debug or trace, unless -v or -q is given");
    variable("RUST_LOG", "what to log in detail, over all others; trace shows secrets");
    text
}

/// A name, and what it means in a column of its own.
fn row(name: &str, indent: usize, meaning: &str) -> String {
    let mut lines = vec![format!("  {name:<width$}", width = indent - 2)];
    for (index, word) in meaning.split_whitespace().enumerate() {
        let full = lines.last().is_some_and(|line| line.chars().count() + word.len() >= WIDTH);
        if full {
            lines.push(" ".repeat(indent));
        }
        if let Some(line) = lines.last_mut() {
            let begins = full || index == 0;
            line.push_str(if begins { "" } else { " " });
            line.push_str(word);
        }
    }
    lines.join("\n") + "\n"
}
