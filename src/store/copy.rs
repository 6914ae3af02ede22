//! The private copy of the state that a dry run works on.

use std::collections::hash_map::RandomState;
use std::fs::{self, DirEntry, OpenOptions};
use std::hash::{BuildHasher as _, Hasher as _};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::ffi;

use super::files::sibling;

/// Before the number of the process.
const PREFIX: &str = ".huly-vibe-sync-dry-run-";

/// Where it cannot be told whether its process lives, or it may live on another machine.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// What is copied at a time.
const PAGES: i32 = 1000;

/// How long a file may be locked without a pause.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Between two looks at the lock.
const LOOK: Duration = Duration::from_millis(20);

/// A file that is removed with this value, with all that SQLite lays beside it.
#[derive(Debug)]
pub(super) struct PrivateCopy(pub(super) PathBuf);

impl PrivateCopy {
    /// Beside the state where that folder can be written, else in the folder for temporary files:
    /// a dry run creates no folder.
    pub(super) fn beside(path: &Path) -> Result<Self> {
        remove_abandoned(path);
        // Nobody else can know it before it is there: neither it nor a log beside it is laid in our way.
        let number = RandomState::new().build_hasher().finish();
        let name = format!("{PREFIX}{}.{number:016x}.db", std::process::id());
        let beside =
            path.parent().filter(|folder| folder.is_dir()).map(|folder| folder.join(&name));
        if let Some(own) = beside.filter(|own| make(own).is_ok()) {
            return Ok(Self(own));
        }
        let own = std::env::temp_dir().join(&name);
        make(&own).with_context(|| format!("failed to make {}", own.display()))?;
        Ok(Self(own))
    }
}

/// Makes the file for its owner alone: one that is there, or a link, is an error.
fn make(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map(drop)
}

/// Removes what killed dry runs have left, beside this state and in the folder for temporary
/// files.
pub(super) fn remove_abandoned(path: &Path) {
    let folders = [path.parent().map(Path::to_owned), Some(std::env::temp_dir())];
    for entry in folders.into_iter().flatten().filter_map(|folder| fs::read_dir(folder).ok()) {
        for file in entry.flatten().filter(is_abandoned) {
            let _ = fs::remove_file(file.path());
        }
    }
}

fn is_abandoned(file: &DirEntry) -> bool {
    let name = file.file_name();
    let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { return false };
    let process = rest.split('.').next().unwrap_or_default();
    let is_old = || {
        let modified = file.metadata().and_then(|file| file.modified()).ok();
        modified.and_then(|at| at.elapsed().ok()).is_some_and(|age| age > ABANDONED)
    };
    process.bytes().all(|digit| digit.is_ascii_digit()) && (is_dead(process) || is_old())
}

/// Whether this machine has no such process any more.
fn is_dead(process: &str) -> bool {
    Path::new("/proc/self").exists() && !Path::new("/proc").join(process).exists()
}

/// Copies all of it. Whoever keeps the file locked is waited for, but not for ever: on a file system
/// without locks every look at one says that it is held.
pub(super) fn fill(backup: &Backup<'_, '_>, patience: Duration) -> Result<()> {
    let mut held: Option<Instant> = None;
    loop {
        match backup.step(PAGES)? {
            StepResult::Done => return Ok(()),
            StepResult::More => held = None,
            _ if held.get_or_insert_with(Instant::now).elapsed() < patience => thread::sleep(LOOK),
            _ => {
                return Err(rusqlite::Error::SqliteFailure(
                    ffi::Error::new(ffi::SQLITE_BUSY),
                    None,
                )
                .into());
            }
        }
    }
}

impl Drop for PrivateCopy {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let _ = fs::remove_file(sibling(&self.0, suffix));
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn a_file_that_stays_locked_is_not_waited_for_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let open = |name: &str| Connection::open(folder.path().join(name)).unwrap();
        let (source, mut copy, other) = (open("state.db"), open("copy.db"), open("state.db"));
        source.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (7)").unwrap();
        source.busy_timeout(Duration::ZERO).unwrap();
        other.execute_batch("BEGIN EXCLUSIVE").unwrap();
        let error = fill(&Backup::new(&source, &mut copy).unwrap(), LOOK * 3).unwrap_err();
        let code = error.downcast::<rusqlite::Error>().unwrap().sqlite_error_code();
        assert_eq!(code, Some(rusqlite::ErrorCode::DatabaseBusy));

        other.execute_batch("ROLLBACK").unwrap();
        fill(&Backup::new(&source, &mut copy).unwrap(), LOOK * 3).unwrap();
        let copied: u32 = copy.query_row("SELECT x FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!(copied, 7);
    }
}
