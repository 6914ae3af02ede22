//! The fields of a pair: what both sides last agreed on, and what each last showed.

use serde::Serialize;

use crate::model::{Field, Hash};
use crate::store::issues::Row;

/// One side's values. Texts are told as hashes of their normal form: the state holds no more of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Value {
    /// What it agreed to; `null`: never.
    pub(super) base: Option<String>,
    /// What it showed last; `null`: not known.
    pub(super) seen: Option<String>,
}

/// What became of a field since both sides agreed on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Since {
    /// Both show what they agreed to.
    Agreed,
    /// Huly shows another value.
    HulyChanged,
    /// Vibe Kanban shows another value.
    VibeChanged,
    /// Both show other values.
    BothChanged,
    /// They never agreed.
    NeverAgreed,
}

/// One field of a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Compared {
    pub(super) field: Field,
    pub(super) since: Since,
    pub(super) huly: Value,
    pub(super) vibe: Value,
}

/// The three fields of a linked row; none of an issue without a task.
pub(super) fn compare(row: &Row) -> Vec<Compared> {
    let Some(link) = &row.link else { return Vec::new() };
    let (huly, vibe) = (&link.huly, &link.vibe);
    let pair = |base: Option<String>, seen: Option<String>| Value { base, seen };
    vec![
        compared(
            Field::Title,
            pair(huly.title.clone(), Some(row.title.clone())),
            pair(vibe.title.clone(), Some(link.task_title.clone())),
        ),
        compared(
            Field::Status,
            pair(huly.status.clone(), row.status.clone()),
            pair(vibe.status.clone(), Some(link.task_status.clone())),
        ),
        compared(
            Field::Description,
            pair(huly.text.map(Hash::hex), row.text.map(Hash::hex)),
            pair(vibe.text.map(Hash::hex), Some(link.task_text.hex())),
        ),
    ]
}

fn compared(field: Field, huly: Value, vibe: Value) -> Compared {
    Compared { field, since: since(&huly, &vibe), huly, vibe }
}

fn since(huly: &Value, vibe: &Value) -> Since {
    if huly.base.is_none() || vibe.base.is_none() {
        return Since::NeverAgreed;
    }
    // A value that is not known has not changed as far as anybody can tell.
    let changed = |value: &Value| value.seen.is_some() && value.seen != value.base;
    match (changed(huly), changed(vibe)) {
        (false, false) => Since::Agreed,
        (true, false) => Since::HulyChanged,
        (false, true) => Since::VibeChanged,
        (true, true) => Since::BothChanged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(base: Option<&str>, seen: Option<&str>) -> Value {
        Value { base: base.map(str::to_owned), seen: seen.map(str::to_owned) }
    }

    #[test]
    fn a_side_is_compared_with_what_itself_agreed_to() {
        let (same, other) = (value(Some("a"), Some("a")), value(Some("a"), Some("b")));
        let (unknown, never) = (value(Some("a"), None), value(None, Some("a")));
        for (huly, vibe, wanted) in [
            (&same, &same, Since::Agreed),
            (&other, &same, Since::HulyChanged),
            (&unknown, &other, Since::VibeChanged),
            (&other, &other, Since::BothChanged),
            (&same, &never, Since::NeverAgreed),
        ] {
            assert_eq!(since(huly, vibe), wanted);
        }
    }
}
