//! Edits leave alone what was not edited.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::arbitrary::{Document, any_block_node, any_document, any_markdown};
use super::letters::letters;
use super::{edit, to_markdown, to_markup};

fn content(document: &Value) -> &[Value] {
    document["content"].as_array().unwrap()
}

fn document(content: &[Value]) -> Value {
    json!({ "type": "doc", "content": content })
}

fn paragraph(text: &str) -> Value {
    json!({ "type": "paragraph", "content": [{ "type": "text", "text": text }] })
}

fn todo(id: &str, text: &str, checked: bool) -> Value {
    json!({
        "type": "todoItem",
        "attrs": { "todoid": id, "userid": "u1", "checked": checked, "color": 7 },
        "content": [paragraph(text)],
    })
}

fn todos(items: &[Value]) -> Value {
    json!({ "type": "todoList", "attrs": { "bullet": "-" }, "content": items })
}

/// All of what Markdown does not say.
fn rich() -> Vec<Value> {
    vec![
        json!({ "type": "paragraph", "attrs": { "textAlign": "center" }, "content": [
            { "type": "reference", "attrs": { "id": "P1", "objectclass": "contact:class:Person", "label": "Ann", "new": 1 } },
            { "type": "text", "text": " said", "marks": [{ "type": "inline-comment", "attrs": { "thread": "T" } }] },
        ] }),
        json!({ "type": "drawingBoard", "attrs": { "id": "D1" } }),
        todos(&[todo("t1", "one", false), todo("t2", "two", true), todo("t3", "three", false)]),
        json!({ "type": "file", "attrs": { "file-id": "F1", "data-file-name": "a.pdf", "data-file-size": 10 } }),
        json!({ "type": "panel", "attrs": { "id": "X" }, "content": [paragraph("in a panel"), paragraph("still")] }),
        json!({ "type": "paragraph" }),
        paragraph("last"),
    ]
}

/// The rich document after this was done to its text.
fn rich_after(change: impl Fn(&str) -> String) -> Vec<Value> {
    let rich = document(&rich());
    let before = to_markdown(&rich);
    let after = change(&before);
    assert_ne!(after, before, "the text to change is not in {before}");
    content(&edit(&rich, &before, &after)).to_vec()
}

/// The rich document, one of its nodes changed.
fn rich_but(at: usize, node: Value) -> Vec<Value> {
    let mut rich = rich();
    rich[at] = node;
    rich
}

#[test]
fn a_tick_changes_one_to_do_alone() {
    let after = rich_after(|text| text.replace("[ ] one", "[x] one"));
    let items = [todo("t1", "one", true), todo("t2", "two", true), todo("t3", "three", false)];
    assert_eq!(after, rich_but(2, todos(&items)));
}

#[test]
fn a_to_do_keeps_its_id_when_its_text_changes() {
    let after = rich_after(|text| text.replace("two", "2"));
    let items = [todo("t1", "one", false), todo("t2", "2", true), todo("t3", "three", false)];
    assert!(super::markup::equal(&document(&after), &document(&rich_but(2, todos(&items)))));
}

#[test]
fn a_new_to_do_among_others_leaves_their_ids_alone() {
    let after = rich_after(|text| text.replace("- [x] two\n", "- [x] two\n- [ ] new\n"));
    let items = content(&after[2]);
    assert_eq!(
        [&items[0], &items[1], &items[3]],
        [&todo("t1", "one", false), &todo("t2", "two", true), &todo("t3", "three", false)]
    );
    assert_eq!(items[2]["attrs"], json!({ "checked": false }));
}

#[test]
fn to_dos_take_their_ids_along_when_they_are_moved() {
    let after = rich_after(|text| {
        text.replace("- [ ] one\n", "").replace("- [ ] three", "- [ ] three\n- [ ] one")
    });
    let items = [todo("t2", "two", true), todo("t3", "three", false), todo("t1", "one", false)];
    assert_eq!(after, rich_but(2, todos(&items)));
}

#[test]
fn what_markdown_does_not_know_stays_beside_an_edit_and_goes_when_it_is_deleted() {
    let last = rich_after(|text| text.replace("last", "at last"));
    assert_eq!(last[..6], rich()[..6]);
    let deleted = rich_after(|text| text.replace("[drawingBoard]\n\n", ""));
    let mut others = rich();
    others.remove(1);
    assert_eq!(deleted, others);
    let moved =
        rich_after(|text| format!("{}\n\n[drawingBoard]", text.replace("[drawingBoard]\n\n", "")));
    others.push(rich()[1].clone());
    assert_eq!(moved, others);
}

