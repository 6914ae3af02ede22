//! Blocks into Markdown.

mod blocks;
mod code;
mod escape;
mod line;
mod marks;
mod rungs;
mod table;

pub(super) use blocks::blocks;
