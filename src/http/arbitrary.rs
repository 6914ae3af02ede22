//! Any JSON, for property tests.

use proptest::prelude::*;
use serde_json::{Map, Value};

pub(super) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((any_text(), inner), 0..5)
                .prop_map(|pairs| pairs.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

pub(super) fn any_text() -> impl Strategy<Value = String> {
    // Rich in what matters: quotes, backslashes, braces, more than one byte a character.
    prop_oneof!["[\\\\\"{}\\[\\],:a\u{e9}\u{1f600}\n]{0,12}", Just("data".to_owned()), ".{0,6}"]
}

pub(crate) fn any_object() -> impl Strategy<Value = Value> {
    prop::collection::vec((any_text(), any_json()), 0..5)
        .prop_map(|pairs| pairs.into_iter().collect::<Map<_, _>>().into())
}
