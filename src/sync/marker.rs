//! The line that tells, in an item's own text, which item it was made from.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use memchr::{memchr, memrchr};

const ISSUE: &str = "Huly Issue: ";
const ISSUE_ALONE: &str = "Synced from Huly: ";
const TASK: &str = "Vibe Task: ";
const RULE: &str = "---";

/// What an item was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marker {
    /// A task made from this issue.
    Issue(String),
    /// An issue made from this task.
    Task(String),
}

/// Whose markers are no text of theirs: the two halves of a pair.
#[derive(Debug, Clone, Copy, Default)]
pub struct Own<'a> {
    /// The issue's identifier.
    pub issue: Option<&'a str>,
    /// The task's id.
    pub task: Option<&'a str>,
}

/// Whether this is an identifier as Huly gives them: `PROJ-12`, `V2-7`, `MY_PROJ-12`.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    let Some((project, number)) = text.rsplit_once('-') else { return false };
    project.starts_with(|first: char| first.is_ascii_alphabetic())
        && project.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The lines of a text in which a marker's label stands: looked for once, asked about many times.
#[derive(Debug)]
pub struct Labelled<'a> {
    text: &'a str,
    lines: Vec<Line>,
    fences: OnceCell<Vec<Line>>,
}

impl<'a> Labelled<'a> {
    /// `None` where there is none: as in most texts.
    #[must_use]
    pub fn of(text: &'a str) -> Option<Self> {
        let lines = lines_with(text, &*LABELS);
        (!lines.is_empty()).then(|| Self { text, lines, fences: OnceCell::new() })
    }

    /// The marker of an unlinked item: on its last line, or the last one directly under a `---`.
    /// Anywhere else it is a mention; in a code fence it is code.
    #[must_use]
    pub fn marker(&self) -> Option<Marker> {
        self.place().map(|(marker, _)| marker)
    }

    /// The text of a linked item, as [`without_own`] gives it.
    #[must_use]
    pub fn without_own(&self, own: Own<'_>) -> Cow<'a, str> {
        let text = self.text;
        if let [line] = self.lines[..] {
            // As almost always: after it there is nothing left to look for.
            let ours = is_own(self.line(line), own) || self.place().is_some() && self.counts(line);
            return if ours && !self.is_code(line) {
                cut_line(text, line)
            } else {
                Cow::Borrowed(text)
            };
        }
        let mut text = Cow::Borrowed(text);
        while let Some(line) = Labelled::of(&text).and_then(|labelled| labelled.own_line(own)) {
            text = cut(text, line);
        }
        let seen = Labelled::of(&text).and_then(|labelled| {
            labelled.place().map(|(_, line)| line).filter(|&line| labelled.counts(line))
        });
        match seen {
            Some(line) => cut(text, line),
            None => text,
        }
    }

    fn line(&self, line: Line) -> &'a str {
        &self.text[line.0..line.1]
    }

    fn is_code(&self, line: Line) -> bool {
        // A fence around it ends below it: where nothing could end one, none is looked for.
        let below = &self.text.as_bytes()[line.1..];
        FENCES.iter().any(|fence| fence.find(below).is_some())
            && is_inside(self.fences.get_or_init(|| fences(self.text)), line)
    }

    /// Whether a line is a marker for linked items too: under a `---`, or all there is.
    fn counts(&self, line: Line) -> bool {
        rule_above(self.text, line.0).is_some() || is_all(self.text, line)
    }

    fn place(&self) -> Option<(Marker, Line)> {
        self.lines.iter().rev().find_map(|&line| {
            let marker = parse(self.line(line).trim())?;
            let counts =
                self.text[line.1..].trim().is_empty() || rule_above(self.text, line.0).is_some();
            (counts && !self.is_code(line)).then_some((marker, line))
        })
    }

    /// The last line that is a marker of the pair.
    fn own_line(&self, own: Own<'_>) -> Option<Line> {
        let is_ours = |line: &Line| is_own(self.line(*line), own) && !self.is_code(*line);
        self.lines.iter().copied().rfind(is_ours)
    }
}

/// The marker of an unlinked item, see [`Labelled::marker`].
#[must_use]
pub fn find(text: &str) -> Option<Marker> {
    Labelled::of(text)?.marker()
}

/// The text of an unlinked item without its marker; what stands below it stays.
#[must_use]
pub fn without(text: &str) -> Cow<'_, str> {
    match Labelled::of(text).and_then(|labelled| labelled.place()) {
        None => Cow::Borrowed(text),
        Some((_, line)) => cut_line(text, line),
    }
}

/// The text of a linked item: the pair's own marker is cut wherever it stands alone on a line, and
/// any marker that the unlinked rule would see under a `---`, or as all there is.
#[must_use]
pub fn without_own<'a>(text: &'a str, own: Own<'_>) -> Cow<'a, str> {
    match Labelled::of(text) {
        None => Cow::Borrowed(text),
        Some(labelled) => labelled.without_own(own),
    }
}

