//! The blocks of a text, each in the spelling in which it comes back.

use super::html;
use super::inline;
use super::lists;

/// A block as it is written.
pub(super) struct Block {
    pub(super) text: String,
    pub(super) is_list: bool,
}

impl Block {
    fn new(text: String) -> Block {
        Block { text, is_list: false }
    }
}

/// Blocks with one blank line between them.
pub(super) fn joined(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        if !out.is_empty() {
            // An underlined heading ends with a line break of its own.
            out += if out.ends_with('\n') { "\n" } else { "\n\n" };
        }
        out += &block.text;
    }
    out
}

/// Reads lines into blocks.
pub(super) fn read(lines: &[String]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if lines[at].trim().is_empty() {
            at += 1;
            continue;
        }
        let rest = &lines[at..];
        let (text, used) = None
            .or_else(|| fence(rest))
            .or_else(|| indented_code(rest))
            .or_else(|| heading(rest))
            .or_else(|| is_rule(&rest[0]).then(|| ("---".to_owned(), 1)))
            .or_else(|| quote(rest))
            .or_else(|| html::block(rest))
            .or_else(|| html::table(rest))
            .unwrap_or_else(|| (String::new(), 0));
        if used > 0 {
            at += used;
            if !text.is_empty() {
                blocks.push(Block::new(text));
            }
        } else if let Some((texts, used)) = lists::read(rest) {
            at += used;
            blocks.extend(texts.into_iter().map(|text| Block { text, is_list: true }));
        } else {
            let (text, used) = paragraph(rest);
            at += used;
            if !text.is_empty() {
                blocks.push(Block::new(text));
            }
        }
    }
    blocks
}

/// Number of spaces a line begins with.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Whether a line begins a block that ends the paragraph before it.
pub(super) fn interrupts(lines: &[String]) -> bool {
    let line = &lines[0];
    let text = line.trim_start();
    indent(line) < 4
        && (is_fence(line).is_some()
            || heading(lines).is_some()
            || is_rule(line)
            || text.starts_with('>')
            || html::begins(lines)
            || html::table(lines).is_some()
            || lists::interrupts_paragraph(line))
}

fn is_fence(line: &str) -> Option<(char, usize)> {
    let text = line.trim_start();
    let mark = text.chars().next().filter(|c| ['`', '~'].contains(c))?;
    let length = text.chars().take_while(|c| *c == mark).count();
    let info = &text[length..];
    let fits = length >= 3 && indent(line) < 4 && !(mark == '`' && info.contains('`'));
    fits.then_some((mark, length))
}

fn fence(lines: &[String]) -> Option<(String, usize)> {
    let (mark, length) = is_fence(&lines[0])?;
    let depth = indent(&lines[0]);
    let info = lines[0].trim_start()[length..].trim();
    let closes = |line: &String| {
        let text = line.trim();
        is_fence(line).is_some_and(|(m, l)| m == mark && l >= length)
            && text.chars().all(|c| c == mark)
    };
    let end = lines[1..].iter().position(closes);
    let body = &lines[1..end.map_or(lines.len(), |n| n + 1)];
    let mut body: Vec<&str> = body.iter().map(|l| &l[indent(l).min(depth)..]).collect();
    if end.is_none() {
        while body.last().is_some_and(|l| l.trim().is_empty()) {
            body.pop();
        }
    }
    Some((fenced(info, &body), end.map_or(lines.len(), |n| n + 2)))
}

fn fenced(info: &str, body: &[&str]) -> String {
    let body = body.join("\n");
    let mut marks = "```".to_owned();
    while body.contains(&marks) {
        marks.push('`');
    }
    format!("{marks}{info}\n{body}\n{marks}")
}

fn indented_code(lines: &[String]) -> Option<(String, usize)> {
    let belongs = |line: &&String| line.trim().is_empty() || indent(line) >= 4;
    let mut used = lines.iter().take_while(belongs).count();
    while used > 0 && lines[used - 1].trim().is_empty() {
        used -= 1;
    }
    let body: Vec<&str> = lines[..used].iter().map(|l| l.get(4..).unwrap_or("")).collect();
    (used > 0).then(|| (fenced("", &body), used))
}

fn heading(lines: &[String]) -> Option<(String, usize)> {
    let text = lines[0].trim();
    let level = text.chars().take_while(|c| *c == '#').count();
    let rest = &text[level..];
    let fits = (1..=6).contains(&level) && (rest.is_empty() || rest.starts_with([' ', '\t']));
    if !fits || indent(&lines[0]) >= 4 {
        return None;
    }
    let rest = rest.trim();
    let bare = rest.trim_end_matches('#');
    let rest = if bare.is_empty() || bare.ends_with(' ') { bare.trim_end() } else { rest };
    let heading = format!("{} {}", "#".repeat(level), inline::normal(rest));
    Some((heading.trim_end().to_owned(), 1))
}

fn is_rule(line: &str) -> bool {
    let bare: String = line.chars().filter(|c| ![' ', '\t'].contains(c)).collect();
    let mark = bare.chars().next().unwrap_or(' ');
    indent(line) < 4
        && bare.len() >= 3
        && ['-', '*', '_'].contains(&mark)
        && bare.chars().all(|c| c == mark)
}

fn quote(lines: &[String]) -> Option<(String, usize)> {
    let marked = |line: &str| indent(line) < 4 && line.trim_start().starts_with('>');
    if !marked(&lines[0]) {
        return None;
    }
    let mut inner: Vec<String> = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        if marked(line) {
            let rest = &line.trim_start()[1..];
            inner.push(rest.strip_prefix(' ').unwrap_or(rest).to_owned());
        } else {
            let after_text = inner.last().is_some_and(|l| !l.trim().is_empty());
            if line.trim().is_empty() || !after_text || interrupts(&lines[n..]) {
                break;
            }
            inner.push(line.trim_start().to_owned());
        }
    }
    let text = joined(&read(&inner));
    let quoted: Vec<String> = text
        .trim_end()
        .split('\n')
        .map(|l| if l.is_empty() { ">".to_owned() } else { format!("> {l}") })
        .collect();
    let text = if text.is_empty() { String::new() } else { quoted.join("\n") };
    Some((text, inner.len()))
}

/// A paragraph, or the heading that a line of `---` or `===` below makes of it.
fn paragraph(lines: &[String]) -> (String, usize) {
    let mut used = 1;
    while used < lines.len() && !lines[used].trim().is_empty() {
        let line = lines[used].trim();
        let underline = line.chars().all(|c| c == '-') || line.chars().all(|c| c == '=');
        if underline && indent(&lines[used]) < 4 {
            let mark = if line.starts_with('-') { "---" } else { "===" };
            let text = inline::normal(&lines[..used].join("\n"));
            return (format!("{text}\n{mark}\n"), used + 1);
        }
        if interrupts(&lines[used..]) {
            break;
        }
        used += 1;
    }
    (inline::normal(&lines[..used].join("\n")), used)
}
