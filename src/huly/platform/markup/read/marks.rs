//! Marks.

use std::rc::Rc;

use serde_json::Value;

use super::super::inline::{Link, Mark, Marker, add, single};

/// The marks of a node that Markdown can express.
pub(crate) fn of(node: &Value) -> Vec<Mark> {
    let mut marks = Vec::new();
    for mark in node["marks"].as_array().into_iter().flatten().filter_map(read) {
        add(&mut marks, mark);
    }
    marks
}

/// One mark, if Markdown can express it.
pub(crate) fn read(mark: &Value) -> Option<Mark> {
    let attrs = &mark["attrs"];
    let marker = match attrs["marker"].as_str() {
        Some("_" | "__") => Marker::Underscore,
        _ => Marker::Star,
    };
    let value = |name: &str| attrs[name].as_str().map(single).filter(|value| !value.is_empty());
    Some(match mark["type"].as_str()? {
        "bold" | "strong" => Mark::Bold(marker),
        "italic" | "em" => Mark::Italic(marker),
        "strike" => Mark::Strike,
        "underline" => Mark::Underline,
        "code" => Mark::Code,
        "textColor" => Mark::Color(value("color")?.into()),
        "textStyle" => Mark::Style(style(attrs)?),
        "highlight" => Mark::Highlight(value("color").map(Rc::from)),
        "link" => {
            let link = Link::new(attrs["href"].as_str()?, attrs["title"].as_str());
            Mark::Link(Rc::new(link))
        }
        _ => return None,
    })
}

/// Attributes as declarations can have them: `fontSize` and a value without `;`.
fn style(attrs: &Value) -> Option<Rc<[(String, String)]>> {
    let mut style = Vec::new();
    for (name, value) in attrs.as_object()? {
        let value = match value {
            Value::String(value) => single(value),
            Value::Number(value) => value.to_string(),
            _ => continue,
        };
        let is_name = name.starts_with(|first: char| first.is_ascii_lowercase())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_name && !value.is_empty() && !value.contains(';') {
            style.push((name.clone(), value));
        }
    }
    style.sort();
    (!style.is_empty()).then(|| style.into())
}
