//! Where the files are when nobody says: the XDG folders.

use std::path::{Path, PathBuf};

use super::{Environment, Invalid, Origin};

const FOLDER: &str = "huly-vibe-sync";

/// The file that is read when no other is named; it may be missing.
pub(super) fn config(env: &Environment) -> Option<PathBuf> {
    Some(folder(env, "XDG_CONFIG_HOME", ".config")?.join("config.toml"))
}

/// The state file: `--state`, `HULY_VIBE_SYNC_STATE`, else in the folder for such files.
pub(super) fn state(flag: Option<&Path>, env: &Environment) -> Result<(PathBuf, Origin), Invalid> {
    if let Some(path) = flag.filter(|path| !path.as_os_str().is_empty()) {
        return Ok((path.to_owned(), Origin::Flag("--state")));
    }
    const VARIABLE: &str = "HULY_VIBE_SYNC_STATE";
    if let Some(path) = env.get(VARIABLE) {
        return Ok((path.into(), Origin::Env(VARIABLE.to_owned())));
    }
    match folder(env, "XDG_STATE_HOME", ".local/state") {
        Some(folder) => Ok((folder.join("state.db"), Origin::Default)),
        None => Err(Invalid::one(
            VARIABLE,
            Origin::Default,
            "no place for the state file, since neither XDG_STATE_HOME nor HOME is set: name one with --state FILE",
        )),
    }
}

fn folder(env: &Environment, xdg: &str, below_home: &str) -> Option<PathBuf> {
    let absolute = |name| env.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
    // The XDG specification: a relative path there is to be ignored.
    let base = absolute(xdg).or_else(|| Some(absolute("HOME")?.join(below_home)))?;
    Some(base.join(FOLDER))
}
