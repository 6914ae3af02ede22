//! Markup into Markdown: enough to compare with what a test wrote.

use serde_json::Value;

use super::inline;

/// The Markdown of a document.
pub fn to_markdown(node: &Value) -> String {
    blocks(&node["content"], "\n\n")
}

fn nodes(content: &Value) -> impl Iterator<Item = &Value> {
    content.as_array().into_iter().flatten()
}

fn blocks(content: &Value, between: &str) -> String {
    let texts: Vec<String> = nodes(content).map(block).filter(|text| !text.is_empty()).collect();
    texts.join(between)
}

fn block(node: &Value) -> String {
    let content = &node["content"];
    match node["type"].as_str().unwrap_or("") {
        "heading" => {
            let level = node["attrs"]["level"].as_u64().unwrap_or(1) as usize;
            format!("{} {}", "#".repeat(level), inline::write(content))
        }
        "horizontalRule" => "---".to_owned(),
        "codeBlock" | "mermaid" => {
            let text: String = nodes(content).filter_map(|node| node["text"].as_str()).collect();
            let mut fence = "```".to_owned();
            while text.contains(&fence) {
                fence.push('`');
            }
            let language = node["attrs"]["language"].as_str().unwrap_or("");
            format!("{fence}{language}\n{text}\n{fence}")
        }
        "blockquote" => {
            let inner = blocks(content, "\n\n");
            let line = |l: &str| if l.is_empty() { ">".to_owned() } else { format!("> {l}") };
            inner.split('\n').map(line).collect::<Vec<_>>().join("\n")
        }
        "bulletList" | "orderedList" | "todoList" | "taskList" => list(node),
        "table" => table(content),
        "paragraph" => inline::write(content),
        "text" | "image" => inline::write(&Value::Array(vec![node.clone()])),
        _ => blocks(content, "\n\n"),
    }
}

fn list(node: &Value) -> String {
    let bullet = node["attrs"]["bullet"].as_str().unwrap_or("-");
    let first = node["attrs"]["order"].as_u64().unwrap_or(1);
    let mut out = Vec::new();
    for (n, item) in nodes(&node["content"]).enumerate() {
        let sign = match (node["type"].as_str(), item["attrs"]["checked"].as_bool()) {
            (Some("orderedList"), _) => format!("{}. ", first + n as u64),
            (_, Some(true)) => format!("{bullet} [x] "),
            (_, Some(false)) => format!("{bullet} [ ] "),
            (_, None) => format!("{bullet} "),
        };
        let below = match item["attrs"]["checked"].is_boolean() {
            true => "  ".to_owned(),
            false => " ".repeat(sign.len()),
        };
        let inner = blocks(&item["content"], "\n");
        let indented = inner.replace('\n', &format!("\n{below}"));
        out.push(format!("{sign}{indented}"));
    }
    out.join("\n")
}

fn table(rows: &Value) -> String {
    let mut out = Vec::new();
    for row in nodes(rows) {
        let cells: Vec<String> =
            nodes(&row["content"]).map(|cell| blocks(&cell["content"], " ")).collect();
        out.push(format!("| {} |", cells.join(" | ")));
        if out.len() == 1 {
            out.push(format!("|{}", " - |".repeat(cells.len())));
        }
    }
    out.join("\n")
}
