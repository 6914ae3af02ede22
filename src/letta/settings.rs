//! `.letta/settings.local.json` in a repository: which agent the letta command line goes on with.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::{lock, replace};

/// The key of the agent.
const KEY: &str = "lastAgent";

/// A file of settings is never larger.
const LIMIT: u64 = 1 << 20;

/// Makes the file name this agent; all other keys stay. A file that does so is left alone. It is made for
/// its owner alone.
///
/// # Errors
/// It cannot be read or written, holds something else than settings, or a link leads out of the
/// repository: then all stays as it is.
pub(super) fn write(repository: &Path, agent: &str) -> io::Result<()> {
    let repository = repository.canonicalize()?;
    let folder = inside(&repository, &repository.join(".letta"))?;
    let name = "settings.local.json";
    let path = match folder.is_dir() {
        true => inside(&repository, &folder.join(name))?,
        false => folder.join(name),
    };
    let mut settings = match read(&path) {
        Ok(settings) => settings,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Map::new(),
        Err(error) => return Err(error),
    };
    if settings.get(KEY).and_then(Value::as_str) == Some(agent) {
        return Ok(());
    }
    settings.insert(KEY.to_owned(), agent.into());
    fs::create_dir_all(&folder)?;
    let mut text = serde_json::to_string_pretty(&settings)?;
    text.push('\n');
    replace::file(&path, &text, Some(0o600))
}

/// Where the path leads to, which must be in the repository: what is in there comes from others, who must
/// not choose a file outside of it.
fn inside(repository: &Path, path: &Path) -> io::Result<PathBuf> {
    let real = lock::real_path(path)?;
    if real.starts_with(repository) {
        Ok(real)
    } else {
        Err(strange("a link out of the repository"))
    }
}

fn strange(how: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, how.to_owned())
}

fn read(path: &Path) -> io::Result<Map<String, Value>> {
    if !fs::metadata(path)?.is_file() {
        return Err(strange("no plain file"));
    }
    let mut text = String::new();
    File::open(path)?.take(LIMIT + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LIMIT {
        return Err(strange("too large for settings"));
    }
    serde_json::from_str(&text).map_err(|_| strange("no JSON object"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::time::SystemTime;

    use serde_json::json;

    use super::*;

    #[test]
    fn other_keys_stay_and_an_equal_file_is_not_written() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(".letta/settings.local.json");
        write(home.path(), "agent-1").unwrap();
        fs::write(&path, r#"{"lastAgent":"agent-0","theme":{"dark":true}}"#).unwrap();
        write(home.path(), "agent-1").unwrap();
        let kept: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(kept, json!({"lastAgent": "agent-1", "theme": {"dark": true}}));
        let old = SystemTime::UNIX_EPOCH;
        File::options().write(true).open(&path).unwrap().set_modified(old).unwrap();
        write(home.path(), "agent-1").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), old);
        let names: Vec<_> = fs::read_dir(home.path().join(".letta")).unwrap().collect();
        assert_eq!(names.len(), 1);
    }

    #[test]
    fn the_file_is_its_owners_alone_and_no_link_leads_out_of_the_repository() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        for folder in ["plain", "file/.letta", "folder", "inside/.letta", "elsewhere"] {
            fs::create_dir_all(at(folder)).unwrap();
        }
        let path = |repository: &str| at(repository).join(".letta/settings.local.json");
        write(&at("plain"), "agent-1").unwrap();
        assert_eq!(fs::metadata(path("plain")).unwrap().permissions().mode() & 0o777, 0o600);

        fs::write(at("elsewhere/settings"), "{}").unwrap();
        symlink(at("elsewhere/settings"), path("file")).unwrap();
        symlink(at("elsewhere"), at("folder/.letta")).unwrap();
        for repository in ["file", "folder"] {
            let error = write(&at(repository), "agent-1").unwrap_err();
            assert_eq!(error.to_string(), "a link out of the repository");
        }
        assert_eq!(fs::read_to_string(at("elsewhere/settings")).unwrap(), "{}");
        assert_eq!(fs::read_dir(at("elsewhere")).unwrap().count(), 1);

        fs::write(at("inside/mine.json"), "{}").unwrap();
        symlink("../mine.json", path("inside")).unwrap();
        write(&at("inside"), "agent-1").unwrap();
        assert!(fs::symlink_metadata(path("inside")).unwrap().is_symlink());
        assert!(fs::read_to_string(at("inside/mine.json")).unwrap().contains("agent-1"));
    }

    #[test]
    fn what_is_no_settings_file_stays_as_it_is() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join(".letta")).unwrap();
        let path = home.path().join(".letta/settings.local.json");
        for text in ["[1]", "{broken", ""] {
            fs::write(&path, text).unwrap();
            write(home.path(), "agent-1").unwrap_err();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }
}
