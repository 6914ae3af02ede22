//! Maps of names, and how projects are paired: both one text, so that a variable can hold them.

use std::collections::BTreeMap;

use super::Pairing;
use super::values::{Codec, quoted};

/// All that a Vibe Kanban takes; anything else is answered 422.
pub const VIBE_STATUSES: [&str; 5] = ["todo", "inprogress", "inreview", "done", "cancelled"];

type Map = BTreeMap<String, String>;

/// Huly's name (kept in lower case, since it is found without case) = Vibe Kanban's status.
pub(super) const TO_VIBE: Codec<Map> = Codec {
    read: |text| collect(text, |huly, vibe| Ok((huly.to_lowercase(), vibe_status(vibe)?))),
    show: join,
};

/// Vibe Kanban's status = Huly's name.
pub(super) const TO_HULY: Codec<Map> = Codec {
    read: |text| collect(text, |vibe, huly| Ok((vibe_status(vibe)?, huly.to_owned()))),
    show: join,
};

fn vibe_status(text: &str) -> Result<String, String> {
    let plain = |text: &str| text.to_lowercase().replace([' ', '-', '_'], "");
    if VIBE_STATUSES.contains(&text) {
        return Ok(text.to_owned());
    }
    let meant = match plain(text).as_str() {
        "canceled" => Some("cancelled"),
        other => VIBE_STATUSES.into_iter().find(|status| *status == other),
    };
    Err(match meant {
        Some(meant) => format!("{} is written {meant} in Vibe Kanban", quoted(text)),
        None => {
            format!("{} is no status of Vibe Kanban: {}", quoted(text), VIBE_STATUSES.join(", "))
        }
    })
}

fn collect(
    text: &str,
    check: impl Fn(&str, &str) -> Result<(String, String), String>,
) -> Result<Map, String> {
    let mut map = Map::new();
    for pair in split(text, ',') {
        let (name, value) = match split(pair, '=').as_slice() {
            [name, value] => (plain(name), plain(value)),
            [""] => continue,
            _ => return Err(format!("{} is no pair: write name=name,name=name", quoted(pair))),
        };
        if name.is_empty() || value.is_empty() {
            return Err(format!("{} lacks a name: write name=name,name=name", quoted(pair)));
        }
        let (name, value) = check(&name, &value)?;
        if map.insert(name, value).is_some() {
            return Err(format!("{} comes twice", quoted(pair)));
        }
    }
    Ok(map)
}

/// As a variable holds it.
fn join(map: &Map) -> String {
    pairs(map.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// `a=b,c=d`; a `,`, `=` or `\` inside a name gets a `\` before it.
pub(super) fn pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let marked = |text: &str| {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            if matches!(c, ',' | '=' | '\\') {
                out.push('\\');
            }
            out.push(c);
        }
        out
    };
    let joined: Vec<String> =
        pairs.map(|(name, value)| format!("{}={}", marked(name), marked(value))).collect();
    joined.join(",")
}

/// Parts between separators that have no `\` before them, space around them cut.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut from, mut marked) = (0, false);
    for (at, c) in text.char_indices() {
        if c == separator && !marked {
            parts.push(text[from..at].trim());
            from = at + c.len_utf8();
        }
        marked = c == '\\' && !marked;
    }
    parts.push(text[from..].trim());
    parts
}

/// Without the marks before separators.
fn plain(text: &str) -> String {
    let mut marked = false;
    text.chars()
        .filter(|c| {
            marked = *c == '\\' && !marked;
            !marked
        })
        .collect()
}

/// An entry of `[projects]`.
pub(super) fn pairing(identifier: &str, text: &str) -> Result<Pairing, String> {
    let first = identifier.starts_with(|c: char| c.is_ascii_alphabetic());
    if !first || !identifier.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(
            "no identifier of a Huly project: letters, digits and _, a letter first".to_owned()
        );
    }
    match text.trim() {
        "" | "true" => Err("write the id or name of a Vibe project, \"new\", or false".to_owned()),
        "new" => Ok(Pairing::New),
        "false" => Ok(Pairing::Never),
        other => Ok(Pairing::With(other.to_owned())),
    }
}

/// The text that `pairing` takes.
pub(super) fn show(pairing: &Pairing) -> String {
    match pairing {
        Pairing::With(project) => project.clone(),
        Pairing::New => "new".to_owned(),
        Pairing::Never => "false".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_are_read_and_shown() {
        let map = (TO_VIBE.read)(" Coding = inprogress , QA=inreview,").unwrap();
        assert_eq!(map["coding"], "inprogress");
        assert_eq!((TO_VIBE.show)(&map), "coding=inprogress,qa=inreview");
        assert!((TO_VIBE.read)("").unwrap().is_empty());
        let odd = (TO_HULY.read)(r"done=A\, B \= C\\").unwrap();
        assert_eq!(odd["done"], r"A, B = C\");
        assert_eq!((TO_HULY.read)(&(TO_HULY.show)(&odd)).unwrap(), odd);
    }

    #[test]
    fn a_wrong_status_says_how_it_is_written() {
        for (text, said) in [
            ("QA=In Review", "`In Review` is written inreview in Vibe Kanban"),
            ("QA=canceled", "`canceled` is written cancelled in Vibe Kanban"),
            ("QA=blocked", "`blocked` is no status of Vibe Kanban: todo, inprogress,"),
            ("QA", "`QA` is no pair"),
            ("QA=a=b", "`QA=a=b` is no pair"),
            ("=todo", "`=todo` lacks a name"),
            ("QA=todo,qa=done", "`qa=done` comes twice"),
        ] {
            let error = (TO_VIBE.read)(text).unwrap_err();
            assert!(error.starts_with(said), "{text}: {error}");
        }
        (TO_HULY.read)("coding=inprogress").unwrap_err();
    }

    #[test]
    fn pairings_are_read_and_shown() {
        for (text, meant) in [
            ("new", Pairing::New),
            ("false", Pairing::Never),
            ("My Project", Pairing::With("My Project".to_owned())),
        ] {
            assert_eq!(pairing("PROJ_2", text).unwrap(), meant);
            assert_eq!(show(&meant), text);
        }
        pairing("PROJ", "true").unwrap_err();
        pairing("PROJ", " ").unwrap_err();
        pairing("2PROJ", "new").unwrap_err();
        pairing("PR-1", "new").unwrap_err();
    }
}
