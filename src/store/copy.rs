//! The private copy of the state that a dry run works on.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::files::{make_private, sibling};

/// A file that is removed with this value, with all that SQLite lays beside it.
#[derive(Debug)]
pub(super) struct PrivateCopy(pub(super) PathBuf);

impl PrivateCopy {
    /// Beside the state where that folder can be written, else in the folder for temporary files:
    /// a dry run creates no folder.
    pub(super) fn beside(path: &Path) -> Result<Self> {
        let name = format!(".huly-vibe-sync-dry-run-{}.db", std::process::id());
        let beside =
            path.parent().filter(|folder| folder.is_dir()).map(|folder| folder.join(&name));
        if let Some(own) = beside.filter(|own| make_private(own).is_ok()) {
            return Ok(Self(own));
        }
        let own = std::env::temp_dir().join(&name);
        make_private(&own).with_context(|| format!("failed to make {}", own.display()))?;
        Ok(Self(own))
    }
}

impl Drop for PrivateCopy {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let _ = fs::remove_file(sibling(&self.0, suffix));
        }
    }
}
