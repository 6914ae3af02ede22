//! What the editor's schema lets a node hold (platform 0.7.422). Opening an issue deletes every node
//! that holds something else, and everything in it.

use serde_json::Value;

use super::document::kind;

/// Nodes that hold nothing.
const LEAVES: [&str; 7] =
    ["embed", "emoji", "file", "hardBreak", "horizontalRule", "image", "reference"];

/// A node that stands in an edited line, as it may be written: a leaf holds nothing, and the
/// collaborator drops marks on anything but text.
pub(super) fn without_what_is_dropped(node: &Value) -> Value {
    let mut node = node.clone();
    if let Some(members) = node.as_object_mut() {
        members.remove("marks");
        if members["type"].as_str().is_some_and(is_leaf) {
            members.remove("content");
        }
    }
    node
}

fn is_leaf(kind: &str) -> bool {
    LEAVES.contains(&kind)
}

/// Whether a node is text, which alone has marks.
pub(super) fn is_text(node: &Value) -> bool {
    kind(node) == "text"
}
