//! What one sees.

use serde_json::{Value, json};

use super::{example, options, to_markdown, to_markup};

fn paragraph(content: Value) -> Value {
    json!({ "type": "doc", "content": [{ "type": "paragraph", "content": content }] })
}

fn text(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

fn bold(text: &str) -> Value {
    json!({ "type": "text", "text": text, "marks": [{ "type": "bold" }] })
}

#[test]
fn escapes_are_few() {
    for plain in [
        "snake_case_name",
        "2 * 3 < 7 & 8 > 5",
        "costs $5 (about ~4)",
        "Map<K, V> or a <3",
        "see [1] and [x](",
        "a | b",
        "C:\\dir\\file",
        "100% #tag @name",
        "it's 5.\nreally",
        "a <details> b",
        "a\\",
    ] {
        assert_eq!(to_markdown(&paragraph(json!([text(plain)]))), plain);
    }
    for (plain, written) in [
        ("*a* b_c", "\\*a\\* b_c"),
        ("a\n- b", "a\n\\- b"),
        ("1. a", "1\\. a"),
        ("<b>a</b>", "\\<b>a\\</b>"),
        ("Vec<String> of it", "Vec\\<String> of it"),
        ("&amp;", "\\&amp;"),
        ("[x]: y", "\\[x]: y"),
        ("<!-- a", "\\<!-- a"),
    ] {
        let document = paragraph(json!([text(plain)]));
        assert_eq!(to_markdown(&document), written, "{plain}");
        assert_eq!(to_markup(written), document, "{plain}");
    }
}

#[test]
fn emphasis_that_would_not_be_read_as_such_is_a_tag() {
    for (content, written) in [
        (json!([bold("Note:"), text("text")]), "<strong>Note:</strong>text"),
        (json!([bold("Note: "), text("text")]), "**Note:** text"),
        (json!([text("a"), bold(" b"), text("c")]), "a **b**c"),
        (json!([text("a"), bold("b"), text("c")]), "a**b**c"),
    ] {
        assert_eq!(to_markdown(&paragraph(content)), written);
    }
}

#[test]
fn blank_lines_in_a_text_part_paragraphs() {
    assert_eq!(to_markdown(&paragraph(json!([text("a\nb\n\n\nc")]))), "a\nb\n\nc");
}

#[test]
fn tables_are_written_with_bars_and_read_from_html_too() {
    let html = "<table><tbody><tr><th><p>a</p></th><th><p>b | c</p></th></tr><tr><td><p>1</p><p>2</p>\
                </td></tr></tbody></table>";
    let bars = "| a | b \\| c |\n| --- | --- |\n| 1<br>2 |  |";
    assert_eq!(to_markdown(&to_markup(html)), bars);
    assert_eq!(to_markup(bars), to_markup(html));
}

#[test]
fn html_that_markup_does_not_have_stays_text_or_shows_its_content() {
    for (markdown, written) in [
        ("H<sub>2</sub>O and <kbd>Ctrl</kbd>", "H2O and Ctrl"),
        ("<u>a</u> <b>b</b> <del>c</del>", "<ins>a</ins> **b** ~~c~~"),
        (
            "<details>\n<summary>s</summary>\n\nt\n\n</details>",
            "<details>\n<summary>s</summary>\n\nt\n\n</details>",
        ),
        ("<div><p>a</p><p>b</p></div>", "a\n\nb"),
        ("a <b> b", "a \\<b> b"),
        ("<a href=\"https://a.b\">c</a>", "[c](https://a.b)"),
        ("<script>let a;</script>", "\\<script>let a;\\</script>"),
    ] {
        assert_eq!(to_markdown(&to_markup(markdown)), written);
    }
}

#[test]
fn the_ids_of_to_dos_are_read_from_where_the_platform_writes_them() {
    let list = to_markup("* [x] <!-- todoid=T1,userid=U1 -->text");
    assert_eq!(
        list["content"][0]["content"][0]["attrs"],
        json!({ "checked": true, "todoid": "T1", "userid": "U1" })
    );
    assert_eq!(to_markdown(&list), "* [x] text");
}

#[test]
fn lists_in_a_row_stay_two() {
    let list = |text| {
        let item = json!({ "type": "listItem", "content": [{ "type": "paragraph", "content": [self::text(text)] }] });
        json!({ "type": "bulletList", "attrs": { "bullet": "-" }, "content": [item] })
    };
    let two = json!({ "type": "doc", "content": [list("a"), list("b")] });
    assert_eq!(to_markdown(&two), "- a\n\n* b");
    assert_eq!(to_markup("- a\n\n* b")["content"].as_array().map(Vec::len), Some(2));
}

#[test]
fn the_example_answers_line_by_line() {
    let document = paragraph(json!([bold("a")]));
    let requests = [
        json!({ "op": "to_markup", "input": "a" }),
        json!({ "op": "to_markdown", "input": document }),
        json!({ "op": "to_markdown", "input": document.to_string() }),
        json!({ "op": "to_markdown", "input": {} }),
        json!({ "op": "dance" }),
    ];
    let requests = requests.map(|request| format!("{request}\n")).concat();
    let mut output = Vec::new();
    example::serve(requests.as_bytes(), &mut output, &options()).unwrap();
    let answers: Vec<Value> = String::from_utf8(output)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        answers,
        [
            json!({ "output": paragraph(json!([text("a")])) }),
            json!({ "output": "**a**" }),
            json!({ "output": "**a**" }),
            json!({ "error": "no rich text document: a node of another type" }),
            json!({ "error": "op is to_markdown or to_markup" }),
        ]
    );
}
