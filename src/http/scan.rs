//! Finds where the elements of listed arrays begin and end, without parsing them.
//!
//! Elements are handed on as bytes. All else, the envelope, is kept with the arrays hollowed out,
//! to be parsed at the end: there a cut body, trailing garbage and `success:false` are seen.

use memchr::memchr;

use super::{Listed, Receive, Recognised};

/// Where the listed arrays are: the keys that lead there from the top; `None` is any key.
pub type Path = &'static [Option<&'static str>];

/// How much there may be outside of the elements.
const ENVELOPE_LIMIT: usize = 1 << 20;

/// How deep the envelope may be nested: as deep as `serde_json` goes.
const DEPTH_LIMIT: usize = 127;

/// What ended a scan.
#[derive(Debug)]
pub(crate) enum Broken {
    /// This is not the JSON that was asked for.
    Garbled(String),
    /// The receiver of the elements failed.
    Receiver(anyhow::Error),
}

/// The state of a scan; survives refills of the buffer.
pub(crate) struct Scanner {
    path: Path,
    place: Place,
    envelope: Vec<u8>,
    string: Text,
    open: Vec<Container>,
    name: String,
    element: Element,
    count: u64,
    recognises: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Envelope,
    /// In a listed array: what may come next.
    Between(Next),
    Element,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    ElementOrEnd,
    Element,
    CommaOrEnd,
}

/// Whether the envelope is inside a string.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    No,
    Yes { key: bool, escaped: bool },
}

struct Container {
    object: bool,
    /// Of the present member; raw.
    key: Vec<u8>,
    awaits_key: bool,
}

/// How far the present element was looked through.
#[derive(Default)]
struct Element {
    at: usize,
    depth: u32,
    in_string: bool,
}

impl Scanner {
    pub(crate) fn new(path: Path) -> Self {
        Self {
            path,
            place: Place::Envelope,
            envelope: Vec::new(),
            string: Text::No,
            open: Vec::new(),
            name: String::new(),
            element: Element::default(),
            count: 0,
            recognises: true,
        }
    }

    /// No more bytes will come: elements are known by their borders alone from here on.
    pub(crate) fn recognise_no_more(&mut self) {
        self.recognises = false;
    }

    /// How many elements there were.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Looks through what came; gives how much of it is done with. The rest is the beginning of
    /// an element, and is to stand at the front of the next call's `bytes`.
    pub(crate) fn scan(&mut self, bytes: &[u8], each: &mut dyn Receive) -> Result<usize, Broken> {
        let mut done = 0;
        while let Some(&byte) = bytes.get(done) {
            match self.place {
                Place::Envelope => {
                    self.envelope(byte)?;
                    done += 1;
                }
                Place::Between(next) => {
                    self.place = between(next, byte)?;
                    match self.place {
                        Place::Element => continue,
                        Place::Envelope => self.envelope(byte)?,
                        Place::Between(_) => {}
                    }
                    done += 1;
                }
                Place::Element => {
                    let Some(length) = self.element(&bytes[done..], each)? else { break };
                    done += length;
                    self.count += 1;
                    self.element = Element::default();
                    self.place = Place::Between(Next::CommaOrEnd);
                }
            }
        }
        Ok(done)
    }

    /// Hands on the element that `bytes` begin with, unless it is recognised; its length, once it
    /// is there in whole.
    fn element(&mut self, bytes: &[u8], each: &mut dyn Receive) -> Result<Option<usize>, Broken> {
        if self.recognises && self.element.at == 0 {
            match each.recognise(bytes) {
                Recognised::Yes(length) => return Ok(Some(length)),
                Recognised::Short => return Ok(None),
                Recognised::No => {}
            }
        }
        let Some(length) = self.element.end(bytes) else { return Ok(None) };
        each.take(Listed::Element(&self.name, &bytes[..length])).map_err(Broken::Receiver)?;
        Ok(Some(length))
    }

    /// The envelope, when the body has come to its end.
    pub(crate) fn finish(self) -> Result<Vec<u8>, Broken> {
        if self.place == Place::Envelope && self.open.is_empty() {
            Ok(self.envelope)
        } else {
            Err(Broken::Garbled("the body was cut".to_owned()))
        }
    }

    fn envelope(&mut self, byte: u8) -> Result<(), Broken> {
        if self.envelope.len() >= ENVELOPE_LIMIT {
            return Err(Broken::Garbled("more than 1 MiB beside the list".to_owned()));
        }
        self.envelope.push(byte);
        match self.string {
            Text::Yes { key, escaped } => self.in_string(byte, key, escaped),
            Text::No => self.structure(byte)?,
        }
        Ok(())
    }

