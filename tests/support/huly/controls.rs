//! Huly in the hands of a test: what people do in it, and what goes wrong in it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::bridge::{Bridge, BridgeGeneration, Inside};
use super::gate::Gate;
use super::platform::markup::to_markdown;
use super::platform::system::Platform;
use super::text::Text;
use super::tracker::{Category, IssueId, SingleRead, Stamp};
use crate::support::clock::Clock;
use crate::support::endpoint::Endpoint;
use crate::support::sync::Guarded;
use crate::support::web::journal::{Journal, Side};
use crate::support::web::server::{Server, System};

/// What the tests see of Huly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HulyKind {
    /// A REST bridge in front of it.
    Bridge(BridgeGeneration),
    /// Its own services.
    Platform,
}

/// The simulated Huly. Whatever it shows of itself, what people do in it is the same.
pub struct Huly {
    pub(in crate::support) endpoint: Endpoint,
    kind: HulyKind,
    inside: Arc<Guarded<Inside>>,
    pub(super) gate: Arc<Gate>,
    pub(super) bridge: Arc<Bridge>,
}

/// An issue as it stands when everything has settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueSnapshot {
    pub identifier: String,
    /// `_id` on the platform.
    pub id: String,
    pub project: String,
    pub number: u64,
    pub title: String,
    pub description: String,
    pub status: String,
    pub priority: String,
    pub assigned: bool,
    pub created_on: Stamp,
    pub modified_on: Stamp,
    /// The description as the platform keeps it; none behind the bridge, and where there is none.
    pub markup: Option<Value>,
}

impl Huly {
    pub(in crate::support) fn start(kind: HulyKind, journal: Arc<Journal>, seed: u64) -> Huly {
        let clock = Arc::new(Clock::default());
        let has_markup = kind == HulyKind::Platform;
        let inside = Arc::new(Guarded::new(Inside::new(clock.clone(), seed, has_markup)));
        let gate = Arc::new(Gate::default());
        let generation = match kind {
            HulyKind::Bridge(generation) => generation,
            HulyKind::Platform => BridgeGeneration::Second,
        };
        let bridge = Arc::new(Bridge::new(generation, inside.clone(), gate.clone()));
        let system: Arc<dyn System> = match kind {
            HulyKind::Bridge(_) => bridge.clone(),
            HulyKind::Platform => Arc::new(Platform {
                inside: inside.clone(),
                gate: gate.clone(),
                clock: clock.clone(),
            }),
        };
        let server = Server::start(Side::Huly, system, journal.clone(), clock.clone(), seed)
            .expect("a free port");
        server.keep_alive(Duration::from_secs(5));
        let endpoint = Endpoint::new(Side::Huly, server, journal, clock);
        Huly { endpoint, kind, inside, gate, bridge }
    }

    /// What the tests see of it.
    pub fn kind(&self) -> HulyKind {
        self.kind
    }

    pub(super) fn inside<R>(&self, act: impl FnOnce(&mut Inside) -> R) -> R {
        act(&mut self.inside.lock())
    }

    pub(super) fn with_issue<R>(
        &self,
        identifier: &str,
        act: impl FnOnce(&mut Inside, IssueId) -> R,
    ) -> R {
        self.inside(|inside| {
            let id = *inside
                .tracker
                .bearing(identifier)
                .first()
                .unwrap_or_else(|| panic!("no issue {identifier}"));
            act(inside, id)
        })
    }

    /// Changes how reads are answered: nothing rendered before counts any more.
    pub(super) fn condition(&self, change: impl FnOnce(&mut Inside)) {
        self.inside(|inside| {
            change(inside);
            inside.tracker.forget_rendered();
        });
    }

    /// Whether a list that did not change is answered from memory, as from the start.
    pub fn keep_lists(&self, keep: bool) {
        self.condition(|inside| inside.conditions.keeps_lists = keep);
    }

    // Projects.

    /// Adds a project with the statuses Backlog, Todo, In Progress, Done, Canceled.
    pub fn add_project(&self, identifier: &str, name: &str) {
        self.inside(|i| i.tracker.add_project(identifier, name));
    }

    /// Sets a project's description.
    pub fn describe_project(&self, identifier: &str, description: &str) {
        self.inside(|i| description.clone_into(&mut i.tracker.project(identifier).description));
    }

    /// Renames a project; its identifier stays.
    pub fn rename_project(&self, identifier: &str, name: &str) {
        self.inside(|i| name.clone_into(&mut i.tracker.project(identifier).name));
    }

    /// Archives a project: it is no longer listed, and its issues are "not found".
    pub fn archive_project(&self, identifier: &str) {
        self.inside(|i| i.tracker.project(identifier).archived = true);
    }

