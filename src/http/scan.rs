//! Finds where the elements of listed arrays begin and end, without parsing them.
//!
//! Elements are handed on as bytes. All else, the envelope, is kept with the arrays hollowed out,
//! to be parsed at the end: there a cut body, trailing garbage and `success:false` are seen.

use memchr::memchr;

use super::{Listed, Receive, Recognised, object};

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
                self.in_string = object::is_escaped(&bytes[..quote]);
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
mod tests;
