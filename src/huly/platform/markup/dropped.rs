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
                let shades = tags_in(&html).filter(|(tag, _)| is_shade(&tag.name));
                dropped.extend(shades.map(|(tag, _)| format!("<{}>", tag.name)));
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
        for (_, source) in tags_in(&html).filter(|(tag, _)| !is_expressed(&tag.name)) {
            *tags.entry(source.to_owned()).or_default() += 1;
        }
    }
    tags
}

/// The tags in a piece of HTML, each with its letters. The end of a comment is not looked for: a text
/// of nothing but their beginnings would be read again and again.
fn tags_in(html: &str) -> impl Iterator<Item = (tag::Tag, &str)> {
    html.match_indices('<').filter_map(|(at, _)| {
        let from = Some(&html[at..]).filter(|from| !from.starts_with("<!"))?;
        match tag::token(from)? {
            (tag::Token::Tag(tag), length) => Some((tag, &from[..length])),
            (tag::Token::Comment(_), _) => None,
        }
    })
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
        // Two megabytes that begin comments and end none: one walk, or this never ends.
        assert!(dropped(&"<!--".repeat(1 << 19)).is_empty());
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
