//! Any body, in any pieces, gives what `serde_json` gives.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::arbitrary::{any_object, any_text};
use super::*;

const FLAT: Path = &[Some("data")];
const SHARED: Path = &[Some("projects"), None, Some("issues")];

/// The elements by name, and the envelope, of a body that comes in pieces of these sizes.
fn scan_in_pieces(
    path: Path,
    body: &[u8],
    sizes: &[usize],
) -> Result<(Vec<(String, Value)>, Value), String> {
    let mut scanner = Scanner::new(path);
    let (mut rest, mut buffer, mut found) = (body, Vec::new(), Vec::new());
    let mut sizes = sizes.iter().copied().chain(std::iter::repeat(7));
    while !rest.is_empty() {
        let (piece, later) = rest.split_at(sizes.next().unwrap_or(1).clamp(1, rest.len()));
        buffer.extend_from_slice(piece);
        rest = later;
        let done = scanner
            .scan(&buffer, &mut |news: Listed<'_>| {
                if let Listed::Element(name, element) = news {
                    found.push((name.to_owned(), serde_json::from_slice(element)?));
                }
                Ok(())
            })
            .map_err(|broken| format!("{broken:?}"))?;
        buffer.drain(..done);
    }
    let envelope = scanner.finish().map_err(|broken| format!("{broken:?}"))?;
    Ok((found, serde_json::from_slice(&envelope).map_err(|error| error.to_string())?))
}

fn text_of(value: &Value, pretty: bool) -> Vec<u8> {
    let text = if pretty { serde_json::to_vec_pretty(value) } else { serde_json::to_vec(value) };
    text.unwrap()
}

/// A body that comes in these pieces.
struct Pieces<'a>(&'a mut dyn Iterator<Item = &'a [u8]>);

impl std::io::Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let piece = self.0.next().unwrap_or_default();
        into[..piece.len()].copy_from_slice(piece);
        Ok(piece.len())
    }
}

/// Knows what a list held before, and writes down what it is given now.
struct Acquainted {
    before: std::vec::IntoIter<Vec<u8>>,
    expected: Option<Vec<u8>>,
    taken: Vec<Vec<u8>>,
}

impl Receive for Acquainted {
    fn take(&mut self, news: Listed<'_>) -> anyhow::Result<()> {
        if let Listed::Element(_, element) = news {
            self.taken.push(element.to_vec());
            self.expected = self.before.next();
        }
        Ok(())
    }

    fn recognise(&mut self, bytes: &[u8]) -> Recognised {
        let Some(expected) = self.expected.clone() else { return Recognised::No };
        if bytes.len() < expected.len() {
            return Recognised::Short;
        }
        if !bytes.starts_with(&expected) {
            return Recognised::No;
        }
        self.expected = self.before.next();
        let length = expected.len();
        self.taken.push(expected);
        Recognised::Yes(length)
    }
}

