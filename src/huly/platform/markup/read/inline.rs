//! Inline nodes, and all others where only a line can be.

use serde_json::Value;

use super::super::Options;
use super::super::document::{children, kind};
use super::super::inline::{Mark, Piece, What};
use super::{marks, objects};

/// Whether a node of this type is part of a line.
pub(crate) fn is_inline(kind: &str) -> bool {
    matches!(
        kind,
        "text" | "hardBreak" | "image" | "reference" | "emoji" | "embed" | "file" | "subLink"
    )
}

/// All text in a node.
pub(super) fn text(node: &Value) -> String {
    let mut shown = String::new();
    gather(node, &mut shown);
    shown
}

fn gather(node: &Value, shown: &mut String) {
    match kind(node) {
        "hardBreak" => shown.push('\n'),
        "emoji" => shown.push_str(&objects::emoji(node)),
        _ => {
            shown.push_str(node["text"].as_str().unwrap_or(""));
            for child in children(node) {
                gather(child, shown);
            }
        }
    }
}

/// The pieces of these nodes. Blocks among them become lines.
pub(crate) fn pieces(nodes: &[Value], options: &Options) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for node in nodes {
        push(node, options, &mut pieces);
    }
    pieces
}

fn push(node: &Value, options: &Options, pieces: &mut Vec<Piece>) {
    if matches!(kind(node), "text" | "hardBreak" | "image" | "emoji" | "embed" | "file") {
        // They have no content; should there be some, it is shown.
        for child in children(node) {
            push(child, options, pieces);
        }
    }
    let marks = || marks::of(node);
    let mut one = |what| pieces.push(Piece { what, marks: marks() });
    match kind(node) {
        "text" => pieces.push(objects::text(node, marks(), options)),
        "hardBreak" => one(What::Break),
        "image" => match objects::image(node, options) {
            Some(image) => one(What::Image(Box::new(image))),
            None => one(What::Text(objects::placeholder(node))),
        },
        "reference" => one(objects::reference(node, &text(node), options)),
        "emoji" => one(What::Text(objects::emoji(node))),
        "comment" => one(What::Comment(text(node))),
        "embed" => one(objects::embed(node)),
        "file" => pieces.push(objects::file(node, marks(), options)),
        "codeBlock" | "mermaid" => {
            line_break(pieces);
            for (number, line) in text(node).lines().enumerate() {
                if number > 0 {
                    pieces.push(Piece { what: What::Break, marks: Vec::new() });
                }
                pieces.push(Piece::text(line, vec![Mark::Code]));
            }
            line_break(pieces);
        }
        other => {
            let before = pieces.len();
            if node["text"].is_string() {
                pieces.push(objects::text(node, marks(), options));
            }
            let is_block = is_block(other);
            if is_block {
                line_break(pieces);
            }
            for child in children(node) {
                push(child, options, pieces);
            }
            if is_block {
                line_break(pieces);
            } else if pieces.len() == before && other != "subLink" {
                pieces.push(Piece::text(objects::placeholder(node), marks()));
            }
        }
    }
}

fn is_block(kind: &str) -> bool {
    matches!(
        kind,
        "paragraph"
            | "heading"
            | "blockquote"
            | "horizontalRule"
            | "bulletList"
            | "orderedList"
            | "listItem"
            | "todoList"
            | "todoItem"
            | "taskList"
            | "taskItem"
            | "table"
            | "tableRow"
            | "tableHeader"
            | "tableCell"
            | "markdown"
            | "doc"
    )
}

fn line_break(pieces: &mut Vec<Piece>) {
    if pieces.last().is_some_and(|last| last.what != What::Break) {
        pieces.push(Piece { what: What::Break, marks: Vec::new() });
    }
}
