//! Blocks below each other: of a document, a quote, a list item.

use std::collections::HashMap;

use serde_json::Value;

use super::super::block::{Block, List};
use super::super::document::{children, kind};
use super::super::{Error, Options, build, parse, read, write};
use super::line;
use crate::diff::diff;

pub(super) struct Merge<'a> {
    pub(super) options: &'a Options,
}

/// One node, and which blocks are its own.
struct Node<'a> {
    node: &'a Value,
    base: &'a [Block],
    /// Where those are in the edited text, if they are as they were.
    kept: Option<usize>,
    /// Whether the edited text has it in another place.
    is_moved: bool,
}

/// What was edited, between two nodes that were not.
struct Gap<'a, 'b> {
    nodes: &'b [Node<'a>],
    after: &'b [Block],
    /// For each block the node that it is, taken from elsewhere.
    moved: &'b [Option<&'a Value>],
    depth: usize,
}

impl Merge<'_> {
    /// The nodes after an edit. `base` are the blocks that these nodes were in the text, in so many
    /// lists and quotes; `after` those that they became.
    pub(super) fn blocks(
        &self,
        nodes: &[Value],
        base: &[Block],
        after: &[Block],
        depth: usize,
    ) -> Result<Vec<Value>, Error> {
        let counts: Vec<usize> =
            nodes.iter().map(|node| read::node(node, self.options, depth).len()).collect();
        let count: usize = counts.iter().sum();
        let own;
        let base = if base.len() == count {
            base
        } else {
            // The text is not what these nodes give: it is compared with what they do give.
            own = self.own(nodes, count, depth)?;
            own.as_slice()
        };
        let (nodes, moved) = assign(nodes, &counts, base, after);
        let mut merged = Vec::with_capacity(nodes.len());
        let (mut node_at, mut after_at) = (0, 0);
        for (at, node) in nodes.iter().enumerate() {
            let Some(kept) = node.kept else { continue };
            let (nodes, moved) = (&nodes[node_at..at], &moved[after_at..kept]);
            let gap = Gap { nodes, after: &after[after_at..kept], moved, depth };
            self.gap(&gap, &mut merged)?;
            merged.push(node.node.clone());
            (node_at, after_at) = (at + 1, kept + node.base.len());
        }
        let (nodes, moved) = (&nodes[node_at..], &moved[after_at..]);
        self.gap(&Gap { nodes, after: &after[after_at..], moved, depth }, &mut merged)?;
        Ok(merged)
    }

    /// The blocks of these nodes as they would be read from their text.
    fn own(&self, nodes: &[Value], count: usize, depth: usize) -> Result<Vec<Block>, Error> {
        let node = |node| read::node(node, self.options, depth);
        let blocks: Vec<Block> = nodes.iter().flat_map(node).collect();
        let text = write::blocks(&blocks, self.options)?;
        let read = parse::blocks(&text, self.options, depth)?;
        Ok(if read.len() == count { read } else { blocks })
    }

    fn new_blocks(&self, blocks: &[Block]) -> Result<Vec<Value>, Error> {
        blocks.iter().map(|block| build::block(block, self.options)).collect()
    }

    fn gap(&self, gap: &Gap<'_, '_>, merged: &mut Vec<Value>) -> Result<(), Error> {
        let count: usize = gap.nodes.iter().map(|node| node.base.len()).sum();
        if count == gap.after.len() {
            return self.replaced(gap, merged);
        }
        let partners = partners(gap);
        let mut at = 0;
        for (a, block) in gap.after.iter().enumerate() {
            if let Some(partner) = partners[a] {
                merged.extend(unseen(&gap.nodes[at..partner]));
                at = partner + 1;
                let node = &gap.nodes[partner];
                merged.push(self.counterpart(node.node, &node.base[0], block, gap.depth)?);
            } else {
                merged.push(self.new_block(gap, a)?);
            }
        }
        merged.extend(unseen(&gap.nodes[at..]));
        Ok(())
    }

    fn new_block(&self, gap: &Gap<'_, '_>, at: usize) -> Result<Value, Error> {
        match gap.moved[at] {
            Some(node) => Ok(node.clone()),
            None => build::block(&gap.after[at], self.options),
        }
    }

    /// As many blocks as there were: each is taken for what became of the one in its place.
    fn replaced(&self, gap: &Gap<'_, '_>, merged: &mut Vec<Value>) -> Result<(), Error> {
        let mut at = 0;
        for node in gap.nodes {
            let end = at + node.base.len();
            let after = &gap.after[at..end];
            let is_taken = node.is_moved || gap.moved[at..end].iter().any(Option::is_some);
            match (node.base, after) {
                ([], _) => merged.push(node.node.clone()),
                _ if is_taken => {
                    for at in at..end {
                        merged.push(self.new_block(gap, at)?);
                    }
                }
                ([base], [block]) => {
                    merged.push(self.counterpart(node.node, base, block, gap.depth)?);
                }
                (base, _) if is_wrapper(node.node) => {
                    merged.push(self.within(node.node, base, after, gap.depth)?);
                }
                _ => merged.extend(self.new_blocks(after)?),
            }
            at = end;
        }
        Ok(())
    }

    /// What became of a block.
    fn counterpart(
        &self,
        node: &Value,
        base: &Block,
        after: &Block,
        depth: usize,
    ) -> Result<Value, Error> {
        if base == after {
            return Ok(node.clone());
        }
        if is_wrapper(node) {
            let (base, after) = (std::slice::from_ref(base), std::slice::from_ref(after));
            return self.within(node, base, after, depth);
        }
        match (kind(node), base, after) {
            ("blockquote", Block::Quote(base), Block::Quote(after)) => {
                self.within(node, base, after, depth + 1)
            }
            (
                "bulletList" | "orderedList" | "todoList" | "taskList",
                Block::List(base),
                Block::List(after),
            ) if base.kind == after.kind => self.list(node, base, after, depth),
            ("table", Block::Table(base), Block::Table(rows)) => {
                match self.table(node, base, rows, depth)? {
                    Some(table) => Ok(table),
                    None => build::block(after, self.options),
                }
            }
            _ => self.one_line(node, after, depth),
        }
    }

    /// A block of one line: within it, too, only what was edited changes.
    fn one_line(&self, node: &Value, after: &Block, depth: usize) -> Result<Value, Error> {
        let new = with_attrs_of(build::block(after, self.options)?, node);
        let line = match after {
            Block::Paragraph(line) | Block::Heading { line, .. } if kind(&new) == kind(node) => {
                line
            }
            _ => return Ok(new),
        };
        let mut merged = new.clone();
        merged["content"] = Value::Array(line::merge(node, line, self.options)?);
        let is_right = read::node(&merged, self.options, depth) == std::slice::from_ref(after);
        Ok(if is_right { merged } else { new })
    }

    /// The same node around other blocks.
    fn within(
        &self,
        node: &Value,
        base: &[Block],
        after: &[Block],
        depth: usize,
    ) -> Result<Value, Error> {
        let mut content = self.blocks(children(node), base, after, depth)?;
        if kind(node) == "blockquote" && content.is_empty() {
            content.push(build::empty_paragraph());
        }
        let mut node = node.clone();
        node["content"] = Value::Array(content);
        Ok(node)
    }

    fn list(&self, node: &Value, base: &List, after: &List, depth: usize) -> Result<Value, Error> {
        let Some(content) = self.items(children(node), base, after, depth + 1)? else {
            return build::block(&Block::List(after.clone()), self.options);
        };
        let mut node = node.clone();
        if (base.bullet, base.start) != (after.bullet, after.start) {
            set_attrs(&mut node, build::list_attrs(after));
        }
        node["content"] = Value::Array(content);
        Ok(node)
    }
}

