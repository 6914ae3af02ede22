//! Reads both lists of a project, and lays aside what the last pass did not know.

use anyhow::Context as _;

use crate::http::{Kind, Listed, Receive, Recognised};
use crate::huly::{Found, Issue, Text, Texts};
use crate::model::{Hash, Millis, Side};
use crate::report::Mode;
use crate::store;
use crate::store::elements::{Element, Known};
use crate::store::issues::Row;
use crate::store::pending::Reason;

use super::blank;
use super::desk::Desk;
use super::marker;
use super::newest::Newest;
use super::normal::{self, BLANK};
use super::stage::{DOUBLE, Stage, UNREAD};
use super::staged::Staged;
use super::trouble::{Result, Trouble};

/// Identifiers asked for at once.
const CHUNK: usize = 100;

/// A project with more issues than this is not asked for all texts in one answer: the server
/// would be silent for longer than we wait.
const TEXTS_AT_ONCE: usize = 1000;

/// Huly's list: from the shared read where that has it, else its own.
pub(super) fn huly(desk: &mut Desk<'_>) -> Result<()> {
    let identifier = desk.project.identifier.clone();
    let pass = desk.pass;
    let with_text = desk.abilities().texts == Texts::Inline;
    let mut newest = Newest::default();
    let mut intake =
        Intake::new(&mut *desk.stage, &mut desk.known_huly, Side::Huly, |element, listed| {
            let issue = pass.huly.parse(element, with_text)?;
            newest.add(issue.modified);
            Ok(Staged::issue(issue, Some(listed)))
        });
    let fed = pass.feed.ended(&identifier).filter(|_| desk.mode == Mode::Incremental);
    let end = match fed {
        Some(end) => {
            pass.feed.each(&identifier, |element| intake.element(element))?;
            end.clone()
        }
        None => {
            let since = match desk.mode {
                Mode::Full => None,
                Mode::Incremental => desk.project.cursor,
            };
            pass.huly.list(&identifier, since, with_text, &mut intake)?
        }
    };
    desk.report.counts.seen.huly = u64::from(intake.listed);
    desk.newest =
        newest.believable(end.server_time).map(|at| end.until.map_or(at, |end| at.min(end)));
    if is_set_back(desk.project.cursor, end.server_time) {
        // What is edited until Huly's clock has caught up would not be listed: all of it is read, and
        // the next read begins by the clock as it is now.
        if desk.mode == Mode::Incremental {
            return Err(Trouble::NeedsFull);
        }
        desk.is_clock_set_back = true;
        desk.newest = desk.newest.or(end.server_time);
    }
    if desk.mode == Mode::Incremental && knows_one(desk, &end.removed)? {
        return Err(Trouble::NeedsFull);
    }
    Ok(())
}

/// Whether Huly's clock is behind the place where a read of changes begins. That place was never beyond
/// Huly's own time.
fn is_set_back(cursor: Option<Millis>, server_time: Option<Millis>) -> bool {
    cursor.zip(server_time).is_some_and(|(cursor, now)| now < cursor)
}

/// Whether an issue of this project is among those that were deleted: all of it is read then, since a
/// deletion is believed only where a whole list lacks the issue too.
fn knows_one(desk: &Desk<'_>, removed: &[String]) -> Result<bool> {
    let id = desk.project.id;
    Ok(desk.pass.store.read(|state| {
        for issue in removed {
            if store::issues::is_linked_by_id(state, id, issue)? {
                return Ok(true);
            }
        }
        Ok(false)
    })?)
}

/// Vibe's list, which is always everything.
pub(super) fn vibe(desk: &mut Desk<'_>) -> Result<()> {
    let Some(id) = desk.vibe_id.clone() else { return Ok(()) };
    let vibe = &desk.pass.vibe;
    let mut intake =
        Intake::new(&mut *desk.stage, &mut desk.known_vibe, Side::Vibe, |element, listed| {
            Ok(Staged::task(vibe.parse(element)?, Some(listed)))
        });
    vibe.tasks(&id, &mut intake)?;
    desk.report.counts.seen.vibe = u64::from(intake.listed);
    Ok(())
}

/// Puts both sides in order, and finds the items that share a name with another.
pub(super) fn sort(desk: &mut Desk<'_>) -> Result<()> {
    for (side, known) in [(Side::Huly, &desk.known_huly), (Side::Vibe, &desk.known_vibe)] {
        desk.stage.sort(side)?;
        // One of the two may be an old acquaintance.
        for key in known.seen() {
            if let Some(slot) = desk.stage.find_key(side, key) {
                desk.stage.set(side, slot, DOUBLE);
            }
        }
    }
    Ok(())
}

