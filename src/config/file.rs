//! The TOML file, flattened to keys and texts with their lines.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::origin::Entry;
use super::read_file::read_settings_text;
use super::{Origin, Problem, SECTIONS, key};

/// What the file says, and what in it is no setting.
pub(super) fn read(path: &Path, text: &str) -> (Vec<Entry>, Vec<Problem>) {
    let file = File { path, text };
    let mut found = Found::default();
    match DeTable::parse(text) {
        Ok(table) => file.walk("", table.get_ref(), &mut found),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            // Its `Display` shows the line itself, which may hold what is not for a log.
            found.problem("", file.origin(at), format!("not TOML: {}", error.message()));
        }
    }
    (found.entries, found.problems)
}

/// What stands in a file of one value, without the white space around it.
pub(super) fn content(path: &Path) -> Result<String, String> {
    let text = read_settings_text(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(text.trim().to_owned())
}

#[derive(Default)]
struct Found {
    entries: Vec<Entry>,
    problems: Vec<Problem>,
}

impl Found {
    fn problem(&mut self, key: &str, origin: Origin, what: String) {
        self.problems.push(Problem { key: key.to_owned(), origin, what });
    }
}

struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    fn origin(&self, at: usize) -> Origin {
        let above = self.text.as_bytes().iter().take(at).filter(|b| **b == b'\n').count();
        Origin::File(self.path.to_owned(), above + 1)
    }

    fn walk(&self, section: &str, table: &DeTable<'_>, found: &mut Found) {
        for (name, value) in table {
            let dot = if section.is_empty() { "" } else { "." };
            let full = format!("{section}{dot}{}", name.get_ref());
            let origin = self.origin(name.span().start);
            let text = match value.get_ref() {
                // With all of its lines commented out it says nothing.
                DeValue::Table(inner) if inner.is_empty() && key(&full).is_some() => continue,
                DeValue::Table(inner) if key(&full).is_some() => self.map(&full, inner, found),
                // An empty unknown section would pass unseen: it is an entry that no key takes.
                DeValue::Table(inner) if inner.is_empty() && !is_section(&full) => {
                    Ok(String::new())
                }
                DeValue::Table(inner) => {
                    self.walk(&full, inner, found);
                    continue;
                }
                other => {
                    scalar(other).ok_or_else(|| format!("{} is not taken here", other.type_str()))
                }
            };
            let in_file = full.strip_suffix("_file").and_then(key).filter(|key| key.from_file);
            let (full, text) = match (in_file, text) {
                (Some(key), Ok(path)) => (key.name.to_owned(), content(Path::new(&path))),
                (_, text) => (full, text),
            };
            match text {
                Ok(text) => found.entries.push(Entry { key: full, text, origin }),
                Err(what) => found.problem(&full, origin, what),
            }
        }
    }

    /// A table of names, in the form of a variable.
    fn map(&self, full: &str, table: &DeTable<'_>, found: &mut Found) -> Result<String, String> {
        let mut entries = Vec::new();
        for (name, value) in table {
            match value.get_ref().as_str() {
                Some(value) => entries.push((name.get_ref().as_ref(), value)),
                None => found.problem(
                    &format!("{full}.{}", name.get_ref()),
                    self.origin(name.span().start),
                    format!("{} where a name in quotes is wanted", value.get_ref().type_str()),
                ),
            }
        }
        key(full).map_or(Ok(String::new()), |key| key.join(&entries))
    }
}

fn is_section(name: &str) -> bool {
    SECTIONS.iter().any(|(section, _)| *section == name)
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Boolean(value) => Some(value.to_string()),
        DeValue::Integer(number) => {
            Some(i64::from_str_radix(number.as_str(), number.radix()).ok()?.to_string())
        }
        _ => None,
    }
}
