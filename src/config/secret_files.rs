//! Files that hold secrets, so that their modes can be looked at.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::load::FILE;
use super::read_file::read_settings_text;
use super::{Config, Environment, KEYS, Key, Origin};

/// Whose values let whoever knows them in, or speak for us.
const SECRETS: [&str; 8] = [
    "huly.token",
    "huly.password",
    "huly.headers",
    "vibe.headers",
    "letta.password",
    "letta.headers",
    PROXY,
    "watch.ping",
];

/// A secret where a user or a password is in it.
const PROXY: &str = "http.proxy";

impl Config {
    /// The files that the secrets in effect were read from: those that were named for one, and the
    /// configuration file where one is written into it.
    #[must_use]
    pub fn secret_files(&self, env: &Environment) -> Vec<PathBuf> {
        let is_secret = |name: &str| name != PROXY || self.http.proxy.has_login();
        let secrets = KEYS.iter().filter(|key| SECRETS.contains(&key.name) && is_secret(key.name));
        let files: BTreeSet<PathBuf> = secrets.filter_map(|key| self.file_of(key, env)).collect();
        files.into_iter().collect()
    }

    fn file_of(&self, key: &Key, env: &Environment) -> Option<PathBuf> {
        match self.origin(key.name) {
            Origin::Env(name) if name.ends_with(FILE) => env.get(name).map(PathBuf::from),
            Origin::File(path, _) => Some(named_in(path, key).unwrap_or_else(|| path.clone())),
            Origin::Env(_) | Origin::Flag(_) | Origin::Default => None,
        }
    }
}

/// The file that the configuration names for this key, where it does not hold the value itself.
fn named_in(config: &Path, key: &Key) -> Option<PathBuf> {
    let text = read_settings_text(config).ok()?;
    let table = DeTable::parse(&text).ok()?;
    let (section, field) = key.name.split_once('.')?;
    let section = table.get_ref().get(section)?.get_ref().as_table()?;
    let named = section.get(format!("{field}_file").as_str())?;
    named.get_ref().as_str().map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;

    fn files(config: &Path, env: &[(&str, &str)]) -> Vec<PathBuf> {
        let env: Environment = env.iter().copied().collect();
        let sources = Sources {
            config: Some(config),
            state: Some(Path::new("/s/state.db")),
            flags: &[],
            env: &env,
        };
        Config::load(&sources).unwrap().secret_files(&env)
    }

    #[test]
    fn a_secret_is_in_the_configuration_or_in_the_file_that_it_names() {
        let home = tempfile::tempdir().unwrap();
        let (config, word) = (home.path().join("config.toml"), home.path().join("word"));
        std::fs::write(&word, "x").unwrap();
        std::fs::write(&config, "[letta]\npassword = \"x\"\n").unwrap();
        assert_eq!(files(&config, &[]), [&*config]);
        let named = format!("[letta]\npassword_file = {:?}\n", word.to_str().unwrap());
        std::fs::write(&config, named).unwrap();
        assert_eq!(files(&config, &[]), [&*word]);
        std::fs::write(&config, "").unwrap();
        let path = word.to_str().unwrap();
        assert_eq!(files(&config, &[("HULY_PASSWORD_FILE", path)]), [&*word]);
        assert!(files(&config, &[("HULY_PASSWORD", "x")]).is_empty());
    }

    #[test]
    fn headers_a_proxys_login_and_a_watchers_address_are_secrets() {
        let home = tempfile::tempdir().unwrap();
        let (config, word) = (home.path().join("config.toml"), home.path().join("word"));
        let path = word.to_str().unwrap();
        for (section, key, value) in [
            ("huly", "headers", "X-Word: x"),
            ("vibe", "headers", "X-Word: x"),
            ("letta", "headers", "X-Word: x"),
            ("http", "proxy", "http://me:word@proxy:1"),
            ("watch", "ping", "https://hc.example.org/uuid"),
        ] {
            std::fs::write(&word, value).unwrap();
            std::fs::write(&config, format!("[{section}]\n{key}_file = {path:?}\n")).unwrap();
            assert_eq!(files(&config, &[]), [&*word], "{section}.{key}");
            std::fs::write(&config, "").unwrap();
            let variable = format!("HULY_VIBE_SYNC_{}_{}_FILE", section, key).to_ascii_uppercase();
            assert_eq!(files(&config, &[(&variable, path)]), [&*word], "{variable}");
        }
        for (text, is_secret) in [
            ("[vibe.headers]\nX-Word = \"x\"\n", true),
            ("[http]\nproxy = \"http://me:word@proxy:1\"\n", true),
            ("[http]\nproxy = \"http://proxy:1\"\n", false),
            ("[watch]\nping = \"https://hc.example.org/uuid\"\n", true),
        ] {
            std::fs::write(&config, text).unwrap();
            assert_eq!(files(&config, &[]).len(), usize::from(is_secret), "{text}");
        }
    }
}
