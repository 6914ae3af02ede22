//! What must not be lost: letters and digits, in order.

use pulldown_cmark::{Event, Options, Parser};
use serde_json::Value;

/// The letters and digits of a text. Case says nothing here: `[X]` becomes `[x]`.
pub(crate) fn letters(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether the letters of the one are among those of the other, in order.
pub(crate) fn has(text: &str, part: &str) -> bool {
    let text = letters(text);
    let mut text = text.chars();
    letters(part).chars().all(|letter| text.any(|other| other == letter))
}

/// All text nodes of a document, one after the other.
pub(crate) fn text_nodes(node: &Value) -> String {
    let mut text = node["text"].as_str().unwrap_or("").to_owned();
    for child in node["content"].as_array().into_iter().flatten() {
        text.push_str(&text_nodes(child));
    }
    text
}

/// What a document shows: text, alternative texts, the ticks of to-dos.
pub(crate) fn shown(node: &Value) -> String {
    let attrs = &node["attrs"];
    let mut text = node["text"].as_str().unwrap_or("").to_owned();
    match node["type"].as_str().unwrap_or("") {
        "todoItem" if attrs["checked"] == true => text.push('x'),
        "image" => text.push_str(attrs["alt"].as_str().unwrap_or("")),
        "embed" => text.push_str(attrs["src"].as_str().unwrap_or("")),
        "reference" => text.push_str(attrs["label"].as_str().unwrap_or("")),
        _ => {}
    }
    for child in node["content"].as_array().into_iter().flatten() {
        text.push_str(&shown(child));
    }
    text
}

/// The texts of attributes that say something.
pub(crate) fn attributes(node: &Value, found: &mut Vec<String>) {
    let attrs = &node["attrs"];
    let names: &[&str] = match node["type"].as_str().unwrap_or("") {
        "reference" => &["label"],
        "image" if attrs["file-id"].is_string() => &["alt", "file-id", "title"],
        "image" => &["alt", "src", "title"],
        "codeBlock" => &["language"],
        "embed" => &["src"],
        "file" => &["data-file-name"],
        "emoji" => &["emoji"],
        _ => &[],
    };
    found.extend(names.iter().filter_map(|name| attrs[*name].as_str()).map(str::to_owned));
    for mark in node["marks"].as_array().into_iter().flatten() {
        // Within a code block or a comment there are no links.
        if node["type"] == "text" && mark["type"] == "link" {
            found.extend(mark["attrs"]["href"].as_str().map(str::to_owned));
        }
    }
    if !matches!(node["type"].as_str(), Some("codeBlock" | "mermaid" | "comment" | "reference")) {
        let before = found.len();
        for child in node["content"].as_array().into_iter().flatten() {
            attributes(child, found);
        }
        if node["type"] == "table" {
            // In a cell there is no room for a code block's language.
            let mut rest = found.split_off(before);
            rest.retain(|text| !LANGUAGES.contains(&text.as_str()));
            found.append(&mut rest);
        }
    }
}

/// Those of `arbitrary`.
const LANGUAGES: [&str; 4] = ["js", "a`b", "~x", "mermaid"];

/// What a reader of Markdown sees, HTML aside.
pub(crate) fn visible(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut text = String::new();
    for event in Parser::new_ext(markdown, options) {
        if let Event::Text(part) | Event::Code(part) = event {
            text.push_str(&part);
        }
    }
    text
}
