//! The line of a marker: its label, and the name behind it.

use std::borrow::Cow;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::Marker;
use crate::entity::reference;

pub(super) const ISSUE: &str = "Huly Issue: ";
pub(super) const ISSUE_ALONE: &str = "Synced from Huly: ";
pub(super) const TASK: &str = "Vibe Task: ";

/// What a line with a label names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named<'a> {
    /// An issue, by what stands behind the label.
    Issue {
        raw: &'a str,
        /// Under the label that a text of nothing else has.
        alone: bool,
    },
    /// A task's id.
    Task(&'a str),
}

impl Named<'_> {
    /// Whether the line is the marker of this issue.
    pub(super) fn is_issue(&self, identifier: &str) -> bool {
        matches!(self, Self::Issue { raw, .. } if *raw == identifier || unescaped(raw) == identifier)
    }

    /// Whether the line is the marker of this task.
    pub(super) fn is_task(&self, task: &str) -> bool {
        matches!(self, Self::Task(id) if id.eq_ignore_ascii_case(task))
    }

    pub(super) fn is_alone(&self) -> bool {
        matches!(self, Self::Issue { alone: true, .. })
    }

    /// The marker that the line is, whoever's. Directly under a rule, or under the label of its own,
    /// it is taken for one whatever Huly's identifiers look like; elsewhere a mention must not be.
    pub(super) fn marker(&self, ruled: bool) -> Option<Marker> {
        match self {
            Self::Task(id) => Some(Marker::Task(id.to_ascii_lowercase())),
            Self::Issue { raw, .. } => {
                let identifier = unescaped(raw);
                let is_one = looks_written(raw, ruled) && project_of(&identifier).is_some();
                is_one.then(|| Marker::Issue(identifier.into_owned()))
            }
        }
    }
}

/// Reads a line, white space around it left out.
pub(super) fn parse(line: &str) -> Option<Named<'_>> {
    for (label, alone) in [(ISSUE, false), (ISSUE_ALONE, true)] {
        if let Some(raw) = line.strip_prefix(label) {
            let raw = raw.trim();
            return (!raw.is_empty()).then_some(Named::Issue { raw, alone });
        }
    }
    let id = line.strip_prefix(TASK)?.trim();
    is_task_id(id).then_some(Named::Task(id))
}

/// Whether this is a task's id as Vibe Kanban gives them, a UUID. Identifiers of issues are whatever
/// Huly has: they are told from ids by not being one.
#[must_use]
pub fn is_task_id(text: &str) -> bool {
    const DASHES: [usize; 4] = [8, 13, 18, 23];
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match DASHES.contains(&at) {
            true => byte == b'-',
            false => byte.is_ascii_hexdigit(),
        })
}

/// The line for a marker; `alone`: with no text above it.
pub(super) fn written(marker: &Marker, alone: bool, text: &str) -> String {
    match marker {
        Marker::Task(id) => format!("{TASK}{id}"),
        Marker::Issue(identifier) => {
            let label = if alone { ISSUE_ALONE } else { ISSUE };
            let is_plain = project_of(identifier).is_some() && survives(label, identifier, text);
            match is_plain {
                true => format!("{label}{identifier}"),
                false => format!("{label}{}", escaped(identifier)),
            }
        }
    }
}

/// The project that an issue's identifier names, as in `PROJ-12`: any text, and a number behind it.
/// `None`: it is no identifier.
#[must_use]
pub fn project_of(identifier: &str) -> Option<&str> {
    let (project, number) = identifier.rsplit_once('-')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (!project.is_empty() && is_number).then_some(project)
}

/// The number of an issue's identifier.
#[must_use]
pub fn number_of(identifier: &str) -> Option<u64> {
    identifier.rsplit_once('-')?.1.parse().ok()
}

/// Whether what stands behind a label is a name alone, and no sentence or address that ends in one.
fn looks_written(raw: &str, ruled: bool) -> bool {
    if raw.contains("://") {
        return false;
    }
    if ruled {
        // Huly makes identifiers of capitals: with spaces in small letters it is a sentence.
        return !raw.contains(char::is_whitespace) || !raw.contains(char::is_lowercase);
    }
    let first = raw.chars().next();
    !raw.contains(char::is_whitespace)
        && first.is_some_and(|first| first.is_alphanumeric() || "_.&\\".contains(first))
}

/// Whether the identifier is read back as it is, also after a way through Markdown.
fn survives(label: &str, identifier: &str, text: &str) -> bool {
    if identifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return true;
    }
    // A definition in the text makes a link of what stands in brackets.
    if unescaped(identifier) != identifier
        || !looks_written(identifier, true)
        || identifier.trim() != identifier
        || identifier.contains(char::is_control)
        || identifier.contains('[') && text.contains("]:")
    {
        return false;
    }
    let line = format!("{label}{identifier}");
    let mut shown = String::with_capacity(line.len());
    for event in Parser::new(&line) {
        match event {
            Event::Text(text) => shown.push_str(&text),
            Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => {}
            _ => return false,
        }
    }
    shown == line && !identifier.contains(['~', '|', '$', '<', '`', '*'])
}