    /// Takes a project out of the archive.
    pub fn unarchive_project(&self, identifier: &str) {
        self.inside(|i| i.tracker.project(identifier).archived = false);
    }

    /// Makes a project private without the bridge's user as a member (or public again).
    pub fn hide_project(&self, identifier: &str, hidden: bool) {
        self.inside(|i| {
            let project = i.tracker.project(identifier);
            (project.private, project.is_joined) = (hidden, !hidden);
        });
    }

    /// Deletes a project with its issues.
    pub fn remove_project(&self, identifier: &str) {
        self.inside(|i| {
            for id in i.tracker.project(identifier).members.clone() {
                i.tracker.remove(id);
            }
            i.tracker.projects.remove(identifier);
        });
    }

    /// Sets the statuses of a project; the first is the one of new issues.
    pub fn set_statuses(&self, identifier: &str, statuses: &[&str]) {
        self.inside(|i| {
            let states = statuses.iter().map(|name| i.tracker.state(name, Category::of(name)));
            let states = states.collect();
            i.tracker.set_states(identifier, states);
        });
    }

    /// Makes every list of this project's issues fail with a 500 of this message (or no longer).
    pub fn fail_project(&self, identifier: &str, message: Option<&str>) {
        self.inside(|i| i.tracker.project(identifier).failing = message.map(String::from));
    }

    /// The identifiers of all projects, archived and private ones too.
    pub fn projects(&self) -> Vec<String> {
        self.inside(|i| i.tracker.projects.keys().cloned().collect())
    }

    // Issues, as a person edits them.

    /// Adds an issue under the next free number; gives its identifier.
    pub fn add_issue(&self, project: &str, title: &str, description: &str, status: &str) -> String {
        self.inside(|i| {
            let (has_markup, home) = (i.tracker.has_markup, i.tracker.project(project));
            let mut number = home.next_number();
            if has_markup {
                // The platform counts on, whatever became of the last one.
                number = number.max(home.sequence + 1);
            }
            home.sequence = number;
            i.add(project, number, title, description, status)
        })
    }

    /// Adds an issue as the UI does, which counts by itself: the number may be one the bridge gave out.
    pub fn add_issue_in_ui(&self, project: &str, title: &str, description: &str) -> String {
        self.inside(|i| {
            let home = i.tracker.project(project);
            home.sequence += 1;
            let (number, status) = (home.sequence, home.statuses[0].clone());
            i.add(project, number, title, description, &status)
        })
    }

    /// Changes the title.
    pub fn edit_title(&self, identifier: &str, title: &str) {
        self.with_issue(identifier, |i, id| {
            i.tracker.change(id, |issue| title.clone_into(&mut issue.title));
        });
    }

    /// Changes the description, in the browser, where it always works.
    pub fn edit_description(&self, identifier: &str, description: &str) {
        self.with_issue(identifier, |i, id| {
            if i.tracker.has_markup {
                return i.write_blob(id, description);
            }
            let text = i.tracker.normal(description);
            i.tracker.change(id, |issue| issue.text.replace(text));
        });
    }

    /// Changes the status; the project must have it.
    pub fn edit_status(&self, identifier: &str, status: &str) {
        self.with_issue(identifier, |i, id| {
            let project = i.tracker.issues[&id].project.clone();
            let known = i.tracker.project(&project).status(status).cloned();
            i.tracker.set_status(id, &known.unwrap_or_else(|| panic!("no status {status}")));
        });
    }

    /// Changes the priority.
    pub fn edit_priority(&self, identifier: &str, priority: &str) {
        self.with_issue(identifier, |i, id| {
            i.tracker.change(id, |issue| priority.clone_into(&mut issue.priority));
        });
    }

    /// Writes a comment: only `modifiedOn` moves.
    pub fn comment(&self, identifier: &str) {
        self.with_issue(identifier, |i, id| i.tracker.touched(id));
    }

    /// Gives the issue an assignee (or takes it): lists that contain it fail on the second generation.
    pub fn assign(&self, identifier: &str, assigned: bool) {
        self.with_issue(identifier, |i, id| i.tracker.change(id, |x| x.assigned = assigned));
    }

    /// Deletes an issue with its sub-issues. If it was the last, the bridge gives its number out again.
    pub fn delete_issue(&self, identifier: &str) {
        self.with_issue(identifier, Inside::delete);
    }

    /// Moves an issue to another project: a new number there, the same `createdOn`.
    pub fn move_issue(&self, identifier: &str, project: &str) -> String {
        self.with_issue(identifier, |i, id| i.tracker.relocate(id, project))
    }

    /// The issues of a project in the order of their making.
    pub fn issues(&self, project: &str) -> Vec<IssueSnapshot> {
        self.inside(|i| {
            let members = i.tracker.project(project).members.clone();
            members.into_iter().map(|id| i.snapshot(id)).collect()
        })
    }

