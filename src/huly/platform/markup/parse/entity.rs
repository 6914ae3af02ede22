//! Character references in HTML.

use crate::entity::reference;

/// The text with the references decoded that HTML is escaped with; others stay as they are.
pub(super) fn decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        match reference(rest) {
            Some((letter, length)) => {
                decoded.push(letter.filter(|letter| *letter != '\0').unwrap_or('\u{fffd}'));
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
