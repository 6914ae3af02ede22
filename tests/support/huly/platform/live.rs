//! Live documents (Y.Docs): what editors and the collaborator share of a description, beside the blob
//! that was saved.

use serde_json::Value;

/// Nodes without children in the editor's schema.
const LEAVES: [&str; 6] = ["reference", "image", "file", "emoji", "hardBreak", "horizontalRule"];

/// What a live document shows.
pub enum Live {
    /// The text of this blob, from which it was loaded or into which it was saved.
    Saved(String),
    /// Markup of its own, as JSON text: typed and not saved yet, or loaded without a mark or two.
    Text(String),
}

/// Markup as a live document holds it: marks are on text alone.
pub fn as_fragment(node: &Value) -> Value {
    let mut fragment = node.clone();
    if fragment["type"] != "text"
        && let Some(fields) = fragment.as_object_mut()
    {
        fields.remove("marks");
    }
    if let Some(children) = fragment["content"].as_array_mut() {
        children.iter_mut().for_each(|child| *child = as_fragment(child));
    }
    fragment
}

/// Markup as an editor leaves it that opens it: a leaf with children does not fit its schema, and is
/// deleted from the document.
pub fn as_opened(node: &Value) -> Value {
    let fits = |child: &&Value| {
        let is_leaf = child["type"].as_str().is_some_and(|kind| LEAVES.contains(&kind));
        !is_leaf || child["content"].as_array().is_none_or(Vec::is_empty)
    };
    let mut opened = as_fragment(node);
    if let Some(children) = opened["content"].as_array_mut() {
        *children = children.iter().filter(fits).map(as_opened).collect();
    }
    opened
}

/// Whether nobody has written anything in it: one empty paragraph is no change of an empty document.
pub fn is_empty(node: &Value) -> bool {
    node["content"].as_array().into_iter().flatten().all(|child| {
        child["type"] == "paragraph" && child["content"].as_array().is_none_or(Vec::is_empty)
    })
}
