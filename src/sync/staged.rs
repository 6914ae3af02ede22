//! One seen item as it is laid aside: a head of some hundred bytes, and its text apart.

use anyhow::{Context, Result};

use crate::huly::{Category, Issue, Text};
use crate::model::{Hash, Millis, Side};
use crate::store::elements::Element;
use crate::vibe::Task;

use super::marker::{Labelled, Marker, Own};
use super::merge::Shown;
use super::normal;

const DAMAGED: &str = "what this pass laid aside came back damaged: check the disk";

/// Where a text lies in its spool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub at: u64,
    /// Bytes.
    pub len: u32,
}

/// A seen item without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    /// Whose it is.
    pub side: Side,
    /// The issue's identifier, or the task's id.
    pub name: String,
    /// The backend's own id (Huly).
    pub remote_id: Option<String>,
    /// In normal form.
    pub title: String,
    /// In that side's own words.
    pub status: Option<String>,
    /// Its meaning, where the backend knows it.
    pub category: Option<Category>,
    /// Huly's.
    pub priority: String,
    /// That side's clock.
    pub created: Option<Millis>,
    /// That side's clock; a task's moves only when the server acts.
    pub modified: Option<Millis>,
    /// A shared task that may refuse writes.
    pub read_only: bool,
    /// Platform: an equal reference is an equal text.
    pub text_ref: Option<String>,
    /// Of the text in normal form, without the marker that it seems to bear; `None`: not read.
    pub text: Option<Hash>,
    /// The reference is that of the text last seen, so the text was not read: `text` is that one's.
    pub by_ref: bool,
    /// What it seems to be made from.
    pub marker: Option<Marker>,
    /// Some marker's label stands in the text: the hash holds for the pair that `marker` tells.
    pub labelled: bool,
    /// Where the text lies.
    pub span: Option<Span>,
    /// The bytes that were listed; `None` for one that was read alone.
    pub element: Option<Element>,
}

impl Staged {
    /// An issue, and its text if it came with one.
    #[must_use]
    pub fn issue(issue: Issue, element: Option<Element>) -> (Self, String) {
        let text = match issue.text {
            Text::Read(text) => Some(text),
            Text::Unread => None,
        };
        let mut staged = Self {
            side: Side::Huly,
            name: issue.identifier,
            remote_id: issue.id,
            title: trimmed(issue.title),
            status: issue.status,
            category: issue.category,
            priority: issue.priority,
            created: issue.created,
            modified: issue.modified,
            read_only: false,
            text_ref: issue.text_ref,
            text: None,
            by_ref: false,
            marker: None,
            labelled: false,
            span: None,
            element,
        };
        staged.read_text(text.as_deref());
        (staged, text.unwrap_or_default())
    }

    /// A task and its text, which always comes along.
    #[must_use]
    pub fn task(task: Task, element: Option<Element>) -> (Self, String) {
        let mut staged = Self {
            side: Side::Vibe,
            name: task.id,
            remote_id: None,
            title: trimmed(task.title),
            status: Some(task.status),
            category: None,
            priority: String::new(),
            created: task.created,
            modified: task.updated,
            read_only: task.read_only,
            text_ref: None,
            text: None,
            by_ref: false,
            marker: None,
            labelled: false,
            span: None,
            element,
        };
        staged.read_text(Some(&task.text));
        (staged, task.text)
    }

