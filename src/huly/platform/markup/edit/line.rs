//! The line of a paragraph, a heading or a cell. Words that were not edited keep the attributes of
//! their marks; images, mentions, files and emoji keep their nodes.

use std::ops::Range;

use serde_json::{Value, json};

use super::super::document::{children, kind};
use super::super::inline::{Mark, Piece, What};
use super::super::{Error, Options, build, read, schema};
use crate::diff::diff;

/// A word, a sign or a space of text with its marks, or what else stands in a line.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Token<'a> {
    Text(&'a str, &'a [Mark]),
    Object(&'a What),
}

/// The inline nodes of `node` after its line was edited to `after`.
pub(super) fn merge(node: &Value, after: &[Piece], options: &Options) -> Result<Vec<Value>, Error> {
    let nodes = children(node);
    let pieces: Vec<Vec<Piece>> =
        nodes.iter().map(|node| read::pieces(std::slice::from_ref(node), options)).collect();
    let (mut before, mut spans) = (Vec::new(), Vec::with_capacity(nodes.len()));
    for pieces in &pieces {
        let start = before.len();
        before.extend(tokens(pieces));
        spans.push(start..before.len());
    }
    let after: Vec<Token<'_>> = tokens(after).collect();
    let mut origins = vec![None; after.len()];
    for (b, a) in diff(&before, &after) {
        origins[a] = Some(b);
    }
    Merge { options, nodes, spans, after, origins, merged: Vec::new() }.run()
}

fn tokens(pieces: &[Piece]) -> impl Iterator<Item = Token<'_>> {
    pieces.iter().flat_map(|piece| {
        let (text, object) = match &piece.what {
            What::Text(text) => (Some(text.as_str()), None),
            other => (None, Some(Token::Object(other))),
        };
        let words = text.into_iter().flat_map(words);
        object.into_iter().chain(words.map(|word| Token::Text(word, &piece.marks)))
    })
}

/// Runs of letters and digits, and every other sign by itself.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = match rest.find(|letter: char| !letter.is_alphanumeric()) {
            Some(0) => first.len_utf8(),
            Some(end) => end,
            None => rest.len(),
        };
        let (word, others) = rest.split_at(end);
        rest = others;
        Some(word)
    })
}

struct Merge<'a> {
    options: &'a Options,
    nodes: &'a [Value],
    /// Which tokens each node was.
    spans: Vec<Range<usize>>,
    after: Vec<Token<'a>>,
    /// For each token after the edit, which one it was.
    origins: Vec<Option<usize>>,
    merged: Vec<Value>,
}

impl Merge<'_> {
    fn run(mut self) -> Result<Vec<Value>, Error> {
        let mut at = 0;
        // Nodes that the text does not show stay where they are: nobody has deleted them.
        let mut unseen = 0;
        while at < self.after.len() {
            if let Some(node) = self.node_of(at) {
                self.push_unseen(unseen..node);
                unseen = unseen.max(node + 1);
            }
            at += match self.whole_node(at) {
                Some(node) => {
                    self.merged.push(schema::without_what_is_dropped(&self.nodes[node]));
                    self.spans[node].len()
                }
                None => {
                    self.push_token(at)?;
                    1
                }
            };
        }
        self.push_unseen(unseen..self.nodes.len());
        Ok(self.merged)
    }

    fn push_unseen(&mut self, nodes: Range<usize>) {
        for node in nodes {
            if self.spans[node].is_empty() && !schema::is_text(&self.nodes[node]) {
                self.merged.push(schema::without_what_is_dropped(&self.nodes[node]));
            }
        }
    }

    /// The node that a token comes from.
    fn node_of(&self, at: usize) -> Option<usize> {
        let token = (*self.origins.get(at)?)?;
        Some(self.spans.partition_point(|span| span.end <= token))
    }

    /// The node other than text that begins here and is there as a whole.
    fn whole_node(&self, at: usize) -> Option<usize> {
        let node = self.node_of(at)?;
        let span = self.spans[node].clone();
        let is_whole = span
            .clone()
            .enumerate()
            .all(|(place, token)| self.origins.get(at + place) == Some(&Some(token)));
        (!schema::is_text(&self.nodes[node]) && is_whole).then_some(node)
    }

    fn push_token(&mut self, at: usize) -> Result<(), Error> {
        match self.after[at] {
            Token::Object(what) => {
                let piece = Piece { what: what.clone(), marks: Vec::new() };
                self.merged.push(build::piece(&piece, self.options)?);
            }
            Token::Text(text, marks) => {
                let marks = match self.text_node_of(at) {
                    Some(node) => node["marks"].clone(),
                    None => self.marks_beside(at, marks)?,
                };
                self.push_text(text, marks);
            }
        }
        Ok(())
    }

    fn text_node_of(&self, at: usize) -> Option<&Value> {
        self.node_of(at).map(|node| &self.nodes[node]).filter(|node| schema::is_text(node))
    }

    /// The marks of a new word: those of its neighbours with their attributes, where it shares them.
    fn marks_beside(&self, at: usize, marks: &[Mark]) -> Result<Value, Error> {
        let left = self.merged.last().filter(|node| schema::is_text(node));
        let right = self.text_node_of(at + 1);
        if let (Some(left), Some(right)) = (left, right)
            && left["marks"] == right["marks"]
            && read::marks(left) == marks
        {
            return Ok(left["marks"].clone());
        }
        let beside = [left, right];
        let known = |wanted: &Mark| {
            let marks = beside.iter().flatten().flat_map(|node| node["marks"].as_array());
            marks.flatten().find(|mark| read::mark(mark).as_ref() == Some(wanted)).cloned()
        };
        let new = build::piece(&Piece::text("x", marks.to_vec()), self.options)?;
        let new = new["marks"].as_array().cloned().unwrap_or_default();
        Ok(marks.iter().zip(new).map(|(mark, new)| known(mark).unwrap_or(new)).collect())
    }

    fn push_text(&mut self, text: &str, marks: Value) {
        let marks = if marks.as_array().is_none_or(Vec::is_empty) { Value::Null } else { marks };
        if let Some(last) = self.merged.last_mut()
            && kind(last) == "text"
            && last["marks"] == marks
            && let Value::String(before) = &mut last["text"]
        {
            before.push_str(text);
            return;
        }
        let mut node = json!({ "type": "text", "text": text });
        if !marks.is_null() {
            node["marks"] = marks;
        }
        self.merged.push(node);
    }
}
