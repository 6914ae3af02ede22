//! Pairs made by the platform's own code (`corpus.json` says by which version).

use std::collections::BTreeMap;
use std::fs;

use huly_vibe_sync::huly::platform::markup::equal;
use serde_json::Value;

use super::{to_markdown, to_markup};

/// Where ours is to differ, and why. One that comes to match is no longer to be listed.
const DIFFERENT: [(&str, &str); 12] = [
    ("list_quote", "the editor deletes an item that does not begin with a paragraph"),
    ("reference", "theirs has a text in it, for which the editor deletes it; ours is a leaf"),
    ("underline_ins", "theirs loses the underline, which it writes itself as <ins>"),
    ("todo_empty", "a to-do without text is one, so that a list of them is not torn apart"),
    ("html_block", "theirs loses the text"),
    ("m_tasklist", "theirs loses the ticks of a taskList"),
    ("m_special_chars", "text that would be read as something else is escaped"),
    ("m_leading_special", "text that would be read as something else is escaped"),
    ("m_highlight", "theirs throws; ours is <mark>"),
    ("m_file", "theirs throws; ours is a link"),
    ("m_unknown_node", "theirs throws; ours is [its type]"),
    ("m_inline_comment_mark", "theirs throws; ours is the text"),
];

fn pairs() -> Vec<Value> {
    let corpus = fs::read_to_string("tests/markup/corpus.json").unwrap();
    let corpus: Value = serde_json::from_str(&corpus).unwrap();
    corpus["pairs"].as_array().unwrap().clone()
}

fn name(pair: &Value) -> &str {
    pair["name"].as_str().unwrap()
}

#[test]
fn ours_is_theirs_but_where_it_is_meant_to_differ() {
    let reasons: BTreeMap<&str, &str> = DIFFERENT.into();
    let mut wrong = Vec::new();
    for pair in pairs() {
        let same = if pair["direction"] == "markdown->markup" {
            equal(&to_markup(pair["markdown"].as_str().unwrap()), &pair["markup"])
        } else {
            pair["markdown"].as_str() == Some(to_markdown(&pair["markup"]).as_str())
        };
        match (same, reasons.get(name(&pair))) {
            (true, Some(_)) => wrong.push(format!("{}: is listed, and is the same", name(&pair))),
            (false, None) => wrong.push(format!("{}: differs", name(&pair))),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(reasons.keys().all(|listed| pairs().iter().any(|pair| name(pair) == *listed)));
}

#[test]
fn what_they_throw_at_has_a_text_here() {
    for (name_of, text) in [
        ("m_highlight", "<mark data-color=\"yellow\">hl</mark>"),
        ("m_file", "[a.pdf](http://huly.example/files?workspace=WS&file=FID)"),
        ("m_unknown_node", "[drawingBoard]"),
        ("m_inline_comment_mark", "x"),
        ("m_special_chars", "\\* a # b \\_c\\_ \\[x](y) \\`z\\` \\<b> & \\~\\~s\\~\\~ | 1. q"),
        ("m_leading_special", "\\- dash\n\n\\# hash\n\n1\\. one\n\n\\> q\n\n\\+ p"),
    ] {
        let pairs = pairs();
        let pair = pairs.iter().find(|pair| name(pair) == name_of).unwrap();
        assert_eq!(to_markdown(&pair["markup"]), text);
    }
}

#[test]
fn what_the_collaborator_gives_back_says_the_same() {
    for pair in pairs() {
        assert_eq!(
            to_markdown(&pair["markup_after_ydoc"]),
            to_markdown(&pair["markup"]),
            "{}",
            name(&pair)
        );
    }
}

#[test]
fn every_text_of_the_corpus_is_stable() {
    for pair in pairs() {
        let once = to_markdown(&pair["markup"]);
        assert_eq!(to_markdown(&to_markup(&once)), once, "{}", name(&pair));
    }
}
