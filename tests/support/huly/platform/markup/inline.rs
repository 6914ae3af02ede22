//! Text within a block: marks, links, line breaks.

use serde_json::{Value, json};

/// Reads the text of a paragraph into nodes.
pub(super) fn read(text: &str) -> Vec<Value> {
    let mut nodes = Vec::new();
    read_marked(text, &[], &mut nodes);
    nodes
}

fn push(text: &str, marks: &[Value], nodes: &mut Vec<Value>) {
    if text.is_empty() {
        return;
    }
    nodes.push(match marks {
        [] => json!({"type": "text", "text": text}),
        _ => json!({"type": "text", "text": text, "marks": marks}),
    });
}

fn with(marks: &[Value], mark: Value) -> Vec<Value> {
    marks.iter().cloned().chain([mark]).collect()
}

fn read_marked(text: &str, marks: &[Value], nodes: &mut Vec<Value>) {
    let (mut begun, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text[at..];
        let found = hard_break(rest).or_else(|| code(rest)).or_else(|| span(rest));
        let Some(found) = found.or_else(|| link(rest)) else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        push(&text[begun..at], marks, nodes);
        match found.mark {
            None => nodes.push(json!({"type": "hardBreak"})),
            Some(mark) if found.is_literal => push(found.inner, &with(marks, mark), nodes),
            Some(mark) => read_marked(found.inner, &with(marks, mark), nodes),
        }
        at += found.length;
        begun = at;
    }
    push(&text[begun..], marks, nodes);
}

/// Something that is not plain text.
struct Found<'a> {
    /// None is a line break.
    mark: Option<Value>,
    inner: &'a str,
    is_literal: bool,
    length: usize,
}

fn hard_break(rest: &str) -> Option<Found<'_>> {
    let blanks = rest.len() - rest.trim_start_matches(' ').len();
    let length = match rest {
        _ if rest.starts_with("\\\n") => 2,
        _ if blanks >= 2 && rest[blanks..].starts_with('\n') => blanks + 1,
        _ => return None,
    };
    Some(Found { mark: None, inner: "", is_literal: false, length })
}

fn code(rest: &str) -> Option<Found<'_>> {
    let ticks = rest.len() - rest.trim_start_matches('`').len();
    let fence = rest.get(..ticks).filter(|f| !f.is_empty())?;
    let inner = rest[ticks..].split(fence).next()?;
    let length = inner.len() + 2 * ticks;
    let fits = length <= rest.len() && !inner.is_empty() && !rest[length..].starts_with('`');
    let mark = Some(json!({"type": "code"}));
    fits.then_some(Found { mark, inner, is_literal: true, length })
}

fn span(rest: &str) -> Option<Found<'_>> {
    let marks = [
        ("**", json!({"type": "bold", "attrs": {"marker": "**"}})),
        ("~~", json!({"type": "strike"})),
        ("*", json!({"type": "italic", "attrs": {"marker": "*"}})),
    ];
    let (fence, mark) = marks.into_iter().find(|(fence, _)| rest.starts_with(fence))?;
    let after = &rest[fence.len()..];
    let end = after.match_indices(fence).map(|(n, _)| n).find(|n| {
        let inner = &after[..*n];
        !inner.is_empty() && inner.trim() == inner && !after[*n + fence.len()..].starts_with('*')
    })?;
    let length = end + 2 * fence.len();
    Some(Found { mark: Some(mark), inner: &after[..end], is_literal: false, length })
}

fn link(rest: &str) -> Option<Found<'_>> {
    let (inner, after) = rest.strip_prefix('[')?.split_once("](")?;
    let href = &after[..after.find([')', ' ', '\n'])?];
    let fits = !inner.contains(['[', ']', '\n']) && after[href.len()..].starts_with(')');
    let mark = Some(json!({"type": "link", "attrs": {"href": href}}));
    let length = inner.len() + href.len() + 4;
    fits.then_some(Found { mark, inner, is_literal: false, length })
}

/// Writes inline nodes as Markdown; plain text is never escaped.
pub(super) fn write(nodes: &Value) -> String {
    let mut out = String::new();
    let mut open: Vec<String> = Vec::new();
    for node in nodes.as_array().into_iter().flatten() {
        let marks: Vec<String> =
            node["marks"].as_array().into_iter().flatten().filter_map(fence_of).collect();
        let common = open.iter().zip(&marks).take_while(|(a, b)| a == b).count();
        close(&mut open, common, &mut out);
        for mark in marks.into_iter().skip(common) {
            out += if mark.starts_with("](") { "[" } else { &mark };
            open.push(mark);
        }
        match node["type"].as_str().unwrap_or("") {
            "text" => out += node["text"].as_str().unwrap_or(""),
            "hardBreak" => out += "\\\n",
            "image" => {
                let attr = |name: &str| node["attrs"][name].as_str().unwrap_or("").to_owned();
                out += &format!("![{}]({})", attr("alt"), attr("src"));
            }
            "reference" => out += &format!("@{}", node["attrs"]["label"].as_str().unwrap_or("")),
            "emoji" => out += node["attrs"]["emoji"].as_str().unwrap_or(""),
            _ => out += &write(&node["content"]),
        }
    }
    close(&mut open, 0, &mut out);
    out
}

fn close(open: &mut Vec<String>, down_to: usize, out: &mut String) {
    while open.len() > down_to {
        *out += &open.pop().unwrap_or_default();
    }
}

fn fence_of(mark: &Value) -> Option<String> {
    Some(match mark["type"].as_str()? {
        "bold" => "**".to_owned(),
        "italic" => mark["attrs"]["marker"].as_str().unwrap_or("*").to_owned(),
        "strike" => "~~".to_owned(),
        "code" => "`".to_owned(),
        "link" => format!("]({})", mark["attrs"]["href"].as_str().unwrap_or("")),
        _ => return None,
    })
}
