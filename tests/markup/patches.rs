//! An edit of the shown text changes those words of the text itself, and nothing else.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use huly_vibe_sync::huly::platform::markup::{Rendering, patch, same};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use super::arbitrary::any_markdown;
use super::spelled::{EDITED, SPELLED};
use super::{to_markdown, to_markup};

/// On a small and busy machine, in a build that is not optimised.
const SOON: Duration = Duration::from_secs(30);

/// The texts of all text nodes, to be changed.
fn texts<'a>(node: &'a mut Value, found: &mut Vec<&'a mut String>) {
    let Value::Object(node) = node else { return };
    for (name, value) in node {
        match value {
            Value::String(text) if name == "text" => found.push(text),
            Value::Array(children) if name == "content" => {
                children.iter_mut().for_each(|child| texts(child, found));
            }
            _ => {}
        }
    }
}

/// What Huly shows once this word is another in the only text node that has it.
fn shown_after(text: &str, word: &str, other: &str) -> Option<String> {
    let mut document = to_markup(text);
    let mut found = Vec::new();
    texts(&mut document, &mut found);
    let mut found: Vec<_> = found.into_iter().filter(|text| text.contains(word)).collect();
    let [text] = found.as_mut_slice() else { return None };
    **text = text.replacen(word, other, 1);
    Some(to_markdown(&document))
}

#[test]
fn one_edited_word_is_one_changed_word() {
    let mut wrong = Vec::new();
    for one in SPELLED {
        assert_eq!(one.text.matches(one.word).count(), 1, "{one:?}");
        let shown = shown_after(one.text, one.word, EDITED)
            .unwrap_or_else(|| panic!("{} is not shown: {}", one.word, to_markup(one.text)));
        let patched = patch(one.text, &shown, Rendering::Own);
        if patched.text != one.text.replace(one.word, EDITED) {
            wrong.push(format!("{}: {:?} of {shown:?}", one.name, patched));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), SPELLED.len(), wrong.join("\n"));
}

/// The same of every word that stands in a text once.
#[test]
fn any_edited_word_is_one_changed_word() {
    let (mut count, mut wrong) = (0, Vec::new());
    for one in SPELLED {
        let mut words: HashMap<&str, usize> = HashMap::new();
        for word in one.text.split(|letter: char| !letter.is_alphanumeric()) {
            *words.entry(word).or_default() += 1;
        }
        for (word, _) in words.into_iter().filter(|&(word, times)| times == 1 && word.len() > 3) {
            if one.text.matches(word).count() > 1 {
                continue;
            }
            let Some(shown) = shown_after(one.text, word, EDITED) else { continue };
            count += 1;
            let patched = patch(one.text, &shown, Rendering::Own);
            if patched.text != one.text.replace(word, EDITED) {
                wrong.push(format!("{}, {word}: {:?} of {shown:?}", one.name, patched));
            }
        }
    }
    println!("{} of {count} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(wrong.len() * 100 <= count * 2, "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_shown_of_a_text_is_no_edit() {
    for one in SPELLED {
        let shown = to_markdown(&to_markup(one.text));
        assert!(same(one.text, &shown), "{}: {shown}", one.name);
        let patched = patch(one.text, &shown, Rendering::Own);
        assert_eq!(patched.text, one.text, "{}", one.name);
        assert!(!patched.drops);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_text_that_nobody_edited_keeps_every_letter(text in any_markdown()) {
        let shown = to_markdown(&to_markup(&text));
        if same(&text, &shown) && !shown.trim().is_empty() {
            prop_assert_eq!(patch(&text, &shown, Rendering::Own).text, text);
        }
    }

    #[test]
    fn a_patched_text_says_what_is_shown(text in any_markdown(), other in any_markdown()) {
        let shown = to_markdown(&to_markup(&other));
        let patched = patch(&text, &shown, Rendering::Own).text;
        prop_assert!(same(&patched, &shown), "{:?}", patched);
        prop_assert_eq!(patch(&patched, &shown, Rendering::Own).text, patched);
    }

    #[test]
    fn an_edited_text_says_what_is_shown(text in any_markdown(), at in any::<Index>()) {
        let mut document = to_markup(&text);
        let mut found = Vec::new();
        texts(&mut document, &mut found);
        if found.is_empty() {
            return Ok(());
        }
        let at = at.index(found.len());
        found[at].push_str(EDITED);
        let shown = to_markdown(&document);
        let patched = patch(&text, &shown, Rendering::Own).text;
        prop_assert!(same(&patched, &shown), "{:?}", patched);
        prop_assert_eq!(&patch(&patched, &shown, Rendering::Own).text, &patched);
    }
}

/// Texts of one sign, edited at their end, in their middle, or all over.
#[test]
fn a_hostile_text_is_patched_soon() {
    let size = if cfg!(debug_assertions) { 30_000 } else { 2_000_000 };
    for sign in [
        "a ",
        "a\n\n",
        "<a",
        "<b>",
        "<b>x</b> ",
        "\\*",
        "- a\n",
        "- a\n\n",
        "1. a\n1. b\n",
        "> ",
        "[a]\n\n",
        "[a]: b\n\n",
        "[a] \\\n\n",
        "|a|b|\n",
        "*a*b ",
        "<div>\n\n",
        "<p>a</p>\n",
        "`a` ",
        "&amp;",
        "a  \n",
        "<!-- a -->\n\n",
        "~~~\na\n~~~\n",
        "a\n===\n\n",
        "    a\n\nb\n\n",
        "x <kbd>y</kbd>\n\n",
    ] {
        let body = sign.repeat(size / sign.len());
        let given = format!("first word\n\n{body}\n\nlast word");
        let edited = given.replacen("first", EDITED, 1).replace("last", EDITED);
        let everywhere = given.replace('a', "c");
        for shown in [edited, everywhere] {
            for rendering in [Rendering::Own, Rendering::Bridge { loose: true }] {
                let start = Instant::now();
                let patched = patch(&given, &shown, rendering);
                let took = start.elapsed();
                println!("{sign:?} {} {rendering:?}: {took:?} {}", given.len(), patched.drops);
                assert!(took < SOON, "{sign:?} took {took:?}");
            }
        }
    }
}

/// What a bridge gives as a tag is one in the task, too.
#[test]
fn tags_that_a_bridge_gives_cross_as_they_are() {
    let bridge = Rendering::Bridge { loose: false };
    for added in ["2<sup>53</sup> bytes", "a Vec<u8>", "<script>x</script>"] {
        let shown = format!("Size {added}\n\nsee *this*");
        let patched = patch("Size 1\n\nsee _this_", &shown, bridge);
        assert!(patched.text.starts_with(&format!("Size {added}\n")), "{patched:?}");
    }
}
