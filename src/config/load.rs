//! Flags over environment over file over defaults.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::invalid::nearest;
use super::key::PREFIX;
use super::origin::Entry;
use super::read_file::read_settings_text;
use super::{
    Config, Environment, Invalid, KEYS, Key, Origin, Problem, authorities, cross, file, key, maps,
    paths, route,
};

/// A setting given on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// With its dashes.
    pub name: &'static str,
    /// The key that it sets.
    pub key: &'static str,
    /// The value, in the form that the environment takes.
    pub text: String,
}

/// All places that settings come from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// `--config`
    pub config: Option<&'a Path>,
    /// `--state`
    pub state: Option<&'a Path>,
    /// Other flags that set keys.
    pub flags: &'a [Flag],
    /// The environment.
    pub env: &'a Environment,
}

impl Config {
    /// Reads all places, and holds them against each other.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn load(sources: &Sources<'_>) -> Result<Self, Invalid> {
        let (mut entries, mut problems) = (Vec::new(), Vec::new());
        let (old, new) = (from_old_names(sources.env), from_environment(sources.env));
        for (said, wrong) in [from_file(sources)?, old, new] {
            problems.extend(twice(&said));
            problems.extend(wrong);
            entries.extend(said);
        }
        entries.extend(sources.flags.iter().map(|flag| Entry {
            key: flag.key.to_owned(),
            text: flag.text.clone(),
            origin: Origin::Flag(flag.name),
        }));

        let mut config = Self::default();
        for entry in entries {
            if let Err(what) = config.take(&entry) {
                problems.push(Problem { key: entry.key, origin: entry.origin, what });
            } else {
                config.origins.insert(entry.key, entry.origin);
            }
        }
        match paths::state(sources.state, sources.env) {
            Ok((state, Origin::Default)) => config.state = state,
            Ok((state, origin)) => {
                config.state = state;
                config.origins.insert("state".to_owned(), origin);
            }
            Err(invalid) => problems.extend(invalid.problems),
        }
        problems.extend(route::settle(&mut config, sources.env));
        problems.extend(authorities::settle(&mut config));
        problems.extend(cross::check(&config));
        if problems.is_empty() {
            return Ok(config);
        }
        problems.sort_by_key(|problem| place(&problem.origin));
        Err(Invalid { problems })
    }

    fn take(&mut self, entry: &Entry) -> Result<(), String> {
        if let Some(identifier) = entry.key.strip_prefix("projects.") {
            let pairing = maps::pairing(identifier, &entry.text)?;
            self.projects.insert(identifier.to_owned(), pairing);
            return Ok(());
        }
        let by_flag = matches!(entry.origin, Origin::Flag(_));
        match key(&entry.key) {
            Some(key) if key.stored || by_flag || is_old_name(key, &entry.origin) => {
                key.set(self, &entry.text)
            }
            Some(_) => Err("only for a single run: use the flag instead".to_owned()),
            None => Err(unknown(&entry.key, |key| key.name.to_owned())),
        }
    }
}

/// In the order that a person looks through them: the file from its top, then what beats it.
fn place(origin: &Origin) -> (u8, usize) {
    match origin {
        Origin::Default => (0, 0),
        Origin::File(_, line) => (1, *line),
        Origin::Env(_) => (2, 0),
        Origin::Flag(_) => (3, 0),
    }
}

fn is_old_name(key: &Key, origin: &Origin) -> bool {
    matches!(origin, Origin::Env(name) if key.old == Some(name))
}

fn unknown(name: &str, spelling: impl Fn(&Key) -> String) -> String {
    match nearest(name) {
        Some(key) => format!("unknown; did you mean {}?", spelling(key)),
        None => "unknown; examples/config.toml lists all there are".to_owned(),
    }
}

type Said = (Vec<Entry>, Vec<Problem>);

impl Sources<'_> {
    /// The configuration file that is read, whether it is there or not.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        self.named_file().map(|(path, _)| path)
    }

    /// That file, and who named it.
    fn named_file(&self) -> Option<(PathBuf, Option<Origin>)> {
        const VARIABLE: &str = "HULY_VIBE_SYNC_CONFIG";
        if let Some(path) = self.config.filter(|path| !path.as_os_str().is_empty()) {
            Some((path.to_owned(), Some(Origin::Flag("--config"))))
        } else if let Some(path) = self.env.get(VARIABLE) {
            Some((PathBuf::from(path), Some(Origin::Env(VARIABLE.to_owned()))))
        } else {
            Some((paths::config(self.env)?, None))
        }
    }
}

