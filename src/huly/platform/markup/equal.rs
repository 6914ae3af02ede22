//! When two pieces of markup are the same.

use serde_json::{Map, Value};

/// Whether two nodes or documents say the same: the collaborator drops empty `marks`, `content` and
/// `attrs`, and attributes that are `null`; marks are a set. Meant for documents as read from JSON,
/// which nest at most 128 deep.
#[must_use]
pub fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => members(a, b) && members(b, a),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        _ => a == b,
    }
}

/// Whether what the one has is in the other too.
fn members(a: &Map<String, Value>, b: &Map<String, Value>) -> bool {
    a.iter().all(|(name, value)| match b.get(name) {
        _ if is_void(value) => b.get(name).is_none_or(is_void),
        None => false,
        Some(other) if name == "marks" => same_set(value, other),
        Some(other) => equal(value, other),
    })
}

fn is_void(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.values().all(is_void),
        _ => false,
    }
}

fn same_set(a: &Value, b: &Value) -> bool {
    let (Value::Array(a), Value::Array(b)) = (a, b) else { return equal(a, b) };
    a.len() == b.len() && a.iter().all(|mark| b.iter().any(|other| equal(mark, other)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_empty_may_be_left_out() {
        let full = json!({"type": "text", "text": "a", "marks": [], "attrs": {"id": null}});
        let bare = json!({"text": "a", "type": "text"});
        assert!(equal(&full, &bare) && equal(&bare, &full));
        assert!(!equal(&bare, &json!({"type": "text", "text": "b"})));
    }

    #[test]
    fn marks_are_a_set() {
        let a = json!({"marks": [{"type": "bold"}, {"type": "code", "attrs": {}}]});
        let b = json!({"marks": [{"type": "code"}, {"type": "bold"}]});
        assert!(equal(&a, &b));
        assert!(!equal(&a, &json!({"marks": [{"type": "bold"}]})));
    }
}
