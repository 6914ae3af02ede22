//! Markup, the platform's form of a text, for the hands of tests: as much of Markdown as they write.
//!
//! It has nothing in common with the converter of the tool that is tested. What is no heading, rule,
//! fence, list, quote or table is a paragraph; `_` is only ever a letter.

mod inline;
mod read;
mod write;

use serde_json::Value;

pub use read::from_markdown;
pub use write::to_markdown;

/// The JSON text of a node as it comes back from the collaborator: `type`, `attrs` and `content`,
/// or `type`, `text` and `marks`, and nothing that is empty, save the content of the document.
pub fn written(node: &Value) -> String {
    let mut out = String::new();
    write_node(node, true, &mut out);
    out
}

fn write_node(node: &Value, is_root: bool, out: &mut String) {
    let Value::Object(fields) = node else {
        *out += &node.to_string();
        return;
    };
    out.push('{');
    let mut any = false;
    let known = ["type", "attrs", "content", "text", "marks"];
    let others = fields.keys().map(String::as_str).filter(|name| !known.contains(name));
    for name in known.into_iter().chain(others) {
        let empty = fields.get(name).is_none_or(|value| {
            value.is_null() || (name != "attrs" && value.as_array().is_some_and(Vec::is_empty))
        });
        if empty && !(is_root && name == "content") {
            continue;
        }
        if any {
            out.push(',');
        }
        any = true;
        *out += &format!("\"{name}\":");
        match fields.get(name) {
            Some(Value::Array(nodes)) => {
                out.push('[');
                for (n, node) in nodes.iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    write_node(node, false, out);
                }
                out.push(']');
            }
            Some(value) if name != "content" => *out += &value.to_string(),
            _ => *out += "[]",
        }
    }
    out.push('}');
}