#[test]
fn a_wrapper_that_markdown_does_not_know_stays_around_what_is_edited_in_it() {
    let after = rich_after(|text| text.replace("still", "still here"));
    let panel = &after[4];
    assert_eq!((&panel["type"], &panel["attrs"]), (&json!("panel"), &json!({ "id": "X" })));
    assert_eq!(panel["content"][0], paragraph("in a panel"));
    assert!(super::markup::equal(&panel["content"][1], &paragraph("still here")));
}

#[test]
fn an_edited_paragraph_keeps_its_alignment_and_its_mention() {
    let after = rich_after(|text| text.replace(" said", " says"));
    assert_eq!(after[0]["attrs"], json!({ "textAlign": "center" }));
    assert_eq!(after[0]["content"][0]["attrs"]["id"], "P1");
    assert_eq!(after[1..], rich()[1..]);
}

/// A line of what Markdown shows a part of.
fn line() -> Vec<Value> {
    vec![
        json!({ "type": "emoji", "attrs": { "emoji": "🎉", "kind": "unicode" } }),
        json!({ "type": "text", "text": " see " }),
        json!({ "type": "text", "text": "the docs", "marks": [
            { "type": "link", "attrs": { "href": "https://a.b", "class": "cursor-pointer", "target": "_blank" } },
        ] }),
        json!({ "type": "text", "text": " and " }),
        json!({ "type": "file", "attrs": { "file-id": "F1", "data-file-name": "a b.pdf", "data-file-size": 10 } }),
        json!({ "type": "text", "text": " or " }),
        json!({ "type": "image", "attrs": { "src": "https://a.b/c.png", "alt": "c", "width": 40, "align": "center" } }),
        json!({ "type": "text", "text": " then" }),
    ]
}

#[test]
fn in_an_edited_line_files_emoji_images_and_links_keep_what_markdown_does_not_say() {
    let original = document(&[json!({ "type": "paragraph", "content": line() })]);
    let before = to_markdown(&original);

    let after = edit(&original, &before, &before.replace(" then", " now"));

    let mut expected = line();
    expected[7] = json!({ "type": "text", "text": " now" });
    assert_eq!(content(&content(&after)[0]), expected);

    let after = edit(&original, &before, &before.replace("the docs", "the new docs"));

    let mut expected = line();
    expected[2]["text"] = "the new docs".into();
    assert_eq!(content(&content(&after)[0]), expected);
}

#[test]
fn a_file_whose_name_was_edited_is_a_link() {
    let original = document(&[json!({ "type": "paragraph", "content": line() })]);
    let before = to_markdown(&original);

    let after = edit(&original, &before, &before.replace("a b.pdf", "a c.pdf"));

    assert_eq!(to_markdown(&after), before.replace("a b.pdf", "a c.pdf"));
    assert!(!after.to_string().contains("\"file\""), "{after}");
}

#[test]
fn in_an_edited_table_every_other_cell_stays() {
    let cell = |kind: &str, line: &[Value]| {
        json!({ "type": kind, "attrs": { "colspan": 1, "rowspan": 1, "colwidth": [80] }, "content": [
            { "type": "paragraph", "content": line },
        ] })
    };
    let row = |cells: &[Value]| json!({ "type": "tableRow", "content": cells });
    let word = |word: &str| json!({ "type": "text", "text": word });
    let table = |rows: &[Value]| document(&[json!({ "type": "table", "content": rows })]);
    let header = row(&[cell("tableHeader", &[word("name")]), cell("tableHeader", &line())]);
    let (first, second) = (cell("tableCell", &line()), cell("tableCell", &[word("b")]));
    let original = table(&[header.clone(), row(&[first.clone(), second.clone()])]);
    let before = to_markdown(&original);

    let after = edit(&original, &before, &before.replace("| b |", "| B |"));

    let edited = cell("tableCell", &[word("B")]);
    assert_eq!(after, table(&[header.clone(), row(&[first.clone(), edited])]));

    let after = edit(&original, &before, &format!("{before}\n| c | d |"));

    assert_eq!(content(&content(&after)[0])[..2], [header, row(&[first, second])]);
}

