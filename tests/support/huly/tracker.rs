//! What the platform behind the bridge holds: projects, issues, their texts and times.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::markdown;
use super::text::Text;
use crate::support::chance::Chance;
use crate::support::clock::Clock;

/// Statuses of a project nobody has configured.
pub const DEFAULT_STATUSES: [&str; 5] = ["Backlog", "Todo", "In Progress", "Done", "Canceled"];
/// The priorities the bridge knows.
pub const PRIORITIES: [&str; 5] = ["NoPriority", "Urgent", "High", "Medium", "Low"];
/// How long after a status write the platform's triggers set `modifiedOn` back.
const SET_BACK_AFTER: Duration = Duration::from_millis(5);

/// A time as the bridge may give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// Milliseconds since the epoch.
    At(i64),
    Null,
    /// The field is not there.
    Missing,
}

impl Stamp {
    /// The milliseconds, if there are any.
    pub fn ms(self) -> Option<i64> {
        match self {
            Stamp::At(ms) => Some(ms),
            Stamp::Null | Stamp::Missing => None,
        }
    }
}

/// Names an issue inside the platform; an identifier may belong to two.
pub type IssueId = u64;

/// An issue.
pub struct Issue {
    pub id: IssueId,
    pub project: String,
    pub number: u64,
    pub title: String,
    pub text: Text,
    pub status: String,
    pub priority: String,
    pub assigned: bool,
    pub created: Stamp,
    pub modified: Stamp,
    /// `modifiedOn` as it will be a moment after a status write.
    set_back: Option<(Instant, i64)>,
    /// So many next reads give the status `Unknown`.
    pub unknown_reads: u32,
    /// So many next reads give an empty text.
    pub blank_reads: u32,
    /// What only the single read gives.
    pub single: Option<SingleRead>,
}

/// How the single read of an issue differs from the list.
#[derive(Clone, Debug, Default)]
pub struct SingleRead {
    /// Appended to the text.
    pub text_suffix: String,
    /// Added to `modifiedOn`.
    pub modified_shift_ms: i64,
}

impl Issue {
    /// `PROJ-12`.
    pub fn identifier(&self) -> String {
        format!("{}-{}", self.project, self.number)
    }

    /// Lets everything happen that was due by now; true while something is still due.
    pub fn settle(&mut self, now: Instant) -> bool {
        if let Some((when, ms)) = self.set_back
            && when <= now
        {
            self.modified = Stamp::At(ms);
            self.set_back = None;
        }
        let text_is_passing = self.text.settle(now);
        self.set_back.is_some() || text_is_passing
    }
}

/// A project and the rendered lists of its issues.
pub struct Project {
    pub identifier: String,
    pub name: String,
    pub description: String,
    pub private: bool,
    pub archived: bool,
    pub statuses: Vec<String>,
    /// Every read of its issues fails with this.
    pub failing: Option<String>,
    /// Last number given by the UI; the bridge neither uses nor moves it.
    pub sequence: u64,
    pub members: Vec<IssueId>,
    numbers: BTreeMap<u64, u32>,
    /// Rendered lists by question; dropped by any change.
    pub rendered: HashMap<String, Rendered>,
    /// Until then nothing is kept in `rendered`.
    pub unsettled_until: Option<Instant>,
}

/// The elements of a list, ready to be sent.
#[derive(Clone)]
pub struct Rendered {
    pub issues: Arc<Vec<u8>>,
    pub count: usize,
    pub latest: Option<i64>,
}

impl Project {
    /// The number the bridge takes for the next issue: one more than the highest there is.
    pub fn next_number(&self) -> u64 {
        self.numbers.last_key_value().map_or(0, |(n, _)| *n) + 1
    }

    /// The status of this name, whatever the case.
    pub fn status(&self, name: &str) -> Option<&String> {
        self.statuses.iter().find(|s| s.eq_ignore_ascii_case(name))
    }
}

