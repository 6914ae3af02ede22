//! What a text loses on its way into markup, beside its spelling.

use std::collections::{BTreeSet, HashMap};

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::parse::{extensions, is_expressed, is_shade, tag};

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

/// Whether a text has every tag that another one has, and as often, of those that blocks do not express:
/// what a bridge gives as a tag means the same in the task.
pub(super) fn has_tags_of(text: &str, other: &str) -> bool {
    let there = tags(text);
    tags(other).iter().all(|(tag, count)| there.get(tag).is_some_and(|there| there >= count))
}

fn tags(markdown: &str) -> HashMap<String, usize> {
    let mut tags: HashMap<String, usize> = HashMap::new();
    for event in Parser::new_ext(markdown, extensions()) {
        let (Event::InlineHtml(html) | Event::Html(html)) = event else { continue };
        for (at, _) in html.match_indices('<') {
            if let Some((tag::Token::Tag(tag), length)) = tag::token(&html[at..])
                && !is_expressed(&tag.name)
            {
                *tags.entry(html[at..at + length].to_owned()).or_default() += 1;
            }
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_counted() {
        assert!(has_tags_of("a<sup>1</sup> b", "c<sup>2</sup>"));
        assert!(!has_tags_of("a<sup>1</sup>", "a<sup>1</sup> b<sup>2</sup>"));
        assert!(!has_tags_of("Vec\\<u8>", "Vec<u8>"));
        assert!(has_tags_of("a", "`<b>` < c <b>d</b>"));
    }

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