#[test]
fn white_space_that_another_system_changed_is_no_edit() {
    let rich = document(&rich());
    let before = to_markdown(&rich);
    let changed = format!("\n{}  \r\n", before.replace('\n', "\r\n"));
    assert_eq!(edit(&rich, &changed, &before), rich);
    let after = changed.replace("last", "at last");
    assert_eq!(content(&edit(&rich, &changed, &after))[..6], content(&rich)[..6]);
    assert_eq!(content(&edit(&rich, &before, &after))[..6], content(&rich)[..6]);
}

#[test]
fn a_text_that_another_system_wrote_anew_still_says_what_was_edited() {
    let rich = document(&[paragraph("a* *b"), paragraph("2 < 3"), paragraph("c")]);
    let after = edit(&rich, "a\\* \\*b\n\n2 &lt; 3\n\nc", "a\\* \\*b\n\n2 &lt; 3\n\nd");
    assert_eq!(content(&after)[..2], content(&rich)[..2]);
}

#[test]
fn ten_thousand_to_dos_are_edited_one_at_a_time() {
    let items: Vec<Value> =
        (0..10_000).map(|id| todo(&format!("t{id}"), &format!("item {id}"), false)).collect();
    let list = document(&[todos(&items)]);
    let before = to_markdown(&list);
    let after = edit(&list, &before, &before.replace("[ ] item 5000\n", "[x] item 5000\n"));
    for (at, item) in content(&content(&after)[0]).iter().enumerate() {
        assert_eq!(*item, todo(&format!("t{at}"), &format!("item {at}"), at == 5000));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn without_an_edit_nothing_changes(Document(document) in any_document()) {
        let before = to_markdown(&document);
        prop_assert_eq!(&edit(&document, &before, &before), &document);
        let other = format!("{}\r\n\r\n", before.replace('\n', "\r\n"));
        prop_assert_eq!(&edit(&document, &before, &other), &document);
    }

    #[test]
    fn an_edit_says_what_the_text_says(Document(document) in any_document(), after in any_markdown()) {
        let edited = edit(&document, &to_markdown(&document), &after);
        prop_assert_eq!(letters(&to_markdown(&edited)), letters(&to_markdown(&to_markup(&after))));
    }

    #[test]
    fn an_edit_of_an_edit_says_what_the_text_says(
        Document(document) in any_document(), block in any_markdown(), place: Index, cut: Index,
    ) {
        // As people edit: a part of the text is replaced.
        let before = to_markdown(&document);
        let lines: Vec<&str> = before.split('\n').collect();
        let (from, to) = (place.index(lines.len() + 1), cut.index(lines.len() + 1));
        let (from, to) = (from.min(to), from.max(to));
        let after = [&lines[..from], &[block.as_str()], &lines[to..]].concat().join("\n");
        let edited = edit(&document, &before, &after);
        prop_assert_eq!(letters(&to_markdown(&edited)), letters(&to_markdown(&to_markup(&after))));
    }

    #[test]
    fn a_replaced_block_leaves_all_others_alone(
        Document(original) in any_document(), new in "[a-z]{3,9}", place: Index,
    ) {
        let mut nodes = content(&original).to_vec();
        if !nodes.is_empty() {
            let at = place.index(nodes.len());
            nodes[at] = paragraph(&format!("new {new}"));
            let after = to_markdown(&document(&nodes));
            let edited = edit(&original, &to_markdown(&original), &after);
            nodes.remove(at);
            prop_assert!(are_in(&nodes, content(&edited)), "{edited}");
        }
    }

    #[test]
    fn an_added_block_leaves_all_others_alone(
        Document(original) in any_document(), Document(new) in any_block_node(), place: Index,
    ) {
        let mut nodes = content(&original).to_vec();
        nodes.insert(place.index(nodes.len() + 1), new);
        let after = to_markdown(&document(&nodes));
        let edited = edit(&original, &to_markdown(&original), &after);
        prop_assert!(are_in(content(&original), content(&edited)), "{edited}");
    }
}

/// Whether all of these are among the others, in order.
fn are_in(nodes: &[Value], others: &[Value]) -> bool {
    let mut others = others.iter();
    nodes.iter().all(|node| others.any(|other| other == node))
}
