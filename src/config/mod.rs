//! Every setting, as one validated value: flags over environment over file over defaults.
//!
//! [`KEYS`] is the one table of them; file, environment, flags and `examples/config.toml` go by it.

mod authorities;
mod cross;
mod defaults;
mod env;
mod file;
mod fingerprint;
mod headers;
mod huly;
mod invalid;
mod key;
mod keys;
mod letta;
mod load;
mod maps;
mod origin;
mod paths;
mod read_file;
mod route;
mod secret_files;
mod selection;
mod spared;
mod url;
mod values;
mod watch;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use rustls::pki_types::CertificateDer;

use crate::model::{Field, Side};

pub use env::Environment;
pub use headers::{Headers, OfSystems};
pub use huly::{Account, Backend, Chosen, Huly, Login, Secret};
pub use invalid::{Invalid, Problem};
pub use key::Key;
pub use keys::{KEYS, SECTIONS, key};
pub use letta::Letta;
pub use load::{Flag, Sources};
pub use maps::VIBE_STATUSES;
pub use origin::{Effective, Origin};
pub use route::{Detour, Route, Way};
pub use selection::{Glob, Selection, Shard};
pub use values::duration;
pub use watch::{Ping, Repeats, Watch};

/// What all commands go by.
#[derive(Debug, Clone)]
pub struct Config {
    /// `[huly]`
    pub huly: Huly,
    /// `[vibe]`
    pub vibe: Vibe,
    /// `[letta]`
    pub letta: Letta,
    /// `[sync]`
    pub sync: Sync,
    /// `[conflict]`
    pub conflict: Conflict,
    /// `[deletion]`
    pub deletion: Deletion,
    /// `[creation]`
    pub creation: Creation,
    /// `[guard]`
    pub guard: Guard,
    /// `[status]`
    pub status: Status,
    /// `[projects]`: by Huly identifier.
    pub projects: BTreeMap<String, Pairing>,
    /// `[http]`
    pub http: Http,
    /// `[keep]`
    pub keep: Keep,
    /// `[watch]`
    pub watch: Watch,
    /// The state file. `--state`, `HULY_VIBE_SYNC_STATE`
    pub state: PathBuf,
    /// Where what is not a default came from, by key.
    origins: BTreeMap<String, Origin>,
}

/// `[vibe]`
#[derive(Debug, Clone)]
pub struct Vibe {
    /// Base URL without `/api` or a slash at its end; the port is kept. `VIBE_API_URL`
    pub url: Option<String>,
}

/// Which way changes cross.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    Both,
    /// Nothing is written to Huly.
    HulyToVibe,
    /// Nothing is written to Vibe Kanban.
    VibeToHuly,
}

impl Direction {
    /// Whether changes may be written to this side.
    #[must_use]
    pub fn writes_to(self, side: Side) -> bool {
        !matches!((self, side), (Self::HulyToVibe, Side::Huly) | (Self::VibeToHuly, Side::Vibe))
    }
}

/// `[sync]`
#[derive(Debug, Clone)]
pub struct Sync {
    /// `both`
    pub direction: Direction,
    /// Worker threads (4). `MAX_WORKERS`
    pub jobs: usize,
    /// A pass ends by then (15 min); `None` is none.
    pub deadline: Option<Duration>,
    /// Everything is read at least this often (24 h).
    pub full_every: Duration,
    /// How old an unanswered create must be before it is sent again (30 s).
    pub create_grace: Duration,
    /// The pass ends cleanly above this many bytes (256 MiB).
    pub max_memory: u64,
    /// Where repositories of new Vibe projects are. `STACKS_DIR`
    pub repos_dir: Option<PathBuf>,
    /// Whether archived Huly projects are synced (no).
    pub archived: bool,
    /// Whether equal titles that are unique on both sides link unlinked items (no).
    pub adopt_by_title: bool,
    /// Nothing is written anywhere (no). `--dry-run`, `DRY_RUN`
    pub dry_run: bool,
}

