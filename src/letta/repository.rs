//! The repository of a project, where it is on this machine: where it was cloned from, and its
//! README. Nothing is asked over the network, and nothing is read but plain files up to a bound.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::store::{self, Store};

/// Bytes of a Git configuration that are looked at.
const CONFIG_LIMIT: u64 = 64 << 10;

/// Bytes of a file that says where the configuration is.
const POINTER_LIMIT: u64 = 4 << 10;

/// The folder, where there is one of that path on this machine. Vibe Kanban may well run on another.
#[must_use]
pub fn folder(path: Option<&str>) -> Option<&Path> {
    path.map(Path::new).filter(|path| path.is_absolute() && path.is_dir())
}

/// Looks where these projects' repositories were cloned from, and stores what changed.
///
/// # Errors
/// The state cannot be read or written. A repository that cannot be read is none.
pub fn remember_remotes(store: &Store, projects: &[store::projects::Project]) -> Result<()> {
    let mut changed = Vec::new();
    for project in projects {
        let Some(folder) = folder(project.repo_path.as_deref()) else { continue };
        let remote = match remote(folder) {
            Ok(remote) => remote,
            Err(error) => {
                log::debug!("{}: no remote in {}: {error}", project.identifier, folder.display());
                None
            }
        };
        if remote != project.git_remote {
            changed.push((project.id, project.repo_path.as_deref(), remote));
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    store.write(|state| {
        changed.iter().try_for_each(|(id, path, remote)| {
            store::projects::set_repository(state, *id, *path, remote.as_deref())
        })
    })
}

/// The address of `origin`.
fn remote(folder: &Path) -> io::Result<Option<String>> {
    let config = read_plain(&git_folder(folder)?.join("config"), CONFIG_LIMIT)?;
    Ok(origin(&String::from_utf8_lossy(&config)))
}

/// Where the configuration is: a worktree and a submodule have a file in place of the folder.
fn git_folder(folder: &Path) -> io::Result<PathBuf> {
    let git = folder.join(".git");
    if !git.is_file() {
        return Ok(git);
    }
    let pointer = read_plain(&git, POINTER_LIMIT)?;
    let pointer = String::from_utf8_lossy(&pointer);
    let target = pointer.trim().strip_prefix("gitdir:").map_or("", str::trim);
    let target = folder.join(target);
    // A worktree shares the configuration of the repository that it belongs to.
    match read_plain(&target.join("commondir"), POINTER_LIMIT) {
        Ok(common) => Ok(target.join(String::from_utf8_lossy(&common).trim())),
        Err(_) => Ok(target),
    }
}

/// A plain file up to a bound: what waits for somebody, such as a pipe, is never opened.
fn read_plain(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "no plain file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The `url` under `[remote "origin"]`, without what is secret in it.
fn origin(config: &str) -> Option<String> {
    let mut inside = false;
    let mut found = None;
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            let section: String = line.split_whitespace().collect();
            inside = section.eq_ignore_ascii_case("[remote\"origin\"]");
        } else if inside
            && let Some((key, value)) = line.split_once('=')
            && key.trim().eq_ignore_ascii_case("url")
        {
            found = Some(without_secrets(value.trim().trim_matches('"')));
        }
    }
    found.filter(|url| !url.is_empty())
}

/// People put tokens into addresses: `https://user:token@host` loses all before the `@`, and
/// `ssh://git:word@host` the word.
fn without_secrets(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let Some((user, host)) = authority.rsplit_once('@') else { return url.to_owned() };
    let name = user.split(':').next().unwrap_or_default();
    if scheme.to_ascii_lowercase().starts_with("http") || name.is_empty() {
        format!("{scheme}://{host}{path}")
    } else {
        format!("{scheme}://{name}@{host}{path}")
    }
}

/// A README as it is given to an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Readme {
    pub(super) file: &'static str,
    pub(super) content_type: &'static str,
    pub(super) text: Vec<u8>,
}

/// What became of the search for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Search {
    Found(Readme),
    None,
    /// Larger than is uploaded.
    TooLarge(&'static str),
}

/// The names that READMEs have, the usual ones first.
const NAMES: [(&str, &str); 5] = [
    ("README.md", "text/markdown"),
    ("readme.md", "text/markdown"),
    ("Readme.md", "text/markdown"),
    ("README.txt", "text/plain"),
    ("readme.txt", "text/plain"),
];

