//! What the platform behind the bridge holds: projects, issues, their texts and times.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Map;

pub use super::issue::{Document, Issue, IssueId, SingleRead, Stamp};
use super::markdown;
use super::platform::blobs::Blobs;
use super::platform::feed::Feed;
pub use super::project::{Category, Project, ProjectType, Rendered, State};
use super::text::Text;
use crate::support::chance::Chance;
use crate::support::clock::Clock;

/// Statuses of a project nobody has configured.
pub const DEFAULT_STATUSES: [&str; 5] = ["Backlog", "Todo", "In Progress", "Done", "Canceled"];
/// The priorities the bridge knows.
pub const PRIORITIES: [&str; 5] = ["NoPriority", "Urgent", "High", "Medium", "Low"];
/// How long after a status write the platform's triggers set `modifiedOn` back.
const SET_BACK_AFTER: Duration = Duration::from_millis(5);

/// The type of a project that nobody has configured.
const CLASSIC: [&str; 2] = ["tracker:ids:ClassingProjectType", "tracker:taskTypes:Issue"];
/// The social id of the account that the tests use.
pub const OURSELVES: &str = "7868007810303782618";
/// The social id of whoever else works in Huly.
pub const SOMEBODY: &str = "3847210870363843023";

/// What a write does to `modifiedOn` beside setting it: so much later it becomes so much other.
pub type Rewrites = Vec<(Duration, i64)>;

/// Everything, behind one lock.
pub struct Tracker {
    pub projects: BTreeMap<String, Project>,
    pub issues: HashMap<IssueId, Issue>,
    by_identifier: HashMap<String, Vec<IssueId>>,
    by_document: HashMap<String, IssueId>,
    /// All statuses there are.
    pub states: Vec<State>,
    /// Issues that a client of the platform put into a space that is no project.
    pub astray: HashSet<String>,
    pub blobs: Blobs,
    pub feed: Feed,
    /// What triggers do after every write to an issue.
    pub rewrites: Rewrites,
    next_id: IssueId,
    pub clock: Arc<Clock>,
    pub chance: Chance,
    ids: Chance,
    /// Whose social id the next write bears.
    pub hand: &'static str,
    /// Texts are kept as written.
    pub verbatim: bool,
    /// Descriptions are blobs of markup, as on the platform itself.
    pub has_markup: bool,
}

impl Tracker {
    /// An empty workspace.
    pub fn new(clock: Arc<Clock>, seed: u64, has_markup: bool) -> Tracker {
        let state = |name: &str| State {
            id: format!("tracker:status:{}", name.replace(' ', "")),
            name: name.to_owned(),
            category: Category::of(name),
        };
        Tracker {
            projects: BTreeMap::new(),
            issues: HashMap::new(),
            by_identifier: HashMap::new(),
            by_document: HashMap::new(),
            states: DEFAULT_STATUSES.map(state).to_vec(),
            astray: HashSet::new(),
            blobs: Blobs::default(),
            feed: Feed::default(),
            rewrites: Rewrites::new(),
            next_id: 1,
            clock,
            chance: Chance::new(seed),
            ids: Chance::new(seed ^ 0x68_75_6c_79),
            hand: SOMEBODY,
            verbatim: false,
            has_markup,
        }
    }

    /// An id as the platform makes them: seconds, then chance.
    pub fn new_id(&mut self) -> String {
        format!("{:08x}{:016x}", self.clock.now_ms() / 1000, self.ids.next())
    }

    /// The status of this name and meaning; a new one if there is none.
    pub fn state(&mut self, name: &str, category: Category) -> State {
        let known = self.states.iter().find(|s| s.name == name && s.category == category);
        if let Some(known) = known {
            return known.clone();
        }
        let state = State { id: self.new_id(), name: name.to_owned(), category };
        self.states.push(state.clone());
        state
    }

    /// Gives a project a type of its own with these statuses.
    pub fn set_states(&mut self, identifier: &str, states: Vec<State>) {
        let (id, task_type) = (self.new_id(), self.new_id());
        let project = self.project(identifier);
        project.statuses = states.iter().map(|s| s.name.clone()).collect();
        project.kind = ProjectType { id, task_type, states };
        project.changed();
    }

    /// The identifier of the project with this `_id`.
    pub fn in_space(&self, space: &str) -> Option<&String> {
        self.projects.values().find(|p| p.space == space).map(|p| &p.identifier)
    }

    /// The issue with this `_id`.
    pub fn document(&self, id: &str) -> Option<IssueId> {
        self.by_document.get(id).copied()
    }