/// Everything, behind one lock.
pub struct Tracker {
    pub projects: BTreeMap<String, Project>,
    pub issues: HashMap<IssueId, Issue>,
    by_identifier: HashMap<String, Vec<IssueId>>,
    next_id: IssueId,
    pub clock: Arc<Clock>,
    pub chance: Chance,
    /// Texts are kept as written.
    pub verbatim: bool,
}

impl Tracker {
    /// An empty workspace.
    pub fn new(clock: Arc<Clock>, seed: u64) -> Tracker {
        Tracker {
            projects: BTreeMap::new(),
            issues: HashMap::new(),
            by_identifier: HashMap::new(),
            next_id: 1,
            clock,
            chance: Chance::new(seed),
            verbatim: false,
        }
    }

    /// The project, which must be there.
    pub fn project(&mut self, identifier: &str) -> &mut Project {
        self.projects.get_mut(identifier).unwrap_or_else(|| panic!("no project {identifier}"))
    }

    /// Adds a project with the default statuses.
    pub fn add_project(&mut self, identifier: &str, name: &str) {
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
        let id = self.next_id;
        self.next_id += 1;
        let home = self.project(project);
        let status = home.statuses.first().cloned().unwrap_or_default();
        home.members.push(id);
        *home.numbers.entry(number).or_default() += 1;
        home.rendered.clear();
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
            set_back: None,
            unknown_reads: 0,
            blank_reads: 0,
            single: None,
        };
        self.by_identifier.entry(issue.identifier()).or_default().push(id);
        self.issues.insert(id, issue);
        id
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
        home.rendered.clear();
        if let Some(times) = home.numbers.get_mut(&number) {
            *times -= 1;
            if *times == 0 {
                home.numbers.remove(&number);
            }
        }
    }

    /// Removes an issue for good.
    pub fn remove(&mut self, id: IssueId) {
        self.unlist(id);
        self.issues.remove(&id);
    }

    /// Moves an issue to another project under a new number.
    pub fn relocate(&mut self, id: IssueId, project: &str) -> String {
        self.unlist(id);
        let home = self.project(project);
        let number = home.next_number();
        home.members.push(id);
        *home.numbers.entry(number).or_default() += 1;
        let issue = self.issues.get_mut(&id).expect("an issue that is moved is there");
        issue.project = project.to_owned();
        issue.number = number;
        let identifier = issue.identifier();
        self.by_identifier.entry(identifier.clone()).or_default().push(id);
        self.touched(id);
        identifier
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
        issue.set_back = None;
        // Two edits in one millisecond get two times, so that tests need no sleep.
        issue.modified = match issue.modified {
            Stamp::At(before) if before <= now + 1000 => Stamp::At(now.max(before + 1)),
            _ => Stamp::At(now),
        };
        let project = issue.project.clone();
        self.project(&project).rendered.clear();
        self.watch_settling(id);
    }

    /// Sets a status as the platform does: `modifiedOn` goes back by some milliseconds shortly after.
    pub fn set_status(&mut self, id: IssueId, status: &str) {
        let before = self.issues[&id].modified.ms().unwrap_or(0);
        self.change(id, |issue| status.clone_into(&mut issue.status));
        let back = 1 + self.chance.below(7) as i64;
        let issue = self.issues.get_mut(&id).expect("just changed");
        if let Stamp::At(ms) = issue.modified {
            // Never to a time it had before: that would hide the edit even from a careful reader.
            issue.set_back = Some((Instant::now() + SET_BACK_AFTER, (ms - back).max(before + 1)));
        }
        self.watch_settling(id);
    }

    /// Keeps lists from being cached while an issue of the project is about to change by itself.
    pub fn watch_settling(&mut self, id: IssueId) {
        let issue = &self.issues[&id];
        let due = issue.set_back.map(|(when, _)| when).max(issue.text.passes_at());
        let project = issue.project.clone();
        if due.is_some() {
            let home = self.project(&project);
            home.unsettled_until = home.unsettled_until.max(due);
        }
    }

    /// Drops every rendered list, since reads are answered differently from now on.
    pub fn forget_rendered(&mut self) {
        for project in self.projects.values_mut() {
            project.rendered.clear();
        }
    }
}
