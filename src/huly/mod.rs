//! What the sync needs of Huly, whichever backend serves it.

pub mod bridge;
mod connect;
mod create;
pub mod platform;
mod status;

pub use connect::connect;
pub use create::{Created, NewIssue, Place};
pub use status::{Category, Status};

use std::collections::BTreeMap;
use std::time::Duration;

use crate::http::{Error, Receive, Result};
use crate::model::{Field, Hash, Millis};

/// How long a look at an item holds: a write that follows later looks again, since a person may have
/// been quicker. Writes that follow each other within it need no second look, and who edits within it
/// could not be told from one who edits while the write is under way.
pub const LOOK_HOLDS: Duration = Duration::from_secs(1);

/// A `modified` this far ahead of the server's own time is somebody's mistake.
const AHEAD_MS: Millis = 10 * 60 * 1000;

/// Whether a time of change may move a cursor, as far as the server's own time is known.
#[must_use]
pub fn is_believable(modified: Millis, server_time: Option<Millis>) -> bool {
    server_time.is_none_or(|now| modified <= now.saturating_add(AHEAD_MS))
}

/// A project as listed.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// The backend's own id, where it has one; it stays when the identifier changes.
    pub id: Option<String>,
    /// `PROJ`, exact.
    pub identifier: String,
    /// The display name; not unique.
    pub name: String,
    /// May hold `Path: /srv/repos/x`.
    pub description: String,
    /// Listed though archived (older platforms).
    pub archived: bool,
    /// How many issues the server counts, where it says so.
    pub issues: Option<u64>,
    /// The account is no member of it: its issues would read as none at all.
    pub closed: bool,
}

/// What was learned of a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// Markdown as this side gives it back.
    Read(String),
    /// The list came without: read it apart.
    Unread,
}

/// An issue as listed or read.
#[derive(Debug, Clone)]
pub struct Issue {
    /// What makes it itself where numbers can be given out again: the platform's `_id`. A bridge
    /// has none; there it is (identifier, created).
    pub id: Option<String>,
    /// `PROJ-12`.
    pub identifier: String,
    /// One line.
    pub title: String,
    /// The status' name as the project spells it; `None` where it was not resolved ("Unknown").
    pub status: Option<String>,
    /// Its meaning, where known.
    pub category: Option<Category>,
    /// `NoPriority`, `Urgent`, `High`, `Medium`, `Low`.
    pub priority: String,
    /// Huly's clock; `None` where missing: unknown, never "now".
    pub created: Option<Millis>,
    /// Huly's clock; not monotonic, bumped by comments too.
    pub modified: Option<Millis>,
    /// The description.
    pub text: Text,
    /// Where there are such (platform: the blob's id), an equal reference is an equal text.
    pub text_ref: Option<String>,
}

/// What can be told of a listed element at a glance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Glance {
    /// Huly's clock.
    pub modified: Option<Millis>,
    /// The backend's own id, where it has one.
    pub id: Option<String>,
}

/// How far the texts come with the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    /// Always (first bridge).
    Inline,
    /// When asked for, at a hundred times the price (second bridge).
    OnRequest,
    /// Never; a reference tells whether one changed (platform).
    ByReference,
}

/// What a backend of this version can do; known once `open` has succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    /// How texts are listed.
    pub texts: Texts,
    /// Whether an existing description can be changed.
    pub edits_text: bool,
    /// Whether one request reads the changes of many projects.
    pub shared_changes: bool,
    /// Whether `write` refuses by itself what moved meanwhile.
    pub conditional_writes: bool,
    /// Whether the number of a deleted issue may be given out again.
    pub identifiers_return: bool,
    /// Whether a create has an id of its own, so that sending it again makes no second issue.
    pub creates_by_id: bool,
    /// How far a cursor stays behind the newest change, in milliseconds.
    pub overlap_ms: Millis,
    /// How long after a written text it can be read back.
    pub settle_ms: u64,
    /// The largest request body, in bytes.
    pub body_limit: usize,
}

