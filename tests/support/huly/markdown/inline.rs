//! The text inside a block: line ends, escapes, and the HTML that goes away.

/// Tags that vanish; what they enclose stays.
const VANISHING: [&str; 8] = ["b", "u", "ins", "sup", "sub", "small", "mark", "kbd"];

/// A paragraph's text as it comes back.
pub(super) fn normal(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let mut out = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let is_last = n + 1 == lines.len();
        let bare = line.trim();
        let breaks = !is_last && line.ends_with("  ") && !bare.ends_with('\\');
        out.push(if breaks { format!("{bare}\\") } else { bare.to_owned() });
    }
    let text = spans(&out.join("\n"));
    let kept: Vec<&str> = text.split('\n').map(str::trim).filter(|l| !l.is_empty()).collect();
    kept.join("\n")
}

fn spans(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.find(['`', '\\', '<', ']']) {
        out += &rest[..next];
        rest = &rest[next..];
        let used = None
            .or_else(|| code(rest, &mut out))
            .or_else(|| escape(rest, &mut out))
            .or_else(|| tag(rest, &mut out))
            .or_else(|| destination(rest, &mut out))
            .unwrap_or_else(|| {
                // Stays as it is.
                let marks = rest.bytes().take_while(|b| *b == b'`').count().max(1);
                out += &rest[..marks];
                marks
            });
        rest = &rest[used..];
    }
    out + rest
}

/// A code span is copied.
fn code(rest: &str, out: &mut String) -> Option<usize> {
    let marks = rest.bytes().take_while(|b| *b == b'`').count();
    if marks == 0 {
        return None;
    }
    let mut at = marks;
    loop {
        at += rest[at..].find('`')?;
        let run = rest[at..].bytes().take_while(|b| *b == b'`').count();
        at += run;
        if run == marks {
            out.push_str(&rest[..at]);
            return Some(at);
        }
    }
}

/// A backslash before punctuation is lost, but for those that would mean something else next time.
fn escape(rest: &str, out: &mut String) -> Option<usize> {
    let mut chars = rest.chars();
    let next = (chars.next()? == '\\').then(|| chars.next())?;
    match next {
        Some(c) if c.is_ascii_punctuation() && !['\\', '`'].contains(&c) => out.push(c),
        Some(c) => {
            out.push('\\');
            out.push(c);
        }
        None => out.push('\\'),
    }
    Some(1 + next.map_or(0, char::len_utf8))
}

fn tag(rest: &str, out: &mut String) -> Option<usize> {
    let inner = rest.strip_prefix('<')?;
    let end = inner.find('>')?;
    let inner = &inner[..end];
    let name = inner.trim_start_matches('/');
    let name = name.split([' ', '/']).next()?.to_ascii_lowercase();
    if name == "br" {
        out.push_str("\\\n");
        let after = &rest[end + 2..];
        return Some(end + 2 + usize::from(after.starts_with('\n')));
    }
    if VANISHING.contains(&name.as_str()) {
        return Some(end + 2);
    }
    // A link in angle brackets, or HTML that stays, attributes and all.
    let copied = name.contains("://") || name.chars().all(|c| c.is_ascii_alphanumeric());
    copied.then(|| {
        out.push_str(&rest[..end + 2]);
        end + 2
    })
}

/// Where a link leads is copied.
fn destination(rest: &str, out: &mut String) -> Option<usize> {
    let inner = rest.strip_prefix("](")?;
    let mut depth = 1;
    let end = inner.find(|c| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    })?;
    out.push_str(&rest[..end + 3]);
    Some(end + 3)
}
