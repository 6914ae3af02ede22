//! `.letta/settings.local.json` in a repository: which agent the letta command line goes on with.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use serde_json::{Map, Value};

use crate::replace;

/// The key of the agent.
const KEY: &str = "lastAgent";

/// A file of settings is never larger.
const LIMIT: u64 = 1 << 20;

/// Makes the file name this agent; all other keys stay. A file that does so is left alone.
///
/// # Errors
/// It cannot be read or written, or holds something else than settings: then it stays as it is.
pub(super) fn write(repository: &Path, agent: &str) -> io::Result<()> {
    let folder = repository.join(".letta");
    let path = folder.join("settings.local.json");
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
    replace::file(&path, &text, None)
}

fn read(path: &Path) -> io::Result<Map<String, Value>> {
    let strange = |how| io::Error::new(io::ErrorKind::InvalidData, how);
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