    /// Gives an issue another `_id`.
    pub fn rename_document(&mut self, id: IssueId, name: &str) {
        let issue = self.issues.get_mut(&id).expect("an issue that is renamed is there");
        let before = std::mem::replace(&mut issue.document.id, name.to_owned());
        self.by_document.remove(&before);
        self.by_document.insert(name.to_owned(), id);
        let project = issue.project.clone();
        self.project(&project).changed();
    }

    /// The project, which must be there.
    pub fn project(&mut self, identifier: &str) -> &mut Project {
        self.projects.get_mut(identifier).unwrap_or_else(|| panic!("no project {identifier}"))
    }

    /// Adds a project with the default statuses.
    pub fn add_project(&mut self, identifier: &str, name: &str) {
        let (space, now) = (self.new_id(), self.clock.now_ms());
        let [id, task_type] = CLASSIC.map(String::from);
        let kind = ProjectType { id, task_type, states: self.states[..5].to_vec() };
        let project = Project {
            identifier: identifier.to_owned(),
            name: name.to_owned(),
            description: String::new(),
            private: false,
            archived: false,
            statuses: DEFAULT_STATUSES.map(String::from).to_vec(),
            failing: None,
            sequence: 0,
            members: Vec::new(),
            numbers: BTreeMap::new(),
            rendered: HashMap::new(),
            unsettled_until: None,
            changes: self.ids.next() >> 1,
            space,
            kind,
            is_joined: true,
            attributes: Map::new(),
            created: now,
            modified: now,
        };
        assert!(self.projects.insert(identifier.to_owned(), project).is_none(), "project exists");
    }

    /// The issues that bear an identifier, oldest first.
    pub fn bearing(&self, identifier: &str) -> &[IssueId] {
        self.by_identifier.get(identifier).map_or(&[], Vec::as_slice)
    }

    /// The one that calls by identifier reach.
    pub fn reached(&mut self, identifier: &str) -> Option<&mut Issue> {
        let id = *self.bearing(identifier).first()?;
        self.issues.get_mut(&id)
    }

    /// Text as the platform gives it back.
    pub fn normal(&self, text: &str) -> String {
        if self.verbatim { text.to_owned() } else { markdown::normal(text) }
    }

    /// Adds an issue under a number, which may be taken already. The text is stored as it is.
    pub fn insert(&mut self, project: &str, number: u64, title: &str, text: Text) -> IssueId {
        let now = self.clock.now_ms();
        let (id, document) = (self.next_id, self.new_id());
        self.next_id += 1;
        self.by_document.insert(document.clone(), id);
        let status = self.project(project).statuses.first().cloned().unwrap_or_default();
        let document = Document {
            id: document,
            modified_by: self.hand,
            created_by: self.hand,
            ..Document::default()
        };
        let issue = Issue {
            id,
            project: project.to_owned(),
            number,
            title: title.to_owned(),
            text,
            status,
            priority: PRIORITIES[0].to_owned(),
            assigned: false,
            created: Stamp::At(now),
            modified: Stamp::At(now),
            later: Vec::new(),
            unknown_reads: 0,
            blank_reads: 0,
            single: None,
            document,
        };
        self.issues.insert(id, issue);
        self.enlist(id);
        id
    }

    fn enlist(&mut self, id: IssueId) {
        let issue = &self.issues[&id];
        let (project, number) = (issue.project.clone(), issue.number);
        self.by_identifier.entry(issue.identifier()).or_default().push(id);
        let home = self.project(&project);
        home.members.push(id);
        *home.numbers.entry(number).or_default() += 1;
        home.changed();
    }

    /// Changes what an issue is listed under.
    pub fn relist(&mut self, id: IssueId, edit: impl FnOnce(&mut Issue)) {
        self.unlist(id);
        edit(self.issues.get_mut(&id).expect("an issue that is listed is there"));
        self.enlist(id);
    }

    fn unlist(&mut self, id: IssueId) {
        let issue = &self.issues[&id];
        let (identifier, project, number) =
            (issue.identifier(), issue.project.clone(), issue.number);
        if let Some(ids) = self.by_identifier.get_mut(&identifier) {
            ids.retain(|other| *other != id);
        }
        let home = self.project(&project);
        home.members.retain(|other| *other != id);
        home.changed();
        if let Some(times) = home.numbers.get_mut(&number) {
            *times -= 1;
            if *times == 0 {
                home.numbers.remove(&number);
            }
        }
    }

    /// Removes an issue for good, and its sub-issues; the platform tells of the issue alone.
    pub fn remove(&mut self, id: IssueId) {
        if !self.issues.contains_key(&id) {
            return;
        }
        let is_child = |issue: &&Issue| issue.document.parent == Some(id);
        let children: Vec<IssueId> = match self.issues[&id].document.sub_issues {
            0 => Vec::new(),
            _ => self.issues.values().filter(is_child).map(|issue| issue.id).collect(),
        };
        for child in children {
            self.remove(child);
        }
        self.unlist(id);
        let issue = self.issues.remove(&id).expect("an issue that is removed is there");
        self.by_document.remove(&issue.document.id);
        if let Some(parent) = issue.document.parent.and_then(|p| self.issues.get_mut(&p)) {
            parent.document.sub_issues -= 1;
        }
    }

