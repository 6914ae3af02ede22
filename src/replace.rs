//! A file that others read at any time: it is there whole, as it was or as it is now.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::store::sibling;

/// Writes a file beside it and gives that its name; with this mode, else with the usual one.
///
/// # Errors
/// The folder is missing or cannot be written, the disk is full, or a folder has the name: what was
/// there stays.
pub fn file(path: &Path, text: &str, mode: Option<u32>) -> io::Result<()> {
    let new = sibling(path, &format!(".new-{}", std::process::id()));
    let written = write(&new, text, mode).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}

fn write(path: &Path, text: &str, mode: Option<u32>) -> io::Result<()> {
    // Of a process of that number that was killed.
    let _ = fs::remove_file(path);
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    if let Some(mode) = mode {
        file.set_permissions(Permissions::from_mode(mode))?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
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
}