proptest! {
    #[test]
    fn what_is_recognised_or_not_each_element_is_taken_once_and_in_order(
        before in prop::collection::vec(any_object(), 0..6),
        changes in prop::collection::vec(prop::option::of(any_object()), 0..6),
        sizes in prop::collection::vec(1..40_usize, 0..60),
    ) {
        let now: Vec<Value> = (0..before.len())
            .map(|at| changes.get(at).cloned().flatten().unwrap_or_else(|| before[at].clone()))
            .collect();
        let bytes_of = |list: &[Value]| -> Vec<Vec<u8>> {
            list.iter().map(|value| text_of(value, false)).collect()
        };
        let mut before = bytes_of(&before).into_iter();
        let expected = before.next();
        let mut known = Acquainted { before, expected, taken: Vec::new() };
        let body = text_of(&json!({"data": now, "success": true}), false);
        let mut rest = body.as_slice();
        let mut sizes = sizes.into_iter().chain(std::iter::repeat(7));
        let mut reader = std::iter::from_fn(|| {
            let size = sizes.next()?.min(rest.len());
            let (piece, later) = rest.split_at(size);
            rest = later;
            Some(piece)
        });
        let mut pieces = Pieces(&mut reader);
        let streamed = super::super::body::stream(&mut pieces, FLAT, &mut |_| {}, &mut known);
        prop_assert_eq!(streamed.map(|list| list.count).ok(), Some(now.len() as u64));
        prop_assert_eq!(known.taken, bytes_of(&now));
    }

    #[test]
    fn a_flat_list_gives_what_serde_json_gives(
        elements in prop::collection::vec(any_object(), 0..6),
        around in any_object(),
        pretty: bool,
        sizes in prop::collection::vec(1..40_usize, 0..60),
    ) {
        let mut hollow = around;
        hollow["data"] = json!([]);
        let mut full = hollow.clone();
        full["data"] = Value::from(elements.clone());
        let scanned = scan_in_pieces(FLAT, &text_of(&full, pretty), &sizes);
        let (found, envelope) = scanned.map_err(TestCaseError::fail)?;
        prop_assert_eq!(found.into_iter().map(|(_, value)| value).collect::<Vec<_>>(), elements);
        prop_assert_eq!(envelope, hollow);
    }

    #[test]
    fn a_shared_list_tells_whose_each_element_is(
        projects in prop::collection::btree_map(
            any_text(), (prop::collection::vec(any_object(), 0..4), any_object()), 0..4),
        pretty: bool,
        sizes in prop::collection::vec(1..40_usize, 0..60),
    ) {
        let (mut full, mut hollow) = (json!({"projects": {}}), json!({"projects": {}}));
        let mut expected = Vec::new();
        for (name, (elements, around)) in projects {
            hollow["projects"][&name] = around.clone();
            hollow["projects"][&name]["issues"] = json!([]);
            full["projects"][&name] = around;
            full["projects"][&name]["issues"] = Value::from(elements.clone());
            expected.extend(elements.into_iter().map(|element| (name.clone(), element)));
        }
        let scanned = scan_in_pieces(SHARED, &text_of(&full, pretty), &sizes);
        let (mut found, envelope) = scanned.map_err(TestCaseError::fail)?;
        found.sort_by(|a, b| a.0.cmp(&b.0));
        prop_assert_eq!(found, expected);
        prop_assert_eq!(envelope, hollow);
    }

    #[test]
    fn a_body_that_is_cut_anywhere_is_no_list(
        elements in prop::collection::vec(any_object(), 0..4), cut: prop::sample::Index,
    ) {
        let body = text_of(&json!({"data": elements, "success": true}), false);
        let kept = &body[..cut.index(body.len())];
        prop_assert!(scan_in_pieces(FLAT, kept, &[]).is_err());
    }
}

#[test]
fn what_is_no_list_of_objects_is_refused() {
    for body in [
        r#"{"data":[1]}"#,
        r#"{"data":[{},]}"#,
        r#"{"data":[{}{}]}"#,
        r#"{"data":[,{}]}"#,
        r#"{"data":[{}]} more"#,
        r#"{"data":[{}]}}"#,
        r#"{"data":[[]]}"#,
    ] {
        assert!(scan_in_pieces(FLAT, body.as_bytes(), &[]).is_err(), "{body}");
    }
}

#[test]
fn a_list_at_the_top_has_an_empty_path() {
    let (found, envelope) = scan_in_pieces(&[], br#" [{"a":1}, {"a":2}] "#, &[]).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(envelope, json!([]));
}

#[test]
fn equal_keys_deeper_down_are_not_the_list() {
    let body = br#"{"x":{"data":[1]},"y":[{"data":[2]}],"data":[{"data":[3]}]}"#;
    let (found, envelope) = scan_in_pieces(FLAT, body, &[]).unwrap();
    assert_eq!(found, [(String::new(), json!({"data":[3]}))]);
    assert_eq!(envelope, json!({"x":{"data":[1]},"y":[{"data":[2]}],"data":[]}));
}
