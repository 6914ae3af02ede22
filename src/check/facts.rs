//! What was seen, as plain values.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::{Config, Invalid};
use crate::http::{Error, Host};
use crate::model::Millis;
use crate::sync::pairing::Partner;
use crate::sync::status::Vocabulary;
use crate::{huly, store, vibe};

/// All systems together are waited for so long; the last request of a login gets up to 2 s more.
pub(super) const LONGEST: Duration = Duration::from_secs(10);

/// All that findings go by.
#[derive(Debug)]
pub struct Facts {
    /// The settings in effect.
    pub config: Config,
    /// Where they and the secrets are.
    pub files: Files,
    /// By the keys of addresses: the key or variable that names the proxy on the way there.
    pub proxies: BTreeMap<&'static str, &'static str>,
    /// The state file.
    pub state: State,
    /// Huly.
    pub huly: Asked<Huly>,
    /// Vibe Kanban.
    pub vibe: Asked<Vibe>,
    /// Letta, where an address is set.
    pub letta: Option<Asked<Letta>>,
    /// How far the clocks of those that answered are ahead of this machine's.
    pub clocks: Vec<(Host, Millis)>,
    /// What a pass would make of both lists of projects; an error where Vibe Kanban does not tell
    /// where its repositories are, `None` where one of the lists is missing.
    pub pairs: Option<Result<BTreeMap<String, Partner>, Error>>,
    /// The repositories that were looked at, by Huly identifier. None where Vibe Kanban is on
    /// another machine: they are there, and not here.
    pub repositories: BTreeMap<String, Repository>,
    /// Statuses of the projects that are synced, by Huly identifier, as far as they are known.
    pub vocabularies: BTreeMap<String, Vocabulary>,
    /// The first project whose statuses were asked for and not told; no others are asked for then.
    pub no_statuses: Option<(String, Error)>,
}

/// Where settings and secrets are.
#[derive(Debug, Default)]
pub struct Files {
    /// The configuration file, and whether it is there.
    pub config: Option<(PathBuf, bool)>,
    /// Files with secrets that everybody on this machine may read or write.
    pub open_secrets: Vec<PathBuf>,
}

/// The state file and its folder.
#[derive(Debug)]
pub struct State {
    /// As set.
    pub path: PathBuf,
    /// Its version; `None` where there is none yet, or why it cannot be used.
    pub version: Result<Option<u32>, String>,
    /// The version that this program writes.
    pub newest: u32,
    /// Its size.
    pub bytes: u64,
    /// Whether others than its owner may read or write it.
    pub is_open: bool,
    /// Whether a pass is at work, or why that cannot be told.
    pub held: Result<bool, String>,
    /// Why a pass could not write there.
    pub unwritable: Option<String>,
    /// The pairs that are known.
    pub projects: Vec<store::projects::Project>,
}

/// What came of asking a system.
#[derive(Debug)]
pub enum Asked<T> {
    /// Its settings do not say how.
    Unset(Invalid),
    /// It was asked, and this went wrong.
    Failed(Error),
    /// What it said.
    Told(T),
}

impl<T> Asked<T> {
    /// What it said, if it did.
    pub fn told(&self) -> Option<&T> {
        match self {
            Self::Told(told) => Some(told),
            Self::Unset(_) | Self::Failed(_) => None,
        }
    }
}

/// What Huly said.
#[derive(Debug)]
pub struct Huly {
    /// `first`, `second`, `platform 0.7.422`; `None` where no project is listed to ask by.
    pub version: Option<String>,
    /// Whether existing descriptions can be changed.
    pub edits_text: bool,
    /// As listed.
    pub projects: Vec<huly::Project>,
}

/// What Vibe Kanban said.
#[derive(Debug)]
pub struct Vibe {
    /// Where it tells one. A pass does without.
    pub version: Result<Option<String>, Error>,
    /// As listed.
    pub projects: Vec<vibe::Project>,
}

/// What Letta said.
#[derive(Debug)]
pub struct Letta {
    /// In its own words.
    pub version: String,
    /// Whether prompts follow a block that is written by its id, where the version can be read.
    pub renews_prompts: Option<bool>,
}

/// What is where a repository should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Its path.
    pub path: String,
    /// What is there.
    pub found: Place,
}

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A Git repository.
    Git,
    /// A folder without one.
    Folder,
    /// Nothing.
    Missing,
}
