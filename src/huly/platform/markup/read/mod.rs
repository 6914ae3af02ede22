//! Markup into blocks.

mod blocks;
mod inline;
mod marks;
mod objects;

pub(super) use blocks::{blocks, node};
pub(super) use inline::{is_inline, pieces};
pub(super) use marks::{of as marks, read as mark};
