//! Connections that change nothing, to files that others may be writing meanwhile.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::files::sibling;
use crate::lock::{Lock, Shared};

/// How long another connection is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection to read by.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) connection: Connection,
    /// Of a file that is read as it lies there: keeps writers out as long as it is held.
    pub(super) kept_out: Option<Shared>,
}

/// Opens whatever is there for reading.
///
/// SQLite's own locks keep readers and writers apart, where a reader may make the log's files. So this one
/// does, and takes them away at its end. Only where it cannot (a read-only folder or medium) the file
/// is read as it lies there (`immutable`), and that only while no pass can be writing it.
pub(super) fn connect_to_read(path: &Path) -> rusqlite::Result<Look> {
    let may_need_log = has_a_log(path).unwrap_or(false) && !sibling(path, "-wal").exists();
    if !may_need_log {
        return connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, "").map(Look::from);
    }
    match connect_beside(path) {
        Ok(connection) => Ok(connection.into()),
        Err(error) if is_about_the_folder(&error) => {
            let kept_out = match Lock::share(path) {
                // A pass has just begun: as soon as it has made the log, that can be read.
                Ok(None) if !sibling(path, "-wal").exists() => return Err(busy()),
                Ok(None) => {
                    return connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, "").map(Look::from);
                }
                Ok(shared) => shared,
                // There is no lock, or it is not ours to open: then there is nothing to wait for.
                Err(_) => None,
            };
            let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, "?immutable=1")?;
            Ok(Look { connection, kept_out })
        }
        Err(error) => Err(error),
    }
}

impl From<Connection> for Look {
    fn from(connection: Connection) -> Self {
        Self { connection, kept_out: None }
    }
}

/// A connection that may make the log's files and writes nothing else.
fn connect_beside(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, "")?;
    connection.pragma_update(None, "query_only", true)?;
    // The first read makes them.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

fn busy() -> rusqlite::Error {
    let why = "a pass is writing it, and nothing can be written beside it: try again".to_owned();
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
    rusqlite::Error::SqliteFailure(code, Some(why))
}

fn is_about_the_folder(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied)
    )
}

fn connect(path: &Path, how: OpenFlags, query: &str) -> rusqlite::Result<Connection> {
    let flags = how | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let mut address = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                address.push(char::from(*byte));
            }
            other => {
                let _ = write!(address, "%{other:02X}");
            }
        }
    }
    address.push_str(query);
    let connection = Connection::open_with_flags(address, flags)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

/// Whether the file is written through a write-ahead log, as its head says.
fn has_a_log(path: &Path) -> io::Result<bool> {
    let mut head = [0; 20];
    File::open(path)?.read_exact(&mut head)?;
    Ok(head[18] == 2 || head[19] == 2)
}

/// What a second look at a file says that could not be made sense of.
pub(super) enum Verdict {
    /// It is as it should be: what was read was half written.
    Sound,
    /// A pass is writing it right now, so nothing can be said.
    Busy,
    /// It is not.
    Damaged,
}

/// Looks at the whole file again, over a connection of its own, and while nobody writes. `is_ours` says
/// that this process has the lock.
pub(super) fn look_again(path: &Path, is_ours: bool) -> Verdict {
    let kept_out = if is_ours { Ok(None) } else { Lock::share(path) };
    if !is_ours && matches!(kept_out, Ok(None)) {
        return Verdict::Busy;
    }
    let verdict = connect_to_read(path).and_then(|look| {
        let check = "PRAGMA integrity_check(1)";
        look.connection.query_row(check, [], |row| row.get::<_, String>(0))
    });
    match verdict {
        Ok(verdict) if verdict == "ok" => Verdict::Sound,
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Verdict::Busy,
        Ok(_) | Err(_) => Verdict::Damaged,
    }
}
