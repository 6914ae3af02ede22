//! The items of a list.

use std::collections::HashMap;

use serde_json::Value;

use super::super::block::{Item, Kind, List};
use super::super::document::{children, kind};
use super::super::{Error, build};
use super::blocks::{Merge, set_attrs};
use crate::diff::diff;

impl Merge<'_> {
    /// The items after an edit; `None` where the nodes are not the items that the text had.
    pub(super) fn items(
        &self,
        nodes: &[Value],
        base: &List,
        after: &List,
        depth: usize,
    ) -> Result<Option<Vec<Value>>, Error> {
        if nodes.len() != base.items.len() {
            return Ok(None);
        }
        let origins = origins(&base.items, &after.items);
        let items = after.items.iter().zip(origins);
        let item = |(item, origin): (&Item, Option<usize>)| match origin {
            Some(at) => self.item(&nodes[at], &base.items[at], item, after.kind, depth),
            None => build::item(item, after.kind, self.options),
        };
        items.map(item).collect::<Result<_, _>>().map(Some)
    }

    /// What became of an item: its own attributes stay, above all the ids of a to-do.
    fn item(
        &self,
        node: &Value,
        base: &Item,
        after: &Item,
        of_list: Kind,
        depth: usize,
    ) -> Result<Value, Error> {
        if base == after {
            return Ok(node.clone());
        }
        let fits = match of_list {
            Kind::Todo => matches!(kind(node), "todoItem" | "taskItem"),
            Kind::Bullet | Kind::Ordered => kind(node) == "listItem",
        };
        if !fits {
            return build::item(after, of_list, self.options);
        }
        let mut content = self.blocks(children(node), &base.blocks, &after.blocks, depth)?;
        if content.first().is_none_or(|first| self::kind(first) != "paragraph") {
            content.insert(0, build::empty_paragraph());
        }
        let mut node = node.clone();
        node["content"] = Value::Array(content);
        if of_list == Kind::Todo {
            set_attrs(&mut node, build::item_attrs(after));
        }
        Ok(node)
    }
}

/// Of each item after the edit, which one it was: the same; else the same but for its tick; else
/// the one in its place, where as many were replaced.
fn origins(base: &[Item], after: &[Item]) -> Vec<Option<usize>> {
    let mut origins: Vec<Option<usize>> = vec![None; after.len()];
    let mut is_free = vec![true; base.len()];
    let mut take = |origins: &mut Vec<Option<usize>>, a: usize, b: usize| {
        origins[a] = Some(b);
        is_free[b] = false;
    };
    let same = diff(base, after);
    let mut gaps = Vec::new();
    let mut from = (0, 0);
    for &(b, a) in same.iter().chain([&(base.len(), after.len())]) {
        gaps.push((from.0..b, from.1..a));
        from = (b + 1, a + 1);
    }
    for (b, a) in same {
        take(&mut origins, a, b);
    }
    // Moved items, before their places are given away.
    let mut elsewhere: HashMap<&Item, Vec<usize>> = HashMap::new();
    for (in_base, _) in &gaps {
        for b in in_base.clone() {
            elsewhere.entry(&base[b]).or_default().push(b);
        }
    }
    for (_, in_after) in &gaps {
        for a in in_after.clone() {
            if let Some(b) = elsewhere.get_mut(&after[a]).and_then(Vec::pop) {
                take(&mut origins, a, b);
            }
        }
    }
    for (in_base, in_after) in gaps {
        let b: Vec<usize> = in_base.filter(|b| is_free[*b]).collect();
        let a: Vec<usize> = in_after.filter(|a| origins[*a].is_none()).collect();
        if a.len() == b.len() {
            a.into_iter().zip(b).for_each(|(a, b)| origins[a] = Some(b));
            continue;
        }
        let blocks_of_base: Vec<_> = b.iter().map(|b| &base[*b].blocks).collect();
        let blocks_of_after: Vec<_> = a.iter().map(|a| &after[*a].blocks).collect();
        for (in_b, in_a) in diff(&blocks_of_base, &blocks_of_after) {
            origins[a[in_a]] = Some(b[in_b]);
        }
    }
    origins
}