/// The identifier with its punctuation behind backslashes, and its white space as references.
fn escaped(identifier: &str) -> String {
    let mut escaped = String::with_capacity(identifier.len() * 2);
    for letter in identifier.chars() {
        if letter.is_whitespace() || letter.is_control() {
            escaped.push_str(&format!("&#{};", u32::from(letter)));
        } else {
            if letter.is_ascii_punctuation() && letter != '-' {
                escaped.push('\\');
            }
            escaped.push(letter);
        }
    }
    escaped
}

/// The text with character references and backslash escapes read, as Markdown reads them.
fn unescaped(raw: &str) -> Cow<'_, str> {
    if !raw.contains(['\\', '&']) {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(first) = rest.chars().next() {
        let escaped = rest.strip_prefix('\\').and_then(|behind| behind.chars().next());
        let (letter, length) = match escaped.filter(char::is_ascii_punctuation) {
            Some(letter) => (letter, 2),
            None => match reference(rest) {
                Some((Some(letter), length)) if first == '&' => (letter, length),
                _ => (first, first.len_utf8()),
            },
        };
        text.push(letter);
        rest = &rest[length..];
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(line: &str, ruled: bool) -> Option<Marker> {
        parse(line)?.marker(ruled)
    }

    #[test]
    fn identifiers_are_whatever_huly_gives() {
        for name in [
            "WEB",
            "A1B",
            "MY_PR",
            "ПРОЕК",
            "设计",
            "ÜBER_",
            "R&D_T",
            "C++",
            "3D_PR",
            "2024_",
            "A/B",
            ".NET",
            "مشروع",
            "_",
            "D'OR",
            "V2.0",
            "1ST",
        ] {
            let identifier = format!("{name}-12");
            let marker = Marker::Issue(identifier.clone());
            let line = written(&marker, false, "text");
            assert_eq!(line, format!("Huly Issue: {identifier}"), "as people know it");
            assert_eq!(found(&line, true), Some(marker.clone()));
            assert_eq!(found(&line, false), Some(marker), "also without a rule above it");
        }
    }

    #[test]
    fn a_sentence_or_an_address_is_no_identifier() {
        for mention in
            ["see also WEB-12", "https://huly.example/browse/WEB-12", "WEB-", "-1", "WEB"]
        {
            assert_eq!(found(&format!("Huly Issue: {mention}"), true), None, "{mention}");
        }
        for mention in ["#WEB-12", "[WEB-12", "A B-1", "(WEB-12"] {
            assert_eq!(found(&format!("Huly Issue: {mention}"), false), None, "{mention}");
        }
        assert_eq!(found("Vibe Task: not-an-id", true), None);
        assert_eq!(found("Huly Issue: WEB-1 and more", true), None);
    }

    #[test]
    fn what_a_server_escapes_is_read_as_it_was_meant() {
        for (shown, meant) in [
            ("MY\\_PR-1", "MY_PR-1"),
            ("R&amp;D-1", "R&D-1"),
            ("C\\+\\+-1", "C++-1"),
            ("\\_-1", "_-1"),
            ("&lt;A&gt;-1", "<A>-1"),
        ] {
            let named = parse_issue(shown);
            assert!(Named::Issue { raw: shown, alone: false }.is_issue(meant), "{shown}");
            assert_eq!(named, Some(Marker::Issue(meant.to_owned())));
        }
    }

    fn parse_issue(raw: &str) -> Option<Marker> {
        Named::Issue { raw, alone: false }.marker(true)
    }

    #[test]
    fn only_what_vibe_kanban_gives_is_a_tasks_id() {
        assert!(is_task_id("959c4a8c-0000-4000-8000-00000000000a"));
        for other in ["959c4a8c00004000800000000000000a", "A-B-C-D-1", "WEB-1", ""] {
            assert!(!is_task_id(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_identifier_that_is_written_is_read(
            project in "[A-Zß*_`<>&#;\\[\\]~|$\\\\ \t!.'\"+,/:=-]{1,8}|\\PC{1,6}", number: u32,
        ) {
            let identifier = format!("{project}-{number}");
            for (alone, text) in [(true, ""), (false, "text"), (false, "[A]: /b")] {
                let line = written(&Marker::Issue(identifier.clone()), alone, text);
                prop_assert!(!line.contains('\n'));
                let named = parse(line.trim());
                prop_assert!(named.as_ref().is_some_and(|named| named.is_issue(&identifier)), "{}", line);
                let marker = named.and_then(|named| named.marker(true));
                prop_assert_eq!(marker, Some(Marker::Issue(identifier.clone())), "{}", line);
            }
        }
    }
}