/// For each edited block the node that it was: lists and quotes find theirs though blocks were
/// added or taken away beside them.
fn partners(gap: &Gap<'_, '_>) -> Vec<Option<usize>> {
    let of_nodes: Vec<(usize, u8)> = (gap.nodes.iter().enumerate())
        .filter_map(|(at, node)| match node.base {
            [block] if !node.is_moved => Some((at, container(block)?)),
            _ => None,
        })
        .collect();
    let of_after: Vec<(usize, u8)> = (gap.after.iter().zip(gap.moved).enumerate())
        .filter(|(_, (_, moved))| moved.is_none())
        .filter_map(|(at, (block, _))| Some((at, container(block)?)))
        .collect();
    let kinds = |of: &[(usize, u8)]| of.iter().map(|(_, kind)| *kind).collect::<Vec<_>>();
    let mut partners = vec![None; gap.after.len()];
    for (node, block) in diff(&kinds(&of_nodes), &kinds(&of_after)) {
        partners[of_after[block].0] = Some(of_nodes[node].0);
    }
    partners
}

/// Finds for each node whether it is as it was, and for each edited block whether it was moved.
fn assign<'a>(
    nodes: &'a [Value],
    counts: &[usize],
    base: &'a [Block],
    after: &[Block],
) -> (Vec<Node<'a>>, Vec<Option<&'a Value>>) {
    let mut place: Vec<Option<usize>> = vec![None; base.len()];
    let mut is_new = vec![true; after.len()];
    for (b, a) in diff(base, after) {
        place[b] = Some(a);
    }
    let mut at = 0;
    let mut assigned = Vec::with_capacity(nodes.len());
    for (node, count) in nodes.iter().zip(counts) {
        let range = at..at + count;
        at = range.end;
        // All of its blocks must be where they were found, side by side. Of equal blocks another
        // may have been found than the one beside its others.
        let found = &place[range.clone()];
        let kept = match (found.first(), found.last()) {
            (Some(Some(first)), Some(Some(last))) if found.iter().all(Option::is_some) => {
                let starts = [*first, last + 1 - count.min(&(last + 1))];
                starts
                    .into_iter()
                    .find(|start| after.get(*start..start + count) == Some(&base[range.clone()]))
            }
            _ => None,
        };
        if let Some(kept) = kept {
            is_new[kept..kept + count].fill(false);
        }
        assigned.push(Node { node, base: &base[range], kept, is_moved: false });
    }
    let mut elsewhere: HashMap<&Block, Vec<usize>> = HashMap::new();
    for (at, node) in assigned.iter().enumerate().rev() {
        if let (None, [block]) = (node.kept, node.base) {
            elsewhere.entry(block).or_default().push(at);
        }
    }
    let mut moved = vec![None; after.len()];
    for (at, block) in after.iter().enumerate().filter(|(at, _)| is_new[*at]) {
        if let Some(from) = elsewhere.get_mut(block).and_then(Vec::pop) {
            assigned[from].is_moved = true;
            moved[at] = Some(assigned[from].node);
        }
    }
    (assigned, moved)
}

