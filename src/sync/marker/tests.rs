use proptest::prelude::*;
use pulldown_cmark::{Event, Parser, Tag};

use super::*;
use crate::huly::platform::markup;
use crate::sync::{normal, steps};

const TASK_ID: &str = "959c4a8c-0000-4000-8000-00000000000a";

fn issue(identifier: &str) -> Option<Marker> {
    Some(Marker::Issue(identifier.into()))
}

fn own() -> Own<'static> {
    Own { issue: Some("P-1"), task: Some(TASK_ID) }
}

#[test]
fn a_marker_is_found_on_the_last_line_or_under_a_rule() {
    assert_eq!(find("text\n\n---\nHuly Issue: P-1"), issue("P-1"));
    assert_eq!(find("text\n\n---\n\n\nHuly Issue: P-1\n"), issue("P-1"));
    assert_eq!(find("Synced from Huly: P-1"), issue("P-1"));
    assert_eq!(find("text\n---\nHuly Issue: P-1\n\nnote below"), issue("P-1"));
    assert_eq!(
        find(&format!("text\r\n\r\n---\r\nVibe Task: {TASK_ID}\r\n")),
        Some(Marker::Task(TASK_ID.into()))
    );
}

#[test]
fn a_mention_is_no_marker() {
    assert_eq!(find("see Huly Issue: P-1"), None);
    assert_eq!(find("Huly Issue: P-1\nand more text"), None);
    assert_eq!(find("Huly Issue: P-1 and more"), None);
    assert_eq!(find("Vibe Task: not-an-id"), None);
}

#[test]
fn a_marker_in_a_code_fence_is_code() {
    let text = "so:\n```\n---\nHuly Issue: P-1\n```\n";
    assert_eq!(find(text), None);
    assert_eq!(without_own(text, own()), text);
    let marked = with(text, &Marker::Issue("P-1".into()));
    assert_eq!(without_own(&marked, own()), text.trim_end());
    let unclosed = "so:\n```\ncode\n\n---\nHuly Issue: P-1";
    assert_eq!(find(unclosed), issue("P-1"));
}

#[test]
fn the_short_marker_of_another_issue_is_no_text() {
    assert_eq!(without_own("Synced from Huly: Q-2\n", own()), "");
    assert_eq!(without_own("a\nSynced from Huly: Q-2", own()), "a\nSynced from Huly: Q-2");
}

#[test]
fn of_two_markers_the_last_counts() {
    assert_eq!(find("a\n\n---\nHuly Issue: P-1\n\n---\nHuly Issue: P-2"), issue("P-2"));
    assert_eq!(find("---\nHuly Issue: P-1\n\nsee\nHuly Issue: P-2\nend"), issue("P-1"));
}

#[test]
fn text_below_a_marker_is_kept() {
    assert_eq!(without("text\n\n---\nHuly Issue: P-1\n\nnote"), "text\n\nnote");
    assert_eq!(without_own("text\n\n---\nHuly Issue: P-1\n\nnote", own()), "text\n\nnote");
    assert_eq!(without_own("Synced from Huly: P-1\nnote", own()), "note");
}

#[test]
fn a_pairs_own_marker_is_cut_wherever_it_stands_alone() {
    let text = format!("a\nHuly Issue: P-1\nb\n\n---\n\nVibe Task: {TASK_ID}\n");
    assert_eq!(without_own(&text, own()), "a\n\nb");
}

#[test]
fn a_foreign_mention_in_a_linked_text_stays_and_a_foreign_marker_goes() {
    assert_eq!(without_own("a\nHuly Issue: Q-2", own()), "a\nHuly Issue: Q-2");
    assert_eq!(without_own("a\n\n---\nHuly Issue: Q-2", own()), "a");
}

#[test]
fn a_rule_that_is_the_writers_own_stays() {
    assert_eq!(without("a\n\n---\n\nb\n\n---\nHuly Issue: P-1"), "a\n\n---\n\nb");
}

