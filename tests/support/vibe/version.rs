//! What differs between the versions.

/// The versions that can be simulated, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VibeVersion {
    /// The one that was recorded.
    V0_0_71,
    /// Takes the status on create; has `shared_task_id`; last with `git_repo_path`.
    V0_0_117,
    /// Repositories are a route of their own.
    V0_0_144,
    /// The last with local tasks.
    V0_1_14,
    /// No local projects and tasks any more: web page on GET, 405 on writes.
    V0_1_15,
}

impl VibeVersion {
    /// As `/api/info` spells it.
    pub fn number(self) -> &'static str {
        match self {
            VibeVersion::V0_0_71 => "0.0.71",
            VibeVersion::V0_0_117 => "0.0.117",
            VibeVersion::V0_0_144 => "0.0.144",
            VibeVersion::V0_1_14 => "0.1.14",
            VibeVersion::V0_1_15 => "0.1.15",
        }
    }

    /// Projects and tasks are there (up to 0.1.14).
    pub fn has_tasks(self) -> bool {
        self < VibeVersion::V0_1_15
    }

    /// The status of a create counts (from 0.0.117).
    pub fn takes_status_on_create(self) -> bool {
        self >= VibeVersion::V0_0_117
    }

    /// A PUT with a blank description stores null (from 0.0.98).
    pub fn blanks_are_null(self) -> bool {
        self >= VibeVersion::V0_0_117
    }

    /// A project has one `git_repo_path` (up to 0.0.136); later it has repositories.
    pub fn has_repo_path(self) -> bool {
        self <= VibeVersion::V0_0_117
    }

    /// What a create in an unknown project is told (from 0.1.2 on nothing).
    pub fn unknown_project(self) -> &'static str {
        if self >= VibeVersion::V0_1_14 {
            "An internal error occurred. Please try again."
        } else {
            "DatabaseError: error returned from database: (code: 787) FOREIGN KEY constraint failed"
        }
    }

    /// Tasks have `shared_task_id` (0.0.117 to 0.0.155).
    pub fn has_shared_tasks(self) -> bool {
        matches!(self, VibeVersion::V0_0_117 | VibeVersion::V0_0_144)
    }

    /// A deletion goes on in the background.
    pub fn deletes_later(self) -> bool {
        self >= VibeVersion::V0_0_144
    }

    /// A page from elsewhere is refused (from 0.0.157).
    pub fn refuses_origins(self) -> bool {
        self >= VibeVersion::V0_1_14
    }

    /// `/api/info` has `data.version`.
    pub fn tells_version(self) -> bool {
        self >= VibeVersion::V0_0_144
    }
}
