//! Block nodes.

use serde_json::Value;

use super::super::block::{self, Block, Item, Kind, Line, List, Verbatim};
use super::super::document::{children, kind};
use super::super::inline::{Piece, plain, single};
use super::super::{DEEPEST, Options, parse, tidy, todo};
use super::inline;

/// The blocks of these nodes.
pub(crate) fn blocks(nodes: &[Value], options: &Options) -> Vec<Block> {
    nodes.iter().flat_map(|node| self::node(node, options, 0)).collect()
}

/// The blocks of one node that stands in so many lists and quotes: mostly one, none for an empty
/// paragraph, some for nodes that Markdown does not have.
pub(crate) fn node(node: &Value, options: &Options, depth: usize) -> Vec<Block> {
    let content = || {
        let inner = children(node).iter();
        inner.flat_map(|child| self::node(child, options, depth)).collect::<Vec<_>>()
    };
    let attrs = &node["attrs"];
    match kind(node) {
        "paragraph" => paragraph(children(node), options),
        "heading" => vec![heading(node, options)],
        "blockquote" if depth < DEEPEST => {
            let inner = children(node).iter();
            let blocks = inner.flat_map(|child| self::node(child, options, depth + 1)).collect();
            vec![Block::Quote(blocks)]
        }
        "horizontalRule" => vec![Block::Rule],
        "codeBlock" => {
            let language = single(attrs["language"].as_str().unwrap_or(""));
            vec![Block::Code { language, text: Verbatim(plain(&inline::text(node))) }]
        }
        "mermaid" => {
            let text = Verbatim(plain(&inline::text(node)));
            vec![Block::Code { language: "mermaid".to_owned(), text }]
        }
        "bulletList" | "orderedList" | "todoList" | "taskList" if depth < DEEPEST => {
            lists(node, options, depth + 1)
        }
        "blockquote" | "bulletList" | "orderedList" | "todoList" | "taskList" | "listItem"
        | "todoItem" | "taskItem" | "tableRow" | "tableHeader" | "tableCell" | "doc" => content(),
        "table" => table(node, options),
        "comment" => {
            vec![Block::Comment(Verbatim(tidy::comment(&plain(&inline::text(node)))))]
        }
        "markdown" => parse::blocks(&inline::text(node), options, depth)
            .unwrap_or_else(|_| paragraph(children(node), options)),
        other if inline::is_inline(other) => paragraph(std::slice::from_ref(node), options),
        _ => {
            let is_text = children(node).iter().all(|child| inline::is_inline(kind(child)));
            let shown = if is_text { paragraph(children(node), options) } else { content() };
            if shown.is_empty() { paragraph(std::slice::from_ref(node), options) } else { shown }
        }
    }
}

fn paragraph(nodes: &[Value], options: &Options) -> Vec<Block> {
    let lines = tidy::paragraphs(inline::pieces(nodes, options));
    lines.into_iter().map(Block::paragraph).collect()
}

fn heading(node: &Value, options: &Options) -> Block {
    let attrs = &node["attrs"];
    let level = number(&attrs["level"]).unwrap_or(1).clamp(1, 6) as u8;
    let line = tidy::one_line(inline::pieces(children(node), options));
    let underlined = !line.is_empty()
        && matches!((attrs["marker"].as_str(), level), (Some("="), 1) | (Some("-"), 2));
    Block::Heading { level, underlined, line }
}

/// A number, which the platform also writes as text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// One list for each run of items of one kind, as the parser has them.
fn lists(node: &Value, options: &Options, depth: usize) -> Vec<Block> {
    let attrs = &node["attrs"];
    let of_list = match kind(node) {
        "orderedList" => Kind::Ordered,
        "bulletList" => Kind::Bullet,
        _ => Kind::Todo,
    };
    let bullet = attrs["bullet"].as_str().and_then(|bullet| bullet.chars().next());
    let bullet = match bullet {
        _ if of_list == Kind::Ordered => '-',
        Some(bullet @ ('-' | '+' | '*')) => bullet,
        _ => '*',
    };
    let start = if of_list == Kind::Ordered { number(&attrs["order"]).unwrap_or(1) } else { 1 };
    let mut lists: Vec<List> = Vec::new();
    for child in children(node) {
        let (kind, item) = item(child, of_list, options, depth);
        match lists.last_mut() {
            Some(list) if list.kind == kind => list.items.push(item),
            _ => lists.push(List { kind, bullet, start, items: vec![item] }),
        }
    }
    lists.into_iter().map(Block::List).collect()
}

fn item(node: &Value, of_list: Kind, options: &Options, depth: usize) -> (Kind, Item) {
    let checked = node["attrs"]["checked"].as_bool().unwrap_or(false);
    let nodes = match kind(node) {
        "listItem" | "todoItem" | "taskItem" => children(node),
        _ => std::slice::from_ref(node),
    };
    let mut blocks: Vec<Block> =
        nodes.iter().flat_map(|child| self::node(child, options, depth)).collect();
    let is_todo = matches!(kind(node), "todoItem" | "taskItem");
    let kind = match (of_list, kind(node)) {
        (Kind::Ordered, _) => Kind::Ordered,
        (_, "todoItem" | "taskItem") => Kind::Todo,
        (_, "listItem") => Kind::Bullet,
        (other, _) => other,
    };
    if is_todo && kind == Kind::Ordered {
        // Numbered to-dos are none in Markdown: the box is shown.
        let text = if checked { "[x] " } else { "[ ] " };
        match blocks.first_mut() {
            Some(Block::Paragraph(line)) => line.insert(0, Piece::text(text, Vec::new())),
            _ => blocks.insert(0, Block::Paragraph(vec![Piece::text(text, Vec::new())])),
        }
        if let Some(Block::Paragraph(line)) = blocks.first_mut() {
            *line = tidy::paragraphs(std::mem::take(line)).pop().unwrap_or_default();
        }
    }
    // The platform leaves the comment that it reads the ids from in the text.
    let ids = if kind == Kind::Todo { todo::cut_ids_of_item(&mut blocks) } else { None };
    (kind, Item { checked: checked && kind == Kind::Todo, ids, blocks })
}

fn table(node: &Value, options: &Options) -> Vec<Block> {
    let cells = |row: &Value| -> Vec<Line> {
        let nodes = match self::kind(row) {
            "tableRow" => children(row),
            _ => std::slice::from_ref(row),
        };
        let line = |cell| tidy::one_line(inline::pieces(std::slice::from_ref(cell), options));
        nodes.iter().map(line).collect()
    };
    block::table(children(node).iter().map(cells).collect()).into_iter().collect()
}
