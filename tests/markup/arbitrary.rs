//! Any Markdown, and any document.

use std::fmt;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

/// Text in which every sign may mean something.
pub(crate) fn any_signs() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a1 \n*_`~<>\\[\\]()#+.!|:/\"'&;=^{}$\\\\-]{0,40}",
        "[ab *_~`\n]{0,30}",
        "[-+*1.)> \n\ta`#=|]{0,40}",
        "[a<>/!-= \"'\n&;?]{0,30}",
        "[|a\n -:\\\\`]{0,40}",
        ".{0,20}",
    ]
}

fn any_word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z]{1,6}",
        1 => "[A-Za-z0-9éЖ世🎉]{1,4}",
        1 => "[a1*_`~<>\\[\\]()#+.!|:/\"'&;=\\\\-]{1,4}",
        1 => select(vec![
            "snake_case", "a*b*c", "**", "__x__", "<b>", "</b>", "<String>", "Vec<T>", "&amp;", "&lt;",
            "&#42;", "1.", "2)", "-", "+", "#", ">", "```", "~~~", "---", "===", "|", "[ ]", "[x]",
            "[a]:", "![", "](", "\\", "\\*", "<!--", "-->", "https://a.b/c?d=e&f", "a@b.c", "<br>",
            "<details>", "$5", "~5", "^1", "{x}", ":-:", "<pre>", "<?", "<!X", "``", "\u{a0}", "\u{2028}",
        ]).prop_map(str::to_owned),
    ]
}

fn any_words() -> impl Strategy<Value = String> {
    vec(any_word(), 1..5).prop_map(|words| words.join(" "))
}

fn any_inline() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        5 => any_words(),
        1 => any_words().prop_map(|text| format!("`{text}`")),
        1 => any_words().prop_map(|text| format!("`` {text} ``")),
        1 => any_word().prop_map(|text| format!("<!-- {text} -->")),
        1 => any_word().prop_map(|text| format!("<https://a.b/{text}>")),
        1 => any_words().prop_map(|text| format!("![{text}](https://a.b/c.png \"t\")")),
        1 => any_word().prop_map(|text| format!("![{text}](http://huly.example/files?workspace=WS&file=F{text})")),
        1 => any_words().prop_map(|text| format!(
            "[{text}](http://huly.example/browse?workspace=WS&_class=c%3AP&_id=I&label=A)"
        )),
        1 => select(vec!["  \n", "\\\n", "<br>", "\n", "<img src=\"a\" width=\"3\">", "[a]", "[a][]", "[b c]"])
            .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let wrapped = (
            inner.clone(),
            select(vec![
                ("*", "*"),
                ("**", "**"),
                ("_", "_"),
                ("__", "__"),
                ("~~", "~~"),
                ("~", "~"),
                ("***", "***"),
                ("<ins>", "</ins>"),
                ("<b>", "</b>"),
                ("<sup>", "</sup>"),
                ("<mark>", "</mark>"),
                ("<code>", "</code>"),
                ("<span style=\"color: red; font-size: 3px\">", "</span>"),
                ("<span data-color=\"red\">", "</span>"),
                ("[", "](https://a.b \"t\")"),
                ("[", "](<a b>)"),
                ("<a href=\"x\">", "</a>"),
                ("<a href=\"x\" data-type=\"embed\">", "</a>"),
                ("[", "]"),
                ("<b>", ""),
                ("", "</b>"),
                ("<mark data-color=\"y\">", "</mark>"),
                ("<kbd>", "</kbd>"),
            ]),
        )
            .prop_map(|(text, (open, close))| format!("{open}{text}{close}"));
        prop_oneof![
            wrapped,
            (inner.clone(), inner, select(vec!["", " ", "\n"]))
                .prop_map(|(a, b, joint)| a + joint + &b),
        ]
    })
}

fn indented(text: &str, first: &str, rest: &str) -> String {
    let mut lines = text.split('\n');
    let mut out = format!("{first}{}", lines.next().unwrap_or(""));
    for line in lines {
        out.push('\n');
        out.push_str(rest);
        out.push_str(line);
    }
    out
}