    /// Moves an issue to another project under a new number.
    pub fn relocate(&mut self, id: IssueId, project: &str) -> String {
        let has_markup = self.has_markup;
        let home = self.project(project);
        let mut number = home.next_number();
        if has_markup {
            number = number.max(home.sequence + 1);
            home.sequence = number;
        }
        self.relist(id, |issue| {
            project.clone_into(&mut issue.project);
            issue.number = number;
            issue.document.identifier = None;
        });
        let identifier = self.issues[&id].identifier();
        self.touched(id);
        identifier
    }

    /// Gives a project another identifier, and all of its issues too.
    pub fn rename_project(&mut self, from: &str, to: &str) {
        assert!(!self.projects.contains_key(to), "project {to} exists");
        let members = self.project(from).members.clone();
        members.iter().for_each(|&id| self.unlist(id));
        let mut project = self.projects.remove(from).expect("a project that is renamed is there");
        to.clone_into(&mut project.identifier);
        self.projects.insert(to.to_owned(), project);
        for id in members {
            let issue = self.issues.get_mut(&id).expect("a member is there");
            to.clone_into(&mut issue.project);
            issue.document.identifier = None;
            self.enlist(id);
            self.touched(id);
        }
    }

    /// Changes an issue, bumps its `modifiedOn` and drops the rendered lists.
    pub fn change<R>(&mut self, id: IssueId, edit: impl FnOnce(&mut Issue) -> R) -> R {
        let issue = self.issues.get_mut(&id).expect("an issue that is changed is there");
        let done = edit(issue);
        self.touched(id);
        done
    }

    /// Bumps `modifiedOn` and drops the rendered lists of the project.
    pub fn touched(&mut self, id: IssueId) {
        let now = self.clock.now_ms();
        let issue = self.issues.get_mut(&id).expect("an issue that is touched is there");
        // Two edits in one millisecond get two times, so that tests need no sleep.
        let modified = match issue.modified {
            Stamp::At(before) if before <= now + 1000 => now.max(before + 1),
            _ => now,
        };
        issue.modified = Stamp::At(modified);
        issue.document.modified_by = self.hand;
        let rewrite =
            |(after, shift): &(Duration, i64)| (Instant::now() + *after, modified + *shift);
        issue.later = self.rewrites.iter().map(rewrite).collect();
        let project = issue.project.clone();
        self.project(&project).changed();
        self.watch_settling(id);
    }

    /// Sets a status as the platform does: `modifiedOn` goes back by some milliseconds shortly after.
    pub fn set_status(&mut self, id: IssueId, status: &str) {
        let before = self.issues[&id].modified.ms().unwrap_or(0);
        self.change(id, |issue| status.clone_into(&mut issue.status));
        self.set_back(id, before);
    }

    /// What the platform's triggers do to the time of an issue that has a new status.
    pub fn set_back(&mut self, id: IssueId, before: i64) {
        let back = 1 + self.chance.below(7) as i64;
        let issue = self.issues.get_mut(&id).expect("just changed");
        if let Stamp::At(ms) = issue.modified
            && issue.later.is_empty()
        {
            // Never to a time it had before: that would hide the edit even from a careful reader.
            issue.later = vec![(Instant::now() + SET_BACK_AFTER, (ms - back).max(before + 1))];
        }
        self.watch_settling(id);
    }

    /// Keeps lists from being cached while an issue of the project is about to change by itself.
    pub fn watch_settling(&mut self, id: IssueId) {
        let issue = &self.issues[&id];
        let due = issue.settles_at();
        let project = issue.project.clone();
        if due.is_some() {
            let home = self.project(&project);
            home.unsettled_until = home.unsettled_until.max(due);
        }
    }

    /// Lets everything happen in a project that was due by now; false while something is still due.
    pub fn settle(&mut self, project: &str, now: Instant) -> bool {
        let home = self.projects.get_mut(project).expect("a project that is read is there");
        let Some(until) = home.unsettled_until else { return true };
        for id in &home.members {
            self.issues.get_mut(id).expect("a member is there").settle(now);
        }
        home.changed();
        home.unsettled_until = Some(until).filter(|until| *until > now);
        home.unsettled_until.is_none()
    }

    /// Drops every rendered list, since reads are answered differently from now on.
    pub fn forget_rendered(&mut self) {
        for project in self.projects.values_mut() {
            project.changed();
        }
    }
}
