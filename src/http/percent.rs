//! What stands for a byte in a path or a query.

use std::fmt::Write as _;

/// Encodes all but what RFC 3986 leaves unreserved, so that any value is one segment.
#[must_use]
pub fn percent_encode(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    #[test]
    fn reserved_and_foreign_bytes_are_encoded() {
        assert_eq!(super::percent_encode("A_1-2.~"), "A_1-2.~");
        assert_eq!(super::percent_encode("a/b?c=ä 1:00Z"), "a%2Fb%3Fc%3D%C3%A4%201%3A00Z");
    }
}