fn any_block() -> impl Strategy<Value = String> {
    let cells = || {
        vec(any_inline(), 1..4)
            .prop_map(|cells| format!("| {} |", cells.join(" | ")).replace('\n', " "))
    };
    let leaf = prop_oneof![
        6 => any_inline(),
        1 => (1..7usize, any_inline()).prop_map(|(level, text)| format!("{} {text}", "#".repeat(level))),
        1 => (any_inline(), select(vec!["===", "---"])).prop_map(|(text, line)| format!("{text}\n{line}")),
        1 => select(vec!["---", "***", "- - -", "___"]).prop_map(str::to_owned),
        1 => (any_signs(), select(vec!["", "js", "mermaid", "a b", "&amp;"]), select(vec!["```", "~~~", "````"]))
            .prop_map(|(code, info, fence)| format!("{fence}{info}\n{code}\n{fence}")),
        1 => any_words().prop_map(|text| format!("    {text}\n\n     {text}")),
        1 => any_inline().prop_map(|text| format!("<div>{text}</div>")),
        1 => any_inline().prop_map(|text| format!("<details>\n<summary>{text}</summary>\n\n{text}\n\n</details>")),
        1 => any_inline().prop_map(|text| format!("<!-- a\n\n{text} -->")),
        1 => any_inline().prop_map(|text| format!("<table><tr><th>{text}<td><p>b</p><p>c</p></td></tr><tr>d</tr></table>")),
        1 => any_word().prop_map(|text| format!("[{text}]: https://a.b 'c'")),
        2 => (vec(cells(), 1..4), 1..4usize).prop_map(|(rows, columns)| format!(
            "{}\n|{}\n{}", rows[0], "-|".repeat(columns), rows[1..].join("\n")
        )),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..3).prop_map(|blocks| indented(&blocks.join("\n\n"), "> ", "> ")),
            (
                vec(inner.clone(), 1..4),
                select(vec![
                    ("- ", "  "),
                    ("* ", "  "),
                    ("+ ", "  "),
                    ("1. ", "   "),
                    ("3) ", "   "),
                    ("- [ ] ", "  "),
                    ("* [x] ", "  "),
                    ("1. [ ] ", "   "),
                    ("-   ", "    "),
                    ("- [ ]", "  "),
                    ("-\n  ", "  "),
                ]),
                select(vec!["\n", "\n\n"])
            )
                .prop_map(|(items, (first, rest), joint)| {
                    items
                        .iter()
                        .map(|item| indented(item, first, rest))
                        .collect::<Vec<_>>()
                        .join(joint)
                }),
            (vec(inner.clone(), 2..4), select(vec!["\n", "\n\n"]))
                .prop_map(|(blocks, joint)| blocks.join(joint)),
        ]
    })
}

/// Markdown by its grammar, or of signs alone.
pub(crate) fn any_markdown() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => vec(any_block(), 0..5).prop_map(|blocks| blocks.join("\n\n")),
        1 => vec(any_block(), 0..5).prop_map(|blocks| blocks.join("\n")),
        2 => any_signs(),
    ]
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => any_words(),
        1 => any_signs().prop_filter("text nodes are not empty", |text| !text.is_empty()),
        1 => (any_words(), select(vec![" ", "\n", "  ", "\t", "\n\n"]), any_words()).prop_map(|(a, joint, b)| a + joint + &b),
        1 => any_words().prop_map(|text| format!(" {text} ")),
        1 => select(vec![" ", "\n", "  \n "]).prop_map(str::to_owned),
    ]
}

fn any_marks() -> impl Strategy<Value = Value> {
    let marks = vec![
        json!({"type": "bold", "attrs": {"marker": "**"}}),
        json!({"type": "italic", "attrs": {"marker": "_"}}),
        json!({"type": "italic"}),
        json!({"type": "strike"}),
        json!({"type": "underline"}),
        json!({"type": "code"}),
        json!({"type": "link"}),
        json!({"type": "textColor", "attrs": {"color": "red"}}),
        json!({"type": "textStyle", "attrs": {"color": "red", "fontSize": "12px", "x": null}}),
        json!({"type": "highlight", "attrs": {"color": "yellow"}}),
        json!({"type": "inline-comment", "attrs": {"thread": "T"}}),
        json!({"type": "sparkle"}),
    ];
    let links = vec![
        json!({"href": "https://a.b/c d)", "title": "t \"q\""}),
        json!({"href": "https://huly.io"}),
        json!({"href": "a&amp;b|c"}),
    ];
    let some = (subsequence(marks, 1..4), select(links)).prop_map(|(mut marks, link)| {
        for mark in marks.iter_mut().filter(|mark| mark["type"] == "link") {
            mark["attrs"] = link.clone();
        }
        Value::from(marks)
    });
    prop_oneof![2 => Just(json!([])), 3 => some]
}

fn any_inline_node() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => (any_text(), any_marks())
            .prop_map(|(text, marks)| json!({"type": "text", "text": text, "marks": marks})),
        1 => any_marks().prop_map(|marks| json!({"type": "hardBreak", "marks": marks})),
        1 => (any_words(), any_marks(), select(vec![json!(null), json!(30)])).prop_map(|(alt, marks, width)| json!({
            "type": "image", "marks": marks, "attrs": {"src": "https://a.b/c (d).png", "alt": alt, "width": width, "title": alt}
        })),
        1 => any_words().prop_map(|alt| json!({
            "type": "image", "attrs": {"src": null, "alt": alt, "width": 10, "file-id": "FID1"}
        })),
        1 => (any_words(), any_marks()).prop_map(|(label, marks)| json!({
            "type": "reference", "marks": marks,
            "attrs": {"id": "ID1", "objectclass": "contact:class:Person", "label": label}
        })),
        1 => Just(json!({"type": "emoji", "attrs": {"emoji": "🎉", "kind": "unicode"}})),
        1 => any_text().prop_map(|text| json!({"type": "comment", "content": [{"type": "text", "text": text}]})),
        1 => any_word().prop_map(|word| json!({"type": "embed", "attrs": {"src": format!("https://a.b/{word}")}})),
        1 => any_word().prop_map(|word| json!({"type": "file", "attrs": {"file-id": "FID2", "data-file-name": word}})),
        1 => any_text().prop_map(|text| json!({"type": "subLink", "content": [{"type": "text", "text": text}]})),
        1 => Just(json!({"type": "sparkler", "attrs": {"id": "x"}})),
    ]
}

