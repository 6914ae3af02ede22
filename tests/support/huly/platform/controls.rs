//! The platform in the hands of a test: what only it has, and what goes wrong only in it.

use std::time::Duration;

use serde_json::Value;

use super::feed::Removal;
use super::fields::ISSUE;
use super::front::Urls;
use super::limit::Limiter;
use super::live::{self, Live};
use super::markup;
use super::token::{Grant, token};
use super::workspace::{EMAIL, SLUG};
use crate::support::huly::bridge::Inside;
use crate::support::huly::controls::Huly;
use crate::support::huly::issue::{IssueId, Stamp};
use crate::support::huly::project::Category;

/// What a client needs to get in.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub email: String,
    pub password: String,
    /// The workspace's slug.
    pub workspace: String,
    /// A token of the workspace, usable without a login.
    pub token: String,
}

impl Huly {
    // The account, its workspace, the services.

    /// What a client needs to get in.
    pub fn credentials(&self) -> Credentials {
        self.inside(|i| Credentials {
            email: EMAIL.to_owned(),
            password: i.workspace.password.clone(),
            workspace: SLUG.to_owned(),
            token: token(Grant::Workspace, &i.workspace),
        })
    }

    /// Where the services really are, whatever the platform says of it.
    pub fn urls(&self) -> Urls {
        Urls::at(&self.url())
    }

    /// The platform names hosts that do not resolve here; without it only files are relative.
    pub fn name_internal_hosts(&self, names: bool) {
        self.inside(|i| i.workspace.names_internal_hosts = names);
    }

    /// Another password; an account that was locked is open again.
    pub fn change_password(&self, password: &str) {
        self.inside(|i| {
            password.clone_into(&mut i.workspace.password);
            i.workspace.failed_logins = 0;
        });
    }

    /// How many logins have failed since the last good one; five lock the account.
    pub fn failed_logins(&self) -> u32 {
        self.inside(|i| i.workspace.failed_logins)
    }

    /// The account asks for a second factor.
    pub fn second_factor(&self, needed: bool) {
        self.inside(|i| i.workspace.needs_second_factor = needed);
    }

    /// All tokens that were given have a wrong signature from now on.
    pub fn revoke_tokens(&self) {
        self.inside(|i| i.workspace.generation += 1);
    }

    /// The mode of the workspace (`active`, `upgrading`, `pending-upgrade`, `archived`, …) and how
    /// far it is; in any but `active` the transactor opens no session.
    pub fn workspace_mode(&self, mode: &str, progress: u8) {
        self.inside(|i| {
            mode.clone_into(&mut i.workspace.mode);
            i.workspace.progress = progress;
        });
    }

    /// Another version; before 0.7.411 an empty rank stays empty.
    pub fn platform_version(&self, major: u32, minor: u32, patch: u32) {
        self.inside(|i| i.workspace.version = (major, minor, patch));
    }

    /// So many requests to the transactor in such a window, counted from now.
    pub fn rate_limit(&self, most: usize, window: Duration) {
        self.inside(|i| i.workspace.limiter = Limiter::new(most, window));
    }

    // Projects.

    /// Gives a project a type of its own with these statuses; the first is the one of new issues.
    pub fn set_states(&self, identifier: &str, states: &[(&str, Category)]) {
        self.inside(|i| {
            let states = states.iter().map(|(name, category)| i.tracker.state(name, *category));
            let states = states.collect();
            i.tracker.set_states(identifier, states);
        });
    }

    /// Our account is no longer a member: the project is listed if it is public, its issues are not.
    pub fn leave_project(&self, identifier: &str) {
        self.inside(|i| i.tracker.project(identifier).is_joined = false);
    }

    /// Our account is a member again.
    pub fn join_project(&self, identifier: &str) {
        self.inside(|i| i.tracker.project(identifier).is_joined = true);
    }

    /// `_id` of a project.
    pub fn project_id(&self, identifier: &str) -> String {
        self.inside(|i| i.tracker.project(identifier).space.clone())
    }

    /// Gives a project another `_id`.
    pub fn set_project_id(&self, identifier: &str, id: &str) {
        self.inside(|i| id.clone_into(&mut i.tracker.project(identifier).space));
    }

    /// Gives a project another identifier; all of its issues follow.
    pub fn change_identifier(&self, from: &str, to: &str) {
        self.inside(|i| i.tracker.rename_project(from, to));
    }

    /// The last number that the project gave out.
    pub fn sequence(&self, identifier: &str) -> u64 {
        self.inside(|i| i.tracker.project(identifier).sequence)
    }

    // Issues.

    /// Adds an issue under another; gives its identifier. It goes when the other is deleted.
    pub fn add_sub_issue(&self, parent: &str, title: &str, text: &str, status: &str) -> String {
        let project = self.with_issue(parent, |i, id| i.tracker.issues[&id].project.clone());
        let child = self.add_issue(&project, title, text, status);
        let parent = self.with_issue(parent, |_, id| id);
        self.with_issue(&child, |i, id| i.attach(id, parent));
        child
    }

    /// Gives an issue another `_id`.
    pub fn set_issue_id(&self, identifier: &str, id: &str) {
        self.with_issue(identifier, |i, issue| i.tracker.rename_document(issue, id));
    }

    /// Writes an attribute as it is given, whatever it is, and bumps `modifiedOn`.
    pub fn set_attribute(&self, identifier: &str, name: &str, value: &Value) {
        self.with_issue(identifier, |i, id| {
            i.assign(id, name, value);
            i.tracker.touched(id);
        });
    }

    /// The issue as the platform shows it, with all its fields.
    pub fn document(&self, identifier: &str) -> Value {
        self.with_issue(identifier, |i, id| i.tracker.shown(id).json())
    }