/// Nodes that the text does not show, as empty paragraphs: nobody has deleted them.
fn unseen<'a>(nodes: &'a [Node<'_>]) -> impl Iterator<Item = Value> + 'a {
    nodes.iter().filter(|node| node.base.is_empty()).map(|node| node.node.clone())
}

/// What holds blocks that can be merged; `None` for all else, which never pairs.
fn container(block: &Block) -> Option<u8> {
    match block {
        Block::List(list) => Some(list.kind as u8),
        Block::Quote(_) => Some(u8::MAX),
        _ => None,
    }
}

/// Whether a node is not in Markdown, but the blocks in it are.
fn is_wrapper(node: &Value) -> bool {
    let is_known = matches!(
        kind(node),
        "paragraph"
            | "heading"
            | "blockquote"
            | "horizontalRule"
            | "codeBlock"
            | "mermaid"
            | "bulletList"
            | "orderedList"
            | "todoList"
            | "taskList"
            | "table"
            | "comment"
            | "markdown"
    );
    !is_known
        && !children(node).is_empty()
        && children(node).iter().all(|child| !read::is_inline(kind(child)))
}

/// Adds the attributes of the node that a block was, where it says nothing of them.
fn with_attrs_of(mut node: Value, was: &Value) -> Value {
    let keeps = matches!(kind(&node), "paragraph" | "heading" | "codeBlock");
    if keeps && kind(&node) == kind(was) && was["attrs"].is_object() {
        let attrs = node["attrs"].as_object().cloned().unwrap_or_default();
        node["attrs"] = was["attrs"].clone();
        set_attrs(&mut node, attrs);
    }
    node
}

/// Sets these attributes and leaves others alone.
pub(super) fn set_attrs(node: &mut Value, attrs: serde_json::Map<String, Value>) {
    match node["attrs"].as_object_mut() {
        Some(own) => own.extend(attrs),
        None => node["attrs"] = Value::Object(attrs),
    }
}