    fn in_string(&mut self, byte: u8, key: bool, escaped: bool) {
        if byte == b'"' && !escaped {
            self.string = Text::No;
            return;
        }
        self.string = Text::Yes { key, escaped: byte == b'\\' && !escaped };
        if let Some(top) = self.open.last_mut().filter(|_| key) {
            top.key.push(byte);
        }
    }

    fn structure(&mut self, byte: u8) -> Result<(), Broken> {
        match byte {
            b'"' => {
                let mut key = false;
                if let Some(top) = self.open.last_mut().filter(|top| top.awaits_key) {
                    top.key.clear();
                    top.awaits_key = false;
                    key = true;
                }
                self.string = Text::Yes { key, escaped: false };
            }
            b',' => {
                if let Some(top) = self.open.last_mut() {
                    top.awaits_key = top.object;
                }
            }
            b'{' => self.enter(true)?,
            b'[' if self.is_listed() => {
                self.enter(false)?;
                self.place = Place::Between(Next::ElementOrEnd);
            }
            b'[' => self.enter(false)?,
            b'}' | b']' => {
                self.open.pop();
            }
            _ => {}
        }
        Ok(())
    }

    fn enter(&mut self, object: bool) -> Result<(), Broken> {
        if self.open.len() >= DEPTH_LIMIT {
            return Err(Broken::Garbled("nested too deep".to_owned()));
        }
        self.open.push(Container { object, key: Vec::new(), awaits_key: object });
        Ok(())
    }

    /// Whether the array that begins here is one of those listed; remembers under which name.
    fn is_listed(&mut self) -> bool {
        let leads_here = self.open.len() == self.path.len()
            && self.open.iter().zip(self.path).all(|(container, step)| {
                container.object && step.is_none_or(|key| key.as_bytes() == container.key)
            });
        if leads_here {
            let wild = self.path.iter().position(Option::is_none);
            self.name = wild.map(|at| unescape(&self.open[at].key)).unwrap_or_default();
        }
        leads_here
    }
}

fn between(next: Next, byte: u8) -> Result<Place, Broken> {
    match (byte, next) {
        (b' ' | b'\n' | b'\r' | b'\t', _) => Ok(Place::Between(next)),
        (b'{', Next::ElementOrEnd | Next::Element) => Ok(Place::Element),
        (b']', Next::ElementOrEnd | Next::CommaOrEnd) => Ok(Place::Envelope),
        (b',', Next::CommaOrEnd) => Ok(Place::Between(Next::Element)),
        _ => Err(Broken::Garbled("an element of the list is no object".to_owned())),
    }
}

impl Element {
    /// The element's length, once its last brace is among `bytes`, which begin with its first.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        while self.at < bytes.len() {
            if self.in_string {
                // The quote is the one byte to look for; whether it is escaped, the backslashes
                // before it tell. They are all here: an element is never cut in the buffer.
                let Some(quote) = memchr(b'"', &bytes[self.at..]) else { break };
                let quote = self.at + quote;
                let backslashes =
                    bytes[..quote].iter().rev().take_while(|byte| **byte == b'\\').count();
                self.in_string = backslashes % 2 == 1;
                self.at = quote + 1;
                continue;
            }
            match bytes[self.at] {
                b'"' => self.in_string = true,
                b'{' => self.depth += 1,
                b'}' => self.depth -= 1,
                _ => {}
            }
            self.at += 1;
            if self.depth == 0 {
                return Some(self.at);
            }
        }
        self.at = bytes.len();
        None
    }
}

fn unescape(raw: &[u8]) -> String {
    let quoted = [b"\"", raw, b"\""].concat();
    serde_json::from_slice(&quoted).unwrap_or_else(|_| String::from_utf8_lossy(raw).into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

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

    fn any_json() -> impl Strategy<Value = Value> {
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

    fn any_text() -> impl Strategy<Value = String> {
        // Rich in what matters: quotes, backslashes, braces, more than one byte a character.
        prop_oneof!["[\\\\\"{}\\[\\],:a\u{e9}\u{1f600}\n]{0,12}", Just("data".to_owned()), ".{0,6}"]
    }

    fn any_object() -> impl Strategy<Value = Value> {
        prop::collection::vec((any_text(), any_json()), 0..5)
            .prop_map(|pairs| pairs.into_iter().collect::<Map<_, _>>().into())
    }

    fn text_of(value: &Value, pretty: bool) -> Vec<u8> {
        let text =
            if pretty { serde_json::to_vec_pretty(value) } else { serde_json::to_vec(value) };
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
}
