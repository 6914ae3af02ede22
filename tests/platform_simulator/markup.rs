//! Texts of tests go through markup and back, and stored markup has the platform's own form.

use serde_json::Value;

use crate::support::markup::{from_markdown, to_markdown, written};

#[test]
fn simple_texts_come_back_as_they_were() {
    for text in [
        "",
        "One paragraph.",
        "Two\n\nparagraphs",
        "two lines\nof one paragraph",
        "a line\\\nbroken hard",
        "# Heading\n\nText",
        "###### Six",
        "Text\n\n---\n\nHuly Issue: PROJ-1",
        "- a\n- b\n  - c\n- d",
        "* a\n* b",
        "3. three\n4. four",
        "- [ ] open\n- [x] done",
        "```rust\nlet a = 1;\n\nlet b = 2;\n```",
        "````\n```\n````",
        "> quoted\n>\n> more",
        "| a | b |\n| - | - |\n| 1 | 2 |",
        "some **bold**, *italic*, ~~struck~~ and `code` words",
        "**bold *and italic***",
        "a [link](https://example.org/a_b) and snake_case_names",
        "2 * 3 * 4 < 5 & @ada #7 \\*",
        "Größe 💥 設定画面 \u{202e}abc",
    ] {
        let markup = from_markdown(text);
        assert_eq!(to_markdown(&markup), text, "{markup:#}");
        let stored: Value = serde_json::from_str(&written(&markup)).unwrap();
        assert_eq!(to_markdown(&stored), text);
    }
}

#[test]
fn a_marker_stands_apart_however_it_was_written() {
    for text in ["Text\n\n---\nHuly Issue: PROJ-1", "Text\n\n---\n\n\nHuly Issue: PROJ-1"] {
        assert_eq!(to_markdown(&from_markdown(text)), "Text\n\n---\n\nHuly Issue: PROJ-1");
    }
}

#[test]
fn what_the_platform_makes_of_these_texts_is_the_same() {
    let corpus = include_str!("../support/recordings/huly/markup.json");
    let corpus: Vec<Value> = serde_json::from_str(corpus).unwrap();
    for pair in &corpus {
        let before = pair["markup"].clone();
        let stored: Value = serde_json::from_str(&written(&before)).unwrap();
        assert_eq!(stored, pair["markup_after_ydoc"], "{}", pair["name"]);
    }
}
