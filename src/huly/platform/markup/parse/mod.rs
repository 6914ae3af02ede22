//! Markdown into blocks, by the events of `pulldown-cmark`.

mod blocks;
mod collector;
mod entity;
mod html;
mod html_table;
mod marks;
pub(super) mod tag;
mod tags;

pub(super) use blocks::{blocks, extensions};
pub(super) use tags::is_shade;