    /// Issues that a client put into a space that is no project, by `_id`.
    pub fn astray(&self) -> Vec<String> {
        self.inside(|i| i.tracker.astray.iter().cloned().collect())
    }

    // Descriptions.

    /// Writes a description as markup.
    pub fn set_markup(&self, identifier: &str, markup: &Value) {
        self.with_issue(identifier, |i, id| {
            let document = i.tracker.issues[&id].document.id.clone();
            i.save(&document, markup::written(markup));
        });
    }

    /// The markup of a description.
    pub fn markup(&self, identifier: &str) -> Option<Value> {
        self.with_issue(identifier, |i, id| i.markup(id))
    }

    /// The blob that holds the description.
    pub fn blob(&self, identifier: &str) -> Option<String> {
        self.with_issue(identifier, |i, id| i.tracker.issues[&id].document.description.clone())
    }

    /// The blob of the description is lost; the issue still names it.
    pub fn lose_blob(&self, identifier: &str) {
        let Some(blob) = self.blob(identifier) else { return };
        self.inside(|i| i.tracker.blobs.lose(&blob));
    }

    /// Somebody opens the description in an editor, which deletes what its schema has no place for.
    pub fn open_in_editor(&self, identifier: &str) {
        self.with_issue(identifier, |i, id| i.open_in_editor(id));
    }

    /// Somebody is typing: `getContent` shows the text, the blob does not have it yet.
    pub fn type_unsaved(&self, identifier: &str, text: &str) {
        self.with_issue(identifier, |i, id| {
            i.open_in_editor(id);
            let document = i.tracker.issues[&id].document.id.clone();
            let typed = markup::written(&markup::from_markdown(text));
            i.tracker.blobs.live.insert(document, Live::Text(typed));
        });
    }

    /// What editors show of a description: the live document, or else the blob.
    pub fn seen_in_editor(&self, identifier: &str) -> String {
        self.with_issue(identifier, |i, id| {
            let live = i.tracker.blobs.live(&i.tracker.issues[&id].document.id);
            let live = live.and_then(|live| serde_json::from_str(&live).ok());
            live.or_else(|| i.markup(id)).map(|shown| markup::to_markdown(&shown))
        })
        .unwrap_or_default()
    }

    /// What was typed is saved, as an edit: ten seconds after the last key, a minute at most.
    pub fn save_typing(&self, identifier: &str) {
        self.with_issue(identifier, |i, id| {
            let document = i.tracker.issues[&id].document.id.clone();
            if let Some(Live::Text(typed)) = i.tracker.blobs.live.remove(&document) {
                i.save(&document, typed);
            }
        });
    }

    // Times.

    /// A trigger rewrites `modifiedOn` by so much, back in time if negative.
    pub fn rewrite_modified(&self, identifier: &str, shift_ms: i64) {
        self.with_issue(identifier, |i, id| {
            let issue = i.tracker.issues.get_mut(&id).expect("found");
            if let Stamp::At(ms) = issue.modified {
                issue.modified = Stamp::At(ms + shift_ms);
            }
            let project = issue.project.clone();
            i.tracker.project(&project).changed();
        });
    }

    /// After every write to an issue triggers rewrite its `modifiedOn`: so much later it is shifted
    /// by so many milliseconds against the time of the write, once for each pair.
    pub fn rewrite_after_writes(&self, rewrites: &[(Duration, i64)]) {
        self.inside(|i| i.tracker.rewrites = rewrites.to_vec());
    }
}

impl Inside {
    /// The markup of a description, where there is a blob of it.
    pub fn markup(&self, id: IssueId) -> Option<Value> {
        let blob = self.tracker.issues[&id].document.description.as_ref()?;
        serde_json::from_str(&self.tracker.blobs.read(blob)?).ok()
    }

    /// Stores a text as the issue's, without any trace in its time.
    pub fn set_blob(&mut self, id: IssueId, text: &str) {
        let now = self.tracker.clock.now_ms();
        let document = &mut self.tracker.issues.get_mut(&id).expect("it has a text").document;
        document.description = Some(self.tracker.blobs.write(&document.id, now, text));
    }

    /// A person's edit of a description.
    pub fn write_blob(&mut self, id: IssueId, text: &str) {
        self.set_blob(id, text);
        let document = &self.tracker.issues[&id].document;
        if let Some(blob) = &document.description {
            self.tracker.blobs.edited(&document.id, blob);
        }
        self.tracker.touched(id);
    }

    /// Opens the live document as an editor does. What that deletes is saved like any edit.
    pub fn open_in_editor(&mut self, id: IssueId) {
        let document = self.tracker.issues[&id].document.id.clone();
        let shown =
            self.tracker.blobs.live(&document).and_then(|it| serde_json::from_str(&it).ok());
        let Some(shown) = shown.or_else(|| self.markup(id)) else { return };
        let opened = live::as_opened(&shown);
        if opened != live::as_fragment(&shown) {
            self.save(&document, markup::written(&opened));
        } else {
            let loaded = || Live::Text(markup::written(&opened));
            self.tracker.blobs.live.entry(document).or_insert_with(loaded);
        }
    }

    /// A person's deletion: the platform tells of the issue, and of none that hung on it.
    pub fn delete(&mut self, id: IssueId) {
        let (tx, at) = (self.tracker.new_id(), self.tracker.clock.now_ms());
        let issue = &self.tracker.issues[&id];
        let (by, document) = (self.tracker.hand, issue.document.id.clone());
        let space = self.tracker.projects[&issue.project].space.clone();
        let removal = Removal { tx, by, at, document: &document, class: ISSUE, space: &space };
        self.tracker.feed.removed(&removal);
        self.remove_issue(&document);
    }
}
