//! Keeps a block within its limit, and JSON.

use serde_json::Value;

/// Under this key a block says that it was cut.
const NOTE: &str = "cut";

/// The shortest that a text is cut to.
const SHORTEST: usize = 12;

/// A value as JSON of at most so many characters, cut where it is longer: lists from their ends, the
/// longest first, then texts, the longest first; with a note. Letta counts characters, not bytes.
/// Below two characters there is no such JSON but a digit, and none at all at zero.
#[must_use]
pub fn fit(mut value: Value, limit: usize) -> String {
    let mut text = value.to_string();
    let mut length = text.chars().count();
    if length <= limit {
        return text;
    }
    if let Some(object) = value.as_object_mut() {
        object.insert(NOTE.to_owned(), note(limit).into());
    }
    loop {
        let over = length.saturating_sub(limit);
        if !drop_last(&mut value, over) && !shorten(&mut value) {
            return bare(limit);
        }
        text = value.to_string();
        length = text.chars().count();
        if length <= limit {
            return text;
        }
    }
}

fn note(limit: usize) -> String {
    format!("to fit {limit} characters")
}

/// What is left when nothing of the value fits.
fn bare(limit: usize) -> String {
    let noted = format!("{{\"{NOTE}\":\"{}\"}}", note(limit));
    [noted.as_str(), "{}", "0"]
        .into_iter()
        .find(|text| text.chars().count() <= limit)
        .unwrap_or_default()
        .to_owned()
}

/// Drops what is last in the longest list, and more of it up to `over` characters; false where all
/// lists are empty.
fn drop_last(value: &mut Value, over: usize) -> bool {
    let Some(list) = longest(value, &mut |part| match part {
        Value::Array(list) if !list.is_empty() => part.to_string().len(),
        _ => 0,
    }) else {
        return false;
    };
    let Value::Array(list) = list else { return false };
    let mut freed = 0;
    // Half of it at most: then another one may be the longest.
    for _ in 0..list.len().div_ceil(2) {
        freed += list.pop().map_or(0, |last| last.to_string().chars().count() + 1);
        if freed >= over {
            break;
        }
    }
    true
}

/// Halves the longest text, on a character's border; false where all are short.
fn shorten(value: &mut Value) -> bool {
    let Some(Value::String(text)) = longest(value, &mut |part| match part {
        Value::String(text) if text.chars().count() > SHORTEST => text.len(),
        _ => 0,
    }) else {
        return false;
    };
    let kept = (text.chars().count() / 2).max(SHORTEST - 1);
    *text = text.chars().take(kept).chain(['…']).collect();
    true
}

/// The part, the value itself included, that is longest by this measure; the first of equals, and
/// none where all measure nothing.
fn longest<'a>(
    value: &'a mut Value,
    measure: &mut dyn FnMut(&Value) -> usize,
) -> Option<&'a mut Value> {
    let mut best = (0, String::new());
    visit(value, String::new(), &mut |part, pointer| {
        let length = measure(part);
        if length > best.0 {
            best = (length, pointer.to_owned());
        }
    });
    if best.0 == 0 { None } else { value.pointer_mut(&best.1) }
}

fn visit(value: &Value, pointer: String, each: &mut dyn FnMut(&Value, &str)) {
    each(value, &pointer);
    match value {
        Value::Array(list) => {
            for (at, part) in list.iter().enumerate() {
                visit(part, format!("{pointer}/{at}"), each);
            }
        }
        Value::Object(members) => {
            for (name, part) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                visit(part, format!("{pointer}/{name}"), each);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::http::arbitrary::any_object;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn any_value_is_json_under_any_limit(value in any_object(), limit in 1_usize..600) {
            let text = fit(value.clone(), limit);
            prop_assert!(text.chars().count() <= limit, "{text}");
            prop_assert!(serde_json::from_str::<Value>(&text).is_ok(), "{text}");
            prop_assert_eq!(&text, &fit(value.clone(), limit));
            if value.to_string().chars().count() <= limit {
                prop_assert_eq!(text, value.to_string());
            }
        }
    }

    #[test]
    fn lists_lose_their_ends_before_texts_do() {
        let first: Vec<String> = (0..30).map(|number| format!("ä{number}")).collect();
        let value = json!({"name": "x".repeat(20), "first": first, "few": [1, 2]});
        let told: Value = serde_json::from_str(&fit(value.clone(), 150)).unwrap_or_default();
        let kept = told["first"].as_array().map(Vec::len).unwrap_or_default();
        assert!((5..30).contains(&kept), "{told}");
        assert_eq!(told["first"], json!(first[..kept]));
        assert_eq!(told["cut"], "to fit 150 characters");
        assert_eq!((&told["name"], &told["few"]), (&value["name"], &value["few"]));
    }

    #[test]
    fn texts_are_cut_between_characters() {
        let told: Value =
            serde_json::from_str(&fit(json!({"name": "💥".repeat(100)}), 80)).unwrap_or_default();
        let name = told["name"].as_str().unwrap_or_default();
        assert!(name.starts_with('💥') && name.ends_with('…'), "{told}");
    }

    #[test]
    fn where_nothing_fits_the_note_is_left_or_less() {
        assert_eq!(fit(json!({"a": 1234567890_u64}), 12), "{}");
        assert_eq!(fit(json!({"a": 1234567890_u64}), 1), "0");
        assert_eq!(fit(json!({"a": 1234567890_u64}), 0), "");
    }
}
