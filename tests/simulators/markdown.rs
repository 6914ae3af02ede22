//! Text comes back from the simulated platform as it did from the real one.

use crate::support::huly::markdown::normal;

/// What was recorded: a text, and the text that came back.
const CHANGED: [(&str, &str); 27] = [
    ("---\nHuly Issue: A-1", "---\n\nHuly Issue: A-1"),
    ("Text\n\n---\nHuly Issue: A-1", "Text\n\n---\n\nHuly Issue: A-1"),
    ("Title\n---", "Title\n---\n"),
    ("Title\n===", "Title\n===\n"),
    ("***", "---"),
    ("1) one\n2) two", "1. one\n2. two"),
    ("line one  \nline two", "line one\\\nline two"),
    ("a   \n\nb   ", "a\n\nb"),
    ("a\r\n\r\nb", "a\n\nb"),
    ("a\n\n\n\nb", "a\n\nb"),
    ("a <b>bold</b> <u>word</u>", "a bold word"),
    ("<ins>under</ins>", "under"),
    ("x<sup>2</sup>", "x2"),
    ("<div>block</div>", ""),
    ("<br>", ""),
    ("a<br>b", "a\\\nb"),
    ("2 \\* 3", "2 * 3"),
    ("\\- not a list", "- not a list"),
    ("1\\. not list", "1. not list"),
    ("> a\n>> b", "> a\n>\n> > b"),
    ("- a\n\n- b", "- a\n- b"),
    ("- [ ] a\n- plain", "- [ ] a\n\n- plain"),
    ("- [ ] ", "- [ ]"),
    ("~~~js\na\n~~~", "```js\na\n```"),
    (
        "| a | b |\n| - | - |\n| 1 | |",
        "<table><tbody><tr><th><p>a</p></th><th><p>b</p></th></tr>\
         <tr><td><p>1</p></td><td><p></p></td></tr></tbody></table>",
    ),
    (
        "| a |\n| - |\n| x \\| y |",
        "<table><tbody><tr><th><p>a</p></th></tr><tr><td><p>x | y</p></td></tr></tbody></table>",
    ),
    (
        "text\n\n| a |\n| - |\n| 1 |\n\nafter",
        "text\n\n<table><tbody><tr><th><p>a</p></th></tr><tr><td><p>1</p></td></tr></tbody>\
         </table>\n\nafter",
    ),
];

/// What came back as it was.
const KEPT: [&str; 40] = [
    "First\n\nSecond",
    "line one\nline two",
    "a **bold** b",
    "a *it* b",
    "a _it_ b",
    "~~gone~~",
    "use `x = 1` here",
    "[Huly](https://huly.io \"The title\")",
    "<https://huly.io>",
    "**[Huly](https://huly.io)**",
    "# One",
    "##### Five",
    "a\n\n---\n\nb",
    "> a\n>\n> b",
    "- a\n- b",
    "+ a\n+ b",
    "- a\n\n  more\n- b",
    "3. a\n4. b",
    "- a\n\n1. b",
    "- [ ] open\n- [x] done",
    "- [ ] a\n  - [x] b",
    "```\nlet x = 1\n```",
    "```\n\na\n\n\nb\n```",
    "```mermaid\ngraph TD\nA-->B\n```",
    "```html\n<b>x</b> & y\n```",
    "![alt](https://a.b/c.png \"t\")",
    "<img width=\"320\" src=\"https://a.b/c.png\" alt=\"x\">",
    "<!-- hidden -->",
    "a <!-- hidden --> b",
    "<span style=\"color: red\" data-color=\"red\">red</span>",
    "a < b & c > d",
    "snake_case_name and 2*3*4",
    "party 🎉",
    "Здравствуй 世界",
    "@alice hi",
    "** a **",
    "**`x`**",
    "> - a\n> - b",
    "- > a",
    "costs $5",
];

#[test]
fn what_was_changed_on_the_real_one_is_changed_alike() {
    for (text, back) in CHANGED {
        assert_eq!(normal(text), back, "of {text:?}");
    }
}

#[test]
fn what_came_back_as_it_was_stays() {
    for text in KEPT {
        assert_eq!(normal(text), text);
    }
}

#[test]
fn long_numbered_lists_are_aligned() {
    let plain: String = (1..=11).map(|n| format!("{n}. item\n")).collect();
    let aligned: Vec<String> = (1..=11).map(|n| format!("{n:>2}. item")).collect();
    assert_eq!(normal(&plain), aligned.join("\n"));
}

#[test]
fn nothing_changes_a_third_time() {
    let pieces = [
        "a",
        " ",
        "\n",
        "\n\n",
        "---",
        "===",
        "- ",
        "1) ",
        "12. ",
        "> ",
        "```",
        "`",
        "|",
        "| - |",
        "<b>",
        "</b>",
        "<br>",
        "<div>",
        "\\*",
        "\\",
        "# ",
        "    ",
        "  ",
        "[ ] ",
        "***",
        "](",
        ")",
        "_x_",
        "é",
        "<table>",
        "~~~",
        "Vibe Task: 1",
    ];
    let mut chance = crate::support::chance::Chance::new(7);
    for _ in 0..4000 {
        let length = 1 + chance.below(14);
        let text: String =
            (0..length).map(|_| pieces[chance.below(pieces.len() as u64) as usize]).collect();
        let second = normal(&normal(&text));
        assert_eq!(normal(&second), second, "of {text:?}");
    }
}
