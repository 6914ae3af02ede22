//! Markdown as the platform gives it back.

/// The text after a way through the platform.
pub fn normal(text: &str) -> String {
    text.trim().to_owned()
}
