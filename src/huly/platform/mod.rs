//! The platform itself: its HTTP API, without a bridge (0.7).

mod board;
mod create;
mod find;
mod list;
mod live;
mod login;
pub mod markup;
mod rank;
mod read;
mod refusal;
mod session;
mod texts;
mod tx;
mod wire;
mod write;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::{
    Abilities, Each, EachCreated, EachFound, Glance, Huly, Issue, IssueWrite, ListEnd, NewIssue,
    Project, Ready, SharedEnd, Status, Texts, Written,
};
use crate::config::{self, Account};
use crate::http::{Error, Host, Http, Kind, Result};
use crate::model::Millis;

use self::board::Board;
use self::login::Credentials;
use self::session::Session;

/// How far a cursor stays behind: triggers rewrite `modifiedOn`, even back in time for a moment.
const OVERLAP_MS: Millis = 30_000;

/// The collaborator's limit of a request, in bytes.
const BODY_LIMIT: usize = 10 << 20;

/// How many documents one call asks for, or makes.
const BULK: usize = 100;

/// A workspace of a platform; cheap to clone.
#[derive(Debug, Clone)]
pub struct Platform(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    http: Http,
    credentials: Credentials,
    rate: u32,
    /// Requests for texts at a time, over all workers.
    at_once: usize,
    session: OnceLock<Session>,
    /// E-mail and password were not taken.
    refused: AtomicBool,
    /// One login at a time, whoever asks first.
    entering: Mutex<()>,
    board: Mutex<Arc<Board>>,
    /// Held while a large text is converted.
    converting: Mutex<()>,
}

impl Platform {
    /// `jobs` is how many workers there are. No request is sent.
    #[must_use]
    pub fn new(account: Account<'_>, huly: &config::Huly, jobs: usize, http: &Http) -> Self {
        Self(Arc::new(Inner {
            http: http.clone(),
            credentials: Credentials::new(account, huly),
            rate: huly.rate,
            at_once: jobs.max(1),
            session: OnceLock::new(),
            refused: AtomicBool::new(false),
            entering: Mutex::default(),
            board: Mutex::default(),
            converting: Mutex::default(),
        }))
    }

    /// Logs in, once a pass.
    fn session(&self) -> Result<&Session> {
        let _entering = lock(&self.0.entering);
        if let Some(session) = self.0.session.get() {
            return Ok(session);
        }
        let Inner { http, credentials, rate, at_once, .. } = &*self.0;
        let session = login::enter(http, credentials, *rate, *at_once, &self.0.refused)?;
        Ok(self.0.session.get_or_init(|| session))
    }

    fn board(&self) -> Arc<Board> {
        lock(&self.0.board).clone()
    }
}

impl Huly for Platform {
    fn probe(&self) -> Result<()> {
        self.session().map(drop)
    }

    fn refuses_login(&self) -> bool {
        self.0.refused.load(Ordering::Relaxed)
    }

    fn detect(&self, _: Option<&str>, _: bool, _: &str) -> Result<String> {
        Ok(format!("platform {}", self.session()?.version))
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            texts: Texts::ByReference,
            edits_text: true,
            shared_changes: true,
            conditional_writes: true,
            identifiers_return: false,
            creates_by_id: true,
            overlap_ms: OVERLAP_MS,
            settle_ms: 0,
            body_limit: BODY_LIMIT,
        }
    }

    fn projects(&self) -> Result<Vec<Project>> {
        self.all_projects()
    }

    fn newest(&self, projects: &[&str]) -> Result<Option<Millis>> {
        self.newest_change(projects)
    }

    fn changes(&self, projects: &[&str], since: Millis, each: Each<'_>) -> Result<Vec<SharedEnd>> {
        self.shared_changes(projects, since, each)
    }

    fn list(
        &self,
        project: &str,
        since: Option<Millis>,
        _: bool,
        each: Each<'_>,
    ) -> Result<ListEnd> {
        self.list_project(project, since, each)
    }

    fn parse(&self, element: &[u8], _: bool) -> Result<Issue> {
        self.issue(element)
    }

    fn glance(&self, element: &[u8]) -> Glance {
        wire::glance(element)
    }

    fn statuses(&self, project: &str) -> Result<Option<Vec<Status>>> {
        self.statuses_of(project).map(Some)
    }

    fn confirm(&self, project: &str, _: Millis) -> Result<()> {
        self.confirm_project(project)
    }

    fn elsewhere(&self, project: &str, ids: &[&str]) -> Result<BTreeMap<String, String>> {
        let found = self.issues_by_id(ids)?;
        let board = self.board();
        let left = &board.project(project)?.id;
        let at_home = found.into_iter().filter(|doc| doc.space != *left && board.is_at_home(doc));
        Ok(at_home.map(|doc| (doc.id, doc.identifier)).collect())
    }

    fn id_made_from(&self, seed: &str) -> Result<Option<String>> {
        Ok(Some(tx::derived_id(&self.session()?.workspace, seed)))
    }

    fn read(&self, identifiers: &[&str], each: EachFound<'_>) -> Result<()> {
        self.read_issues(identifiers, each)
    }

    fn create(&self, new: &[NewIssue<'_>], each: EachCreated<'_>) {
        self.create_issues(new, each);
    }

    fn write(&self, writes: &[IssueWrite<'_>], ready: Ready<'_>) -> Vec<Result<Written>> {
        self.write_issues(writes, ready)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn error(kind: Kind, call: &str, message: impl std::fmt::Display) -> Error {
    Error::new(kind, Host::Huly, call, message)
}

/// What a receiver of ours failed with.
fn local(call: &str, cause: anyhow::Error) -> Error {
    cause.downcast().unwrap_or_else(|cause| error(Kind::Local, call, format!("{cause:#}")))
}