/// How a list ended; only a list that came to its end well has one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListEnd {
    /// Elements handed over.
    pub count: u64,
    /// The server's own time when it answered, where it said so (`syncMeta.serverTime`, `Date`).
    pub server_time: Option<Millis>,
    /// When the first of several pages was read: what changed later may be missing from it.
    pub until: Option<Millis>,
    /// Ids of issues that were deleted since the time asked for, where the backend knows.
    pub removed: Vec<String>,
}

/// One project's part of a shared read.
#[derive(Debug, Clone)]
pub struct SharedEnd {
    /// The project's identifier.
    pub project: String,
    /// Its end, or why this project alone failed (its elements, if any came, are void).
    pub end: std::result::Result<ListEnd, Error>,
}

/// The answer about one identifier that was asked for.
#[derive(Debug, Clone)]
pub enum Found {
    /// The whole issue, text included (`Text::Read`).
    Issue(Issue),
    /// A "not found" that names this very identifier.
    Gone(String),
    /// This one could not be read.
    Failed(String, Error),
}

/// An issue as it was when a change of it was decided. Where the time has moved the values count: a
/// comment moves it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen<'a> {
    /// Huly's clock.
    pub modified: Option<Millis>,
    /// In normal form.
    pub title: &'a str,
    /// By name; `None` where it was not resolved.
    pub status: Option<&'a str>,
    /// The reference of the text that was seen.
    pub text_ref: Option<&'a str>,
}

/// Fields to change on one issue; `None` leaves a field alone.
#[derive(Debug, Clone, Default)]
pub struct IssueWrite<'a> {
    /// `PROJ-12`.
    pub identifier: &'a str,
    /// The backend's own id, where it has one.
    pub id: Option<&'a str>,
    /// What the issue must still be like (conditional writes only).
    pub seen: Option<Seen<'a>>,
    /// New title.
    pub title: Option<&'a str>,
    /// New status, by name.
    pub status: Option<&'a str>,
    /// New Markdown, marker included.
    pub text: Option<&'a str>,
    /// As in [`NewIssue`].
    pub marker_at: Option<usize>,
    /// Whether the text is blank now: the second bridge writes those differently.
    pub text_is_blank: bool,
    /// The Markdown, marker included, that the new text was decided on; `None`: the saved one.
    pub text_before: Option<&'a str>,
    /// Stands for a text that editors have shown unsaved for longer than they keep any (see
    /// `Written::Typed`): it is not being typed any more, and is saved in place of this write.
    pub unsaved: Option<Hash>,
}

/// How one write ended.
#[derive(Debug, Clone)]
pub enum Written {
    /// All asked fields were taken (to be read back where servers normalise).
    Done,
    /// It moved meanwhile; nothing was written.
    Moved,
    /// It moved when only these of the asked fields were written.
    Part(Vec<Field>),
    /// Somebody is typing in the description and it is not saved yet: it was left alone, and only these
    /// of the asked fields were written. The hash stands for what was typed.
    Typed(Hash, Vec<Field>),
    /// The text was refused for good, and why; of the other asked fields these were written.
    TextRefused(Vec<Field>, Error),
    /// The project has no such status; those that it has. Other asked fields were written.
    NoSuchStatus(Vec<Status>),
}

/// Receives the elements of a list, in a shared read each with its project's identifier. On
/// `Restart` everything that this call has handed over is void: the list is read anew. An error
/// ends the read (it stays what it is where it is an `http::Error`, else it becomes `Kind::Local`).
pub type Each<'a> = &'a mut dyn Receive;

/// Receives what became of one create, by its place among those asked for; `false` ends the rest.
pub type EachCreated<'a> = &'a mut dyn FnMut(usize, Result<Created>) -> bool;

/// Asked right before each request that writes, with the places of the writes that it carries; gives
/// those that may go. Of the others nothing more is sent: they count as moved.
pub type Ready<'a> = &'a mut dyn FnMut(&[usize]) -> Vec<usize>;

/// Lets go whatever is asked for: its targets were looked at this very moment.
pub fn at_once(places: &[usize]) -> Vec<usize> {
    places.to_vec()
}

/// Receives one answer of a read by identifier.
pub type EachFound<'a> = &'a mut dyn FnMut(Found) -> anyhow::Result<()>;

