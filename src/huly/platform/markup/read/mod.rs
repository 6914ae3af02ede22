//! Markup into blocks.

mod blocks;
mod inline;
mod marks;
mod objects;

pub(super) use blocks::{blocks, node};
pub(super) use inline::is_inline;