    /// The issue that calls by this identifier reach.
    pub fn issue(&self, identifier: &str) -> Option<IssueSnapshot> {
        self.inside(|i| {
            let id = *i.tracker.bearing(identifier).first()?;
            Some(i.snapshot(id))
        })
    }

    // What an issue shows of itself.

    /// Sets `modifiedOn` as it is given until the next edit.
    pub fn set_modified_on(&self, identifier: &str, stamp: Stamp) {
        self.with_issue(identifier, |i, id| {
            i.tracker.change(id, |_| ());
            i.tracker.issues.get_mut(&id).expect("found").modified = stamp;
        });
    }

    /// Sets `createdOn`.
    pub fn set_created_on(&self, identifier: &str, stamp: Stamp) {
        self.with_issue(identifier, |i, id| {
            let issue = i.tracker.issues.get_mut(&id).expect("found");
            issue.created = stamp;
            let project = issue.project.clone();
            i.tracker.project(&project).changed();
        });
    }

    /// Sets both times at once.
    pub fn set_times(&self, identifier: &str, created: Stamp, modified: Stamp) {
        self.with_issue(identifier, |i, id| {
            i.tracker.change(id, |issue| issue.created = created);
            i.tracker.issues.get_mut(&id).expect("found").modified = modified;
        });
    }

    /// Changes this many titles, spread over the projects; gives how many.
    pub fn edit_titles(&self, projects: &[&String], count: usize, round: usize) -> usize {
        self.inside(|i| {
            for n in 0..count {
                let members = &i.tracker.project(projects[n % projects.len()]).members;
                let id = members[(n / projects.len() + round * 7) % members.len()];
                i.tracker.change(id, |issue| issue.title += &format!(" ({round})"));
            }
        });
        count
    }

    /// The next so many reads of the issue give the status `Unknown`; `u32::MAX` until set to 0.
    pub fn status_unknown(&self, identifier: &str, reads: u32) {
        self.show(identifier, |issue| issue.unknown_reads = reads);
    }

    /// The next so many reads of the text give `''`; `u32::MAX` until set to 0.
    pub fn description_blank(&self, identifier: &str, reads: u32) {
        self.show(identifier, |issue| issue.blank_reads = reads);
    }

    /// Makes the single read differ from the list (a cache), or no longer.
    pub fn single_read_differs(&self, identifier: &str, how: Option<SingleRead>) {
        self.show(identifier, |issue| issue.single = how);
    }

    /// Somebody has the description open: a PUT of the bridge fails with 500, and what the platform
    /// is told by `createContent` is lost.
    pub fn open_in_browser(&self, identifier: &str, open: bool) {
        if open {
            self.with_issue(identifier, |i, id| i.open_in_editor(id));
        }
        self.show(identifier, |issue| issue.text.open_in_browser = open);
    }

    fn show(&self, identifier: &str, change: impl FnOnce(&mut super::tracker::Issue)) {
        self.with_issue(identifier, |i, id| {
            change(i.tracker.issues.get_mut(&id).expect("found"));
            i.tracker.forget_rendered();
        });
    }
}

impl Inside {
    pub(super) fn add(
        &mut self,
        project: &str,
        number: u64,
        title: &str,
        description: &str,
        status: &str,
    ) -> String {
        let text = match self.tracker.has_markup {
            true => Text::default(),
            false => Text::new(self.tracker.normal(description)),
        };
        let id = self.tracker.insert(project, number, title, text);
        if self.tracker.has_markup && !description.is_empty() {
            self.set_blob(id, description);
        }
        let known = self.tracker.project(project).status(status).cloned();
        let issue = self.tracker.issues.get_mut(&id).expect("just added");
        issue.status = known.unwrap_or_else(|| panic!("no status {status} in {project}"));
        issue.identifier()
    }

    pub(super) fn snapshot(&mut self, id: IssueId) -> IssueSnapshot {
        let issue = self.tracker.issues.get_mut(&id).expect("a listed issue is there");
        issue.settle(Instant::now());
        let markup = self.markup(id);
        let issue = &self.tracker.issues[&id];
        let description = match &markup {
            Some(markup) => to_markdown(markup),
            None => issue.text.lasting().to_owned(),
        };
        IssueSnapshot {
            identifier: issue.identifier(),
            id: issue.document.id.clone(),
            project: issue.project.clone(),
            number: issue.number,
            title: issue.title.clone(),
            description,
            status: issue.status.clone(),
            priority: issue.priority.clone(),
            assigned: issue.assigned,
            created_on: issue.created,
            modified_on: issue.modified,
            markup,
        }
    }
}