#[test]
fn an_empty_text_gets_the_short_marker() {
    assert_eq!(with("", &Marker::Issue("P-1".into())), "Synced from Huly: P-1");
    assert_eq!(with("a\n", &Marker::Issue("P-1".into())), "a\n\n---\nHuly Issue: P-1");
    assert_eq!(with("", &Marker::Task(TASK_ID.into())), format!("\n\n---\nVibe Task: {TASK_ID}"));
}

#[test]
fn the_short_marker_counts_with_a_note_below_it() {
    for text in ["Synced from Huly: P-1\n\nnote", "\nSynced from Huly: P-1\nnote\n\n```\ncode\n```"]
    {
        assert_eq!(find(text), issue("P-1"), "{text:?}");
        assert!(without_own(text, own()).starts_with("note"), "{text:?}");
        assert!(without(text).starts_with("note"), "{text:?}");
    }
    assert_eq!(find("text\nSynced from Huly: P-1\n\nnote"), None, "a mention");
}

#[test]
fn a_text_of_a_dead_issues_marker_alone_is_blank_whatever_its_label() {
    for text in ["Huly Issue: P-9", "Synced from Huly: P-9\n", "---\nHuly Issue: P-9"] {
        assert_eq!(without_own(text, own()), "", "{text:?}");
        assert_eq!(without(text), "", "{text:?}");
    }
}

#[test]
fn an_indented_block_that_shows_a_marker_is_code() {
    for text in [
        "so:\n\n    ---\n    Huly Issue: P-1",
        "so:\n\n\t---\n\tHuly Issue: P-1",
        "    Huly Issue: P-1",
        "- a\n\n  ---\n  Huly Issue: P-1",
    ] {
        assert_eq!(find(text), None, "{text:?}");
        assert_eq!(without_own(text, own()), text);
        assert!(!bears(text, own()));
    }
}

#[test]
fn what_a_text_leaves_open_is_closed_above_the_rule_and_opened_again() {
    for (text, closed) in [
        ("See\n\n~~~\ncode", "See\n\n~~~\ncode\n~~~\n---\nHuly Issue: P-1"),
        ("See\n\n```\ncode\n``` end", "See\n\n```\ncode\n``` end\n```\n---\nHuly Issue: P-1"),
        ("a\n\n<!-- b", "a\n\n<!-- b\n-->\n---\nHuly Issue: P-1"),
        ("<pre>\na\n\nb", "<pre>\na\n\nb\n</pre>\n---\nHuly Issue: P-1"),
        ("```", "```\n```\n---\nHuly Issue: P-1"),
        ("- a\n  ```\n  x", "- a\n  ```\n  x\n\n---\nHuly Issue: P-1"),
    ] {
        let marked = with(text, &Marker::Issue("P-1".into()));
        assert_eq!(marked, closed);
        assert_eq!(find(&marked), issue("P-1"));
        assert_eq!(without_own(&marked, own()), text);
        let with_note = format!("{marked}\n\n~~~\nnote\n~~~");
        assert_eq!(find(&with_note), issue("P-1"), "a fence below it reaches no further up");
        assert_eq!(without_own(&with_note, own()), format!("{text}\n\n~~~\nnote\n~~~"));
    }
    let by_a_person = "See\n\n```\ncode\n```\n\n---\nHuly Issue: P-1";
    assert_eq!(without_own(by_a_person, own()), "See\n\n```\ncode\n```");
}

#[test]
fn below_a_fence_that_a_person_left_open_a_marker_counts() {
    let text = "See\n\n~~~\ncode\n\n---\nHuly Issue: P-1";
    assert_eq!(find(text), issue("P-1"));
    assert_eq!(without_own(text, own()), "See\n\n~~~\ncode");
}

#[test]
fn of_several_markers_under_rules_none_is_left() {
    let text = "a\n\n---\nHuly Issue: P-1\n\n---\nHuly Issue: P-2\nb\n---\nHuly Issue: P-3";
    assert_eq!(without(text), "a\n\nb");
    assert_eq!(without("a\n---\n---\nHuly Issue: P-1\nHuly Issue: P-2"), "a");
}

#[test]
fn white_space_that_a_line_below_begins_with_is_its_own() {
    assert_eq!(without("a\n\n---\nHuly Issue: P-1\n\n    code"), "a\n\n    code");
}

