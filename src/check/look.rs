//! What is on this machine: settings, state, repositories. Leaves all of it as it is.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::Result;
use rusqlite::Connection;

use super::facts::{Files, Place, Repository, State};
use crate::config::{Config, Environment};
use crate::huly::Status;
use crate::lock::{self, Lock};
use crate::store::{self, Store};
use crate::sync::pairing::Partner;
use crate::sync::status::Vocabulary;
use crate::vibe;

pub(super) fn at_files(config: &Config, file: Option<PathBuf>, env: &Environment) -> Files {
    let is_open = |path: &PathBuf| {
        fs::metadata(path)
            .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o007 != 0)
    };
    Files {
        config: file.map(|path| (path.clone(), path.exists())),
        open_secrets: config.secret_files(env).into_iter().filter(is_open).collect(),
    }
}

/// The state, and the statuses that passes have seen, by Huly identifier.
pub(super) fn at_state(path: &Path) -> (State, BTreeMap<String, Vocabulary>) {
    let file = fs::metadata(path).ok().filter(fs::Metadata::is_file);
    let mut state = State {
        path: path.to_owned(),
        bytes: file.as_ref().map_or(0, fs::Metadata::len),
        is_open: file.is_some_and(|file| file.permissions().mode() & 0o077 != 0),
        version: Ok(None),
        newest: store::VERSION,
        held: Lock::is_held(path).map_err(|error| error.to_string()),
        unwritable: try_to_write(path).err().map(|error| error.to_string()),
        projects: Vec::new(),
    };
    match read(path) {
        Ok((version, projects, seen)) => {
            (state.version, state.projects) = (Ok(version), projects);
            (state, seen)
        }
        Err(error) => {
            state.version = Err(format!("{error:#}"));
            (state, BTreeMap::new())
        }
    }
}

type Kept = (Option<u32>, Vec<store::projects::Project>, BTreeMap<String, Vocabulary>);

fn read(path: &Path) -> Result<Kept> {
    let version = Store::version_of(path)?;
    let Some(store) = Store::open_read_only(path)? else { return Ok(Kept::default()) };
    store.read(|state| {
        let projects = store::projects::all(state)?;
        let mut seen = BTreeMap::new();
        for row in &projects {
            seen.insert(row.identifier.clone(), seen_statuses(state, row)?);
        }
        Ok((version, projects, seen))
    })
}

/// Those that were told or named by Huly, and those that issues have.
fn seen_statuses(state: &Connection, row: &store::projects::Project) -> Result<Vocabulary> {
    let mut statuses = store::statuses::of(state, row.id)?;
    for name in store::issues::status_names(state, row.id)? {
        if !statuses.iter().any(|known| known.name == name) {
            statuses.push(Status { name, category: None });
        }
    }
    Ok(Vocabulary { statuses, complete: row.statuses_complete, asks_again: false })
}

/// Makes a file where the state's log would be made, and takes it away at once: no permission bits
/// tell what a read-only or remote file system allows.
fn try_to_write(state: &Path) -> io::Result<()> {
    let state = lock::real_path(state).unwrap_or_else(|_| state.to_owned());
    if state.exists() {
        OpenOptions::new().append(true).open(&state)?;
    }
    // A folder that is missing would be made in the nearest one that is there.
    let is_there = |folder: &&Path| folder.is_dir() || folder.as_os_str().is_empty();
    let folder = state.ancestors().skip(1).find(is_there).unwrap_or(Path::new("."));
    let probe = folder.join(format!(".huly-vibe-sync-check-{}", std::process::id()));
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&probe)?;
    fs::remove_file(&probe)
}

/// What is where repositories should be. Nothing where Vibe Kanban is on another machine.
pub(super) fn at_repositories(
    config: &Config,
    pairs: &BTreeMap<String, Partner>,
    listed: &[vibe::Project],
    stored: &[store::projects::Project],
) -> BTreeMap<String, Repository> {
    if !config.vibe.url.as_deref().is_some_and(is_here) {
        return BTreeMap::new();
    }
    let listed = |id: &str| listed.iter().find(|project| project.id == id)?.repo_path.clone();
    let known = |identifier: &str| {
        stored.iter().find(|row| row.identifier == identifier)?.repo_path.clone()
    };
    let at = |(identifier, partner): (&String, &Partner)| {
        let path = match partner {
            Partner::Known { id } => listed(id).or_else(|| known(identifier)),
            Partner::Found { id, path, .. } => path.clone().or_else(|| listed(id)),
            Partner::New { path, .. } => Some(path.clone()),
            Partner::None(_) | Partner::Never => None,
        }?;
        // A home is whose Vibe Kanban it is.
        let found = Path::new(&path).is_absolute().then(|| look_at(Path::new(&path)))?;
        Some((identifier.clone(), Repository { path, found }))
    };
    pairs.iter().filter_map(at).collect()
}

fn look_at(path: &Path) -> Place {
    if path.join(".git").exists() {
        Place::Git
    } else if path.is_dir() {
        Place::Folder
    } else {
        Place::Missing
    }
}

/// Whether an address is one of this machine.
fn is_here(url: &str) -> bool {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = authority.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_of_another_machine_are_not_looked_for_here() {
        for (url, here) in [
            ("http://localhost:3105", true),
            ("http://127.0.0.2:1/x", true),
            ("https://[::1]", true),
            ("http://vibe.example.org:3105", false),
            ("http://10.0.0.4", false),
        ] {
            assert_eq!(is_here(url), here, "{url}");
        }
    }

    #[test]
    fn to_try_to_write_leaves_nothing_behind() {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("a/b/state.db");
        try_to_write(&state).unwrap();
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(try_to_write(&file).is_ok());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }
}