    /// The pair whose markers are no text: this item, and what its marker names.
    fn seeming_own(&self) -> Own<'_> {
        let named = match &self.marker {
            Some(Marker::Issue(identifier)) => Some(identifier.as_str()),
            Some(Marker::Task(id)) => Some(id.as_str()),
            None => None,
        };
        match (self.side, &self.marker) {
            (Side::Huly, Some(Marker::Issue(_))) => Own { issue: named, task: None },
            (Side::Huly, _) => Own { issue: Some(&self.name), task: named },
            (Side::Vibe, Some(Marker::Task(_))) => Own { issue: None, task: named },
            (Side::Vibe, _) => Own { issue: named, task: Some(&self.name) },
        }
    }

    fn read_text(&mut self, text: Option<&str>) {
        let Some(text) = text else { return };
        let Some(labelled) = Labelled::of(text) else {
            self.text = Some(normal::digest(text));
            return;
        };
        self.labelled = true;
        self.marker = labelled.marker();
        self.text = Some(normal::digest(&labelled.without_own(self.seeming_own())));
    }

    /// Whether `text` is right for a link to that other half; otherwise the text must be looked
    /// at again with the pair's own markers.
    #[must_use]
    pub fn text_fits(&self, other: &str) -> bool {
        !self.labelled
            || match &self.marker {
                Some(Marker::Issue(identifier)) => self.side == Side::Vibe && identifier == other,
                Some(Marker::Task(id)) => self.side == Side::Huly && id.eq_ignore_ascii_case(other),
                None => false,
            }
    }

    /// As the merge looks at it; when it was changed is not known of an item that is new.
    #[must_use]
    pub fn shown(&self) -> Shown<'_> {
        Shown {
            title: &self.title,
            status: self.status.as_deref(),
            category: self.category,
            text: self.text,
            changed: None,
        }
    }

    /// Appends the head to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        // First, since it is asked for alone.
        put_bytes(out, self.element.map(packed).as_ref().map(<[u8; 24]>::as_slice));
        out.push(
            u8::from(self.side == Side::Vibe)
                | u8::from(self.read_only) << 1
                | u8::from(self.labelled) << 2
                | u8::from(self.by_ref) << 3,
        );
        put_text(out, Some(&self.name));
        put_text(out, self.remote_id.as_deref());
        put_text(out, Some(&self.title));
        put_text(out, self.status.as_deref());
        out.push(match self.category {
            None => 0,
            Some(Category::UnStarted) => 1,
            Some(Category::ToDo) => 2,
            Some(Category::Active) => 3,
            Some(Category::Won) => 4,
            Some(Category::Lost) => 5,
        });
        put_text(out, Some(&self.priority));
        put_bytes(out, self.created.map(Millis::to_le_bytes).as_ref().map(<[u8; 8]>::as_slice));
        put_bytes(out, self.modified.map(Millis::to_le_bytes).as_ref().map(<[u8; 8]>::as_slice));
        put_text(out, self.text_ref.as_deref());
        put_bytes(out, self.text.as_ref().map(|hash| hash.0.as_slice()));
        match &self.marker {
            None => out.push(0),
            Some(Marker::Issue(identifier)) => {
                out.push(1);
                put_text(out, Some(identifier));
            }
            Some(Marker::Task(id)) => {
                out.push(2);
                put_text(out, Some(id));
            }
        }
        let span =
            self.span.map(|span| (u128::from(span.at) << 32 | u128::from(span.len)).to_le_bytes());
        put_bytes(out, span.as_ref().map(<[u8; 16]>::as_slice));
    }

    /// Reads what `encode` wrote.
    ///
    /// # Errors
    /// The bytes are not such a head: the spool was damaged.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        Reader(bytes).staged().context(DAMAGED)
    }
}

/// The listed bytes alone, of a head's first bytes.
///
/// # Errors
/// As [`Staged::decode`].
pub fn decode_element(bytes: &[u8]) -> Result<Option<Element>> {
    let element = Reader(bytes).array().context(DAMAGED)?;
    Ok(element.map(unpacked))
}

/// Length first (one more than it is; 0 is none), then the bytes.
fn put_bytes(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    let length = bytes.map_or(0, |bytes| u32::try_from(bytes.len() + 1).unwrap_or(0));
    if let Some(short) = u8::try_from(length).ok().filter(|&short| short < u8::MAX) {
        out.push(short);
    } else {
        out.push(u8::MAX);
        out.extend_from_slice(&length.to_le_bytes());
    }
    if length > 0 {
        out.extend_from_slice(bytes.unwrap_or_default());
    }
}

fn put_text(out: &mut Vec<u8>, text: Option<&str>) {
    put_bytes(out, text.map(str::as_bytes));
}

/// A title in normal form; almost all are.
fn trimmed(title: String) -> String {
    let normal = normal::title(&title);
    if normal.len() == title.len() { title } else { normal.to_owned() }
}

fn packed(element: Element) -> [u8; 24] {
    let mut packed = [0; 24];
    packed[..16].copy_from_slice(&element.hash.0);
    packed[16..20].copy_from_slice(&element.length.to_le_bytes());
    packed[20..].copy_from_slice(&element.place.to_le_bytes());
    packed
}

