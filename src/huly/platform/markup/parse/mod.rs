//! Markdown into blocks, by the events of `pulldown-cmark`.

mod blocks;
mod collector;
mod entity;
mod html;
mod html_table;
mod marks;
pub(super) mod tag;
mod tags;

use super::block::Block;
use super::{Error, Options};

pub(super) use blocks::{Placed, blocks, extensions, placed_blocks};
pub(super) use tag::{length as tag_length, name as tag_name};
pub(super) use tags::{is_expressed, is_shade};

/// The blocks of a text, and below them those of a marker's part, which begins at that place: neither
/// reaches into the other. What would close the text before the rule is not needed here.
pub(super) fn marked(
    markdown: &str,
    marker_at: Option<usize>,
    options: &Options,
) -> Result<Vec<Block>, Error> {
    let (text, part) =
        marker_at.and_then(|at| markdown.split_at_checked(at)).unwrap_or((markdown, ""));
    let rule = part.rfind("---\n").unwrap_or(0);
    let mut blocks = blocks(text, options, 0)?;
    blocks.extend(self::blocks::blocks(&part[rule..], options, 0)?);
    Ok(blocks)
}
