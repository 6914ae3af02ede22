//! HTML's character references.

/// The reference that a text begins with (`&amp;`, `&#233;`, `&#xe9;`): what it stands for, and its
/// length in bytes. The inner `None`: its number is no character. Of names those are known that HTML is
/// escaped with.
pub(crate) fn reference(text: &str) -> Option<(Option<char>, usize)> {
    // The longest is `&#1114111;`.
    let end = text.bytes().take(10).position(|byte| byte == b';')?;
    let letter = match text.get(1..end)? {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        name => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    };
    Some((letter, end + 1))
}