fn unpacked(packed: [u8; 24]) -> Element {
    let (mut hash, mut length, mut place) = ([0; 16], [0; 4], [0; 4]);
    hash.copy_from_slice(&packed[..16]);
    length.copy_from_slice(&packed[16..20]);
    place.copy_from_slice(&packed[20..]);
    let (length, place) = (u32::from_le_bytes(length), u32::from_le_bytes(place));
    Element { hash: Hash(hash), length, place }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (part, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(part)
    }

    /// The outer option is for damage, the inner one is the value's.
    fn bytes(&mut self) -> Option<Option<&'a [u8]>> {
        let length = match self.byte()? {
            u8::MAX => usize::try_from(u32::from_le_bytes(self.take(4)?.try_into().ok()?)).ok()?,
            short => usize::from(short),
        };
        match length.checked_sub(1) {
            None => Some(None),
            Some(length) => Some(Some(self.take(length)?)),
        }
    }

    fn text(&mut self) -> Option<Option<String>> {
        match self.bytes()? {
            None => Some(None),
            Some(bytes) => Some(Some(std::str::from_utf8(bytes).ok()?.to_owned())),
        }
    }

    fn array<const N: usize>(&mut self) -> Option<Option<[u8; N]>> {
        match self.bytes()? {
            None => Some(None),
            Some(bytes) => Some(Some(bytes.try_into().ok()?)),
        }
    }

    fn staged(&mut self) -> Option<Staged> {
        let element = self.array()?.map(unpacked);
        let flags = self.byte()?;
        Some(Staged {
            side: if flags & 1 == 0 { Side::Huly } else { Side::Vibe },
            read_only: flags & 2 != 0,
            labelled: flags & 4 != 0,
            by_ref: flags & 8 != 0,
            name: self.text()??,
            remote_id: self.text()?,
            title: self.text()??,
            status: self.text()?,
            category: match self.byte()? {
                1 => Some(Category::UnStarted),
                2 => Some(Category::ToDo),
                3 => Some(Category::Active),
                4 => Some(Category::Won),
                5 => Some(Category::Lost),
                _ => None,
            },
            priority: self.text()??,
            created: self.array()?.map(Millis::from_le_bytes),
            modified: self.array()?.map(Millis::from_le_bytes),
            text_ref: self.text()?,
            text: self.array()?.map(Hash),
            marker: match self.byte()? {
                0 => None,
                1 => Some(Marker::Issue(self.text()??)),
                2 => Some(Marker::Task(self.text()??)),
                _ => return None,
            },
            span: match self.array()?.map(u128::from_le_bytes) {
                None => None,
                Some(packed) => Some(Span {
                    at: u64::try_from(packed >> 32).ok()?,
                    len: u32::try_from(packed & u128::from(u32::MAX)).ok()?,
                }),
            },
            element,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn task(title: &str, text: &str) -> Task {
        Task {
            id: "959c4a8c-0000-4000-8000-00000000000a".into(),
            title: title.into(),
            status: "todo".into(),
            text: text.into(),
            created: Some(1_700_000_000_000),
            updated: None,
            read_only: false,
        }
    }

    proptest! {
        #[test]
        fn a_head_comes_back_as_it_was(title in ".{0,400}", text in "[a \n]{0,20}", at: u64, len: u32) {
            let element = Element { hash: Hash::of(b"x"), length: len, place: len / 2 };
            let mut staged = Staged::task(task(&title, &text), Some(element)).0;
            staged.span = Some(Span { at, len });
            staged.status = None;
            let mut bytes = Vec::new();
            staged.encode(&mut bytes);
            prop_assert_eq!(&Staged::decode(&bytes).unwrap(), &staged);
            prop_assert!(Staged::decode(&bytes[..bytes.len() - 1]).is_err());
        }
    }

    #[test]
    fn the_marker_is_no_part_of_the_text() {
        let plain = Staged::task(task("t", "text"), None).0;
        let marked = Staged::task(task("t", "text\n\n---\nHuly Issue: P-1"), None).0;
        assert_eq!(plain.text, marked.text);
        assert!(marked.text_fits("P-1") && !marked.text_fits("P-2"));
        assert!(plain.text_fits("P-2"));
    }
}
