//! Lists: tight, renumbered, `1)` as `1.`, tasks apart from plain items.

use super::blocks::{Block, indent, interrupts, read as read_blocks};

/// How an item begins.
#[derive(Clone, PartialEq)]
struct Marker {
    /// `-`, `+`, `*`, or the `.` or `)` after a number.
    mark: char,
    number: Option<u64>,
    /// Columns before the item's text.
    width: usize,
}

struct Item {
    /// `[ ]` or `[x]`, if the item is a task.
    task: Option<String>,
    text: String,
}

fn marker(line: &str) -> Option<Marker> {
    let before = indent(line);
    let text = &line[before..];
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mark = text[digits..].chars().next()?;
    let fits = match digits {
        0 => ['-', '+', '*'].contains(&mark),
        1..=9 => ['.', ')'].contains(&mark),
        _ => false,
    };
    let after = &text[digits..].get(1..)?;
    if before >= 4 || !fits || !(after.is_empty() || after.starts_with([' ', '\t'])) {
        return None;
    }
    let spaces = indent(after);
    let spaces = if spaces == 0 || spaces > 4 || after.trim().is_empty() { 1 } else { spaces };
    Some(Marker { mark, number: text[..digits].parse().ok(), width: before + digits + 1 + spaces })
}

/// Whether a list that begins here ends a paragraph.
pub(super) fn interrupts_paragraph(line: &str) -> bool {
    marker(line).is_some_and(|m| {
        m.number.unwrap_or(1) == 1 && line.get(m.width..).is_some_and(|l| !l.trim().is_empty())
    })
}

/// Reads a list, or several when tasks and plain items follow each other.
pub(super) fn read(lines: &[String]) -> Option<(Vec<String>, usize)> {
    let first = marker(&lines[0])?;
    let mut items: Vec<Item> = Vec::new();
    let mut at = 0;
    while let Some(own) = lines.get(at).and_then(|l| marker(l)) {
        let same = own.mark == first.mark && own.number.is_some() == first.number.is_some();
        if !same {
            break;
        }
        let used = item_length(&lines[at..], own.width);
        items.push(item(&lines[at..at + used], own.width));
        at += used;
        let blank = lines[at..].iter().take_while(|l| l.trim().is_empty()).count();
        // Blank lines belong to the list only if it goes on after them.
        if lines.get(at + blank).and_then(|l| marker(l)).is_none() {
            break;
        }
        at += blank;
    }
    let mut texts = Vec::new();
    let mut start = 0;
    for n in 1..=items.len() {
        if n == items.len() || items[n].task.is_some() != items[start].task.is_some() {
            let number = first.number.map(|from| from + start as u64);
            texts.push(written(&items[start..n], first.mark, number));
            start = n;
        }
    }
    Some((texts, at))
}

/// How many lines belong to the item that begins here, without blank ones at its end.
fn item_length(lines: &[String], width: usize) -> usize {
    let mut length = 1;
    for n in 1..lines.len() {
        let line = &lines[n];
        if line.trim().is_empty() {
            continue;
        }
        let after_blank = lines[n - 1].trim().is_empty();
        let lazy = !after_blank && marker(line).is_none() && !interrupts(&lines[n..]);
        if indent(line) < width && !lazy {
            break;
        }
        length = n + 1;
    }
    length
}

fn item(lines: &[String], width: usize) -> Item {
    let mut inner: Vec<String> = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let cut = if n == 0 { width } else { indent(line).min(width) };
        inner.push(line.get(cut..).unwrap_or("").to_owned());
    }
    let first = inner[0].trim_start().to_owned();
    let task = ["[ ]", "[x]", "[X]"].into_iter().find(|t| {
        first.strip_prefix(t).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    });
    if task.is_some() {
        first[3..].trim_start().clone_into(&mut inner[0]);
    }
    let task = task.map(str::to_lowercase);
    Item { task, text: tightly_joined(&read_blocks(&inner)) }
}

/// In an item a list follows its text without a blank line.
fn tightly_joined(blocks: &[Block]) -> String {
    let mut out = String::new();
    let mut after_list = false;
    for block in blocks {
        if !out.is_empty() {
            let tight = (block.is_list && !after_list) || out.ends_with('\n');
            out += if tight { "\n" } else { "\n\n" };
        }
        out += block.text.trim_end();
        after_list = block.is_list;
    }
    out
}

fn written(items: &[Item], mark: char, start: Option<u64>) -> String {
    let last = start.map(|from| from + items.len() as u64 - 1);
    let digits = last.map_or(0, |n| n.to_string().len());
    let mut out = Vec::new();
    for (n, item) in items.iter().enumerate() {
        let sign = match start {
            Some(from) => format!("{:>digits$}. ", from + n as u64),
            None => format!("{mark} "),
        };
        let below = " ".repeat(sign.len());
        let task = item.task.as_ref().map(|t| format!("{t} ")).unwrap_or_default();
        let lines: Vec<String> = item
            .text
            .split('\n')
            .enumerate()
            .map(|(n, line)| match (n, line.is_empty()) {
                (0, _) => format!("{sign}{task}{line}").trim_end().to_owned(),
                (_, true) => String::new(),
                (_, false) => format!("{below}{line}"),
            })
            .collect();
        out.push(lines.join("\n"));
    }
    out.join("\n")
}
