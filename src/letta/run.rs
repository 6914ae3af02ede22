//! What all projects of a push share: what it was given, what it read, and whether it goes on.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::client::Client;
use super::directory::Directory;
use crate::config::Config;
use crate::http::{self, Kind};
use crate::model::Millis;
use crate::stop::Stop;
use crate::store::{Store, meta};

/// Calls in a row that found nobody, until nobody is called any more.
const PATIENCE: u32 = 3;

/// What a push is given.
pub struct Input<'a> {
    /// All settings.
    pub config: &'a Config,
    /// The server.
    pub client: &'a Client,
    /// The address that the client was made for.
    pub url: &'a str,
    /// The state, or a dry run's copy of it.
    pub store: &'a Store,
    /// Ends the push early.
    pub stop: &'a Stop,
    /// When the run began; our clock.
    pub now: Millis,
    /// All blocks are written.
    pub force: bool,
    /// What Letta has is looked at, and what drifted is written.
    pub verify: bool,
    /// Nothing is written, neither there nor here.
    pub dry_run: bool,
}

impl Input<'_> {
    /// The time right now; our clock as it was when the run began, so that nobody sets it meanwhile.
    pub(super) fn time(&self) -> Millis {
        self.now.saturating_add(self.stop.elapsed())
    }
}

/// What all projects of a run share.
pub(super) struct Run<'a> {
    pub(super) input: &'a Input<'a>,
    directory: OnceLock<http::Result<Directory>>,
    by_id: OnceLock<http::Result<bool>>,
    halt: Mutex<Option<http::Error>>,
    away: Mutex<Away>,
}

/// Calls in a row that found nobody.
#[derive(Default)]
struct Away {
    calls: u32,
    /// Why the first of them did: what follows may be that nobody was called any more.
    first: Option<http::Error>,
}

impl<'a> Run<'a> {
    pub(super) fn new(input: &'a Input<'a>) -> Self {
        Self {
            input,
            directory: OnceLock::new(),
            by_id: OnceLock::new(),
            halt: Mutex::default(),
            away: Mutex::default(),
        }
    }

    /// All agents: read once, when it is first asked for.
    pub(super) fn directory(&self) -> http::Result<&Directory> {
        let read = self.directory.get_or_init(|| Directory::read(self.input.client));
        read.as_ref().map_err(|error| {
            // Whoever else asks gets the same.
            self.halt(error);
            error.clone()
        })
    }

    /// The same, if it was read.
    pub(super) fn known_directory(&self) -> Option<&Directory> {
        self.directory.get()?.as_ref().ok()
    }

    /// Whether blocks are written by their id.
    pub(super) fn writes_by_id(&self) -> http::Result<bool> {
        self.by_id.get_or_init(|| version(self.input)).clone()
    }

    /// What keeps everybody from calling.
    ///
    /// # Errors
    /// That very thing.
    pub(super) fn goes_on(&self) -> http::Result<()> {
        self.halted().map_or(Ok(()), Err)
    }

    pub(super) fn halted(&self) -> Option<http::Error> {
        lock(&self.halt).clone()
    }

    /// Takes note of how a call went.
    pub(super) fn note(&self, error: Option<&http::Error>) {
        let Some(error) = error else { return *lock(&self.away) = Away::default() };
        let ends = match error.kind {
            Kind::Offline | Kind::Throttled => {
                let mut away = lock(&self.away);
                away.calls += 1;
                away.first.get_or_insert_with(|| error.clone());
                away.calls >= PATIENCE
            }
            kind if kind.ends_all() => true,
            _ => {
                *lock(&self.away) = Away::default();
                false
            }
        };
        if ends {
            self.halt(error);
        }
    }

    /// Somebody was not found by the last call, and nobody since.
    pub(super) fn is_away(&self) -> bool {
        lock(&self.away).calls > 0
    }

    fn halt(&self, error: &http::Error) {
        let is_away = matches!(error.kind, Kind::Offline | Kind::Throttled);
        let first = lock(&self.away).first.clone().filter(|_| is_away);
        lock(&self.halt).get_or_insert_with(|| first.unwrap_or_else(|| error.clone()));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asked once a day at the most: who writes one block a pass sends one request.
fn version(input: &Input<'_>) -> http::Result<bool> {
    const DAY: Millis = 24 * 60 * 60 * 1000;
    let known = input.store.read(|state| meta::get(state, meta::LETTA_VERSION)).ok().flatten();
    let known = known.as_deref().and_then(|text| text.split_once(' '));
    if let Some((way, at)) = known
        && let Ok(at) = at.parse::<Millis>()
        && (input.now - at).abs() < DAY
        && !input.verify
        && !input.force
    {
        return Ok(way == BY_ID);
    }
    // One that is told in no known form is written to in the way that all versions know.
    let by_id = input.client.version()?.is_some_and(super::version::Version::renews_prompts);
    let way = if by_id { BY_ID } else { BY_LABEL };
    let stored = input
        .store
        .write(|state| meta::set(state, meta::LETTA_VERSION, &format!("{way} {}", input.now)));
    if let Err(error) = stored {
        // What cannot be written now is said by the commit that follows.
        log::debug!("{error:#}");
    }
    Ok(by_id)
}

const BY_ID: &str = "by-id";
const BY_LABEL: &str = "by-label";
