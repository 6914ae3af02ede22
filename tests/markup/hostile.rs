//! Input that means harm: an answer or an error, soon.

use std::time::{Duration, Instant};

use huly_vibe_sync::huly::platform::markup::{self, Error, LARGEST};

use super::letters::{has, visible};
use super::options;

/// On a small and busy machine, in a build that is not optimised.
const SOON: Duration = Duration::from_secs(60);

/// Converts there, back, and as an edit that replaces all. An unoptimised build is ten times slower
/// and leaves the last out, and takes the largest texts a quarter as large.
const OPTIMISED: bool = !cfg!(debug_assertions);

fn round(name: &str, markdown: &str) {
    let start = Instant::now();
    let markup = markup::to_markup(markdown, &options());
    let read = start.elapsed();
    let back = markup.as_ref().map(|markup| markup::to_markdown(markup, &options()));
    let written = start.elapsed() - read;
    let name = name.trim_end();
    println!("{name}: {} bytes, to markup {read:?}, back {written:?}", markdown.len());
    if let Ok(Ok(back)) = &back {
        // Code between fences, addresses and declarations aside, which are no text.
        assert!(has(back, &visible(markdown)), "{name} lost its text");
    }
    if OPTIMISED && let Ok(markup) = &markup {
        let edited = markup::edit(markup, "", markdown, &options());
        println!("    edited {:?}: {:?}", start.elapsed(), edited.map(|edited| edited.len()));
    }
    assert!(start.elapsed() < SOON, "{name} took {:?}", start.elapsed());
}

#[test]
fn hostile_markdown_is_converted_soon() {
    let n = 50_000;
    for sign in [
        "[",
        "*",
        ">",
        "`",
        "~",
        "<",
        "![",
        "](",
        "_",
        "|",
        "- ",
        "1. ",
        "#",
        "&",
        "\\",
        "<!--",
        "<b>",
        "</b>",
        "<a href=\"x\">",
        "*a ",
        "*a*",
        "**a _",
        "[a](",
        "[a](b) ",
        "<![CDATA[",
        "<?",
        "|a\n",
        "\t",
        "> \n",
        "-\n",
        "a\n\n",
        "```\n",
        "<div>",
        "<a b='",
        "[a]: b\n",
        "[a]",
        "~~a~",
        "&#42;",
        "*_",
        "a_b",
        "`a``b",
    ] {
        round(sign, &sign.repeat(n));
    }
    let nested: String =
        (0..5_000).map(|depth| format!("{}- a\n", " ".repeat(2 * depth % 4000))).collect();
    round("nested lists", &nested);
    let nested: String =
        (0..2_000).map(|depth| format!("{}- a\n", " ".repeat(2 * depth))).collect();
    round("nested lists, 2000 deep", &nested);
    round("nested lists on a line", &format!("{}a", "- ".repeat(5_000)));
    round(
        "nested quotes",
        &(0..1000).map(|depth| format!("{}a\n", ">".repeat(depth))).collect::<String>(),
    );
    let emphasis = format!("{}{}", "*a ".repeat(n), "a* ".repeat(n));
    round("nested emphasis", &emphasis);
    round("nested images", &format!("{}{}", "![a".repeat(n), "](b)".repeat(n)));
    round(
        "nested spans",
        &format!("{}{}", "<span style=\"color: red\">a".repeat(n), "</span>".repeat(n)),
    );
    let table = format!("|a|b|c|d|\n|-|-|-|-|\n{}", "|1|*2*|`3`|4 \\| 5|\n".repeat(5_000));
    round("a table of 20,000 cells", &table);
    let ragged =
        format!("|{}\n|{}\n{}", "a|".repeat(1_000), "-|".repeat(1_000), "|1|\n".repeat(10_000));
    round("a ragged table", &ragged);
    let long = format!("[{}]({})", "*a*b".repeat(20_000), "x".repeat(20_000));
    round("a long address over many pieces", &long);
    round("many references", &format!("{}[a]: {}", "[a] ".repeat(n), "x".repeat(50_000)));
}

#[test]
fn large_texts_are_converted_soon() {
    let mb = if OPTIMISED { 1 << 20 } else { 1 << 18 };
    round("9 MB on a line", &"word *and* ".repeat(mb)[..9 * mb]);
    round("9 MB without a space", &"a".repeat(9 * mb));
    let prose = "A paragraph with **bold**, `code` and a [link](https://a.b).\n\n- one\n- two\n\n";
    round("1 MB", &prose.repeat(mb / prose.len()));
    round("10 MB", &prose.repeat(10 * mb / prose.len()));
    let above = "a".repeat(LARGEST + 1);
    assert_eq!(markup::to_markup(&above, &options()), Err(Error::TooLarge(LARGEST)));
    assert_eq!(markup::edit("", "", &above, &options()), Err(Error::TooLarge(LARGEST)));
}

#[test]
fn hostile_documents_are_an_error_or_a_text() {
    for depth in [10, 30, 31, 62, 63, 1_000, 100_000] {
        for (open, close) in [
            (r#"{"type":"blockquote","content":["#, "]}"),
            (r#"{"type":"bulletList","content":[{"type":"listItem","content":["#, "]}]}"),
            (r#"{"type":"panel","content":["#, "]}"),
            (r#"{"type":"table","content":["#, "]}"),
        ] {
            let inner = r#"{"type":"paragraph","content":[{"type":"text","text":"word"}]}"#;
            let document = format!(
                r#"{{"type":"doc","content":[{}{inner}{}]}}"#,
                open.repeat(depth),
                close.repeat(depth)
            );
            match markup::to_markdown(&document, &options()) {
                Ok(text) => {
                    assert!(text.contains("word"));
                    let back = markup::to_markup(&text, &options()).unwrap();
                    assert_eq!(
                        markup::to_markdown(&back, &options()).as_deref(),
                        Ok(text.as_str())
                    );
                }
                Err(error) => {
                    assert!(matches!(error, Error::TooDeep | Error::TooManyNodes(_)), "{error}");
                }
            }
        }
    }
    for other in [
        "[]",
        "1",
        "{}",
        r#"{"type":"doc","content":7}"#,
        r#"{"type":"doc","content":[1,null,{}]}"#,
    ] {
        let _ = markup::to_markdown(other, &options());
    }
}
