//! Blocks of HTML into blocks: paragraphs, comments and tables are taken out of it.

use super::super::block::Block;
use super::super::inline::{Piece, What, push_text};
use super::super::{Options, tidy};
use super::tag::{self, Token};
use super::tags::{self, Raw};
use super::{entity, html_table};

/// The blocks of a piece of HTML.
pub(super) fn blocks(source: &str, options: &Options) -> Vec<Block> {
    let raw = tokens(source);
    let pairs = tags::pairs(&raw);
    let mut blocks = Vec::new();
    let mut line = Vec::new();
    let mut raw: Vec<Option<Raw>> = raw.into_iter().map(Some).collect();
    let mut at = 0;
    while at < raw.len() {
        let part = raw[at].take();
        match (part, pairs[at]) {
            (Some(Raw::Tag { tag, .. }), Some(end)) if tags::is_block(&tag.name) => {
                end_line(&mut line, &mut blocks, options);
                if tag.name == "table" && at < end {
                    let content = raw[at + 1..end].iter_mut().filter_map(Option::take);
                    blocks.extend(html_table::block(content.collect(), options));
                    at = end;
                }
            }
            (Some(part), _) => line.push(part),
            (None, _) => {}
        }
        at += 1;
    }
    end_line(&mut line, &mut blocks, options);
    blocks
}

fn end_line(line: &mut Vec<Raw>, blocks: &mut Vec<Block>, options: &Options) {
    let lines = tidy::paragraphs(tags::resolve(std::mem::take(line), options));
    blocks.extend(lines.into_iter().map(Block::paragraph));
}

fn tokens(source: &str) -> Vec<Raw> {
    let mut raw = Vec::new();
    let mut text = String::new();
    let mut rest = source;
    // Looked for once: a text of `<!--` alone would be searched for its end again and again.
    let mut may_have_comments = true;
    while let Some(at) = rest.find('<') {
        text.push_str(&entity::decode(&rest[..at]));
        rest = &rest[at..];
        if rest.starts_with("<!--") && may_have_comments {
            may_have_comments = rest.contains("-->");
        }
        let is_token = may_have_comments || !rest.starts_with("<!--");
        match Some(rest).filter(|_| is_token).and_then(tag::token) {
            None => {
                text.push('<');
                rest = &rest[1..];
            }
            Some((token, length)) => {
                flush(&mut text, &mut raw);
                raw.push(match token {
                    Token::Comment(comment) => Raw::Piece(Piece {
                        what: What::Comment(comment.to_owned()),
                        marks: Vec::new(),
                    }),
                    Token::Tag(tag) => {
                        Raw::Tag { tag, source: rest[..length].to_owned(), marks: Vec::new() }
                    }
                });
                rest = &rest[length..];
            }
        }
    }
    text.push_str(&entity::decode(rest));
    flush(&mut text, &mut raw);
    raw
}

fn flush(text: &mut String, raw: &mut Vec<Raw>) {
    let mut pieces = Vec::new();
    push_text(&mut pieces, text, Vec::new());
    raw.extend(pieces.into_iter().map(Raw::Piece));
    text.clear();
}