/// A Huly, through whichever API. All calls block; all may be called from many threads.
pub trait Huly: Send + Sync {
    /// Whether it is there (`Kind::Offline` when it says it is not connected).
    ///
    /// # Errors
    /// Offline, auth, protocol.
    fn probe(&self) -> Result<()>;

    /// Finds out which version this is. `remembered` is what an earlier pass was told; `verify`
    /// asks again all the same. `project` is any listed identifier. Gives the name to remember.
    ///
    /// # Errors
    /// As any read.
    fn detect(&self, remembered: Option<&str>, verify: bool, project: &str) -> Result<String>;

    /// After `detect`; before it, those of the oldest version.
    fn abilities(&self) -> Abilities;

    /// All projects that are listed. An error is never an empty list.
    ///
    /// # Errors
    /// As any read.
    fn projects(&self) -> Result<Vec<Project>>;

    /// The newest change known for these projects together, asked before they are read one by
    /// one; `None` where this cannot be had cheaply.
    ///
    /// # Errors
    /// As any read.
    fn newest(&self, projects: &[&str]) -> Result<Option<Millis>>;

    /// What changed in these (at most 100) projects since then, inclusive, in one request.
    /// Without texts. Only with `shared_changes`.
    ///
    /// # Errors
    /// As any read; a single project's failure is in its `SharedEnd`.
    fn changes(&self, projects: &[&str], since: Millis, each: Each<'_>) -> Result<Vec<SharedEnd>>;

    /// One project's issues to the end: all, or those changed since then, inclusive. `with_text`
    /// counts where texts come on request. A list that broke or was cut by a limit is read anew,
    /// after a `Restart`.
    ///
    /// # Errors
    /// As any read.
    fn list(
        &self,
        project: &str,
        since: Option<Millis>,
        with_text: bool,
        each: Each<'_>,
    ) -> Result<ListEnd>;

    /// Reads an element of `list(with_text)` or `changes` (never with text).
    ///
    /// # Errors
    /// Protocol: the element lacks what an issue must have. Else as any read.
    fn parse(&self, element: &[u8], with_text: bool) -> Result<Issue>;

    /// When an element was changed, and the backend's own id of the issue: without asking anybody.
    fn glance(&self, element: &[u8]) -> Glance;

    /// Whether e-mail and password themselves were refused, when asked to let us in: each further try
    /// counts towards a lock of the account.
    fn refuses_login(&self) -> bool {
        false
    }

    /// All statuses of a project in its own order; `None` where this cannot be had.
    ///
    /// # Errors
    /// As any read.
    fn statuses(&self, project: &str) -> Result<Option<Vec<Status>>>;

    /// Proves that the project is there and can be read, right now (the time by our clock keeps the
    /// answer small). Asked after its issues were "not found", before that is believed.
    ///
    /// # Errors
    /// As any read; gone, archived, left.
    fn confirm(&self, project: &str, now: Millis) -> Result<()>;

    /// Where issues are now that this project does not list (any more): the identifiers of those that
    /// are in another one, by the backend's own ids. Empty where it has no such ids.
    ///
    /// # Errors
    /// As any read.
    fn elsewhere(&self, project: &str, ids: &[&str]) -> Result<BTreeMap<String, String>>;

    /// The backend's own id of the issue that a create from this seed gives; `None` where the server
    /// chooses ids.
    ///
    /// # Errors
    /// As any read.
    fn id_made_from(&self, _seed: &str) -> Result<Option<String>> {
        Ok(None)
    }

    /// Reads these issues by identifier, texts included, in any order. Each identifier is answered
    /// once; one that two issues share, once for each of them that can be reached.
    ///
    /// # Errors
    /// When nothing can be read any more (offline, stopped); one issue's failure is `Found::Failed`.
    fn read(&self, identifiers: &[&str], each: EachFound<'_>) -> Result<()>;

    /// Makes issues of one project, and tells of each as soon as its fate is known, in any order;
    /// of an error, `ambiguous` means that it may be there.
    fn create(&self, new: &[NewIssue<'_>], each: EachCreated<'_>);

    /// Changes some issues; an answer for each, in their order.
    fn write(&self, writes: &[IssueWrite<'_>], ready: Ready<'_>) -> Vec<Result<Written>>;
}