/// Reads what the lists did not tell: pending issues that were not listed, and the texts of those
/// that were.
pub(super) fn apart(desk: &mut Desk<'_>) -> Result<()> {
    let due: Vec<String> = desk
        .pending
        .iter()
        .filter(|(item, pending)| !marker::is_task_id(item) && desk.is_due(pending))
        // What waits for a status is as it was last seen.
        .filter(|(_, pending)| pending.reason != Reason::Unmapped)
        .map(|(item, _)| item.clone())
        .filter(|item| desk.stage.find(Side::Huly, item).is_none())
        .collect();
    for chunk in due.chunks(CHUNK) {
        issues(desk, chunk)?;
    }
    if !due.is_empty() {
        // Only the order: one that is known and was read again is no double of itself.
        desk.stage.sort(Side::Huly)?;
    }
    if desk.abilities().texts == Texts::Inline {
        return Ok(());
    }
    let mut unread = Vec::new();
    for slot in 0..desk.stage.slots(Side::Huly).len() {
        if !desk.stage.has(Side::Huly, slot, UNREAD) {
            continue;
        }
        let item = desk.stage.get(Side::Huly, slot)?;
        if let Some(text) = as_before(desk, &item)? {
            desk.stage.recall(Side::Huly, slot, text)?;
            continue;
        }
        // Of two with one identifier the one that is reached tells, at least, which task is its.
        if unread.last() != Some(&item.name) {
            unread.push(item.name);
        }
    }
    let listed = usize::try_from(desk.report.counts.seen.huly).unwrap_or(usize::MAX);
    let at_once = desk.abilities().texts == Texts::OnRequest;
    if at_once && unread.len() > CHUNK && unread.len() == listed && listed <= TEXTS_AT_ONCE {
        return all_texts(desk);
    }
    for chunk in unread.chunks(CHUNK) {
        issues(desk, chunk)?;
    }
    unproven(desk)
}

/// Texts that read blank when they were first seen, while no issue of the project gave one: read
/// again when one does, and in a full pass. A project really without texts costs no more than that.
fn unproven(desk: &mut Desk<'_>) -> Result<()> {
    if desk.abilities().texts != Texts::OnRequest {
        return Ok(());
    }
    if desk.mode == Mode::Full {
        believed_blank(desk)?;
    }
    if desk.mode == Mode::Incremental && !blank::gives_a_text(desk)? {
        return Ok(());
    }
    let id = desk.project.id;
    let mut names = desk.pass.store.read(|state| store::issues::unproven(state, id, BLANK))?;
    desk.reads_unproven = !names.is_empty();
    names.retain(|name| desk.stage.find(Side::Huly, name).is_none());
    for chunk in names.chunks(CHUNK) {
        issues(desk, chunk)?;
    }
    if !names.is_empty() {
        desk.stage.sort(Side::Huly)?;
    }
    Ok(())
}

/// Texts that were believed to be blank: nothing can prove that a bridge did not merely fail to give
/// them, so a full pass asks for them once more. What reads blank again is as known as before.
fn believed_blank(desk: &mut Desk<'_>) -> Result<()> {
    let (id, now) = (desk.project.id, desk.pass.now);
    let mut names =
        desk.pass.store.read(|state| store::issues::believed_blank(state, id, BLANK, now))?;
    names.retain(|name| desk.stage.find(Side::Huly, name).is_none());
    let count = desk.stage.slots(Side::Huly).len();
    for chunk in names.chunks(CHUNK) {
        issues_that(
            desk,
            chunk,
            |issue| matches!(&issue.text, Text::Read(text) if normal::digest(text) != BLANK),
        )?;
    }
    if desk.stage.slots(Side::Huly).len() > count {
        desk.stage.sort(Side::Huly)?;
    }
    Ok(())
}

/// The text that a linked issue had when its reference was the same. Of others the marker counts,
/// which stands in the text.
fn as_before(desk: &Desk<'_>, item: &Staged) -> Result<Option<Hash>> {
    let Some(reference) = &item.text_ref else { return Ok(None) };
    let id = desk.project.id;
    let row = desk.pass.store.read(|state| store::issues::by_identifier(state, id, &item.name))?;
    let is_same = |row: &Row| {
        row.link.is_some()
            && row.text_ref.as_ref() == Some(reference)
            && row.remote_id == item.remote_id
    };
    Ok(row.filter(is_same).and_then(|row| row.text))
}

/// Reads these issues by identifier, texts included. What is not listed is laid aside too.
fn issues(desk: &mut Desk<'_>, identifiers: &[String]) -> Result<()> {
    issues_that(desk, identifiers, |_| true)
}

/// The same, and lays aside only those that count.
fn issues_that(
    desk: &mut Desk<'_>,
    identifiers: &[String],
    counts: impl Fn(&Issue) -> bool,
) -> Result<()> {
    let names: Vec<&str> = identifiers.iter().map(String::as_str).collect();
    let pass = desk.pass;
    let mut gone = Vec::new();
    let mut failed = Vec::new();
    let stage = &mut *desk.stage;
    pass.huly.read(&names, &mut |found| {
        match found {
            Found::Issue(issue) if counts(&issue) => lay(stage, issue)?,
            Found::Issue(_) => {}
            Found::Gone(identifier) => gone.push(identifier),
            Found::Failed(identifier, error) => failed.push((identifier, error)),
        }
        Ok(())
    })?;
    for (identifier, error) in failed {
        if error.kind == Kind::Stopped {
            return Err(error.into());
        }
        let message = error.to_string();
        if error.kind.is_transient() || error.kind.is_setup() {
            desk.mark(&identifier, Reason::Failed, None, message);
        } else {
            // It stays so until somebody edits the text, and is in the way of nothing else.
            desk.hold(&identifier, Hash::of(message.as_bytes()), message);
        }
    }
    for identifier in gone {
        not_found(desk, &identifier)?;
    }
    Ok(())
}

