//! What a bridge shows of a text: some tags vanish, and the backslashes before punctuation.

use pulldown_cmark::{Event, Parser};

use super::super::Options;
use super::super::block::Block;
use super::super::parse::{extensions, tag_name};
use super::source::Source;

/// Tags of which a bridge shows the content alone.
const VANISHING: [&str; 9] = ["b", "u", "i", "ins", "sup", "sub", "small", "mark", "kbd"];

/// The blocks that a bridge shows of this part of a text, where they may be others than its own.
pub(super) fn blocks(source: &Source<'_>, part: &str, options: &Options) -> Option<Vec<Block>> {
    if !part.contains(['<', '\\']) {
        return None;
    }
    source.read_part(&without_what_vanishes(part)?, options)
}

fn without_what_vanishes(part: &str) -> Option<String> {
    let mut shown = String::with_capacity(part.len());
    let mut copied = 0;
    for (event, place) in Parser::new_ext(part, extensions()).into_offset_iter() {
        let gone = match event {
            Event::InlineHtml(tag) | Event::Html(tag)
                if tag_name(&tag).is_some_and(|name| VANISHING.contains(&&*name)) =>
            {
                place
            }
            Event::Text(_) if place.start > 0 && part.as_bytes()[place.start - 1] == b'\\' => {
                place.start - 1..place.start
            }
            _ => continue,
        };
        if gone.start >= copied {
            shown.push_str(&part[copied..gone.start]);
            copied = gone.end;
        }
    }
    if copied == 0 {
        return None;
    }
    shown.push_str(&part[copied..]);
    Some(shown)
}
