//! Markdown, as far as tests write it, into markup.

use serde_json::{Value, json};

use super::inline;

/// The markup of a text.
pub fn from_markdown(text: &str) -> Value {
    let text = text.replace("\r\n", "\n");
    let lines: Vec<&str> = text.split('\n').collect();
    let mut content = blocks(&lines);
    if content.is_empty() {
        content.push(json!({"type": "paragraph"}));
    }
    json!({"type": "doc", "content": content})
}

fn blocks(lines: &[&str]) -> Vec<Value> {
    let (mut nodes, mut at) = (Vec::new(), 0);
    while at < lines.len() {
        if lines[at].trim().is_empty() {
            at += 1;
            continue;
        }
        let (node, used) = block(&lines[at..]).unwrap_or_else(|| paragraph(&lines[at..]));
        nodes.push(node);
        at += used;
    }
    nodes
}

/// What begins here, if it is no paragraph.
fn block(lines: &[&str]) -> Option<(Value, usize)> {
    fence(lines)
        .or_else(|| heading(lines[0]))
        .or_else(|| rule(lines[0]))
        .or_else(|| quote(lines))
        .or_else(|| table(lines))
        .or_else(|| list(lines))
}

fn paragraph(lines: &[&str]) -> (Value, usize) {
    let ends = |n: &usize| lines[*n].trim().is_empty() || block(&lines[*n..]).is_some();
    let used = (1..lines.len()).find(ends).unwrap_or(lines.len());
    let text = lines[..used].join("\n");
    (json!({"type": "paragraph", "content": inline::read(text.trim())}), used)
}

fn fence(lines: &[&str]) -> Option<(Value, usize)> {
    let ticks = lines[0].len() - lines[0].trim_start_matches('`').len();
    let (fence, language) = lines[0].split_at(ticks);
    if ticks < 3 {
        return None;
    }
    let end = lines[1..].iter().position(|line| line.trim_end() == fence);
    let body = lines[1..end.map_or(lines.len(), |n| n + 1)].join("\n");
    let content = match body.as_str() {
        "" => json!([]),
        text => json!([{"type": "text", "text": text}]),
    };
    let node = json!({"type": "codeBlock", "attrs": {"language": language.trim()},
        "content": content});
    Some((node, end.map_or(lines.len(), |n| n + 2)))
}

fn heading(line: &str) -> Option<(Value, usize)> {
    let level = line.len() - line.trim_start_matches('#').len();
    let text = line[level..].strip_prefix(' ').filter(|_| (1..=6).contains(&level))?;
    let attrs = json!({"level": level, "marker": "#".repeat(level)});
    let content = inline::read(text.trim());
    Some((json!({"type": "heading", "attrs": attrs, "content": content}), 1))
}

fn rule(line: &str) -> Option<(Value, usize)> {
    ["---", "***", "___"].contains(&line.trim()).then(|| (json!({"type": "horizontalRule"}), 1))
}

fn quote(lines: &[&str]) -> Option<(Value, usize)> {
    let used = lines.iter().take_while(|line| line.starts_with('>')).count();
    let inner = lines[..used].iter().map(|line| line[1..].strip_prefix(' ').unwrap_or(&line[1..]));
    let inner: Vec<&str> = inner.collect();
    (used > 0).then(|| (json!({"type": "blockquote", "content": blocks(&inner)}), used))
}

fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(str::trim).collect())
}

fn table(lines: &[&str]) -> Option<(Value, usize)> {
    let is_rule = |cell: &&str| cell.contains('-') && cell.trim_matches(['-', ':']).is_empty();
    let head = cells(lines[0])?;
    let below = cells(lines.get(1)?)?;
    if below.len() != head.len() || !below.iter().all(is_rule) {
        return None;
    }
    let row = |kind: &str, cells: Vec<&str>| {
        let cell = |text: &&str| {
            let paragraph = json!({"type": "paragraph", "content": inline::read(text)});
            json!({"type": kind, "attrs": {"colspan": 1, "rowspan": 1}, "content": [paragraph]})
        };
        json!({"type": "tableRow", "content": cells.iter().map(cell).collect::<Vec<_>>()})
    };
    let mut rows = vec![row("tableHeader", head)];
    for cells in lines[2..].iter().map_while(|line| cells(line)) {
        rows.push(row("tableCell", cells));
    }
    let used = rows.len() + 1;
    Some((json!({"type": "table", "content": rows}), used))
}

/// How an item of a list begins.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Bullet(char),
    Ordered,
    Todo,
}

/// The kind, the number, whether it is checked, and how many bytes stand before the text.
fn item_mark(line: &str) -> Option<(Kind, u64, bool, usize)> {
    let first = line.chars().next()?;
    if ['-', '*', '+'].contains(&first) && line[1..].starts_with(' ') {
        let checked = line[2..].starts_with("[x] ");
        let is_todo = checked || line[2..].starts_with("[ ] ");
        let kind = if is_todo { Kind::Todo } else { Kind::Bullet(first) };
        return Some((kind, 1, checked, if is_todo { 6 } else { 2 }));
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let is_ordered = (1..=9).contains(&digits) && line[digits..].starts_with(". ");
    is_ordered.then(|| (Kind::Ordered, line[..digits].parse().unwrap_or(1), false, digits + 2))
}

fn list(lines: &[&str]) -> Option<(Value, usize)> {
    let (kind, order, ..) = item_mark(lines[0])?;
    let (mut items, mut at) = (Vec::new(), 0);
    while let Some((own, _, checked, width)) = lines.get(at).and_then(|line| item_mark(line)) {
        if own != kind {
            break;
        }
        let indent = if kind == Kind::Todo { 2 } else { width };
        let belongs = |line: &&&str| {
            line.len() > indent && line.bytes().take(indent).all(|byte| byte == b' ')
        };
        let below = lines[at + 1..].iter().take_while(belongs).count();
        let mut inner = vec![&lines[at][width..]];
        inner.extend(lines[at + 1..at + 1 + below].iter().map(|line| &line[indent..]));
        let content = blocks(&inner);
        items.push(match kind {
            Kind::Todo => json!({"type": "todoItem", "attrs": {"checked": checked},
                "content": content}),
            _ => json!({"type": "listItem", "content": content}),
        });
        at += below + 1;
    }
    let node = match kind {
        Kind::Bullet(mark) => json!({"type": "bulletList", "attrs": {"bullet": mark.to_string()}}),
        Kind::Todo => json!({"type": "todoList", "attrs": {"bullet": "-"}}),
        Kind::Ordered => json!({"type": "orderedList", "attrs": {"order": order}}),
    };
    let mut node = node;
    node["content"] = Value::Array(items);
    Some((node, at))
}