/// Cuts a marker's line; what is borrowed stays so where it can.
fn cut(text: Cow<'_, str>, line: Line) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => cut_line(text, line),
        Cow::Owned(text) => Cow::Owned(cut_line(&text, line).into_owned()),
    }
}

/// Whether the text of a linked item bears a marker of its pair.
#[must_use]
pub fn bears(text: &str, own: Own<'_>) -> bool {
    Labelled::of(text).is_some_and(|labelled| labelled.own_line(own).is_some())
}

/// The text with a marker at its end.
#[must_use]
pub fn with(text: &str, marker: &Marker) -> String {
    let text = text.trim_end();
    match marker {
        Marker::Issue(identifier) if text.is_empty() => format!("{ISSUE_ALONE}{identifier}"),
        Marker::Issue(identifier) => format!("{text}\n\n{RULE}\n{ISSUE}{identifier}"),
        Marker::Task(id) => format!("{text}\n\n{RULE}\n{TASK}{id}"),
    }
}

/// Where a line begins and ends, its line ending left out.
type Line = (usize, usize);

/// The labels, ready to be looked for: most texts have none, and all texts are searched.
static LABELS: LazyLock<[Finder<'static>; 3]> =
    LazyLock::new(|| [ISSUE, ISSUE_ALONE, TASK].map(Finder::new));

/// What a code fence is made of.
static FENCES: LazyLock<[Finder<'static>; 2]> = LazyLock::new(|| ["```", "~~~"].map(Finder::new));

/// The lines with any of these in them, in their order.
fn lines_with(text: &str, wanted: &[Finder<'_>]) -> Vec<Line> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for wanted in wanted {
        let mut from = 0;
        while let Some(at) = wanted.find(&bytes[from..]) {
            let at = from + at;
            let start = memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
            let end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length);
            found.push((start, end));
            // Once a line is enough.
            from = end;
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn parse(line: &str) -> Option<Marker> {
    if let Some(identifier) = line.strip_prefix(ISSUE).or_else(|| line.strip_prefix(ISSUE_ALONE)) {
        let identifier = identifier.trim();
        return is_identifier(identifier).then(|| Marker::Issue(identifier.to_owned()));
    }
    let id = line.strip_prefix(TASK)?.trim();
    let is_uuid = id.len() == 36
        && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        && id.bytes().filter(|&byte| byte == b'-').count() == 4;
    is_uuid.then(|| Marker::Task(id.to_ascii_lowercase()))
}

fn is_own(line: &str, own: Own<'_>) -> bool {
    match parse(line.trim()) {
        Some(Marker::Issue(identifier)) => own.issue == Some(identifier.as_str()),
        Some(Marker::Task(id)) => own.task.is_some_and(|task| task.eq_ignore_ascii_case(&id)),
        None => false,
    }
}

/// Whether the line is the short marker, and all that the text consists of.
fn is_all(text: &str, line: Line) -> bool {
    text.trim() == text[line.0..line.1].trim() && text.trim().starts_with(ISSUE_ALONE)
}

/// The code fences of a text; one that is never closed is none, or it would hide the marker that
/// was put below it.
fn fences(text: &str) -> Vec<Line> {
    const SHORTEST: usize = 3;
    let mut fences = Vec::new();
    let mut open: Option<(usize, char, usize)> = None;
    for line in lines_with(text, &*FENCES) {
        let content = text[line.0..line.1].trim();
        let Some(sign) = content.chars().next().filter(|sign| "`~".contains(*sign)) else {
            continue;
        };
        let length = content.chars().take_while(|other| *other == sign).count();
        match open {
            None if length >= SHORTEST => open = Some((line.0, sign, length)),
            Some((start, opened, least))
                if sign == opened && length >= least && content.len() == length =>
            {
                fences.push((start, line.1));
                open = None;
            }
            _ => {}
        }
    }
    fences
}

fn is_inside(fences: &[Line], line: Line) -> bool {
    fences.iter().any(|fence| fence.0 < line.0 && line.1 < fence.1)
}

/// Cuts a marker's line with the `---` above it; text below moves up.
fn cut_line(text: &str, line: Line) -> Cow<'_, str> {
    let above = text[..rule_above(text, line.0).unwrap_or(line.0)].trim_end();
    let below = text[line.1..].trim_start_matches(['\r', '\n', ' ', '\t']);
    if below.trim().is_empty() {
        return Cow::Borrowed(above);
    }
    if above.is_empty() {
        return Cow::Borrowed(below);
    }
    Cow::Owned(format!("{above}\n\n{below}"))
}

/// Where the `---` line begins that stands above this place, with only blank lines between
/// (servers add them).
fn rule_above(text: &str, start: usize) -> Option<usize> {
    let line = lines(&text[..start]).rev().find(|line| !text[line.0..line.1].trim().is_empty())?;
    (text[line.0..line.1].trim() == RULE).then_some(line.0)
}

fn lines(text: &str) -> impl DoubleEndedIterator<Item = Line> {
    let start = text.as_ptr() as usize;
    text.split('\n').map(move |line| {
        let from = line.as_ptr() as usize - start;
        (from, from + line.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TASK_ID: &str = "959c4a8c-0000-4000-8000-00000000000a";

    fn issue(identifier: &str) -> Option<Marker> {
        Some(Marker::Issue(identifier.into()))
    }

    fn own() -> Own<'static> {
        Own { issue: Some("P-1"), task: Some(TASK_ID) }
    }

    #[test]
    fn only_identifiers_as_huly_gives_them_are_markers() {
        for good in ["V2-7", "MY_PROJ-12", "A1B-1"] {
            assert!(is_identifier(good), "{good}");
        }
        for bad in ["2V-7", "P-", "-1", "P-1a", "P 1-2", "P"] {
            assert!(!is_identifier(bad), "{bad}");
        }
    }

    #[test]
    fn a_marker_is_found_on_the_last_line_or_under_a_rule() {
        assert_eq!(find("text\n\n---\nHuly Issue: P-1"), issue("P-1"));
        assert_eq!(find("text\n\n---\n\n\nHuly Issue: P-1\n"), issue("P-1"));
        assert_eq!(find("Synced from Huly: P-1"), issue("P-1"));
        assert_eq!(find("text\n---\nHuly Issue: P-1\n\nnote below"), issue("P-1"));
        assert_eq!(
            find(&format!("text\r\n\r\n---\r\nVibe Task: {TASK_ID}\r\n")),
            Some(Marker::Task(TASK_ID.into()))
        );
    }

    #[test]
    fn a_mention_is_no_marker() {
        assert_eq!(find("see Huly Issue: P-1"), None);
        assert_eq!(find("Huly Issue: P-1\nand more text"), None);
        assert_eq!(find("Huly Issue: P-1 and more"), None);
        assert_eq!(find("Vibe Task: not-an-id"), None);
    }

    #[test]
    fn a_marker_in_a_code_fence_is_code() {
        let text = "so:\n```\n---\nHuly Issue: P-1\n```\n";
        assert_eq!(find(text), None);
        assert_eq!(without_own(text, own()), text);
        let marked = with(text, &Marker::Issue("P-1".into()));
        assert_eq!(without_own(&marked, own()), text.trim_end());
        let unclosed = "so:\n```\ncode\n\n---\nHuly Issue: P-1";
        assert_eq!(find(unclosed), issue("P-1"));
    }

    #[test]
    fn the_short_marker_of_another_issue_is_no_text() {
        assert_eq!(without_own("Synced from Huly: Q-2\n", own()), "");
        assert_eq!(without_own("a\nSynced from Huly: Q-2", own()), "a\nSynced from Huly: Q-2");
    }

    #[test]
    fn of_two_markers_the_last_counts() {
        assert_eq!(find("a\n\n---\nHuly Issue: P-1\n\n---\nHuly Issue: P-2"), issue("P-2"));
        assert_eq!(find("---\nHuly Issue: P-1\n\nsee\nHuly Issue: P-2\nend"), issue("P-1"));
    }

    #[test]
    fn text_below_a_marker_is_kept() {
        assert_eq!(without("text\n\n---\nHuly Issue: P-1\n\nnote"), "text\n\nnote");
        assert_eq!(without_own("text\n\n---\nHuly Issue: P-1\n\nnote", own()), "text\n\nnote");
        assert_eq!(without_own("Synced from Huly: P-1\nnote", own()), "note");
    }

    #[test]
    fn a_pairs_own_marker_is_cut_wherever_it_stands_alone() {
        let text = format!("a\nHuly Issue: P-1\nb\n\n---\n\nVibe Task: {TASK_ID}\n");
        assert_eq!(without_own(&text, own()), "a\n\nb");
    }

    #[test]
    fn a_foreign_mention_in_a_linked_text_stays_and_a_foreign_marker_goes() {
        assert_eq!(without_own("a\nHuly Issue: Q-2", own()), "a\nHuly Issue: Q-2");
        assert_eq!(without_own("a\n\n---\nHuly Issue: Q-2", own()), "a");
    }

    #[test]
    fn a_rule_that_is_the_writers_own_stays() {
        assert_eq!(without("a\n\n---\n\nb\n\n---\nHuly Issue: P-1"), "a\n\n---\n\nb");
    }

    #[test]
    fn an_empty_text_gets_the_short_marker() {
        assert_eq!(with("", &Marker::Issue("P-1".into())), "Synced from Huly: P-1");
        assert_eq!(with("a\n", &Marker::Issue("P-1".into())), "a\n\n---\nHuly Issue: P-1");
        assert_eq!(
            with("", &Marker::Task(TASK_ID.into())),
            format!("\n\n---\nVibe Task: {TASK_ID}")
        );
    }

    proptest! {
        #[test]
        fn what_is_appended_is_found_and_cut_again(text in "[a-c \n-]{0,40}") {
            let marked = with(&text, &Marker::Issue("P-1".into()));
            prop_assert_eq!(find(&marked), issue("P-1"));
            let cut = without_own(&marked, own());
            prop_assert_eq!(cut.as_ref(), text.trim_end());
        }
    }
}