fn any_line() -> impl Strategy<Value = Vec<Value>> {
    vec(any_inline_node(), 0..5)
}

/// A block that a document may have.
pub(crate) fn any_block_node() -> impl Strategy<Value = Document> {
    any_node().prop_map(Document)
}

fn any_node() -> impl Strategy<Value = Value> {
    let paragraph = || any_line().prop_map(|line| json!({"type": "paragraph", "content": line}));
    let cell = || {
        (vec(paragraph(), 1..3), select(vec!["tableHeader", "tableCell"])).prop_map(
            |(content, kind)| json!({"type": kind, "attrs": {"colspan": 1}, "content": content}),
        )
    };
    let row =
        move || vec(cell(), 0..4).prop_map(|cells| json!({"type": "tableRow", "content": cells}));
    let leaf = prop_oneof![
        8 => paragraph(),
        1 => any_words().prop_map(|text| json!({"type": "paragraph", "attrs": {"textAlign": "center"}, "content": [{"type": "text", "text": text}]})),
        1 => (any_line(), 0..8u64, select(vec![json!("="), json!("-"), json!(null), json!("##")])).prop_map(
            |(line, level, marker)| json!({"type": "heading", "attrs": {"level": level, "marker": marker}, "content": line})
        ),
        1 => (any_signs(), select(vec!["", "js", "a`b", "~x", "mermaid"])).prop_map(|(code, language)| json!({
            "type": "codeBlock", "attrs": {"language": language}, "content": [{"type": "text", "text": code}]
        })),
        1 => any_signs().prop_map(|code| json!({"type": "mermaid", "content": [{"type": "text", "text": code}]})),
        1 => Just(json!({"type": "horizontalRule"})),
        1 => any_text().prop_map(|text| json!({"type": "comment", "content": [{"type": "text", "text": text}]})),
        1 => "[a-z* ]{1,12}".prop_map(|text| json!({"type": "markdown", "content": [{"type": "text", "text": text}]})),
        1 => Just(json!({"type": "drawingBoard", "attrs": {"id": "x"}})),
        1 => any_words().prop_map(|text| json!({"type": "callout", "content": [{"type": "text", "text": text}]})),
        1 => any_inline_node(),
        1 => vec(row(), 0..4).prop_map(|rows| json!({"type": "table", "content": rows})),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        let item = |kind: &'static str| {
            (vec(inner.clone(), 0..3), any::<bool>(), any::<u16>()).prop_map(move |(content, checked, id)| json!({
                "type": kind, "content": content,
                "attrs": {"checked": checked, "todoid": format!("t{id}"), "userid": "u"}
            }))
        };
        let bullet = || select(vec![json!("-"), json!("*"), json!("+"), json!(null), json!("•")]);
        prop_oneof![
            2 => vec(inner.clone(), 0..4).prop_map(|content| json!({"type": "blockquote", "content": content})),
            2 => (vec(item("listItem"), 0..4), bullet()).prop_map(
                |(items, bullet)| json!({"type": "bulletList", "attrs": {"bullet": bullet}, "content": items})
            ),
            2 => (vec(item("todoItem"), 0..4), bullet()).prop_map(
                |(items, bullet)| json!({"type": "todoList", "attrs": {"bullet": bullet}, "content": items})
            ),
            1 => vec(item("taskItem"), 0..4).prop_map(|items| json!({"type": "taskList", "content": items})),
            2 => (vec(item("listItem"), 0..4), select(vec![json!(1), json!("3"), json!(999_999_999u64), json!(null)])).prop_map(
                |(items, order)| json!({"type": "orderedList", "attrs": {"order": order}, "content": items})
            ),
            1 => vec(prop_oneof![item("listItem"), item("todoItem"), inner.clone()], 0..4).prop_map(
                |items| json!({"type": "bulletList", "content": items})
            ),
            1 => vec(item("todoItem"), 0..3).prop_map(|items| json!({"type": "orderedList", "content": items})),
            1 => vec(inner.clone(), 0..3).prop_map(|content| json!({"type": "panel", "attrs": {"id": "p"}, "content": content})),
            1 => vec(inner.clone(), 0..3).prop_map(|content| json!({
                "type": "table", "content": [{"type": "tableRow", "content": [{"type": "tableCell", "content": content}]}]
            })),
        ]
    })
}

/// A document that a failed test shows as JSON.
#[derive(Clone)]
pub(crate) struct Document(pub(crate) Value);

impl fmt::Debug for Document {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}", self.0)
    }
}

/// A document, not always a valid one.
pub(crate) fn any_document() -> impl Strategy<Value = Document> {
    vec(any_node(), 0..6).prop_map(|content| Document(json!({"type": "doc", "content": content})))
}
