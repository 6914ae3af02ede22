//! Converts rich text, a request a line: `{"op":"to_markdown","input":…}` or
//! `{"op":"to_markup","input":…}` on standard input, `{"output":…}` or `{"error":"…"}` on standard
//! output. `HULY_REF_URL` and `HULY_IMAGE_URL` say where mentions and images lead.

use std::env;
use std::io::{self, BufRead, Write};

use huly_vibe_sync::huly::platform::markup::{self, Options};
use serde_json::{Value, json};

fn main() -> io::Result<()> {
    let mut options = Options::default();
    if let Ok(url) = env::var("HULY_REF_URL") {
        options.ref_url = url;
    }
    if let Ok(url) = env::var("HULY_IMAGE_URL") {
        options.image_url = url;
    }
    serve(io::stdin().lock(), io::stdout().lock(), &options)
}

/// Answers line by line, each as soon as it is asked for.
pub(crate) fn serve(
    requests: impl BufRead,
    mut answers: impl Write,
    options: &Options,
) -> io::Result<()> {
    for line in requests.lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let answer = match answer(&line, options) {
            Ok(output) => json!({ "output": output }),
            Err(error) => json!({ "error": error.to_string() }),
        };
        writeln!(answers, "{answer}")?;
        answers.flush()?;
    }
    Ok(())
}

/// What one request gives: Markdown as a string, markup as an object.
fn answer(line: &str, options: &Options) -> Result<Value, Box<dyn std::error::Error>> {
    let request: Value = serde_json::from_str(line)?;
    let input = match &request["input"] {
        Value::String(text) => text.clone(),
        document => document.to_string(),
    };
    match request["op"].as_str() {
        Some("to_markdown") => Ok(markup::to_markdown(&input, options)?.into()),
        Some("to_markup") => Ok(serde_json::from_str(&markup::to_markup(&input, options)?)?),
        _ => Err("op is to_markdown or to_markup".into()),
    }
}
