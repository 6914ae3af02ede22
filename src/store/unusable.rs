//! What keeps a state file from being used, and the way out.

use std::path::Path;

use rusqlite::ErrorCode;

use super::look::{Verdict, look_again};

/// Whether the failure means that nothing more can be written here.
#[must_use]
pub fn is_full_or_read_only(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|cause| cause.downcast_ref::<rusqlite::Error>()).any(|cause| {
        matches!(
            cause.sqlite_error_code(),
            Some(
                ErrorCode::DiskFull
                    | ErrorCode::ReadOnly
                    | ErrorCode::SystemIoFailure
                    | ErrorCode::CannotOpen
            )
        )
    })
}

/// What is said of a file that another program made.
pub(super) fn foreign(path: &Path) -> String {
    format!("{} is not a state file of this program: name another with --state", path.display())
}

/// What is said of one that SQLite cannot make sense of any more.
pub(super) fn damaged(path: &Path) -> String {
    format!(
        "the state file {} is damaged: move it away; the next pass finds the pairs by their markers \
         (docs/recovery.md)",
        path.display()
    )
}

/// What is said of one that was read as damaged: whoever moves a sound state away loses it, so that is
/// advised only after a second look.
fn unreadable(path: &Path, is_ours: bool) -> String {
    let shown = path.display();
    match look_again(path, is_ours) {
        Verdict::Damaged => damaged(path),
        Verdict::Busy => format!(
            "the state file {shown} could not be read while a pass is writing it: try again; if it \
             lasts, `huly-vibe-sync vacuum --wait 20m` checks it"
        ),
        Verdict::Sound => format!(
            "the state file {shown} could not be read, and a second look finds it sound: try again"
        ),
    }
}

/// The same failure, with the file and the way out where they are not said yet. `is_ours` says that this
/// process has the file's lock.
pub(super) fn explain(path: &Path, is_ours: bool, error: anyhow::Error) -> anyhow::Error {
    let code = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<rusqlite::Error>())
        .and_then(rusqlite::Error::sqlite_error_code);
    match code {
        Some(ErrorCode::NotADatabase) => error.context(foreign(path)),
        Some(ErrorCode::DatabaseCorrupt) => error.context(unreadable(path, is_ours)),
        Some(ErrorCode::DatabaseBusy) => {
            let shown = path.display();
            error.context(format!(
                "the state file {shown} stays locked: another program has it open, or its file system \
                 knows no locks, as some network file systems do; name a state on a local disk with \
                 --state"
            ))
        }
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => {
            let shown = path.display();
            error.context(format!("the state file {shown} cannot be used: is its disk full?"))
        }
        _ => error,
    }
}
