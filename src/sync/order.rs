//! The order in which new items are created: oldest first, so that the numbers and times of the other side
//! follow the order in which people wrote them.

use crate::model::{Millis, Side};

use super::desk::Desk;
use super::item::Item;
use super::marker::number_of;
use super::trouble::Result;

/// When an item was written: by number, by time, by the first letters of its id. Issues have the first,
/// tasks the others.
type Age = (u64, Millis, u64);

/// Puts the creates among these items behind all others, oldest first.
pub(super) fn creates_oldest_first(desk: &Desk<'_>, items: &mut Vec<Item>) -> Result<()> {
    let mut creates = Vec::new();
    for item in items.iter() {
        if let Some(age) = age(desk, item)? {
            creates.push((age, *item));
        }
    }
    creates.sort_by_key(|&(age, _)| age);
    items.retain(|item| !matches!(item, Item::NewTask { .. } | Item::NewIssue { .. }));
    items.extend(creates.into_iter().map(|(_, item)| item));
    Ok(())
}

fn age(desk: &Desk<'_>, item: &Item) -> Result<Option<Age>> {
    let (side, slot) = match *item {
        Item::NewTask { issue, .. } => (Side::Huly, issue),
        Item::NewIssue { task, .. } => (Side::Vibe, task),
        _ => return Ok(None),
    };
    let staged = desk.stage.get(side, slot as usize)?;
    let number = if side == Side::Huly { number(&staged.name) } else { 0 };
    Ok(Some((number, staged.created.unwrap_or(Millis::MAX), first_letters(&staged.name))))
}

fn first_letters(name: &str) -> u64 {
    let mut bytes = [0; 8];
    name.bytes().zip(&mut bytes).for_each(|(byte, place)| *place = byte);
    u64::from_be_bytes(bytes)
}

/// The number of an identifier; one that has none comes last.
fn number(identifier: &str) -> u64 {
    number_of(identifier).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_numbers() {
        assert!(number("P-9") < number("P-10"));
        assert!(number("MY-P-9") < number("A-10"));
        assert_eq!(number("P"), u64::MAX);
    }

    #[test]
    fn names_that_begin_alike_are_in_the_order_of_their_letters() {
        assert!(first_letters("1a9b4c2d-77") < first_letters("1a9b4c2e-11"));
        assert!(first_letters("a") < first_letters("ab"));
    }
}