/// A file that somebody named must be there; the one in the usual folder need not.
fn from_file(sources: &Sources<'_>) -> Result<Said, Invalid> {
    let Some((path, named)) = sources.named_file() else { return Ok(Said::default()) };
    match read_settings_text(&path) {
        Ok(text) => Ok(file::read(&path, &text)),
        Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => Ok(Said::default()),
        Err(error) => {
            let key = match &named {
                Some(Origin::Env(name)) => name,
                Some(Origin::Flag(name)) => *name,
                _ => "configuration",
            };
            let what = format!("cannot read {}: {error}", path.display());
            Err(Invalid::one(key, Origin::Default, what))
        }
    }
}

fn from_old_names(env: &Environment) -> Said {
    let mut said = Said::default();
    for key in KEYS {
        // What the new name overrides need not even be right.
        let new = key.variable();
        if key.stored && env.get(&new).or_else(|| env.get(&format!("{new}{FILE}"))).is_some() {
            continue;
        }
        let Some(old) = key.old else { continue };
        if let Some(value) = env.get(old) {
            say(&mut said, key.name, old, value);
        }
        say_from_file(&mut said, key, &format!("{old}{FILE}"), env);
    }
    said
}

/// A value and a file that holds one, both in the same place: nobody can tell which is meant.
fn twice(entries: &[Entry]) -> Vec<Problem> {
    let mut seen: BTreeMap<&str, &Origin> = BTreeMap::new();
    let mut problems = Vec::new();
    for entry in entries {
        if let Some(first) = seen.insert(&entry.key, &entry.origin) {
            let what = format!("set a second time: {first} has it, too; take one of the two away");
            let (key, origin) = (entry.key.clone(), entry.origin.clone());
            problems.push(Problem { key, origin, what });
        }
    }
    problems
}

/// After the name of a variable whose value is the path of a file that holds the value.
pub(super) const FILE: &str = "_FILE";

/// What stands in the file that this variable names, if it is set.
fn say_from_file(said: &mut Said, key: &Key, variable: &str, env: &Environment) {
    let Some(path) = env.get(variable).filter(|_| key.from_file) else { return };
    let origin = Origin::Env(variable.to_owned());
    match file::content(Path::new(path)) {
        Ok(text) => said.0.push(Entry { key: key.name.to_owned(), text, origin }),
        Err(what) => said.1.push(Problem { key: key.name.to_owned(), origin, what }),
    }
}

fn from_environment(env: &Environment) -> Said {
    let mut said = Said::default();
    for name in env.beginning(PREFIX) {
        let Some(value) = env.get(name) else { continue };
        let rest = name.strip_prefix(PREFIX).unwrap_or_default();
        if matches!(rest, "CONFIG" | "STATE") {
            continue;
        }
        if let Some(identifier) = rest.strip_prefix("PROJECTS_") {
            say(&mut said, &format!("projects.{identifier}"), name, value);
        } else if let Some(key) = KEYS.iter().find(|key| key.stored && key.variable() == name) {
            say(&mut said, key.name, name, value);
        } else if let Some(key) = KEYS
            .iter()
            .find(|key| key.from_file && name.strip_suffix(FILE) == Some(key.variable().as_str()))
        {
            say_from_file(&mut said, key, name, env);
        } else {
            let origin = Origin::Env(name.to_owned());
            let what = unknown(rest, Key::variable);
            said.1.push(Problem { key: name.to_owned(), origin, what });
        }
    }
    said
}

fn say(said: &mut Said, key: &str, name: &str, value: &OsStr) {
    let (key, origin) = (key.to_owned(), Origin::Env(name.to_owned()));
    match value.to_str() {
        Some(text) => said.0.push(Entry { key, text: text.to_owned(), origin }),
        None => said.1.push(Problem { key, origin, what: "not UTF-8".to_owned() }),
    }
}
