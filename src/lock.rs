//! One writer a state file: a lock of the kernel's, which dies with the process that holds it.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Keeps all who would write a state file out until it is dropped, together with others who read.
#[derive(Debug)]
pub struct Shared {
    _held: File,
}

/// The right to write a state file, until it is dropped.
///
/// The lock's file stays behind: to remove it would let a second pass lock a new file of the same
/// name while the first still holds the old one.
#[derive(Debug)]
pub struct Lock {
    _held: File,
    state: PathBuf,
}

impl Lock {
    /// Takes the lock of this state, whose folder is made when missing; `None` when another process
    /// (or another part of this one) has it.
    ///
    /// # Errors
    /// The folder or the lock's file cannot be made, or the file system knows no locks.
    pub fn take(state: &Path) -> Result<Option<Self>> {
        if let Some(folder) = state.parent() {
            make_folder(folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        }
        let state = real_path(state)
            .with_context(|| format!("cannot find the real path of {}", state.display()))?;
        let path = lock_path(&state);
        let file =
            open(&path).with_context(|| format!("cannot open the lock {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _held: file, state })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => {
                let advice = if knows_no_locks(&error) { NO_LOCKS } else { "" };
                Err(error).with_context(|| format!("cannot lock {}{advice}", path.display()))
            }
        }
    }

    /// Whether somebody has the lock of this state now. It is tried for an instant and together with
    /// all who merely look, and its file is not made.
    ///
    /// # Errors
    /// The lock's file cannot be opened, or the file system knows no locks.
    pub fn is_held(state: &Path) -> io::Result<bool> {
        match Self::share(state) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            shared => Ok(shared?.is_none()),
        }
    }

    /// Keeps writers out of this state; `None` when one is at work. The lock's file is not made.
    ///
    /// # Errors
    /// The lock's file is missing or cannot be opened, or the file system knows no locks.
    pub fn share(state: &Path) -> io::Result<Option<Shared>> {
        let file = File::open(lock_path(&real_path(state)?))?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Some(Shared { _held: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// The state's real path, symbolic links resolved.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.state
    }
}

const NO_LOCKS: &str = ": its file system knows no locks, as some network file systems do; name a state \
                        on a local disk with --state";

/// Whether the failure is about locks at all, and not about this file.
fn knows_no_locks(error: &io::Error) -> bool {
    // ENOLCK has no kind of its own in the standard library: its number on Linux, and on macOS.
    const ENOLCK: [i32; 2] = [37, 77];
    error.kind() == io::ErrorKind::Unsupported
        || error.raw_os_error().is_some_and(|code| ENOLCK.contains(&code))
}

/// Where a path leads to, also when nothing is there yet: two names of one state have one lock. The
/// folder must exist.
///
/// # Errors
/// A folder on the way is missing or may not be looked into, or links go in a circle.
pub fn real_path(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    // As many as Linux follows.
    for _ in 0..40 {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.canonicalize()?,
            _ => Path::new(".").canonicalize()?,
        };
        let Some(name) = path.file_name() else {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "names no file"));
        };
        path = folder.join(name);
        match fs::read_link(&path) {
            Ok(target) => path = folder.join(target),
            // Not a link, or nothing there.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

fn lock_path(state: &Path) -> PathBuf {
    let mut name = OsString::from(state);
    name.push(".lock");
    PathBuf::from(name)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn whoever_looks_whether_it_is_held_makes_no_file_and_keeps_nobody_out() {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("a/state.db");
        assert!(!Lock::is_held(&state).unwrap());
        assert!(!home.path().join("a").exists());
        let lock = Lock::take(&state).unwrap().unwrap();
        assert!(Lock::is_held(&state).unwrap());
        drop(lock);
        assert!(!Lock::is_held(&state).unwrap());
        assert!(Lock::take(&state).unwrap().is_some());
    }

    #[test]
    fn a_second_taker_gets_none_until_the_first_lets_go() {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("a/b/state.db");
        let lock = Lock::take(&state).unwrap().unwrap();
        assert!(Lock::take(&state).unwrap().is_none());
        assert_eq!(mode(&home.path().join("a/b/state.db.lock")), 0o600);
        assert_eq!(mode(&home.path().join("a/b")), 0o700);
        assert!(!state.exists(), "the lock makes no state");
        drop(lock);
        assert!(Lock::take(&state).unwrap().is_some());
    }

    #[test]
    fn all_names_of_one_state_share_its_lock() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        fs::create_dir(at("real")).unwrap();
        // To a folder, to a link, and to a file that is not there yet.
        symlink("real", at("folder")).unwrap();
        symlink("folder/state.db", at("link")).unwrap();
        symlink(at("link"), at("link-to-link")).unwrap();
        let lock = Lock::take(&at("link-to-link")).unwrap().unwrap();
        assert_eq!(lock.state(), at("real").canonicalize().unwrap().join("state.db"));
        for name in ["link", "real/state.db", "folder/state.db", "real/../real/state.db"] {
            assert!(Lock::take(&at(name)).unwrap().is_none(), "{name}");
        }
        assert!(Lock::take(&at("real/other.db")).unwrap().is_some());
    }

    #[test]
    fn a_file_system_without_locks_is_told_from_other_failures() {
        // As Linux numbers them: ENOLCK, ENOSYS, EOPNOTSUPP; EIO, EACCES.
        for code in [37, 38, 95] {
            assert!(knows_no_locks(&io::Error::from_raw_os_error(code)), "{code}");
        }
        for code in [5, 13] {
            assert!(!knows_no_locks(&io::Error::from_raw_os_error(code)), "{code}");
        }
    }

    #[test]
    fn what_cannot_be_locked_is_an_error_that_names_it() {
        let home = tempfile::tempdir().unwrap();
        symlink("circle", home.path().join("circle")).unwrap();
        Lock::take(&home.path().join("circle")).unwrap_err();
        fs::write(home.path().join("file"), "").unwrap();
        let error = Lock::take(&home.path().join("file/state.db")).unwrap_err();
        assert!(error.to_string().starts_with("cannot make the folder "), "{error}");
        Lock::take(Path::new("/")).unwrap_err();
    }
}
