//! HTML blocks, most of which are lost, and tables, which become HTML.

use super::blocks::indent;
use super::inline;

/// Blocks that come back as they are.
const STAYING: [&str; 3] = ["<table", "<!--", "<img"];
/// Blocks that come back as nothing.
const LOST: [&str; 8] = ["div", "p", "section", "details", "summary", "center", "article", "br"];

fn begins_with_tag(line: &str, name: &str) -> bool {
    let text = line.trim_start().to_ascii_lowercase();
    let Some(rest) = text.strip_prefix('<') else { return false };
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    rest.strip_prefix(name).is_some_and(|r| r.starts_with(['>', ' ', '/']))
}

/// Whether an HTML block begins here.
pub(super) fn begins(lines: &[String]) -> bool {
    let line = lines[0].trim_start();
    let alone = |name: &str| {
        let ends = lines.get(1).is_none_or(|l| l.trim().is_empty());
        name != "br" || (line.trim_end().ends_with('>') && line.matches('<').count() == 1 && ends)
    };
    STAYING.iter().any(|s| line.starts_with(s))
        || LOST.iter().any(|name| begins_with_tag(line, name) && alone(name))
}

/// An HTML block reaches to the next blank line.
pub(super) fn block(lines: &[String]) -> Option<(String, usize)> {
    if indent(&lines[0]) >= 4 || !begins(lines) {
        return None;
    }
    let used = lines.iter().take_while(|l| !l.trim().is_empty()).count();
    let stays = STAYING.iter().any(|s| lines[0].trim_start().starts_with(s));
    let text = lines[..used].iter().map(|l| l.trim()).collect::<Vec<_>>().join("\n");
    Some((if stays { text } else { String::new() }, used))
}

/// The cells of a row.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let ends = line.ends_with('|') && !line.ends_with("\\|");
    let line = if ends { &line[..line.len() - 1] } else { line };
    // An escaped bar is text.
    let line = line.replace("\\|", "\u{1}");
    line.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect()
}

fn is_delimiter_row(line: &str) -> bool {
    line.contains('-')
        && line.contains('|')
        && cells(line).iter().all(|cell| {
            let dashes = cell.trim_start_matches(':').trim_end_matches(':');
            !dashes.is_empty() && dashes.chars().all(|c| c == '-')
        })
}

/// A table comes back as one line of HTML.
pub(super) fn table(lines: &[String]) -> Option<(String, usize)> {
    let delimiter = lines.get(1).filter(|l| is_delimiter_row(l))?;
    let head = cells(&lines[0]);
    if !lines[0].contains('|') || cells(delimiter).len() != head.len() {
        return None;
    }
    let row = |tag: &str, cells: &[String]| {
        let cells: String = (0..head.len())
            .map(|n| {
                let text = inline::normal(cells.get(n).map_or("", String::as_str));
                format!("<{tag}><p>{text}</p></{tag}>")
            })
            .collect();
        format!("<tr>{cells}</tr>")
    };
    let used = lines.iter().take_while(|l| !l.trim().is_empty()).count();
    let body: String = lines[2..used].iter().map(|line| row("td", &cells(line))).collect();
    Some((format!("<table><tbody>{}{body}</tbody></table>", row("th", &head)), used))
}
