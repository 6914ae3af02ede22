//! What a text loses on its way into markup, beside its spelling.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::parse::{extensions, is_shade, tag};

/// What markup has no words for: `<sup>`, the link of an image. Empty for most texts.
#[must_use]
pub fn dropped(markdown: &str) -> BTreeSet<String> {
    let mut dropped = BTreeSet::new();
    let mut links = 0usize;
    for event in Parser::new_ext(markdown, extensions()) {
        match event {
            Event::Start(Tag::Link { .. }) => links += 1,
            Event::End(TagEnd::Link) => links = links.saturating_sub(1),
            Event::Start(Tag::Image { .. }) if links > 0 => {
                dropped.insert("the link of an image".to_owned());
            }
            Event::InlineHtml(html) | Event::Html(html) => {
                for (at, _) in html.match_indices('<') {
                    if let Some((tag::Token::Tag(tag), _)) = tag::token(&html[at..])
                        && is_shade(&tag.name)
                    {
                        dropped.insert(format!("<{}>", tag.name));
                    }
                }
            }
            _ => {}
        }
    }
    dropped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_markup_has_no_words_for_is_told() {
        for (text, told) in [
            ("2<sup>53</sup> and `<sub>`", &["<sup>"][..]),
            ("<div><kbd>C</kbd></div>", &["<kbd>"]),
            ("[![a](b)](c) and ![a](b)", &["the link of an image"]),
            ("**a** <u>b</u> Vec<u8> [c](d)", &[]),
        ] {
            let dropped: Vec<String> = dropped(text).into_iter().collect();
            assert_eq!(dropped, told, "{text}");
        }
    }
}