fn lay(stage: &mut Stage, issue: Issue) -> anyhow::Result<()> {
    let slot = match stage.find(Side::Huly, &issue.identifier) {
        Some(first) => match of_id(stage, first, issue.id.as_deref())? {
            Some(slot) => Some(slot),
            // The other of two, which the last pass knew: it is not looked at again.
            None => return Ok(()),
        },
        None => None,
    };
    // The bytes that were listed are kept in mind: they are what the next list may repeat.
    let element = match slot {
        Some(slot) => stage.element(Side::Huly, slot)?,
        None => None,
    };
    let (staged, text) = Staged::issue(issue, element);
    match slot {
        Some(slot) => stage.replace(Side::Huly, slot, staged, Some(&text)),
        None => stage.push(staged, Some(&text)),
    }
}

/// Of the slots that share a name, beginning with `first`, the one with this id of the backend's.
fn of_id(stage: &Stage, first: usize, id: Option<&str>) -> anyhow::Result<Option<usize>> {
    if id.is_none() || !stage.has(Side::Huly, first, DOUBLE) {
        return Ok(Some(first));
    }
    let key = stage.slots(Side::Huly)[first].key;
    let same = |slot: &usize| stage.slots(Side::Huly)[*slot].key == key;
    for slot in (first..stage.slots(Side::Huly).len()).take_while(same) {
        if stage.get(Side::Huly, slot)?.remote_id.as_deref() == id {
            return Ok(Some(slot));
        }
    }
    Ok(None)
}

/// A direct "not found". Whether a linked issue is really gone, only a full list can tell.
fn not_found(desk: &mut Desk<'_>, identifier: &str) -> Result<()> {
    let id = desk.project.id;
    let row = desk.pass.store.read(|state| store::issues::by_identifier(state, id, identifier))?;
    let linked = row.is_some_and(|row| row.link.is_some());
    if linked && desk.mode == Mode::Incremental {
        return Err(Trouble::NeedsFull);
    }
    Ok(())
}

/// Everything is new: one more list with all texts costs less than asking for each.
fn all_texts(desk: &mut Desk<'_>) -> Result<()> {
    let pass = desk.pass;
    let stage = &mut *desk.stage;
    pass.huly.list(&desk.project.identifier, None, true, &mut |listed: Listed<'_>| {
        let Listed::Element(_, element) = listed else { return Ok(()) };
        let issue = pass.huly.parse(element, true)?;
        // One that is new since the first list waits for the next pass.
        if stage.find(Side::Huly, &issue.identifier).is_some() {
            lay(stage, issue)?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Takes the elements of one list: parses and lays aside those whose bytes are not those of the
/// last pass.
struct Intake<'a, P> {
    stage: &'a mut Stage,
    known: &'a mut Known,
    side: Side,
    parse: P,
    listed: u32,
}

impl<'a, P> Intake<'a, P>
where
    P: FnMut(&[u8], Element) -> anyhow::Result<(Staged, String)>,
{
    fn new(stage: &'a mut Stage, known: &'a mut Known, side: Side, parse: P) -> Self {
        Self { stage, known, side, parse, listed: 0 }
    }

    fn element(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let (hash, place) = (Hash::of_element(bytes), self.listed);
        self.listed += 1;
        if self.known.see(hash, place).is_some() {
            return Ok(());
        }
        let length = u32::try_from(bytes.len()).context("an element of more than 4 GB")?;
        let (staged, text) = (self.parse)(bytes, Element { hash, length, place })
            .context("an item of the list was not understood")?;
        self.stage.push(staged, Some(&text))
    }
}

impl<P> Receive for Intake<'_, P>
where
    P: FnMut(&[u8], Element) -> anyhow::Result<(Staged, String)>,
{
    fn take(&mut self, news: Listed<'_>) -> anyhow::Result<()> {
        match news {
            Listed::Element(_, bytes) => self.element(bytes),
            Listed::Restart => {
                self.stage.forget(self.side);
                self.known.see_none();
                self.listed = 0;
                Ok(())
            }
        }
    }

    fn recognise(&mut self, bytes: &[u8]) -> Recognised {
        let Some(length) = self.known.expected() else { return Recognised::No };
        let Some(element) = bytes.get(..length) else { return Recognised::Short };
        // Almost every change moves the last brace: looked at before anything is hashed.
        if element.ends_with(b"}") && self.known.is_expected(Hash::of_element(element), self.listed)
        {
            self.listed += 1;
            return Recognised::Yes(length);
        }
        Recognised::No
    }
}