/// Bytes of a README.
pub(super) const README_LIMIT: u64 = 1_000_000;

/// The README of a repository.
pub(super) fn readme(folder: &Path) -> Search {
    for (file, content_type) in NAMES {
        match inside(folder, file).and_then(|path| read_plain(&path, README_LIMIT + 1)) {
            Ok(text) if text.len() as u64 > README_LIMIT => return Search::TooLarge(file),
            Ok(text) if text.is_empty() => {}
            Ok(text) => return Search::Found(Readme { file, content_type, text }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => log::debug!("{}: {error}", folder.join(file).display()),
        }
    }
    Search::None
}

/// The real path of a file, which must lead nowhere else: a link in a repository could name any file
/// of this machine.
fn inside(folder: &Path, file: &str) -> io::Result<PathBuf> {
    let path = folder.join(file).canonicalize()?;
    if path.starts_with(folder.canonicalize()?) {
        return Ok(path);
    }
    Err(io::Error::new(io::ErrorKind::PermissionDenied, "it leads out of the repository"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_is_found_among_other_remotes() {
        let config = "[core]\n\tbare = false\n[remote \"fork\"]\n\turl = https://x/fork\n\
                      [remote \"origin\"]\n\turl = git@example.org:team/web.git\n\tfetch = +refs\n\
                      [branch \"main\"]\n\turl = no\n";
        assert_eq!(origin(config).as_deref(), Some("git@example.org:team/web.git"));
        assert_eq!(origin("[remote \"fork\"]\nurl = x"), None);
        assert_eq!(origin("[remote \"origin\"]\nurl ="), None);
        assert_eq!(origin("\u{0}[["), None);
    }

    #[test]
    fn secrets_are_not_kept() {
        for (url, kept) in [
            ("https://ada:token@example.org/web.git", "https://example.org/web.git"),
            ("https://token@example.org/a@b", "https://example.org/a@b"),
            ("ssh://git:word@example.org:22/web", "ssh://git@example.org:22/web"),
            ("ssh://git@example.org/web", "ssh://git@example.org/web"),
            ("https://example.org/web", "https://example.org/web"),
            ("git@example.org:web", "git@example.org:web"),
            ("/srv/git/web", "/srv/git/web"),
        ] {
            assert_eq!(without_secrets(url), kept);
        }
    }

    #[test]
    fn a_worktree_has_the_remote_of_its_repository() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        fs::create_dir_all(at("main/.git/worktrees/w")).unwrap();
        fs::create_dir_all(at("w")).unwrap();
        let config = "[remote \"origin\"]\nurl = https://example.org/web";
        fs::write(at("main/.git/config"), config).unwrap();
        fs::write(at("main/.git/worktrees/w/commondir"), "../..\n").unwrap();
        fs::write(at("w/.git"), format!("gitdir: {}\n", at("main/.git/worktrees/w").display()))
            .unwrap();
        for folder in ["main", "w"] {
            let found = remote(&at(folder)).unwrap();
            assert_eq!(found.as_deref(), Some("https://example.org/web"), "{folder}");
        }
        remote(&at("none")).unwrap_err();
    }

    #[test]
    fn a_readme_is_a_plain_file_of_a_megabyte_at_most() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(readme(home.path()), Search::None);
        fs::create_dir(home.path().join("README.md")).unwrap();
        fs::write(home.path().join("README.txt"), "Hello").unwrap();
        let Search::Found(found) = readme(home.path()) else { panic!("none") };
        assert_eq!((found.file, found.text.as_slice()), ("README.txt", &b"Hello"[..]));
        fs::remove_dir(home.path().join("README.md")).unwrap();
        let large = vec![b'x'; README_LIMIT as usize + 1];
        fs::write(home.path().join("README.md"), large).unwrap();
        assert_eq!(readme(home.path()), Search::TooLarge("README.md"));
    }

    #[test]
    fn a_readme_that_leads_out_of_its_repository_is_none() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("secret"), "word").unwrap();
        let repository = home.path().join("web");
        fs::create_dir(&repository).unwrap();
        std::os::unix::fs::symlink("../secret", repository.join("README.md")).unwrap();
        assert_eq!(readme(&repository), Search::None);
    }
}
