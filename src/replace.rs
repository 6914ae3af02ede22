//! A file that others read at any time: it is there whole, as it was or as it is now.

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{
    FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use crate::lock;
use crate::store::sibling;

/// `O_NONBLOCK`: a pipe that nobody reads must not be waited for.
const NO_WAITING: i32 =
    if cfg!(any(target_os = "linux", target_os = "android")) { 0o4000 } else { 0x4 };

/// `ENXIO`: a pipe without a reader, or a device without a driver.
const NOBODY_THERE: i32 = 6;

/// What is at a path, and so how a text gets there.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    /// A file, or nothing yet: written beside it and renamed. Where links lead to.
    File(PathBuf),
    /// A pipe, a character device or a descriptor of this process: written into, and never replaced.
    Stream,
    /// Nothing that a text could be written into.
    Refused(&'static str),
}

/// Writes a file beside it and gives that its name; what a link leads to is replaced, and not the link.
/// A file that was there keeps its mode, and its owner where that is allowed; a new one gets this mode,
/// else the usual one. Devices and pipes are written into.
///
/// # Errors
/// The folder is missing or cannot be written, the disk is full, or what has the name is no file: what
/// was there stays.
pub fn file(path: &Path, text: &str, mode: Option<u32>) -> io::Result<()> {
    match target(path)? {
        Target::File(real) => replace(&real, text, mode),
        Target::Stream => write_into(path, text),
        Target::Refused(what) => Err(io::Error::new(io::ErrorKind::InvalidInput, what)),
    }
}

fn target(path: &Path) -> io::Result<Target> {
    let found = match fs::metadata(path) {
        Ok(found) => found,
        // Also a link to what is not there yet.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return lock::real_path(path).map(Target::File);
        }
        Err(error) => return Err(error),
    };
    let kind = found.file_type();
    if kind.is_fifo() || kind.is_char_device() {
        return Ok(Target::Stream);
    }
    if kind.is_dir() {
        return Ok(Target::Refused("a folder has this name"));
    }
    if !kind.is_file() {
        return Ok(Target::Refused("neither a file nor a pipe nor a character device"));
    }
    if is_descriptor(path) {
        return Ok(Target::Stream);
    }
    if is_database(path) {
        return Ok(Target::Refused(
            "a database has this name, such as the state file: name another one",
        ));
    }
    lock::real_path(path).map(Target::File)
}

/// Whether a file is one of SQLite's. One that cannot be read is replaced as any other.
fn is_database(path: &Path) -> bool {
    const MAGIC: &[u8] = b"SQLite format 3\0";
    let mut begin = [0; MAGIC.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut begin));
    read.is_ok() && begin == *MAGIC
}

/// Whether the path is that of an open file (`/dev/stdout`, `/dev/fd/3`): to give its name to another
/// file would take away what is there from whoever opened it.
fn is_descriptor(path: &Path) -> bool {
    let mut path = path.to_owned();
    for _ in 0..40 {
        let Some(folder) = path.parent().and_then(|folder| folder.canonicalize().ok()) else {
            return false;
        };
        if folder.starts_with("/proc") || folder.starts_with("/dev/fd") {
            return true;
        }
        match fs::read_link(&path) {
            Ok(to) => path = folder.join(to),
            Err(_) => return false,
        }
    }
    false
}

fn write_into(path: &Path, text: &str) -> io::Result<()> {
    let open = |flags| OpenOptions::new().append(true).custom_flags(flags).open(path);
    // Fails where nobody reads from a pipe; with a reader the second one does not wait for it.
    let _reader_is_there = open(NO_WAITING).map_err(|error| match error.raw_os_error() {
        Some(NOBODY_THERE) => io::Error::other("nobody reads from this pipe"),
        _ => error,
    })?;
    open(0)?.write_all(text.as_bytes())
}

fn replace(path: &Path, text: &str, mode: Option<u32>) -> io::Result<()> {
    let before = fs::metadata(path).ok();
    let new = sibling(path, &format!(".new-{}", std::process::id()));
    let written = write(&new, text, before.as_ref(), mode).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}

