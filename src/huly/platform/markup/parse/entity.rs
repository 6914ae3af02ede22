//! Character references in HTML.

/// The text with the references decoded that HTML is escaped with; others stay as they are.
pub(super) fn decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        match reference(rest) {
            Some((letter, length)) => {
                decoded.push(letter);
                rest = &rest[length..];
            }
            None => {
                decoded.push('&');
                rest = &rest[1..];
            }
        }
    }
    decoded + rest
}

/// The reference that a text begins with, and its length.
fn reference(text: &str) -> Option<(char, usize)> {
    // The longest is `&#1114111;`.
    let end = text.bytes().take(10).position(|byte| byte == b';')?;
    let name = &text[1..end];
    let letter = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code).filter(|letter| *letter != '\0').unwrap_or('\u{fffd}')
        }
    };
    Some((letter, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_html_escapes_is_decoded() {
        for (text, decoded) in [
            ("a &amp; b &lt;i&gt; &quot;&#x27;&#39;", "a & b <i> \"''"),
            ("&copy; & &; &#; &#x; &é;", "&copy; & &; &#; &#x; &é;"),
            ("&#0;&#xd800;", "\u{fffd}\u{fffd}"),
        ] {
            assert_eq!(decode(text), decoded);
        }
    }
}