/// Texts of which every line is a trap.
fn nasty() -> impl Strategy<Value = String> {
    let line = "(\t| {0,5}(> ?|- |1\\. ){0,2})\
        (```|~~~|````|```js|f\\(\\)```|~~~~ |a|b c|---|===|<pre>|x</pre>|<div>|</div>|<!--|-->|\
        <\\?php|<!DOCTYPE|<b>|# a|\\| a \\|\n\\|---\\||\\[a\\]: /b|\\[\\^1\\]: n|Huly Issue: P-1|Huly Issue: Q-2|\
        Synced from Huly: Q-2|Huly Issue: \\*-3|see Huly Issue: P-1|\
        Vibe Task: 959c4a8c-0000-4000-8000-00000000000a|a\\\\|)";
    proptest::collection::vec(line, 0..8).prop_map(|lines| lines.join("\n"))
}

fn markers() -> [(Marker, Own<'static>); 3] {
    let of =
        |issue: &'static str| (Marker::Issue(issue.into()), Own { issue: Some(issue), task: None });
    let task = (Marker::Task(TASK_ID.into()), Own { issue: None, task: Some(TASK_ID) });
    [of("P-1"), of("*[A]_-1"), task]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_appended_is_found_and_cut_again(text in nasty()) {
        for (marker, own) in markers() {
            // What is sent bears no marker of its pair: the text was read before.
            let text = without_own(&text, own).into_owned();
            let marked = with(&text, &marker);
            prop_assert_eq!(find(&marked), Some(marker.clone()), "{:?}", marked);
            let cut = without_own(&marked, own);
            prop_assert_eq!(normal::normal(&cut), normal::normal(&text), "{:?}", marked);
        }
    }

    #[test]
    fn a_text_without_markers_stays_as_it_is(text in nasty()) {
        for (_, own) in markers() {
            let once = without_own(&text, own).into_owned();
            prop_assert_eq!(without_own(&once, own), once.as_str());
        }
    }

    #[test]
    fn another_reader_sees_a_rule_and_a_paragraph_of_the_marker(text in nasty()) {
        let (marker, own) = (Marker::Task(TASK_ID.into()), Own { issue: None, task: Some(TASK_ID) });
        let marked = append(&without_own(&text, own), &marker);
        let events: Vec<Event<'_>> = Parser::new(&marked.text).collect();
        let line = format!("Vibe Task: {TASK_ID}");
        let is_apart = matches!(events[..], [
            .., Event::Rule, Event::Start(Tag::Paragraph), Event::Text(ref text), Event::End(_)
        ] if **text == *line);
        prop_assert!(is_apart || marked.marker_at.is_none(), "{:?}", marked);
    }

    #[test]
    fn on_the_platform_the_marker_is_found_and_cut_and_a_second_writing_changes_nothing(text in nasty()) {
        let links = markup::Options::default();
        for (marker, own) in markers() {
            let text = without_own(&text, own).into_owned();
            // What is indented may come back at the margin, and look like a marker.
            let is_indented = |line: &str| line.starts_with([' ', '\t']) && Labelled::of(line).is_some();
            let own_name = own.issue.or(own.task).unwrap_or_default();
            // What stands below a definition of a link may come to be the first line that is shown.
            let begins_unseen = text.trim_start().starts_with('[');
            if text.contains(own_name) || text.lines().any(is_indented) || begins_unseen {
                continue;
            }
            let marked = append(&text, &marker);
            let stored = markup::to_markup_marked(&marked.text, marked.marker_at, &links).unwrap();
            let shown = markup::to_markdown(&stored, &links).unwrap();
            prop_assert_eq!(find(&shown), Some(marker.clone()), "{:?}", shown);
            let plain = without_own(&shown, own).into_owned();
            prop_assert!(!bears(&plain, own));
            // With no text that is shown, the marker may have another label the second time.
            if plain.trim().is_empty() {
                continue;
            }
            let again = append(&plain, &marker);
            let edited = markup::edit_marked(&stored, &shown, &again.text, again.marker_at, &links).unwrap();
            let same = markup::to_markdown(&edited, &links).unwrap();
            prop_assert_eq!(&same, &shown);
        }
    }
}

#[test]
fn on_the_platform_any_identifier_is_read_back() {
    let links = markup::Options::default();
    for name in [
        "R&D", "C++", "_", "*", "[A]", "<A>", "A<B", "`A`", "~A~", "$A$", "A|B", "\\", "&lt;", "!",
        "#", "A B", "A  B", "*A*", "_A_", "__A__", "WWW.A", "A@B", ":A:", "\"Q\"", "'", "设计",
        "-", "A-B", "1.", "+",
    ] {
        let identifier = format!("{name}-12");
        let marker = Marker::Issue(identifier.clone());
        let marked = append("text [A] [a]\n\n[A]: /b", &marker);
        assert_eq!(find(&marked.text), Some(marker.clone()), "{marked:?}");
        for at in [None, marked.marker_at] {
            let stored = markup::to_markup_marked(&marked.text, at, &links).unwrap();
            let shown = markup::to_markdown(&stored, &links).unwrap();
            assert_eq!(find(&shown), Some(marker.clone()), "{shown:?}");
            let own = Own { issue: Some(&identifier), task: None };
            assert!(bears(&shown, own), "{shown:?}");
        }
    }
}

/// So many bytes of what a walk may stumble over.
fn hostile(size: usize) -> Vec<(&'static str, String)> {
    let of = |part: &'static str| (part, part.repeat(size / part.len()));
    let mut texts: Vec<(&'static str, String)> = [
        "Huly Issue: P-1\n",
        "Huly Issue: Q-2\n",
        "Synced from Huly: Q-2\n",
        "---\nHuly Issue: P-1\n",
        "---\nHuly Issue: Q-2\n\n\n",
        "```\nHuly Issue: P-1\n```\n",
        "```\n---\nHuly Issue: Q-2\n",
        "---\n",
        "```\n",
        "~~~ a\n",
        "<a",
        "<a\n",
        "<!--\n",
        "<pre>",
        "</",
        "&#",
        "&amp",
        "[",
        "> ",
        "- ",
        "- a\n",
        ">\n- - a\n\n",
        "\n",
        " ",
        "\t",
        "\\",
    ]
    .map(of)
    .into();
    let growing: String = (3..size.isqrt()).map(|length| "`".repeat(length) + "\n").collect();
    let long = "x".repeat(size / 2) + "\n" + &"Huly Issue: P-1\n".repeat(size / 32);
    let spaces = " ".repeat(size / 2) + "---\n" + &"Huly Issue: P-1\n".repeat(size / 32);
    texts.push(("backticks of growing length", growing));
    texts.push(("markers below a long line", long));
    texts.push(("markers below a long line of spaces", spaces));
    for (_, text) in &mut texts {
        text.push_str("\nHuly Issue: P-1");
    }
    texts
}

fn read_all(text: &str) {
    std::hint::black_box((find(text), without_own(text, own()), without(text), bears(text, own())));
}

fn append_to(text: &str) {
    std::hint::black_box(with(text, &Marker::Issue("P-9".into())));
}

fn compare(text: &str) {
    std::hint::black_box((normal::digest(text), normal::words(text)));
}

/// What is done to a text.
type Work = fn(&str);

const WORKS: [(&str, Work); 3] = [("read", read_all), ("append", append_to), ("compare", compare)];

/// Counted, since time proves nothing: so many walks over the text, whatever is in it.
#[test]
fn no_text_is_walked_over_again_and_again() {
    for (name, text) in hostile(256 << 10) {
        for (work, run) in WORKS {
            let steps = steps::counted(|| run(&text));
            let walks = steps / text.len() as u64;
            assert!(walks < 80, "{work}: {walks} walks over {name:?}");
        }
    }
}

/// `cargo test --release --lib hostile_texts_take -- --ignored --nocapture`
#[test]
#[ignore = "a figure to look at, for a release build"]
fn hostile_texts_take() {
    for (name, text) in hostile(2 << 20) {
        for (work, run) in WORKS {
            let started = std::time::Instant::now();
            run(&text);
            println!("{:>4} ms: {work} {name:?}", started.elapsed().as_millis());
        }
    }
}