fn write(path: &Path, text: &str, before: Option<&Metadata>, mode: Option<u32>) -> io::Result<()> {
    // Of a process of that number that was killed.
    let _ = fs::remove_file(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    if before.is_some() || mode.is_some() {
        // Nobody else reads it before it has the mode that it is to have.
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    if let Some(before) = before {
        keep_owner(&file, before);
    }
    if let Some(mode) = before.map(|before| before.mode() & 0o7777).or(mode) {
        file.set_permissions(Permissions::from_mode(mode))?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Only root may give files away; a group of one's own may be kept by anybody.
fn keep_owner(file: &File, before: &Metadata) {
    let is_kept = std::os::unix::fs::fchown(file, Some(before.uid()), Some(before.gid())).is_ok()
        || std::os::unix::fs::fchown(file, None, Some(before.gid())).is_ok();
    if !is_kept {
        log::debug!("the owner of a replaced file is not kept");
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_nothing_stays_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.html");
        for text in ["one", "another"] {
            file(&path, text, Some(0o640)).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::create_dir(folder.path().join("taken")).unwrap();
        fs::write(folder.path().join("taken/file"), "").unwrap();
        file(&folder.path().join("taken"), "text", None).unwrap_err();
        file(&folder.path().join("none/page.html"), "text", None).unwrap_err();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_database_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        fs::write(&path, "SQLite format 3\0and pages").unwrap();
        let error = file(&path, "text", None).unwrap_err();
        assert!(error.to_string().contains("name another one"), "{error}");
        assert!(fs::read(&path).unwrap().starts_with(b"SQLite"));
    }

    #[test]
    fn a_file_that_was_there_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.html");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o604)).unwrap();
        file(&path, "new", Some(0o644)).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o604);
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }

    #[test]
    fn a_link_stays_and_what_it_leads_to_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("real"), "old").unwrap();
        symlink("real", at("link")).unwrap();
        symlink("not-yet", at("dangling")).unwrap();
        for (link, real) in [("link", "real"), ("dangling", "not-yet")] {
            file(&at(link), "new", None).unwrap();
            assert!(fs::symlink_metadata(at(link)).unwrap().is_symlink(), "{link}");
            assert_eq!(fs::read_to_string(at(real)).unwrap(), "new");
        }
    }

    #[test]
    fn a_pipe_is_written_into_where_somebody_reads_and_stays_a_pipe() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let path = folder.path().join("link-to-pipe");
        symlink(&pipe, &path).unwrap();
        file(&path, "text", None).unwrap_err();
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || {
                let mut text = String::new();
                File::open(pipe).unwrap().read_to_string(&mut text).unwrap();
                text
            }
        });
        // Until the reader has opened it nobody reads.
        while file(&path, "text", None).is_err() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert_eq!(reader.join().unwrap(), "text");
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    }

    #[test]
    fn a_device_stays_a_device_and_a_socket_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let device = folder.path().join("null");
        let made = Command::new("mknod").arg(&device).args(["c", "1", "3"]).output().unwrap();
        // Root's right, and not in every container.
        if made.status.success() {
            file(&device, "text", Some(0o644)).unwrap();
            assert!(fs::metadata(&device).unwrap().file_type().is_char_device());
        }
        let socket = folder.path().join("socket");
        let _listener = UnixListener::bind(&socket).unwrap();
        let error = file(&socket, "text", None).unwrap_err();
        assert_eq!(error.to_string(), "neither a file nor a pipe nor a character device");
        assert!(fs::metadata(&socket).unwrap().file_type().is_socket());
    }

    #[test]
    fn an_open_file_is_written_into_at_its_end() {
        use std::os::fd::AsRawFd as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let log = OpenOptions::new().create(true).append(true).open(&path).unwrap();
        let descriptor = format!("/dev/fd/{}", log.as_raw_fd());
        if !Path::new(&descriptor).exists() {
            return;
        }
        fs::write(&path, "line\n").unwrap();
        file(Path::new(&descriptor), "text\n", None).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "line\ntext\n");
    }
}
