//! A file that others read at any time: it is there whole, as it was or as it is now.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

use crate::store::sibling;

/// Writes a file beside it and gives that its name.
pub(super) fn file(path: &Path, text: &str) -> Result<()> {
    let new = sibling(path, &format!(".new-{}", std::process::id()));
    let written = write(&new, text).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written.with_context(|| format!("failed to write {}", path.display()))
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    // Of a process of that number that was killed.
    let _ = fs::remove_file(path);
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
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
            file(&path, text).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::create_dir(folder.path().join("taken")).unwrap();
        fs::write(folder.path().join("taken/file"), "").unwrap();
        let error = file(&folder.path().join("taken"), "text").unwrap_err();
        assert!(error.to_string().starts_with("failed to write "), "{error}");
        file(&folder.path().join("none/page.html"), "text").unwrap_err();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
