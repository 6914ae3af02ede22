use proptest::prelude::*;
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag};

use super::*;

/// Lines on which blocks begin, go on, and end.
fn nasty() -> impl Strategy<Value = String> {
    // Not what the other reader takes in another way than CommonMark: a tab before a quote, and end
    // tags of elements such as `pre` that are not open.
    let line = "( {0,5}|> ?|- |\\* |1\\. |2\\) ){0,3}\
        (```|~~~|````|```js|~~~ x|``` end|a|b c|---|===|<pre>|x</pre>|<div>|</div>|<!--|-->|<!-- a -->|\
        <\\?|\\?>|<b>|</b>|#|# a|\\* \\* \\*|)";
    proptest::collection::vec(line, 0..9).prop_map(|lines| lines.join("\n"))
}

fn open_end(text: &str) -> Option<String> {
    Verbatim::of(text).open.map(|open| open.end)
}

#[test]
fn what_no_line_ends_is_open() {
    for (text, end) in [
        ("See\n\n~~~\ncode", Some("~~~")),
        ("See\n\n```\ncode\n``` end", Some("```")),
        ("See\n\n```js\nf()```", Some("```")),
        ("See\n\n```\ncode\n    ```", Some("```")),
        ("```\na\n```\n\n```\nb", Some("```")),
        ("`````\n```\nb", Some("`````")),
        ("```", Some("```")),
        ("a\n<!-- b", Some("-->")),
        ("<PRE>\n\n\na", Some("</pre>")),
        ("<script>\n</pre", Some("</script>")),
        ("<?php", Some("?>")),
        ("<![CDATA[ a", Some("]]>")),
        ("<!DOCTYPE", Some(">")),
        ("See\n\n```\ncode\n```", None),
        ("- a\n  ```\n  x", None),
        ("> ```\n> x", None),
        ("> <!--\nx", None),
        ("    ```\n    x", None),
        ("a\n``` `b", None),
        ("<div>\n```\n\nx", None),
        ("<b>\n<!--\n\nx", None),
        ("<!-- a --> b", None),
        ("`` a", None),
    ] {
        assert_eq!(open_end(text).as_deref(), end, "{text:?}");
    }
}

#[test]
fn a_block_ends_with_the_list_or_quote_that_it_is_in() {
    let text = "- a\n  ```\n  x\n\ny\n\n```\nz\n```\nend";
    let found = Verbatim::of(text);
    let place = |part: &str| text.find(part).unwrap();
    assert!(found.holds(place("  x")) && found.holds(place("z")));
    assert!(!found.holds(place("y")) && !found.holds(place("end")));
    assert_eq!(found.end_line_to(place("\nend")), Some(place("```\nend")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Another reader of Markdown sees the same: what is put below a text is a block of its own, once
    /// what is open is closed, and only then.
    #[test]
    fn what_is_open_is_what_another_reader_takes_for_open(text in nasty()) {
        let end = open_end(&text);
        let is_apart = |text: String| {
            let text = format!("{text}\n\n---\nmarker");
            let last: Vec<Event<'_>> = Parser::new(&text).collect();
            let last = last.iter().rev().take(4).collect::<Vec<_>>();
            matches!(last[..], [Event::End(_), Event::Text(text), Event::Start(Tag::Paragraph), Event::Rule] if **text == *"marker")
        };
        match end {
            None => prop_assert!(is_apart(text)),
            Some(end) => {
                let closed = format!("{text}\n{end}");
                prop_assert!(is_apart(closed));
                prop_assert!(!is_apart(text));
            }
        }
    }

    /// The same of lines within: each line of a fenced block is one of code.
    #[test]
    fn lines_that_are_shown_are_those_of_another_reader(text in nasty()) {
        let found = Verbatim::of(&text);
        for (event, range) in Parser::new(&text).into_offset_iter() {
            let Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) = event else { continue };
            if found.open.is_some() && range.end >= text.trim_end().len() {
                continue;
            }
            for (at, _) in text[range.start..range.end.min(text.len())].match_indices('\n') {
                let line = range.start + at + 1;
                if line < range.end {
                    prop_assert!(found.holds(line), "{:?} at {}", &found, line);
                }
            }
        }
    }
}
