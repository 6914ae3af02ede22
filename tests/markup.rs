//! Huly's rich text and Markdown: the platform's own pairs, and the laws that hold for any text.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

#[path = "markup/arbitrary.rs"]
mod arbitrary;
#[path = "markup/corpus.rs"]
mod corpus;
#[path = "markup/edits.rs"]
mod edits;
#[expect(dead_code, reason = "its main is not called")]
#[path = "../examples/markup.rs"]
mod example;
#[path = "markup/examples.rs"]
mod examples;
#[path = "markup/hostile.rs"]
mod hostile;
#[path = "markup/laws.rs"]
mod laws;
#[path = "markup/letters.rs"]
mod letters;
#[path = "markup/patches.rs"]
mod patches;
#[path = "support/spelled.rs"]
mod spelled;
#[path = "markup/valid.rs"]
mod valid;

use huly_vibe_sync::huly::platform::markup::{self, Options};
use serde_json::Value;

/// The addresses of the corpus.
fn options() -> Options {
    Options {
        ref_url: "http://huly.example/browse?workspace=WS".to_owned(),
        image_url: "http://huly.example/files?workspace=WS&file=".to_owned(),
    }
}

fn to_markdown(document: &Value) -> String {
    markup::to_markdown(&document.to_string(), &options()).unwrap()
}

fn to_markup(markdown: &str) -> Value {
    serde_json::from_str(&markup::to_markup(markdown, &options()).unwrap()).unwrap()
}

fn edit(original: &Value, before: &str, after: &str) -> Value {
    let edited = markup::edit(&original.to_string(), before, after, &options()).unwrap();
    serde_json::from_str(&edited).unwrap()
}
