//! What the editor's schema lets a node hold (platform 0.7.422): opening an issue deletes every node
//! that holds anything else.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::arbitrary::{Document, any_document, any_markdown};
use super::{edit, to_markdown, to_markup};

/// What a node may hold.
enum Content {
    Nothing,
    Text,
    Line,
    Blocks,
    /// A paragraph first.
    Item,
    Nodes(&'static [&'static str]),
}

const IN_LINES: [&str; 8] =
    ["text", "hardBreak", "image", "reference", "emoji", "file", "embed", "comment"];

fn content(kind: &str) -> Content {
    match kind {
        "reference" | "image" | "file" | "emoji" | "hardBreak" | "horizontalRule" | "embed" => {
            Content::Nothing
        }
        "codeBlock" | "mermaid" | "comment" => Content::Text,
        "paragraph" | "heading" => Content::Line,
        "doc" | "blockquote" | "tableCell" | "tableHeader" => Content::Blocks,
        "listItem" | "todoItem" | "taskItem" => Content::Item,
        "bulletList" | "orderedList" => Content::Nodes(&["listItem", "todoItem"]),
        "todoList" => Content::Nodes(&["todoItem"]),
        "table" => Content::Nodes(&["tableRow"]),
        "tableRow" => Content::Nodes(&["tableCell", "tableHeader"]),
        other => panic!("{other} is not written"),
    }
}

/// Why a node would be deleted, or lose what it has.
fn fault(node: &Value) -> Option<String> {
    let kind = node["type"].as_str().unwrap();
    let children = node["content"].as_array().map_or(&[][..], Vec::as_slice);
    let kinds: Vec<&str> = children.iter().map(|child| child["type"].as_str().unwrap()).collect();
    let is_block = |kind: &&str| !IN_LINES.contains(kind) || *kind == "comment";
    let has_marks = node["marks"].as_array().is_some_and(|marks| !marks.is_empty());
    if kind != "text" && has_marks {
        return Some(format!("{kind} has marks"));
    }
    if kind == "text" {
        return (node["text"] == "").then(|| "a text node of no text".to_owned());
    }
    let is_right = match content(kind) {
        Content::Nothing => node.get("content").is_none(),
        Content::Text => kinds.iter().all(|kind| *kind == "text"),
        Content::Line => kinds.iter().all(|kind| IN_LINES.contains(kind)),
        Content::Blocks => (kind == "doc" || !kinds.is_empty()) && kinds.iter().all(is_block),
        Content::Item => kinds.first() == Some(&"paragraph") && kinds.iter().all(is_block),
        Content::Nodes(nodes) => !kinds.is_empty() && kinds.iter().all(|kind| nodes.contains(kind)),
    };
    if !is_right {
        return Some(format!("{kind} holds {kinds:?}"));
    }
    children.iter().find_map(fault)
}

fn mention(content: &Value) -> Value {
    let mut node = json!({
        "type": "reference",
        "attrs": { "id": "P1", "objectclass": "contact:class:Person", "label": "Ann", "new": 1 },
    });
    if !content.is_null() {
        node["content"] = content.clone();
    }
    node
}

fn document(line: &[Value]) -> Value {
    json!({ "type": "doc", "content": [{ "type": "paragraph", "content": line }] })
}

fn text(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

#[test]
fn a_mention_is_a_leaf() {
    let written = to_markup(&to_markdown(&document(&[mention(&Value::Null), text(" said so")])));
    assert_eq!(written["content"][0]["content"][0].get("content"), None);
}

#[test]
fn a_mention_stored_with_a_text_is_shown_and_becomes_a_leaf_when_its_line_is_edited() {
    let stored = document(&[mention(&json!([text("Ann")])), text(" said so")]);
    let before = to_markdown(&stored);
    assert!(before.starts_with("[Ann]("), "{before}");
    let after = edit(&stored, &before, &before.replace("said", "says"));
    assert_eq!(after, document(&[mention(&Value::Null), text(" says so")]));
}

#[test]
fn an_item_that_begins_with_another_block_has_an_empty_paragraph_before_it() {
    for markdown in
        ["- ```js\n  f()\n  ```", "- > quoted", "1. - nested", "- [ ] \n  ```\n  x\n  ```"]
    {
        let document = to_markup(markdown);
        assert_eq!(fault(&document), None, "{markdown}: {document}");
    }
    assert_eq!(to_markdown(&to_markup("- ```js\n  f()\n  ```")), "- ```js\n  f()\n  ```");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_markdown_becomes_a_valid_document(markdown in any_markdown()) {
        let document = to_markup(&markdown);
        prop_assert_eq!(fault(&document), None, "{}", document);
    }

    #[test]
    fn an_edit_of_a_valid_document_is_valid(before in any_markdown(), after in any_markdown()) {
        let document = to_markup(&before);
        let edited = edit(&document, &to_markdown(&document), &after);
        prop_assert_eq!(fault(&edited), None, "{}", edited);
    }

    #[test]
    fn what_an_edit_writes_anew_is_valid(Document(document) in any_document(), word in "[a-z]{3,6}") {
        // Every block of one line is edited.
        let before = to_markdown(&document);
        let after: Vec<String> = before.split('\n').map(|line| match line.chars().last() {
            Some(last) if last.is_alphanumeric() => format!("{line} {word}"),
            _ => line.to_owned(),
        }).collect();
        let edited = edit(&document, &before, &after.join("\n"));
        let mut lines = Vec::new();
        edited_lines(&document, &edited, &mut lines);
        for line in lines {
            prop_assert_eq!(fault_of_line(&line), None, "{}", line);
        }
    }
}

/// The paragraphs and headings that are not in the document as it was.
fn edited_lines(original: &Value, node: &Value, lines: &mut Vec<Value>) {
    let was = |node: &Value| original.to_string().contains(&node.to_string());
    for child in node["content"].as_array().into_iter().flatten() {
        match child["type"].as_str() {
            Some("paragraph" | "heading") if !was(child) => lines.push(child.clone()),
            _ => edited_lines(original, child, lines),
        }
    }
}

/// A leaf with content or a node with marks; what else a document has is its own.
fn fault_of_line(line: &Value) -> Option<String> {
    line["content"].as_array()?.iter().find_map(|node| {
        let kind = node["type"].as_str()?;
        let holds =
            matches!(content_of(kind), Some(Content::Nothing)) && node.get("content").is_some();
        let marked = kind != "text" && node.get("marks").is_some_and(|marks| marks != &json!([]));
        (holds || marked).then(|| format!("{kind} holds or is marked"))
    })
}

fn content_of(kind: &str) -> Option<Content> {
    IN_LINES[1..7].contains(&kind).then(|| content(kind))
}
