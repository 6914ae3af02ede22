//! What holds where nothing is said.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::{
    Config, Conflict, Creation, Deletion, Direction, Guard, Http, Huly, Keep, Letta, OfSystems,
    OnDeletion, Policy, Route, Status, Sync, Vibe, Watch, Way,
};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

impl Default for Config {
    /// Without addresses, and with a state file in the working directory: for tests and the demo.
    /// The command asks [`Config::load`].
    fn default() -> Self {
        Self {
            huly: Huly::default(),
            vibe: Vibe { url: None },
            letta: Letta::default(),
            sync: Sync::default(),
            conflict: Conflict {
                title: Policy::Huly,
                description: Policy::Huly,
                status: Policy::Huly,
            },
            deletion: Deletion { issue: OnDeletion::Cancel, task: OnDeletion::Keep },
            creation: Creation { huly: true, vibe: true, projects: true },
            guard: Guard::default(),
            status: Status::default(),
            projects: BTreeMap::new(),
            http: Http::default(),
            keep: Keep::default(),
            watch: Watch::default(),
            state: PathBuf::from("state.db"),
            origins: BTreeMap::new(),
        }
    }
}

impl Default for Huly {
    fn default() -> Self {
        Self {
            backend: None,
            api_url: None,
            url: None,
            workspace: None,
            token: None,
            email: None,
            password: None,
            accounts_url: None,
            transactor_url: None,
            collaborator_url: None,
            files_url: None,
            rate: 20,
        }
    }
}

impl Default for Letta {
    fn default() -> Self {
        Self {
            url: None,
            password: None,
            model: "letta/letta-free".to_owned(),
            embedding: "letta/letta-free".to_owned(),
            readme: false,
            write_settings: false,
            timeout: Duration::from_secs(65),
        }
    }
}

impl Default for Sync {
    fn default() -> Self {
        Self {
            direction: Direction::Both,
            jobs: 4,
            deadline: Some(Duration::from_secs(15 * MINUTE)),
            full_every: Duration::from_secs(DAY),
            create_grace: Duration::from_secs(30),
            max_memory: 256 << 20,
            repos_dir: None,
            archived: false,
            adopt_by_title: false,
            dry_run: false,
        }
    }
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            share: 25,
            count: 5,
            create: 50,
            projects: 20,
            allow_delete: false,
            allow_overwrite: false,
            allow_create: false,
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            call_timeout: Duration::from_secs(30),
            list_timeout: Duration::from_secs(60),
            attempts: 4,
            backoff: Duration::from_millis(250),
            proxy: Route::default(),
            no_proxy: Vec::new(),
            way: Way::default(),
            ca_file: None,
            authorities: Vec::new(),
            headers: OfSystems::default(),
        }
    }
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            runs: Duration::from_secs(90 * DAY),
            changes: Duration::from_secs(30 * DAY),
            losers: Duration::from_secs(365 * DAY),
        }
    }
}
