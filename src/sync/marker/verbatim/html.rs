//! The kinds of HTML blocks: where each begins, and what ends it.

use memchr::memmem::find;

/// How a block of HTML ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `<pre>` and the like, with the end tag of any of them.
    Raw(&'static str),
    Comment,
    Instruction,
    Declaration,
    Cdata,
    /// At the next blank line.
    Tags,
}

/// Elements whose text is no Markdown, with their end tags.
const RAW: [(&str, &str); 4] = [
    ("pre", "</pre>"),
    ("script", "</script>"),
    ("style", "</style>"),
    ("textarea", "</textarea>"),
];

impl Kind {
    /// The kind of block that a line begins; `after_text`: below the text of a paragraph.
    pub(super) fn of(line: &[u8], after_text: bool) -> Option<Self> {
        let inner = line.strip_prefix(b"<")?;
        if inner.starts_with(b"!--") {
            return Some(Self::Comment);
        }
        if inner.starts_with(b"?") {
            return Some(Self::Instruction);
        }
        if inner.starts_with(b"![CDATA[") {
            return Some(Self::Cdata);
        }
        if inner.first() == Some(&b'!') && inner.get(1).is_some_and(u8::is_ascii_alphabetic) {
            return Some(Self::Declaration);
        }
        let (is_end_tag, inner) = match inner.strip_prefix(b"/") {
            Some(inner) => (true, inner),
            None => (false, inner),
        };
        let length = inner.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let (name, behind) = inner.split_at(length);
        let raw = RAW.iter().find(|(raw, _)| name.eq_ignore_ascii_case(raw.as_bytes()));
        if let Some((_, end)) = raw
            && !is_end_tag
            && matches!(behind.first(), None | Some(b' ' | b'\t' | b'>'))
        {
            return Some(Self::Raw(end));
        }
        let is_block = is_block(name)
            && (matches!(behind.first(), None | Some(b' ' | b'\t' | b'>'))
                || behind.starts_with(b"/>"));
        let is_tag_alone = || !after_text && raw.is_none() && is_tag(inner, is_end_tag);
        (is_block || is_tag_alone()).then_some(Self::Tags)
    }

    pub(super) fn ends_at_blank(self) -> bool {
        self == Self::Tags
    }

    /// Whether a line has the end in it.
    pub(super) fn is_end(self, line: &[u8]) -> bool {
        match self {
            Self::Raw(_) => {
                let has = |end: &str| {
                    line.windows(end.len()).any(|part| part.eq_ignore_ascii_case(end.as_bytes()))
                };
                find(line, b"</").is_some() && RAW.iter().any(|(_, end)| has(end))
            }
            Self::Tags => false,
            _ => self.end().is_some_and(|end| find(line, end.as_bytes()).is_some()),
        }
    }

    /// The line that ends it.
    pub(super) const fn end(self) -> Option<&'static str> {
        match self {
            Self::Raw(end) => Some(end),
            Self::Comment => Some("-->"),
            Self::Instruction => Some("?>"),
            Self::Declaration => Some(">"),
            Self::Cdata => Some("]]>"),
            Self::Tags => None,
        }
    }
}

/// Whether an element of this name is a block.
#[rustfmt::skip]
fn is_block(name: &[u8]) -> bool {
    let mut lower = [0; 10];
    let Some(lower) = lower.get_mut(..name.len()) else { return false };
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    matches!(
        &*lower,
        b"address" | b"article" | b"aside" | b"base" | b"basefont" | b"blockquote" | b"body" |
        b"caption" | b"center" | b"col" | b"colgroup" | b"dd" | b"details" | b"dialog" | b"dir"
        | b"div" | b"dl" | b"dt" | b"fieldset" | b"figcaption" | b"figure" | b"footer" | b"form"
        | b"frame" | b"frameset" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"head" |
        b"header" | b"hr" | b"html" | b"iframe" | b"legend" | b"li" | b"link" | b"main" |
        b"menu" | b"menuitem" | b"nav" | b"noframes" | b"ol" | b"optgroup" | b"option" | b"p" |
        b"param" | b"search" | b"section" | b"summary" | b"table" | b"tbody" | b"td" | b"tfoot"
        | b"th" | b"thead" | b"title" | b"tr" | b"track" | b"ul"
    )
}

/// Whether a line is one tag, and nothing else; given from its name on.
fn is_tag(inner: &[u8], is_end_tag: bool) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    if !inner.first().is_some_and(u8::is_ascii_alphabetic) {
        return false;
    }
    let mut rest = skip(inner, is_name);
    loop {
        let behind = skip(rest, is_space);
        let had_space = behind.len() < rest.len();
        rest = behind;
        if let Some(end) = rest.strip_prefix(b">") {
            return end.iter().all(is_space);
        }
        if is_end_tag {
            return false;
        }
        if let Some(end) = rest.strip_prefix(b"/>") {
            return end.iter().all(is_space);
        }
        match attribute(rest) {
            Some(behind) if had_space => rest = behind,
            _ => return false,
        }
    }
}

/// What stands behind an attribute.
fn attribute(line: &[u8]) -> Option<&[u8]> {
    let first = line.first()?;
    if !(first.is_ascii_alphabetic() || b"_:".contains(first)) {
        return None;
    }
    let rest = skip(line, |byte| byte.is_ascii_alphanumeric() || b"_.:-".contains(byte));
    let Some(value) = skip(rest, is_space).strip_prefix(b"=") else { return Some(rest) };
    let value = skip(value, is_space);
    match value.first()? {
        quote @ (b'"' | b'\'') => {
            let end = memchr::memchr(*quote, &value[1..])?;
            Some(&value[end + 2..])
        }
        _ => {
            let rest = skip(value, |byte| !is_space(byte) && !b"\"'=<>`".contains(byte));
            (rest.len() < value.len()).then_some(rest)
        }
    }
}

const fn is_space(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn skip(line: &[u8], is_part: impl Fn(&u8) -> bool) -> &[u8] {
    let length = line.iter().take_while(|byte| is_part(byte)).count();
    &line[length..]
}