/// Who wins when both sides changed a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Huly's value.
    Huly,
    /// Vibe Kanban's value.
    Vibe,
    /// The later one where both sides proved when, else Huly's.
    Newest,
}

/// `[conflict]`
#[derive(Debug, Clone)]
pub struct Conflict {
    /// `huly`
    pub title: Policy,
    /// `huly`
    pub description: Policy,
    /// `huly`
    pub status: Policy,
}

impl Conflict {
    /// The policy of a field.
    #[must_use]
    pub fn of(&self, field: Field) -> Policy {
        match field {
            Field::Title => self.title,
            Field::Description => self.description,
            Field::Status => self.status,
        }
    }
}

/// What happens to the item whose other half was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDeletion {
    /// It gets the status of cancelled things.
    Cancel,
    /// It is deleted too (tasks only).
    Delete,
    /// It is left alone.
    Keep,
}

/// `[deletion]`
#[derive(Debug, Clone)]
pub struct Deletion {
    /// An issue was deleted: `cancel`, `delete` or `keep` its task (cancel).
    pub issue: OnDeletion,
    /// A task was deleted: `cancel` or `keep` its issue (keep).
    pub task: OnDeletion,
}

/// `[creation]`
#[derive(Debug, Clone)]
pub struct Creation {
    /// Whether tasks become issues (yes).
    pub huly: bool,
    /// Whether issues become tasks (yes).
    pub vibe: bool,
    /// Whether missing Vibe projects are made (yes).
    pub projects: bool,
}

/// `[guard]`
#[derive(Debug, Clone)]
pub struct Guard {
    /// Refuse when more than this share of a project's links is hit, in percent (25)...
    pub share: u32,
    /// ...and more than this many (5).
    pub count: u64,
    /// Refuse more creations than this (50).
    pub create: u64,
    /// Refuse more new Vibe projects than this when pairs exist (20).
    pub projects: u64,
    /// `--allow-mass-delete`
    pub allow_delete: bool,
    /// `--allow-mass-overwrite`
    pub allow_overwrite: bool,
    /// `--allow-mass-create`
    pub allow_create: bool,
}

/// `[status]`: names beside the usual ones.
#[derive(Debug, Clone, Default)]
pub struct Status {
    /// `[status.to_vibe]`: Huly status name (lower case) → Vibe status.
    pub to_vibe: BTreeMap<String, String>,
    /// `[status.to_huly]`: Vibe status → Huly status name.
    pub to_huly: BTreeMap<String, String>,
    /// `[status.fallback]`: Vibe status → Huly status name, where the project lacks the usual one.
    pub fallback: BTreeMap<String, String>,
}

/// One entry of `[projects]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pairing {
    /// The Vibe project's id or name.
    With(String),
    /// A new Vibe project, whatever the names say.
    New,
    /// Not synced.
    Never,
}

/// `[http]`
#[derive(Debug, Clone)]
pub struct Http {
    /// 5 s
    pub connect_timeout: Duration,
    /// Of a whole call (30 s).
    pub call_timeout: Duration,
    /// Of a list without a byte (60 s).
    pub list_timeout: Duration,
    /// Tries of a request (4).
    pub attempts: u32,
    /// First wait between tries; doubles, with full jitter (250 ms).
    pub backoff: Duration,
    /// `environment`, `none`, or the address of one (environment).
    pub proxy: Route,
    /// Hosts that are reached without that one.
    pub no_proxy: Vec<String>,
    /// What the two come to.
    pub way: Way,
    /// PEM; of authorities that are trusted beside those that are built in.
    pub ca_file: Option<PathBuf>,
    /// What that file held.
    pub authorities: Vec<CertificateDer<'static>>,
    /// What goes into every request to a system.
    pub headers: OfSystems,
}

/// `[keep]`: how long history stays.
#[derive(Debug, Clone)]
pub struct Keep {
    /// 90 d
    pub runs: Duration,
    /// 30 d
    pub changes: Duration,
    /// 365 d
    pub losers: Duration,
}
